"""British and American spellings of one word: "grey" and "gray", "mouldy" and "moldy"."""

from __future__ import annotations

import re
from functools import lru_cache

_AMERICAN = {
    "grey": "gray",
    "greyish": "grayish",
    "woollen": "woolen",
    "wooly": "woolly",
    "mouldy": "moldy",
    "mould": "mold",
    "jewellery": "jewelry",
    "pyjamas": "pajamas",
    "pyjama": "pajama",
    "tyre": "tire",
    "kerb": "curb",
    "plough": "plow",
    "aeroplane": "airplane",
    "cosy": "cozy",
    "doughnut": "donut",
    "theatre": "theater",
    "centre": "center",
    "fibre": "fiber",
    "metre": "meter",
    "litre": "liter",
    "moustache": "mustache",
    "yoghurt": "yogurt",
    "sceptical": "skeptical",
    "draughty": "drafty",
    "storey": "story",
    "omelette": "omelet",
    "licence": "license",
    "defence": "defense",
    "smokey": "smoky",
    "whiskey": "whisky",
    "skilful": "skillful",
    "ageing": "aging",
    "manoeuvre": "maneuver",
    "barbeque": "barbecue",
    "fluoro": "fluorescent",
    "chequered": "checkered",
    "sombre": "somber",
    "artefact": "artifact",
    "pretence": "pretense",
    "offence": "offense",
    "grey-haired": "gray-haired",
}
_OUR = re.compile(r"(col|fav|flav|hon|hum|lab|neighb|harb|parl|vap|rum|savi?|arm|vig|glam|behavi|od|val|cand)our")
_DOUBLED = re.compile(
    r"(travel|jewel|marvel|model|label|cancel|quarrel|panel|signal|fuel|level|tunnel)l(?=ed|ing|er|ous)"
)
_ISE = re.compile(r"(?<=[a-z]{3})(al|an|on|or|er|ern|ic|im|at|it|min|til|tern)is(?=ed$|ing$|e$)")


@lru_cache(maxsize=10_000)
def american(word: str) -> str:
    """`word`, in lower case, as it is spelt in America; most words stay as they are.

    Only for comparing: the result may be no word where `word` is a name.
    """
    if word in _AMERICAN:
        return _AMERICAN[word]
    if word == "glamour":
        return word
    word = _OUR.sub(r"\1or", word)
    word = _DOUBLED.sub(r"\1", word)
    return _ISE.sub(r"\1iz", word)


_BRITISH = {american: british for british, american in _AMERICAN.items()}
_OR = re.compile(_OUR.pattern.replace("our", "or"))


@lru_cache(maxsize=10_000)
def spellings(word: str) -> tuple[str, ...]:
    """`word`, in lower case, and its other spellings, British and American; of most words there is one."""
    us = american(word)
    guesses = (us, _BRITISH.get(us, us), _OR.sub(r"\1our", us), re.sub("l(?=ed|ing)", "ll", us), us.replace("iz", "is"))
    return tuple(dict.fromkeys([word, *(guess for guess in guesses if american(guess) == us)]))
