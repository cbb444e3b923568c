"""Taggers that are averaged: the laws, the arithmetic, one pass an encoder, and the commands."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image
from support.batches import batches, refs_of
from support.known_scorer import KnownScorer
from support.looking_models import LookingTagger, save_photos
from support.toy_commands import json_lines, save_pack, toy_run
from support.toy_models import ToyCaptioner, ToyCombiner, ToyEncoder, ToyScoringTagger, ToyTagger

from sentikit import (
    ANP,
    ImageBatch,
    Ontology,
    OntologyEntry,
    PluginError,
    Scorer,
    ScoringTagger,
    Tag,
    Tagger,
    UsageError,
)
from sentikit.affect.ontology import joined
from sentikit.formats.tags import read_tags
from sentikit.images import find_images, load_photo
from sentikit.pipelines.caption import CaptionModels, caption_images
from sentikit.pipelines.combining import check_combiner
from sentikit.pipelines.ensembles import ensemble_of
from sentikit.pipelines.image_models import Named, distinct_encoders, prepare_for
from sentikit.pipelines.run_models import RunSettings
from sentikit.pipelines.tag import tag_images
from sentikit.pipelines.tag_filter import TagFilter

DARK, BRIGHT = Image.new("RGB", (8, 6), (10, 10, 10)), Image.new("RGB", (6, 8), (250, 250, 250))
GREY = Image.new("RGB", (8, 8), (128, 128, 128))
Capture = pytest.CaptureFixture[str]


class KnownTagger:
    """Reads photographs itself, and thinks the same of each."""

    encoder = None

    def __init__(self, probabilities: dict[str, float | None]) -> None:
        self.known = {ANP.parse(text): value for text, value in probabilities.items()}
        self.asked: list[Sequence[Sequence[ANP]]] = []

    def tag(self, batch: ImageBatch, top_k: int) -> list[list[Tag]]:
        ranked = sorted(self.known.items(), key=lambda item: -(item[1] or 0.0))
        return [[Tag(anp, value) for anp, value in ranked][:top_k] for _ in batch.photos]

    def to(self, device: str) -> None:
        self.device = device


class KnownScoringTagger(KnownTagger):
    def scorer(self, batch: ImageBatch) -> Scorer:
        asked = self.asked

        class Asked(KnownScorer):
            def score(self, anps: Sequence[Sequence[ANP]]) -> list[list[float]]:
                asked.append(anps)
                return super().score(anps)

        return Asked({str(anp): value or 0.0 for anp, value in self.known.items()})


def tags_of(members: Sequence[Tagger], images: Sequence[Image.Image] = (DARK,), top_k: int = 10) -> list[list[Tag]]:
    ensemble = ensemble_of(members)
    return ensemble.tag(batches([ensemble], images)[0], top_k)


def said(tags: Sequence[Tag]) -> dict[str, float]:
    return {str(tag.anp): tag.probability or 0.0 for tag in tags}


# The laws


@pytest.mark.parametrize("kind", [ToyTagger, ToyScoringTagger, LookingTagger])
@pytest.mark.parametrize("top_k", [1, 3, 10])
@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_tagger_with_itself_is_the_tagger(kind: type[ToyTagger], top_k: int, times: int) -> None:
    tagger = kind(ToyEncoder())
    alone = tagger.tag(batches([tagger], [DARK, BRIGHT, GREY])[0], top_k)
    together = tags_of([tagger] * times, [DARK, BRIGHT, GREY], top_k)
    assert [[tag.anp for tag in tags] for tags in together] == [[tag.anp for tag in tags] for tags in alone]
    for ours, theirs in zip(together, alone, strict=True):
        assert [tag.probability for tag in ours] == pytest.approx([tag.probability for tag in theirs])
        assert all(one.attention is other.attention for one, other in zip(ours, theirs, strict=True))


def test_a_scorer_with_itself_is_the_scorer() -> None:
    tagger = ToyScoringTagger(ToyEncoder())
    ensemble = ensemble_of([tagger, tagger])
    assert isinstance(ensemble, ScoringTagger)
    batch, own = batches([ensemble, tagger], [DARK, BRIGHT])
    together, alone = ensemble.scorer(batch), tagger.scorer(own)
    anps = [[ANP("misty", "street"), ANP("misty", "idea")], []]
    assert together.score(anps) == alone.score(anps)
    nouns = [["street", "idea"], ["field"]]
    assert together.adjectives(nouns) == alone.adjectives(nouns)


def test_a_batch_is_as_one_by_one() -> None:
    members = [ToyTagger(ToyEncoder()), ToyScoringTagger(ToyEncoder("another")), KnownTagger({"misty street": 0.7})]
    together = tags_of(members, [DARK, BRIGHT, GREY])
    assert [tags_of(members, [image])[0] for image in (DARK, BRIGHT, GREY)] == together


def test_the_order_of_the_members_changes_no_probability() -> None:
    members = [KnownTagger({"misty street": 0.7, "wet dog": 0.1}), KnownScoringTagger({"wet dog": 0.4, "old car": 0.3})]
    assert said(tags_of(members)[0]) == pytest.approx(said(tags_of(members[::-1])[0]))


# The arithmetic


def test_probabilities_are_averaged_over_the_union() -> None:
    first, second = KnownTagger({"wet dog": 0.5, "old car": 0.3}), KnownTagger({"old car": 0.4, "misty sea": 0.2})
    [tags] = tags_of([first, second])
    assert list(said(tags).items()) == [
        ("old car", pytest.approx(0.35)),
        ("wet dog", pytest.approx(0.25)),
        ("misty sea", pytest.approx(0.1)),
    ]
    assert len(tags_of([first, second], top_k=1)[0]) == 1


def test_a_scorer_is_asked_about_what_it_did_not_tag() -> None:
    known = {"wet dog": 0.5, "old car": 0.3, "misty sea": 0.1}
    scoring, other = KnownScoringTagger(known), KnownTagger({"misty sea": 0.9, "cute cat": 0.1})
    [tags] = tags_of([scoring, other], top_k=2)
    assert scoring.asked == [[[ANP("misty", "sea"), ANP("cute", "cat")]]]
    assert said(tags) == {"misty sea": pytest.approx(0.5), "wet dog": pytest.approx(0.25)}


def test_a_scorer_that_tagged_all_is_not_asked() -> None:
    scoring = KnownScoringTagger({"wet dog": 0.5, "old car": 0.3})
    tags_of([scoring, KnownTagger({"old car": 0.4})])
    assert scoring.asked == []


def test_scorers_are_averaged() -> None:
    members = [
        KnownScoringTagger({"wet dog": 0.5, "happy dog": 0.3}),
        KnownScoringTagger({"happy dog": 0.2, "old car": 0.1}),
    ]
    ensemble = ensemble_of(members)
    assert isinstance(ensemble, ScoringTagger)
    scorer = ensemble.scorer(batches([ensemble], [DARK])[0])
    anps = [[ANP("wet", "dog"), ANP("happy", "dog"), ANP("old", "car"), ANP("no", "thing")]]
    assert [math.exp(value) for value in scorer.score(anps)[0]] == pytest.approx([0.25, 0.25, 0.05, 0])
    [[dog, car, nothing]] = scorer.adjectives([["dog", "car", "thing"]])
    assert said(dog) == {"happy dog": pytest.approx((3 / 8 + 1) / 2), "wet dog": pytest.approx(5 / 16)}
    assert list(said(dog)) == ["happy dog", "wet dog"]
    assert said(car) == {"old car": pytest.approx(1.0)}  # who does not know the noun has no say
    assert nothing == []


def test_the_surest_member_says_where_it_looked() -> None:
    [tags] = tags_of([KnownTagger({"misty street": 0.1}), LookingTagger(ToyEncoder())])
    assert tags[0].attention is not None


def test_an_ensemble_scores_where_all_of_it_can() -> None:
    mixed = ensemble_of([ToyScoringTagger(ToyEncoder()), ToyTagger(ToyEncoder())])
    assert isinstance(mixed, Tagger)
    assert not isinstance(mixed, ScoringTagger)
    with pytest.raises(UsageError, match="'a,b' cannot"):
        check_combiner(Named("The combiner 'toy'", ToyCombiner()), Named("The tagger 'a,b'", mixed), None)


def test_ranks_cannot_be_averaged() -> None:
    with pytest.raises(UsageError, match="gives ranks and no probabilities"):
        tags_of([KnownTagger({"wet dog": 0.5}), KnownTagger({"wet dog": None})])


def test_a_member_that_leaves_an_image_out_is_told() -> None:
    class Short(KnownTagger):
        def tag(self, batch: ImageBatch, top_k: int) -> list[list[Tag]]:
            return []

    with pytest.raises(PluginError, match="gave 0 results for 1 images"):
        tags_of([KnownTagger({"wet dog": 0.5}), Short({})])


# Encoders


def test_each_distinct_encoder_has_one_pass(tmp_path: Path) -> None:
    save_photos(tmp_path)
    shared, same, another = ToyEncoder("toy"), ToyEncoder("toy"), ToyEncoder("another")
    ensemble = ensemble_of([ToyScoringTagger(same), ToyScoringTagger(another), ToyScoringTagger(shared)])
    assert list(distinct_encoders([ToyCaptioner(shared), ensemble])) == ["toy", "another"]
    models = CaptionModels(
        Named("The captioner", ToyCaptioner(shared)),
        TagFilter(),
        Named("The tagger", ensemble),
        Named("The combiner", ToyCombiner()),
    )
    [outcome] = caption_images(find_images([str(tmp_path)]), models, RunSettings())
    assert [one.rewrite.text for one in outcome.results] == ["a misty street", "a sunny street", "a misty street"]
    assert (shared.preprocessed, shared.batches) == (3, [3])
    assert (another.preprocessed, another.batches) == (3, [3])
    assert (same.preprocessed, same.batches) == (0, [])


def test_members_without_an_encoder_get_the_images(tmp_path: Path) -> None:
    save_photos(tmp_path, ["1.png"])
    reads_itself = KnownTagger({"misty street": 0.9})
    [ref] = refs_of([DARK])
    ensemble = ensemble_of([ToyTagger(ToyEncoder()), reads_itself])
    assert prepare_for([ensemble])(load_photo(ref), ref).photo.image.size == DARK.size
    [outcome] = tag_images(find_images([str(tmp_path)]), Named("The tagger", ensemble), 1, RunSettings())
    assert str(outcome.results[0][0].anp) == "misty street"
    assert reads_itself.device == "cpu"


# The commands


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    save_photos(tmp_path / "photos")
    return tmp_path / "photos"


def test_tag_averages_and_names_all_members(photos: Path, tmp_path: Path, capsys: Capture) -> None:
    pack = save_pack(tmp_path / "pack", {"toy-packed": "tagger"})
    one, several = tmp_path / "one.jsonl", tmp_path / "several.jsonl"
    assert toy_run("tag", "--tagger", "toy", photos, "-o", one) == 0
    ensemble = ["tag", "--tagger", f"toy, {pack}", photos, "-o", several, "-O", "slow=0"]
    assert toy_run(*ensemble) == 0
    header = read_tags(several).header
    assert header is not None
    assert header.pop("tagger.2.pack").startswith("pack-")
    assert header == {"tagger": "toy,toy-packed", "tagger.1.slow": "0", "top_k": 20}
    assert json_lines(several.read_text())[1:] == json_lines(one.read_text())[1:]
    capsys.readouterr()
    assert toy_run(*ensemble) == 0
    assert "0 done, 3 skipped." in capsys.readouterr().err
    for other in ("toy", "toy,toy", f"{pack},toy", f"toy,toy-plain,{pack}"):
        assert toy_run("tag", "--tagger", other, photos, "-o", several, "-O", "toy.slow=0") == 1
        assert "was made with" in capsys.readouterr().err
    elsewhere = save_pack(tmp_path / "other", {"toy-packed": "tagger"})
    assert toy_run("tag", "--tagger", f"toy,{elsewhere}", photos, "-o", several, "-O", "slow=0") == 1
    assert "was made with tagger.2.pack" in capsys.readouterr().err


def test_caption_with_an_ensemble(photos: Path, tmp_path: Path, capsys: Capture) -> None:
    toys = ["caption", photos, "--captioner", "toy", "--combiner", "toy"]
    assert toy_run(*toys, "--tagger", "toy,toy", "--jsonl", tmp_path / "c.jsonl") == 0
    header, *lines = json_lines((tmp_path / "c.jsonl").read_text())
    assert [line["caption"] for line in lines] == ["a misty street", "a sunny street", "a misty street"]
    assert header["sentikit"]["tagger"] == "toy,toy"
    assert toy_run(*toys, "--tagger", "toy", "--jsonl", tmp_path / "c.jsonl") == 1
    assert 'made with tagger "toy,toy", not "toy"' in capsys.readouterr().err
    assert toy_run(*toys, "--tagger", "toy,toy-plain") == 2
    assert "'toy,toy-plain' cannot" in capsys.readouterr().err


def test_update_captions_with_an_ensemble(tmp_path: Path) -> None:
    save_photos(tmp_path, ["1.png", "2.png"])
    document = {
        "images": [{"id": number, "file_name": f"{number}.png"} for number in (1, 2)],
        "annotations": [{"id": number, "image_id": number, "caption": "A street."} for number in (1, 2)],
    }
    (tmp_path / "c.json").write_text(json.dumps(document))
    taggers = ["--tagger", "toy,toy-plain", "--rewriter", "noun-match"]
    assert toy_run("update-captions", tmp_path / "c.json", *taggers) == 0
    updated = json.loads((tmp_path / "c.sentikit.json").read_text())
    assert [one["caption"] for one in updated["annotations"]] == ["A misty street.", "A sunny street."]
    header = read_tags(tmp_path / "c.tags.jsonl").header
    assert header is not None
    assert header["tagger"] == "toy,toy-plain"


@pytest.mark.parametrize("named", ["toy,", ",", "toy,,toy"])
def test_an_empty_name_is_a_sentence(photos: Path, capsys: Capture, named: str) -> None:
    assert toy_run("tag", "--tagger", named, photos) == 2
    assert "several joined by commas" in capsys.readouterr().err
    assert toy_run("tag", "--tagger", "toy,toi", photos) == 2
    assert "Did you mean 'toy'?" in capsys.readouterr().err


def test_a_folder_with_a_comma_is_one_pack(photos: Path, tmp_path: Path) -> None:
    pack = save_pack(tmp_path / "a,b", {"toy-packed": "tagger"})
    assert toy_run("tag", "--tagger", pack, photos, "-o", tmp_path / "t.jsonl") == 0
    assert (read_tags(tmp_path / "t.jsonl").header or {})["tagger"] == "toy-packed"


def test_ontologies_are_joined_and_the_first_has_the_say() -> None:
    first = Ontology("a", {ANP("wet", "dog"): OntologyEntry(count=1), ANP("old", "car"): OntologyEntry(0.1)})
    second = Ontology("b", {ANP("cute", "cat"): OntologyEntry(), ANP("wet", "dog"): OntologyEntry(count=9)}, "there")
    both = joined([first, second])
    assert list(both) == [ANP("wet", "dog"), ANP("old", "car"), ANP("cute", "cat")]
    assert (both.name, both.entries[ANP("wet", "dog")].count) == ("a+b", 1)
    assert joined([first]) is first
