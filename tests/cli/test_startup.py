"""`sentikit --help` and `sentikit plugins` answer at once: nothing that is slow to import is imported."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from support.plugin_packages import clean_environ

from sentikit.cli import cli

SLOW = [
    "torch",
    "torchvision",
    "timm",
    "spacy",
    "thinc",
    "numpy",
    "PIL",
    "pycocotools",
    "safetensors",
    "textblob",
    "nltk",
]
SCRIPT = """
import json, sys
from sentikit.cli import run
code = run(sys.argv[1:])
print(json.dumps([code, sorted({name.partition(".")[0] for name in sys.modules})]))
"""


def imported_by(*arguments: str) -> set[str]:
    """The top-level modules that a command imports; it must succeed."""
    command = [sys.executable, "-c", SCRIPT, *arguments]
    environ = clean_environ() | {"SENTIKIT_LOAD_PLUGINS": ""}
    done = subprocess.run(command, capture_output=True, text=True, env=environ, timeout=120)
    code, modules = json.loads(done.stdout.splitlines()[-1])
    assert (code, done.stderr) == (0, "")
    return set(modules)


@pytest.mark.parametrize(
    "arguments",
    [("--help",), ("--version",), ("plugins", "--all"), ("plugins", "--all", "--json"), ("plugins", "noun-match")],
    ids=" ".join,
)
def test_nothing_slow_is_imported(arguments: tuple[str, ...]) -> None:
    assert imported_by(*arguments).isdisjoint(SLOW)


@pytest.mark.parametrize("command", sorted(cli.commands))
def test_the_help_of_a_command_imports_nothing_slow(command: str) -> None:
    assert imported_by(command, "--help").isdisjoint(SLOW)


def test_the_check_sees_imports() -> None:
    assert {"sentikit", "sentikit_plugins", "click", "pluggy"} <= imported_by("plugins", "--all")
