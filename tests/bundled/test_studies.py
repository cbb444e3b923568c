"""Hidden adjectives, their nouns, and where models look: small cases worked out by hand, and the bundled models."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from sentikit_plugins.studies.adjective_attachment import (
    AttachmentCase,
    attachment_cases,
    chance,
    chosen_host,
    first_noun,
)
from sentikit_plugins.studies.attention_statistics import CollectedMaps, attention_report
from sentikit_plugins.studies.hidden_adjectives import possible_ranks

from sentikit.anp import ANP, Tag
from sentikit.caption import Caption, Edit, Rewrite
from sentikit.cli import run
from sentikit.english.noun_phrases import NounFinder
from sentikit.nn.attention_maps import DISTANCES


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


@pytest.mark.parametrize(
    ("method", "result", "sentence"),
    [
        (
            "attention_captioner.captioner.AttentionCaptioner.attend",
            [],
            "The captioner 'attention' gave 0 results for 1 texts.",
        ),
        ("noun_forcing.combiner.NounForcing.combine", [Rewrite("Other.")], "do not make its text 'Other.'."),
        ("noun_forcing.combiner.NounForcing.combine", [], "The combiner 'noun-forcing' gave 0 results for 1 captions."),
        (
            "noun_forcing.combiner.NounForcing.combine",
            KeyError("lost"),
            "The combiner 'noun-forcing' failed: KeyError: 'lost'.",
        ),
    ],
)
def test_a_plugin_that_breaks_its_contract_is_named(
    method: str,
    result: object,
    sentence: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*arguments: object) -> object:
        if isinstance(result, Exception):
            raise result
        return result

    monkeypatch.setattr(f"sentikit_plugins.{method}", broken)
    files = coco_of(tmp_path / "c.json", astronaut="A smiling woman stands before a flag")
    assert run(["evaluate", "hosts", *files, "--combiner", "noun-forcing"]) == 1
    assert capsys.readouterr().err.splitlines()[-1].endswith(sentence)


def looked(*corners: int, side: int = 2) -> np.ndarray:
    """Maps of ``side * side`` pixels, each with all of its mass in a corner but for a little everywhere."""
    maps = np.full((len(corners), side, side), 0.01)
    for row, corner in zip(maps, corners, strict=True):
        row[-(corner // 2), -(corner % 2)] += 1
    return maps


@pytest.mark.parametrize("side", [2, 4])
def test_distances_at_the_nouns_of_captions(side: int) -> None:
    collected = CollectedMaps()
    for corner in (0, 3):
        text = "A happy dog"
        (phrase,) = next(iter(NounFinder().find([(text, None)])))
        caption = Caption(text, ("a", "happy", "dog"), looked(1, 2, corner))
        tags = [
            Tag(ANP("red", "ball"), 0.5, looked(1, 2, side=side)),
            Tag(ANP("cute", "dog"), 0.4, looked(2, corner, side=side)),
        ]
        collected.add(caption, [phrase], tags)
    report = attention_report(collected, samples=0)
    assert (report.photographs, report.matched) == (2, 2)
    assert set(report.distances) == {name + form for name in DISTANCES for form in ("", ", debiased")}
    for figures in report.distances.values():
        assert figures["matched"].value < figures["mismatched"].value
        assert figures["matched closer"].value == 1
    assert report.distances["hellinger"]["matched"].value == pytest.approx(0 if side == 2 else 0.6, abs=0.1)
    assert report.spread["captioner"]["pairs"] == 2
    assert report.spread["tagger"]["overlap"] < 0.2
