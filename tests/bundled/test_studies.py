"""Hidden adjectives, their nouns, and FlickrStyle's captions: small cases worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sentikit_plugins.dataset_preparation.flickrstyle import detokenised, half_of
from sentikit_plugins.studies.adjective_attachment import (
    AttachmentCase,
    attachment_cases,
    chance,
    chosen_host,
    first_noun,
)
from sentikit_plugins.studies.hidden_adjectives import possible_ranks

from sentikit.anp import ANP, Tag
from sentikit.caption import Caption, Edit, Rewrite
from sentikit.cli import run


def senticap(path: Path) -> Path:
    def image(number: int, split: str, *sentences: str) -> dict[str, object]:
        return {
            "imgid": number,
            "split": split,
            "sentences": [
                {"tokens": text.split(), "word_sentiment": [0, 1, 1], "sentiment": 1, "raw": text} for text in sentences
            ],
        }

    images = [
        image(1, "train", "a cute dog", "a cute dog", "a happy dog", "a tasty cake"),
        image(2, "test", "a happy dog", "a lovely cake"),
    ]
    path.write_text(json.dumps({"images": images}), "utf-8")
    return path


def test_hidden_adjectives_by_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["evaluate", "hidden-adjectives", str(senticap(tmp_path / "s.json")), "--bootstrap", "10", "--json"]
    assert run(command) == 0
    figures = json.loads(capsys.readouterr().out)["figures"]
    # "happy" is second of the dog's; "lovely" was never seen.
    assert figures["P(adjective | noun)"]["hit@1"]["value"] == 0
    assert figures["P(adjective | noun)"]["hit@5"]["value"] == 0.5
    assert figures["P(adjective | noun)"]["MRR"]["value"] == 0.25
    # Of all, "happy" and "tasty" share the ranks 2 and 3.
    assert figures["the commonest of the polarity"]["MRR"]["value"] == pytest.approx((1 / 2 + 1 / 3) / 2 / 2)


def test_another_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.json").write_text("{}", "utf-8")
    assert run(["evaluate", "hidden-adjectives", str(tmp_path / "x.json")]) == 1
    assert "is not SentiCap's" in capsys.readouterr().err


def test_adjectives_that_score_the_same_share_their_ranks() -> None:
    scores = {"a": 3.0, "b": 1.0, "c": 1.0}
    assert list(possible_ranks(scores, "a")) == [1]
    assert list(possible_ranks(scores, "c")) == [2, 3]
    assert not possible_ranks(scores, "d")


def cases(*texts: str) -> list[AttachmentCase]:
    from sentikit.english.noun_phrases import NounFinder

    return list(attachment_cases(((number, text) for number, text in enumerate(texts)), NounFinder()))


def test_an_adjective_is_hidden_where_it_is_the_only_emotional_one() -> None:
    found = cases(
        "A dog runs after a happy child.", "A happy dog runs.", "A happy dog and an angry cat.", "A dog and a cat."
    )
    assert [(case.rest, case.adjective, case.host) for case in found] == [("A dog runs after a child.", "happy", 1)]
    assert chance(found[0]) == [0.5, 0.5]
    assert first_noun(found[0]) == [1, 0]


def test_the_noun_that_got_the_adjective() -> None:
    (case,) = cases("A dog runs after a happy child.")
    place = case.rest.index("child")
    tag = Tag(ANP("happy", "child"), 0.5)
    assert chosen_host(case, Rewrite.from_edits(case.rest, [Edit(place, place, "", "happy ", tag)])) == 1
    assert chosen_host(case, Rewrite.from_edits(case.rest, [Edit(2, 2, "", "happy ", tag)])) == 0
    assert chosen_host(case, Rewrite(case.rest)) is None


def test_where_words_stand() -> None:
    assert Caption("A dog's dog.", ("a", "dog", "dog", "[EOS]")).word_spans() == [(0, 1), (2, 5), (8, 11), None]


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


DEMO = Path(__file__).parents[2] / "examples" / "demo"


def coco_of(path: Path, **captions: str) -> list[str]:
    """The arguments for a caption file of demo photographs."""
    images = [{"id": number, "file_name": f"{name}.jpg"} for number, name in enumerate(captions)]
    annotations = [{"id": number, "image_id": number, "caption": text} for number, text in enumerate(captions.values())]
    path.write_text(json.dumps({"images": images, "annotations": annotations}), "utf-8")
    return [str(path), "--images", str(DEMO / "images")]


def test_attention_of_the_bundled_models(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = coco_of(tmp_path / "c.json", astronaut="A happy woman and a dog", chelsea="A cat and a dog")
    assert run(["evaluate", "attention", *files, "--bootstrap", "10", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert 0 < found["spread"]["tagger"]["noun entropy"] <= 1
    assert 0 < found["spread"]["tagger"]["overlap"] <= 1
    assert set(found["distances"]) >= {"hellinger", "euclidean", "jensen-shannon", "cosine"}
    for figures in found["distances"].values():
        assert 0 <= figures["matched"]["value"] <= 1
        assert 0 <= figures["mismatched"]["value"] <= 1
    assert run(["evaluate", "attention", *files, "--tagger", "softmax"]) == 1
    assert "does not say where it looked" in capsys.readouterr().err


def test_hosts_with_the_bundled_models(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    texts = {"astronaut": "A smiling woman stands before a flag", "chelsea": "A cute cat lies on a blanket"}
    command = ["evaluate", "hosts", *coco_of(tmp_path / "c.json", **texts), "--bootstrap", "0", "--json"]
    assert run([*command, "--combiner", "noun-forcing"]) == 0
    figures = json.loads(capsys.readouterr().out)["figures"]["all"]
    assert figures["first noun"]["found"]["value"] == 1
    assert figures["chance"]["found"]["value"] == 0.5
    assert 0 <= figures["combiner"]["found"]["value"] <= figures["combiner"]["placed"]["value"] <= 1
    assert run([*command, "--combiner", "anp-replace"]) == 2
    assert "is the baseline P(adjective | noun)" in capsys.readouterr().err
    coco_of(tmp_path / "c.json", astronaut="A flag")
    assert run([*command, "--combiner", "noun-forcing"]) == 1
