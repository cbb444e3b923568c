"""Training reads only photographs of its folder, unless it is allowed more; a bad name leaves out its photograph."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.made_images import save_scene
from support.synthetic import Photos, make_photos, train_arguments

from sentikit import SentikitError
from sentikit.cli import run
from sentikit.cli.messages import shown_messages
from sentikit.images import outside_allowed
from sentikit.plugin.kinds import TRAINER
from sentikit.plugin.loader import load_plugins
from sentikit.training.anp_examples import read_anp_examples

NAMES = ["../secret/private.jpg", "{place}/secret/private.jpg", "link.jpg", "linked/private.jpg"]
BAD_NAMES = ["a" * 300 + ".jpg", "a\0.jpg", "\ud800.jpg"]
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    save_scene(tmp_path / "photos" / "1.jpg")
    save_scene(tmp_path / "secret" / "private.jpg")
    (tmp_path / "photos" / "link.jpg").symlink_to("../secret/private.jpg")
    (tmp_path / "photos" / "linked").symlink_to(tmp_path / "secret")
    return tmp_path


@pytest.fixture
def messages() -> Iterator[None]:
    """What is logged goes to stderr, as the command shows it."""
    with shown_messages():
        yield


def save_lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def manifest(place: Path, *names: str) -> Path:
    return save_lines(place / "m.jsonl", [{"file_name": name, "adjective": "red", "noun": "bar"} for name in names])


def tags(place: Path, *names: str) -> Path:
    return save_lines(place / "t.jsonl", [{"file_name": name, "anps": ["red bar"]} for name in names])


def captions(place: Path, *names: str) -> Path:
    images = [{"id": number, "file_name": name} for number, name in enumerate(names)]
    annotations = [{"id": image["id"], "image_id": image["id"], "caption": "A bar."} for image in images]
    path = place / "c.json"
    path.write_text(json.dumps({"images": images, "annotations": annotations}))
    return path


def read(path: Path, images: Path) -> list[str]:
    """The names of the photographs of a tagger's or a captioner's data."""
    if path.suffix == ".jsonl":
        examples = read_anp_examples(path, images, "train")
    else:
        trainer = load_plugins(environ={"SENTIKIT_LOAD_PLUGINS": ""}).get(TRAINER, "captioner")
        examples = trainer.create({}).read(path, images, "train")
    return [example.image.name for example in examples]


@pytest.mark.parametrize("save", [manifest, tags, captions])
@pytest.mark.parametrize("name", NAMES)
def test_what_is_outside_is_left_out_and_named(
    place: Path, capsys: Capture, messages: None, save: Any, name: str
) -> None:
    name = name.format(place=place)
    path = save(place, "1.jpg", name)
    assert read(path, place / "photos") == ["1.jpg"]
    errors = capsys.readouterr().err
    assert "--allow-outside" in errors
    assert Path(name).name in errors
    with outside_allowed():
        assert read(path, place / "photos") == ["1.jpg", Path(name).name]
    with pytest.raises(SentikitError):
        read(save(place, name), place / "photos")


@pytest.mark.parametrize("save", [manifest, tags, captions])
@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_bad_name_leaves_out_its_photograph(
    place: Path, capsys: Capture, messages: None, save: Any, name: str
) -> None:
    assert read(save(place, "1.jpg", name), place / "photos") == ["1.jpg"]
    errors = capsys.readouterr().err
    assert "1 photograph of" in errors or "1 of the 2 images of" in errors
    assert "\0" not in errors


def test_an_empty_name_in_a_manifest_is_one_of_them(place: Path, capsys: Capture, messages: None) -> None:
    assert read(manifest(place, "1.jpg", ""), place / "photos") == ["1.jpg"]
    assert "its name is empty" in capsys.readouterr().err


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Photos:
    return make_photos(tmp_path_factory.mktemp("photos") / "data", 2, 1)


def test_training_with_photographs_outside_is_an_option(photos: Photos, tmp_path: Path, capsys: Capture) -> None:
    """The images beside the folder that --images names."""
    (photos.root / "elsewhere").mkdir()
    for path in (photos.train_captions, photos.val_captions):
        document = json.loads(path.read_text())
        for image in document["images"]:
            image["file_name"] = f"../images/{image['file_name']}"
        path.write_text(json.dumps(document))
    options = ("--images", photos.root / "elsewhere", "--epochs", 1, "--size", 8)
    command = train_arguments(photos, "captioner", tmp_path / "run", *options)
    assert run(command) == 1
    assert "--allow-outside" in capsys.readouterr().err
    assert run([*command, "--allow-outside"]) == 0
