"""The code blocks of docs/python.md print what the page shows. SENTIKIT_UPDATE_DOCS=1 writes the outputs anew."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import logging
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.documents import section

import sentikit

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "python.md"
BLOCK = re.compile(r"```python\n(.*?)```\n(?:\n```text\n(.*?)```\n)?", re.DOTALL)
UPDATE = os.environ.get("SENTIKIT_UPDATE_DOCS") == "1"


@pytest.mark.slow
def test_the_blocks_print_what_the_page_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "examples" / "demo", tmp_path / "examples" / "demo")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    page = PAGE.read_text("utf-8")
    names: dict[str, Any] = {}

    def run(block: re.Match[str]) -> str:
        output = _run_file(block[1]) if block[1].startswith("# ") else _run_here(block[1], names)
        shown = f"\n```text\n{output}```\n" if output else ""
        return f"```python\n{block[1]}```\n{shown}"

    actual = BLOCK.sub(run, page)
    if UPDATE:
        PAGE.write_text(actual, "utf-8")
    assert UPDATE or actual == page


def _run_here(code: str, names: dict[str, Any]) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as output:
        exec(code, names)
    return output.getvalue()


def _run_file(code: str) -> str:
    path = Path(code.split("\n")[0].removeprefix("# "))
    path.write_text(code, "utf-8")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, env=environment, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_table_of_results_is_complete() -> None:
    rows = re.findall(r"^\| `(\w+)` \| .*? \| (.*?) \| (.*?) \|$", section("python.md", "## Results"), re.MULTILINE)
    assert {"CaptionResult", "TagResult", "RewriteResult", "UpdateResult"} <= {name for name, _, _ in rows}
    for name, attributes, methods in rows:
        made = getattr(sentikit, name)
        listed = set(re.findall(r"`(\w+)(?:\(\))?`", f"{attributes} {methods}"))
        fields = {field.name for field in dataclasses.fields(made)} if dataclasses.is_dataclass(made) else set()
        there = fields | {one for one in vars(made) if isinstance(vars(made)[one], property)} | set(dir(made))
        assert listed <= there, name
        public = {one for one in fields | {*vars(made)} if not one.startswith("_")} - {"of", "failed", "best"}
        assert name == "Description" or not public - listed - set(dir(tuple)), name


def test_every_argument_of_load_is_in_the_table() -> None:
    listed = re.findall(r"^\| (`.*?`) \|", section("python.md", "## Load"), re.MULTILINE)
    names = {name for cell in listed for name in re.findall(r"`(\w+)`", cell)}
    assert names == {field.name for field in dataclasses.fields(sentikit.Description)}
