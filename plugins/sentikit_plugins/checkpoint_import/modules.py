"""The weights of a module that a checkpoint holds, by the names of its state_dict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sentikit import SentikitError

from .inert import Held, StoredTensor

if TYPE_CHECKING:
    from torch import Tensor

    from .torch_files import TorchFile

_DEEPEST = 16
_MOST = 20_000
"""Parts of a module: one may be there many times, as in a pickle that grows when it is walked."""
_WRAPPER = "module."
"""What DataParallel puts before every name."""


def stored_tensors(module: Any, what: str) -> dict[str, StoredTensor]:
    """The tensors of a module, or of a state_dict in its place.

    what: names it in errors. Raises SentikitError if it is neither.
    """
    if isinstance(module, dict) and module and all(isinstance(value, StoredTensor) for value in module.values()):
        found = {str(name): tensor for name, tensor in module.items()}
    elif isinstance(module, Held):
        found = {}
        for count, (name, tensor) in enumerate(_walk(module, "", 0, what)):
            if count > _MOST:
                raise SentikitError(f"{what} has more than {_MOST:,} parts, which is too many for such a model.")
            if tensor is not None:
                found[name] = tensor
    else:
        raise SentikitError(f"{what} is neither a module nor a state_dict.")
    if found and all(name.startswith(_WRAPPER) for name in found):
        return {name.removeprefix(_WRAPPER): tensor for name, tensor in found.items()}
    return found


def _walk(module: Held, prefix: str, depth: int, what: str) -> Iterator[tuple[str, StoredTensor | None]]:
    """The tensors in the order of a state_dict; a None for every module, so that they can be counted."""
    if depth > _DEEPEST:
        raise SentikitError(f"{what} has more than {_DEEPEST} levels of modules, which is too many for such a model.")
    yield prefix, None
    for group in ("_parameters", "_buffers"):
        for name, tensor in _part(module, group, what).items():
            if tensor is not None and not isinstance(tensor, StoredTensor):
                raise SentikitError(f"{what}: {prefix}{name} is not a tensor.")
            yield f"{prefix}{name}", tensor
    for name, child in _part(module, "_modules", what).items():
        if child is not None and not isinstance(child, Held):
            raise SentikitError(f"{what}: {prefix}{name} is not a module.")
        if child is not None:
            yield from _walk(child, f"{prefix}{name}.", depth + 1, what)


def _part(module: Held, group: str, what: str) -> Mapping[str, Any]:
    part = module.state.get(group, {})
    if not isinstance(part, dict) or not all(isinstance(name, str) and len(name) <= 100 for name in part):
        raise SentikitError(f"{what}: {group} of its {module.name} is not a dictionary of names.")
    return part


def read_tensors(file: TorchFile, stored: Mapping[str, StoredTensor], what: str) -> dict[str, Tensor]:
    """The tensors themselves, as float32 or int64. Raises SentikitError if one does not fit into its storage."""
    return {name: _read(file, tensor, f"{what}: {name}") for name, tensor in stored.items()}


def _read(file: TorchFile, stored: StoredTensor, what: str) -> Tensor:
    import torch

    count = 1
    last = stored.offset
    for size, stride in zip(stored.size, stored.stride, strict=True):
        count *= size
        last += (size - 1) * stride
    if count > stored.storage.count or (count and last >= stored.storage.count):
        raise SentikitError(f"{what} is larger than what is stored of it: the checkpoint is damaged. Get it again.")
    if not count:
        raise SentikitError(f"{what} is empty.")
    numbers = torch.frombuffer(bytearray(file.read(stored.storage)), dtype=getattr(torch, stored.storage.dtype))
    view = numbers.as_strided(stored.size, stored.stride, stored.offset)
    return view.to(torch.float32 if view.is_floating_point() else torch.int64, copy=True).contiguous()
