"""A rewriter that says how a thing looks after its noun: "a street that looks misty in the morning"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sentikit import Caption, Edit, Option, Register, Rewrite, Tag, hookimpl
from sentikit.english import words

plugin_api = 2

PEOPLE = {"man", "woman", "boy", "girl", "child", "person", "baby", "lady"}
PLURALS = {"people", "men", "women", "children"}
PHRASE_ENDS_BEFORE = (
    "above across against along among around as at before behind below beside between by during for from in inside "
    "into is near off on onto outside over past through to towards under was while"
)


class Mood:
    """Adds "that looks ADJECTIVE" to the nouns that are tagged, the most probable tag of each noun.

    It parses nothing. A noun is left alone if a clause might tear a phrase apart ("a street sign", "a street of
    shops", "a cup and saucer"), or if the verb would not agree ("two dogs").
    """

    default_max_edits: int | None = 1

    def __init__(self, verb: str) -> None:
        self.verb = verb

    def rewrite(self, items: Iterable[tuple[Caption, Sequence[Tag]]]) -> Iterator[Rewrite]:
        """Lazily, one rewrite for each item, in order."""
        for caption, tags in items:
            yield Rewrite.from_edits(caption.text, list(self._edits(caption.text, tags)))

    def _edits(self, text: str, tags: Sequence[Tag]) -> Iterator[Edit]:
        best = {tag.noun: tag for tag in reversed(tags)}
        found = words(text)
        used = {word.lower for word in found}
        for word, following in zip(found, [*(word.lower for word in found), ""][1:], strict=True):
            tag = best.get(word.lower)
            if tag is None or tag.adjective in used or is_plural(tag.noun):
                continue
            if ends_phrase(text[word.end : word.end + 1], following):
                del best[tag.noun]
                used.add(tag.adjective)
                pronoun = "who" if tag.noun in PEOPLE else "that"
                yield Edit(word.end, word.end, "", f" {pronoun} {self.verb} {tag.adjective}", tag)


def is_plural(noun: str) -> bool:
    """Whether `noun` looks like a plural."""
    return noun in PLURALS or (noun.endswith("s") and not noun.endswith(("ss", "us")))


def ends_phrase(mark: str, following: str) -> bool:
    """Whether a noun ends its phrase, by the character and the word that follow it; both are empty at the end."""
    return mark in ".,;:!?" or (mark == " " and following in PHRASE_ENDS_BEFORE.split())


@hookimpl
def register_rewriters(register: Register) -> None:
    """Offers the rewriter."""
    register(
        "mood",
        Mood,
        summary="the adjective in a clause after its noun: a street that looks misty",
        options=[Option("verb", str, "looks", "what the clause says before the adjective, such as seems or feels")],
    )
