"""What the command prints: messages on one line, of bounded length, and no text of files that a terminal obeys."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from unicodedata import bidirectional, category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentikit import Edit, Rewrite, Tag
from sentikit.anp import ANP
from sentikit.cli import run
from sentikit.cli.caption_output import bold_edits
from sentikit.io.messages import LONGEST, escaped, one_line, show

OBEYED = "\x1b]0;owned\x07\x1b[31m\x9b2J\x7f\x08\r\u202e\u2066\u2028"
"""What sets a title, colours and clears a terminal, goes back in the line and turns the text round."""
DIRECTIONS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
HARMLESS = "é 猫 \U0001f408 a\u0301 עברית"


def is_obeyed(text: str) -> bool:
    """Whether a terminal would do something else than show a character."""
    return any(category(c) in ("Cc", "Cs", "Zl", "Zp") or bidirectional(c) in DIRECTIONS for c in text)


@given(st.text())
def test_escaped_text_has_nothing_that_a_terminal_obeys(text: str) -> None:
    shown = escaped(text)
    assert not is_obeyed(shown)
    assert len(shown.splitlines()) <= 1
    shown.encode("utf-8")


def test_text_of_all_languages_stays() -> None:
    assert escaped(HARMLESS) == HARMLESS
    assert escaped("\x1b\n\x9b\u202e") == r"\x1b\n\x9b\u202e"


@given(st.text(max_size=3000))
def test_messages_are_bounded(text: str) -> None:
    assert len(one_line(text * 100)) < 12 * LONGEST
    if len(text) <= LONGEST:
        assert one_line(text) == escaped(text)


def test_a_long_message_keeps_its_beginning_and_its_end() -> None:
    message = one_line(f"The file {'x' * 100_000} is there: name another.")
    assert message.startswith("The file xxx")
    assert message.endswith("xxx is there: name another.")


@pytest.mark.parametrize("value", [10**5000, -(10**5000), 16**6000], ids=["long", "negative", "hexadecimal"])
def test_numbers_of_any_length_can_be_named(value: int) -> None:
    assert show(value) == "a number of more than 60 digits"


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", f"no{OBEYED}such.json"],
        ["check", "a", f"b{OBEYED}\nError: another line"],
        ["no-such-command", OBEYED],
        [f"no{OBEYED}such"],
        ["tag", "x.jpg", f"--no{OBEYED}"],
        ["tag", "x.jpg", "--top-k", OBEYED],
        ["update-captions", "c.json", "--polarity", OBEYED],
        ["reproduce", f"{OBEYED}.toml"],
        ["reproduce", OBEYED],
        ["plugins", OBEYED],
        ["check", "x" * 100_000],
        ["check", "a", "b" * 100_000],
    ],
)
def test_errors_are_escaped_and_bounded(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) in (1, 2)
    out, err = capsys.readouterr()
    assert out == ""
    assert not is_obeyed(err.replace("\n", ""))
    (error,) = [line for line in err.splitlines() if line.startswith("Error:")]
    assert err.endswith(f"{error}\n")
    assert len(error) < 12 * LONGEST
    assert "Unexpected" not in err


PLUGIN = """
import click
from sentikit import SentikitError, hookimpl
from sentikit.commands.output import print_line, say, warn

class Panic(BaseException):
    pass

@hookimpl
def register_commands(cli):
    @cli.command()
    @click.argument("how")
    @click.argument("text")
    def speak(how, text):
        if how == "raise":
            raise SentikitError(text)
        if how == "panic":
            raise Panic(text)
        {"say": say, "warn": warn, "print": print_line}[how](text)
"""


@pytest.mark.parametrize("how", ["raise", "panic", "say", "warn"])
@pytest.mark.parametrize("debug", [[], ["--debug"]])
def test_messages_of_plugins(tmp_path: Path, capsys: pytest.CaptureFixture[str], how: str, debug: list[str]) -> None:
    (tmp_path / "speaking.py").write_text(PLUGIN, "utf-8")
    tmp_path.chmod(0o755)
    code = run([*debug, "--plugins-dir", str(tmp_path), "speak", how, f"a\n{OBEYED}b"])
    assert code == (1 if how in ("raise", "panic") else 0)
    err = capsys.readouterr().err
    assert not is_obeyed(err.replace("\n", ""))
    assert ("Traceback" in err) == (bool(debug) and code == 1)
    assert err.count("\n") == 1 or debug


@pytest.mark.parametrize("is_terminal", [True, False])
def test_data_is_escaped_on_a_terminal_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], is_terminal: bool
) -> None:
    (tmp_path / "speaking.py").write_text(PLUGIN, "utf-8")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal)
    assert run(["--plugins-dir", str(tmp_path), "speak", "print", OBEYED]) == 0
    assert capsys.readouterr().out == (escaped(OBEYED) if is_terminal else OBEYED) + "\n"


@pytest.mark.parametrize("is_terminal", [True, False])
def test_captions_that_are_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], is_terminal: bool
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal)
    caption = "A dog runs. \x1b]0;owned\x07"
    annotations = [{"id": 1, "image_id": 1, "caption": caption}]
    document = {"images": [{"id": 1, "file_name": "1.jpg"}], "annotations": annotations}
    (tmp_path / "c.json").write_text(json.dumps(document), "utf-8")
    (tmp_path / "t.jsonl").write_text('{"image_id": 1, "anps": ["happy dog"]}\n', "utf-8")
    options = ["--rewriter", "noun-match", "-o", str(tmp_path / "out.json"), "--show", "1"]
    assert run(["update-captions", str(tmp_path / "c.json"), "--tags", str(tmp_path / "t.jsonl"), *options]) == 0
    printed = capsys.readouterr().out
    assert f"- {escaped(caption) if is_terminal else caption}\n" in printed
    written = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert written["annotations"][0]["caption"] == caption.replace("dog", "happy dog")


def test_ontologies_that_are_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    anp = {"adjective": "happy", "noun": "dog", "valence": 1, "count": 3, "examples": [f"a{OBEYED}b"]}
    document = {"format": "sentikit-ontology", "version": 1, "name": OBEYED, "anps": [anp]}
    (tmp_path / "o.json").write_text(json.dumps(document), "utf-8")
    assert run(["ontology", "show", str(tmp_path / "o.json")]) == 0
    printed = capsys.readouterr()
    assert "happy" in printed.out
    assert not is_obeyed((printed.out + printed.err).replace("\n", ""))


def test_captions_with_inserted_adjectives() -> None:
    original = f"a dog{OBEYED}"
    edit = Edit(2, 2, "", f"happy\x1b{OBEYED} ", Tag(ANP("happy\x1b", "dog"), 0.5))
    shown = bold_edits(original, Rewrite.from_edits(original, [edit]))
    assert shown.count("\x1b") == 2  # bold and its end
    assert not is_obeyed(shown.replace("\x1b", ""))
