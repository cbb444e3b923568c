"""What trainers of taggers read: folder trees, manifests and tag files; and what is said of bad ones."""

from __future__ import annotations

import json
import logging
import math
from pathlib import Path
from typing import Any

import pytest
from support.synthetic import Photos, make_photos, metrics, train_arguments

from sentikit import ANP, SentikitError
from sentikit.cli import run
from sentikit.training.anp_examples import common_anps, count_anps, read_anp_examples

RED_BAR, BLUE_BAR = ANP("red", "bar"), ANP("blue", "bar")


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Photos:
    return make_photos(tmp_path_factory.mktemp("photos") / "data", 4, 1)


def lines(path: Path, rows: list[Any]) -> Path:
    path.write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows), "utf-8")
    return path


def found(path: Path, images: Path | None = None, split: str = "train") -> dict[str, dict[ANP, float]]:
    """The labels by the photographs' names."""
    examples = read_anp_examples(path, images, split)
    assert len({example.image for example in examples}) == len(examples)
    return {example.image.name: dict(example.label) for example in examples}


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


# Folder trees


def test_a_folder_tree(tmp_path: Path) -> None:
    touch(tmp_path, "red_bar/1.jpg", "red_bar/more/2.PNG", "Blue Bar/3.webp", "blue_circle/notes.txt", ".git/4.jpg")
    (tmp_path / "green_bar").mkdir()
    assert found(tmp_path) == {"1.jpg": {RED_BAR: 1}, "2.PNG": {RED_BAR: 1}, "3.webp": {BLUE_BAR: 1}}


@pytest.mark.parametrize("name", ["1.jpg", "bar/1.jpg", "very_red_bar/1.jpg", "bar_/1.jpg"])
def test_a_photograph_outside_a_pairs_folder_is_named(name: str, tmp_path: Path) -> None:
    touch(tmp_path, "red_bar/0.jpg", name)
    with pytest.raises(SentikitError, match=r"1.jpg is not in a folder of .* named for an adjective-noun pair"):
        read_anp_examples(tmp_path, None, "train")


def test_a_folder_without_photographs(tmp_path: Path) -> None:
    with pytest.raises(SentikitError, match="has no images"):
        read_anp_examples(tmp_path, None, "train")


# Manifests


def test_a_manifest_with_splits_weights_and_status(tmp_path: Path) -> None:
    red = {"file_name": "a/1.jpg", "adjective": "Red", "noun": "bar", "split": "train", "weight": 3}
    rows = [
        red,
        red | {"adjective": "blue", "weight": 1, "status": "ok"},
        red | {"file_name": "2.jpg", "status": "broken"},
        red | {"file_name": "3.jpg", "weight": 0},
        red | {"file_name": "4.jpg", "split": "val"},
        red | {"file_name": "5.jpg", "split": "dev"},
        red | {"file_name": "6.jpg", "split": "test"},
        {"file_name": "7.jpg", "adjective": "blue", "noun": "bar"},
    ]
    path = lines(tmp_path / "manifest.jsonl", ["", *rows])
    assert found(path) == {"1.jpg": {RED_BAR: 3, BLUE_BAR: 1}, "7.jpg": {BLUE_BAR: 1}}
    assert found(path, split="val") == {"4.jpg": {RED_BAR: 3}, "5.jpg": {RED_BAR: 3}, "7.jpg": {BLUE_BAR: 1}}
    assert {example.image for example in read_anp_examples(path, None, "train")} >= {tmp_path / "a" / "1.jpg"}
    (example, _) = read_anp_examples(path, Path("elsewhere"), "train")
    assert example.image == Path("elsewhere/a/1.jpg")


def test_a_photograph_can_come_several_times(tmp_path: Path) -> None:
    path = lines(tmp_path / "manifest.jsonl", [GOOD | {"repeat": 3}, GOOD | {"file_name": "2.jpg"}])
    examples = read_anp_examples(path, None, "train")
    assert [example.image.name for example in examples] == ["1.jpg", "1.jpg", "1.jpg", "2.jpg"]
    assert common_anps(count_anps(examples), 2) == [RED_BAR]
    with pytest.raises(SentikitError, match="the commonest has 2"):
        common_anps(count_anps(examples), 3)


GOOD = {"file_name": "1.jpg", "adjective": "red", "noun": "bar"}


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"file_name": "1.jpg", "adjective": "red"}, "it has no noun"),
        ({"adjective": "red", "noun": "bar"}, "it has no file_name"),
        (GOOD | {"repeat": 0}, "its repeat is not a whole number from 1 to 1000"),
        (GOOD | {"adjective": "very red"}, 'its adjective "very red" is not one word'),
        (GOOD | {"noun": 3}, "its noun 3 is not one word"),
        (GOOD | {"file_name": 3}, "its file_name is not the name of a file"),
        (GOOD | {"weight": -1}, "its weight is not a number from 0 up"),
        (GOOD | {"weight": "much"}, "its weight is not a number from 0 up"),
        (GOOD | {"weight": math.inf}, "its weight is not a number from 0 up"),
        ("{", "it is not JSON"),
        ("[1]", "it is not an object"),
    ],
    ids=str,
)
def test_a_bad_line_of_a_manifest_is_named(row: Any, why: str, tmp_path: Path) -> None:
    path = lines(tmp_path / "manifest.jsonl", [GOOD, row])
    with pytest.raises(SentikitError) as caught:
        read_anp_examples(path, None, "train")
    assert str(caught.value) == f"{path}, line 2 of the manifest: {why}."


def test_a_manifest_without_the_split(tmp_path: Path) -> None:
    path = lines(tmp_path / "manifest.jsonl", [GOOD | {"split": "val"}])
    with pytest.raises(SentikitError, match="no photograph with an adjective-noun pair for the split 'train'"):
        read_anp_examples(path, None, "train")


# Tag files


def test_tags_with_probabilities_are_weights(tmp_path: Path) -> None:
    touch(tmp_path, "000000000139.jpg", "b.png", "deep/c.jpg")
    tags = [{"adjective": "red", "noun": "bar", "probability": p} for p in (0.6, 0.0)]
    tags[1]["adjective"] = "green"
    other = {"adjective": "blue", "noun": "bar", "probability": 0.2}
    rows = [
        {"sentikit": {"tagger": "any"}},
        {"image_id": 139, "anps": [*tags, other]},
        {"image_id": 7, "file_name": "photos/b.png", "anps": [other]},
        {"file_name": "c.jpg", "anps": [other]},
        {"image_id": 8, "file_name": "gone.jpg", "anps": [other]},
        {"image_id": "b", "file_name": "empty.jpg", "anps": []},
    ]
    assert found(lines(tmp_path / "tags.jsonl", rows)) == {
        "000000000139.jpg": {RED_BAR: 0.6, BLUE_BAR: 0.2},
        "b.png": {BLUE_BAR: 0.2},
        "c.jpg": {BLUE_BAR: 0.2},
    }


def test_ranked_tags_weigh_less_and_less(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "sentikit")
    touch(tmp_path / "photos", "1.jpg", "3.jpg")
    rows = [{"image_id": 1, "anps": ["red bar", "blue bar"]}, {"image_id": 2, "anps": ["red bar"]}]
    labels = found(lines(tmp_path / "tags.jsonl", rows), tmp_path / "photos")
    assert labels.keys() == {"1.jpg"}
    assert labels["1.jpg"][BLUE_BAR] / labels["1.jpg"][RED_BAR] == pytest.approx(math.exp(-1 / 8))
    assert f"{tmp_path / 'photos'} has no photograph of 1 image of" in caplog.text


def test_tags_without_any_photograph(tmp_path: Path) -> None:
    touch(tmp_path, "x.jpg")
    path = lines(tmp_path / "tags.jsonl", [{"image_id": 5, "anps": ["red bar"]}])
    with pytest.raises(SentikitError, match=r"no photograph of 1 image of .*tags.jsonl, 5 for one: .* --images"):
        read_anp_examples(path, None, "train")


def test_an_ambiguous_file_name_is_refused(tmp_path: Path) -> None:
    touch(tmp_path, "a/1.jpg", "b/1.jpg")
    path = lines(tmp_path / "tags.jsonl", [{"file_name": "1.jpg", "anps": ["red bar"]}])
    with pytest.raises(SentikitError, match=r"line 1: \"1.jpg\" could be .*a/1.jpg or .*b/1.jpg"):
        read_anp_examples(path, None, "train")


def test_a_coco_file_is_no_training_data_for_taggers(photos: Photos) -> None:
    with pytest.raises(SentikitError, match=r"train.json has no tags"):
        read_anp_examples(photos.train_captions, None, "train")


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(SentikitError, match=r"Cannot read nothing.jsonl: it does not exist"):
        read_anp_examples(Path("nothing.jsonl"), None, "train")


def test_rare_pairs_are_left_out(tmp_path: Path) -> None:
    touch(tmp_path, "red_bar/1.jpg", "red_bar/2.jpg", "blue_bar/1.jpg")
    examples = read_anp_examples(tmp_path, None, "train")
    assert common_anps(count_anps(examples), 1) == [BLUE_BAR, RED_BAR]
    assert common_anps(count_anps(examples), 2) == [RED_BAR]
    with pytest.raises(SentikitError, match=r"has 3 training photographs \(the commonest has 2\): lower --min-count"):
        common_anps(count_anps(examples), 3)


# Through the command


@pytest.mark.parametrize("trainer", ["softmax", "anp-decoder"])
def test_every_form_of_data_trains(trainer: str, photos: Photos, tmp_path: Path) -> None:
    size = ("--size", 16) if trainer == "anp-decoder" else ()
    rows = [json.loads(line) for line in photos.manifest.read_text("utf-8").splitlines()]
    long = [
        {
            "file_name": row["file_name"],
            "anps": [{"adjective": row["adjective"], "noun": row["noun"], "probability": 1}],
        }
        for row in rows
    ]
    short = [
        {"image_id": Path(row["file_name"]).stem, "anps": [f"{row['adjective']} {row['noun']}", "red bar"]}
        for row in rows
    ]
    forms = {
        "manifest": [str(photos.manifest), "--val", str(photos.manifest)],
        "long": [str(path := lines(tmp_path / "long.jsonl", long)), "--val", str(path), "--images", str(photos.images)],
        "short": [str(path := lines(tmp_path / "sh.jsonl", short)), "--val", str(path), "--images", str(photos.images)],
    }
    for name, arguments in forms.items():
        command = train_arguments(photos, trainer, tmp_path / name, *size, "--epochs", 1, "--min-count", 2)
        assert run([*command[:2], *arguments, *command[5:]]) == 0, name
        assert 0 < metrics(tmp_path / name)[0]["macro_recall@10"] <= 1


@pytest.mark.parametrize("cached", [False, True])
@pytest.mark.parametrize("trainer", ["softmax", "anp-decoder", "captioner"])
def test_photographs_that_cannot_be_read_are_left_out_counted_and_named(
    trainer: str, cached: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photos = make_photos(tmp_path / "data", 2, 1)
    broken = [
        path
        for folder in (photos.images, photos.train_tree / "red_bar")
        for path in folder.iterdir()
        if path.name in ("red-bar-0.png", "blue-bar-2.png")
        or (path.name == "red-bar-1.png" and folder.name == "red_bar")
    ]
    for path in broken:
        path.write_bytes(b"no image")
    size = ("--size", 16, "--min-count", 1) if trainer == "captioner" else ()
    # the batch of one photograph that is broken has no photograph left
    options = (*size, "--epochs", 2, "--batch-size", 1, *(["--cache-features"] if cached else []))
    assert run(train_arguments(photos, trainer, tmp_path / "out", *options)) == 0
    err = capsys.readouterr().err
    assert err.count("Left out: ") == 2  # each once, and not in every epoch
    assert "red-bar-0.png: it is not an image in a supported format" in err
    assert "Photographs that could not be read: 2." in err
    if cached:
        assert run([*train_arguments(photos, trainer, tmp_path / "out", *options), "--resume"]) == 0
        assert "Photographs that could not be read: 2." in capsys.readouterr().err


@pytest.mark.parametrize("split", ["train", "val"])
@pytest.mark.parametrize("cached", [False, True])
def test_no_photograph_can_be_read(
    split: str, cached: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photos = make_photos(tmp_path / "data", 1, 1)
    for path in (photos.root / split).rglob("*.png"):
        path.write_bytes(b"")
    options = ("--cache-features",) if cached else ()
    assert run(train_arguments(photos, "softmax", tmp_path / "out", "--epochs", 1, *options)) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("Error: Not one of the ")
    assert last.endswith("photographs could be read: give their folder with --images.")
    assert not (tmp_path / "out" / "pack").exists()


def test_many_broken_photographs_are_not_all_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photos = make_photos(tmp_path / "data", 2, 1)
    for path in list(photos.train_tree.rglob("*.png"))[:9]:
        path.write_bytes(b"")
    assert run(train_arguments(photos, "softmax", tmp_path / "out", "--epochs", 1)) == 0
    err = capsys.readouterr().err
    assert err.count("the file is empty") == 5
    assert "Left out: more photographs" in err
    assert "Photographs that could not be read: 9." in err


def test_the_validation_data_have_other_pairs(
    photos: Photos, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    touch(tmp_path / "val", "old_dog/1.jpg")
    arguments = train_arguments(photos, "softmax", tmp_path / "out")
    arguments[4] = str(tmp_path / "val")
    assert run(arguments) == 1
    assert "The validation photographs have none of the 12 adjective-noun pairs to learn" in capsys.readouterr().err


def test_a_photograph_with_rare_pairs_only_teaches_nothing(photos: Photos, tmp_path: Path) -> None:
    """It has no target, and the run is not stopped by a batch that has none at all."""
    common = [GOOD | {"file_name": f"images/red-bar-{number}.png"} for number in range(3)]
    rows = [
        *common,
        *({**row, "adjective": "blue", "file_name": row["file_name"].replace("red", "blue")} for row in common),
    ]
    rare = {"file_name": "images/red-circle-0.png", "adjective": "odd", "noun": "circle"}
    path = lines(photos.root / "rare.jsonl", [*rows, rare])
    for trainer in ("softmax", "anp-decoder"):
        command = train_arguments(
            photos, trainer, tmp_path / trainer, "--epochs", 2, "--batch-size", 1, "--min-count", 2
        )
        command[2] = command[4] = str(path)
        assert run([*command, "--label-smoothing", "0.1"]) == 0
        assert metrics(tmp_path / trainer)[-1]["pair@5"] == 1  # the list has two pairs


def test_captions_that_cannot_be_used_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photos = make_photos(tmp_path / "data", 2, 1)
    document = json.loads(photos.train_captions.read_text("utf-8"))
    document["annotations"][0]["caption"] = "  "
    photos.train_captions.write_text(json.dumps(document), "utf-8")
    (photos.images / "red-circle-1.png").unlink()
    options = ("--size", 16, "--min-count", 1, "--epochs", 1)
    assert run(train_arguments(photos, "captioner", tmp_path / "out", *options)) == 0
    err = capsys.readouterr().err
    assert "annotations[0], key 'caption'" in err
    assert "1 of the 24 images of" in err
    assert run(train_arguments(photos, "captioner", tmp_path / "no", *options, "--min-count", 1000)) == 1
    assert "No word of the captions occurs 1000 times: lower --min-count." in capsys.readouterr().err
    assert run(train_arguments(photos, "captioner", tmp_path / "no", *options, "--images", tmp_path)) == 1
    assert "Cannot find any of the 24 images" in capsys.readouterr().err
