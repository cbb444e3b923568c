"""What models over a closed list of ANPs share: the list and the prior, in the model and in its pack."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from torch import nn

from ..anp import ANP
from ..errors import SentikitError
from ..formats.tags.entries import checked_anp
from ..io.messages import show
from .adjective_prior import AdjectivePrior

if TYPE_CHECKING:
    from torch import Tensor

    from ..plugin.batches import PackModel

_DOCUMENT = "anps"


class AnpModel(nn.Module):
    """A model over a closed list of ANPs. Its tags can be shrunk towards a prior; its scorer does without one.

    A scorer tells what the photograph adds: with a prior, every man of every caption would be smiling.
    """

    dim: int
    """How many numbers of each pixel it reads."""

    def __init__(self, anps: Sequence[ANP]) -> None:
        super().__init__()
        self.anps = tuple(anps)
        self.prior: AdjectivePrior | None = None

    @abstractmethod
    def shrunk_table(self, features: Tensor) -> Tensor:
        """log P(ANP) over the whole list ``(images, anps)``, as tags are: shrunk where there is a prior."""

    def with_anps(self, anps: Sequence[ANP]) -> AnpModel:
        """The same model with `anps` after those of its list, which it has yet to learn.

        Raises SentikitError where its list cannot grow.
        """
        raise SentikitError("The model of this pack cannot learn adjective-noun pairs that are not in its list.")

    def shrink_towards(self, prior: AdjectivePrior) -> None:
        """Take `prior` from now on. Raises SentikitError where the model cannot."""
        self.prior = prior

    def documents(self) -> dict[str, Any]:
        """What a pack keeps of the list and of the prior, by the documents' names."""
        return {_DOCUMENT: [list(anp) for anp in self.anps]} | (self.prior.documents() if self.prior else {})

    def take_prior(self, stored: PackModel) -> None:
        """Take the prior of a pack's model, if it has one. Raises SentikitError where it does not fit."""
        if prior := AdjectivePrior.of_model(self.anps, stored):
            self.shrink_towards(prior)


def stored_anps(stored: PackModel) -> list[ANP]:
    """The list of a pack's model that `AnpModel.documents` kept. Raises SentikitError where it is no list of ANPs."""
    source, pairs = stored.document_source(_DOCUMENT), stored.document(_DOCUMENT)
    if not isinstance(pairs, list) or not pairs:
        raise SentikitError(f"{source} is not a list of adjective-noun pairs.")
    anps: dict[ANP, None] = {}
    for pair in pairs:
        if not isinstance(pair, list) or len(pair) != 2:
            raise SentikitError(f"{source}: {show(pair)} is not an adjective and a noun.")
        try:
            anp = checked_anp(*pair)
        except ValueError as error:
            raise SentikitError(f"{source}: of {' '.join(map(show, pair))} {error}.") from None
        if anp in anps:
            raise SentikitError(f"{source}: {anp} is listed twice.")
        anps[anp] = None
    return list(anps)
