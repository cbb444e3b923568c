"""The console blocks of the documents are what the commands print. SENTIKIT_UPDATE_DOCS=1 writes them anew."""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from sentikit.cli import run

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"```console\n\$ (sentikit .*)\n((?:.*\n)*?)```\n")
UPDATE = os.environ.get("SENTIKIT_UPDATE_DOCS") == "1"


@pytest.mark.slow
@pytest.mark.parametrize("document", ["commands.md"])
def test_console_blocks(document: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples" / "demo", tmp_path / "examples" / "demo")
    _make_photos(tmp_path / "photos")
    path = ROOT / "docs" / document
    text = path.read_text("utf-8")
    assert BLOCK.search(text)

    def block(match: re.Match[str]) -> str:
        return f"```console\n$ {match[1]}\n{_output(match[1], tmp_path)}```\n"

    actual = BLOCK.sub(block, text)
    if UPDATE:
        path.write_text(actual, "utf-8")
    assert UPDATE or _without_times(actual) == _without_times(text)


def _make_photos(folder: Path) -> None:
    """The demo's photographs as a folder of classes: ten of cats, four of rockets, the last of which is cut off."""
    demo = ROOT / "examples" / "demo" / "images"
    for name, photo, copies in (("cute_cat", "chelsea.jpg", 10), ("mighty_rocket", "rocket.jpg", 4)):
        (folder / name).mkdir(parents=True)
        for number in range(1, copies + 1):
            shutil.copy(demo / photo, folder / name / f"{number}.jpg")
    shutil.copytree(folder / "cute_cat", folder / "cats")
    (folder / "bright_sun").mkdir()
    cut = folder / "mighty_rocket" / "4.jpg"
    cut.write_bytes(cut.read_bytes()[:9000])


def _without_times(text: str) -> str:
    """What is the same in every run."""
    return re.sub(r"in [\d.]+ s, [\d,]+ a second", "in some time", text)


def _output(command: str, folder: Path) -> str:
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patched, redirect_stdout(out), redirect_stderr(err):
        patched.chdir(folder)
        for name, value in {"COLUMNS": "100", "SENTIKIT_LOAD_PLUGINS": "", "TERMINAL_WIDTH": "100"}.items():
            patched.setenv(name, value)
        run(shlex.split(command)[1:])
    return (out.getvalue() + err.getvalue()).replace(f"{ROOT}/", "")


def test_readme_commands_are_tested() -> None:
    """Every sentikit command line of the README is one that a test or CI runs, by its subcommand and options."""
    readme = (ROOT / "README.md").read_text("utf-8")
    tested = "".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("*.py"))
    tested += (ROOT / ".ci" / "run").read_text("utf-8") + (ROOT / "docs" / "commands.md").read_text("utf-8")
    for line in re.findall(r"^    (sentikit .*)$", readme, re.M):
        words = shlex.split(line, comments=True)
        assert all(word in tested for word in words[1:] if word.startswith("--") or word == words[1]), line
