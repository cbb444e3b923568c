"""What a checkpoint's pickle may call, done by the reader itself: storages, tensors and dictionaries as plain data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .inert import Held, Name, Storage, StoredTensor
from .names import DTYPES


class Refused(Exception):
    """Why a pickle is not read: the end of a sentence that begins with the file's name."""


def persistent(value: Any) -> Storage | Name:
    """A storage, or the class of a module, which older files keep together with its source code."""
    match value:
        case ("storage", Name(role="storage") as kind, str() as key, str(), int() as count, *rest):
            if rest in ([], [None]) and key.isascii() and key.isalnum() and type(count) is int and count >= 0:
                return Storage(key, DTYPES[kind.name.removesuffix("Storage")], count)
        case ("module", Name(role="class") as made, str() | None, str() | None):
            return made
    raise Refused("has a persistent id that is neither a storage nor the class of a module.")


def _tensor(arguments: tuple[Any, ...]) -> StoredTensor | None:
    match arguments:
        case (Storage() as storage, int() as offset, tuple() as size, tuple() as stride, *_):
            whole = all(type(number) is int and number >= 0 for number in (offset, *size, *stride))
            if whole and len(size) == len(stride) <= 8:
                return StoredTensor(storage, offset, size, stride)
    return None


def _parameter(arguments: tuple[Any, ...]) -> StoredTensor | None:
    return arguments[0] if arguments and isinstance(arguments[0], StoredTensor) else None


def _ordered(arguments: tuple[Any, ...]) -> dict[Any, Any] | None:
    """OrderedDict() of Python 3, or OrderedDict([[key, value], ...]) of Python 2."""
    made: dict[Any, Any] = {}
    pairs = arguments[0] if len(arguments) == 1 else []
    if len(arguments) > 1 or not isinstance(pairs, list):
        return None
    for pair in pairs:
        if not isinstance(pair, list | tuple) or len(pair) != 2 or not may_be_key(pair[0]):
            return None
        made[pair[0]] = pair[1]
    return made


def _default_dict(arguments: tuple[Any, ...]) -> dict[Any, Any] | None:
    match arguments:
        case (Name(role="dict"),):
            return {}
    return None


def _set(arguments: tuple[Any, ...]) -> list[Any] | None:
    match arguments:
        case (list() as members,):
            return list(members)
    return None


REBUILD: dict[str, Callable[[tuple[Any, ...]], Any]] = {
    "tensor": _tensor,
    "parameter": _parameter,
    "ordered-dict": _ordered,
    "default-dict": _default_dict,
    "set": _set,
    "nothing": lambda arguments: {} if arguments == () else None,
}
"""By the role of a name: from the arguments to what is made of them; None if they are not what it takes."""


def may_be_key(value: Any) -> bool:
    """Not a tuple, which may take a deep recursion to hash, nor a number so long that many have the same hash."""
    return isinstance(value, str | StoredTensor) or (isinstance(value, int) and value.bit_length() < 61)


def kind_of(value: Any) -> str:
    """What a value is, in words; the value itself may be as large as the file."""
    if isinstance(value, Name):
        return str(value)
    if isinstance(value, Held):
        return f"an object of {value.name}"
    kinds = {dict: "a dictionary", list: "a list", tuple: "a tuple", str: "a text", int: "a number", float: "a number"}
    return kinds.get(type(value), "a value")
