"""Reads the constants of a frozen TensorFlow graph (a GraphDef protocol buffer), without TensorFlow.

Only what such a file needs is understood: nodes, their constants of 32-bit floats and the shapes of these.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_FLOAT = 1
_Value = Any


def float_constants(path: Path) -> dict[str, NDArray[np.float32]]:
    """The constants of floats with at least one dimension, by their nodes' names."""
    found = {}
    for number, node in _fields(memoryview(path.read_bytes())):
        if number == 1:
            name, tensor = _constant(node)
            if tensor is not None:
                found[name] = tensor
    return found


def _constant(node: memoryview) -> tuple[str, NDArray[np.float32] | None]:
    """A node's name and, if it is a constant of floats, its array."""
    name = op = ""
    attributes: dict[str, memoryview] = {}
    for number, value in _fields(node):
        if number == 1:
            name = bytes(value).decode()
        elif number == 2:
            op = bytes(value).decode()
        elif number == 5:
            entry = dict(_fields(value))
            attributes[bytes(entry[1]).decode()] = entry.get(2, memoryview(b""))
    if op != "Const":
        return name, None
    return name, _array(dict(_fields(attributes["value"])).get(8, memoryview(b"")))


def _array(tensor: memoryview) -> NDArray[np.float32] | None:
    """A TensorProto as an array; None for one that is no array of floats."""
    kind, shape, content = 0, list[int](), memoryview(b"")
    for number, value in _fields(tensor):
        if number == 1:
            kind = value
        elif number == 2:
            shape = [int(dict(_fields(size)).get(1, 0)) for field, size in _fields(value) if field == 2]
        elif number == 4:
            content = value
    if kind != _FLOAT or not shape or not len(content):
        return None
    return np.frombuffer(content, "<f4").reshape(shape)


def _fields(message: memoryview) -> Iterator[tuple[int, _Value]]:
    """The fields of a message: number and value, a whole number or bytes."""
    place = 0
    while place < len(message):
        key, place = _whole_number(message, place)
        wire = key & 7
        if wire == 0:
            value, place = _whole_number(message, place)
            yield key >> 3, value
            continue
        if wire == 2:
            size, place = _whole_number(message, place)
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
        else:
            raise ValueError(f"wire type {wire} at byte {place}")
        yield key >> 3, message[place : place + size]
        place += size


def _whole_number(message: memoryview, place: int) -> tuple[int, int]:
    """A number of seven bits a byte, and the place behind it."""
    value = shift = 0
    while True:
        byte = message[place]
        place += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, place
