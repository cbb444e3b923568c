"""What plugins return is checked: each error is one sentence that names the plugin."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from PIL import Image
from support.batches import refs_of
from support.toy_models import ToyCaptioner, ToyCombiner, ToyEncoder, ToyScoringTagger, ToyTagger

from sentikit import ANP, Caption, Combiner, Edit, ImageBatch, ImageFailure, PluginError, Rewrite, Tag
from sentikit.pipelines.caption import CaptionedImage, CaptionModels, caption_images
from sentikit.pipelines.edit_limits import EditRules
from sentikit.pipelines.ensembles import ensemble_of
from sentikit.pipelines.image_models import Named
from sentikit.pipelines.run_models import RunSettings
from sentikit.pipelines.tag import tag_images
from sentikit.pipelines.tag_filter import TagFilter
from sentikit.pipelines.update import Captioned, rewrite_chunk

IMAGES = [Image.new("RGB", (8, 6), (10, 10, 10)), Image.new("RGB", (6, 8), (250, 250, 250))]
SETTINGS = RunSettings(workers=0)
DOG = ANP("happy", "dog")
NAN_MAPS = np.full((2, 3, 3), math.nan)


class Answering:
    """A tagger and captioner that answers what it was given."""

    encoder = None

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def tag(self, batch: ImageBatch, top_k: int) -> Any:
        return self.answer

    def caption(self, batch: ImageBatch, n: int = 1) -> Any:
        return self.answer

    def combine(self, items: Any, scorer: Any) -> Any:
        return self.answer

    def to(self, device: str) -> None:
        pass


def tag(answer: Any, top_k: int = 5) -> list[list[Tag]]:
    tagger = Named("The tagger 'mine'", Answering(answer))
    return [tags for outcome in tag_images(refs_of(IMAGES), tagger, top_k, SETTINGS) for tags in outcome.results]


def caption(captioner: Any, combiner: Any = None, tagger: Any = None, captions: int = 1) -> list[CaptionedImage]:
    models = CaptionModels(
        Named("The captioner 'mine'", captioner),
        TagFilter(),
        Named("The tagger 'mine'", tagger or ToyScoringTagger(ToyEncoder())),
        combiner and Named("The combiner 'mine'", combiner),
        captions=captions,
    )
    return [one for outcome in caption_images(refs_of(IMAGES), models, SETTINGS) for one in outcome.results]


def sentence_of(call: Any, *arguments: Any) -> str:
    with pytest.raises(PluginError) as caught:
        call(*arguments)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ([[Tag(DOG, 0.5)]], "gave 1 results for 2 images."),
        (None, "gave NoneType instead of a list of results."),
        ([None, []], "gave NoneType instead of a list of tags."),
        ([["happy dog"], []], "gave 'happy dog' instead of a Tag."),
        ([[Tag(DOG, math.nan)], []], "gave happy dog the probability nan, which is not from 0 to 1."),
        ([[Tag(DOG, 1.2)], []], "gave happy dog the probability 1.2, which is not from 0 to 1."),
        ([[Tag(DOG, "0.5")], []], "gave happy dog the probability '0.5', which is not from 0 to 1."),  # type: ignore[arg-type]
        ([[Tag(ANP("", "dog"), 0.5)], []], "gave the tag ('', 'dog'), whose adjective or noun is empty."),
        ([[Tag(ANP("happy", " "), 0.5)], []], "gave the tag ('happy', ' '), whose adjective or noun is empty."),
        (
            [[Tag(DOG, 0.5, np.zeros((1, 3, 3)))], []],
            "gave the tag happy dog attention of shape (1, 3, 3) instead of (2, height, width).",
        ),
        ([[Tag(DOG, 0.5, NAN_MAPS)], []], "gave the tag happy dog attention that is not finite numbers."),
        (
            [[Tag(DOG, 0.5, [[1, 2], [3]])], []],  # type: ignore[arg-type]
            "gave the tag happy dog attention that is not a numpy array of numbers.",
        ),
        ([ImageFailure(" "), []], "gave an ImageFailure without a reason."),
    ],
)
def test_tags(answer: Any, said: str) -> None:
    assert sentence_of(tag, answer) == f"The tagger 'mine' {said}"


def test_numbers_of_numpy_are_numbers_and_too_many_tags_are_cut() -> None:
    tags, _ = tag([[Tag(DOG, np.float32(0.5))] * 3, []], top_k=2)  # type: ignore[arg-type]
    assert [type(one.probability) for one in tags] == [float, float]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ([[Caption("a dog")]], "gave 1 results for 2 images."),
        ([Caption("a dog"), Caption("a cat")], "gave Caption(text='a dog', "),
        ([[], []], "gave [] instead of a list of captions."),
        ([["a dog"], ["a cat"]], "gave 'a dog' instead of a Caption."),
        (
            [[Caption("a dog", log_probability=math.nan)], [Caption("")]],
            "gave 'a dog' the log-probability nan, which is not a finite number.",
        ),
        (
            [[Caption("a dog", log_probability="-1")], [Caption("")]],  # type: ignore[arg-type]
            "gave 'a dog' the log-probability '-1', which is not a finite number.",
        ),
        (
            [[Caption("a dog", ("a", "dog"), np.zeros((3, 2, 2)))], [Caption("")]],
            "gave the caption 'a dog' attention of shape (3, 2, 2) instead of (2, height, width).",
        ),
        (
            [[Caption("a dog", (), np.zeros((2, 2)))], [Caption("")]],
            "gave the caption 'a dog' attention of shape (2, 2) instead of (words, height, width).",
        ),
        (
            [[Caption("a dog", ("a", "dog"), NAN_MAPS)], [Caption("")]],
            "gave the caption 'a dog' attention that is not finite numbers.",
        ),
    ],
)
def test_captions(answer: Any, said: str) -> None:
    assert sentence_of(caption, Answering(answer)).startswith(f"The captioner 'mine' {said}")


def test_more_captions_than_asked_for_are_cut() -> None:
    several = [[Caption("a dog"), Caption("a cat"), Caption("a bird")]] * 2
    assert [len(one.candidates) for one in caption(Answering(several), captions=2)] == [2, 2]


EDIT = Edit(2, 2, "", "misty ", Tag(ANP("misty", "street"), 0.5))


@pytest.mark.parametrize(
    ("rewrites", "said"),
    [
        ([Rewrite("a street")], "gave 1 results for 2 captions."),
        (["a street"] * 2, "gave 'a street' instead of a Rewrite."),
        ([Rewrite("a street", None)] * 2, "gave Rewrite(text='a street', edits=None) instead of a Rewrite."),  # type: ignore[arg-type]
        ([Rewrite("a street", ("misty",))] * 2, "gave a Rewrite of 'a street' whose edits are not all Edits."),  # type: ignore[arg-type]
        ([Rewrite("a road", (EDIT,))] * 2, "gave edits of 'a street' that do not make its text 'a road'."),
        ([Rewrite("a road")] * 2, "gave edits of 'a street' that do not make its text 'a road'."),
        (
            [Rewrite("a misty street", (EDIT._replace(before="the"),))] * 2,
            "gave edits of 'a street' that do not fit it: the text at 2 is not 'the'.",
        ),
        (
            [Rewrite("a misty misty street", (EDIT, EDIT))] * 2,
            "gave edits of 'a street' that do not fit it: the edit",
        ),
        (
            [Rewrite("a misty street", (EDIT._replace(tag=Tag(ANP("misty", "street"), math.nan)),))] * 2,
            "gave misty street the probability nan, which is not from 0 to 1.",
        ),
    ],
)
def test_rewrites(rewrites: Any, said: str) -> None:
    class Combining(Answering):
        scorer = "none"
        default_max_edits = None

    sentence = sentence_of(caption, ToyCaptioner(ToyEncoder()), Combining(rewrites))
    assert sentence.startswith(f"The combiner 'mine' {said}")


class Scoring(ToyScoringTagger):
    """Its scorer answers what it was given."""

    def __init__(self, scores: Any = None, adjectives: Any = None) -> None:
        super().__init__(ToyEncoder())
        self.scores, self.ranked = scores, adjectives

    def scorer(self, batch: ImageBatch) -> Any:
        outer = self

        class Scorer:
            def score(self, anps: Any) -> Any:
                return outer.scores

            def adjectives(self, nouns: Any) -> Any:
                return outer.ranked

        return Scorer()


class AskingForScores(ToyCombiner):
    def combine(self, items: Sequence[Any], scorer: Any) -> list[Rewrite]:
        scorer.score([[DOG]] * len(items))
        return [Rewrite(item.caption.text) for item in items]


@pytest.mark.parametrize(
    ("tagger", "combiner", "said"),
    [
        (Scoring([[math.nan], [-1.0]]), AskingForScores(), "gave nan for happy dog, which is not a log-probability."),
        (Scoring([[0.5], [-1.0]]), AskingForScores(), "gave 0.5 for happy dog, which is not a log-probability."),
        (Scoring([["-1"], [-1.0]]), AskingForScores(), "gave '-1' for happy dog, which is not a log-probability."),
        (Scoring([[-1.0]]), AskingForScores(), "gave 1 results for 2 images."),
        (Scoring([[-1.0], []]), AskingForScores(), "gave 0 results for 1 pairs."),
        (Scoring(adjectives=[[[], []]]), ToyCombiner(), "gave 1 results for 2 images."),
        (Scoring(adjectives=[[[]], [[], []]]), ToyCombiner(), "gave 1 results for 2 nouns."),
        (
            Scoring(adjectives=[[[Tag(DOG, 2.0)], []], [[], []]]),
            ToyCombiner(),
            "gave happy dog the probability 2.0, which is not from 0 to 1.",
        ),
    ],
)
def test_scores(tagger: Any, combiner: Combiner, said: str) -> None:
    sentence = sentence_of(caption, ToyCaptioner(ToyEncoder()), combiner, tagger)
    assert sentence == f"The scorer of the tagger 'mine' {said}"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda made: made * math.nan,
            "gave features that are not finite numbers; its weights may be damaged.",
        ),
        (lambda made: made[:, :3], "gave features of shape (2, 3, 3) instead of (2, 4, 3)."),
        (lambda made: made[:1], "gave features of shape (1, 4, 3) instead of (2, 4, 3)."),
    ],
)
def test_features(change: Any, said: str) -> None:
    class Broken(ToyEncoder):
        def encode(self, images: Any) -> Any:
            return change(super().encode(images))

    tagger = Named("The tagger 'mine'", ToyTagger(Broken("lens-1")))
    sentence = sentence_of(lambda: list(tag_images(refs_of(IMAGES), tagger, 5, SETTINGS)))
    assert sentence == f"The encoder 'lens-1' {said}"


def test_a_member_of_an_ensemble_is_named() -> None:
    members = [Answering([[Tag(DOG, 0.5)]] * 2), Answering([[Tag(DOG, math.nan)]] * 2)]
    ensemble = Named("The tagger 'a,b'", ensemble_of(members, ["The tagger 'a'", "The tagger 'b'"]))
    sentence = sentence_of(lambda: list(tag_images(refs_of(IMAGES), ensemble, 5, SETTINGS)))
    assert sentence.startswith("The tagger 'b' gave happy dog the probability nan")


class Rewriting:
    """A rewriter that yields what it was given."""

    default_max_edits = None

    def __init__(self, rewrites: list[Any]) -> None:
        self.rewrites = rewrites

    def rewrite(self, items: Iterable[Any]) -> Iterator[Any]:
        list(items)
        return iter(self.rewrites)


@pytest.mark.parametrize(
    ("rewrites", "said"),
    [
        ([Rewrite("a dog")], " gave 1 results for 2 captions."),
        ([Rewrite("a dog"), Rewrite("a cat"), Rewrite("a bird")], " gave more than 2 results for 2 captions."),
        (["a dog", "a cat"], " gave 'a dog' instead of a Rewrite."),
        ([Rewrite("a dog!"), Rewrite("a cat")], " gave edits of 'a dog' that do not make its text 'a dog!'."),
    ],
)
def test_rewrites_of_a_dataset(rewrites: list[Any], said: str) -> None:
    rewriter = Named("The rewriter 'mine'", Rewriting(rewrites))
    chunk = [Captioned(["a dog", "a cat"], [Tag(DOG, 0.5)], True)]
    assert sentence_of(rewrite_chunk, chunk, rewriter, EditRules()) == f"The rewriter 'mine'{said}"
