"""The score of an adjective given a noun, on planted embeddings whose truth is known. Needs no open_clip."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from sentikit_plugins.clip.calibration import Calibration, read_calibration
from sentikit_plugins.clip.fitting import Fitted, SeenPhoto, fit
from sentikit_plugins.clip.prompts import TEMPLATES, prompts, read_templates
from sentikit_plugins.clip.scoring import Coefficients, Counted
from sentikit_plugins.clip.tagger import ClipTagger, PairList, Rules
from sentikit_plugins.clip.text_cache import TextVectors, text_vectors
from support.planted_clip import DIM, NOUNS, ONTOLOGY, PlantedClip, batch_of

from sentikit import ANP, SentikitError, UsageError

PER_PAIR = 12


@pytest.fixture(scope="module")
def clip() -> Any:
    return PlantedClip()


@pytest.fixture(scope="module")
def texts(clip: Any, tmp_path_factory: pytest.TempPathFactory) -> TextVectors:
    known = PairList(ONTOLOGY)
    return text_vectors(clip, known.anps, known.nouns, TEMPLATES, tmp_path_factory.mktemp("cache"), DIM)


@pytest.fixture(scope="module")
def fitted(clip: Any, texts: TextVectors) -> Fitted:
    """From photographs with one true adjective, and three times as many with none."""
    known = PairList(ONTOLOGY)
    photos = [
        SeenPhoto(
            clip.photo(noun, word if copy == 0 else None, 10_000 * number + 10 * seed + copy), {},
            frozenset([known.noun_index[noun]]), frozenset([ANP(word, noun)] if copy == 0 else []),
        )
        for number, (noun, word) in enumerate((noun, word) for noun, own in NOUNS.items() for word in own)
        for seed in range(PER_PAIR)
        for copy in range(4)
    ]  # fmt: skip
    return fit(known, texts, photos, 10.0, 0)


def calibrated(clip: Any, fitted: Fitted, by: Coefficients | None = None) -> Calibration:
    known = PairList(ONTOLOGY)
    return Calibration(
        clip.weights_hash, TEMPLATES, "squash", known.anps, known.nouns, fitted.of_anps, fitted.of_nouns, by, 10.0,
        fitted.report,
    )  # fmt: skip


def tagger(clip: Any, texts: TextVectors, calibration: Calibration | None, **rules: Any) -> ClipTagger:
    by = (calibration.by if calibration else None) or Coefficients()
    settings = {"abstain": True, "min_noun": 0.3} | rules
    return ClipTagger(clip, ONTOLOGY, TEMPLATES, Rules(by, calibration, **settings), texts)


@pytest.mark.parametrize("fit_coefficients", [False, True])
def test_the_true_adjective_is_first_and_none_where_none_is_true(
    clip: Any, texts: TextVectors, fitted: Fitted, fit_coefficients: bool
) -> None:
    model = tagger(clip, texts, calibrated(clip, fitted, fitted.by if fit_coefficients else None))
    cases = [(noun, word) for noun, own in NOUNS.items() for word in own]
    described = batch_of([clip.photo(noun, word, 900_000 + n) for n, (noun, word) in enumerate(cases)])
    plain = batch_of([clip.photo(noun, None, 950_000 + n) for n, (noun, _) in enumerate(cases)])
    ranked = model.scorer(described).adjectives([[noun] for noun, _ in cases])
    assert [tags[0].anp if tags else None for (tags,) in ranked] == [ANP(word, noun) for noun, word in cases]
    assert [tags for (tags,) in model.scorer(plain).adjectives([[noun] for noun, _ in cases])] == [[]] * len(cases)
    assert model.tag(plain, 20) == [[]] * len(cases)
    for (noun, word), tags in zip(cases, model.tag(described, 20), strict=True):
        assert tags[0].anp == ANP(word, noun)
        assert {tag.noun for tag in tags} == {noun}, "nouns that are not there have no adjectives"
        assert all((tag.probability is not None) == fit_coefficients for tag in tags)


def test_a_raw_difference_would_be_wrong(clip: Any, texts: TextVectors) -> None:
    """The planted biases matter: without background photographs the same formula errs."""
    cases = [(noun, word) for noun, own in NOUNS.items() for word in own]
    batch = batch_of([clip.photo(noun, word, n) for n, (noun, word) in enumerate(cases)])
    ranked = (
        tagger(clip, texts, None, abstain=False, min_noun=0).scorer(batch).adjectives([[noun] for noun, _ in cases])
    )
    assert sum(tags[0].anp == ANP(word, noun) for (tags,), (noun, word) in zip(ranked, cases, strict=True)) < 10


def test_the_photographs_help_to_tell_what_is_stated(fitted: Fitted) -> None:
    assert fitted.by is not None
    assert fitted.by.alpha > 0.5
    assert fitted.by.noun_alpha > 0.5
    assert fitted.report["held_out_nll"] < 0.5 * fitted.report["held_out_nll_without_photograph"]
    assert fitted.report["true_pairs"] == PER_PAIR * len(ONTOLOGY)


def test_the_scorer_agrees_with_the_tags(clip: Any, texts: TextVectors, fitted: Fitted) -> None:
    model = tagger(clip, texts, calibrated(clip, fitted, fitted.by), abstain=False, min_noun=0)
    batch = batch_of([clip.photo("dog", "wet", 7)])
    (tags,) = model.tag(batch, 0 + len(ONTOLOGY))
    assert len(tags) == len(ONTOLOGY)
    (scores,) = model.scorer(batch).score([[tag.anp for tag in tags]])
    assert [tag.probability for tag in tags] == pytest.approx(torch.tensor(scores).exp().tolist(), abs=1e-6)
    assert model.scorer(batch).score([[ANP("odd", "dog")]]) == [[float("-inf")]]
    assert model.scorer(batch).adjectives([["unicorn"]]) == [[[]]]


def test_the_box_of_a_noun_decides(clip: Any, texts: TextVectors, fitted: Fitted, monkeypatch: Any) -> None:
    """The whole photograph is of an empty street; the dog in its box is wet."""
    model = tagger(clip, texts, calibrated(clip, fitted, fitted.by))
    batch = batch_of([clip.photo("street", "empty", 3)])
    assert model.scorer(batch).adjectives([["dog"]]) == [[[]]]
    number = model.known.noun_index["dog"]
    monkeypatch.setattr(model, "box_vectors", lambda batch, row: {number: clip.photo("dog", "wet", 4)})
    (((dog, *_), (street, *_)),) = model.scorer(batch).adjectives([["dog", "street"]])
    assert (dog.anp, street.anp) == (ANP("wet", "dog"), ANP("empty", "street"))


def test_few_photographs_are_shrunk_towards_the_adjective() -> None:
    """Pairs 0 and 1 share an adjective, and 2 is of another."""
    values = {0: [1.0, 3.0] * 50, 1: [], 2: [-5.0, -3.0] * 50}
    counted = Counted(*(
        torch.tensor([float(function(values[n])) for n in range(3)], dtype=torch.float64)
        for function in (len, sum, lambda row: sum(value * value for value in row))
    ))  # fmt: skip
    found = counted.shrunk(torch.tensor([0, 0, 1]), 10.0)
    assert found.mean.tolist() == pytest.approx([2.0, 2.0, -4.0], abs=0.6)
    assert found.mean.tolist()[1] == pytest.approx(found.mean.tolist()[0], abs=0.3), (
        "never seen: as its adjective elsewhere"
    )
    assert found.sd.tolist() == pytest.approx([1.0, 1.0, 1.0], abs=0.6)


def test_a_calibration_is_read_back_and_checked(clip: Any, fitted: Fitted, tmp_path: Path) -> None:
    path = tmp_path / "calibration.safetensors"
    made = calibrated(clip, fitted, fitted.by)
    made.write(path)
    found = read_calibration(path)
    assert (found.by, found.anps, found.report) == (fitted.by, made.anps, made.report)
    assert torch.equal(found.moments(found.anps).mean, made.moments(made.anps).mean)
    stranger = found.moments([ANP("wet", "cat"), ANP("odd", "cat")])
    assert bool(stranger.mean.isfinite().all()), "pairs that the calibration does not know have their adjective's"
    found.check(clip, TEMPLATES, path)
    with pytest.raises(SentikitError, match="made with another templates"):
        found.check(clip, ("{}",), path)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(SentikitError, match="is not a calibration"):
        read_calibration(path)


def test_the_cache_is_used_and_a_damaged_one_is_made_again(tmp_path: Path) -> None:
    clip: Any = PlantedClip()
    known = PairList(ONTOLOGY)
    made = text_vectors(clip, known.anps, known.nouns, TEMPLATES, tmp_path, DIM)
    direct = clip.embed_texts(prompts("wet dog", TEMPLATES)).mean(dim=0)
    noun = clip.embed_texts(prompts("dog", TEMPLATES)).mean(dim=0)
    assert torch.allclose(made.differences[known.index[ANP("wet", "dog")]], direct - noun, atol=1e-6)
    count = clip.texts
    text_vectors(clip, known.anps, known.nouns, TEMPLATES, tmp_path, DIM)
    assert clip.texts == count
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    path.unlink()  # the vectors are mapped to it
    path.write_bytes(whole[:-8])
    again = text_vectors(clip, known.anps, known.nouns, TEMPLATES, tmp_path, DIM)
    assert torch.equal(again.differences, made.differences)
    text_vectors(clip, known.anps, known.nouns, ("{}",), tmp_path, DIM)
    assert len(list(tmp_path.iterdir())) == 2, "other templates, another file"


def test_templates_have_the_right_article(tmp_path: Path) -> None:
    assert prompts("old house", ("a photo of a {}.", "A {}", "the {}"))[:2] == [
        "a photo of an old house.",
        "an old house",
    ]
    path = tmp_path / "templates.txt"
    path.write_text("a photo of a {}.\n\nno place\n", "utf-8")
    with pytest.raises(UsageError, match="line 3"):
        read_templates(path)
