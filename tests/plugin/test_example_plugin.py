"""The example plugin: built, installed beside sentikit and used, just as the tutorial says."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.documents import DOCS, code_blocks
from support.plugin_packages import Environment, clean_environ

EXAMPLE = DOCS.parent / "examples" / "sentikit-mood"
TUTORIAL = "plugin-tutorial.md"


def files_of_the_tutorial() -> Iterator[tuple[str, str]]:
    """The files it shows; the name begins the line above the block."""
    blocks = {
        int(title.partition(":")[0]): text
        for language in ("python", "toml", "json", "jsonl")
        for title, text in code_blocks(TUTORIAL, language).items()
    }
    lines = (DOCS / TUTORIAL).read_text("utf-8").splitlines()
    for start, text in blocks.items():
        introduction = lines[start - 3]
        yield introduction.split("`")[1], text


def commands_of_the_tutorial() -> list[tuple[str, list[str]]]:
    """The commands it shows, each with the lines that its output must hold."""
    commands: list[tuple[str, list[str]]] = []
    for block in code_blocks(TUTORIAL, "console").values():
        for line in block.splitlines():
            if line.startswith("$ "):
                commands.append((line[2:], []))
            elif line:
                commands[-1][1].append(line)
    return commands


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    environment = Environment.create(tmp_path_factory.mktemp("example") / "env")
    script = Path(environment.python).parent / "sentikit"
    script.write_text(f"#!{environment.python}\nfrom sentikit.cli import main\nmain()\n", "utf-8")
    script.chmod(0o755)
    return environment


def shell(environment: Environment, command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = f"{Path(environment.python).parent}{os.pathsep}{os.environ['PATH']}"
    environ = clean_environ() | {"PATH": path}
    return subprocess.run(
        command, shell=True, cwd=folder, env=environ, capture_output=True, text=True, timeout=120, check=False
    )


def test_the_tutorial_shows_the_files_of_the_example() -> None:
    shown = dict(files_of_the_tutorial())
    package = {name: text for name, text in shown.items() if not name.startswith(("captions", "tags"))}
    assert package == {name: (EXAMPLE / name).read_text("utf-8") for name in package}
    assert set(package) == {"pyproject.toml", "sentikit_mood.py", "tests/test_mood.py"}


def test_the_tutorial_does_what_it_says(environment: Environment, tmp_path: Path) -> None:
    for name, text in files_of_the_tutorial():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    commands = commands_of_the_tutorial()
    assert len(commands) > 5
    for command, expected in commands:
        done = shell(environment, command, tmp_path)
        output = done.stdout + done.stderr
        fails = any(line.startswith("Error") for line in expected)
        assert (done.returncode != 0) == fails, (command, output)
        assert [line for line in expected if line not in output] == [], (command, output)
    captions, restored = (
        json.loads((tmp_path / f"{name}.json").read_text("utf-8")) for name in ("captions", "restored")
    )
    assert restored == captions


def test_the_wheel_of_the_example_brings_the_rewriter(tmp_path: Path) -> None:
    environment = Environment.create(tmp_path / "env")
    source = shutil.copytree(
        EXAMPLE, tmp_path / "source", ignore=shutil.ignore_patterns("*.egg-info", "build", "*cache*")
    )
    built = environment.run("-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(source))
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    environment.install(wheel)
    listed = environment.sentikit("plugins", "mood", "--json", SENTIKIT_STRICT_PLUGINS="1")
    (plugin,) = json.loads(listed.stdout)["plugins"]
    assert (plugin["distribution"], plugin["components"][0]["kind"]) == ("sentikit-mood", "rewriter")
