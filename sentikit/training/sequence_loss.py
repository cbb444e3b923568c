"""The loss of an attention decoder: cross-entropy over the words, and the doubly stochastic term."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from ..nn.decoder import Prediction
from ..nn.soft_attention import doubly_stochastic_loss


def sequence_loss(prediction: Prediction, label_smoothing: float, alpha_c: float) -> tuple[Tensor, int]:
    """The loss summed over the words, and their number.

    alpha_c: the weight of the doubly stochastic term (Xu et al. 2015, section 4.2.1), in which a caption counts by its
    words, so that the losses of a batch's parts add up to that of the batch.
    """
    count = len(prediction.targets)
    loss = functional.cross_entropy(
        prediction.logits.float(), prediction.targets, reduction="sum", label_smoothing=label_smoothing
    )
    if alpha_c:
        loss = loss + alpha_c * count * doubly_stochastic_loss(prediction.attention.float(), prediction.mask)
    return loss, count
