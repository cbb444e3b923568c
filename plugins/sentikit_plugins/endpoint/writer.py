"""Asks a language model for captions with feeling, and takes from its answers only what can be undone."""

from __future__ import annotations

import copy
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from typing import NamedTuple, Self

from sentikit import (
    ANP,
    Caption,
    CombinerItem,
    Edit,
    ImageFailure,
    Photo,
    Rewrite,
    Scorer,
    ScorerNeed,
    Tag,
    TagRules,
    valence_source,
)
from sentikit.english import insertion
from sentikit.english.adjectives import has_adjective
from sentikit.english.noun_phrases import NounFinder, NounPhrase

from .alignment import Insertion, insertions
from .answers import Questions
from .captioner import without_quotes
from .client import Answer
from .writer_settings import ONLY_TAGS, WriterSettings

CHANGED, LEFT_OUT = "captions edited", "adjectives left out"
STAYS = "captions that stay ({})"
NO_TAGS = "no tag to choose from"
FAILED = "the endpoint failed"
SAME = "the answer inserts nothing"
NOT_INSERTIONS = "the answer is not the caption with insertions"
NOT_ADJECTIVES = "the answer inserts other words than adjectives"
NO_NOUN = "no noun takes the adjective there"
NOT_TAGGED = "the adjective is not among the tags"
DENIED = "polarity, denylist or ontology deny the adjective"


class _Question(NamedTuple):
    caption: Caption
    tags: Sequence[Tag]
    answer: Future[Answer | ImageFailure] | None
    """None: there was nothing to ask."""


class LlmWriter:
    """As a rewriter it sees captions and tags; as a combiner, the photographs too.

    An answer is taken only if it is the caption with adjectives inserted, each before a noun that can take one. Each is
    then an edit of its own, made as every rewriter makes them; an adjective that the rules do not allow is left out.
    Otherwise the caption stays as it is, and is counted with the reason.
    """

    default_max_edits: int | None = 2
    scorer: ScorerNeed = "none"

    def __init__(self, settings: WriterSettings, what: str) -> None:
        """`what`: how a sentence about it begins. Raises MissingExtraError if openai is not installed."""
        self._settings = settings
        self._questions = Questions(settings, what, settings.answers)
        self._finder = NounFinder()
        self._rules: TagRules | None = None

    @property
    def counts(self) -> Counter[str]:
        """Requests, tokens, and what became of the captions."""
        return self._questions.counts

    def with_rules(self, rules: TagRules) -> Self:
        """See `sentikit.RuledWriter`."""
        ruled = copy.copy(self)
        ruled._rules = rules
        return ruled

    def rewrite(self, items: Iterable[tuple[Caption, Sequence[Tag]]]) -> Iterator[Rewrite]:
        """See `sentikit.Rewriter`; as many captions are asked about ahead as requests may run at the same time."""
        waiting: deque[_Question] = deque()
        for caption, tags in items:
            waiting.append(self._ask(caption, tags, None))
            if len(waiting) > 2 * self._settings.concurrency:
                yield self._finish(waiting.popleft())
        while waiting:
            yield self._finish(waiting.popleft())

    def combine(self, items: Sequence[CombinerItem], scorer: Scorer | None) -> list[Rewrite]:
        """See `sentikit.Combiner`."""
        return [self._finish(one) for one in [self._ask(item.caption, item.tags, item.photo) for item in items]]

    def _ask(self, caption: Caption, tags: Sequence[Tag], photo: Photo | None) -> _Question:
        chosen = list(tags[: self._settings.most_tags])
        if not caption.text.strip() or (self._settings.adjectives == ONLY_TAGS and not chosen):
            return _Question(caption, tags, None)
        polarity = self._rules.polarity if self._rules else "any"
        prompt = self._settings.prompt_for(caption.text, chosen, polarity, photo is not None)
        return _Question(caption, tags, self._questions.ask(prompt, photo))

    def _finish(self, question: _Question) -> Rewrite:
        text = question.caption.text
        if question.answer is None:
            return self._stays(text, NO_TAGS)
        answer = question.answer.result()
        if isinstance(answer, ImageFailure):
            return self._stays(text, FAILED)
        said = without_quotes(answer.texts[0]).removeprefix("Caption:").strip()
        found = insertions(text, said)
        if found is None:
            return self._stays(text, NOT_INSERTIONS)
        if not found:
            return self._stays(text, SAME)
        if not self._are_adjectives(found, said, question.tags):
            return self._stays(text, NOT_ADJECTIVES)
        return self._edited(text, found, question.tags)

    def _are_adjectives(self, found: Sequence[Insertion], said: str, tags: Sequence[Tag]) -> bool:
        """Whether every inserted word is one: of a tag, in most captions, or as the answer uses it."""
        known = {tag.adjective for tag in tags}
        doubtful = {
            start
            for one in found
            for word, start in zip(one.words, one.starts, strict=True)
            if word not in known and not (word.isalpha() and has_adjective(word))
        }
        if not doubtful:
            return True
        (phrases,) = self._finder.find([(said, None)])
        used = [one for phrase in phrases for one in phrase.modifiers if one.is_adjective and not _is_adverb(one.word)]
        return doubtful <= {one.start for one in used}

    def _edited(self, text: str, found: Sequence[Insertion], tags: Sequence[Tag]) -> Rewrite:
        """The caption with those of the adjectives that may go in: one for each noun phrase, the first allowed."""
        (phrases,) = self._finder.find([(text, None)])
        edits: list[Edit] = []
        taken: set[int] = set()
        reasons: list[str] = []
        for at, words, _, comma in found:
            phrase = next((one for one in phrases if one.insert_at <= at <= one.head_start), None)
            for word in words:
                tag = self._tag(word, phrase, tags) if phrase else NO_NOUN
                if isinstance(tag, str):
                    reasons.append(tag)
                elif phrase is None or phrase.head_start in taken:
                    self.counts[LEFT_OUT] += 1
                else:
                    taken.add(phrase.head_start)
                    edits.append(insertion(text, at, f"{word}," if comma and word == words[-1] else word, tag))
        if not edits:
            return self._stays(text, reasons[0])
        self.counts[CHANGED] += 1
        if reasons:
            self.counts[LEFT_OUT] += len(reasons)
        return Rewrite.from_edits(text, edits)

    def _tag(self, adjective: str, phrase: NounPhrase, tags: Sequence[Tag]) -> Tag | str:
        """What an adjective on this noun comes from, or why it may not go in."""
        lemma = self._finder.lemma
        known = next((tag for tag in tags if tag.adjective == adjective and lemma(tag.noun) == phrase.lemma), None)
        if known is not None:
            return known
        if self._settings.adjectives == ONLY_TAGS:
            return NOT_TAGGED
        anp = ANP(adjective, phrase.lemma)
        return Tag(anp) if self._rules is None or self._rules.allows(anp) else DENIED

    def _stays(self, text: str, reason: str) -> Rewrite:
        self.counts[STAYS.format(reason)] += 1
        return Rewrite(text)


def _is_adverb(word: str) -> bool:
    """Whether a word in -ly, which is no common adjective, is an adverb: "happily", but not "ghastly"."""
    return word.endswith("ly") and valence_source(word) not in ("sentikit", "TextBlob")
