"""docs/commands.md is what the commands print, and every command and code block of the README runs."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from scripts.docs import commands
from sentikit import SentikitError
from sentikit.cli import cli, run
from sentikit.cli.reproduce import check_command

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
MADE_ANEW = "run `python -m scripts.docs.commands`"


def test_every_command_has_its_help_on_the_page() -> None:
    assert commands.commands_without_help(commands.SOURCE.read_text("utf-8")) == []


def test_the_page_is_made_from_its_source_and_the_help(tmp_path: Path) -> None:
    """Everything but the outputs of other commands, which the slow test runs."""
    page = commands.PAGE.read_text("utf-8")
    committed = commands.outputs(page)

    def output_of(command: str) -> str:
        return commands.output(command, tmp_path) if command.endswith("--help") else committed.get(command, "")

    assert commands.fill(commands.SOURCE.read_text("utf-8"), output_of) == page, MADE_ANEW


@pytest.mark.slow
def test_the_outputs_on_the_page_are_what_the_commands_print(tmp_path: Path) -> None:
    commands.make_inputs(tmp_path)
    for command, committed in commands.outputs(commands.PAGE.read_text("utf-8")).items():
        if not command.endswith("--help"):
            assert _stable(commands.output(command, tmp_path)) == _stable(committed), f"{command}: {MADE_ANEW}"


def _stable(output: str) -> str:
    """The part that is the same on every machine: without times, and without the last digits of probabilities."""
    output = re.sub(r"in [\d.]+ s, [\d,]+ a second", "in some time", output)
    return re.sub(r"(\d\.\d{3})\d{2,}", r"\1", output)


def test_the_readme_python_runs(readme_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The blocks run one after the other. What a comment behind a line shows is what the line prints."""
    blocks = [block for block in _blocks("python") if not block.startswith("# ")]
    assert blocks
    for block in blocks:
        exec(block, {})
        shown = re.findall(r"^print\(.*\) +# (.*)$", block, re.M)
        assert capsys.readouterr().out.splitlines() == shown


def test_the_readme_commands_run(readme_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each command succeeds, in the order of the README and with the plugin that it shows."""
    for block in _blocks("python"):
        if path := re.match(r"# (\S+\.py)\n", block):
            (readme_folder / path[1]).parent.mkdir(exist_ok=True)
            (readme_folder / path[1]).write_text(block, "utf-8")
    lines = [line for block in _blocks("bash") for line in block.splitlines()]
    ran = [line for line in lines if line.startswith("sentikit ")]
    assert len(ran) >= 4
    for line in ran:
        assert run(shlex.split(line, comments=True)[1:]) == 0, f"{line}\n{capsys.readouterr().err}"
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.M)
    for line in lines:
        words = line.split()
        known = words[0] in ("sentikit", "git", "cd") or words[:3] == ["pip", "install", "."] or words[1] in targets
        assert known, line


@pytest.mark.parametrize("document", sorted(path.name for path in (ROOT / "docs").glob("*.md")))
def test_the_command_lines_of_the_documents_are_valid(document: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The indented ones, which do not run here: the commands and options exist."""
    monkeypatch.setenv("SENTIKIT_LOAD_PLUGINS", "")
    text = (ROOT / "docs" / document).read_text("utf-8").replace("\\\n", " ")
    for line in re.findall(r"^    sentikit (.*)$", text, re.M):
        context = cli.make_context("sentikit", [], resilient_parsing=True)
        words = tuple(shlex.split(line, comments=True))
        try:
            check_command(context, SimpleNamespace(name=line, arguments=words, resume=None))
        except SentikitError as error:  # experiments may not run every command
            if f"may not run {words[0]!r}" not in str(error):
                raise


def test_the_links_of_the_readme_lead_somewhere() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if not link.startswith("http")]
    assert links
    for link in links:
        assert (ROOT / link.partition("#")[0]).exists(), link


@pytest.fixture
def readme_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what the README's commands read: photo.jpg, photos/ and captions.json with its photographs."""
    demo = ROOT / "examples" / "demo"
    shutil.copy(demo / "images" / "chelsea.jpg", tmp_path / "photo.jpg")
    shutil.copytree(demo / "images", tmp_path / "photos")
    shutil.copytree(demo / "images", tmp_path / "images")
    shutil.copy(demo / "captions.json", tmp_path / "captions.json")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SENTIKIT_LOAD_PLUGINS", "")
    return tmp_path


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```\n", README, re.S)
