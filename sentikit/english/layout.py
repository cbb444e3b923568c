"""The layout of captions that models write: headings, labels, lists and tags, which are no sentences.

Adjectives go into sentences and list items. "The image shows a dog" is about the dog, so the image gets none either.
"""

from __future__ import annotations

import re

from .expressions import word_set

Span = tuple[int, int]

_MARKUP = re.compile(
    r"[*_#>:|•-]|\d[.)]|\b(?:image|photo|picture|pic|photograph|snapshot|shot|caption|if|whether)s?\b", re.IGNORECASE
)
_HEADING = re.compile(r"^[ \t]{0,3}#{1,6}[ \t].*$|^[^\n]+(?=\n[ \t]*(?:={3,}|-{3,})[ \t]*$)", re.MULTILINE)
_BOLD_LABEL = re.compile(r"(\*\*|__)[^*_\n]{1,60}?(?::\1|\1[ \t]*:)")
_LABEL = re.compile(r"^[ \t]*(?:[-*+•][ \t]+)?([^\W\d_][^\W\d]*(?:[ -][^\W\d_]+){0,2})[ \t]*:(?=\s)", re.MULTILINE)
_TABLE_ROW = re.compile(r"^[ \t]*\|.*\|[ \t]*$", re.MULTILINE)
_MARK = re.compile(r"^[ \t]*(?:[-*+•>]|\d{1,2}[.)])(?=[ \t]+\S)", re.MULTILINE)
_EMPHASIS = re.compile(r"(?<![\w*])(\*{1,3})(?=\S)([^*\n]+?)(?<=\S)\1(?![\w*])")
_UNSURE = re.compile(
    r"\b(?:unclear|not clear|uncertain|unsure|hard to tell|unknown) (?:if|whether)\b[^.!?\n]*", re.IGNORECASE
)
_PARAGRAPH = re.compile(r"(?<=[\w)])\n(?=\s*\n)")
_PICTURE = r"(?:image|photo|photograph|picture|pic|snapshot|shot|caption)s?"
_THE_PICTURE = re.compile(
    rf"""\b(?:in|of|within|throughout|across|from|to)\s+(?:the|this|that)\s+(?:entire\s+|whole\s+)?{_PICTURE}\b
    |\b{_PICTURE}\b(?=\s+(?:also\s+|clearly\s+|mainly\s+|primarily\s+|then\s+)?
      (?:shows?|depicts?|features?|captures?|presents?|displays?|portrays?|contains?|conveys?|illustrates?|showcases?
      |highlights?|includes?|focuses|consists|showing|depicting|featuring|capturing|is\s+of|appears?|seems?|suggests?)\b)
    """,
    re.IGNORECASE | re.VERBOSE,
)

_SENTENCE_WORDS = word_set(
    """a an the this that these those is are was were be has have had and or but with of in on at by to for from into
    onto near behind under over it its he she they his her their there while who which as"""
)
_FEWEST_TAGS = 3
_LONGEST_TAG = 4
_TAG_SHARE = 0.8
"""Of the parts between commas: the others may be sentences among tags, as in "a cat on a sofa, detailed"."""


def labels(text: str) -> list[Span]:
    """Where headings, labels and rows of a table stand, "the image" in "The image shows a dog", and what is unsure."""
    if not _MARKUP.search(text):
        return []
    rules = (_HEADING, _BOLD_LABEL, _TABLE_ROW, _THE_PICTURE, _UNSURE)
    found = [match.span() for rule in rules for match in rule.finditer(text)]
    return found + [match.span() for match in _LABEL.finditer(text) if _is_label(match[1])]


def unmarked(text: str) -> str:
    """`text` without the marks of items, quotes and emphasis, each item behind a full stop; it keeps its length."""
    if "\n" in text:
        text = _PARAGRAPH.sub(".", text)
    if not _MARKUP.search(text):
        return text
    text = _MARK.sub(lambda match: ".".rjust(len(match[0])) if match.start() else " " * len(match[0]), text)
    return _EMPHASIS.sub(lambda match: f"{' ' * len(match[1])}{match[2]}{' ' * len(match[1])}", text)


def is_tag_list(text: str) -> bool:
    """Whether `text` is tags between commas, as boards of drawings have them: "1girl, solo, long hair, outdoors"."""
    if text.count(",") < _FEWEST_TAGS - 1 and text.count("\n") < _FEWEST_TAGS - 1:
        return False
    label = _LABEL.match(text)
    listed = _MARK.sub("", text[label.end() if label else 0 :].strip(" ."))
    parts = [part for part in re.split(r"[,\n]", listed) if part.strip()]
    tags = list(map(_is_tag, parts))
    fewest = 2 if label and "\n" in listed else _FEWEST_TAGS
    return len(parts) >= fewest and tags[-1] and sum(tags) >= _TAG_SHARE * len(parts)


def _is_tag(part: str) -> bool:
    words = part.lower().replace("_", " ").split()
    return 0 < len(words) <= _LONGEST_TAG and _SENTENCE_WORDS.isdisjoint(words)


def _is_label(words: str) -> bool:
    """Whether what stands before a colon names what follows: "Setting:", but not "Two dogs: one is black"."""
    first = words.lower().split()[0]
    return first not in _SENTENCE_WORDS and first not in ("two", "three", "four", "five", "some", "several", "both")
