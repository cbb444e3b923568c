"""`sentikit prepare flickrstyle`: captions of one style, as sentences."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sentikit_plugins.dataset_preparation.flickrstyle import detokenised, half_of

from sentikit.cli import run


def test_flickrstyle_as_sentences_of_one_half(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert detokenised("the dog 's ball does n't roll , alas .") == "The dog's ball doesn't roll, alas."
    names = [f"{number}.jpg" for number in range(8)]
    images = [{"id": number, "file_name": name} for number, name in enumerate(names)]
    styled = [
        {"id": 10 * number + place, "image_id": number, "caption": f"a {style} dog .", "style": style}
        for number in range(8)
        for place, style in enumerate(("romantic", "humorous"))
    ]
    plain = [{"id": number, "image_id": number, "caption": "a dog"} for number in range(8)]
    for name, rows in (("styled", styled), ("photos", plain)):
        (tmp_path / f"{name}.json").write_text(json.dumps({"images": images, "annotations": rows}), "utf-8")
    found = []
    for half in ("tune", "report"):
        out = tmp_path / f"{half}.json"
        command = ["prepare", "flickrstyle", str(tmp_path / "styled.json"), "--photos", str(tmp_path / "photos.json")]
        assert run([*command, "--half", half, "-o", str(out)]) == 0
        document = json.loads(out.read_text("utf-8"))
        assert {annotation["caption"] for annotation in document["annotations"]} == {"A romantic dog."}
        assert all(half_of(image["file_name"]) == half for image in document["images"])
        found += [image["file_name"] for image in document["images"]]
    assert sorted(found) == names
