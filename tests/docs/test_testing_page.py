"""docs/testing-plugins.md: its rules are those that are checked, and its code and commands run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sentikit.cli import run
from sentikit.testing import checks_of
from sentikit.testing.suites import SUITES

PAGE = Path(__file__).parents[2].joinpath("docs", "testing-plugins.md").read_text("utf-8")


@pytest.mark.parametrize("kind", SUITES)
def test_the_rules_are_all_there(kind: str) -> None:
    section = PAGE.split(f"\n### {kind}\n", 1)[1].split("\n### ", 1)[0]
    rows = [f"| `{check.name}` | {check.rule} |" for check in checks_of(kind)]
    assert re.findall(r"^\| `.*$", section, re.M) == rows


def test_the_commands_print_what_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```\n\$ sentikit (.*)\n((?:.*\n)*?)```$", PAGE, re.M)
    assert len(blocks) == 2
    for command, expected in blocks:
        assert run(command.split()) == 0
        captured = capsys.readouterr()
        assert captured.out + captured.err == expected


def test_the_python_gives_a_test() -> None:
    (block,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.M | re.S)
    names: dict[str, object] = {}
    exec(block, names)
    assert callable(names["test_contract"])
