"""The errors a user can cause: each message is one plain sentence that says what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class SentikitError(Exception):
    """A failure the user can mend. The command line prints its message without a traceback and exits with 1."""


@contextmanager
def errors_name(source: str) -> Iterator[None]:
    """Inside, a SentikitError becomes one whose sentence begins with `source`, the file that is to blame."""
    try:
        yield
    except SentikitError as error:
        raise SentikitError(f"{source}: {error}") from None


class UsageError(SentikitError):
    """The command was asked for something that does not fit together. Exits with 2."""


class MissingExtraError(SentikitError):
    """An optional dependency is not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs the extra '{extra}': pip install 'sentikit-captions[{extra}]'.")


class PluginError(SentikitError):
    """A plugin could not be loaded, failed, or broke its contract."""
