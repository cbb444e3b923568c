"""A reader of pickles that builds plain data and nothing else.

It does not use the pickle module. It walks the opcodes as the standard library's disassembler lists them and keeps
its own stack. A name becomes a `Name`, if it is on the list, and an object a `Held`: nothing is imported, called or
given attributes. What torch.save never writes is refused.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any, NamedTuple

from sentikit import SentikitError
from sentikit.io.messages import show

from .inert import Held, Name, Storage
from .names import known_name
from .rebuilding import REBUILD, Refused, kind_of, may_be_key, persistent

MOST_OPCODES = 2_000_000
_LONGEST_INT = 128
"""Bits of a whole number; the one that begins older files has 77."""
_MARK = object()
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_CONSTANTS: dict[str, Any] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_VALUES = {
    "BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8",
    "BINSTRING", "SHORT_BINSTRING",
}  # fmt: skip
_EMPTY: dict[str, Callable[[], Any]] = {"EMPTY_DICT": dict, "EMPTY_LIST": list, "EMPTY_TUPLE": tuple, "EMPTY_SET": list}


class Pickled(NamedTuple):
    """What a pickle holds."""

    content: Any
    """Plain values, `Name`, `Held` and `StoredTensor`."""
    storages: Mapping[str, Storage]
    """By their keys."""


def read_pickle(data: BytesIO, source: str) -> Pickled:
    """The pickle at the place of `data`, which is left behind it.

    source: names the file in errors. Raises SentikitError for whatever is not on the list or not well formed.
    """
    reader = _Reader()
    try:
        return Pickled(reader.read(data), reader.storages)
    except Refused as error:
        raise SentikitError(f"{source} {error} Nothing in it was run.") from None
    except (ValueError, IndexError, OverflowError, UnicodeError):
        raise SentikitError(f"{source} is damaged: it holds a pickle that is not well formed. Get it again.") from None


class _Reader:
    def __init__(self) -> None:
        self.storages: dict[str, Storage] = {}
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def read(self, data: BytesIO) -> Any:
        for number, (opcode, argument, _) in enumerate(pickletools.genops(data)):
            if number > MOST_OPCODES:
                raise Refused(f"has a pickle of more than {MOST_OPCODES:,} steps, which no such checkpoint needs.")
            if opcode.name == "STOP":
                break
            self._do(opcode.name, argument)
        value = self._pop()
        if self._stack:
            raise Refused("has a pickle that leaves values behind, which torch.save never does.")
        return value

    def _do(self, opcode: str, argument: Any) -> None:
        if opcode in _VALUES:
            self._push_value(argument)
        elif opcode in _CONSTANTS:
            self._stack.append(_CONSTANTS[opcode])
        elif opcode in _EMPTY:
            self._stack.append(_EMPTY[opcode]())
        elif opcode in _TUPLES:
            self._stack.append(tuple(reversed([self._pop() for _ in range(_TUPLES[opcode])])))
        elif (handler := _HANDLERS.get(opcode)) is not None:
            handler(self, argument)
        else:
            raise Refused(f"uses the pickle opcode {opcode}, which torch.save never writes.")

    def _pop(self) -> Any:
        value = self._stack.pop()
        if value is _MARK:
            raise ValueError("a mark in the place of a value")
        return value

    def _pop_to_mark(self) -> list[Any]:
        values: list[Any] = []
        while (value := self._stack.pop()) is not _MARK:
            values.append(value)
        return values[::-1]

    def _push_value(self, value: Any) -> None:
        if isinstance(value, int) and value.bit_length() > _LONGEST_INT:
            raise Refused(f"has a whole number of {value.bit_length():,} bits, which no such checkpoint needs.")
        self._stack.append(value)

    def _nothing(self, argument: Any) -> None:
        pass

    def _mark(self, argument: Any) -> None:
        self._stack.append(_MARK)

    def _tuple(self, argument: Any) -> None:
        self._stack.append(tuple(self._pop_to_mark()))

    def _put(self, index: int) -> None:
        self._memo[index] = self._top(object)

    def _memoize(self, argument: Any) -> None:
        self._memo[len(self._memo)] = self._top(object)

    def _get(self, index: int) -> None:
        if index not in self._memo:
            raise ValueError("a value that was never kept")
        self._stack.append(self._memo[index])

    def _append(self, argument: Any) -> None:
        value = self._pop()
        self._top(list).append(value)

    def _appends(self, argument: Any) -> None:
        values = self._pop_to_mark()
        self._top(list).extend(values)

    def _set_item(self, argument: Any) -> None:
        value, key = self._pop(), self._pop()
        self._set(self._top(dict), key, value)

    def _set_items(self, argument: Any) -> None:
        values = self._pop_to_mark()
        target = self._top(dict)
        for key, value in zip(values[::2], values[1::2], strict=True):
            self._set(target, key, value)

    @staticmethod
    def _set(target: dict[Any, Any], key: Any, value: Any) -> None:
        if not may_be_key(key):
            raise Refused(f"has a dictionary whose key is {kind_of(key)}, which no such checkpoint needs.")
        target[key] = value

    def _top(self, kind: type) -> Any:
        value = self._stack[-1]
        if value is _MARK or not isinstance(value, kind):
            raise Refused(f"changes {kind_of(value)} in a way that torch.save never does.")
        return value

    def _global(self, argument: str) -> None:
        module, _, name = argument.partition(" ")
        self._name(module, name)

    def _stack_global(self, argument: Any) -> None:
        name, module = self._pop(), self._pop()
        if not isinstance(name, str) or not isinstance(module, str):
            raise Refused("has a name that is not text.")
        self._name(module, name)

    def _name(self, module: str, name: str) -> None:
        known = known_name(module, name)
        if known is None:
            raise Refused(f"names {show(f'{module}.{name}')}, which is no part of such a checkpoint.")
        self._stack.append(known)

    def _persistent(self, argument: Any) -> None:
        found = persistent(self._pop())
        if isinstance(found, Storage):
            known = self.storages.setdefault(found.key, found)
            if (known.dtype, known.count) != (found.dtype, found.count):
                raise Refused(f"states two sizes of the storage {found.key}.")
            found = known
        self._stack.append(found)

    def _reduce(self, argument: Any) -> None:
        arguments, called = self._pop(), self._pop()
        if not isinstance(called, Name) or not isinstance(arguments, tuple):
            raise Refused(f"calls {kind_of(called)}, which is no part of such a checkpoint.")
        rebuild = REBUILD.get(called.role)
        if rebuild is None:
            raise Refused(f"calls {called}, which such a checkpoint only names.")
        made = rebuild(arguments)
        if made is None:
            raise Refused(f"calls {called} with arguments that it does not take.")
        self._stack.append(made)

    def _new_object(self, argument: Any) -> None:
        arguments, made = self._pop(), self._pop()
        if not isinstance(made, Name) or made.role not in ("class", "ordered-dict") or arguments != ():
            raise Refused(f"makes an object of {kind_of(made)} in a way that torch.save never does.")
        self._stack.append(Held(made) if made.role == "class" else {})

    def _build(self, argument: Any) -> None:
        state = self._pop()
        target = self._top((dict, Held))  # type: ignore[arg-type]
        if not isinstance(state, dict) or not all(isinstance(key, str) for key in state):
            raise Refused(f"gives {kind_of(target)} a state that is not a dictionary of names.")
        if isinstance(target, dict):  # an OrderedDict's attributes, such as a state_dict's versions: not needed
            return
        if target.built:
            raise Refused(f"gives {kind_of(target)} a state twice.")
        target.state, target.built = state, True


_HANDLERS: dict[str, Callable[[_Reader, Any], None]] = {
    "PROTO": _Reader._nothing,
    "FRAME": _Reader._nothing,
    "MARK": _Reader._mark,
    "TUPLE": _Reader._tuple,
    "BINPUT": _Reader._put,
    "LONG_BINPUT": _Reader._put,
    "MEMOIZE": _Reader._memoize,
    "BINGET": _Reader._get,
    "LONG_BINGET": _Reader._get,
    "APPEND": _Reader._append,
    "APPENDS": _Reader._appends,
    "ADDITEMS": _Reader._appends,
    "SETITEM": _Reader._set_item,
    "SETITEMS": _Reader._set_items,
    "GLOBAL": _Reader._global,
    "STACK_GLOBAL": _Reader._stack_global,
    "BINPERSID": _Reader._persistent,
    "REDUCE": _Reader._reduce,
    "NEWOBJ": _Reader._new_object,
    "BUILD": _Reader._build,
}
