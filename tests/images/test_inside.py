"""A data file's names lead only to photographs in their folder, unless the user allows more; bad names are failures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.made_images import save_scene
from support.toy_commands import SUPPORT

import sentikit
from sentikit import SentikitError, UsageError
from sentikit.formats.tags import TaggedImage
from sentikit.images import (
    NOT_FOUND,
    OUTSIDE,
    PhotoFolder,
    find_coco_images,
    find_images,
    find_tagged_images,
    missing_warning,
    name_problem,
    outside_allowed,
)
from sentikit.images.failures import Failure
from sentikit.images.selection import find_photos

BAD_NAMES = ["a" * 256 + ".jpg", "ä" * 128 + ".jpg", "sub/" + "b" * 300, "a\0.jpg", "\ud800.jpg", "", "x/" * 3000]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a photograph and a folder, beside one with a secret; links lead from the one to the other."""
    for name in ("photos/a.jpg", "photos/sub/b.jpg", "secret/private.jpg", "photos-2/c.jpg"):
        save_scene(tmp_path / name)
    (tmp_path / "photos" / "link.jpg").symlink_to(tmp_path / "secret" / "private.jpg")
    (tmp_path / "photos" / "linked").symlink_to(tmp_path / "secret")
    (tmp_path / "photos" / "other.jpg").symlink_to("sub/b.jpg")
    return tmp_path


def coco(*names: str) -> list[dict[str, Any]]:
    return [{"id": number, "file_name": name} for number, name in enumerate(names, 1)]


OUTSIDE_NAMES = [
    "../secret/private.jpg",
    "sub/../../secret/private.jpg",
    "./../secret/private.jpg",
    "{place}/secret/private.jpg",
    "//{place}/secret/private.jpg",
    "link.jpg",
    "linked/private.jpg",
    "linked/../secret/private.jpg",
    "../photos-2/c.jpg",
]
INSIDE_NAMES = [
    "a.jpg",
    "sub/b.jpg",
    "other.jpg",
    "sub/../a.jpg",
    "{place}/photos/a.jpg",
    "../photos/a.jpg",
    "x\\a.jpg",
]


@pytest.mark.parametrize("name", OUTSIDE_NAMES)
def test_what_is_outside_is_a_failure_that_is_named(place: Path, name: str) -> None:
    name = name.format(place=place)
    images = coco("a.jpg", name)
    photos = find_coco_images(place / "c.json", images, place / "photos")
    assert [ref.image_id for ref in photos.refs] == [1]
    [failure] = photos.outside
    assert (failure.image_id, failure.reason) == (2, OUTSIDE)
    warning = missing_warning(place / "c.json", photos)
    assert warning is not None
    assert "1 of the 2 images of" in warning
    assert "--allow-outside" in warning
    assert Path(name).name in warning
    allowed = find_coco_images(place / "c.json", images, place / "photos", allow_outside=True)
    assert [ref.path.name for ref in allowed.refs] == ["a.jpg", Path(name).name]
    assert not allowed.missing


@pytest.mark.parametrize("name", INSIDE_NAMES)
def test_what_is_inside_is_found(place: Path, name: str) -> None:
    photos = find_coco_images(place / "c.json", coco(name.format(place=place)), place / "photos")
    assert not photos.missing
    assert photos.refs[0].path.resolve().is_relative_to(place / "photos")


def test_the_folder_itself_may_be_a_link(place: Path) -> None:
    (place / "named").symlink_to(place / "photos")
    images = coco("a.jpg", "sub/b.jpg", "link.jpg")
    photos = find_coco_images(place / "c.json", images, place / "named")
    assert [ref.image_id for ref in photos.refs] == [1, 2]
    assert [failure.image_id for failure in photos.outside] == [3]


def test_without_a_folder_nothing_beyond_the_usual_places_is_read(place: Path) -> None:
    save_scene(place / "data" / "images" / "a.jpg")
    for name in ("../secret/private.jpg", "../../secret/private.jpg", f"{place}/secret/private.jpg"):
        photos = find_coco_images(place / "data" / "c.json", coco("a.jpg", name))
        assert [ref.image_id for ref in photos.refs] == [1]
        assert [failure.image_id for failure in photos.missing] == [2]


def test_a_guessed_folder_that_is_a_link_out_of_the_data_is_outside(place: Path) -> None:
    save_scene(place / "data" / "set" / "a.jpg")
    path = place / "data" / "set" / "c.json"
    (place / "data" / "set" / "images").symlink_to(place / "secret")
    images = coco("a.jpg", "private.jpg")
    photos = find_coco_images(path, images)
    assert [failure.image_id for failure in photos.outside] == [2]
    with pytest.raises(SentikitError, match=r"or read what is outside \(.*private\.jpg\) with --allow-outside"):
        find_coco_images(path, images[1:])
    assert find_coco_images(path, images[1:], allow_outside=True).refs
    assert find_coco_images(path, images[1:], place / "secret").refs


def test_if_everything_is_outside_the_error_names_it(place: Path) -> None:
    with pytest.raises(SentikitError, match=r"secret/private\.jpg\) with --allow-outside"):
        find_coco_images(place / "c.json", coco("../secret/private.jpg"), place / "photos")


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_name_that_no_file_can_have_is_a_failure_of_its_image(place: Path, name: str) -> None:
    photos = find_coco_images(place / "c.json", coco("a.jpg", name, "sub/b.jpg"), place / "photos")
    assert [ref.image_id for ref in photos.refs] == [1, 3]
    [failure] = photos.missing
    assert failure.image_id == 2
    assert str(failure).isprintable()
    assert len(str(failure)) < 700
    warning = missing_warning(place / "c.json", photos)
    assert warning is not None
    assert warning.encode().isascii()


def test_names_that_files_can_have() -> None:
    names = ["a.jpg", "ä.jpg", "a" * 255, "x/" * 100 + "a", "caf\udce9.jpg", "a\nb.jpg", " "]
    assert [name_problem(name) for name in names] == [None] * len(names)
    assert None not in map(name_problem, BAD_NAMES[:-1])


# Tag files


def tagged(place: Path, name: str | None, allow_outside: bool = False, image_id: int | None = None) -> Path | Failure:
    image = TaggedImage(image_id, name, 1)
    [found] = find_tagged_images(place / "t.jsonl", [image], [place / "photos"], allow_outside=allow_outside)
    return found


@pytest.mark.parametrize("name", OUTSIDE_NAMES)
def test_a_tag_file_reads_nothing_outside_either(place: Path, name: str) -> None:
    name = name.format(place=place)
    found = tagged(place, name)
    assert isinstance(found, Failure)
    assert found.reason == OUTSIDE
    assert isinstance(tagged(place, name, allow_outside=True), Path)


@pytest.mark.parametrize("name", INSIDE_NAMES)
def test_a_tag_file_reads_what_is_inside(place: Path, name: str) -> None:
    assert isinstance(tagged(place, name.format(place=place)), Path)


def test_an_id_that_leads_to_a_link_out_of_the_folder(place: Path) -> None:
    (place / "photos" / "7.jpg").symlink_to(place / "secret" / "private.jpg")
    found = tagged(place, None, image_id=7)
    assert isinstance(found, Failure)
    assert found.reason == OUTSIDE
    assert isinstance(tagged(place, None, True, 7), Path)


@pytest.mark.parametrize("name", BAD_NAMES[:5])
def test_a_bad_name_in_a_tag_file_is_a_failure(place: Path, name: str) -> None:
    found = tagged(place, name)
    assert isinstance(found, Failure)
    assert found.reason != NOT_FOUND
    assert str(found).isprintable()


def test_a_file_that_was_named_may_be_anywhere(place: Path) -> None:
    image = TaggedImage(None, "private.jpg", 1)
    for argument in (place / "secret" / "private.jpg", place / "photos" / "link.jpg"):
        [found] = find_tagged_images(place / "t.jsonl", [image._replace(file_name=argument.name)], [argument])
        assert found == argument


def test_with_coco_ids_links_out_of_a_searched_folder_are_not_followed(place: Path) -> None:
    path = place / "c.json"
    path.write_text(json.dumps({"images": coco("a.jpg", "link.jpg", "private.jpg")}))
    photos = find_photos([str(place / "photos")], path)
    assert [ref.file_name for ref in photos.refs] == ["a.jpg"]
    assert {(failure.file.name, failure.reason) for failure in photos.unknown} == {
        ("link.jpg", OUTSIDE),
        ("private.jpg", OUTSIDE),
    }
    assert len(find_photos([str(place / "photos")], path, allow_outside=True).refs) == 3
    assert len(find_photos([str(place / "photos" / "link.jpg")], path).refs) == 1


# The Python API


def test_update_takes_what_is_outside_if_it_is_told_to(place: Path, caplog: pytest.LogCaptureFixture) -> None:
    model = sentikit.load(tagger="toy", rewriter="noun-match", plugins_dir=SUPPORT / "toy_plugins")
    path = place / "c.json"
    images = coco("a.jpg", "../secret/private.jpg")
    annotations = [{"id": image["id"], "image_id": image["id"], "caption": "A street."} for image in images]
    path.write_text(json.dumps({"images": images, "annotations": annotations}))
    updated = model.update(path, images=place / "photos")
    assert updated.stats["captions_failed"] == 1
    assert "allow_outside=True" in caplog.text
    updated = model.update(path, images=place / "photos", allow_outside=True)
    assert updated.stats["captions_failed"] == 0


def test_a_folder_of_the_api_logs_what_it_leaves_out(place: Path, caplog: pytest.LogCaptureFixture) -> None:
    (place / "photos" / "scan.pdf").touch()
    model = sentikit.load(tagger="toy", plugins_dir=SUPPORT / "toy_plugins")
    assert len(list(model.tag(place / "photos", top_k=1))) == 5
    assert caplog.text.count("1 .pdf, such as ") == 1


# Readers without the argument, and empty names


def test_readers_of_trainers_are_allowed_by_the_block_around_them(place: Path) -> None:
    images = coco("a.jpg", "../secret/private.jpg")
    with outside_allowed():
        assert len(find_coco_images(place / "c.json", images, place / "photos").refs) == 2
        with outside_allowed(False):
            assert PhotoFolder(place / "photos").holds("/dev/null")
    assert len(find_coco_images(place / "c.json", images, place / "photos").refs) == 1


def test_an_empty_name_is_not_the_current_folder(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place / "photos")
    for arguments in ([""], ["a.jpg", ""]):
        with pytest.raises(UsageError, match=f"IMAGES: argument {len(arguments)} is empty"):
            find_images(arguments)
        with pytest.raises(UsageError, match="is empty"):
            find_tagged_images(place / "t.jsonl", [TaggedImage(None, "a.jpg", 1)], arguments)
    assert find_images(["."])
