"""Outputs are whole or not there at all, and errors of reading and writing are one sentence."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sentikit import SentikitError
from sentikit.io.files import atomic_write, check_output, read_text, restored_path, updated_path

posix = pytest.mark.skipif(os.name != "posix", reason="tests POSIX permissions, links, signals or limits")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "out.json").write_text("old")
    return tmp_path


def write(path: Path, text: str = "new", **options: object) -> None:
    with atomic_write(path, **options) as handle:  # type: ignore[arg-type]
        handle.write(text)


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_writes_utf8_with_plain_line_ends(tmp_path: Path) -> None:
    write(tmp_path / "a.json", "é\n")
    assert (tmp_path / "a.json").read_bytes() == b"\xc3\xa9\n"
    assert names(tmp_path) == ["a.json"]


@posix
def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write(tmp_path / "a.json")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.json").stat().st_mode) == 0o640


@posix
def test_a_replaced_file_keeps_its_permissions(folder: Path) -> None:
    (folder / "out.json").chmod(0o604)
    write(folder / "out.json", force=True)
    assert stat.S_IMODE((folder / "out.json").stat().st_mode) == 0o604
    assert (folder / "out.json").read_text() == "new"


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, ValueError, SentikitError])
def test_a_failing_block_leaves_no_trace(folder: Path, error: type[BaseException]) -> None:
    def fail() -> None:
        with atomic_write(folder / "out.json", force=True) as handle:
            handle.write("half" * 100_000)
            raise error("stop")

    with pytest.raises(error):
        fail()
    assert (folder / "out.json").read_text() == "old"
    assert names(folder) == ["out.json"]


def test_an_error_of_reading_inside_the_block_is_not_taken_for_one_of_writing(folder: Path) -> None:
    with pytest.raises(OSError, match="No such file"), atomic_write(folder / "new.json") as handle:
        handle.write((folder / "absent").read_text())
    assert names(folder) == ["out.json"]


def test_nothing_is_seen_of_the_file_before_the_block_ends(folder: Path) -> None:
    with atomic_write(folder / "out.json", force=True) as handle:
        handle.write("new" * 100_000)
        handle.flush()
        assert (folder / "out.json").read_text() == "old"
    assert (folder / "out.json").read_text() == "new" * 100_000


def test_refuses_a_file_that_exists(folder: Path) -> None:
    with pytest.raises(SentikitError, match=r"out\.json exists already: .*--force"):
        write(folder / "out.json")
    assert (folder / "out.json").read_text() == "old"


def test_refuses_a_file_that_appears_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "a.json"

    def race() -> None:
        with atomic_write(path) as handle:
            handle.write("ours")
            path.write_text("theirs")

    with pytest.raises(SentikitError, match="exists already"):
        race()
    assert path.read_text() == "theirs"
    assert names(tmp_path) == ["a.json"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("absent/a.json", "the folder .*absent does not exist; create it first"),
        ("out.json/a.json", "the folder .* does not exist"),
        (".", "it is a folder; name a file"),
        ("a" * 300, "its name is too long"),
    ],
)
def test_refuses_places_that_cannot_be(folder: Path, name: str, message: str) -> None:
    for refuse in (lambda: check_output(folder / name, force=True), lambda: write(folder / name, force=True)):
        with pytest.raises(SentikitError, match=message):
            refuse()


@posix
def test_refuses_devices_even_with_force() -> None:
    with pytest.raises(SentikitError, match="Cannot write /dev/null: it is not an ordinary file"):
        write(Path("/dev/null"), force=True)
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@posix
@pytest.mark.parametrize("link", ["itself", "symbolic", "hard", "roundabout"])
def test_refuses_an_output_that_is_an_input(folder: Path, link: str) -> None:
    source, output = folder / "out.json", folder / "link.json"
    if link == "symbolic":
        output.symlink_to(source)
    elif link == "hard":
        output.hardlink_to(source)
    elif link == "itself":
        output = source
    else:
        (folder / "inner").mkdir()
        output = folder / "inner" / ".." / "out.json"
    with pytest.raises(SentikitError, match="is also an input"):
        write(output, force=True, inputs=[source])
    assert source.read_text() == "old"


@posix
def test_writes_through_a_link(folder: Path) -> None:
    (folder / "link.json").symlink_to(folder / "out.json")
    (folder / "dangling.json").symlink_to("there.json")
    write(folder / "link.json", "through", force=True)
    write(folder / "dangling.json", "made")
    assert (folder / "link.json").is_symlink()
    assert (folder / "out.json").read_text() == "through"
    assert (folder / "there.json").read_text() == "made"


@pytest.fixture
def read_only_folder() -> Iterator[Path]:
    """A folder that the process may not write to; root gives up its rights for the test."""
    if os.name != "posix":
        pytest.skip("tests POSIX permissions")
    outer = Path(tempfile.mkdtemp())
    outer.chmod(0o755)
    folder = outer / "folder"
    folder.mkdir()
    (folder / "secret.json").write_text("{}")
    (folder / "secret.json").chmod(0)
    folder.chmod(0o555)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield folder
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(0o755)
        shutil.rmtree(outer)


def test_a_read_only_folder_is_one_sentence(read_only_folder: Path) -> None:
    for refuse in (check_output, write):
        with pytest.raises(SentikitError, match=r"Cannot write .*new\.json: its folder is not writable"):
            refuse(read_only_folder / "new.json")
    assert names(read_only_folder) == ["secret.json"]


def test_a_file_that_may_not_be_read_is_one_sentence(read_only_folder: Path) -> None:
    with pytest.raises(SentikitError, match=r"Cannot read .*secret\.json: permission denied; check its permissions"):
        read_text(read_only_folder / "secret.json")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_is_one_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = os.open

    def open_full(path: Path, flags: int, mode: int) -> int:
        return opened("/dev/full", os.O_WRONLY)

    monkeypatch.setattr(os, "open", open_full)
    for text in ("short", "long" * 1_000_000):  # the short one fails when it is flushed
        with pytest.raises(SentikitError, match=r"Cannot write .*out\.json: the disk is full"):
            write(folder / "out.json", text, force=True)
    assert (folder / "out.json").read_text() == "old"
    assert names(folder) == ["out.json"]


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_disk_that_fills_at_the_last_moment(folder: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, call, full)
    with pytest.raises(SentikitError, match="the disk is full"):
        write(folder / "out.json", force=True)
    assert (folder / "out.json").read_text() == "old"
    assert names(folder) == ["out.json"]


@posix
def test_a_limit_on_file_sizes_is_one_sentence(folder: Path) -> None:
    program = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "from pathlib import Path; from sentikit.io.files import atomic_write\n"
        "with atomic_write(Path(sys.argv[1]), force=True) as handle:\n"
        "    for _ in range(1000): handle.write('x' * 1000)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, folder / "out.json"], capture_output=True, text=True)
    assert "SentikitError: Cannot write" in done.stderr
    assert "larger than the file system allows" in done.stderr
    assert (folder / "out.json").read_text() == "old"
    assert names(folder) == ["out.json"]


@posix
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_process_leaves_the_old_file(folder: Path, end: signal.Signals) -> None:
    program = (
        "import signal, sys, time; from pathlib import Path; from sentikit.io.files import atomic_write\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell's background job has it ignored
        "with atomic_write(Path(sys.argv[1]), force=True) as handle:\n"
        "    handle.write('x' * 1_000_000); handle.flush(); print('writing', flush=True); time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, folder / "out.json"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"writing\n"
    process.send_signal(end)
    process.wait()
    process.stdout.close()
    assert (folder / "out.json").read_text() == "old"
    if end == signal.SIGINT:
        assert names(folder) == ["out.json"]
    write(folder / "out.json", force=True)  # what a kill leaves behind is in nobody's way
    assert (folder / "out.json").read_text() == "new"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("{}".encode("utf-16"), "it is UTF-16; save it as UTF-8"),
        ('{"a": 1}'.encode("utf-16-le"), "it is UTF-16; save it as UTF-8"),
        ('{"a": 1}'.encode("utf-32"), "it is UTF-32; save it as UTF-8"),
        ('{"é": 1}'.encode("latin-1"), r"it is not UTF-8 \(byte 2 is 0xe9\); save it as UTF-8"),
        ('{"é'.encode()[:-1], "cut off in the middle of a character, after byte 3"),
        (b"PK\x03\x04zip", "it is compressed; unpack it first"),
        (b"\x1f\x8bgzip", "it is compressed; unpack it first"),
    ],
)
def test_names_other_encodings(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "in.json").write_bytes(data)
    with pytest.raises(SentikitError, match=rf"^Cannot read .*in\.json: .*{message}"):
        read_text(tmp_path / "in.json")


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    (tmp_path / "in.json").write_bytes(b"\xef\xbb\xbf{}")
    assert read_text(tmp_path / "in.json") == "{}"


def test_names_what_is_no_file(folder: Path) -> None:
    for path, message in (
        (folder, "it is a folder, not a file"),
        (folder / "absent", "it does not exist"),
        (folder / "out.json" / "x", "a part of its path is not a folder"),
    ):
        with pytest.raises(SentikitError, match=message):
            read_text(path)


def test_default_outputs_stand_beside_the_input() -> None:
    assert updated_path(Path("a/captions.json")) == Path("a/captions.sentikit.json")
    assert updated_path(Path("captions")) == Path("captions.sentikit.json")
    assert restored_path(Path("a/captions.sentikit.json")) == Path("a/captions.restored.json")
    assert restored_path(Path("other.json")) == Path("other.restored.json")
