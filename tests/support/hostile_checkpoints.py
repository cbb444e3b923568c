"""Checkpoints put together by hand, byte for byte, and what must be true when one is refused."""

from __future__ import annotations

import os
import pickle
import struct
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from sentikit.cli import run

CANARY = "canary"
"""A file in the current folder that hostile code makes."""
TOUCH = f"open('{CANARY}', 'w').close()"
TENSOR = (
    b"ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK\x04tQ"
    b"%s(K\x02K\x02t(K\x02K\x01t\x89ccollections\nOrderedDict\n)RtR"
)


def text(value: str) -> bytes:
    """BINUNICODE."""
    return b"X" + struct.pack("<I", len(value.encode())) + value.encode()


def checkpoint(decoder: bytes, encoder: bytes = b"N") -> bytes:
    """A pickle of ``{"decoder": ..., "encoder": ...}``."""
    return b"\x80\x02}(" + text("decoder") + decoder + text("encoder") + encoder + b"u."


def call(module: str, name: str, *arguments: str) -> bytes:
    """GLOBAL, arguments, REDUCE."""
    return f"c{module}\n{name}\n(".encode() + b"".join(map(text, arguments)) + b"tR"


def zipped(path: Path, pickled: bytes, storages: dict[str, bytes] | None = None, **options: Any) -> None:
    with zipfile.ZipFile(path, "w", **options) as archive:
        archive.writestr("archive/data.pkl", pickled)
        for key, data in (storages or {}).items():
            archive.writestr(f"archive/data/{key}", data)
        archive.writestr("archive/version", b"3\n")


def in_a_row(path: Path, pickled: bytes, keys: list[str], *storages: bytes) -> None:
    """As torch.save wrote before 1.6."""
    parts = [pickle.dumps(value, 2) for value in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True})]
    path.write_bytes(b"".join([*parts, pickled, pickle.dumps(keys, 2), *storages]))


HELD = b"cmodels\nEncoder\n)\x81"
"""An object without a state."""
STORAGE = b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text("0") + text("cpu")
"""The beginning of a storage's persistent id."""


def state_dict(tensor: bytes, name: str = "fc.bias") -> bytes:
    return b"}(" + text(name) + tensor + b"u"


def refusal(capsys: pytest.CaptureFixture[str], file: str = "bad.pth.tar") -> str:
    """The sentence with which a file is refused. Nothing was run or written."""
    modules = set(sys.modules)
    before = {name: os.environ[name] for name in os.environ}
    assert run(["import-checkpoint", file, "--word-map", "words.json", "-o", "pack"]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert error.startswith("Error: bad.pth.tar")
    assert "Unexpected" not in error
    assert not Path(CANARY).exists()
    assert not Path("pack").exists()
    assert not {
        name for name in set(sys.modules) - modules if name.partition(".")[0] in ("models", "evil", "antigravity")
    }
    assert before == dict(os.environ)
    return error
