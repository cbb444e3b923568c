"""Inspects plugins: how they import, what they register, and whether their components keep their contracts."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from ..errors import SentikitError
from ..io.interpreters import python_command
from ..plugin.kinds import Component, reason
from ..plugin.loader import GROUP, Plugin, normal_name
from .subject import NotChecked, Subject
from .suites import SUITES, checks_of

HEAVY = frozenset({
    "torch", "torchvision", "spacy", "timm", "transformers", "open_clip", "openai", "tensorflow", "jax", "pandas",
    "scipy", "sklearn", "matplotlib", "cv2", "pyarrow", "datasets", "huggingface_hub",
})  # fmt: skip
"""Modules that take long to import."""
SLOW_SECONDS = 0.5
_PATIENCE = 120
_IMPORT = """
import importlib, importlib.util, json, sys, time
import sentikit
from sentikit.english import find_word
place, is_file = sys.argv[1], sys.argv[2] == "file"
before, start = set(sys.modules), time.perf_counter()
if is_file:
    spec = importlib.util.spec_from_file_location("inspected_plugin", place)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
else:
    importlib.import_module(place)
seconds = time.perf_counter() - start
print(json.dumps([seconds, sorted(set(sys.modules) - before)]))
"""


@dataclass(frozen=True)
class Finding:
    """What came of a rule. outcome: passed, failed or not checked; reason: why it was not passed."""

    subject: str
    rule: str
    outcome: str = "passed"
    reason: str = ""


def inspect_plugin(
    plugin: Plugin, options: Mapping[Component[Any], Mapping[str, str]], weights: object, place: Path | None = None
) -> Iterator[Finding]:
    """The findings about a plugin, as they are made.

    options: for its components. weights: an open pack for its taggers and captioners. place: its file, if it is one.
    """
    yield from _import_findings(plugin, place)
    for component in plugin.components:
        yield from _component_findings(component, options.get(component, {}), weights)


def _import_findings(plugin: Plugin, place: Path | None) -> Iterator[Finding]:
    subject = f"plugin {plugin.name}"
    target = str(place) if place else _module(plugin)
    command = python_command("-c", _IMPORT, target, "file" if place else "module")
    done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        yield Finding(subject, "It can be imported by itself.", "failed", last)
        return
    seconds, modules = json.loads(done.stdout.splitlines()[-1])
    heavy = sorted(HEAVY.intersection(modules))
    what = ", ".join(heavy)
    light = "Importing it imports no large library."
    if heavy:
        yield Finding(subject, light, "failed", f"it imports {what} at the top: import them inside the factory")
    else:
        yield Finding(subject, light)
    quick = f"It is imported in less than {SLOW_SECONDS} s."
    slow = f"it took {seconds:.2f} s: import what is slow inside the factory"
    yield Finding(subject, quick) if seconds < SLOW_SECONDS else Finding(subject, quick, "failed", slow)


def _module(plugin: Plugin) -> str:
    """The module that the entry point of an installed plugin names."""
    for point in entry_points(group=GROUP):
        if point.name == plugin.name and point.dist and normal_name(point.dist.name) == plugin.distribution:
            return point.module
    raise SentikitError(f"The plugin {plugin.name!r} is not installed, so nothing tells which module it is.")


def _component_findings(component: Component[Any], options: Mapping[str, str], weights: object) -> Iterator[Finding]:
    subject = f"{component.kind.name} {component.name}"
    unexplained = [option.name for option in component.options if not option.help.strip()]
    if unexplained:
        yield Finding(subject, "Each option has a line of help.", "failed", f"{', '.join(unexplained)} has none")
    if component.kind.name not in SUITES:
        return
    if component.needs_weights and component.kind.name == "encoder":
        weights = "random"
    tested = Subject(component, options, weights if component.needs_weights else None)
    for check in checks_of(component.kind.name):
        try:
            check.run(tested)
        except NotChecked as unknown:
            yield Finding(subject, check.rule, "not checked", str(unknown))
        except Exception as error:
            yield Finding(subject, check.rule, "failed", _why(error))
        else:
            yield Finding(subject, check.rule)


def _why(error: Exception) -> str:
    if isinstance(error, AssertionError):
        return str(error).partition("\n")[0]  # where pytest runs, what it knows of the assertion follows
    return reason(error)


def count_outcomes(findings: Sequence[Finding]) -> dict[str, int]:
    """How many findings passed, failed and were not checked."""
    return {outcome: sum(one.outcome == outcome for one in findings) for outcome in ("passed", "failed", "not checked")}
