"""A rule that finds nouns inside words, as a program that replaces text would. It exists only to be compared with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sentikit import Caption, Edit, Rewrite, Tag
from sentikit.english import insertion, words


class SubstringFault:
    """Puts a tag's adjective before the first word that holds its noun, as a whole or as a part of a longer word.

    Tags come best first; a noun gets one adjective, and a place in the text too. Nothing else is asked.
    """

    default_max_edits: int | None = None

    def rewrite(self, items: Iterable[tuple[Caption, Sequence[Tag]]]) -> Iterator[Rewrite]:
        """Lazily, one rewrite for each item, in order."""
        for caption, tags in items:
            yield _rewrite(caption.text, tags)


def _rewrite(text: str, tags: Sequence[Tag]) -> Rewrite:
    lower = text.lower()
    if not any(tag.anp.noun in lower for tag in tags):
        return Rewrite(text)
    found = words(text)
    nouns: set[str] = set()
    taken: set[int] = set()
    edits: list[Edit] = []
    for tag in tags:
        adjective, noun = tag.anp
        place = next((index for index, word in enumerate(found) if noun in word.lower), None)
        if place is None or noun in nouns or place in taken:
            continue
        nouns.add(noun)
        taken.add(place)
        if found[place].lower not in ("a", "an"):
            edits.append(insertion(text, found[place].start, adjective, tag))
    return Rewrite.from_edits(text, edits) if edits else Rewrite(text)
