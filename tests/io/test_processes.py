"""Worker processes: they end at once with the run, and their work is done again if they are killed."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sentikit.errors import SentikitError
from sentikit.io.processes import map_in_processes

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="it sends signals")
_RUN = """
import sys
sys.path.insert(0, {folder!r})
import test_processes as mine
from sentikit.io.processes import map_in_processes
if __name__ == "__main__":
    for found in map_in_processes(mine.slow, [0, 0], 2, mine.started, (sys.argv[1],)):
        pass
"""


def started(folder: str) -> None:
    Path(folder, str(os.getpid())).touch()


def slow(item: int) -> int:
    time.sleep(60)
    return item


def killed_once(item: str) -> str:
    path = Path(item)
    if not path.exists():
        path.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return path.name


def killed_once_in_ten(item: str) -> str:
    return killed_once(item) if item.endswith("5") else Path(item).name


def killed_always(item: str) -> str:
    os.kill(os.getpid(), signal.SIGKILL)
    return item


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_nobody_waits_for_the_work_of_a_run_that_is_told_to_end(tmp_path: Path, how: signal.Signals) -> None:
    """However long an item takes, and with spawned workers, which hold one another's pipes."""
    script = tmp_path / "run.py"
    script.write_text(_RUN.format(folder=str(Path(__file__).parent)), "utf-8")
    marks = tmp_path / "marks"
    marks.mkdir()
    run = subprocess.Popen([sys.executable, str(script), str(marks)], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while len(list(marks.iterdir())) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(0.2)
    run.send_signal(how)
    run.wait(timeout=20)
    workers = [int(mark.name) for mark in marks.iterdir()]
    deadline = time.monotonic() + 20
    while any(map(_is_alive, workers)):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_what_a_killed_worker_had_is_done_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    items = [str(tmp_path / name) for name in "abc"]
    with caplog.at_level(logging.WARNING, "sentikit"):
        assert list(map_in_processes(killed_once, items, 2, print, (), "fork")) == ["a", "b", "c"]
    assert "A worker process was killed" in caplog.text


def test_a_stream_is_read_once_and_no_further_than_needed(tmp_path: Path) -> None:
    """Also when a worker is killed: what was read and not finished is kept for the next processes."""
    read: list[str] = []

    def stream() -> Iterator[str]:
        for number in range(40):
            read.append(str(tmp_path / f"{number:02}"))
            yield read[-1]

    results = map_in_processes(killed_once_in_ten, stream(), 2, print, (), "fork", prefetch=2)
    assert next(results) == "00"
    assert len(read) <= 6
    assert [*results] == [f"{number:02}" for number in range(1, 40)]
    assert len(read) == 40


def test_a_worker_that_is_always_killed_is_a_sentence() -> None:
    with pytest.raises(SentikitError, match=r"was killed 3 times in a row.*use fewer jobs\.$"):
        list(map_in_processes(killed_always, ["a"], 2, print, (), "fork"))
