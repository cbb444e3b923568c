"""The few things a loop needs of torch.distributed; without torchrun each is the plain thing."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from torch import Tensor

T = TypeVar("T")
_PATIENCE = timedelta(days=1)
"""How long the others wait while the leading process caches features or validates."""


@dataclass(frozen=True)
class World:
    """This process among those that torchrun started; alone: rank 0 of 1."""

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether this process validates, writes and talks."""
        return self.rank == 0

    def sums(self, *values: float) -> tuple[float, ...]:
        """The sum of each value over all processes."""
        if self.size == 1:
            return values
        from torch import distributed

        tensor = _tensor(values)
        distributed.all_reduce(tensor)
        return tuple(tensor.tolist())

    def union(self, items: Collection[T]) -> set[T]:
        """The items of all processes."""
        if self.size == 1:
            return set(items)
        from torch import distributed

        gathered: list[Any] = [None] * self.size
        distributed.all_gather_object(gathered, set(items))
        return set[T]().union(*gathered)

    def agree(self, value: float) -> float:
        """The leading process's `value`, in every process."""
        if self.size == 1:
            return value
        from torch import distributed

        tensor = _tensor([value])
        distributed.broadcast(tensor, src=0)
        return float(tensor.item())

    @contextmanager
    def in_turn(self) -> Iterator[None]:
        """The leading process goes through the block first; the others find what it left on the disk."""
        from torch import distributed

        if self.size > 1 and not self.leads:
            distributed.barrier()
        yield
        if self.size > 1 and self.leads:
            distributed.barrier()


@contextmanager
def world(device: str) -> Iterator[World]:
    """Join the processes that torchrun started, by its environment variables, and leave them at the end."""
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        yield World()
        return
    import torch
    from torch import distributed

    if device.startswith("cuda"):
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    distributed.init_process_group("nccl" if device.startswith("cuda") else "gloo", timeout=_PATIENCE)
    try:
        yield World(distributed.get_rank(), size)
    finally:
        distributed.destroy_process_group()


def leads() -> bool:
    """Whether this process may talk, also before `world`."""
    return os.environ.get("RANK", "0") == "0"


def _tensor(values: tuple[float, ...] | list[float]) -> Tensor:
    import torch
    from torch import distributed

    tensor = torch.tensor(values, dtype=torch.float64)
    return tensor.cuda() if distributed.get_backend() == "nccl" else tensor
