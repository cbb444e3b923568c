"""Photographs of the same name in one library: their paths become their ids, and everything else joins by them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from support.looking_models import save_photos
from support.toy_commands import json_lines, toy_run

from sentikit import SentikitError
from sentikit.formats.tags import match_tags, read_tags
from sentikit.images import ImageRef, check_distinct_ids, find_images, with_coco_ids

TOY = ("--tagger", "toy")


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def ids(refs: list[ImageRef]) -> list[int | str]:
    check_distinct_ids(refs)
    return [ref.image_id for ref in refs]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["1.jpg", "a/2.jpg", "b.jpg"], [1, 2, "b"]),
        (["a/1.jpg", "b/1.jpg", "c.jpg"], ["a/1.jpg", "b/1.jpg", "c"]),
        (["a.jpg", "a.png", "b.png"], ["a.jpg", "a.png", "b"]),
        (["1.jpg", "01.jpg"], ["1.jpg", "01.jpg"]),
        (["1.jpg", "a/1.jpg", "a/b/1.png"], ["1.jpg", "a/1.jpg", "a/b/1.png"]),
        (["a.jpg", "a.png", "a.png.gif"], ["a.jpg", "a.png", "a.png.gif"]),
        (["A/1.jpg", "a/1.jpg", "2.jpg"], [2, "A/1.jpg", "a/1.jpg"]),
    ],
)
def test_only_those_whose_ids_would_be_the_same_have_their_paths(
    tmp_path: Path, names: list[str], expected: list[int | str]
) -> None:
    refs = find_images([touch(tmp_path, *names)])
    assert sorted(ids(refs), key=str) == sorted(expected, key=str)
    by_path = [ref for ref in refs if ref.image_id == ref.file_name]
    assert all(tmp_path / ref.file_name == ref.path for ref in by_path)


def test_folders_may_be_nested_deeply(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(1500):  # deeper than Python calls functions
        os.mkdir("d")
        os.chdir("d")
    Path("1.jpg").touch()
    os.chdir(tmp_path)
    deepest = "/".join(["d"] * 1500)
    try:
        assert ids(find_images(["."])) == [1]
    finally:  # pytest could not remove it
        os.remove(f"{deepest}/1.jpg")
        os.removedirs(deepest)
    assert not any(tmp_path.iterdir())


def test_paths_start_where_all_that_was_named_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(touch(tmp_path, "x/a/1.jpg", "x/b/1.jpg"))
    expected = ["a/1.jpg", "b/1.jpg"]
    for arguments in (["x"], ["x/a", "x/b"], ["x/a/1.jpg", "x/b/1.jpg"], ["x/*"], ["x/*/1.jpg"], ["x/a", "x/b/1.jpg"]):
        assert ids(find_images(arguments)) == expected
    assert ids(find_images(["."])) == ["x/a/1.jpg", "x/b/1.jpg"]
    assert ids(find_images(["x/a"])) == [1]


def test_coco_images_of_the_same_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    refs = find_images([touch(tmp_path, "a/1.jpg", "b/1.jpg")])
    images = [{"id": 7, "file_name": "b/1.jpg"}, {"id": 8, "file_name": "a\\1.jpg"}]
    known, unknown = with_coco_ids(refs, tmp_path / "c.json", images)
    assert ([ref.image_id for ref in known], unknown) == ([8, 7], [])
    with pytest.raises(SentikitError, match="could be image 7 or 9"):
        with_coco_ids(refs, tmp_path / "c.json", [images[0], {"id": 9, "file_name": "c/1.jpg"}])


def test_an_image_has_one_file_that_in_its_folders(tmp_path: Path) -> None:
    refs = find_images([touch(tmp_path, "a/1.jpg", "b/1.jpg")])
    known, unknown = with_coco_ids(refs, tmp_path / "c.json", [{"id": 7, "file_name": "a/1.jpg"}])
    assert (known, unknown) == ([refs[0]._replace(image_id=7)], [refs[1]])
    known, unknown = with_coco_ids(refs, tmp_path / "c.json", [{"id": 7, "file_name": "1.jpg"}])
    with pytest.raises(SentikitError, match="would both have the image id 7"):
        check_distinct_ids(known)


# From the command line


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """a/1.png is dark and misty, b/1.png bright and sunny."""
    save_photos(tmp_path / "made")
    for name, source in (("a/1", 1), ("b/1", 2), ("3", 3)):
        target = tmp_path / "photos" / f"{name}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "made" / f"{source}.png").rename(target)
    return tmp_path / "photos"


def save_captions(path: Path) -> Path:
    images = [{"id": 10, "file_name": "b/1.png"}, {"id": 11, "file_name": "a/1.png"}]
    annotations = [{"id": image["id"], "image_id": image["id"], "caption": "A street."} for image in images]
    path.write_text(json.dumps({"images": images, "annotations": annotations}))
    return path


def test_a_library_is_tagged_and_its_tags_join_captions(photos: Path, tmp_path: Path) -> None:
    tags = tmp_path / "t.jsonl"
    assert toy_run("tag", *TOY, photos, "-o", tags) == 0
    lines = json_lines(tags.read_text())[1:]
    assert [(line["image_id"], line["file_name"]) for line in lines] == [
        (3, "3.png"),
        ("a/1.png", "a/1.png"),
        ("b/1.png", "b/1.png"),
    ]
    captions = save_captions(tmp_path / "c.json")
    rewriter = ("--rewriter", "noun-match")
    assert toy_run("update-captions", captions, "--tags", tags, *rewriter, "-o", tmp_path / "u.json") == 0
    texts = [one["caption"] for one in json.loads((tmp_path / "u.json").read_text())["annotations"]]
    assert texts == ["A sunny street.", "A misty street."]
    assert toy_run("update-captions", captions, "--images", photos, *TOY, *rewriter, "-o", tmp_path / "v.json") == 0
    assert [one["caption"] for one in json.loads((tmp_path / "v.json").read_text())["annotations"]] == texts


def test_an_interrupted_run_over_a_library_goes_on(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tags = tmp_path / "t.jsonl"
    assert toy_run("tag", *TOY, photos, "-o", tags, "--limit", 2) == 0
    assert toy_run("tag", *TOY, photos, "-o", tags) == 0
    assert "1 done, 2 skipped." in capsys.readouterr().err
    assert len(read_tags(tags, strict=True).images) == 3


def test_the_photographs_of_such_a_tag_file_are_found_again(photos: Path, tmp_path: Path) -> None:
    tags, again = tmp_path / "t.jsonl", tmp_path / "again.jsonl"
    assert toy_run("tag", *TOY, photos, "-o", tags) == 0
    assert toy_run("tag", *TOY, photos, "--of", tags, "-o", again) == 0
    assert again.read_text() == tags.read_text()


def test_a_report_shows_each_of_them(photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    captions = tmp_path / "c.jsonl"
    models = ("--captioner", "toy", *TOY, "--combiner", "toy")
    assert toy_run("caption", *models, photos, "--jsonl", captions) == 0
    for folder in (photos, tmp_path):
        assert toy_run("report", captions, "--images", folder, "-o", tmp_path / folder.name / "report") == 0
        assert "3 photographs, 0 failed" in capsys.readouterr().err


# Joining


def test_lines_of_the_same_base_name_join_by_their_folders(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    lines = [
        {"image_id": "a/1.jpg", "file_name": "a/1.jpg", "anps": ["wet dog"]},
        {"file_name": "x\\b\\1.jpg", "anps": ["old cat"]},
        {"image_id": "c/2.jpg", "file_name": "c/2.jpg", "anps": ["red car"]},
        {"image_id": "d/2.jpg", "file_name": "d/2.jpg", "anps": ["big car"]},
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    names = {1: "b/1.jpg", 2: "a/1.jpg", 3: "2017/d/2.jpg", 4: "3.jpg"}
    matched = match_tags({number: {"id": number, "file_name": name} for number, name in names.items()}, read_tags(path))
    assert {number: str(tags[0].anp) for number, tags in matched.tags.items()} == {
        1: "old cat",
        2: "wet dog",
        3: "big car",
    }
    assert [image.key for image in matched.unused] == ["c/2.jpg"]
    assert matched.untagged == [4]
