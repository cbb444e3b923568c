"""SentiCap's baselines: the commonest adjective of a noun, and the best one by the scorer, with no second thoughts."""

from __future__ import annotations

import json
from math import exp
from pathlib import Path

import pytest
from PIL import Image
from support.known_scorer import KnownScorer
from support.looking_models import save_photos
from support.toy_commands import json_lines, toy_run
from support.toy_models import ToyCaptioner, ToyEncoder, ToyScoringTagger

from sentikit import (
    ANP,
    Caption,
    Combiner,
    CombinerItem,
    Ontology,
    OntologyEntry,
    PriorCombiner,
    Rewrite,
    UsageError,
    undo_edits,
)
from sentikit.affect.prior_scorer import PriorScorer
from sentikit.images import find_images
from sentikit.pipelines.caption import CaptionModels, caption_images
from sentikit.pipelines.combining import check_combiner
from sentikit.pipelines.image_models import Named
from sentikit.pipelines.run_models import RunSettings
from sentikit.pipelines.tag_filter import TagFilter
from sentikit.plugin.kinds import COMBINER
from sentikit.plugin.loader import load_plugins

COUNTS = {"happy dog": 5, "wet dog": 8, "ugly dog": 2, "cute cat": 3, "evil cat": 4, "old train": 9, "dead end": 0}
CAPTIONS = ["A dog and a cat.", "A wet dog runs.", "A train track.", "Two brown dogs.", "", "There is no dog here."]
Capture = pytest.CaptureFixture[str]


def ontology(counts: dict[str, int] = COUNTS, **entry: bool) -> Ontology:
    entries = {ANP.parse(text): OntologyEntry(count=count, **entry) for text, count in counts.items()}  # type: ignore[arg-type]
    return Ontology("toys", entries)


def make(name: str, **options: str) -> Combiner:
    combiner: Combiner = load_plugins().get(COMBINER, name).create(options)
    return combiner


def replaced(text: str, counts: dict[str, int], **options: str) -> str:
    [rewrite] = make("anp-replace", **options).combine([CombinerItem(Caption(text), [])], PriorScorer(ontology(counts)))
    return rewrite.text


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        ("A dog and a cat.", "A wet dog and an evil cat."),
        ("An orange cat.", "An evil orange cat."),  # where English puts it
        ("Two dogs run.", "Two wet dogs run."),
        ("A wet dog runs.", "A wet dog runs."),  # the commonest is there: there is no second choice
        ("A dry dog runs.", "A wet dry dog runs."),  # no care: it contradicts the caption
        ("A train track in a field.", "A train track in a field."),  # the nouns are those of noun-forcing
        ("A hot dog on a plate.", "A hot dog on a plate."),
        ("A dead end.", "A dead end."),
    ],
)
def test_a_noun_gets_its_commonest_adjective(caption: str, expected: str) -> None:
    assert replaced(caption, COUNTS) == expected


@pytest.mark.parametrize("name", ["anp-replace", "anp-scoring"])
def test_careful_leaves_out_what_clashes_and_tries_no_other(name: str) -> None:
    scorer = KnownScorer({"wet dog": 0.5, "happy dog": 0.2})
    items = [CombinerItem(Caption("A dry dog runs."), []), CombinerItem(Caption("A dog runs."), [])]
    assert [rewrite.text for rewrite in make(name).combine(items, scorer)] == ["A wet dry dog runs.", "A wet dog runs."]
    careful = make(name, careful="true").combine(items, scorer)
    assert [rewrite.text for rewrite in careful] == ["A dry dog runs.", "A wet dog runs."]
    forced = make("noun-forcing").combine(items, scorer)
    assert [rewrite.text for rewrite in forced] == ["A happy dry dog runs.", "A wet dog runs."]


def test_the_image_decides_in_anp_scoring_alone() -> None:
    scorer = KnownScorer({"happy dog": 0.3, "wet dog": 0.1})
    [scored] = make("anp-scoring").combine([CombinerItem(Caption("A dog."), [])], scorer)
    assert (scored.text, replaced("A dog.", COUNTS)) == ("A happy dog.", "A wet dog.")
    assert [edit.tag.probability for edit in scored.edits] == pytest.approx([0.3])


@pytest.mark.parametrize("name", ["anp-replace", "anp-scoring"])
def test_a_batch_is_as_one_by_one_and_can_be_undone(name: str) -> None:
    combiner = make(name)
    scorer = PriorScorer(ontology())
    items = [CombinerItem(Caption(text), []) for text in CAPTIONS]
    together = combiner.combine(items, scorer)
    assert [combiner.combine([item], scorer)[0] for item in items] == together
    assert [undo_edits(*rewrite) for rewrite in together] == CAPTIONS
    assert combiner.default_max_edits == 1


def test_a_noun_that_is_known_in_both_numbers_gets_one_adjective() -> None:
    assert replaced("Two dogs.", {"happy dog": 2, "wild dogs": 3}) == "Two wild dogs."
    assert replaced("Two dogs.", {"happy dog": 4, "wild dogs": 3}, careful="true") == "Two happy dogs."


# The prior


def test_the_prior_is_a_share_of_all_that_was_counted() -> None:
    scorer = PriorScorer(ontology({"happy dog": 1, "wet dog": 3, "cute cat": 4}))

    assert [exp(value) for value in scorer.score([[ANP("wet", "dog"), ANP("cute", "cat"), ANP("no", "dog")]])[0]] == [
        pytest.approx(3 / 8),
        pytest.approx(0.5),
        0.0,
    ]
    [[dog, horse]] = scorer.adjectives([["dog", "horse"]])
    assert [(str(tag.anp), tag.probability) for tag in dog] == [
        ("wet dog", pytest.approx(0.75)),
        ("happy dog", pytest.approx(0.25)),
    ]
    assert horse == []


def test_what_is_not_insertable_is_no_choice() -> None:
    assert PriorScorer(ontology(insertable=False)).adjectives([["dog"]]) == [[[]]]


def test_without_counts_nothing_is_the_commonest() -> None:
    combiner = make("anp-replace")
    assert isinstance(combiner, PriorCombiner)
    assert not isinstance(make("anp-scoring"), PriorCombiner)
    assert combiner.scorer == "prior"
    with pytest.raises(UsageError, match="give an ontology with --ontology FILE"):
        check_combiner(Named("The combiner 'anp-replace'", combiner), None, None)
    with pytest.raises(UsageError, match="has no counts"):
        check_combiner(Named("The combiner 'anp-replace'", combiner), None, ontology({"happy dog": 0}))
    check_combiner(Named("The combiner 'noun-forcing'", make("noun-forcing")), None, None)


def run_flow(photo: Path, combiner: Combiner, tag_filter: TagFilter) -> Rewrite:
    models = CaptionModels(
        Named("The captioner", ToyCaptioner(ToyEncoder())),
        tag_filter,
        Named("The tagger", ToyScoringTagger(ToyEncoder())),
        Named("The combiner", combiner),
    )
    [outcome] = caption_images(find_images([str(photo)]), models, RunSettings())
    return outcome.results[0].rewrite


def test_the_flow_gives_the_prior_and_filters_it(tmp_path: Path) -> None:
    """The photograph is bright, and to the scorer sunny; the list has seen more ugly ones."""
    Image.new("RGB", (8, 8), (250, 250, 250)).save(tmp_path / "bright.png")
    known = ontology({"ugly street": 6, "lovely street": 3, "sunny street": 1})
    photo = tmp_path / "bright.png"
    for combiner in (make("anp-replace"), make("anp-replace", ontology=saved(known, tmp_path / "o.json"))):
        flow_knows = None if combiner.prior else known  # type: ignore[attr-defined]
        assert run_flow(photo, combiner, TagFilter(ontology=flow_knows)).text == "an ugly street"
        assert run_flow(photo, combiner, TagFilter(polarity="positive", ontology=flow_knows)).text == "a lovely street"
    assert run_flow(photo, make("anp-scoring"), TagFilter(ontology=known)).text == "a sunny street"


def saved(known: Ontology, path: Path) -> str:
    known.write(path)
    return str(path)


def test_from_the_command(tmp_path: Path, capsys: Capture) -> None:
    save_photos(tmp_path / "photos")
    path = saved(ontology({"misty street": 2, "sunny street": 7}), tmp_path / "o.json")
    toys = ["caption", tmp_path / "photos", "--captioner", "toy", "--tagger", "toy-plain", "--combiner", "anp-replace"]
    assert toy_run(*toys) == 2
    assert "give an ontology with --ontology FILE" in capsys.readouterr().err
    assert toy_run(*toys, "-O", f"ontology={path}", "--jsonl", tmp_path / "c.jsonl") == 0
    assert toy_run(*toys, "--ontology", path, "--jsonl", tmp_path / "d.jsonl") == 0
    for name in ("c.jsonl", "d.jsonl"):
        header, *lines = json_lines((tmp_path / name).read_text())
        assert [line["caption"] for line in lines] == ["a sunny street"] * 3
        assert header["sentikit"]["combiner"] == "anp-replace"
    (tmp_path / "plain.txt").write_text("sunny street\n")
    assert toy_run(*toys, "-O", f"ontology={tmp_path / 'plain.txt'}") == 2
    assert "has no counts" in capsys.readouterr().err
    (tmp_path / "broken.json").write_text(json.dumps({"anps": []}))
    assert toy_run(*toys, "-O", f"ontology={tmp_path / 'broken.json'}") == 1
    assert toy_run(*toys[:4], "--tagger", "toy-plain", "--combiner", "anp-scoring") == 2
    assert "needs a tagger that can score" in capsys.readouterr().err
