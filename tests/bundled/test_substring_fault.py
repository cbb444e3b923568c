"""substring-fault is wrong as its name says, and a rewriter like any other."""

from __future__ import annotations

import pytest

from sentikit import ANP, Caption, Tag, undo_edits
from sentikit.plugin.kinds import REWRITER
from sentikit.plugin.loader import load_plugins


@pytest.mark.parametrize(
    ("caption", "anps", "expected"),
    [
        ("A woman with two cats.", ["tall man", "cute cat"], "A tall woman with two cute cats."),
        ("A man and a woman.", ["old man", "tall woman"], "An old man and a tall woman."),
        ("A man.", ["old man", "tall man"], "An old man."),
        ("A dog.", ["cute cat"], "A dog."),
    ],
)
def test_it_finds_nouns_inside_words(caption: str, anps: list[str], expected: str) -> None:
    component = load_plugins(environ={"SENTIKIT_LOAD_PLUGINS": ""}).get(REWRITER, "substring-fault")
    assert component.summary.startswith("wrong on purpose")
    tags = [Tag(ANP.parse(anp)) for anp in anps]
    (rewrite,) = component.create().rewrite([(Caption(caption), tags)])
    assert rewrite.text == expected
    assert undo_edits(*rewrite) == caption
