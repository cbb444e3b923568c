"""CHAIR: which objects a text names, the shares by hand, and real captions of people."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sentikit_plugins.caption_metrics.objects import class_words, objects_in
from sentikit_plugins.encoders.ssd_mobilenet.classes import CLASSES

from sentikit import Metric, SentikitError
from sentikit.plugin.kinds import METRIC
from sentikit.plugin.loader import load_plugins


def metric(**options: str) -> Metric:
    made: Metric = load_plugins(environ={"SENTIKIT_LOAD_PLUGINS": ""}).get(METRIC, "chair").create(options)
    return made


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("A hot dog on a plate.", ["hot dog"]),
        ("Two hot dogs and a dog.", ["hot dog", "dog"]),
        ("A fork near some train tracks.", ["fork"]),
        ("A couple of benches.", ["bench"]),
        ("A couple on a bench.", ["person", "bench"]),
        ("A tennis player with a racquet and a tennis ball.", ["person", "tennis racket", "sports ball"]),
        ("A teddy bear sits on a toilet.", ["teddy bear", "toilet"]),
        ("The woman's knives and puppies", ["person", "knife", "dog"]),
        ("A stop sign at a bus stop.", ["stop sign"]),
        ("A girl in an orange shirt cuts oranges.", ["person", "orange"]),
        ("A misty morning.", []),
        ("", []),
    ],
)
def test_the_longest_phrase_decides(text: str, named: list[str]) -> None:
    assert objects_in(text) == named


def test_each_phrase_is_of_one_of_cocos_classes() -> None:
    words = class_words()
    assert list(words)[:80] == list(CLASSES)
    assert list(words)[80:] == ["none"]
    listed = [phrase for phrases in words.values() for phrase in phrases]
    assert len(listed) == len(set(listed))
    for name in CLASSES:
        if name != "orange":  # alone it is a colour more often
            assert objects_in(name) == [name]


def test_the_shares_by_hand() -> None:
    captions = {1: "A dog and a dog with a cat.", 2: "A man on a horse."}
    references = {
        1: ["A dog.", "A dog on a couch.", "Two animals near a couch."],
        2: ["A man.", "A person with a boat.", "A boat."],
    }
    scores = metric().compute(captions, references)
    assert scores["CHAIR_i"] == pytest.approx(2 / 5)  # the cat and the horse
    assert scores["CHAIR_s"] == 1
    assert scores["object recall"] == pytest.approx(2 / 4)  # the dog and the man; not the couch and the boat
    assert scores["objects a caption"] == 2
    # every object of the six is named by another; two others agree in a dog for the third of 1 alone
    assert scores["people: CHAIR_i"] == 0
    assert scores["people: object recall"] == 0
    assert scores["people: objects a caption"] == pytest.approx(8 / 6)


def test_annotated_instances_count_as_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "instances.json"
    document = {
        "images": [{"id": 1}, {"id": 2}],
        "categories": [{"id": 17, "name": "cat"}, {"id": 18, "name": "dog"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 17}, {"id": 2, "image_id": 2, "category_id": 18}],
    }
    path.write_text(json.dumps(document))
    captions, references = {1: "A cat.", 2: "A cat."}, {1: ["A couch."], 2: ["A couch."]}
    assert metric().compute(captions, references)["CHAIR_i"] == 1
    assert metric(instances=str(path)).compute(captions, references)["CHAIR_i"] == 0.5
    with pytest.raises(SentikitError, match="lacks 1 of the images, such as 3"):
        metric(instances=str(path)).compute({3: "A cat."}, {3: ["A cat."]})
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("content", ["[]", "{", '{"images": [], "annotations": [{"id": 1}]}'])
def test_what_is_no_instances_file_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "odd.json"
    path.write_text(content)
    with pytest.raises(SentikitError, match=r"odd\.json is not a COCO instances file"):
        metric(instances=str(path)).compute({1: "A cat."}, {1: ["A cat."]})


def test_captions_without_an_object_have_no_shares() -> None:
    with pytest.raises(SentikitError, match="no caption and no reference names an object"):
        metric().compute({1: "A misty morning."}, {1: ["Fog."]})
    scores = metric().compute({1: "A misty morning."}, {1: ["A dog.", "A dog."]})
    assert "CHAIR_i" not in scores
    assert scores["object recall"] == 0


def test_people_seldom_name_what_nobody_else_does(shared_data: Path) -> None:
    grouped: dict[int | str, list[str]] = {}
    for row in json.loads((shared_data / "coco_mini" / "captions.json").read_text())["annotations"]:
        grouped.setdefault(row["image_id"], []).append(row["caption"])
    first = {image: texts[0] for image, texts in grouped.items()}
    ids = list(first)
    moved = {image: first[other] for image, other in zip(ids, [*ids[1:], ids[0]], strict=True)}
    right, wrong = metric().compute(first, grouped), metric().compute(moved, grouped)
    assert right["CHAIR_i"] == 0
    assert 0.02 < right["people: CHAIR_i"] < 0.1
    assert right["people: object recall"] > 0.7
    assert wrong["CHAIR_i"] > 0.5 > 0.3 > wrong["object recall"]


def test_a_missing_instances_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SentikitError, match=r"Cannot read .*no\.json: it does not exist\."):
        metric(instances=str(tmp_path / "no.json")).compute({1: "A cat."}, {1: ["A cat."]})
