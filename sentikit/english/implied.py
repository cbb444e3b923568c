"""What words that are no adjectives say of a thing all the same: who sleeps is asleep, what is covered with ice is icy."""

from __future__ import annotations

from collections.abc import Iterator

from .expressions import word_set

# What a verb says of who or what does it, or has it done to itself: adjectives, and the verbs.
_BY_VERB = (
    ("asleep", "sleep/slept nap doze snooze slumber snore"),
    ("tired", "yawn"),
    ("calm", "rest relax lounge recline meditate"),
    ("idle", "wait"),
    ("unhappy sad", "frown cry weep/wept sob pout sulk grieve mourn scowl"),
    ("angry", "growl snarl glare hiss"),
    ("happy", "smile grin laugh giggle beam cheer rejoice celebrate"),
    ("noisy", "shout yell scream bark howl roar honk"),
    ("energetic", "run/ran jump leap race sprint chase gallop dance romp bound dash frolic skip hop swim/swam"),
    ("active moving", "walk jog hike climb skate ski surf ride/rode/ridden pedal play"),
    ("moving fast", "speed/sped rush zoom hurtle"),
    ("moving", "drive/drove/driven travel move roll sail fly/flew/flown cruise glide taxi"),
    ("stationary parked", "park stop"),
    ("hot lit", "burn blaze flame smoulder smolder"),
    ("lit bright", "glow shine/shone light/lit illuminate gleam"),
    ("hot", "steam boil sizzle simmer smoke"),
    ("wet", "drip soak drench splash swim/swam bathe douse flood submerge"),
    ("wet", "water rain spray hose rinse sweat"),
    ("dry", "dry"),
    ("full", "contain occupy house"),
    ("muddy dirty", "wallow"),
    ("frozen cold", "freeze/froze/frozen"),
    ("melting warm", "melt thaw"),
    ("closed", "close shut lock seal barricade"),
    ("full", "fill pack crowd cram stuff load overflow brim"),
    ("crowded", "throng jam"),
    ("cluttered", "litter clutter strew/strewn"),
    ("broken", "break/broke/broken crack shatter smash collapse crumble wreck crash derail"),
    ("old", "rust decay crumble rot wither"),
    ("rusty", "rust corrode"),
    ("rotten", "rot spoil decay"),
    ("dead", "wither wilt die"),
    ("abandoned empty", "abandon desert"),
    ("clean", "wash clean scrub polish"),
    ("dirty", "soil stain smear"),
    ("tidy", "arrange organize fold stack"),
    ("captive", "cage tie chain leash tether imprison trap"),
    ("scared", "tremble cower shiver hide/hid/hidden flee/fled"),
    ("cold", "shiver"),
    ("lush green", "bloom flower blossom thrive sprout"),
    ("blooming", "bloom blossom"),
    ("ripe", "ripen"),
    ("dark", "darken dim"),
    ("stormy", "rage"),
    ("old", "age"),
    ("alert", "watch stare gaze listen"),
    ("hungry", "beg starve"),
    ("burnt", "burn char scorch"),
    ("cooked", "bake fry grill roast boil cook"),
    ("happy", "hug cuddle"),
    ("aggressive angry", "fight/fought attack"),
    ("young", "teethe"),
    ("unfinished", "build"),
)

# What adjectives, nouns and adverbs say beside themselves.
_BY_WORD = {
    "asleep": "asleep sleeping calm",
    "dried": "dry empty",
    "tight": "tight",
    "fast": "fast moving",
    "slowly": "slow",
    "quickly": "fast moving",
    "loudly": "noisy",
    "quietly": "quiet",
    "peacefully": "calm peaceful",
    "happily": "happy",
    "sadly": "sad",
    "angrily": "angry",
    "brightly": "bright",
    "dimly": "dark",
    "neatly": "tidy",
    "calmly": "calm",
    "gently": "gentle",
    "lukewarm": "lukewarm",
    "brand": "new",
    "intact": "intact",
    "unmade": "messy",
    "awake": "awake alert",
    "alone": "lonely alone",
    "still": "still calm",
    "motionless": "still calm",
    "relaxed": "relaxed calm",
    "sleepy": "tired",
    "parked": "parked stationary",
    "stopped": "stationary",
    "standing": "standing",
    "speeding": "moving fast",
    "shut": "closed",
    "locked": "closed",
    "ajar": "open",
    "boarded": "closed abandoned",
    "on": "lit",
    "packed": "crowded full",
    "stuffed": "full",
    "half-empty": "half-empty",
    "half-full": "half-full",
    "ruined": "old broken",
    "barren": "bare barren dry",
    "arid": "dry",
    "lush": "lush green",
    "leafless": "bare",
    "leafy": "leafy",
    "bald": "bald",
    "shaggy": "shaggy hairy",
    "fake": "fake artificial",
    "plastic": "plastic artificial",
    "wooden": "artificial",
    "toy": "artificial harmless",
    "ceramic": "artificial",
    "rubber": "artificial",
    "paper": "artificial",
    "silk": "artificial",
    "frozen": "frozen cold",
    "ice": "icy cold",
    "snow": "snowy cold",
    "frost": "icy cold",
    "mud": "muddy dirty",
    "dirt": "dirty",
    "dust": "dusty dirty",
    "grime": "dirty",
    "rust": "rusty old",
    "mold": "moldy rotten",
    "moss": "mossy old",
    "graffiti": "dirty",
    "trash": "dirty messy",
    "garbage": "dirty messy",
    "clutter": "cluttered messy",
    "junk": "messy",
    "blood": "bloody",
    "sweat": "sweaty",
    "rain": "wet",
    "water": "wet",
    "fog": "foggy",
    "mist": "misty",
    "fur": "furry",
    "hair": "hairy",
    "grass": "grassy",
    "weed": "overgrown",
    "leaf": "leafy",
    "flower": "blooming",
    "people": "crowded",
    "crowd": "crowded",
    "steam": "hot",
    "steaming": "hot",
    "sunny": "sunny bright",
    "shade": "shady",
    "shadow": "shady",
    "unlit": "dark",
    "lit": "lit bright",
    "ripe": "ripe",
    "unripe": "unripe",
    "green": "green",
    "raw": "raw",
    "newborn": "young new",
    "elderly": "old",
    "aged": "old",
    "brand-new": "new",
    "teenage": "young",
    "skinny": "thin",
    "caged": "captive",
    "chained": "captive",
    "leashed": "captive",
    "tame": "tame",
    "upset": "unhappy angry",
    "furious": "angry",
    "tearful": "sad",
    "smiling": "happy",
    "laughing": "happy",
    "grinning": "happy",
    "frowning": "unhappy",
    "crying": "sad unhappy",
    "scowling": "angry unhappy",
    "screaming": "noisy",
    "barking": "noisy",
    "silent": "quiet",
    "melted": "melted warm",
    "eaten": "eaten",
    "half-eaten": "half-eaten",
}

_MADE_OF = word_set("plastic toy rubber paper silk ceramic")

# What "with its eyes shut" says of what the eyes belong to.
_BY_PART = {
    ("eye", "shut"): "asleep",
    ("eye", "closed"): "asleep",
    ("eye", "open"): "awake",
    ("door", "shut"): "closed",
    ("door", "closed"): "closed",
    ("door", "locked"): "closed",
    ("door", "open"): "open",
    ("shutter", "closed"): "closed",
    ("shutter", "down"): "closed",
    ("window", "broken"): "broken",
    ("lid", "open"): "open",
    ("lid", "closed"): "closed",
    ("light", "on"): "lit",
    ("light", "off"): "dark",
    ("mouth", "open"): "open-mouthed",
    ("teeth", "bared"): "angry aggressive",
}

# What "in disarray" says of a thing.
_BY_STATE = {
    "disarray": "messy",
    "disrepair": "broken old",
    "shambles": "messy broken",
    "ruins": "ruined broken",
    "flames": "hot",
    "fire": "hot",
    "bloom": "blooming",
    "pieces": "broken",
    "tatters": "torn",
    "darkness": "dark",
    "shade": "shady",
    "shadow": "shady",
    "silence": "quiet",
    "tears": "sad",
    "order": "tidy",
    "motion": "moving",
    "chaos": "messy",
}

# What a thing is that has none of these: "a tree without leaves".
_WITHOUT = {
    "leaf": "bare",
    "people": "empty deserted",
    "person": "empty deserted",
    "anyone": "empty deserted",
    "cloud": "clear cloudless",
    "furniture": "empty",
    "hair": "bald",
    "fur": "bald",
    "clothes": "naked",
    "traffic": "quiet",
    "car": "empty",
    "food": "empty",
    "light": "dark",
    "shirt": "shirtless",
    "color": "colorless",
    "sound": "quiet",
}

# What a noun says of what it names: a puppy is young.
_BY_NOUN = {
    "young": """puppy pup kitten kitty cub calf foal lamb chick duckling gosling piglet fawn joey bunny infant newborn
        toddler baby child kid boy girl schoolboy schoolgirl teen teenager youngster preschooler sapling seedling
        hatchling cygnet pony-foal kindergartner tot preteen""",
    "old": "ruin ruins fossil antique relic elder senior grandmother grandfather grandma grandpa granny heirloom mummy",
    "big": "giant elephant whale skyscraper mountain ocean stadium hippo hippopotamus rhino rhinoceros mammoth cathedral",
    "tall": "giraffe skyscraper",
    "small": "ant mouse bug insect puppy kitten crumb pebble ladybug bee",
    "young small": "newborn infant",
    "dry": "desert",
    "wet": "rain water ocean sea lake river pond puddle waterfall swamp",
    "cold": "snow ice iceberg glacier icicle snowman snowball popsicle frost snowflake",
    "hot": "fire flame lava bonfire campfire inferno furnace oven stove volcano",
    "dark": "night darkness midnight shadow",
    "bright": "sun sunlight sunshine daylight lightning",
    "light": "feather balloon",
    "soft": "pillow cushion feather plush marshmallow cotton",
    "hard": "rock stone brick concrete boulder",
    "messy": "mess clutter junkyard",
    "dirty": "trash garbage mud dirt landfill dump",
    "crowded": "crowd mob throng",
    "sharp": "knife razor needle blade thorn",
    "sweet": "candy sugar honey cake cupcake cookie donut dessert chocolate icing frosting syrup lollipop",
    "sour": "lemon lime",
    "fast": "cheetah racecar",
    "slow": "snail turtle tortoise sloth",
    "moving": "traffic",
    "noisy": "concert siren",
    "harmless": "teddy plushie",
    "artificial": "mannequin statue sculpture scarecrow",
    "dead": "skeleton corpse carcass",
    "broken": "wreck wreckage ruins",
    "flat": "pancake",
    "round": "ball globe",
    "poor": "beggar",
    "rich": "millionaire billionaire",
    "sad": "funeral",
    "lush": "jungle rainforest",
}

def implied(word: str) -> frozenset[str]:
    """The adjectives that a word of the caption, in lower case, says beside itself: for "snoozing" asleep."""
    return _IMPLIED.get(word, frozenset())


def implied_by_modifier(noun: str) -> frozenset[str]:
    """What a noun before another says of it, in lower case: for "plastic" artificial; nothing for "stop"."""
    return word_set(_BY_WORD[noun]) if noun in _MADE_OF else frozenset()


def implied_by_part(part: str, state: str) -> frozenset[str]:
    """What a thing is whose `part`, a singular, is in `state`: for "eye", "shut" asleep."""
    return word_set(_BY_PART.get((part, state), ""))


def implied_by_state(noun: str) -> frozenset[str]:
    """What a thing is that is "in" `noun`: for "disarray" messy."""
    return word_set(_BY_STATE.get(noun, ""))


def implied_by_absence(noun: str) -> frozenset[str]:
    """What a thing is that has no `noun`, a singular: for "leaf" bare."""
    return word_set(_WITHOUT.get(noun, ""))


def implied_by_noun(noun: str) -> frozenset[str]:
    """What everything is that `noun`, a singular, names: for "puppy" young."""
    return _NOUN_IMPLIES.get(noun, frozenset())


def _forms(verb: str) -> Iterator[str]:
    """ "sleep/slept" -> sleep, sleeps, sleeping, slept."""
    base, *irregular = verb.split("/")
    yield from (base, *irregular)
    yield base[:-1] + "ies" if base[-1] == "y" and base[-2] not in "aeo" else base + (
        "es" if base.endswith(("s", "sh", "ch", "x", "z")) else "s"
    )
    short = len(base) > 2 and base[-1] in "bgmnpt" and base[-2] in "aeiou" and base[-3] not in "aeiou"
    double = base + base[-1] if short and base not in ("listen", "open", "ripen", "gallop") else base
    stem = base[:-1] if base.endswith("e") and not base.endswith("ee") else double
    yield stem + "ing"
    if not irregular:
        yield base[:-1] + "ied" if base[-1] == "y" and base[-2] not in "aeo" else stem + "ed"


def _gather() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {word: word_set(adjectives) for word, adjectives in _BY_WORD.items()}
    for adjectives, verbs in _BY_VERB:
        for verb in verbs.split():
            for form in _forms(verb):
                found[form] = found.get(form, frozenset()) | word_set(adjectives)
    return found


def _by_noun() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for adjectives, nouns in _BY_NOUN.items():
        for noun in nouns.split():
            found[noun] = found.get(noun, frozenset()) | word_set(adjectives)
    return found


_IMPLIED = _gather()
_NOUN_IMPLIES = _by_noun()
