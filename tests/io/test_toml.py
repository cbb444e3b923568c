"""TOML files: what cannot be read, or not in a short time, is one sentence."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from sentikit import Denylist, SentikitError
from sentikit.io.toml import read_toml

CASES = {
    "a = ": "is not TOML: invalid value",
    "a = [": "is not TOML",
    "[" * 10_000: "is not TOML|nested too deeply",
    f"a = {'[' * 10_000}": "nested too deeply",
    f"a = {'{a = ' * 10_000}": "nested too deeply",
    f"a = {'9' * 5000}": "a number of more than 4,300 digits",
    "a." * 50_000 + "a = 1": "line 1: it has more than 100 dots",
    f"b = 1\n[{'a.' * 50_000}a]": "line 2: it has more than 100 dots",
    "a = 1\n" * 100_000: "characters: at most 500,000 are read",
    "a = 2024-13-45": "is not TOML",
    "a = '\0'": "is not TOML",
}


@pytest.mark.parametrize(("text", "said"), CASES.items(), ids=[said[:20] for said in CASES.values()])
def test_what_is_not_sound_is_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "a.toml"
    path.write_text(text, "utf-8")
    began = time.perf_counter()
    for read in (read_toml, Denylist.load):
        with pytest.raises(SentikitError, match=said):
            read(path)
    assert time.perf_counter() - began < 5


def test_what_is_large_and_sound_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(f"a = [{', '.join(['0.5'] * 90)}]\n" * 1 + "b = '''\n" + "word\n" * 50_000 + "'''", "utf-8")
    assert len(read_toml(path)["a"]) == 90


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("adjectives = [2024-01-31]", "2024-01-31 is not one word"),
        (f"adjectives = [0x{'f' * 5000}]", "a number of more than 60 digits is not one word"),
        ("adjectives = [['a']]", "a list of 1 is not one word"),
        ("adjectives = 07:30:00", "it is not a list of words"),
        ("adjectives = ['a']\nunless_polarity = 2024-01-31", "unless_polarity is 2024-01-31"),
        ("adjectives = ['a']\nunless_polarity = [1]", "unless_polarity is a list of 1"),
    ],
)
def test_odd_values_of_a_denylist_are_named(tmp_path: Path, rule: str, said: str) -> None:
    path = tmp_path / "denylist.toml"
    path.write_text(f"[[rule]]\nreason = 'it is one'\n{rule}\n", "utf-8")
    with pytest.raises(SentikitError, match=said):
        Denylist.load(path)
