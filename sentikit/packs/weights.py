"""Weights on disk: safetensors, half precision, and one sentence for everything that can be wrong with a file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ..errors import SentikitError
from .documents import check_size

if TYPE_CHECKING:
    from torch import Tensor, nn

M = TypeVar("M", bound="nn.Module")

LARGEST = 4 * 2**30
"""Bytes of a file of weights."""


def weights_bytes(tensors: Mapping[str, Tensor], half: bool = True) -> bytes:
    """A safetensors file of `tensors`: fp16 where numbers fit into it, the same bytes for the same numbers.

    half: False keeps the numbers as they are.
    Raises SentikitError where one of them holds NaN or infinity.
    """
    from safetensors.torch import save

    for name, tensor in tensors.items():
        _check_finite("The weights that were to be written", name, tensor)
    return save(
        {name: _half(tensor) if half else tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    )


def weights_hash(data: bytes) -> str:
    """What tells weights apart."""
    return hashlib.sha256(data).hexdigest()


def read_weights(path: Path) -> tuple[dict[str, Tensor], str]:
    """The tensors of a safetensors file, all of finite numbers, and its hash. Nothing in it is executed.

    Raises SentikitError where it is missing, too large, cut off, pickled or something else, or holds NaN or infinity.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    _check_file(path)
    try:
        data = path.read_bytes()
        _refuse_pickles(path, data[:9])
        tensors, hashed = load(data), weights_hash(data)
    except (OSError, SafetensorError, MemoryError) as error:
        raise _unreadable(path, error) from error
    for name, tensor in tensors.items():
        _check_finite(str(path), name, tensor)
    return tensors, hashed


def check_weights(path: Path) -> None:
    """Raises SentikitError where `read_weights` would, from the file's head and size; imports no torch."""
    from safetensors import SafetensorError, safe_open

    _check_file(path)
    try:
        with path.open("rb") as file:
            _refuse_pickles(path, file.read(9))
        with safe_open(path, framework="numpy"):
            pass
    except (OSError, SafetensorError) as error:
        raise _unreadable(path, error) from error


def load_weights(module: nn.Module, tensors: Mapping[str, Tensor], source: str) -> None:
    """Put `tensors` into `module`, none missing, none left over, each of the right shape.

    source: names them in errors. Raises SentikitError with the first tensor that does not fit.
    """
    check_shapes(module, tensors, source)
    module.load_state_dict(dict(tensors))


def build_with_weights(make: Callable[[], M], tensors: Mapping[str, Tensor], source: str) -> M:
    """The module that `make` builds, with `tensors` as its weights.

    It is built without memory first, so that settings that claim a larger model than there are weights for take none.
    Raises SentikitError as `load_weights` does.
    """
    import torch

    with torch.device("meta"):
        check_shapes(make(), tensors, source)
    module = make()
    load_weights(module, tensors, source)
    return module


def check_shapes(module: nn.Module, tensors: Mapping[str, Tensor], source: str) -> None:
    """Raises SentikitError where `load_weights` would, without loading anything; `module` may be on the meta device."""
    wanted = module.state_dict()
    if missing := [name for name in wanted if name not in tensors]:
        raise SentikitError(f"{source} lacks {_counted(missing)}: it does not belong to these settings.")
    if unexpected := [name for name in tensors if name not in wanted]:
        raise SentikitError(f"{source} has {_counted(unexpected)} too much: it does not belong to these settings.")
    for name, tensor in wanted.items():
        if tensor.shape != tensors[name].shape:
            raise SentikitError(
                f"{source}: the tensor {name!r} has the shape {tuple(tensors[name].shape)}, "
                f"where its settings need {tuple(tensor.shape)}."
            )


def _check_file(path: Path) -> None:
    if path.exists() and not path.is_file():
        raise SentikitError(f"Cannot read {path}: it is not a file.")
    check_size(path, LARGEST)


def _check_finite(source: str, name: str, tensor: Tensor) -> None:
    """Raises SentikitError where the tensor has a number that is none in float32, which models compute with."""
    if tensor.is_complex() or (tensor.is_floating_point() and tensor.element_size() < 2):
        raise SentikitError(f"{source}: the tensor {name!r} is of {tensor.dtype}, which no model is loaded from.")
    if tensor.is_floating_point() and tensor.numel():
        ends = tensor.detach().aminmax()
        if not (ends.min.float().isfinite() and ends.max.float().isfinite()):
            raise SentikitError(
                f"{source}: the tensor {name!r} holds numbers that are not finite (NaN or infinity), so the model is "
                "damaged: get it again, or train it again with a lower --lr."
            )


def _half(tensor: Tensor) -> Tensor:
    tensor = tensor.detach().cpu().contiguous()
    if not tensor.is_floating_point():
        return tensor
    half = tensor.half()
    return half if half.isfinite().all() else tensor.float()


def _refuse_pickles(path: Path, head: bytes) -> None:
    # a zip file is what torch.save writes; 0x80 begins a pickle, and a safetensors file whose header has 128 bytes
    if head[8:] != b"{" and (head[:4] == b"PK\x03\x04" or head[:1] == b"\x80"):
        raise SentikitError(
            f"{path} is a pickled PyTorch file, which could run code when it is read: use one in safetensors format."
        )


def _unreadable(path: Path, error: Exception) -> SentikitError:
    if isinstance(error, FileNotFoundError):
        return SentikitError(f"{path} is missing: get the pack again.")
    if isinstance(error, OSError):
        return SentikitError(f"Cannot read {path}: {error.strerror or error}.")
    if isinstance(error, MemoryError):
        return SentikitError(f"Cannot read {path}: it does not fit into this machine's memory.")
    return SentikitError(f"{path} is not a whole safetensors file ({error}): get it again.")


def _counted(names: list[str]) -> str:
    others = f" and {len(names) - 1} more tensors" if len(names) > 1 else ""
    return f"the tensor {names[0]!r}{others}"
