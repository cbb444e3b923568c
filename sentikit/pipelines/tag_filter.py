"""Which tags may be used: what the user asked for, and what no text should get. Plugins see only tags that passed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import exp, inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..affect.denylist import Denylist
from ..affect.ontology import Ontology, read_ontology
from ..affect.valence import adjective_valence, polarity
from ..anp import ANP, Tag
from ..errors import UsageError
from ..io.messages import count, show
from ..plugin.interfaces import Scorer

if TYPE_CHECKING:
    from ..formats.tags import ImageTags, TagFile


_MOST_TAGS = 10**9
"""Of an image: more than any has, and less than 64 bits hold."""
POLARITIES = ("positive", "negative", "any")


@dataclass(frozen=True)
class TagFilter:
    """Keeps the `top_k` best tags of an image (paper, section 4.1.2), and of these the ones that may be used.

    min_probability: leaves out what is less probable, and what has no probability.
    polarity: any, positive or negative; an ANP of unknown valence is only taken by any.
    denylist: sentikit's own by default.
    ontology: gives valences, and says which ANPs are not insertable.
    min_valence: leaves out what feels weaker than this, positive or negative, and what has no known valence.
    """

    top_k: int = 20
    min_probability: float | None = None
    polarity: str = "any"
    denylist: Denylist = field(default_factory=Denylist.load)
    ontology: Ontology | None = None
    min_valence: float | None = None
    _verdicts: dict[ANP, bool] = field(default_factory=dict, init=False, repr=False, compare=False)

    def apply(self, tags: Sequence[Tag]) -> list[Tag]:
        """The tags of an image that may be used, in their order; `tags` come best first."""
        return self._usable(tags[: self.top_k])

    def apply_to_all(self, tags: ImageTags) -> ImageTags:
        """What `apply` leaves of the tags of each image; each distinct ANP is judged once."""
        allowed = list(map(self.allows, tags.table.anps))
        return tags.of_table(tags.table.only(allowed, self.top_k, self.min_probability))

    def allows(self, anp: ANP) -> bool:
        """Whether polarity, denylist and ontology let `anp` pass."""
        verdict = self._verdicts.get(anp)
        if verdict is None:
            verdict = self._verdicts[anp] = self._judge(anp)
        return verdict

    def check(self, tag_file: TagFile) -> None:
        """Raises UsageError where probabilities are asked of a tag file that does not have them."""
        if self.min_probability is not None and tag_file.without_probability:
            raise UsageError(
                f"--min-probability needs a probability for every tag, and {tag_file.path} has "
                f"{count(tag_file.without_probability, 'tag')} without one: use --top-k, which goes by rank."
            )

    def to_json(self) -> dict[str, Any]:
        """The settings, as an updated file tells them."""
        return {
            "top_k": self.top_k,
            "min_probability": self.min_probability,
            "polarity": self.polarity,
            "denylist": self.denylist.name,
            "ontology": self.ontology and self.ontology.name,
            "min_valence": self.min_valence,
        }

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_verdicts": {}}

    def _usable(self, tags: Sequence[Tag]) -> list[Tag]:
        verdicts = self._verdicts
        try:
            allowed = [tag for tag in tags if verdicts[tag[0]]]
        except KeyError:  # an ANP that was not seen before: rare, in a dataset
            allowed = [tag for tag in tags if self.allows(tag.anp)]
        if self.min_probability is None:
            return allowed
        return [tag for tag in allowed if tag.probability is not None and tag.probability >= self.min_probability]

    def _judge(self, anp: ANP) -> bool:
        if not self._feels_as_asked(anp):
            return False
        if self.denylist.denies(anp, self.polarity):
            return False
        return self.ontology is None or self.ontology.insertable(anp)

    def _feels_as_asked(self, anp: ANP) -> bool:
        """Whether the valence of `anp` has the polarity and the strength that were asked for."""
        if self.polarity == "any" and self.min_valence is None:
            return True
        valence = self.ontology.valence(anp) if self.ontology else adjective_valence(anp.adjective)
        if self.polarity != "any" and polarity(valence) != self.polarity:
            return False
        return self.min_valence is None or (valence is not None and abs(valence) >= self.min_valence)


def make_tag_filter(
    top_k: int = 20,
    min_probability: float | None = None,
    polarity: str = "any",
    denylist: str | os.PathLike[str] | None = None,
    ontology: str | os.PathLike[str] | Ontology | None = None,
    min_valence: float | None = None,
) -> TagFilter:
    """The filter for the options of the same names, as the command line and the Python API take them.

    denylist: a file, "none" for no denylist, or None for the bundled one. ontology: a file, or one that was read.
    Raises SentikitError if a file cannot be read or a value makes no sense.
    """
    if polarity not in POLARITIES:
        raise UsageError(f"polarity is one of {', '.join(POLARITIES)}, not {polarity!r}.")
    if not 1 <= top_k <= _MOST_TAGS:
        raise UsageError(f"top_k is from 1 to {_MOST_TAGS:,}, not {show(top_k)}.")
    if min_probability is not None and not 0 <= min_probability <= 1:
        raise UsageError(f"min_probability is from 0 to 1, not {min_probability}.")
    if denylist == "":
        raise UsageError("denylist is empty: name a file, or none for no denylist.")
    if min_valence is not None and not 0 <= min_valence <= 1:
        raise UsageError(f"min_valence is from 0 to 1, not {min_valence}.")
    denied = Denylist.none() if denylist == "none" else Denylist.load(None if denylist is None else Path(denylist))
    known = ontology if ontology is None or isinstance(ontology, Ontology) else read_ontology(Path(ontology))
    return TagFilter(top_k, min_probability, polarity, denied, known, min_valence)


class _FilteredScorer:
    def __init__(self, scorer: Scorer, tag_filter: TagFilter, tags: Sequence[Sequence[Tag]]) -> None:
        self._scorer = scorer
        self._filter = tag_filter
        self._listed = [{tag.anp: tag.probability for tag in image} for image in tags]

    def score(self, anps: Sequence[Sequence[ANP]]) -> list[list[float]]:
        """See `Scorer`; ``-inf`` for what the filter leaves out."""
        return [
            [score if self._passes(row, anp, score) else -inf for anp, score in zip(wanted, scores, strict=True)]
            for row, (wanted, scores) in enumerate(zip(anps, self._scorer.score(anps), strict=True))
        ]

    def adjectives(self, nouns: Sequence[Sequence[str]]) -> list[list[list[Tag]]]:
        """See `Scorer`; without what the filter leaves out, so that the next best competes."""
        allowed = [
            [[tag for tag in tags if self._filter.allows(tag.anp)] for tags in image]
            for image in self._scorer.adjectives(nouns)
        ]
        if self._filter.min_probability is None:
            return allowed
        scores = self.score([[tag.anp for tags in image for tag in tags] for image in allowed])
        return [
            [[tag for tag in tags if next(left) > -inf] for tags in image]
            for image, left in zip(allowed, map(iter, scores), strict=True)
        ]

    def _passes(self, row: int, anp: ANP, score: float) -> bool:
        """Whether the filter lets the ANP pass for the image `row`, to which the scorer gives that log-probability."""
        if not self._filter.allows(anp):
            return False
        floor = self._filter.min_probability
        if floor is None:
            return True
        listed = self._listed[row].get(anp) if self._listed else None
        return (exp(min(score, 0.0)) if listed is None else listed) >= floor


def filtered_scorer(scorer: Scorer, tag_filter: TagFilter, tags: Sequence[Sequence[Tag]] = ()) -> Scorer:
    """`scorer` as a combiner sees it: the ANPs that `tag_filter` leaves out are impossible. Its top_k does not apply.

    tags: of each image, as the tagger gave them. `min_probability` is compared with the probability of an ANP's tag
        or, for an ANP without one, with that of the ANP according to the scorer; never with P(adjective | noun).
    The probabilities of what is left stay as they are; they are not renormalised.
    """
    return _FilteredScorer(scorer, tag_filter, tags)
