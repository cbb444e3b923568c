"""Runs the steps of a plan, each in a process of its own, and skips those that are finished."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ..errors import SentikitError
from ..io.files import read_text, readable_os_errors
from ..io.locks import locked
from ..io.paths import shown
from .plan import Plan, StepRun
from .record import identity, log_path, read_record, record_path, remove_made, state, write_record

_GRACE = 120.0
"""Seconds that an interrupted step has to save what it can."""


def run_plan(
    plan: Plan,
    say: Callable[[str], None],
    *,
    only: str | None = None,
    before: Sequence[str] = (),
) -> None:
    """Run the steps that are not finished, in order.

    only: the one step to run. before: arguments of `sentikit` that stand before each step's.
    Raises SentikitError where an input is missing, a step fails or another run writes into the folder;
    KeyboardInterrupt passes once the step has stopped.
    """
    output = plan.choices.output
    runs = [run for run in plan.runs if only in (None, run.step.name)]
    plan.check_inputs(runs)
    with readable_os_errors("make", output):
        output.mkdir(parents=True, exist_ok=True)
    with locked(output):
        for number, run in enumerate(runs, 1):
            place = f"[{number}/{len(runs)}] {run.name}"
            known = identity(run)
            found = state(output, run, known)
            if found == "done":
                say(f"{place}: done before")
                continue
            _check_reads(run)
            say(f"{place}: sentikit {shlex.join(run.arguments)}")
            with _told_to_stop():
                seconds = _run(output, run, known, before, going_on=found == "begun")
            say(f"{place}: done in {seconds:.0f} s")


def _check_reads(run: StepRun) -> None:
    for path in run.reads:
        if not path.exists():
            raise SentikitError(
                f"The step {run.name} reads {shown(path)}, which is not there: run the steps before it, too."
            )


def _run(output: Path, run: StepRun, known: dict[str, Any], before: Sequence[str], *, going_on: bool) -> float:
    """Run it and keep a record; the seconds it took, those before it was interrupted too."""
    record = record_path(output, run)
    with readable_os_errors("make", record.parent):
        for folder in (record.parent, *(path.parent for path in run.makes.values())):
            folder.mkdir(parents=True, exist_ok=True)
    earlier = float(read_record(output, run).get("seconds", 0)) if going_on else 0.0
    if not going_on:
        remove_made(run)
    write_record(output, run, known | {"finished": False, "seconds": earlier})
    arguments = [*before, *run.arguments, *(run.resume or () if going_on else ())]
    start = time.monotonic()
    log = log_path(output, run)
    try:
        with readable_os_errors("write", log), log.open("ab" if going_on else "wb") as handle:
            code = _sentikit(arguments, handle.fileno())
    finally:
        seconds = earlier + time.monotonic() - start
        write_record(output, run, known | {"finished": False, "seconds": round(seconds, 1)})
    if code:
        raise SentikitError(f"The step {run.name} failed with {code}; {_last_line(log)}")
    for name, path in run.makes.items():
        if not path.exists():
            raise SentikitError(f"The step {run.name} did not make {name}, which should be {shown(path)}.")
    write_record(output, run, known | {"finished": True, "seconds": round(seconds, 1)})
    return seconds


def _sentikit(arguments: Sequence[str], log: int) -> int:
    """The exit code. Ctrl-C reaches the step once, from here, and is passed on when it has stopped."""
    command = [sys.executable, "-m", "sentikit", *arguments]
    child = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, env=_environment()
    )
    try:
        return child.wait()
    except KeyboardInterrupt:
        child.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            child.wait(_GRACE)
        raise
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()


@contextmanager
def _told_to_stop() -> Iterator[None]:
    """Inside, a request to end is as Ctrl-C, so that no step is left running on its own."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {name: signal.signal(getattr(signal, name), signal.default_int_handler) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)


def _environment() -> Mapping[str, str]:
    return os.environ | {"PYTHONUNBUFFERED": "1", "COLUMNS": "120"}


def _last_line(log: Path) -> str:
    lines = [line for line in read_text(log).splitlines() if line.strip()]
    return f"its last word, in {shown(log)}: {lines[-1]}" if lines else f"it said nothing in {shown(log)}."
