"""A table of a recipe's TOML, read key by key and checked."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NoReturn

from ..errors import SentikitError
from ..io.messages import show
from ..io.paths import shown

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_LONGEST_TEXT = 20_000
_TOO_LARGE = 1e100


class TableReader:
    """A table of the file, whose keys are taken one by one; what is left in the end is unknown."""

    def __init__(self, file: Path, place: str, values: Any) -> None:
        self.file, self.place = file, place
        self.values = dict(self.check(values, dict, place))

    def fail(self, what: str) -> NoReturn:
        """Raise SentikitError with the file and the end of a sentence."""
        raise SentikitError(f"{shown(self.file)}: {what}.")

    def check(self, value: Any, kind: type, place: str) -> Any:
        """The value, which must be of the kind: dict, list, str or float, which stands for all numbers."""
        names = {dict: "a table", list: "a list", str: "text", float: "a number below 1e100"}
        if isinstance(value, bool) or not isinstance(value, (int, float) if kind is float else kind):
            self.fail(f"{place} must be {names[kind]}, not {show(value)}")
        if isinstance(value, str) and "\0" in value:
            self.fail(f"{place} has a NUL character")
        if isinstance(value, str) and len(value) > _LONGEST_TEXT:
            self.fail(f"{place} has {len(value):,} characters, and may have {_LONGEST_TEXT:,}")
        if kind is float and not is_usable(value):
            self.fail(f"{place} must be {names[kind]}, not {show(value)}")
        return value

    def take(self, key: str, kind: type, default: Any = None, *, needed: bool = False) -> Any:
        """The value of a key, which is taken out."""
        if key not in self.values:
            return self.fail(f"{self.place} lacks {key!r}") if needed else default
        return self.check(self.values.pop(key), kind, f"{key!r} of {self.place}")

    def short(self, key: str, longest: int = 500) -> str:
        """A text that is needed, and is used often or in a picture."""
        text: str = self.take(key, str, needed=True)
        if len(text) > longest:
            self.fail(f"{key!r} of {self.place} has {len(text):,} characters, and may have {longest:,}")
        return text

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty where there is none."""
        return tuple(self.check(text, str, f"{key!r} of {self.place}") for text in self.take(key, list, []))

    def as_text(self, value: Any, place: str) -> str:
        """A text, a number or a truth, as the text that stands for it in command lines and paths."""
        if not isinstance(value, str | int | float) or (isinstance(value, int) and not is_usable(value)):
            self.fail(f"{place} must be text or a number, not {show(value)}")
        text: str = self.check(str(value), str, place)
        return text

    def words(self, key: str) -> dict[str, str]:
        """A table of texts and numbers, as texts."""
        found = self.take(key, dict, {})
        return {word: self.as_text(value, f"{word!r} in {key!r} of {self.place}") for word, value in found.items()}

    def tables(self, key: str) -> list[tuple[str, TableReader]]:
        """The named tables under `key`."""
        found = self.named(key)
        return [(name, TableReader(self.file, f"{key}.{name}", value)) for name, value in found.items()]

    def entries(self, key: str, what: str) -> list[TableReader]:
        """The tables of a list."""
        place = f"{what} of {self.place}"
        return [TableReader(self.file, place, entry) for entry in self.take(key, list, [])]

    def named(self, key: str) -> dict[str, Any]:
        """The table under `key`, whose keys must be names that placeholders can have."""
        found: dict[str, Any] = self.take(key, dict, {})
        for name in found:
            if not _NAME.fullmatch(name):
                self.fail(f"{show(name)} of {key!r} is not lower case with - and _")
        return found

    def done(self) -> None:
        """Raise SentikitError if keys are left."""
        if self.values:
            self.fail(f"{self.place} has the unknown key {show(min(self.values))}")


def is_usable(number: Any) -> bool:
    """Whether a number is not NaN, and not larger than anything that a table has a use for."""
    return bool(abs(number) < _TOO_LARGE)
