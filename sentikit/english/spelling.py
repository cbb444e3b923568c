"""Spelling variants: "grey" and "gray" are one adjective, "moustache" and "mustache" one noun."""

from __future__ import annotations

from collections.abc import Iterable

from .expressions import word_set

# The British or rarer spelling, and the American one that stands for both.
_USUAL = dict(
    pair.split("/", 1)
    for pair in word_set(
        """grey/gray greyish/grayish greyscale/grayscale colourful/colorful colourless/colorless coloured/colored
        multicoloured/multicolored multi-coloured/multi-colored discoloured/discolored flavourful/flavorful
        flavoured/flavored favourite/favorite woollen/woolen woolly/wooly mouldy/moldy cosy/cozy smokey/smoky
        jewelled/jeweled panelled/paneled travelling/traveling chequered/checkered draughty/drafty ploughed/plowed
        moustached/mustached moustachioed/mustachioed bevelled/beveled chiselled/chiseled marvellous/marvelous
        labelled/labeled pencilled/penciled bejewelled/bejeweled sceptical/skeptical unravelled/unraveled
        organised/organized customised/customized civilised/civilized caramelised/caramelized galvanised/galvanized
        pressurised/pressurized vapourous/vaporous odourless/odorless armoured/armored savoury/savory
        glamourous/glamorous humourous/humorous wilful/willful skilful/skillful stripey/stripy spicey/spicy icey/icy
        shadey/shady noisey/noisy boney/bony mossey/mossy stoney/stony moustache/mustache doughnut/donut tyre/tire
        pyjamas/pajamas harbour/harbor neighbour/neighbor colour/color flavour/flavor theatre/theater centre/center
        aeroplane/airplane omelette/omelet yoghurt/yogurt kerb/curb plough/plow traveller/traveler jewellery/jewelry
        fibre/fiber armour/armor vapour/vapor odour/odor neighbourhood/neighborhood meagre/meager sceptre/scepter
        lustre/luster mould/mold litre/liter metre/meter parlour/parlor saviour/savior"""
    )
)


def usual_spelling(word: str) -> str:
    """The spelling that stands for all variants of `word`, which is in lower case: "gray" for "grey"."""
    return _USUAL.get(word, word)


def variants(word: str) -> frozenset[str]:
    """The other spellings of `word`: "grey" for "gray"."""
    return _VARIANTS.get(word, frozenset())


def with_variants(words: Iterable[str]) -> set[str]:
    """`words` and their other spellings."""
    found = set(words)
    return found.union(*map(variants, found & _VARIANTS.keys()))


def _variants() -> dict[str, frozenset[str]]:
    spellings: dict[str, set[str]] = {}
    for rare, usual in _USUAL.items():
        spellings.setdefault(usual, {usual}).add(rare)
    return {word: frozenset(group - {word}) for group in spellings.values() for word in group}


_VARIANTS = _variants()
