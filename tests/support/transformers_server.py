"""`transformers serve`, a chat endpoint that nobody here wrote, with a tiny model on this machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PATIENCE = 120
"""Seconds until it must be there."""


@contextmanager
def transformers_server(model: Path, log: Path) -> Iterator[str]:
    """The address of a server that runs in the block. Skips the test if it is not installed."""
    pytest.importorskip("fastapi")
    pytest.importorskip("uvicorn")
    program = Path(sys.executable).with_name("transformers")
    if not program.exists():
        pytest.skip("there is no command 'transformers' beside Python")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(program), "serve", str(model), "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    with log.open("w") as out:
        server = subprocess.Popen(command, stdout=out, stderr=out, env={**os.environ, "HF_HUB_OFFLINE": "1"})
    try:
        _wait(server, f"http://127.0.0.1:{port}/health", log)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.terminate()
        server.wait(30)


def _wait(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=1) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"transformers serve did not start:\n{log.read_text()[-2000:]}")
