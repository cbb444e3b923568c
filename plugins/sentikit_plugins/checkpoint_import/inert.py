"""What a checkpoint's pickle becomes: plain data that does nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Name:
    """A name on the allow-list. It is text: nothing is imported or called for it."""

    module: str
    name: str
    role: str
    """What the reader does with it; see `names.ROLES`."""

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(eq=False)
class Held:
    """The state of an object whose class is `name`."""

    name: Name
    state: dict[str, Any] = field(default_factory=dict)
    built: bool = False


@dataclass(frozen=True, eq=False)
class Storage:
    """Numbers that lie in the file, not read yet."""

    key: str
    dtype: str
    count: int


@dataclass(frozen=True, eq=False)
class StoredTensor:
    """A view of a storage, not read yet."""

    storage: Storage
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]
