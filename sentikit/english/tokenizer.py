"""The tokens that caption metrics count: those of the Stanford tokenizer, as the COCO caption evaluation uses it.

Published BLEU, ROUGE-L and CIDEr values depend on these tokens: lower case, "n't" and "'s" apart, most punctuation
removed, and HTML entities and characters that are not visible as it takes them. The rules are written from the observed
behaviour of the PTBTokenizer of Stanford CoreNLP 3.4.1, so that no Java is needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from .ptb_characters import MARKS, SIGNS, UNKNOWN, with_unknown

PUNCTUATION = frozenset(["'", "''", "`", "``", ".", "?", "!", ",", ":", "-", "--", "...", ";"])
"""What the COCO evaluation removes. Its list has "-LRB-" too, but tokens are lower case by then: "-lrb-" stays."""


def tokenize(caption: str) -> list[str]:
    """The tokens of a caption, lower case and without punctuation.

    A caption is read on its own, which differs from Stanford's reading of a whole file in three rare cases. A number
    and its fraction ("2 1/2") are two tokens, and not one with a no-break space inside. A line break is a space, and
    not the end of the caption. A letter and a stop at the end ("gate b.") are one token, where for Stanford the first
    word of the next caption decides.
    """
    chunks = (_NBSP.sub(" ", caption) if "&" in caption else caption).split()
    tokens: list[str] = []
    for chunk, following in zip(chunks, [*chunks[1:], " "], strict=False):
        tokens += _chunk_tokens(chunk, following[0].isdecimal(), following in _SENTENCE_STARTS)
    return tokens


@lru_cache(maxsize=100_000)
def _chunk_tokens(chunk: str, before_number: bool, before_sentence: bool) -> tuple[str, ...]:
    if chunk.isascii() and chunk.isalpha() and chunk.lower() not in _SPLIT_WORDS:
        return (chunk.lower(),)
    if before_number and _SHORT_BEFORE_NUMBER.fullmatch(chunk):
        return (chunk.lower(),)
    if before_sentence and _LETTER_AND_STOP.fullmatch(chunk):
        return (chunk[0].lower(),)
    tokens = map(_normal, _split(with_unknown(chunk)))
    return tuple(token for token in tokens if token and token not in PUNCTUATION)


def _split(chunk: str) -> Iterator[str]:
    """Cut text without spaces: at each place the longest match of a rule, and of the longest the first."""
    start = 0
    while start < len(chunk):
        longest = max((match for rule in _RULES if (match := rule.match(chunk, start))), key=lambda match: match.end())
        token = longest["token"]
        yield token
        start += len(token)


def _normal(token: str) -> str:
    """A token as the metrics compare it; empty for dashes, stops and what Stanford cannot read."""
    token = token.replace("\xad", "")
    if token == UNKNOWN or not token.strip("-."):
        return ""
    if token in _REPLACED:
        return _REPLACED[token]
    if token.lower() in _ENTITIES:
        return _ENTITIES[token.lower()]
    if _SMILEY.fullmatch(token):
        return token.lower().replace("(", "-lrb-").replace(")", "-rrb-")
    if _CLITIC.fullmatch(token):
        token = _APOSTROPHE.sub("'", token).replace("‘", "`").replace("\x91", "`")
    elif "&" in token:
        token = _AMP.sub("&", token)
    return token.lower()


_REPLACED = (
    {"(": "-lrb-", ")": "-rrb-", "[": "-lsb-", "]": "-rsb-", "{": "-lcb-", "}": "-rcb-"}
    | dict.fromkeys(["‘", "’", "‹", "›", "\x91", "\x92", "&apos;"], "'")
    | dict.fromkeys(['"', "“", "”", "«", "»", "&quot;"], "''")
    | dict.fromkeys("–—\u2010\u2011\u058a", "--")
    | {"…": "...", "½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3"}
    | {"€": "$", "\x80": "$", "¤": "$", "₠": "$", "£": "#", "¢": "cents"}
)
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&mdash;": "--", "&ndash;": "--", "&md;": "--"}
_STARTS = """
    A About According After An As At But Earlier He Her Here However If In It Last Many More Now Once One Other Our
    She Since So Some Such That The Their Then There These They This We What When While Yet You
"""
_SENTENCE_STARTS = frozenset(_STARTS.split())
_SPLIT_WORDS = {"cannot", "gimme", "gonna", "gotta", "lemme", "wanna"}

_NO_LETTERS = "".join(sorted(c for c in SIGNS if c.isalnum()))  # Python counts these digits among \w
_MORE_LETTERS = rf"[\xad{''.join(sorted(MARKS))}]|&[aeiou](?:acute|grave|uml);"
_LETTER = rf"(?:[^\W\d_{_NO_LETTERS}]|{_MORE_LETTERS})"
_PLAIN = rf"[^\W_{_NO_LETTERS}]"
_ALNUM = rf"(?:{_PLAIN}|{_MORE_LETTERS})"
_CURLY = r"(?:[’\x92]|&apos;)"
_CLITICS = "(?:[msd]|re|ve|ll)"
_APOS = rf"(?:'|{_CURLY})"
_ANY_APOS = rf"(?:[`‘\x91]|{_APOS})"
_THING = rf"(?:[dol]{_ANY_APOS}{_PLAIN})?{_PLAIN}+"
_SHORT = """
    [a-z] adj adm adv al ala alex apr ariz assn asst atty aug ave bancorp bhd bldg blvd brig bros calif capt cf cie
    cmdr co col colo conn corp cos cpl ct dak dec dept det drs? elec ens esq est etc ext feb fla fri ft ga gen govs?
    hon inc ind insp intl invt jan jos jr jul jun kans? ky lt ltd maj mar md messrs mfg mich minn mlle mme mo mon mont
    mr mrs ms msgr mt mtg natl neb nev nov oct okla penn pfc ph plc ppte ppty pres prof ptes? ptys? pvt rd reps? rev rt
    sens? sept? seq sfc sgt spc sq sr st ste supt sys tel tenn thu tues? univ va vs vt wed wisc? wm wyo
"""
_SHORT_IF_CAPITAL = "A(?i:rk) A(?i:z) D(?i:el) I(?i:ll) L(?i:a) M(?i:ass) M(?i:iss) O(?i:re) P(?i:a) T(?i:ex) W(?i:ash)"
_BEFORE_NUMBER = "art ca figs? nos? op pp prop"


def _one_of(words: str) -> str:
    return "(?:" + "|".join(words.split()) + ")"


_SHORT_BEFORE_NUMBER = re.compile(rf"{_one_of(_BEFORE_NUMBER)}\.", re.IGNORECASE)
_LETTER_AND_STOP = re.compile(r"[a-z]\.", re.IGNORECASE)
_SMILEY = re.compile(r"[<>]?[:;=][-o*']?(?-i:[()DPdpO\\{@|\[\]])(?![a-z])", re.IGNORECASE)
_CLITIC = re.compile(rf"n{_ANY_APOS}t|{_APOS}(?:[msd]|re|ve|ll)", re.IGNORECASE)
_APOSTROPHE = re.compile(_CURLY)
_AMP = re.compile("&amp;", re.IGNORECASE)
_NBSP = re.compile("&nbsp;", re.IGNORECASE)

# A rule that matches beyond its group "token" counts for its whole length, and only the token is cut off.
_RULES = [
    re.compile(pattern if "(?P<token>" in pattern else f"(?P<token>{pattern})", re.IGNORECASE)
    for pattern in (
        # words that are cut in two
        rf"(?P<token>{_LETTER}*[^\Wn\d_])n{_ANY_APOS}t",
        rf"n{_ANY_APOS}t",
        rf"(?P<token>{_LETTER}{_ALNUM}*)(?:'{_CLITICS}(?![a-z])|{_CURLY}{_CLITICS})",
        rf"'{_CLITICS}(?![a-z])|{_CURLY}{_CLITICS}",
        r"(?P<token>can)not(?![a-z])",
        r"(?P<token>gon|wan)na(?![a-z])",
        r"(?P<token>got)ta(?![a-z])",
        r"(?P<token>lem|gim)me(?![a-z])",
        r"(?P<token>'t)(?:is|was)",
        rf"(?P<token>y{_APOS})[a-z]",
        # words: a stop with a letter after it does not end one ("walking.then"); "t-shirt", "image_2", "o'clock"
        rf"{_LETTER}{_ALNUM}*(?:[.!?]{_LETTER}{_ALNUM}*)*",
        rf"{_THING}(?:[-_\u2010\u2011\u058a]{_THING})*",
        r"[a-z0-9][a-z0-9.,]*(?:-(?:[a-z](?:\.[a-z])+\.|[a-z0-9]+))+",
        r"[a-z0-9]+(?:-[a-z]+){0,2}(?:/[a-z0-9]+(?:-[a-z]+){0,2}){1,2}",
        r"(?-i:[A-Z]+(?:(?:&(?i:amp);|[+&])[A-Z]+)+)",
        # full stops that are kept
        rf"(?P<token>{_THING}(?:-{_THING})*\.)[,;]",
        r"[a-z](?:\.[a-z])+\.|ph\.d\.",
        rf"{_one_of(_SHORT)}\.",
        rf"(?-i:{_one_of(_SHORT_IF_CAPITAL)})\.",
        rf"(?P<token>{_one_of(_BEFORE_NUMBER)}\.)[0-9]",
        # apostrophes that belong to their word: "'n'", "'em", "ma'am", "O'Neil"
        rf"{_APOS}n(?:{_APOS}|(?![a-z]))",
        rf"{_APOS}(?:em|till?|cause|[2-9]0s)",
        rf"{_APOS}\d\d(?![a-z\d])",
        rf"[dlj]{_APOS}",
        rf"(?-i:[A-HJ-XZn]){_ANY_APOS}{_LETTER}{{2,}}",
        rf"o{_ANY_APOS}{_LETTER}{{2,}}",
        rf"{_LETTER}+[aeiouy]{_ANY_APOS}(?-i:[aeiouA-Z]){_LETTER}*",
        rf"(?:dunkin|somethin|ol){_APOS}|li'l|nat'l|cont'd\.|c'mon|s'mores|nor'easter|[en]'er|ev'ry",
        # numbers
        r"[-+]?[0-9]*(?:[.:,][0-9]+)+",
        r"[-+]?[0-9]+",
        r"[0-9]{1,4}-[0-9]{1,4}/[0-9]{1,4}",
        # addresses, tags and signs
        r"https?://[^\s\"]*[^\s\".,!?:;)]",
        r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*",
        rf"@[a-z]\w*|#{_LETTER}+",
        r"</?[a-z][^<>]*>|&(?:amp|lt|gt|quot|apos|[mn]dash|md|ht|tl|ur|lr|q[clr]|[oc]dq|#\d+);",
        r"(?-i:[A-Z]+)\$",
        _SMILEY.pattern,
        r"[?!]+|\*+|_+|#+|-{2,}|\.{3,}|<<|>>|''|``|-[lr][rsc]b-",
        r".",
    )
]
