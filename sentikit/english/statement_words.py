"""Word lists of how English states something of a noun."""

from __future__ import annotations

from .expressions import ANIMALS, PEOPLE, VEHICLES, word_set

COPULAS = word_set(
    """is are was were be been being 's 're look looks looked looking seem seems seemed appear appears appeared become
    becomes became becoming get gets got getting stay stays stayed remain remains remained feel feels felt smell smells
    taste tastes turn turns turned turning grow grown keep keeps kept go goes gone"""
)
BE = word_set("is are was were be been being 's 're")
# Verbs that an adjective may follow: "standing open", "sits empty", "lies still".
POSTURES = word_set(
    """stand stands standing stood sit sits sitting sat lie lies lying laying lay hang hangs hanging hung left leaving
    painted wide shown parked"""
)
DEGREES = word_set(
    """very so too quite rather really extremely completely totally mostly all both also still already now just clearly
    visibly fully partially partly entirely almost nearly slightly somewhat fairly pretty more most less a bit to have
    been be being either currently obviously apparently relatively incredibly super half"""
)
JOINING = frozenset({"and", "or", "but", ",", "&", "yet", "/"})
NOT = word_set("not n't never no neither nor hardly barely scarcely")
ENDS = frozenset({".", "!", "?", ";", ":", "\n"})
RELATIVES = word_set("that which who whose")
PRONOUNS = word_set("it he she they this these those both all each")
CLAUSES = word_set("while as when where because but although though since")
WITH = frozenset({"with", "w/"})
LOSING = word_set("lost losing loses shed shedding sheds dropped")
WITHOUT = word_set("without no zero lacking missing")
COVERING = word_set(
    """painted dyed colored stocked heaped sprayed decked draped clad wrapped bathed covered filled topped coated
    dusted packed crowded surrounded full loaded made caked smeared splattered stained littered lined overgrown
    strewn stuffed dressed soaked drenched cluttered laden infested sprinkled crafted carved built decorated
    crammed buried encrusted adorned layered piled jammed"""
)
OF_WHAT = word_set("with in of by from under out")
VERB_TAGS = frozenset({"VB", "VBD", "VBG", "VBN", "VBP", "VBZ"})
PLACED = frozenset({"IN", "TO"})
INDEFINITE = word_set("a an another other one some two three four five six several many both each second")
STRETCHES = word_set(
    """field patch plot stretch area bed clump meadow blanket sheet layer pile heap stack bunch group herd flock crowd
    pack row line pair couple set bouquet slice piece hill expanse strip body cup glass bowl plate bundle cluster"""
)
EXTENTS = word_set(
    "large huge long small giant enormous massive vast thick thin short wide narrow full empty whole half"
)
FRUITFUL = word_set("tree bush plant orchard vine branch garden")
MOODS = word_set(
    """
    everything everyone everybody place mood atmosphere vibe tone ambiance ambience feeling feel overall
    scene setting weather
    """
)
GENERIC = {
    "animal": ANIMALS,
    "creature": ANIMALS,
    "pet": ANIMALS,
    "person": PEOPLE,
    "figure": PEOPLE,
    "individual": PEOPLE,
    "vehicle": VEHICLES,
}

SINGULAR_VERBS = word_set("is was has looks seems appears 's")
