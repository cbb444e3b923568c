"""Whether an adjective is true of the image: what people who saw it wrote, against what they wrote of other images."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from sentikit import ANP, EvaluatedCaption, SentikitError
from sentikit.english import lower_words
from sentikit.english.meanings import opposites, synonyms
from sentikit.evaluation.reading import read_texts

from .base import Feeling

ImageId = int | str


class Support(Feeling):
    """Of each ANP: is its adjective, or a synonym, in a reference of the image (supported), else does one say the
    opposite of the same noun (contradicted), or neither (unverifiable)?

    Chance is the mean over all other images, and over those whose references have the noun: what an adjective gets
    without being looked for in the image.
    """

    def measure(self, captions: Sequence[EvaluatedCaption]) -> dict[str, float]:
        if not any(caption.references for caption in captions):
            raise SentikitError("there are no references of the images, other than these captions")
        evidence = Evidence({caption.image: caption.references for caption in captions})
        readings = read_texts(caption.text for caption in captions)
        stated = [
            (caption.image, anp)
            for caption, reading in zip(captions, readings, strict=True)
            for anp in sorted(reading.emotional)
        ]
        figures = _figures("emotional ANPs", stated, evidence)
        put_in = [(caption.image, edit.tag.anp) for caption in captions for edit in caption.edits or ()]
        figures |= _figures("put-in ANPs", put_in, evidence)
        if not figures:
            raise SentikitError("there are no emotional ANPs")
        return figures


class Verdict(NamedTuple):
    """Shares: 0 or 1 of an image itself, between them of the mean over others."""

    supported: float
    contradicted: float


class Evidence:
    """What the references of images say. Inflected nouns count as their singular."""

    def __init__(self, references: Mapping[ImageId, Sequence[str]]) -> None:
        texts = [text for of_image in references.values() for text in of_image]
        readings = iter(read_texts(texts))
        self.images = len(references)
        self._with_word: defaultdict[str, set[ImageId]] = defaultdict(set)
        self._with_anp: defaultdict[ANP, set[ImageId]] = defaultdict(set)
        for image, of_image in references.items():
            for text in of_image:
                for word in lower_words(text):
                    self._with_word[word].add(image)
                for anp in next(readings).anps:
                    self._with_anp[anp].add(image)
        self.of = cache(self._of)

    def _of(self, anp: ANP) -> tuple[set[ImageId], set[ImageId]]:
        """The images that support an ANP, and those that contradict it."""
        supporting = _union(self._with_word.get(word) for word in synonyms(anp.adjective))
        denying = _union(self._with_anp.get(ANP(word, anp.noun)) for word in opposites(anp.adjective))
        return supporting, denying - supporting

    def holding(self, noun: str) -> set[ImageId]:
        """The images whose references have a noun, in the singular or with an s."""
        return _union(self._with_word.get(form) for form in (noun, f"{noun}s", f"{noun}es"))


def _union(sets: Iterable[set[ImageId] | None]) -> set[ImageId]:
    return set().union(*(one for one in sets if one))


def _figures(what: str, said: Sequence[tuple[ImageId, ANP]], evidence: Evidence) -> dict[str, float]:
    """The figures of ANPs; nothing where there is none."""
    if not said:
        return {}
    own, others, alike = Counter[str](), [], []
    for image, anp in said:
        supporting, denying = evidence.of(anp)
        own["supported"] += image in supporting
        own["contradicted"] += image in denying
        if evidence.images > 1:
            others.append(_chance(image, supporting, denying, None, evidence.images - 1))
        of_noun = evidence.holding(anp.noun) - {image}
        if of_noun:
            alike.append((image in supporting, _chance(image, supporting, denying, of_noun, len(of_noun)).supported))
    figures = {
        f"{what}: supported": own["supported"] / len(said),
        f"{what}: contradicted": own["contradicted"] / len(said),
        f"{what}: unverifiable": 1 - own.total() / len(said),
    }
    if others:
        by_chance = sum(verdict.supported for verdict in others) / len(others)
        figures[f"{what}: supported by another photo"] = by_chance
        figures[f"{what}: contradicted by another photo"] = sum(one.contradicted for one in others) / len(others)
        figures[f"{what}: visual evidence"] = own["supported"] / len(said) - by_chance
    if alike:
        figures[f"{what}: visual evidence among photos of the noun"] = sum(
            found - chance for found, chance in alike
        ) / len(alike)
    return figures


def _chance(
    image: ImageId, supporting: set[ImageId], denying: set[ImageId], among: set[ImageId] | None, count: int
) -> Verdict:
    """The mean verdict of the other images, or of those of them that are `among`."""
    if among is None:
        return Verdict((len(supporting) - (image in supporting)) / count, (len(denying) - (image in denying)) / count)
    return Verdict(len(supporting & among) / count, len(denying & among) / count)
