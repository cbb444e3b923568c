"""The contracts of image models, proven with toy ones: sharing encoders, own preprocessing, scorers and combiners."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from PIL import Image
from support.batches import batches, refs_of
from support.toy_models import ToyCaptioner, ToyCombiner, ToyEncoder, ToyImageCaptioner, ToyScoringTagger, ToyTagger

from sentikit import (
    ANP,
    Captioner,
    Combiner,
    CombinerItem,
    Encoder,
    PluginError,
    Scorer,
    ScorerNeed,
    ScoringTagger,
    Tagger,
    UsageError,
    undo_edits,
)
from sentikit.images import ImageRef, load_photo
from sentikit.pipelines.combining import check_combiner
from sentikit.pipelines.image_models import Named, distinct_encoders, encode_batch, prepare_for

DARK, BRIGHT = Image.new("RGB", (8, 6), (10, 10, 10)), Image.new("RGB", (6, 8), (250, 250, 250))


def test_the_toy_models_satisfy_the_contracts() -> None:
    encoder = ToyEncoder()
    assert isinstance(encoder, Encoder)
    assert isinstance(ToyTagger(encoder), Tagger)
    assert not isinstance(ToyTagger(encoder), ScoringTagger)
    assert isinstance(ToyScoringTagger(encoder), ScoringTagger)
    assert isinstance(ToyCaptioner(encoder), Captioner)
    assert isinstance(ToyImageCaptioner(), Captioner)
    assert isinstance(ToyCombiner(), Combiner)
    assert isinstance(ToyScoringTagger(encoder).scorer(batches([ToyTagger(encoder)], [DARK])[0]), Scorer)


def test_models_that_share_an_encoder_get_one_pass() -> None:
    first, second = ToyEncoder("toy"), ToyEncoder("toy")
    captioner, tagger = ToyCaptioner(first), ToyTagger(second)

    maps = batches([captioner, tagger], [DARK, BRIGHT, DARK])

    assert maps[0].encoded is maps[1].encoded
    assert maps[0].encoded.shape == (3, 4, 3)
    assert (first.preprocessed, first.batches) == (3, [3])
    assert (second.preprocessed, second.batches) == (0, [])


def test_different_encoders_each_get_a_pass() -> None:
    first, second = ToyEncoder("toy"), ToyEncoder("another")
    maps = batches([ToyCaptioner(first), ToyTagger(second), ToyTagger(first)], [DARK, BRIGHT])
    assert maps[0].encoded is maps[2].encoded
    assert maps[0].encoded is not maps[1].encoded
    assert (first.batches, second.batches) == ([2], [2])
    assert list(distinct_encoders([ToyTagger(second), ToyTagger(first)])) == ["another", "toy"]


def test_a_model_without_an_encoder_gets_the_images() -> None:
    captioner, tagger = ToyImageCaptioner(), ToyTagger(ToyEncoder())
    images, features = batches([captioner, tagger], [DARK, BRIGHT])
    assert images.features is None
    assert [photo.image.size for photo in images.photos] == [DARK.size, BRIGHT.size]
    with pytest.raises(ValueError, match="no features"):
        images.encoded  # noqa: B018
    assert [best.text for best, *_ in captioner.caption(images)] == ["a field", "a street"]
    assert [tags[0].anp for tags in tagger.tag(features, 1)] == [ANP("misty", "street"), ANP("sunny", "street")]


def test_the_image_is_let_go_and_decoded_again_if_every_model_has_an_encoder(tmp_path: Path) -> None:
    DARK.save(tmp_path / "1.png")
    ref = ImageRef.from_path(tmp_path / "1.png")
    photo = load_photo(ref)
    prepared = prepare_for([ToyTagger(ToyEncoder())])(photo, ref)
    assert list(prepared.inputs) == ["toy"]
    assert photo.image is photo.image
    assert prepared.photo.image is not photo.image
    assert prepared.photo.image.tobytes() == DARK.tobytes()
    assert (prepared.photo.name, prepared.photo.path, prepared.photo.size) == ("1.png", tmp_path / "1.png", (8, 6))


def test_what_workers_prepared_is_not_preprocessed_again() -> None:
    encoder = ToyEncoder()
    models = [ToyTagger(encoder)]
    prepared = [prepare_for(models)(load_photo(ref), ref) for ref in refs_of([DARK, BRIGHT])]
    encode_batch(models, prepared)
    assert encoder.preprocessed == 2


def test_no_gradients_are_kept() -> None:
    class Learning(ToyEncoder):
        def encode(self, images):
            import torch

            return torch.nn.Parameter(torch.ones(())) * super().encode(images)

    (features,) = batches([ToyTagger(Learning())], [DARK])
    assert not features.encoded.requires_grad


def test_a_scorer_answers_for_the_images_of_its_batch() -> None:
    tagger = ToyScoringTagger(ToyEncoder())
    (features,) = batches([tagger], [DARK, BRIGHT])
    scores = tagger.scorer(features).score([[ANP("misty", "street"), ANP("sunny", "street")]] * 2)
    assert scores[0][0] > scores[0][1]
    assert scores[1][0] < scores[1][1]
    assert tagger.scorer(features).score([[ANP("misty", "idea")], []]) == [[-math.inf], []]
    assert scores[0][0] == pytest.approx(math.log(tagger.tag(features, 1)[0][0].probability))


def test_a_combiner_puts_the_adjectives_of_the_scorer_in() -> None:
    encoder = ToyEncoder()
    captioner, tagger, combiner = ToyCaptioner(encoder), ToyScoringTagger(encoder), ToyCombiner()
    for_captioner, for_tagger = batches([captioner, tagger], [DARK, BRIGHT])
    captions = captioner.caption(for_captioner)
    items = [CombinerItem(own[0], tags) for own, tags in zip(captions, tagger.tag(for_tagger, 5), strict=True)]

    check_combiner(Named("The combiner 'toy'", combiner), Named("The tagger 'toy'", tagger), None)
    rewrites = combiner.combine(items, tagger.scorer(for_tagger))

    assert [rewrite.text for rewrite in rewrites] == ["a misty street", "a sunny street"]
    assert [undo_edits(*rewrite) for rewrite in rewrites] == [own[0].text for own in captions]
    assert encoder.batches == [2]


def test_a_tagger_without_a_scorer_is_refused_in_a_sentence() -> None:
    combiner, tagger = Named("The combiner 'toy'", ToyCombiner()), Named("The tagger 'plain'", ToyTagger(ToyEncoder()))
    with pytest.raises(UsageError) as caught:
        check_combiner(combiner, tagger, None)
    assert str(caught.value) == (
        "The combiner 'toy' needs a tagger that can score given adjectives, and the tagger 'plain' cannot: choose "
        "another combiner or another tagger."
    )


def test_a_combiner_that_needs_no_scorer_takes_any_tagger() -> None:
    class Easy(ToyCombiner):
        scorer: ScorerNeed = "none"

    check_combiner(Named("The combiner 'easy'", Easy()), Named("The tagger 'plain'", ToyTagger(ToyEncoder())), None)


def test_another_need_is_a_broken_plugin() -> None:
    class Odd(ToyCombiner):
        scorer = "both"  # type: ignore[assignment]

    with pytest.raises(PluginError, match="The combiner 'odd' has scorer = 'both', which must be 'none', 'tagger' or"):
        check_combiner(Named("The combiner 'odd'", Odd()), Named("The tagger 'plain'", ToyTagger(ToyEncoder())), None)
