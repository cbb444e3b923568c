"""Word lists of numbers, of plurals, and of verbs that look like plurals."""

from __future__ import annotations

from .expressions import word_set

# The same, whatever comes after: "a 50 mph sign", "a three legged dog".
UNITS = word_set(
    """mph kph kmh km mile kilometer metre meter yard foot ft inch cm mm liter litre gallon quart pint ounce oz lb lbs
    pound ton kg gram mg ml watt volt dollar cent euro pound percent degree hour minute second day week month year
    story storey tier layer level lane way piece pack person seat seater man wheeler speed star bedroom burner course
    page prong tiered layered legged wheeled storied storeyed sided headed bladed masted armed eyed toned pronged
    seated roomed bedroomed handed fingered toed winged horned humped pointed cornered petaled leveled paned
    engine engined passenger topping stroke string hole pm am o'clock"""
)
# Before a number they make it a name: "the number 10 shirt", "the No. 12 bus".
LABELS = word_set("no. no number # route highway interstate flight gate platform track pier lane channel size model $")

# Plurals that are like their singulars: "two deer".
INVARIANT = word_set(
    """deer sheep fish moose elk bison buffalo shrimp salmon trout bass tuna squid swine aircraft spacecraft watercraft
    hovercraft offspring cattle poultry livestock police series species cod krill carp reindeer antelope quail grouse
    plankton crayfish swordfish jellyfish starfish goldfish caribou waterfowl fowl"""
)

# What is not counted, and needs no article: "a sandwich and soup".
MASS = word_set(
    """water milk juice wine beer coffee tea bread toast rice cheese meat fruit food sauce gravy butter grass hay snow
    ice sand mud dirt dust gravel furniture luggage baggage clothing hair fur broccoli pasta spaghetti chicken fish
    bacon ham beef pork turkey corn soup salad equipment traffic paper wood metal plastic glass music light sunlight
    salt pepper sugar chocolate cream lettuce spinach garlic ketchup mustard mayonnaise mayo oil honey jam jelly
    cereal oatmeal yogurt celery asparagus cauliflower cabbage parsley basil seafood sushi shrimp tofu popcorn candy
    water lemonade soda champagne whiskey alcohol gear makeup jewelry silverware tableware greenery foliage vegetation
    shrubbery ivy moss seaweed algae rain fog mist smoke steam fire sky air wind lightning concrete brick stone rock
    marble leather silk cotton wool denim lace cloth fabric string rope wire tape gum trash garbage rubbish litter
    debris graffiti writing lettering artwork art money cash change guacamole hummus salsa icing frosting dressing
    syrup whipped dough batter egg squash zucchini onion cucumber steak lighting scenery countryside space"""
)

# Verbs after these nouns alone; after others they are plurals: "the flag waves", but "ocean waves".
ACTS_OF = {
    "sets": word_set("sun moon"),
    "waves": word_set(
        "flag banner hand arm tree man woman boy girl person child kid lady guy baby mascot player queen"
    ),
    "rings": word_set("bell phone telephone alarm"),
    "stops": word_set("train car truck traffic van biker cyclist"),
    "turns": word_set("bus car truck train plane road wheel man woman player surfer skier rider"),
    "rolls": word_set("ball wheel train car truck fog skateboarder"),
    "falls": word_set("rain snow skier surfer skateboarder skater"),
    "lands": word_set(
        "plane airplane jet helicopter bird seagull duck goose pigeon skateboarder snowboarder skier skater"
    ),
    "sails": word_set("boat ship sailboat yacht catamaran"),
    "drops": word_set("price temperature skier snowboarder"),
    "grows": word_set("tree plant grass ivy flower vine"),
    "winds": word_set("road river path trail stream"),
    "runs": word_set("river road path stream track creek fence"),
    "parks": word_set("car truck van driver"),
    "speeds": word_set("train car truck motorcycle boat racer"),
    "breaks": word_set("wave"),
    "rocks": word_set("boat"),
    "boils": word_set("water pot kettle soup"),
    "steams": word_set("kettle coffee train soup"),
    "docks": word_set("ship ferry"),
    "cruises": word_set("car boat motorcycle biker"),
    "pauses": word_set("man woman skier dog cat"),
    "hides": word_set("cat dog bird child boy girl"),
    "fights": word_set("dog cat bird"),
    "plows": word_set("truck"),
    "tilts": word_set("boat plane sign"),
    "bends": word_set("road path track river trail"),
    "curves": word_set("road path track river trail"),
    "leads": word_set("path road staircase trail"),
    "stretches": word_set("road beach cat dog bridge field"),
    "pets": word_set("man woman boy girl child person lady guy"),
    "cooks": word_set("man woman food meat chef lady guy"),
}
