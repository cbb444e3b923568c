"""The noun-forcing combiner: nouns of a caption meet a scorer."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import pytest
from support.known_scorer import KnownScorer

from sentikit import ANP, Caption, Combiner, CombinerItem, Tag
from sentikit.pipelines.edit_limits import EditLimit, limit_edits
from sentikit.plugin.kinds import COMBINER
from sentikit.plugin.loader import load_plugins


def make(**options: str) -> Combiner:
    combiner: Combiner = load_plugins().get(COMBINER, "noun-forcing").create(options)
    return combiner


def force(caption: str, probabilities: dict[str, float]) -> str:
    [rewrite] = make().combine([CombinerItem(Caption(caption), [])], KnownScorer(probabilities))
    return rewrite.text


@pytest.mark.parametrize(
    ("caption", "probabilities", "expected"),
    [
        ("A dog runs.", {"happy dog": 0.3, "wet dog": 0.1}, "A happy dog runs."),
        ("Two brown dogs run.", {"happy dog": 0.3}, "Two happy brown dogs run."),
        ("A dog runs.", {"cute cat": 0.3}, "A dog runs."),
        ("A train track in a field.", {"old train": 0.5}, "A train track in a field."),  # figure 11
        ("A hot dog on a plate.", {"happy dog": 0.5}, "A hot dog on a plate."),
        ("There is no dog here.", {"happy dog": 0.5}, "There is no dog here."),
        ("A man waters the lawn.", {"calm water": 0.5}, "A man waters the lawn."),
        ("A wet dog runs.", {"dry dog": 0.4, "happy dog": 0.2}, "A happy wet dog runs."),
        ("A dog and a cat.", {"cute dog": 0.3, "cute cat": 0.2, "curious cat": 0.1}, "A cute dog and a curious cat."),
        ("A dog and a cat.", {"cute dog": 0.3, "evil cat": 0.2}, "A cute dog and a cat."),  # one feeling a caption
    ],
)
def test_careful(caption: str, probabilities: dict[str, float], expected: str) -> None:
    assert force(caption, probabilities) == expected


def test_the_likeliest_anp_of_the_image_is_kept() -> None:
    """A noun with a single adjective has P(adjective | noun) = 1 however unlikely it is itself."""
    caption = Caption("A dog on a sofa.")
    scorer = KnownScorer({"comfortable sofa": 0.01, "happy dog": 0.3, "wet dog": 0.29})
    [rewrite] = make().combine([CombinerItem(caption, [])], scorer)
    assert rewrite.text == "A happy dog on a comfortable sofa."
    assert limit_edits(caption.text, rewrite, (), EditLimit(1)).text == "A happy dog on a sofa."
    assert [edit.tag.probability for edit in rewrite.edits] == pytest.approx([0.3, 0.01])


def test_what_the_scorer_holds_impossible_is_no_candidate() -> None:
    class Sure(KnownScorer):
        def score(self, anps: Sequence[Sequence[ANP]]) -> list[list[float]]:
            known = super().score(anps)
            return [
                [-inf if anp.noun == "dog" else score for anp, score in zip(*row, strict=True)]
                for row in zip(anps, known, strict=True)
            ]

    scorer = Sure({"happy dog": 0.3, "wet dog": 0.1, "soft sofa": 0.2})
    [rewrite] = make().combine([CombinerItem(Caption("A dog on a sofa."), [])], scorer)
    assert rewrite.text == "A dog on a soft sofa."


def test_a_batch_is_as_one_by_one() -> None:
    items = [CombinerItem(Caption(text), []) for text in ("A dog.", "A cat.", "", "Dogs and cats.")]
    scorer = KnownScorer({"happy dog": 0.3, "cute cat": 0.2})
    together = make().combine(items, scorer)
    assert [make().combine([item], scorer)[0] for item in items] == together


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        ("A train track in a field.", "An old train track in a field."),  # figure 11: a train track is a train
        ("A track.", "A track."),
        ("Two trains.", "Two trains."),
        ("A train by a train.", "An old train by a train."),
    ],
)
def test_the_papers_own_knows_no_grammar(caption: str, expected: str) -> None:
    combiner = make(paper="true")
    assert combiner.scorer == "none"
    tags = [Tag(ANP("old", "train"), 0.4), Tag(ANP("lonely", "train"), 0.2)]
    [rewrite] = combiner.combine([CombinerItem(Caption(caption), tags)], None)
    assert rewrite.text == expected
