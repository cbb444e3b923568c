"""Options that are the fields of a settings class."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from support.documents import code_blocks

from sentikit import ANP, Caption, Option, Tag, UsageError, check_options, option, options_of
from sentikit.plugin.kinds import REWRITER
from sentikit.plugin.loader import load_plugins


@dataclass(frozen=True)
class Base:
    rate: float = option(0.5, "A rate.", above=0, at_most=1)
    note: str = "not an option"

    def __post_init__(self) -> None:
        check_options(self)


@dataclass(frozen=True)
class Own(Base):
    how_many: int | None = option(None, "A number.", at_least=1, below=10)
    kind: str = option("a", "A kind.", choices=("a", "b"))
    loud: bool = option(False, "In capitals.")
    folder: Path | None = option(None, "A folder.")
    strength: float = option(1.0, "A strength.", name="lambda")


def test_the_options_are_the_fields_in_order() -> None:
    assert options_of(Own) == [
        Option("rate", float, 0.5, "A rate.", above=0, at_most=1),
        Option("how-many", int, None, "A number.", at_least=1, below=10),
        Option("kind", str, "a", "A kind.", ("a", "b")),
        Option("loud", bool, False, "In capitals."),
        Option("folder", Path, None, "A folder."),
        Option("lambda", float, 1.0, "A strength."),
    ]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"rate": 0.0}, "The option 'rate' must be above 0 and at most 1, not 0.0."),
        ({"rate": 1.5}, "The option 'rate' must be above 0 and at most 1, not 1.5."),
        ({"rate": float("nan")}, "The option 'rate' must be above 0 and at most 1, not nan."),
        ({"how_many": 0}, "The option 'how-many' must be at least 1 and below 10, not 0."),
        ({"how_many": 10}, "The option 'how-many' must be at least 1 and below 10, not 10."),
        ({"kind": "c"}, "The option 'kind' takes one of a, b, not 'c'."),
    ],
)
def test_a_value_that_is_not_allowed_is_a_sentence(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError, match=f"^{re.escape(sentence)}$"):
        Own(**values)
    with pytest.raises(UsageError, match=f"^{re.escape(sentence)}$"):
        replace(Own(), **values)


def test_values_within_the_limits_are_allowed() -> None:
    assert Own(rate=1.0, how_many=9, kind="b", strength=float("inf")).rate == 1
    assert Own(how_many=None).how_many is None


@pytest.mark.parametrize(("text", "allowed"), [("1", True), ("0.01", True), ("0", False), ("inf", False)])
def test_limits_hold_for_text_too(text: str, allowed: bool) -> None:
    rate = options_of(Own)[0]
    if allowed:
        assert rate.parse(text) == float(text)
    else:
        with pytest.raises(UsageError, match="The option 'rate' must be above 0 and at most 1"):
            rate.parse(text)


def test_what_does_not_fit_together_is_refused() -> None:
    @dataclass(frozen=True)
    class Listed:
        names: list[str] | None = option(None, "Names.")

    with pytest.raises(TypeError, match="must be str, int, float, bool or Path"):
        options_of(Listed)
    with pytest.raises(TypeError, match="not a dataclass"):
        options_of(str)
    with pytest.raises(ValueError, match="its default is not allowed"):
        Option("n", int, 0, "A number.", at_least=1)
    with pytest.raises(TypeError, match="only a number has limits"):
        Option("n", str, "a", "A text.", at_least=1)


def test_the_bundled_settings_are_those_of_their_components() -> None:
    code = (
        "import sys\n"
        "from sentikit import options_of\n"
        "from sentikit.plugin.kinds import TRAINER\n"
        "from sentikit.plugin.loader import load_plugins\n"
        "from sentikit.training.settings import Settings\n"
        "plugins = load_plugins(environ={'SENTIKIT_LOAD_PLUGINS': ''})\n"
        "from sentikit_plugins.softmax_classifier.settings import SoftmaxSettings\n"
        "assert list(plugins.get(TRAINER, 'softmax').options) == options_of(SoftmaxSettings)\n"
        "assert options_of(Settings)\n"
        "sys.exit('torch' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0, "they need no torch"


def test_the_example_of_the_documentation(tmp_path: Path) -> None:
    (source,) = [text for title, text in code_blocks("plugins.md", "python").items() if ": option(" in title]
    (tmp_path / "example.py").write_text(source, "utf-8")
    plugins = load_plugins(tmp_path, environ={"SENTIKIT_LOAD_PLUGINS": "", "SENTIKIT_STRICT_PLUGINS": "1"})
    brief = plugins.get(REWRITER, "brief")
    assert [known.describe() for known in brief.options] == ["longest=6 (int)", "where=first (first|last)"]
    tags = [Tag(ANP("beautiful", "dog")), Tag(ANP("cute", "dog")), Tag(ANP("old", "cat"))]
    item = (Caption("A dog and a cat."), tags)
    assert [rewrite.text for rewrite in brief.create().rewrite([item])] == ["A cute dog and a cat."]
    (last,) = brief.create({"where": "last"}).rewrite([item])
    assert last.text == "A dog and an old cat."
    (longest,) = brief.create({"longest": "9"}).rewrite([item])
    assert longest.text == "A beautiful dog and a cat."
    with pytest.raises(UsageError, match="The option 'longest' must be at least 1, not 0"):
        brief.check({"longest": "0"})
