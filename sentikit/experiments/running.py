"""Runs the steps of a plan, each in a process of its own, and skips those that are finished."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import SentikitError
from ..io.files import readable_os_errors
from ..io.interpreters import python_command
from ..io.locks import locked
from ..io.paths import shown
from .outputs import check_outputs, check_run_outputs
from .plan import Plan, StepRun
from .record import (
    claim,
    identity,
    log_path,
    read_record,
    record_path,
    removable,
    remove,
    seconds_before,
    state,
    write_record,
)

_GRACE = 120.0
"""Seconds that an interrupted step has to save what it can."""
_END = 10_000
"""Bytes of a log in which its last line is looked for."""


class Outlook(NamedTuple):
    """What a run of a plan would do. state: done, begun or to do; removes: what is removed before it starts."""

    run: StepRun
    state: str
    removes: list[Path]


def outlook(plan: Plan, only: str | None = None) -> list[Outlook]:
    """What would be done, in order; nothing is changed. only: the one step to run.

    Raises SentikitError if a run would write or remove what is not this experiment's.
    """
    check_outputs(plan)
    changing: set[Path] = set()
    found = []
    for run in _chosen(plan, only):
        is_stale = not changing.isdisjoint(run.reads)
        now = "to do" if is_stale else state(plan.choices.output, run, identity(run))
        found.append(Outlook(run, now, removable(plan, run) if now == "to do" else []))
        if now != "done":
            changing.update(run.makes.values())
    return found


def run_plan(
    plan: Plan,
    say: Callable[[str], None],
    *,
    only: str | None = None,
    before: Sequence[str] = (),
) -> None:
    """Run the steps that are not finished, in order.

    only: the one step to run. before: arguments of `sentikit` that stand before each step's.
    Raises SentikitError if an input is missing, a step fails, another run writes into the folder, or a run would
    write or remove what is not this experiment's; KeyboardInterrupt passes once the step has stopped.
    """
    output = plan.choices.output
    runs = _chosen(plan, only)
    plan.check_inputs(runs)
    outlook(plan, only)
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
                seconds = _run(plan, run, known, before, going_on=found == "begun")
            say(f"{place}: done in {seconds:.0f} s")


def _chosen(plan: Plan, only: str | None) -> list[StepRun]:
    return [run for run in plan.runs if only in (None, run.step.name)]


def _check_reads(run: StepRun) -> None:
    for path in run.reads:
        if not os.path.exists(path):
            raise SentikitError(
                f"The step {run.name} reads {shown(path)}, which is not there: run the steps before it, too."
            )


def _run(plan: Plan, run: StepRun, known: dict[str, Any], before: Sequence[str], *, going_on: bool) -> float:
    """Run it and keep a record; the seconds it took, those before it was interrupted too."""
    output = plan.choices.output
    check_run_outputs(plan, run)  # once more, as the steps before it may have made links
    record = record_path(output, run)
    with readable_os_errors("make", record.parent):
        for folder in (record.parent, *(path.parent for path in run.makes.values())):
            folder.mkdir(parents=True, exist_ok=True)
    earlier = seconds_before(read_record(output, run)) if going_on else 0.0
    if not going_on:
        remove(removable(plan, run))
    known = claim(plan, run) | known
    write_record(output, run, known | {"finished": False, "seconds": earlier})
    arguments = [*before, *run.arguments, *(run.resume or () if going_on else ())]
    start = time.monotonic()
    log = log_path(output, run)
    try:
        with readable_os_errors("write", log):
            handle = log.open("ab" if going_on else "wb")
        with handle:
            code = _sentikit(arguments, handle.fileno())
    finally:
        seconds = earlier + time.monotonic() - start
        write_record(output, run, known | {"finished": False, "seconds": round(seconds, 1)})
    if code:
        raise SentikitError(f"The step {run.name} failed with {code}; {_last_line(log)}")
    for name, path in run.makes.items():
        if not os.path.exists(path):
            raise SentikitError(f"The step {run.name} did not make {name}, which should be {shown(path)}.")
    write_record(output, run, known | {"finished": True, "seconds": round(seconds, 1)})
    return seconds


def _sentikit(arguments: Sequence[str], log: int) -> int:
    """The exit code. Ctrl-C reaches the step once, from here, and is passed on when it has stopped."""
    command = python_command("-m", "sentikit", *arguments)
    try:
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, env=_environment()
        )
    except OSError as error:
        raise SentikitError(f"Cannot start {shlex.join(command[:5])} ...: {error.strerror or error}.") from error
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
    with readable_os_errors("read", log), log.open("rb") as handle:
        handle.seek(max(0, log.stat().st_size - _END))
        lines = [line for line in handle.read().decode("utf-8", "replace").splitlines() if line.strip()]
    return f"its last word, in {shown(log)}: {lines[-1]}" if lines else f"it said nothing in {shown(log)}."
