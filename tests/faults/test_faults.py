"""A short, seeded sample of `make faults`, and the faults that need two processes or a full disk."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.toy_commands import PLUGINS

from .fuzz import fuzz, samples
from .kills import kill_and_resume, scenarios
from .processes import preload, run_to_end, start, wait

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="it forks")


@pytest.fixture(scope="module", autouse=True)
def loaded() -> None:
    preload()


def test_killed_runs_continue_to_the_same_bytes(tmp_path: Path) -> None:
    tally = kill_and_resume(tmp_path, 12, seed=1, seconds=40)
    assert not tally.faults
    assert sum(tally.kills.values()) >= 3


def test_hostile_files_end_in_a_sentence(tmp_path: Path) -> None:
    found = fuzz(tmp_path, 800, seed=1, seconds=30)
    assert not found.faults
    assert sum(found.cases.values()) >= 50


def test_the_files_that_are_mutated_are_sound(tmp_path: Path) -> None:
    from .fuzz import _photo, _quiet

    (tmp_path / "a.png").write_bytes(_photo())
    for kind, (data, name, command) in samples(tmp_path).items():
        file = tmp_path / f"sound-{name}"
        file.write_bytes(data)
        code, errors = _quiet(command(file))
        assert code == 0 or kind == "resumed", f"{kind}: {errors}"


def test_two_runs_at_once_leave_one_sound_output(tmp_path: Path) -> None:
    for scenario in scenarios(tmp_path / "data"):
        whole, both = tmp_path / scenario.name, tmp_path / f"{scenario.name}-twice"
        whole.mkdir()
        both.mkdir()
        assert run_to_end(scenario.arguments(whole), tmp_path / "log").code == 0
        logs = [tmp_path / "log1", tmp_path / "log2"]
        runs = [start(scenario.arguments(both), log) for log in logs]
        ended = [wait(run, log) for run, log in zip(runs, logs, strict=True)]
        assert all(one.is_orderly for one in ended), ended
        assert 0 in [one.code for one in ended]
        assert scenario.results(both) == scenario.results(whole)


@pytest.mark.parametrize("limit", [0, 100, 5000])
def test_a_full_disk_is_a_sentence(tmp_path: Path, limit: int) -> None:
    for scenario in scenarios(tmp_path / "data"):
        folder = tmp_path / f"{scenario.name}"
        folder.mkdir()
        ended = run_to_end(scenario.arguments(folder), tmp_path / "log", file_limit=limit)
        assert ended.code == 1 or (ended.code == 0 and limit == 5000), (scenario.name, ended)
        assert ended.is_orderly, (scenario.name, ended)


def _worker_of(process: int) -> int | None:
    children = Path(f"/proc/{process}/task/{process}/children")
    found = children.read_text().split() if children.exists() else []
    return int(found[0]) if found else None


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="it looks for processes in /proc")
def test_a_killed_worker_is_replaced_and_workers_end_with_their_parent(tmp_path: Path) -> None:
    scenario = next(one for one in scenarios(tmp_path / "data") if one.name == "update-captions")
    for name in ("whole", "worker", "parent"):
        (tmp_path / name).mkdir()
    assert run_to_end(scenario.arguments(tmp_path / "whole"), tmp_path / "log").code == 0
    run = start(scenario.arguments(tmp_path / "worker"), tmp_path / "log")
    while (worker := _worker_of(run)) is None:
        time.sleep(0.002)
    os.kill(worker, signal.SIGKILL)
    ended = wait(run, tmp_path / "log")
    assert ended.code == 0, ended
    assert scenario.results(tmp_path / "worker") == scenario.results(tmp_path / "whole")

    run = start(scenario.arguments(tmp_path / "parent"), tmp_path / "log")
    while (worker := _worker_of(run)) is None:
        time.sleep(0.002)
    os.kill(run, signal.SIGKILL)
    os.waitpid(run, 0)
    deadline = time.monotonic() + 10
    while Path(f"/proc/{worker}").exists() and "State:\tZ" not in Path(f"/proc/{worker}/status").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("redirect", "codes"),
    [
        (">&-", {0}),
        ("2>&-", {0}),
        (">&- 2>&-", {0}),
        ("| head -c 1", {0}),
        (">/dev/full", {1}),
        ("2>/dev/full", {0, 1}),
    ],
)
def test_closed_and_full_streams(tmp_path: Path, redirect: str, codes: set[int]) -> None:
    (tmp_path / "c.json").write_text(
        '{"images": [{"id": 1}], "annotations": [{"id": 1, "image_id": 1, "caption": "a"}]}'
    )
    command = f"{sys.executable} -m sentikit check {tmp_path / 'c.json'} {redirect}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True)
    assert done.returncode in codes, done
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_a_narrow_terminal_takes_every_name(tmp_path: Path) -> None:
    path = tmp_path / "图像.json"
    path.write_text('{"images": [{"id": 1}], "annotations": [{"id": 1, "image_id": 1, "caption": "\\ud800 a 图"}]}')
    environment = os.environ | {"PYTHONIOENCODING": "cp1252"}
    for command in (["check", path], ["update-captions", path, "--tags", path], [*PLUGINS, "check", tmp_path / "无"]):
        words = [sys.executable, "-m", "sentikit", *map(str, command)]
        done = subprocess.run(words, capture_output=True, env=environment)
        assert done.returncode in (0, 1)
        assert b"Traceback" not in done.stderr
        assert b"Unexpected" not in done.stderr
    assert b"\\u65e0" in done.stderr


@pytest.mark.parametrize("kind", ["coco", "tags", "resumed", "ontology", "filter", "denylist", "recipe", "report"])
def test_a_pipe_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    (tmp_path / "a.png").write_bytes(b"")
    _, name, command = samples(tmp_path)[kind]
    os.mkfifo(tmp_path / name)
    ended = wait(start(command(tmp_path / name), tmp_path / "log"), tmp_path / "log", patience=20)
    assert ended.code in (1, 2), ended
    assert ended.is_orderly, ended
    assert "Error: " in ended.output
