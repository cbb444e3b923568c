"""`sentikit prepare coco` draws an internal validation split, and writes Karpathy's splits as COCO files."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentikit.cli import run

Captured = pytest.CaptureFixture[str]


def document(images: int = 10) -> dict[str, Any]:
    """Two captions an image, not in the order of the images, and keys that COCO does not know."""
    ids = [f"text {number}" if number % 3 == 0 else number * 7 for number in range(images)]
    return {
        "info": {"year": 2017},
        "images": [{"id": id_, "file_name": f"{id_}.jpg", "odd": [None, math.inf]} for id_ in ids],
        "licenses": [],
        "annotations": [
            {"caption": f"A dog \ud800 {number}.", "id": number, "image_id": ids[number % images], "score": 10**30}
            for number in range(2 * images)
        ],
        "mine": {"kept": True},
    }


def karpathy() -> dict[str, Any]:
    splits = ("test", "restval", "val", "train", "restval", "train")
    return {
        "images": [
            {
                "filepath": "val2014",
                "sentids": [10 * number, 10 * number + 1],
                "filename": f"COCO_val2014_{number:012}.jpg",
                "imgid": number,
                "split": split,
                "sentences": [
                    {"tokens": ["a", "dog"], "raw": "A dog. ", "imgid": number, "sentid": 10 * number + place}
                    for place in range(2)
                ],
                "cocoid": 900 - number,
            }
            for number, split in enumerate(splits)
        ],
        "dataset": "coco",
    }


def written(path: Path, source: Any) -> Path:
    path.write_text(json.dumps(source))
    return path


@pytest.fixture
def captions(tmp_path: Path) -> Path:
    return written(tmp_path / "captions_train2017.json", document())


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return written(tmp_path / "dataset_coco.json", karpathy())


def prepare(captions: Path, *arguments: str) -> int:
    return run(["prepare", "coco", str(captions), "-o", str(captions.parent / "out"), *arguments])


def parts(captions: Path) -> dict[str, dict[str, Any]]:
    """What was written, by the name of the split."""
    stem = captions.name.removesuffix(".json")
    return {
        path.name.removeprefix(f"{stem}.").removesuffix(".json"): json.loads(path.read_text())
        for path in (captions.parent / "out").iterdir()
    }


def ids(part: dict[str, Any]) -> list[Any]:
    return [image["id"] for image in part["images"]]


# The internal validation split


def test_the_file_in_two(captions: Path, capsys: Captured) -> None:
    before = captions.read_bytes()
    assert prepare(captions, "--internal-val", "4") == 0
    assert captions.read_bytes() == before
    out, err = capsys.readouterr()
    rows = [line.split() for line in out.splitlines()]
    assert rows == [
        ["images", "captions"],
        ["captions_train2017.json", "10", "20"],
        ["captions_train2017.train.json", "6", "12"],
        ["captions_train2017.internal-val.json", "4", "8"],
    ]
    assert err.count("Wrote ") == 2
    source, made = document(), parts(captions)
    assert set(made) == {"train", "internal-val"}
    drawn = ids(made["internal-val"])
    for name, part in made.items():
        assert list(part) == list(source)
        assert (part["info"], part["licenses"], part["mine"]) == ({"year": 2017}, [], {"kept": True})
        mine = [id_ for id_ in ids(source) if (id_ in drawn) == (name == "internal-val")]
        assert part["images"] == [image for image in source["images"] if image["id"] in mine]
        assert part["annotations"] == [entry for entry in source["annotations"] if entry["image_id"] in mine]
        assert [list(entry) for entry in part["annotations"]] == [["caption", "id", "image_id", "score"]] * len(
            mine
        ) * 2


def test_the_draw_is_of_the_seed_and_the_ids(captions: Path, tmp_path: Path) -> None:
    assert prepare(captions, "--internal-val", "4") == 0
    first = parts(captions)
    source = document()
    backwards = source | {"images": source["images"][::-1], "annotations": source["annotations"][::2]}
    written(captions, backwards)
    assert prepare(captions, "--internal-val", "4", "--force") == 0
    assert ids(parts(captions)["internal-val"]) == ids(first["internal-val"])[::-1]
    assert prepare(captions, "--internal-val", "4", "--seed", "1", "--force") == 0
    assert set(ids(parts(captions)["internal-val"])) != set(ids(first["internal-val"]))


def test_files_that_exist_are_not_replaced_unasked(captions: Path, capsys: Captured) -> None:
    assert prepare(captions, "--internal-val", "4") == 0
    before = parts(captions)
    assert prepare(captions, "--internal-val", "5") == 1
    assert "exists already" in capsys.readouterr().err
    assert parts(captions) == before
    assert prepare(captions, "--internal-val", "5", "--force") == 0
    assert len(parts(captions)["internal-val"]["images"]) == 5


@pytest.mark.parametrize("number", ["10", "20000"])
def test_more_images_than_there_are(number: str, captions: Path, capsys: Captured) -> None:
    assert prepare(captions, "--internal-val", number) == 1
    err = capsys.readouterr().err
    assert "has 10 images" in err
    assert err.count("\n") == 1
    assert not (captions.parent / "out").exists()


def test_entries_of_no_image_are_named(captions: Path, capsys: Captured) -> None:
    source = document()
    source["images"].append({"file_name": "no id.jpg"})
    source["annotations"] += ["text", {"id": 99, "image_id": "7", "caption": "A dog."}, {"id": 98, "image_id": 7}]
    written(captions, source)
    assert prepare(captions, "--internal-val", "4") == 0
    err = capsys.readouterr().err
    assert "3 problems" in err
    for problem in ("images[10], key 'id': ", 'annotations[20], value "text": ', "annotations[21], key 'image_id', "):
        assert problem in err
    assert sum(len(part["annotations"]) for part in parts(captions).values()) == 21


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{", "its JSON is cut off"),
        ('[{"image_id": 1, "caption": "A dog."}]', "it looks like a COCO results file"),
        ('{"images": [], "annotations": []}', "its list 'annotations' is empty"),
        ("3", "it holds 3, not an object"),
    ],
)
def test_another_file(source: str, message: str, captions: Path, capsys: Captured) -> None:
    captions.write_text(source)
    assert prepare(captions, "--internal-val", "4") == 1
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("file", "arguments"),
    [
        ("captions", ()),
        ("captions", ("--internal-val", "0")),
        ("captions", ("--internal-val", "4", "--join-restval")),
        ("dataset", ("--internal-val", "4")),
    ],
)
def test_options_that_do_not_go_together(
    file: str, arguments: tuple[str, ...], request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    assert prepare(request.getfixturevalue(file), *arguments) == 2
    assert not (tmp_path / "out").exists()


@given(images=st.integers(2, 30), seed=st.integers(), data=st.data())
def test_the_parts_are_the_whole(
    images: int, seed: int, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    number = data.draw(st.integers(1, images - 1))
    captions = written(tmp_path_factory.mktemp("law") / "captions.json", document(images))
    assert prepare(captions, "--internal-val", str(number), f"--seed={seed}") == 0
    made, source = parts(captions), document(images)
    assert len(made["internal-val"]["images"]) == number
    for key in ("images", "annotations"):
        order = [entry["id"] for entry in source[key]]
        both = made["train"][key] + made["internal-val"][key]
        assert sorted(both, key=lambda entry: order.index(entry["id"])) == source[key]
        for part in made.values():
            places = [order.index(entry["id"]) for entry in part[key]]
            assert places == sorted(places)


def test_pycocotools_reads_the_parts(captions: Path, capsys: Captured) -> None:
    pycocotools = pytest.importorskip("pycocotools.coco")
    assert prepare(captions, "--internal-val", "4") == 0
    for name, size in (("train", 6), ("internal-val", 4)):
        coco = pycocotools.COCO(str(captions.parent / "out" / f"captions_train2017.{name}.json"))
        assert len(coco.getImgIds()) == size
        assert len(coco.getAnnIds()) == 2 * size


# Karpathy's splits


def test_karpathys_splits(dataset: Path, capsys: Captured) -> None:
    assert prepare(dataset) == 0
    made = parts(dataset)
    assert {name: ids(part) for name, part in made.items()} == {
        "train": [897, 895],
        "restval": [899, 896],
        "val": [898],
        "test": [900],
    }
    assert made["test"] == {
        "dataset": "coco",
        "images": [
            {
                "id": 900,
                "file_name": "val2014/COCO_val2014_000000000000.jpg",
                "filepath": "val2014",
                "filename": "COCO_val2014_000000000000.jpg",
                "imgid": 0,
                "split": "test",
                "cocoid": 900,
            }
        ],
        "annotations": [
            {"id": 0, "image_id": 900, "caption": "A dog. "},
            {"id": 1, "image_id": 900, "caption": "A dog. "},
        ],
    }
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[1:]]
    assert rows == [
        ["dataset_coco.json", "6", "12"],
        ["dataset_coco.train.json", "2", "4"],
        ["dataset_coco.restval.json", "2", "4"],
        ["dataset_coco.val.json", "1", "2"],
        ["dataset_coco.test.json", "1", "2"],
    ]


def test_a_photograph_that_comes_twice_is_one_image(dataset: Path, capsys: Captured) -> None:
    source = karpathy()
    again = json.loads(json.dumps(source["images"][2]))
    again["sentences"] = [{"raw": "More.", "sentid": 77}]
    source["images"].append(again)
    written(dataset, source)
    assert prepare(dataset) == 0
    made = parts(dataset)
    assert ids(made["val"]) == [898]
    assert [entry["id"] for entry in made["val"]["annotations"]] == [20, 21, 77]
    assert capsys.readouterr().out.splitlines()[1].split() == ["dataset_coco.json", "6", "13"]


def test_restval_may_join_train(dataset: Path) -> None:
    assert prepare(dataset, "--join-restval") == 0
    assert {name: ids(part) for name, part in parts(dataset).items()} == {
        "train": [899, 897, 896, 895],
        "val": [898],
        "test": [900],
    }


def test_what_is_made_of_karpathys_file_is_sound(dataset: Path, capsys: Captured) -> None:
    assert prepare(dataset) == 0
    for name in parts(dataset):
        assert run(["check", "--strict", str(dataset.parent / "out" / f"dataset_coco.{name}.json")]) == 0


def test_a_file_without_coco_ids_gets_its_own(dataset: Path) -> None:
    source = karpathy()
    for image in source["images"]:
        del image["cocoid"], image["filepath"], image["sentids"]
        for sentence in image["sentences"]:
            del sentence["sentid"]
            sentence["sentiment"] = 1
    written(dataset, source)
    assert prepare(dataset) == 0
    made = parts(dataset)
    assert ids(made["train"]) == [3, 5]
    assert made["train"]["images"][0]["file_name"] == "COCO_val2014_000000000003.jpg"
    assert [entry["id"] for name in made for entry in made[name]["annotations"] if name == "test"] == [0, 1]
    assert len({entry["id"] for part in made.values() for entry in part["annotations"]}) == 12
    assert made["test"]["annotations"][0]["sentiment"] == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"split": "../train"}, "images[2], key 'split', value \"../train\": it is none of train, restval, val, test"),
        ({"split": ["train"]}, "images[2], key 'split', value a list of 1: it is none of"),
        (
            {"cocoid": 900},
            "images[2], key 'cocoid', value 900: an image before it, of another name or split, has the same",
        ),
        ({"cocoid": 1.5}, "images[2], key 'cocoid', value 1.5: it is neither a whole number nor text"),
        ({"filename": None}, "images[2], key 'filename', value null: it is not text"),
        ({"sentences": "A dog."}, "images[2], key 'sentences', value \"A dog.\": it is not a list"),
        ({"sentences": [{"raw": 3}]}, "images[2], sentences[0], key 'raw', value 3: it is not text"),
        ({"sentences": [{}]}, "images[2], sentences[0], key 'raw': it is missing"),
        ({"sentences": ["A dog."]}, 'images[2], sentences[0], value "A dog.": it is not an object'),
        ({"sentences": [{"raw": "A dog.", "sentid": 0}]}, "key 'sentid', value 0: a caption before it has the same"),
        ({"sentences": [{"raw": "A dog.", "sentid": []}]}, "key 'sentid', value a list of 0: it is neither"),
    ],
)
def test_a_damaged_karpathy_file(change: dict[str, Any], message: str, dataset: Path, capsys: Captured) -> None:
    source = karpathy()
    source["images"][2] |= change
    written(dataset, source)
    assert prepare(dataset) == 1
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1
    assert not (dataset.parent / "out").exists()


def test_real_files(shared_data: Path, tmp_path: Path, capsys: Captured) -> None:
    senticap = shared_data / "senticap" / "senticap_dataset.json"
    assert run(["prepare", "coco", str(senticap), "-o", str(tmp_path / "out")]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[1:]]
    assert [int(row[1].replace(",", "")) for row in rows] == [2225, 1217, 265, 743]
    assert int(rows[0][2].replace(",", "")) == sum(int(row[2].replace(",", "")) for row in rows[1:])
