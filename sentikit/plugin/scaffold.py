"""Writes the files of a new plugin: a package with code that works, tests, and all that publishing needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from string import Template

from ..errors import SentikitError, UsageError
from ..io.files import atomic_write, readable_os_errors
from ..io.paths import shown
from .loader import PLUGIN_API
from .options import NAME


@dataclass(frozen=True)
class _Kind:
    summary: str
    usage: str


KINDS: Mapping[str, _Kind] = {
    "rewriter": _Kind(
        "the adjective before the last mention of its noun",
        "`sentikit update-captions captions.json --tags tags.jsonl --rewriter $name` rewrites a dataset, and\n"
        "`sentikit caption photo.jpg --combiner $name` a photograph's caption.",
    ),
    "combiner": _Kind(
        "the last noun of a caption gets its most probable adjective", "`sentikit caption photo.jpg --combiner $name`"
    ),
    "tagger": _Kind("the mood of a photograph by its light and its colours", "`sentikit tag photo.jpg --tagger $name`"),
    "captioner": _Kind(
        "the light, the shape and the main colour of a photograph",
        "`sentikit caption photo.jpg --captioner $name --combiner none`",
    ),
    "encoder": _Kind(
        "the mean and the spread of each colour in a grid of cells",
        "`sentikit train softmax data.jsonl --val data.jsonl --encoder $name -o run` trains a tagger on its features.",
    ),
    "metric": _Kind(
        "the share of words and word pairs that are different",
        "`sentikit evaluate captions results.json --references captions.json --metric $name`",
    ),
    "trainer": _Kind(
        "one linear layer over the mean features of a photograph",
        "`sentikit train $name data.jsonl --val data.jsonl -o run` makes a pack, and\n"
        "`sentikit tag photo.jpg --tagger run/pack` uses it.",
    ),
}
"""The kinds of component that there are templates for."""


@dataclass(frozen=True)
class NewPlugin:
    """What was written. entry_point: the line that an existing project's pyproject.toml still needs, or None."""

    files: tuple[Path, ...]
    entry_point: str | None


def new_plugin(name: str, kind: str, folder: Path) -> NewPlugin:
    """Write a plugin with a component called `name` into `folder`.

    An existing project, one with a pyproject.toml, only gets the module and its test. Nothing is replaced.
    Raises UsageError for a wrong name or kind, and SentikitError if a file is there already or cannot be written.
    """
    if not NAME.fullmatch(name) or name[0].isdigit():
        raise UsageError(f"{name!r} is no name for a {kind}: use lower-case words and hyphens, such as my-{kind}.")
    if kind not in KINDS:
        raise UsageError(f"There is no template for {kind!r}; there are {', '.join(KINDS)}.")
    values = _values(name, kind)
    module = values["module"]
    existing = (folder / "pyproject.toml").exists()
    source = folder / "src" if existing and (folder / "src").is_dir() else folder
    wanted = {
        source / f"{module}.py": f"{kind}.py",
        folder / "tests" / f"test_{values['entry']}.py": f"{kind}_test.py",
    }
    if not existing:
        wanted |= {
            folder / "pyproject.toml": "pyproject.toml",
            folder / "README.md": "README.md",
            folder / "LICENSE": "LICENSE",
            folder / ".github" / "workflows" / "test.yml": "workflow.yml",
        }
    for path in wanted:
        if path.exists() or path.is_symlink():
            raise SentikitError(f"{shown(path)} exists already; nothing was written. Choose another name or folder.")
    for path, template in wanted.items():
        with readable_os_errors("make", path.parent):
            path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(path) as handle:
            handle.write(Template(_template(template)).substitute(values))
    line = f'{values["entry"]} = "{module}"' if existing else None
    return NewPlugin(tuple(wanted), line)


def _values(name: str, kind: str) -> dict[str, str]:
    entry = name.replace("-", "_")
    known, release = KINDS[kind], version("sentikit-captions").split(".")
    return {
        "name": name,
        "entry": entry,
        "module": f"sentikit_{entry}",
        "distribution": f"sentikit-{name}",
        "class_name": "".join(word.capitalize() for word in name.split("-")),
        "kind": kind,
        "summary": known.summary,
        "usage": Template(known.usage).substitute(name=name),
        "api": str(PLUGIN_API),
        "least": ".".join(release[:2]),
        "below": f"{release[0]}.{int(release[1]) + 1}" if release[0] == "0" else str(int(release[0]) + 1),
        "year": str(date.today().year),
    }


def _template(name: str) -> str:
    return files("sentikit").joinpath("data", "plugin_templates", f"{name}.template").read_text("utf-8")
