"""Results print as text, convert to JSON, pickle, and show themselves in a notebook."""

from __future__ import annotations

import dataclasses
import json
import pickle
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from support.looking_models import save_photos
from support.toy_api import toy_model

import sentikit
from sentikit import ANP, Sentikit, Tag

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def model() -> Sentikit:
    return toy_model(rewriter="noun-match")


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return save_photos(tmp_path, ["1.png"])[0]


def results(model: Sentikit, photo: Path) -> list[Any]:
    document = {
        "images": [{"id": 1, "file_name": "1.png"}],
        "annotations": [{"id": 1, "image_id": 1, "caption": "a dog"}],
    }
    return [
        model.caption(photo),
        *model.caption([b""]),
        model.tag(photo),
        *model.tag([b""]),
        model.rewrite("a dog", ["happy dog"]),
        model.update(document, {1: ["happy dog"]}),
    ]


def test_the_text_of_a_result_is_its_str(model: Sentikit, photo: Path) -> None:
    assert list(map(str, results(model, photo))) == [
        "a misty street",
        "",
        "misty street, misty field, sunny street, sunny field",
        "",
        "a happy dog",
        "1 of 1 caption updated, 1 edit",
    ]
    assert repr(model.caption(photo)) == "CaptionResult('1.png', 'a misty street')"
    assert repr(next(model.caption([b""]))) == "CaptionResult('photo 1', error='it is empty')"


def test_results_are_frozen_pickle_and_convert_to_json(model: Sentikit, photo: Path) -> None:
    for result in results(model, photo):
        field = dataclasses.fields(result)[0].name
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(result, field, None)
        again = pickle.loads(pickle.dumps(result))
        assert str(again) == str(result)
        hash(result)
        assert result == result
        if hasattr(result, "to_dict"):
            assert json.loads(json.dumps(result.to_dict(), allow_nan=False)) == again.to_dict()


def test_a_caption_has_words_with_attention_and_tags(model: Sentikit, photo: Path) -> None:
    result = model.caption(photo, top_k=2)
    assert result.words == ("a", "street")
    assert result.attention.shape == (2, 2, 2)
    assert [str(tag.anp) for tag in result.tags] == ["misty street", "misty field"]
    assert (result.candidates[0].log_probability, result.edits[0].tag.anp) == (-1.5, ANP("misty", "street"))
    tags = model.tag(photo, top_k=2)
    assert (len(tags), next(iter(tags)), tags.tags[0].attention.shape) == (2, tags.tags[0], (2, 2, 2))


class Page(HTMLParser):
    """The tags and the text of some HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.sources: list[str] = []
        self.alternatives: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert {name for name, _ in attrs} <= {"style", "src", "alt"}
        self.sources += [value or "" for name, value in attrs if name == "src"]
        self.alternatives += [value or "" for name, value in attrs if name == "alt"]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_notebook_shows_the_thumbnail_the_marked_adjective_and_the_tags(model: Sentikit, photo: Path) -> None:
    html = model.caption(photo, top_k=2)._repr_html_()
    page = Page(html)
    assert re.search(r"a <mark [^>]*>misty</mark> street", html)
    assert page.sources[0].startswith("data:image/jpeg;base64,")
    assert "misty field" in page.text
    assert Page(model.tag(photo)._repr_html_()).tags.count("tr") == 4
    assert re.search(r"an? <mark [^>]*>old</mark> dog", model.rewrite("a dog", ["old dog"])._repr_html_())
    *_, update = results(model, photo)
    assert re.search(r"a <mark [^>]*>happy</mark> dog", update._repr_html_())


def test_thumbnails_are_of_files_arrays_and_images_that_are_still_there(model: Sentikit, photo: Path) -> None:
    image = Image.open(photo)
    for one in (photo, image, np.asarray(image), photo.read_bytes()):
        assert Page(model.caption(one)._repr_html_()).sources
        assert Page(next(model.caption([one]))._repr_html_()).sources
    result = model.caption(photo)
    photo.unlink()
    assert Page(result._repr_html_()).sources == []


@pytest.mark.parametrize("name", ["<script>alert(1)<&script>.png", "'\" onload='x'.png", "\udcff<b>.png"])
def test_hostile_names_captions_and_tags_stay_text(model: Sentikit, tmp_path: Path, name: str) -> None:
    photo = tmp_path / name
    save_photos(tmp_path, ["1.png"])[0].rename(photo)
    for result in (model.caption(photo), model.tag(photo), *model.caption([tmp_path / f"no{name}"])):
        page = Page(result._repr_html_())
        assert set(page.tags) <= {"div", "img", "p", "mark", "table", "tr", "td", "b"}
        if page.alternatives:
            assert page.alternatives == [result.name]
        else:
            assert result.name in page.text
    tags = [Tag(ANP("<script>x</script>", "dog"), 0.5)]
    page = Page(model.rewrite("a <b>&amp;</b> dog <script>alert(1)</script>", tags)._repr_html_())
    assert set(page.tags) == {"p", "mark"}
    assert page.text == "a <b>&amp;</b> <script>x</script> dog <script>alert(1)</script>"


TYPED = """
from pathlib import Path
import numpy as np
import sentikit
from sentikit import CaptionResult, TagResult, RewriteResult, UpdateResult

model: sentikit.Sentikit = sentikit.load(device="cpu", options={"beams": 5})
one: CaptionResult = model.caption(np.zeros((4, 4, 3), np.uint8), top_k=5)
named: CaptionResult = model.caption("photo.jpg")
many: list[CaptionResult] = list(model.caption([Path("a.jpg"), "b.jpg"], polarity="positive"))
tags: TagResult = model.tag(b"bytes", top_k=5)
more: list[TagResult] = list(model.tag(path for path in Path().iterdir()))
rewritten: RewriteResult = model.rewrite("A dog.", ["happy dog", ("old", "dog")])
updated: UpdateResult = model.update("captions.json", {1: ["happy dog"]}, min_probability=0.1)
text: str = one.text + rewritten.text
description: sentikit.Description = model.description
again = sentikit.Sentikit(description)
"""
WRONG = """
import sentikit
model = sentikit.load()
model.caption("photo.jpg", topk=5)
model.rewrite("A dog.", 5)
model.caption(b"").txt
"""


@pytest.mark.slow
def test_the_calls_are_typed(tmp_path: Path) -> None:
    (tmp_path / "typed.py").write_text(TYPED)
    (tmp_path / "wrong.py").write_text(WRONG)
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", str(ROOT / "pyproject.toml")]
    done = subprocess.run(
        [*command, "--follow-imports", "silent", tmp_path / "typed.py", tmp_path / "wrong.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    lines = [line.rpartition("[")[2] for line in done.stdout.splitlines() if "error:" in line]
    assert (sorted(lines), "typed.py" in done.stdout) == (
        ["arg-type]", "attr-defined]", "call-overload]", "call-overload]"],
        False,
    )


def test_the_results_are_names_of_the_package() -> None:
    for name in ("Candidate", "CaptionResult", "Description", "RewriteResult", "TagResult", "UpdateResult"):
        assert name in sentikit.__all__
        assert getattr(sentikit, name).__name__ == name
