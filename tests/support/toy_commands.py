"""Runs commands with the toy models, here or as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sentikit import PackModel
from sentikit.cli import run
from sentikit.packs.writing import write_pack

SUPPORT = Path(__file__).parent
PLUGINS = ["--plugins-dir", str(SUPPORT / "toy_plugins")]


def toy_run(*arguments: str | Path) -> int:
    """The exit code of `sentikit` with the toy plugins."""
    return run([*PLUGINS, *map(str, arguments)])


def toy_process(*arguments: str | Path, **options: Any) -> subprocess.Popen[str]:
    """`sentikit` with the toy plugins, as a process; its outputs are pipes."""
    path = os.pathsep.join(filter(None, (str(SUPPORT.parent), os.environ.get("PYTHONPATH"))))
    return subprocess.Popen(
        [sys.executable, "-m", "sentikit", *PLUGINS, *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": path},
        text=True,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options,
    )


def stop_after_lines(process: subprocess.Popen[str], path: Path, lines: int, how: signal.Signals) -> tuple[int, str]:
    """Send a signal once the file has so many lines; the exit code and stderr."""
    deadline = time.monotonic() + 60
    while not path.exists() or path.read_bytes().count(b"\n") < lines:
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(how)
    _, errors = process.communicate(timeout=60)
    return process.returncode, errors


def json_lines(text: str) -> list[dict[str, Any]]:
    """The objects of JSON lines."""
    return [json.loads(line) for line in text.splitlines()]


def save_pack(folder: Path, kinds: Mapping[str, str], scores: Mapping[str, float] | None = None) -> Path:
    """A pack of models by name and kind, without an encoder and nearly without weights."""
    import torch

    models = {
        name: PackModel(kind, {}, {"weight": torch.zeros(1)}, scores=scores or {}) for name, kind in kinds.items()
    }
    write_pack(folder, models, None)
    return folder
