"""The paper's rule for updating a caption (section 4.1.2). It knows no grammar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from sentikit import Caption, Edit, Rewrite, Tag
from sentikit.english import insertion, lower_words, word_start

_ARTICLES = ("a", "an")
_BATCH = 500
_PLAIN = bytes([0, *(ord(chr(code).lower()) if chr(code).isalnum() else ord(" ") for code in range(1, 128))]).ljust(256)


class NounMatch:
    """Puts a tag's adjective immediately before the first whole word that is its noun.

    Nouns match exactly, whatever their case: no synonyms, no lemmas, and no eye for compounds ("train track",
    "hot dog") or negation. Tags come best first and are taken in this order:

    * a noun gets one adjective at most, from the best of its tags;
    * where that adjective stands before the noun already, the noun has what it should have and is left alone;
    * an adjective that stands elsewhere in the caption, or went to another noun, is not used (again):
      the noun's next best tag competes.
    """

    default_max_edits: int | None = None

    def rewrite(self, items: Iterable[tuple[Caption, Sequence[Tag]]]) -> Iterator[Rewrite]:
        """Lazily, one rewrite for each item, in order; it reads some hundred items ahead.

        Consecutive items are quicker where they share a tag list.
        """
        source = iter(items)
        last: Sequence[Tag] | None = None
        nouns: frozenset[str] = frozenset()
        simple = True
        while batch := list(islice(source, _BATCH)):
            for (caption, tags), parts in zip(batch, _parts([item[0].text for item in batch]), strict=True):
                if tags is not last:
                    last, nouns = tags, frozenset([tag.anp.noun for tag in tags if tag.anp.noun not in _ARTICLES])
                    simple = all(map(str.isalnum, nouns))
                if simple and nouns.isdisjoint(parts):
                    yield Rewrite(caption.text)
                else:
                    yield _rewrite(caption.text, tags, nouns)


def _parts(texts: Sequence[str]) -> list[list[str]]:
    """The runs of letters and digits of every text, in lower case. All at once is many times as fast as one by one."""
    joined = "\0".join(texts)
    if joined.isascii() and joined.count("\0") == len(texts) - 1:
        plain = joined.encode().translate(_PLAIN).decode().split("\0")
    else:
        plain = ["".join(letter if letter.isalnum() else " " for letter in text.lower()) for text in texts]
    return [text.split() for text in plain]


def _rewrite(text: str, tags: Sequence[Tag], nouns: frozenset[str]) -> Rewrite:
    present = lower_words(text)
    places = {noun: present.index(noun) for noun in nouns.intersection(present)}
    edits: list[Edit] = []
    for tag in tags if places else ():
        adjective, noun = tag.anp
        if noun not in places:
            continue
        place = places[noun]
        if place and present[place - 1] == adjective:
            del places[noun]
        elif adjective not in present and all(edit.tag.adjective != adjective for edit in edits):
            edits.append(insertion(text, word_start(text, place), adjective, tag))
            del places[noun]
    return Rewrite.from_edits(text, edits) if edits else Rewrite(text)
