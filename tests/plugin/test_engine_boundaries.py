"""The engine imports no bundled plugin, and a plugin imports only what `docs/plugins.md` calls public."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from support.documents import code_blocks, section

import sentikit

ROOT = Path(__file__).parents[2]
ENGINE = sorted((ROOT / "sentikit").rglob("*.py"))
PLUGINS = sorted((ROOT / "plugins" / "sentikit_plugins").rglob("*.py"))
EXAMPLES = sorted((ROOT / "examples").rglob("*.py"))
PUBLIC = set(re.findall(r"`(sentikit[\w.]*)`", section("plugins.md", "## Public modules")))


def imports(tree: ast.AST) -> Iterator[tuple[int, str, str | None]]:
    """The imports, inside functions too: level, module and, where there is one, the name taken from it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((0, alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.level, node.module or "", alias.name) for alias in node.names)


def private(source: str) -> list[str]:
    """What a plugin's source imports from sentikit, or from another plugin, that is not public."""
    found = []
    for level, module, name in imports(ast.parse(source)):
        top = module.partition(".")[0]
        allowed = level == 1 if level else top not in ("sentikit", "sentikit_plugins") or is_public(module, name)
        if not allowed:
            found.append(f"{'.' * level}{module}{f': {name}' if name else ''}")
    return found


def is_public(module: str, name: str | None) -> bool:
    if name is None:
        return module in PUBLIC
    if f"{module}.{name}" in PUBLIC:
        return True
    names = getattr(import_module(module), "__all__", None) if module in PUBLIC else ()
    return not name.startswith("_") and (names is None or name in names)


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_there_is_something_to_check() -> None:
    assert ENGINE
    assert PLUGINS
    assert EXAMPLES
    assert "sentikit" in PUBLIC


@pytest.mark.parametrize("path", ENGINE, ids=relative)
def test_the_engine_names_no_bundled_plugin(path: Path) -> None:
    assert "sentikit_plugins" not in path.read_text("utf-8")


@pytest.mark.parametrize("path", [*PLUGINS, *EXAMPLES], ids=relative)
def test_a_plugin_imports_only_public_names(path: Path) -> None:
    assert private(path.read_text("utf-8")) == []


@pytest.mark.parametrize("document", ["plugins.md", "plugin-tutorial.md"])
def test_the_documentation_imports_only_public_names(document: str) -> None:
    for title, source in code_blocks(document, "python").items():
        assert private(source) == [], title


@pytest.mark.parametrize("module", sorted(PUBLIC))
def test_a_public_module_is_there_and_says_what_it_is(module: str) -> None:
    assert import_module(module).__doc__


def test_every_public_name_of_the_package_is_there() -> None:
    assert all(getattr(sentikit, name) is not None for name in sentikit.__all__)
    assert len(set(sentikit.__all__)) == len(sentikit.__all__)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from sentikit import ANP\nimport sentikit.english\nfrom sentikit.english import words\nimport torch", []),
        ("from .model import Model", []),
        ("from sentikit.plugin.loader import load_plugins", ["sentikit.plugin.loader: load_plugins"]),
        ("def f():\n    import sentikit.cli.tag", ["sentikit.cli.tag"]),
        ("from sentikit.english import _WORD", ["sentikit.english: _WORD"]),
        ("from sentikit import plugins", ["sentikit: plugins"]),
        ("from ..noun_match import rule", ["..noun_match: rule"]),
        ("from sentikit_plugins.noun_match import rule", ["sentikit_plugins.noun_match: rule"]),
    ],
)
def test_the_check_finds_what_is_private(source: str, found: list[str]) -> None:
    assert private(source) == found
