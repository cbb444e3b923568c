"""Words that are written with a capital wherever they stand."""

from __future__ import annotations

from .expressions import word_set

NAMES = word_set(
    """
    africa african alaska america american amish amsterdam amtrak arab arabian asia asian atlanta australia
    australian austrian bavarian belgian berlin boeing bollywood boston brazil brazilian britain british broadway
    brooklyn buddhist budweiser california canada canadian caribbean catholic chevrolet chicago chihuahua
    chinatown chinese christ christian christmas claus clydesdale colorado cuban dalmatian danish darth disney
    disneyland dodgers dutch easter egyptian england english ethiopian europe european facebook florida france french
    german germany google greek halloween harley hawaii hawaiian hindu hollywood honda hyde indian irish
    israeli italian italy jamaican japan japanese jesus jewish kenyan kmart korean labrador lego lisbon london lufthansa
    manhattan mcdonalds mediterranean mercedes mexican mexico mickey microsoft mohawk moscow muslim nike nintendo
    norwegian obama olympic olympics oreo oxford paris persian peruvian philadelphia polaroid porsche
    portuguese roman ronald russian samsung santa scandinavian scottish seattle siamese siberian snoopy
    spanish starbucks swedish swiss sydney texas thai thanksgiving tibetan tokyo toyota turkish vader victorian
    vietnamese volkswagen volvo washington welsh wii yamaha yorkshire
    """
)
