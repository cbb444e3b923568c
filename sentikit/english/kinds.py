"""What a thing can be: moods are for what has a mind, and only what is eaten or drunk is delicious."""

from __future__ import annotations

from functools import cache

from . import wordnet
from .expressions import ANIMALS, PEOPLE, PICTURES, word_set

MOODS = word_set(
    """happy sad angry furious lazy proud brave hungry thirsty sleepy tired jealous curious shy excited bored confused
    worried nervous grumpy naughty mischievous laughing grinning crying smiling obedient loyal energetic
    enthusiastic anxious annoyed ashamed
    guilty eager afraid scared frightened terrified surprised shocked unhappy merry glad delighted joyous joyful jolly
    cheerful playful friendly polite rude selfish greedy kind caring thoughtful pensive attentive alert awake asleep
    ambitious stubborn grateful hopeful hopeless courageous fearless cowardly confident content depressed miserable
    frustrated embarrassed disappointed relieved exhausted weary drowsy drunk homesick heartbroken
    envious impatient patient arrogant talented skilled skillful"""
)
TASTES = word_set(
    """delicious tasty yummy scrumptious appetizing mouthwatering mouth-watering flavorful savory spicy juicy edible
    luscious delectable palatable flavorless tasteless bland sugary buttery cheesy creamy undercooked overcooked
    half-eaten nutritious"""
)

_GROUPS = word_set(
    """team crowd class band army choir staff pack herd flock litter swarm gang mob troop audience congregation public
    community crew couple pair group family pride pod school panel jury club society nation world village town city
    company bunch kingdom household majority party"""
)
_SHOWING = word_set("face eye eyes smile expression look gaze grin frown mouth head voice soul heart mind spirit")
# What is made to look alive, or is imagined to be.
_LIKENESSES = word_set(
    """doll statue toy robot snowman teddy pumpkin cartoon character emoji mascot puppet figurine sculpture mask gnome
    scarecrow monster ghost dragon dinosaur alien angel fairy witch elf unicorn mermaid figure silhouette shadow drawing
    painting plush ghoul zombie skeleton mannequin lego minion smiley emoticon face balloon jack-o-lantern head graffiti
    mural"""
)
# Times and doings that have the mood of the people in them.
_OCCASIONS = word_set(
    """day birthday holiday moment memory time wedding party anniversary halloween christmas easter thanksgiving
    valentine life ending song music mood thought feeling news story home place hour occasion event celebration dance
    meeting reunion morning afternoon evening night weekend sunday saturday vacation trip childhood year summer winter
    atmosphere scene playtime tail bark game message note greeting cry tear gesture pose tune play tradition"""
)
_ALSO = {
    "angry": word_set("sea ocean wave water cloud sky storm"),
    "friendly": word_set(
        "neighborhood restaurant service shop store fire bar pub match competition welcome invitation"
    ),
    "lazy": word_set("river stream chair susan creek"),
    "sleepy": word_set("harbor street lagoon"),
    "smiling": word_set("sun moon"),
    "proud": word_set("owner flag ship display"),
    "playful": word_set("design color pattern decoration art room wave"),
    "cheerful": word_set(
        "color room kitchen decoration flower bouquet pattern light curtain wallpaper design print card"
    ),
    "joyful": word_set("color decoration"),
    "hungry": word_set("belly"),
    "tired": word_set("foot leg arm body hand muscle"),
    "brave": word_set("act"),
    "alert": word_set("ear"),
    "kind": word_set("word act deed"),
}

_EATEN = word_set(
    """plate dish bowl platter tray basket treat topping slice piece bite feast spread buffet menu recipe smell scent
    aroma flavor taste breakfast lunch dinner supper brunch meal snack dessert course serving portion appetizer entree
    picnic barbecue bbq food drink beverage cuisine fruit vegetable veggie produce leftovers selection assortment
    arrangement lunchbox pastry bakery fruitcake fry fries array sandwich dog hotdog burger pizza cake donut pie bread
    salad soup apple banana orange grape strawberry watermelon carrot broccoli potato tomato corn egg cheese meat pasta
    rice noodle fish chicken duck turkey lamb crab lobster shrimp salmon tuna oyster clam mussel blt"""
)
_NOT_EATEN = word_set("rose board table water bear joint cup bar wheel base shell lady sea")


def can_be(adjective: str, noun: str, *, of_something: bool = False) -> bool:
    """Whether a `noun`, a singular, can be `adjective` at all, as far as moods and tastes go.

    of_something: whether "of" follows the noun, so that it may hold what is meant: "a tasty cup of tea".
    """
    if adjective in MOODS:
        return has_mind(noun) or noun in _OCCASIONS or noun in _ALSO.get(adjective, ())
    if adjective in TASTES:
        return of_something or noun in _foods()
    return True


def has_mind(noun: str) -> bool:
    """Whether a `noun`, a singular, names somebody or an animal, what shows a mood, or what is made to look alive."""
    return noun in _minded()


@cache
def _minded() -> frozenset[str]:
    alive = PEOPLE | ANIMALS | wordnet.nouns("person") | wordnet.nouns("animal")
    return alive | _GROUPS | _SHOWING | _LIKENESSES | PICTURES


@cache
def _foods() -> frozenset[str]:
    return (wordnet.nouns("food") | _EATEN) - _NOT_EATEN
