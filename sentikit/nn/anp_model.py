"""What models over a closed list of ANPs share: the list and the prior, in the model and in its pack."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from torch import nn

from ..anp import ANP
from .adjective_prior import AdjectivePrior

if TYPE_CHECKING:
    from torch import Tensor

    from ..plugin.batches import PackModel

_DOCUMENT = "anps"


class AnpModel(nn.Module):
    """A model over a closed list of ANPs. Its tags can be shrunk towards a prior; its scorer does without one.

    A scorer tells what the photograph adds: with a prior, every man of every caption would be smiling.
    """

    def __init__(self, anps: Sequence[ANP]) -> None:
        super().__init__()
        self.anps = tuple(anps)
        self.prior: AdjectivePrior | None = None

    @abstractmethod
    def shrunk_table(self, features: Tensor) -> Tensor:
        """log P(ANP) over the whole list ``(images, anps)``, as tags are: shrunk where there is a prior."""

    def shrink_towards(self, prior: AdjectivePrior) -> None:
        """Take `prior` from now on. Raises SentikitError where the model cannot."""
        self.prior = prior

    def documents(self) -> dict[str, Any]:
        """What a pack keeps of the list and of the prior, by the documents' names."""
        return {_DOCUMENT: [list(anp) for anp in self.anps]} | (self.prior.documents() if self.prior else {})

    def load(self, stored: PackModel) -> None:
        """Take the weights and the prior of a pack's model. Raises SentikitError where they do not fit."""
        stored.load_into(self)
        if prior := AdjectivePrior.of_model(self.anps, stored):
            self.shrink_towards(prior)


def stored_anps(stored: PackModel) -> list[ANP]:
    """The list of a pack's model that `AnpModel.documents` kept."""
    return [ANP(*pair) for pair in stored.documents[_DOCUMENT]]
