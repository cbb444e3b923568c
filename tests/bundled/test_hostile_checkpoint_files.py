"""Checkpoints that lie about their sizes, or are made to fill the memory: refused in a sentence."""

from __future__ import annotations

import io
import json
import os
import pickle
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from support.hostile_checkpoints import (  # noqa: E402
    HELD,
    STORAGE,
    TENSOR,
    checkpoint,
    in_a_row,
    refusal,
    state_dict,
    text,
    zipped,
)
from support.tutorial_models import WORD_MAP  # noqa: E402


@pytest.fixture(autouse=True)
def _in_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("words.json").write_text(json.dumps(WORD_MAP), "utf-8")


LIES = {
    "a storage that is not there": (TENSOR % b"K\0", {}, "the storage 0 has none of its 16 bytes"),
    "a shorter storage": (TENSOR % b"K\0", {"0": b"1234"}, "the storage 0 has 4 of its 16 bytes"),
    "a longer storage": (TENSOR % b"K\0", {"0": bytes(20)}, "the storage 0 has 20 of its 16 bytes"),
    "a view past the end": (TENSOR % b"K\1", {"0": bytes(16)}, "is larger than what is stored"),
    "a view far past the end": (TENSOR % b"J\xff\xff\xff\x7f", {"0": bytes(16)}, "is larger than what is stored"),
    "a view before the start": (TENSOR % b"J\xff\xff\xff\xff", {"0": bytes(16)}, "with arguments that it does not"),
    "a view of everything again and again": (
        (TENSOR % b"K\0").replace(b"(K\x02K\x02t(K\x02K\x01t", b"(J\xff\xff\xff\x7fK\x02t(K\x00K\x00t"),
        {"0": bytes(16)}, "is larger than what is stored"),
    "an empty tensor": (
        (TENSOR % b"K\0").replace(b"(K\x02K\x02t", b"(K\x00K\x02t"), {"0": bytes(16)}, "is empty"),
    "two sizes": (b"(" + STORAGE + b"K\x04tQ" + STORAGE + b"K\x05tQt", {}, "states two sizes of the storage 0"),
}  # fmt: skip


@pytest.mark.parametrize("what", LIES)
def test_storages_that_are_not_as_large_as_stated(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    tensor, storages, sentence = LIES[what]
    zipped(Path("bad.pth.tar"), checkpoint(state_dict(tensor)), storages)
    assert sentence in refusal(capsys)


def number(count: int) -> bytes:
    return struct.pack("<q", count)


@pytest.mark.parametrize(
    ("keys", "storages", "sentence"),
    [
        ([], b"", "lacks the storage 0"),
        (["0"], b"", "has not the 4 numbers it states"),
        (["0"], number(4) + bytes(12), "has not the 4 numbers it states"),
        (["0"], number(2**40), "has not the 4 numbers it states"),
        (["0", "0"], number(4) + bytes(16), "belongs to nothing"),
        (["7"], number(4) + bytes(16), "belongs to nothing"),
    ],
)
def test_storages_in_a_row_that_are_not_as_large_as_stated(
    keys: list[str], storages: bytes, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    in_a_row(Path("bad.pth.tar"), checkpoint(state_dict(TENSOR % b"K\0")), keys, storages)
    assert sentence in refusal(capsys)


def nested_modules(levels: int, each: int) -> bytes:
    """A module that holds a module `each` times that holds ...: small as a pickle, and huge for whoever walks it."""
    inner = HELD + b"}b"
    for _ in range(levels):
        again = b"".join(text(f"b{index}") + b"h\x02" for index in range(each - 1))
        inner = HELD + b"}" + text("_modules") + b"}(" + text("a") + inner + b"q\x02" + again + b"usb"
    return inner


@pytest.mark.parametrize(
    ("decoder", "sentence"),
    [
        (nested_modules(15, 9), "more than 20,000 parts"),
        (nested_modules(500, 1), "more than 16 levels of modules"),
        (b"cmodels\nEncoder\n)\x81q\x01}" + text("_modules") + b"}" + text("a") + b"h\x01ssb", "more than 16 levels"),
        (HELD + b"}" + text("_modules") + text("x") + b"sb", "_modules of its models.Encoder is not a dictionary"),
        (HELD + b"}" + text("_parameters") + b"}" + text("x") + b"K\1ssb", "x is not a tensor"),
        (HELD + b"}" + text("_modules") + b"}" + text("x") + b"K\1ssb", "x is not a module"),
        (b"K\1", "its decoder is neither a module nor a state_dict"),
    ],
)
def test_modules_that_are_none(decoder: bytes, sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    zipped(Path("bad.pth.tar"), checkpoint(decoder))
    assert sentence in refusal(capsys)


def test_a_deep_pickle_takes_no_recursion(capsys: pytest.CaptureFixture[str]) -> None:
    zipped(Path("bad.pth.tar"), checkpoint(b")" + b"\x85" * 60_000))
    assert "neither a module nor a state_dict" in refusal(capsys)


def test_a_memo_of_a_huge_index_takes_no_memory(capsys: pytest.CaptureFixture[str]) -> None:
    zipped(Path("bad.pth.tar"), checkpoint(b"Nr\xff\xff\xff\xff"))
    assert "neither a module nor a state_dict" in refusal(capsys)


def compressed(path: Path) -> None:
    zipped(path, checkpoint(state_dict(TENSOR % b"K\0")), {"0": bytes(50_000_000)}, compression=zipfile.ZIP_DEFLATED)


def overlapping(path: Path) -> None:
    """A thousand entries that are one: each claims the bytes of the first."""
    zipped(path, b"x" * 10_000, {str(key): b"" for key in range(1000)})
    data = path.read_bytes()
    at, directory = 0, data[data.index(b"PK\x01\x02") :]
    changed = bytearray(data)
    start = len(data) - len(directory)
    while (at := data.find(b"PK\x01\x02", start)) >= 0:
        changed[at + 20 : at + 28] = struct.pack("<II", 10_000, 10_000)
        changed[at + 42 : at + 46] = struct.pack("<I", 0)
        start = at + 4
    path.write_bytes(changed)


def twice_the_same(path: Path) -> None:
    zipped(path, checkpoint(b"N"))
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("archive/data.pkl", checkpoint(b"N"))


def cut(path: Path) -> None:
    zipped(path, checkpoint(b"N"))
    path.write_bytes(path.read_bytes()[:-30])


def changed(path: Path) -> None:
    zipped(path, checkpoint(b"N"))
    path.write_bytes(path.read_bytes().replace(b"decoder", b"encoder", 1))


def another_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "x")


def big_endian(path: Path) -> None:
    zipped(path, checkpoint(b"N"))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("archive/byteorder", "big")


def tar(path: Path) -> None:
    with tarfile.open(path, "w") as archive:
        archive.addfile(tarfile.TarInfo("sys_info"), io.BytesIO())


CONTAINERS: dict[Callable[[Path], Any], str] = {
    compressed: "is compressed or encrypted",
    overlapping: "claims to hold more than its own",
    twice_the_same: "two files of the same name",
    cut: "is a damaged zip archive",
    changed: "is a damaged zip archive",
    another_zip: "has no data.pkl",
    big_endian: "was saved on a big-endian machine",
    tar: "is a tar archive",
    lambda path: path.write_bytes(b""): "is not a file that torch.save wrote",
    lambda path: path.write_bytes(b"\x80\x02" + b"N" * 50): "is damaged",
    lambda path: path.write_bytes(pickle.dumps({"a": 1})): "is a pickle that torch.save did not write",
    lambda path: path.write_bytes(pickle.dumps(os.system)): "system",
    lambda path: path.write_text("hello", "utf-8"): "is not a file that torch.save wrote",
}


@pytest.mark.parametrize("make", CONTAINERS)
def test_files_that_are_no_sound_archive(make: Callable[[Path], Any], capsys: pytest.CaptureFixture[str]) -> None:
    make(Path("bad.pth.tar"))
    assert CONTAINERS[make] in refusal(capsys)
