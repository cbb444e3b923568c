"""Ctrl-C while a model trains: the step at hand is finished, so that what is saved is whole."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any


class Stopped(KeyboardInterrupt):
    """The run stops between two steps because the user asked for it."""


class Interruption:
    """Inside it, the first Ctrl-C sets `asked`; a second one, where the process is alone, interrupts at once.

    Processes that torchrun started get Ctrl-C from the terminal and once more from torchrun.
    """

    def __init__(self, alone: bool) -> None:
        self.asked = False
        self._alone = alone
        self._before: Any = None

    def __enter__(self) -> Interruption:
        if threading.current_thread() is threading.main_thread():  # signals reach no other
            self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.asked and self._alone:
            raise KeyboardInterrupt
        self.asked = True
