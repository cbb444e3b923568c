"""The module that is trained: the tuned part of the encoder and the task's model, with a moving average of both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

if TYPE_CHECKING:
    from torch import Tensor

    from ..plugin.interfaces import Task


class Learner(nn.Module):
    """From the frozen backbone's output to the loss. One forward pass, so that DDP can wrap it."""

    def __init__(self, tuned: nn.Module, model: nn.Module, task: Task) -> None:
        super().__init__()
        self.tuned = tuned
        self.model = model
        self._task = task

    def forward(self, inputs: Tensor | None, targets: Sequence[Any]) -> tuple[Tensor, int]:
        """The summed loss and the number of its terms; of no inputs, a zero that can be differentiated."""
        if inputs is None:
            trained = [parameter for parameter in self.parameters() if parameter.requires_grad]
            return torch.stack([parameter.sum() * 0 for parameter in trained]).sum(), 0
        if inputs.device.type == "cpu":  # the frozen part may have given bfloat16
            inputs = inputs.float()
        with torch.autocast("cpu", enabled=False):  # a processor's bfloat16 is slower in convolutions' gradients
            features = self.tuned(inputs)
        return self._task.loss(self.model, features, targets)

    def train_with(self, batch_norm: str) -> None:
        """Training mode, in which the encoder's batch norm keeps its statistics where `batch_norm` is "frozen"."""
        self.train()
        if batch_norm == "frozen":
            for module in self.tuned.modules():
                if isinstance(module, nn.modules.batchnorm._BatchNorm):
                    module.eval()


class MovingAverage:
    """An exponential moving average of a module's weights; early on it forgets faster, so that it can catch up."""

    def __init__(self, module: nn.Module, decay: float) -> None:
        self.decay = decay
        self.weights = {name: tensor.detach().clone() for name, tensor in module.state_dict().items()}

    def load(self, weights: Mapping[str, Tensor]) -> None:
        """Take the average from a checkpoint. Raises KeyError or RuntimeError where it does not fit."""
        for name, tensor in self.weights.items():
            tensor.copy_(weights[name])

    @torch.no_grad()
    def update(self, module: nn.Module, updates: int) -> None:
        """Take the weights in after the `updates`-th step."""
        decay = min(self.decay, (1 + updates) / (10 + updates))
        for name, tensor in module.state_dict().items():
            average = self.weights[name]
            if tensor.is_floating_point():
                average.lerp_(tensor, 1 - decay)
            else:
                average.copy_(tensor)

    @contextmanager
    def in_place_of(self, module: nn.Module) -> Iterator[None]:
        """Inside, `module` has the averaged weights."""
        own = {name: tensor.detach().clone() for name, tensor in module.state_dict().items()}
        module.load_state_dict(self.weights)
        try:
            yield
        finally:
            module.load_state_dict(own)
