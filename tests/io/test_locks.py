"""One run at a time on an output."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sentikit.errors import SentikitError
from sentikit.formats.tags import TagWriter
from sentikit.io.files import atomic_write
from sentikit.io.folders import whole_folder
from sentikit.io.locks import locked

_HOLD = """
import sys, time
from pathlib import Path
from sentikit.io.files import atomic_write
from sentikit.io.locks import locked
with locked(Path(sys.argv[1])), atomic_write(Path(sys.argv[2])) as file:
    file.write("half")
    file.flush()
    print("held", flush=True)
    time.sleep(60)
"""


def _held(output: Path, written: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", _HOLD, output, written], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_run_is_told_who_has_the_output(tmp_path: Path) -> None:
    process = _held(tmp_path / "tags.jsonl", tmp_path / "other")
    try:
        with pytest.raises(SentikitError) as refused, TagWriter(tmp_path / "tags.jsonl", {}):
            pass
        message = str(refused.value)
        assert message.startswith(f"{tmp_path}/tags.jsonl is in use by another run of sentikit: process {process.pid} ")
        assert "\n" not in message
        assert len(message) < 1000
    finally:
        process.kill()
        process.wait()


def test_a_killed_run_holds_nothing_and_its_temporary_file_goes(tmp_path: Path) -> None:
    output = tmp_path / "out.json"
    process = _held(output, output)
    before = list(tmp_path.glob(".sentikit-*.tmp"))
    assert len(before) == 1
    with atomic_write(output) as file:  # the other run lives: its file stays
        file.write("whole")
    assert list(tmp_path.glob(".sentikit-*.tmp")) == before
    process.send_signal(signal.SIGKILL)
    process.wait()
    (tmp_path / ".sentikit-of-someone-else.tmp").touch()
    with locked(output) as held, atomic_write(output, force=True) as file:
        assert held
        file.write("again")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".sentikit-of-someone-else.tmp", "out.json"]


def test_a_lock_leaves_no_file_and_can_be_taken_again(tmp_path: Path) -> None:
    for _ in range(2):
        with locked(tmp_path / ("x" * 250)), pytest.raises(SentikitError), locked(tmp_path / ("x" * 250)):
            pass
    assert not list(tmp_path.iterdir())


def test_a_link_is_the_same_output(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "file")
    with locked(tmp_path / "file"), pytest.raises(SentikitError, match="in use"), locked(tmp_path / "link"):
        pass


@pytest.mark.parametrize("code", [errno.EROFS, errno.ENOTSUP, errno.ENOLCK, errno.EIO])
def test_where_nothing_can_be_locked_the_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def fail(*arguments: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("fcntl.flock", fail)
    with locked(tmp_path / "out") as held:
        assert not held
    with TagWriter(tmp_path / "tags.jsonl", {}) as writer:
        writer.write(1, None, [])
    with whole_folder(tmp_path / "folder") as folder:
        (folder / "file").touch()
    assert (tmp_path / "folder" / "file").exists()


def test_a_file_system_without_flock_has_a_lock_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise OSError(errno.ENOSYS, "no flock")

    monkeypatch.setattr("fcntl.flock", fail)
    with locked(tmp_path / "out") as held:
        assert held
        with pytest.raises(SentikitError, match="another process"), locked(tmp_path / "out"):
            pass
    assert not list(tmp_path.iterdir())


def test_a_folder_that_a_killed_run_moved_aside_comes_back(tmp_path: Path) -> None:
    (tmp_path / ".report.0123abcd.old").mkdir()
    (tmp_path / ".report.0123abcd.old" / "page").touch()
    (tmp_path / ".report.0123abcd.new").mkdir()
    (tmp_path / ".report.mine.new").mkdir()
    with pytest.raises(RuntimeError), whole_folder(tmp_path / "report"):
        raise RuntimeError
    assert sorted(path.name for path in tmp_path.iterdir()) == [".report.mine.new", "report"]
    assert (tmp_path / "report" / "page").exists()


def test_a_file_that_is_deleted_meanwhile_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    path = tmp_path / "folder" / "tags.jsonl"
    writer = TagWriter(path, {})
    writer.write(1, None, [])
    for left in path.parent.iterdir():
        left.unlink()
    path.parent.rmdir()
    with pytest.raises(SentikitError, match="was deleted while"), writer:
        pass
