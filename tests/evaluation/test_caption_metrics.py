"""BLEU, ROUGE-L and CIDEr: known values, and those of the COCO evaluation's own programs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from functools import cache
from math import exp
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sentikit_plugins.caption_metrics.rouge import common_subsequence

from sentikit import Metric, MissingExtraError, SentikitError
from sentikit.english.tokenizer import tokenize
from sentikit.plugin.kinds import METRIC
from sentikit.plugin.loader import load_plugins

Captions = Mapping[int | str, str]
References = Mapping[int | str, Sequence[str]]

NO_EVAL = "the extra 'eval' is not installed"
vocabulary = ["a", "dog", "cat", "runs", "in", "the", "park", "on", "sits"]
words = st.lists(st.sampled_from(vocabulary), min_size=1, max_size=9)
sentences = words.map(" ".join)
images = st.lists(st.tuples(sentences, st.lists(sentences, min_size=1, max_size=4)), min_size=2, max_size=6)


@cache
def metric(name: str) -> Metric:
    made: Metric = load_plugins(environ={"SENTIKIT_LOAD_PLUGINS": ""}).get(METRIC, name).create()
    return made


def test_bleu_by_hand() -> None:
    # clipped matches: the, cat, (the cat); closest of the lengths 3 and 7 to 4 is 3
    scores = metric("bleu").compute({1: "the the the cat"}, {1: ["the cat sat", "on a mat lay the old cat"]})
    assert scores["BLEU-1"] == pytest.approx(2 / 4)
    assert scores["BLEU-2"] == pytest.approx((2 / 4 * 1 / 3) ** 0.5)
    assert scores["BLEU-3"] == scores["BLEU-4"] == 0


def test_bleu_punishes_what_is_too_short_and_takes_the_shorter_of_equally_close_references() -> None:
    scores = metric("bleu").compute({1: "a b c d"}, {1: ["a b c d e f"]})
    assert scores["BLEU-4"] == pytest.approx(exp(1 - 6 / 4))
    scores = metric("bleu").compute({1: "aa bb cc dd"}, {1: ["aa bb cc dd ee ff", "aa bb"]})
    assert scores["BLEU-1"] == pytest.approx(1)


def test_bleu_is_of_the_whole_set_and_not_a_mean() -> None:
    scores = metric("bleu").compute({1: "a b c d", 2: "x y"}, {1: ["a b c d"], 2: ["u v"]})
    assert scores["BLEU-1"] == pytest.approx(4 / 6)


def test_rouge_l_by_hand() -> None:
    # best precision 3/3 from the first reference, best recall 3/4 from the first; beta 1.2
    (score,) = metric("rouge-l").compute({1: "a dog runs"}, {1: ["a big dog runs", "a cat sits still now"]}).values()
    assert score == pytest.approx((1 + 1.44) * 1 * 0.75 / (0.75 + 1.44))


def test_the_references_themselves_get_the_best_scores() -> None:
    captions = {1: "a dog runs in the park", 2: "the old cat sits on a mat", 3: "two men ride red bikes"}
    references = {image: [caption] for image, caption in captions.items()}
    for name, best in [("bleu", 1), ("rouge-l", 1), ("cider", 10)]:
        assert metric(name).compute(captions, references) == {
            score: pytest.approx(best) for score in metric(name).compute(captions, references)
        }


@pytest.mark.parametrize("name", ["bleu", "rouge-l", "cider"])
def test_blank_and_foreign_captions_get_nothing(name: str) -> None:
    scores = metric(name).compute({1: "", 2: "zebra ..."}, {1: ["a dog runs"], 2: ["a cat sits"]})
    assert set(scores.values()) == {0.0}


def test_cider_of_one_image_is_refused() -> None:
    with pytest.raises(SentikitError, match="at least two images"):
        metric("cider").compute({1: "a dog"}, {1: ["a dog"]})


def test_spice_says_why_it_is_not_computed() -> None:
    with pytest.raises(SentikitError, match="models"):
        metric("spice").compute({1: "a dog"}, {1: ["a dog"]})


def test_meteor_without_its_program_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pycocoevalcap.meteor.meteor", None)
    with pytest.raises(MissingExtraError, match="eval"):
        metric("meteor").compute({1: "a dog"}, {1: ["a dog"]})


@given(words, words)
def test_common_subsequence_is_that_of_the_usual_table(first: list[str], second: list[str]) -> None:
    row = [0] * (len(second) + 1)
    for left in first:
        above = row[:]
        for place, right in enumerate(second):
            row[place + 1] = above[place] + 1 if left == right else max(above[place + 1], row[place])
    assert common_subsequence(first, second) == common_subsequence(second, first) == row[-1]


@given(images)
def test_made_captions_score_as_in_the_coco_evaluation(examples: list[tuple[str, list[str]]]) -> None:
    captions: Captions = {number: caption for number, (caption, _) in enumerate(examples)}
    references: References = {number: others for number, (_, others) in enumerate(examples)}
    expected = coco_scores(captions, references)
    for name in ("bleu", "rouge-l", "cider"):
        for score, value in metric(name).compute(captions, references).items():
            # without a match of some length, or any n-grams of it, the original's BLEU is a small number and not 0
            assert value == pytest.approx(expected[score], abs=1e-6 if value else 0.05)


def test_real_captions_score_as_in_the_coco_evaluation(shared_data: Path) -> None:
    captions, references = held_out(shared_data, 1000)
    expected = coco_scores(captions, references)
    for name in ("bleu", "rouge-l", "cider"):
        for score, value in metric(name).compute(captions, references).items():
            assert value == pytest.approx(expected[score], abs=1e-6), score
    assert 0.5 < expected["BLEU-1"] < 0.8


@pytest.mark.slow
def test_meteor_is_that_of_the_coco_evaluation(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ask one program, which reads its tables for seconds when it starts."""
    module = pytest.importorskip("pycocoevalcap.meteor.meteor", reason=NO_EVAL)
    if shutil.which("java") is None:
        pytest.skip("there is no Java")
    captions, references = held_out(shared_data, 5)
    program = module.Meteor()
    monkeypatch.setattr(module, "Meteor", lambda: program)
    expected, _ = program.compute_score(spaced(references), {key: [value] for key, value in captions.items()})
    assert metric("meteor").compute(captions, references)["METEOR"] == pytest.approx(expected, abs=0.01)
    assert expected > 0.1


def held_out(shared_data: Path, count: int) -> tuple[Captions, References]:
    """The first caption of each photograph against its others."""
    grouped: dict[int | str, list[str]] = {}
    for entry in json.loads((shared_data / "flickr8k" / "captions_test.json").read_text())["annotations"]:
        grouped.setdefault(entry["image_id"], []).append(entry["caption"])
    some = dict(list(grouped.items())[:count])
    return {image: texts[0] for image, texts in some.items()}, {image: texts[1:] for image, texts in some.items()}


def spaced(references: References) -> dict[int | str, list[str]]:
    return {image: [" ".join(tokenize(text)) for text in texts] for image, texts in references.items()}


def coco_scores(captions: Captions, references: References) -> dict[str, float]:
    """What the scorers of pycocoevalcap say; skips where it is not installed."""
    bleu = pytest.importorskip("pycocoevalcap.bleu.bleu", reason=NO_EVAL).Bleu(4)
    rouge = pytest.importorskip("pycocoevalcap.rouge.rouge", reason=NO_EVAL).Rouge()
    cider = pytest.importorskip("pycocoevalcap.cider.cider", reason=NO_EVAL).Cider()
    others = spaced(references)
    own = spaced({image: [caption] for image, caption in captions.items()})
    values = bleu.compute_score(others, own, verbose=0)[0]
    return {f"BLEU-{order}": value for order, value in enumerate(values, 1)} | {
        "ROUGE-L": rouge.compute_score(others, own)[0],
        "CIDEr": cider.compute_score(others, own)[0],
    }
