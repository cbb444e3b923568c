"""The modules of sentikit import one another without a circle, and each of them lies in its package."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
AT_THE_TOP = {"__init__", "__main__", "anp", "api", "caption", "errors"}
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def module_name(path: Path) -> str:
    """The name a file of sentikit is imported by."""
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


MODULES = {module_name(path): path for path in sorted((ROOT / "sentikit").rglob("*.py"))}


def import_statements(nodes: Iterable[ast.AST], in_functions: bool) -> Iterator[ast.Import | ast.ImportFrom]:
    """The import statements that run, those in functions only if asked for."""
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            yield from import_statements(node.orelse, in_functions)
        elif in_functions or not isinstance(node, FUNCTION):
            yield from import_statements(ast.iter_child_nodes(node), in_functions)


def imported_names(module: str, is_package: bool, source: str, in_functions: bool) -> Iterator[str]:
    """The full names that a module imports: modules, and what is taken from modules."""
    package = module.split(".") if is_package else module.split(".")[:-1]
    for statement in import_statements(ast.parse(source).body, in_functions):
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        else:
            above = package[: len(package) + 1 - statement.level] if statement.level else []
            origin = ".".join([*above, *filter(None, [statement.module])])
            yield from (f"{origin}.{alias.name}" for alias in statement.names)


def imported_modules(module: str, in_functions: bool) -> set[str]:
    """The modules of sentikit that a module imports, with the packages that Python imports on the way to them.

    The packages that the module itself lies in are not on the way: Python began to import them before it.
    """
    path, own = MODULES[module], {module, *packages_of(module)}
    found: set[str] = set()
    for name in imported_names(module, path.name == "__init__.py", path.read_text("utf-8"), in_functions):
        target = name if name in MODULES else name.rpartition(".")[0]
        found |= {target} | (set(packages_of(target)) - own)
    return found & MODULES.keys()


def packages_of(module: str) -> list[str]:
    """`sentikit` and `sentikit.io` for `sentikit.io.files`."""
    parts = module.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts))]


def circle(graph: dict[str, set[str]]) -> list[str]:
    """The modules along a circle of the graph, empty if there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []


@pytest.mark.parametrize("in_functions", [False, True], ids=["at import time", "in functions too"])
def test_no_modules_import_one_another_in_a_circle(in_functions: bool) -> None:
    found = circle({module: imported_modules(module, in_functions) for module in MODULES})
    assert not found, " imports ".join(reversed(found))


def test_every_module_lies_in_a_package() -> None:
    assert {path.stem for path in MODULES.values() if path.parent == ROOT / "sentikit"} <= AT_THE_TOP
    assert all((path.parent / "__init__.py").is_file() for path in MODULES.values())


def test_only_the_command_line_imports_the_command_line() -> None:
    others = [module for module in MODULES if not f"{module}.".startswith(("sentikit.cli.", "sentikit.__main__."))]
    cli = [name for module in others for name in imported_modules(module, True) if name.startswith("sentikit.cli")]
    assert others
    assert cli == []


@pytest.mark.parametrize(
    ("source", "at_import_time", "in_functions"),
    [
        ("import sentikit.anp", {"sentikit.anp"}, {"sentikit.anp"}),
        ("from ..english import words", {"sentikit.english.words"}, {"sentikit.english.words"}),
        ("from . import state", {"sentikit.io.state"}, {"sentikit.io.state"}),
        ("def f():\n    from .state import x", set(), {"sentikit.io.state.x"}),
        ("if TYPE_CHECKING:\n    from .state import x\nelse:\n    import os", {"os"}, {"os"}),
        ("class A:\n    try:\n        import os\n    except E:\n        import sys", {"os", "sys"}, {"os", "sys"}),
    ],
)
def test_imports_are_found(source: str, at_import_time: set[str], in_functions: set[str]) -> None:
    assert set(imported_names("sentikit.io.files", False, source, False)) == at_import_time
    assert set(imported_names("sentikit.io.files", False, source, True)) == in_functions
    assert set(imported_names("sentikit.io", True, "from . import files", False)) == {"sentikit.io.files"}


def test_a_circle_is_found() -> None:
    assert set(circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})) == {"a", "b", "c"}
    assert circle({"a": {"b", "c"}, "b": {"c"}}) == []
