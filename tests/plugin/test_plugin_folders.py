"""Folders of single-file plugins: several of them, those that others can write to, and none by accident."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sentikit.cli import run
from sentikit.plugin.loader import load_plugins


def plugin(name: str) -> str:
    """A plugin with a rewriter and a command of this name, which prints it."""
    return (
        "import click\nfrom sentikit import hookimpl\n"
        f"@hookimpl\ndef register_rewriters(register):\n    register({name!r}, Made, summary='made')\n"
        f"@hookimpl\ndef register_commands(cli):\n    cli.command({name!r})(lambda: click.echo({name!r}))\n"
        "class Made:\n    default_max_edits = None\n"
    )


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Two folders with a plugin each, in files of the same name."""
    monkeypatch.setenv("SENTIKIT_LOAD_PLUGINS", "")
    made = [tmp_path / "one", tmp_path / "two"]
    for number, folder in enumerate(made):
        folder.mkdir(mode=0o755)
        (folder / "mine.py").write_text(plugin(f"made-{number}"), "utf-8")
    return made


def test_every_folder_that_is_named_is_loaded(folders: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    options = [word for folder in folders for word in ("--plugins-dir", str(folder))]
    for number in (0, 1):
        assert run([*options, f"made-{number}"]) == 0
    assert capsys.readouterr() == ("made-0\nmade-1\n", "")


def test_the_variable_can_name_several_folders(
    folders: list[Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("SENTIKIT_PLUGINS_DIR", os.pathsep.join(map(str, folders)))
    assert run(["made-1"]) == 0
    assert run(["made-0"]) == 0
    assert run(["--plugins-dir", str(folders[0]), "made-1"]) == 2  # the option stands instead of the variable
    assert capsys.readouterr().out == "made-1\nmade-0\n"


@pytest.mark.parametrize("value", ["", os.pathsep, os.pathsep * 3])
def test_an_empty_part_of_the_variable_is_not_the_current_folder(
    folders: list[Path], monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.chdir(folders[0])
    monkeypatch.setenv("SENTIKIT_PLUGINS_DIR", value)
    assert run(["made-0"]) == 2
    monkeypatch.setenv("SENTIKIT_PLUGINS_DIR", f"{folders[1]}{value}")
    assert run(["made-1"]) == 0
    assert run(["made-0"]) == 2


def test_an_empty_option_is_not_the_current_folder(folders: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folders[0])
    assert run(["--plugins-dir", "", "made-0"]) == 2


def test_files_of_the_same_name_are_modules_of_their_own(folders: list[Path], tmp_path: Path) -> None:
    loaded = load_plugins([*folders, tmp_path / "one" / ".." / "one"], environ={"SENTIKIT_LOAD_PLUGINS": ""})
    assert loaded.problems == []  # a folder that is named twice is loaded once
    modules = [loaded.components["rewriter", f"made-{number}"].factory.__module__ for number in (0, 1)]
    assert len(set(modules)) == 2


@pytest.mark.parametrize("changed", ["folder", "file"])
def test_code_that_anyone_can_change_is_loaded_with_a_warning(
    folders: list[Path], capsys: pytest.CaptureFixture[str], changed: str
) -> None:
    path = folders[0] if changed == "folder" else folders[0] / "mine.py"
    path.chmod(0o777)
    assert run(["--plugins-dir", str(folders[0]), "--plugins-dir", str(folders[1]), "made-0"]) == 0
    out, err = capsys.readouterr()
    assert out == "made-0\n"
    assert err.startswith("Warning: ")
    assert err.count("\n") == 1
    assert f"{path} runs as you, and anyone can write there" in err


def test_code_of_another_user_is_loaded_with_a_warning(
    folders: list[Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    owner = folders[0].stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    assert run(["--plugins-dir", str(folders[0]), "made-0"]) == 0
    warned = "it belongs to another user" in capsys.readouterr().err
    assert warned == (owner != 0)  # what is root's is as safe as Python itself


def test_what_is_not_a_file_is_named(folders: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(folders[0] / "pipe.py")
    (folders[0] / "folder.py").mkdir()
    assert run(["--plugins-dir", str(folders[0]), "made-0"]) == 0
    assert capsys.readouterr().err.count("is left out: it is not a file") == 2
