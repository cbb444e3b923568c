"""Weights on disk: safetensors, half precision, and one sentence for everything that can be wrong with a file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import SentikitError

if TYPE_CHECKING:
    from torch import Tensor, nn


def weights_bytes(tensors: Mapping[str, Tensor]) -> bytes:
    """A safetensors file of `tensors`: fp16 where numbers fit into it, the same bytes for the same numbers."""
    from safetensors.torch import save

    return save({name: _half(tensor) for name, tensor in tensors.items()})


def weights_hash(data: bytes) -> str:
    """What tells weights apart."""
    return hashlib.sha256(data).hexdigest()


def read_weights(path: Path) -> tuple[dict[str, Tensor], str]:
    """The tensors of a safetensors file, and its hash. Nothing in it is executed.

    Raises SentikitError where it is missing, cut off, pickled or something else.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        data = path.read_bytes()
        _refuse_pickles(path, data[:9])
        return load(data), weights_hash(data)
    except (OSError, SafetensorError) as error:
        raise _unreadable(path, error) from error


def check_weights(path: Path) -> None:
    """Raises SentikitError where `read_weights` would, from the file's head and size; imports no torch."""
    from safetensors import SafetensorError, safe_open

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
    module.load_state_dict(dict(tensors))


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
    return SentikitError(f"{path} is not a whole safetensors file ({error}): get it again.")


def _counted(names: list[str]) -> str:
    others = f" and {len(names) - 1} more tensors" if len(names) > 1 else ""
    return f"the tensor {names[0]!r}{others}"
