"""The wheel holds the whole package: every module, data file and bundled plugin, each plugin with its entry point."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import zipfile
from configparser import ConfigParser
from pathlib import Path

import pytest
from support.plugin_packages import Environment, clean_environ

ROOT = Path(__file__).parents[2]
PLUGINS = ROOT / "plugins" / "sentikit_plugins"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, so that what an earlier build left in the tree cannot get in."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", ".*_cache")
    for name in ("sentikit", "plugins"):
        shutil.copytree(ROOT / name, source / name, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, env=clean_environ(), timeout=300)
    assert done.returncode == 0, done.stderr or done.stdout
    (built,) = folder.glob("*.whl")
    return built


def files_of(folder: Path, root: Path) -> set[str]:
    return {
        path.relative_to(root).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and not {"__pycache__", ".ruff_cache", ".mypy_cache"} & set(path.parts)
    }


def entry_points(wheel: Path) -> dict[str, str]:
    parser = ConfigParser()
    with zipfile.ZipFile(wheel) as opened:
        (name,) = [name for name in opened.namelist() if name.endswith(".dist-info/entry_points.txt")]
        parser.read_string(opened.read(name).decode())
    return dict(parser["sentikit"])


def implements_a_hook(module: Path) -> bool:
    tree = ast.parse(module.read_text("utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return any("hookimpl" in ast.unparse(decorator) for node in functions for decorator in node.decorator_list)


def test_the_wheel_holds_what_the_folders_hold(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        packed = {name for name in opened.namelist() if ".dist-info/" not in name}
    assert packed == files_of(ROOT / "sentikit", ROOT) | files_of(PLUGINS, PLUGINS.parent)
    assert {"sentikit/py.typed", "sentikit/data/adjectives.txt", "sentikit_plugins/noun_match/rewriter.py"} <= packed


def test_the_wheel_holds_the_license(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        assert [name for name in opened.namelist() if name.endswith("/LICENSE") and ".dist-info/" in name]


def test_every_bundled_plugin_has_an_entry_point(wheel: Path) -> None:
    folders = {folder.name for folder in PLUGINS.iterdir() if (folder / "__init__.py").is_file()}
    plugins = {name for name in folders if implements_a_hook(PLUGINS / name / "__init__.py")}
    assert entry_points(wheel) == {name: f"sentikit_plugins.{name}" for name in plugins}


def test_the_wheel_works_where_it_is_installed(wheel: Path, tmp_path: Path) -> None:
    environment = Environment.create(tmp_path / "env")
    environment.install(wheel)
    done = environment.run(
        "-c", "import sentikit, sentikit_plugins; print(sentikit.__file__, sentikit_plugins.__file__)"
    )
    assert done.stdout.count(str(tmp_path)) == 2
    listed = environment.sentikit("plugins", "--all", SENTIKIT_STRICT_PLUGINS="1", SENTIKIT_LOAD_PLUGINS="")
    assert (listed.returncode, listed.stderr) == (0, "")
    assert {line.split("\t")[0] for line in listed.stdout.splitlines()} == set(entry_points(wheel))
