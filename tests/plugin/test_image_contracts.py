"""The contracts of image models, proven with toy ones: sharing encoders, own preprocessing, scorers and combiners."""

from __future__ import annotations

import math

import pytest
from PIL import Image
from support.toy_models import ToyCaptioner, ToyCombiner, ToyEncoder, ToyImageCaptioner, ToyScoringTagger, ToyTagger

from sentikit import ANP, Captioner, Combiner, Encoder, Scorer, ScoringTagger, Tagger, UsageError, undo_edits
from sentikit.pipelines.image_models import check_scorer, distinct_encoders, encode_batch, encode_images, prepare_for

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
    assert isinstance(ToyScoringTagger(encoder).scorer(encode_images([ToyTagger(encoder)], [DARK])[0]), Scorer)


def test_models_that_share_an_encoder_get_one_pass() -> None:
    first, second = ToyEncoder("toy"), ToyEncoder("toy")
    captioner, tagger = ToyCaptioner(first), ToyTagger(second)

    maps = encode_images([captioner, tagger], [DARK, BRIGHT, DARK])

    assert maps[0] is maps[1]
    assert maps[0].shape == (3, 4, 3)
    assert (first.preprocessed, first.batches) == (3, [3])
    assert (second.preprocessed, second.batches) == (0, [])


def test_different_encoders_each_get_a_pass() -> None:
    first, second = ToyEncoder("toy"), ToyEncoder("another")
    maps = encode_images([ToyCaptioner(first), ToyTagger(second), ToyTagger(first)], [DARK, BRIGHT])
    assert maps[0] is maps[2]
    assert maps[0] is not maps[1]
    assert (first.batches, second.batches) == ([2], [2])
    assert list(distinct_encoders([ToyTagger(second), ToyTagger(first)])) == ["another", "toy"]


def test_a_model_without_an_encoder_gets_the_images() -> None:
    captioner, tagger = ToyImageCaptioner(), ToyTagger(ToyEncoder())
    images, features = encode_images([captioner, tagger], [DARK, BRIGHT])
    assert images == [DARK, BRIGHT]
    assert [caption.text for caption in captioner.caption(images)] == ["a field", "a street"]
    assert [tags[0].anp for tags in tagger.tag(features, 1)] == [ANP("misty", "street"), ANP("sunny", "street")]


def test_the_image_is_let_go_where_every_model_has_an_encoder() -> None:
    prepared = prepare_for([ToyTagger(ToyEncoder())])(DARK)
    assert prepared.image is None
    assert list(prepared.inputs) == ["toy"]


def test_what_workers_prepared_is_not_preprocessed_again() -> None:
    encoder = ToyEncoder()
    models = [ToyTagger(encoder)]
    prepared = [prepare_for(models)(image) for image in (DARK, BRIGHT)]
    encode_batch(models, prepared)
    assert encoder.preprocessed == 2


def test_no_gradients_are_kept() -> None:
    class Learning(ToyEncoder):
        def encode(self, images):
            import torch

            return torch.nn.Parameter(torch.ones(())) * super().encode(images)

    (features,) = encode_images([ToyTagger(Learning())], [DARK])
    assert not features.requires_grad


def test_a_scorer_answers_for_the_images_of_its_batch() -> None:
    tagger = ToyScoringTagger(ToyEncoder())
    (features,) = encode_images([tagger], [DARK, BRIGHT])
    scores = tagger.scorer(features).score([[ANP("misty", "street"), ANP("sunny", "street")]] * 2)
    assert scores[0][0] > scores[0][1]
    assert scores[1][0] < scores[1][1]
    assert tagger.scorer(features).score([[ANP("misty", "idea")], []]) == [[-math.inf], []]
    assert scores[0][0] == pytest.approx(math.log(tagger.tag(features, 1)[0][0].probability))


def test_a_combiner_puts_the_adjectives_of_the_scorer_in() -> None:
    encoder = ToyEncoder()
    captioner, tagger, combiner = ToyCaptioner(encoder), ToyScoringTagger(encoder), ToyCombiner()
    for_captioner, for_tagger = encode_images([captioner, tagger], [DARK, BRIGHT])
    captions = captioner.caption(for_captioner)
    items = list(zip(captions, tagger.tag(for_tagger, 5), strict=True))

    check_scorer(combiner, "toy-combiner", tagger, "toy-tagger")
    rewrites = combiner.combine(items, tagger.scorer(for_tagger))

    assert [rewrite.text for rewrite in rewrites] == ["a misty street", "a sunny street"]
    assert [undo_edits(*rewrite) for rewrite in rewrites] == [caption.text for caption in captions]
    assert encoder.batches == [2]


def test_a_tagger_without_a_scorer_is_refused_in_a_sentence() -> None:
    with pytest.raises(
        UsageError, match=r"'toy-combiner' needs a tagger that can score .* 'toy-tagger' cannot"
    ) as caught:
        check_scorer(ToyCombiner(), "toy-combiner", ToyTagger(ToyEncoder()), "toy-tagger")
    assert "\n" not in str(caught.value)


def test_a_combiner_that_needs_no_scorer_takes_any_tagger() -> None:
    class Easy(ToyCombiner):
        needs_scorer = False

    check_scorer(Easy(), "easy", ToyTagger(ToyEncoder()), "toy-tagger")
