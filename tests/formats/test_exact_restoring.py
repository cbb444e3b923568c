"""An update of a text format is undone byte for byte, whatever the file holds beside its captions."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.caption_formats import made, restore, texts, update

word = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\n"), max_size=12)
caption = word.filter(str.strip)
value = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | word,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(word, inner, max_size=2),
    max_leaves=4,
)
position = st.integers(0, 12)
others = st.dictionaries(word.filter(lambda key: key not in ("caption", "file_name", "image_id", "sentikit")), value)


def check_restored(name: str, content: bytes, at: int, expected: list[str], **options: str) -> None:
    """Updating changes the captions alone, and restoring gives the bytes back."""
    form = made(name, **options)
    with TemporaryDirectory() as folder:
        path, new, back = (Path(folder, file) for file in ("in", "new", "back"))
        path.write_bytes(content)
        assert texts(path, form) == expected
        written = update(path, new, form, at)
        assert texts(new, form) == written
        assert restore(new, back, form).captions == len(expected)
        assert back.read_bytes() == content


@st.composite
def json_line(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A line in any style of JSON, and its captions."""
    captions = draw(caption | st.lists(caption, min_size=1, max_size=3))
    entry: dict[str, Any] = {**draw(others), "image_id": draw(st.integers(0, 9) | caption), "caption": captions}
    separators = draw(st.sampled_from([(", ", ": "), (",", ":"), (" , ", " :  ")]))
    keys = draw(st.permutations(list(entry)))
    text = json.dumps({key: entry[key] for key in keys}, ensure_ascii=draw(st.booleans()), separators=separators)
    padded = text
    if draw(st.booleans()):
        padded = f" {text[:-1]} }} "
    return padded, [captions] if isinstance(captions, str) else captions


@given(st.lists(json_line(), min_size=1, max_size=4), position, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_json_lines(entries: list[tuple[str, list[str]]], at: int, end: str, last: bool) -> None:
    content = end.join(line for line, _ in entries) + (end if last else "")
    expected = [text for _, captions in entries for text in captions]
    check_restored("jsonl", content.encode("utf-8"), at, expected, caption_column="caption", image_column="image_id")


@given(
    st.lists(st.tuples(caption, word, caption), min_size=1, max_size=5),
    position,
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_tables(rows: list[tuple[str, str, str]], at: int, delimiter: str, quoting: int, end: str, mark: bool) -> None:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, quoting=quoting, lineterminator=end)  # type: ignore[arg-type]
    writer.writerow(["file_name", "other", "caption"])
    writer.writerows([name, other, text] for text, other, name in rows)
    content = ("\ufeff" if mark else "") + file.getvalue()
    check_restored("csv", content.encode("utf-8"), at, [text for text, _, _ in rows], delimiter=delimiter)


@given(st.lists(caption, min_size=1, max_size=4), position)
def test_a_caption_of_several_lines_in_a_table(captions: list[str], at: int) -> None:
    rows = "".join(f'a.jpg,"{text}\nof ""two"" lines",x\n' for text in (c.replace('"', "") + "." for c in captions))
    expected = [c.replace('"', "") + '.\nof "two" lines' for c in captions]
    check_restored("csv", f"image,caption,z\n{rows}".encode(), at, expected)


@given(st.lists(caption.filter(lambda text: "\t" not in text), min_size=1, max_size=5), position)
def test_token_files(captions: list[str], at: int) -> None:
    content = "".join(f"1.jpg#{number}\t{text}\r\n" for number, text in enumerate(captions))
    check_restored("token", content.encode("utf-8"), at, captions)


def karpathy(captions: list[str]) -> Any:
    sentences = [{"raw": text, "sentid": number} for number, text in enumerate(captions)]
    return {"images": [{"filename": "1.jpg", "imgid": 0, "sentences": sentences}], "dataset": "x"}


def vizwiz(captions: list[str]) -> Any:
    annotations = [{"image_id": 1, "id": number, "caption": text} for number, text in enumerate(captions)]
    return {"images": [{"id": 1, "file_name": "1.jpg"}], "annotations": annotations}


DOCUMENTS = {
    "coco-results": lambda captions: [{"image_id": 1, "caption": text, "x": [1.50]} for text in captions],
    "karpathy": karpathy,
    "vizwiz": vizwiz,
    "textcaps": lambda captions: {"data": [{"caption_str": text, "image_id": "a"} for text in captions]},
    "llava": lambda captions: [
        {"image": "1.jpg", "conversations": [{"from": "human", "value": "?"}, {"from": "gpt", "value": text}]}
        for text in captions
    ],
}


@pytest.mark.parametrize("name", DOCUMENTS)
@settings(max_examples=max(8, settings().max_examples // 3))
@given(st.lists(caption, min_size=1, max_size=3), position, st.sampled_from([None, 0, 2]), st.booleans())
def test_documents(name: str, captions: list[str], at: int, indent: int | None, ascii_only: bool) -> None:
    content = json.dumps(DOCUMENTS[name](captions), indent=indent, ensure_ascii=ascii_only)
    check_restored(name, content.encode("utf-8"), at, captions)


@given(st.lists(caption.filter(lambda text: len(text.splitlines()) == 1), min_size=1, max_size=3))
def test_text_files_beside_photographs(captions: list[str]) -> None:
    content = "\n".join(f" {text}" for text in captions).encode("utf-8")
    form = made("sidecars")
    with TemporaryDirectory() as name:
        folder, new = Path(name, "photos"), Path(name, "new")
        folder.mkdir()
        (folder / "1.jpg").touch()
        (folder / "1.txt").write_bytes(content)
        update(folder, new, form)
        assert (new / "1.txt").read_bytes() != content
        restore(new, new, form)
        assert (new / "1.txt").read_bytes() == content


def test_a_lone_surrogate_survives() -> None:
    check_restored("jsonl", b'{"image_id": 1, "caption": "A \\ud800 dog"}\n', 2, ["A \ud800 dog"])


def test_a_key_that_is_there_twice(tmp_path: Path) -> None:
    check_restored("jsonl", b'{"image_id": 1, "caption": "A cat", "caption": "A dog"}\n', 2, ["A dog"])
