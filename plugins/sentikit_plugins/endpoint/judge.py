"""A language model compares edited captions with plain ones: what is true, and what has feeling, each by itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from statistics import fmean
from typing import NamedTuple

from sentikit import EvaluatedCaption, ImageFailure, Photo, SentikitError
from sentikit.formats.coco import read_captions
from sentikit.images import ImageProblem, ImageRef, find_coco_images, load_photo
from sentikit.io.messages import name_counts

from .answers import Questions
from .client import Answer
from .judge_settings import FAITHFUL_TO_PHOTO, FAITHFUL_TO_TEXTS, FEELING, JudgeSettings

FAITHFULNESS, FEELING_OF = "faithfulness of edited captions", "feeling of edited captions"
CONTROL = "faithfulness of edited captions, with another photograph"
CONSISTENT = "the same verdict in both orders"
_VERDICT = re.compile(r"\W*(?:(?:the\s+)?(?:answer|caption)\b\W*(?:is\b\W*)?)?(A|B|T|tie)\b", re.IGNORECASE)
_SCORES = {"a": 1.0, "b": 0.0, "t": 0.5, "tie": 0.5}


class _Case(NamedTuple):
    """A question in both orders; the edited caption is A in the first and B in the second."""

    figure: str
    asked: tuple[Future[Answer | ImageFailure], Future[Answer | ImageFailure]]


class LlmJudge:
    """A figure is the mean over edited captions: 1 if the edited caption wins, 0.5 for a tie, 0 if the plain one wins.

    Each question is asked in both orders, as judges favour a place. With photographs, faithfulness is also judged with
    another photograph: a judge that does not look gives the same figure there.
    """

    def __init__(self, settings: JudgeSettings) -> None:
        """Raises MissingExtraError if openai is not installed, and SentikitError if the file of answers is none."""
        self.notes: Sequence[str] = ()
        self._settings = settings
        self._questions = Questions(settings, "The metric 'llm-judge'", settings.answers)

    @property
    def counts(self) -> Counter[str]:
        """Requests and tokens."""
        return self._questions.counts

    def compute(
        self, captions: Mapping[int | str, str], references: Mapping[int | str, Sequence[str]]
    ) -> dict[str, float]:
        """See `sentikit.Metric`: without the plain captions there is nothing to compare."""
        return self.measure([EvaluatedCaption(image, text, references[image]) for image, text in captions.items()])

    def measure(self, captions: Sequence[EvaluatedCaption]) -> dict[str, float]:
        """See `sentikit.AffectMetric`. Raises SentikitError if no caption has a plain one that differs."""
        edited = [one for one in captions if one.plain is not None and one.plain != one.text][: self._settings.limit]
        if not edited:
            raise SentikitError("there are no edited captions with their plain ones to compare")
        refs = self._photos()
        missing = sum(one.image not in refs for one in edited) if refs is not None else 0
        cases = list(self._cases(edited, refs))
        verdicts = [(case.figure, _verdict(case)) for case in cases]
        read = [(figure, both) for figure, both in verdicts if both is not None]
        if not read:
            raise SentikitError("no answer of the judge could be read")
        self._note(len(edited), len(cases) - len(read), missing)
        found = {
            figure: fmean(fmean(both) for name, both in read if name == figure)
            for figure in (FAITHFULNESS, CONTROL, FEELING_OF)
            if any(name == figure for name, _ in read)
        }
        found[CONSISTENT] = fmean(first == second for _, (first, second) in read)
        return {f"{name} ({self._settings.model})": score for name, score in found.items()}

    def _photos(self) -> dict[int | str, ImageRef] | None:
        """The photographs by image id; None for a judge that reads the human captions instead."""
        if self._settings.images is None or self._settings.coco is None:
            return None
        coco = read_captions(self._settings.coco)
        found = find_coco_images(self._settings.coco, coco.document["images"], self._settings.images)
        return {ref.image_id: ref for ref in found.refs}

    def _cases(self, edited: Sequence[EvaluatedCaption], refs: Mapping[int | str, ImageRef] | None) -> Iterator[_Case]:
        if refs is not None:
            edited = [one for one in edited if one.image in refs]
        for place, one in enumerate(edited):
            if refs is None:
                listed = "\n".join(f"- {text}" for text in one.references if text != one.plain)
                if listed:
                    yield self._case(FAITHFULNESS, FAITHFUL_TO_TEXTS.replace("{references}", listed), one)
            else:
                yield self._case(FAITHFULNESS, FAITHFUL_TO_PHOTO, one, _photo(refs[one.image]))
                other = edited[place - 1]
                if other.image != one.image:
                    yield self._case(CONTROL, FAITHFUL_TO_PHOTO, one, _photo(refs[other.image]))
            yield self._case(FEELING_OF, FEELING, one)

    def _case(self, figure: str, prompt: str, one: EvaluatedCaption, photo: Photo | None = None) -> _Case:
        plain = one.plain or ""
        first = self._questions.ask(_filled(prompt, one.text, plain), photo)
        return _Case(figure, (first, self._questions.ask(_filled(prompt, plain, one.text), photo)))

    def _note(self, captions: int, unread: int, missing: int) -> None:
        settings = self._settings
        seen = "the photographs" if settings.images else "the human captions"
        left = f"; {missing:,} captions have no photograph in the folder" if missing else ""
        self.notes = [
            f"the model {settings.model} at temperature {settings.temperature:g} judged {captions:,} edited captions "
            f"against their plain ones by {seen}, each question in both orders; 0.5 is a tie{left}",
            f"{unread:,} pairs of answers could not be read and are left out; prompts and answers are in "
            f"{settings.answers}",
            f"this took {name_counts(self.counts)}",
        ]


def _filled(prompt: str, a: str, b: str) -> str:
    """The prompt with both captions, whatever is in them."""
    rest, _, tail = prompt.rpartition("{b}")
    head, _, middle = rest.rpartition("{a}")
    return f"{head}{a}{middle}{b}{tail}"


def _photo(ref: ImageRef) -> Photo:
    try:
        return load_photo(ref)
    except ImageProblem as problem:
        raise SentikitError(str(problem).rstrip(".")) from None


def _verdict(case: _Case) -> tuple[float, float] | None:
    """How the edited caption did in each order, from 0 to 1; None if an answer cannot be read."""
    scores = []
    for asked in case.asked:
        answer = asked.result()
        found = None if isinstance(answer, ImageFailure) else _VERDICT.match(answer.texts[0])
        if found is None:
            return None
        scores.append(_SCORES[found[1].lower()])
    return scores[0], 1.0 - scores[1]
