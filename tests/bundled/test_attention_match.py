"""The attention-match combiner: an adjective goes to the noun where both models looked at the same place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.known_scorer import KnownScorer
from support.looking_models import save_photos
from support.toy_commands import json_lines, toy_run

from sentikit import ANP, Caption, Combiner, CombinerItem, Scorer, Tag, UsageError, undo_edits
from sentikit.english import sentence
from sentikit.plugin.kinds import COMBINER
from sentikit.plugin.loader import load_plugins

SIDE = 4
CORNERS = {"left": (0, 0), "right": (0, SIDE - 1), "below": (SIDE - 1, 0), "away": (SIDE - 1, SIDE - 1)}
DISTANCES = ("hellinger", "euclidean", "jensen-shannon", "cosine")
Capture = pytest.CaptureFixture[str]


def looking(where: str, side: int = SIDE) -> np.ndarray:
    """A map with its mass in a corner; anywhere else: even."""
    found = np.full((side, side), 0.1)
    if where in CORNERS:
        row, column = CORNERS[where]
        scale = side // SIDE
        found[row * scale : (row + 1) * scale, column * scale : (column + 1) * scale] = 5.0
    return found / found.sum()


def caption(text: str, **looked: str) -> Caption:
    """A caption of these words; it looked at the corner that is named for a word, and nowhere special for others.

    Where a word occurs several times, ``dog="left right"`` tells them apart.
    """
    words = tuple(text.split())
    places = {word: corners.split() for word, corners in looked.items()}
    maps = [looking(places[word].pop(0) if places.get(word) else "nowhere") for word in words]
    return Caption(sentence(words), words, np.stack(maps))


def tag(anp: str, where: str, probability: float | None = 0.3, side: int = SIDE) -> Tag:
    return Tag(ANP.parse(anp), probability, np.stack([looking("nowhere", side), looking(where, side)]))


def make(**options: str) -> Combiner:
    options = {name.replace("_", "-"): value for name, value in options.items()}
    combiner: Combiner = load_plugins().get(COMBINER, "attention-match").create(options)
    return combiner


def match(one: Caption, *tags: Tag, scorer: Scorer | None = None, **options: str) -> str:
    [rewrite] = make(**options).combine([CombinerItem(one, tags)], scorer)
    assert undo_edits(*rewrite) == one.text
    return rewrite.text


AWAY = tag("old clock", "away", 0.01)
"""Something that the tagger saw in another corner."""


@pytest.mark.parametrize("distance", DISTANCES)
def test_a_noun_that_occurs_twice_the_best_overlap(distance: str) -> None:
    two = caption("a dog beside a dog", dog="left right")
    assert match(two, tag("happy dog", "left"), AWAY, distance=distance) == "A happy dog beside a dog."
    assert match(two, tag("happy dog", "right"), AWAY, distance=distance) == "A dog beside a happy dog."


def test_on_its_own_noun_attention_is_a_veto() -> None:
    one = caption("a dog on a sofa", dog="left", sofa="right")
    assert match(one, tag("happy dog", "left"), AWAY) == "A happy dog on a sofa."
    assert match(one, tag("happy dog", "right"), AWAY, veto="0.3") == "A dog on a sofa."
    assert match(one, tag("happy dog", "right"), AWAY, veto="1") == "A happy dog on a sofa."


def test_another_noun_needs_overlap_and_a_scorer_that_knows_it() -> None:
    one = caption("a puppy on a sofa", puppy="left", sofa="right")
    scorer = KnownScorer({"happy dog": 0.3, "happy puppy": 0.1})
    tags = tag("happy dog", "left"), AWAY
    assert match(one, *tags, scorer=scorer) == "A happy puppy on a sofa."
    assert match(one, *tags, scorer=KnownScorer({"happy dog": 0.3})) == "A puppy on a sofa."
    assert match(one, *tags, scorer=scorer, other_noun="0") == "A puppy on a sofa."
    assert match(one, tag("happy dog", "right"), AWAY, scorer=scorer, veto="0.3") == "A puppy on a sofa."
    assert make().scorer == "tagger"
    assert make(other_noun="0").scorer == "none"


def test_the_tags_own_noun_comes_before_another() -> None:
    one = caption("a dog and a puppy", dog="left", puppy="left")
    scorer = KnownScorer({"happy dog": 0.3, "happy puppy": 0.3})
    assert match(one, tag("happy dog", "left"), AWAY, scorer=scorer) == "A happy dog and a puppy."


def test_k_weighs_attention_against_probability() -> None:
    one = caption("a dog on a sofa", dog="left", sofa="right")
    tags = tag("wet dog", "away", 0.4), tag("happy dog", "left", 0.2)
    assert match(one, *tags, k="0", veto="1") == "A wet dog on a sofa."
    assert match(one, *tags, k="5", veto="1") == "A happy dog on a sofa."


def test_an_edit_has_the_score_by_which_the_flow_keeps_the_best() -> None:
    one = caption("a dog on a sofa", dog="left", sofa="right")
    [plain] = make(k="0").combine([CombinerItem(one, [tag("happy dog", "left", 0.3), AWAY])], None)
    [weighed] = make(k="2").combine([CombinerItem(one, [tag("happy dog", "left", 0.3), AWAY])], None)
    assert plain.edits[0].tag.probability == pytest.approx(0.3)
    assert 0 < (weighed.edits[0].tag.probability or 0) < 0.3
    assert weighed.edits[0].tag.anp == ANP("happy", "dog")


def test_where_only_the_rank_is_known_it_counts() -> None:
    one = caption("a dog on a sofa", dog="left")
    ranked = [tag("happy dog", "left", None), tag("wet dog", "left", None)]
    assert match(one, *ranked) == "A happy dog on a sofa."
    assert match(one, *ranked[::-1]) == "A wet dog on a sofa."


def test_the_train_track() -> None:
    """Figure 11: the captioner looks at the track, where the tagger looked at no train."""
    one = caption("a train track in a field", train="left", track="left")
    train_elsewhere, train_there = (tag("old train", where) for where in ("right", "left"))
    assert match(one, train_there, AWAY) == "A train track in a field."
    assert match(one, train_there, AWAY, head_of_compound="false") == "An old train track in a field."
    assert match(one, train_elsewhere, AWAY, head_of_compound="false", veto="0.3") == "A train track in a field."


@pytest.mark.parametrize("text", ["a train track", "a brown dog"])
def test_a_compound_gets_one_adjective(text: str) -> None:
    last = text.split()[-1]
    tags = tag("lonely train", "left", 0.5), tag(f"quiet {last}", "left", 0.4), AWAY
    one = caption(text, train="left", track="left", dog="left")
    [rewrite] = make(head_of_compound="false").combine([CombinerItem(one, tags)], None)
    assert len(rewrite.edits) == 1


def test_grids_may_differ() -> None:
    two = caption("a dog beside a dog", dog="left right")
    for side in (SIDE, 2 * SIDE, 3 * SIDE):
        clock = tag("old clock", "away", 0.01, side)
        assert match(two, tag("happy dog", "right", 0.3, side), clock) == "A dog beside a happy dog."


def test_where_a_model_always_looks_says_nothing() -> None:
    """The captioner's eyes are drawn to the left whatever it says; the tagger saw the dog on the left."""
    two = caption("a dog beside a dog", dog="left right")
    assert two.attention is not None
    drawn = two._replace(attention=two.attention + 0.5 * looking("away"))
    assert match(drawn, tag("happy dog", "right"), AWAY) == "A dog beside a happy dog."
    assert match(drawn, tag("happy dog", "left"), AWAY) == "A happy dog beside a dog."


@pytest.mark.parametrize("distance", DISTANCES)
def test_a_batch_is_as_one_by_one(distance: str) -> None:
    combiner = make(distance=distance)
    items = [
        CombinerItem(
            caption("a dog beside a dog", dog="left right"), [tag("happy dog", "right"), tag("wet dog", "left")]
        ),
        CombinerItem(Caption(""), [tag("happy dog", "left")]),
        CombinerItem(
            caption("a cat on a sofa", cat="left", sofa="away"), [tag("cute cat", "left"), tag("soft sofa", "away")]
        ),
        CombinerItem(caption("a kitten", kitten="left"), [tag("cute cat", "left"), AWAY]),
        CombinerItem(caption("a cat"), []),
    ]
    scorer = KnownScorer({"cute cat": 0.3, "cute kitten": 0.1})
    together = combiner.combine(items, scorer)
    assert [combiner.combine([item], scorer)[0] for item in items] == together
    assert [undo_edits(*rewrite) for rewrite in together] == [one.text for one, *_ in items]


def test_what_the_captioner_writes_otherwise_is_still_found() -> None:
    """Capitals, a full stop and attached words are the text's; an end token is the captioner's."""
    one = caption("a dog 's bowl beside a dog </s>", dog="left right")
    one = one._replace(text="A dog's bowl beside a dog.")
    assert match(one, tag("happy dog", "right"), AWAY) == "A dog's bowl beside a happy dog."


def test_models_that_do_not_say_where_they_looked_are_refused() -> None:
    blind = Tag(ANP("happy", "dog"), 0.3)
    with pytest.raises(UsageError, match="needs a captioner that says where it looked") as caught:
        make().combine([CombinerItem(Caption("A dog."), [tag("happy dog", "left")])], None)
    assert "\n" not in str(caught.value)
    with pytest.raises(UsageError, match="needs a tagger that says where it looked"):
        make().combine([CombinerItem(caption("a dog"), [blind])], None)
    assert match(caption("a dog", dog="left"), blind, tag("wet dog", "left"), AWAY) == "A wet dog."


@pytest.mark.parametrize(("option", "value"), [("k", "-1"), ("veto", "2"), ("other-noun", "-0.1"), ("distance", "far")])
def test_wrong_options_are_a_sentence(option: str, value: str) -> None:
    with pytest.raises(UsageError, match=option):
        make(**{option: value})


def test_from_the_command(tmp_path: Path, capsys: Capture) -> None:
    save_photos(tmp_path / "photos")
    toys = ["caption", tmp_path / "photos", "--combiner", "attention-match"]
    assert toy_run(*toys, "--captioner", "toy", "--tagger", "toy", "--jsonl", tmp_path / "c.jsonl") == 0
    lines = json_lines((tmp_path / "c.jsonl").read_text())[1:]
    assert [line["caption"] for line in lines] == ["a misty street", "a sunny street", "a misty street"]
    assert toy_run(*toys, "--captioner", "toy-image", "--tagger", "toy") == 2
    assert "needs a captioner that says where it looked" in capsys.readouterr().err
    assert toy_run(*toys, "--captioner", "toy", "--tagger", "toy-plain", "-O", "other-noun=0") == 2
    assert "needs a tagger that says where it looked" in capsys.readouterr().err
