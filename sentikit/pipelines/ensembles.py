"""Several taggers as one: their probabilities are averaged (paper, section 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, log
from typing import Any

from ..anp import ANP, Tag
from ..errors import UsageError
from ..plugin.batches import ImageBatch, ImageFailure
from ..plugin.interfaces import Encoder, Scorer, ScoringTagger, Tagger
from .checks import CheckedScorer, checked_tags


@dataclass(frozen=True, eq=False)
class EnsembleBatch(ImageBatch):
    """The batch of an ensemble: the batch of each member, all of the same photographs."""

    batches: tuple[ImageBatch, ...] = ()


class Ensemble:
    """A tagger for the flows. It has no encoder: each member has its own, and gets its own batch.

    An ANP's probability is the mean of what the members say, over all ANPs that one of them tags. A member that can
    score is asked about those that it did not tag; for another they have the probability 0.
    """

    def __init__(self, members: Sequence[Tagger], labels: Sequence[str] = ()) -> None:
        """`labels`: how errors name the members, such as ``The tagger 'softmax'``."""
        self.encoder: Encoder | None = None
        self.members = tuple(members)
        self._labels = tuple(labels) or ("A tagger of the ensemble",) * len(self.members)

    def to(self, device: str) -> None:
        """Move all members to a torch device."""
        for member in self.members:
            member.to(device)

    def tag(self, batch: Any, top_k: int) -> list[list[Tag] | ImageFailure]:
        """See `Tagger`; `batch` is an `EnsembleBatch`. An ANP keeps the attention of the member that is surest of it.

        An image that one member cannot tag has failed. Raises UsageError if a member gives no probabilities, and
        PluginError if it breaks its contract.
        """
        failures: dict[int, ImageFailure] = {}
        found = [
            _by_anp(label, member.tag(own, top_k), len(batch), top_k, failures)
            for label, member, own in zip(self._labels, self.members, batch.batches, strict=True)
        ]
        unions = [list(dict.fromkeys(anp for tags in image for anp in tags)) for image in zip(*found, strict=True)]
        for label, member, own, said in zip(self._labels, self.members, batch.batches, found, strict=True):
            if isinstance(member, ScoringTagger):
                _ask_for_the_rest(label, member, own, said, unions)
        return [
            failures.get(index) or _mean(union, image, len(self.members))[:top_k]
            for index, (union, image) in enumerate(zip(unions, zip(*found, strict=True), strict=True))
        ]


class ScoringEnsemble(Ensemble):
    """An ensemble all of whose members can score."""

    def scorer(self, batch: Any) -> Scorer:
        """See `ScoringTagger`; `batch` is an `EnsembleBatch`."""
        return EnsembleScorer(
            [
                CheckedScorer(label, member.scorer(own))
                for label, member, own in zip(self._labels, self.members, batch.batches, strict=True)
                if isinstance(member, ScoringTagger)
            ]
        )


def ensemble_of(members: Sequence[Tagger], labels: Sequence[str] = ()) -> Ensemble:
    """The ensemble of `members`, named by `labels` in errors; it can score where all of them can."""
    scoring = all(isinstance(member, ScoringTagger) for member in members)
    return ScoringEnsemble(members, labels) if scoring else Ensemble(members, labels)


class EnsembleScorer:
    """See `Scorer`: the means of what the scorers say."""

    def __init__(self, scorers: Sequence[Scorer]) -> None:
        self._scorers = scorers

    def score(self, anps: Sequence[Sequence[ANP]]) -> list[list[float]]:
        """See `Scorer`: the logarithm of the mean probability."""
        said = [scorer.score(anps) for scorer in self._scorers]
        return [[_log_mean(values) for values in zip(*image, strict=True)] for image in zip(*said, strict=True)]

    def adjectives(self, nouns: Sequence[Sequence[str]]) -> list[list[list[Tag]]]:
        """See `Scorer`: the mean of P(adjective | noun, image) over the scorers that know the noun."""
        said = [scorer.adjectives(nouns) for scorer in self._scorers]
        return [[_mean_of_knowing(tags) for tags in zip(*image, strict=True)] for image in zip(*said, strict=True)]


def _by_anp(
    label: str, answer: object, images: int, top_k: int, failures: dict[int, ImageFailure]
) -> list[dict[ANP, Tag]]:
    """A member's tags of each image by ANP; the images that it could not tag go to `failures`."""
    found = []
    for index, tags in enumerate(checked_tags(label, answer, images, top_k)):
        if isinstance(tags, ImageFailure):
            failures[index] = tags
            tags = []
        if any(tag.probability is None for tag in tags):
            raise UsageError(f"{label} gives ranks and no probabilities, so there is nothing to average: leave it out.")
        found.append({tag.anp: tag for tag in tags})
    return found


def _ask_for_the_rest(
    label: str,
    member: ScoringTagger,
    batch: ImageBatch,
    said: Sequence[dict[ANP, Tag]],
    unions: Sequence[Sequence[ANP]],
) -> None:
    """Add to what a member `said` of each image its own probability of all other ANPs of the union."""
    missing = [[anp for anp in union if anp not in tags] for union, tags in zip(unions, said, strict=True)]
    if not any(missing):
        return
    scorer = CheckedScorer(label, member.scorer(batch))
    for tags, anps, scores in zip(said, missing, scorer.score(missing), strict=True):
        tags.update({anp: Tag(anp, 1.0 if score > 0 else exp(score)) for anp, score in zip(anps, scores, strict=True)})


def _mean(anps: Sequence[ANP], said: Sequence[dict[ANP, Tag]], members: int) -> list[Tag]:
    """The tags of an image with their mean probabilities, best first; equals keep the order of `anps`."""
    averaged = []
    for anp in anps:
        tags = sorted((tags[anp] for tags in said if anp in tags), key=lambda tag: -(tag.probability or 0.0))
        attention = next((tag.attention for tag in tags if tag.attention is not None), None)
        averaged.append(Tag(anp, sum(tag.probability or 0.0 for tag in tags) / members, attention))
    return sorted(averaged, key=lambda tag: -(tag.probability or 0.0))


def _mean_of_knowing(ranked: Sequence[Sequence[Tag]]) -> list[Tag]:
    """The tags of a noun, averaged over the members that have any."""
    knowing = [{tag.anp: tag for tag in tags} for tags in ranked if tags]
    return _mean(list(dict.fromkeys(anp for tags in knowing for anp in tags)), knowing, len(knowing))


def _log_mean(logarithms: Sequence[float]) -> float:
    """The logarithm of the mean of what they are logarithms of."""
    largest = max(logarithms)
    if largest == -inf:
        return -inf
    return largest + log(sum(exp(one - largest) for one in logarithms) / len(logarithms))
