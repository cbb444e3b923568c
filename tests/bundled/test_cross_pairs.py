"""Adjectives put before the nouns of captions for cross-training, and what they weigh."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from sentikit_plugins.attention_captioner.captioner import predict  # noqa: E402
from sentikit_plugins.attention_captioner.cross_training import last_words_nll  # noqa: E402
from sentikit_plugins.attention_captioner.pair_weights import LARGEST, with_total  # noqa: E402
from sentikit_plugins.attention_captioner.pairs import Noun, Pairing, find_nouns  # noqa: E402

from sentikit import ANP, Tag  # noqa: E402
from sentikit.english.noun_phrases import NounFinder  # noqa: E402
from sentikit.nn.decoder import AttentionDecoder, DecoderSettings  # noqa: E402
from sentikit.nn.vocabulary import Vocabulary  # noqa: E402

# Adjectives before nouns


def encoded(vocabulary: Vocabulary, *captions: str) -> list[list[int]]:
    return [vocabulary.encode(text.split()) for text in captions]


WORDS = Vocabulary(["a", "an", "the", "old", "cute", "dog", "dogs", "apple", "train", "track", "sits", "by"])


def pairs_of(caption: str, *tags: str, everywhere: bool = False) -> list[tuple[str, bool]]:
    finder = NounFinder()
    known = [Tag(ANP.parse(tag), 1.0) for tag in tags]
    wanted = None if everywhere else {tag.noun for tag in known}
    nouns = list(find_nouns(finder, [caption.split()], wanted))
    made = Pairing(WORDS, finder.lemma, everywhere)([encoded(WORDS, caption)], [nouns], [known])
    return [(" ".join(WORDS.decode(pair.ids)), pair.agrees) for pair in made]


def test_an_adjective_goes_right_before_its_noun_with_its_article() -> None:
    assert pairs_of("a dog sits by the train", "old dog") == [("an old dog", True)]
    assert pairs_of("the dog sits by an apple", "cute apple") == [("the dog sits by a cute apple", True)]


def test_nouns_agree_in_singular_and_plural_and_the_best_tag_wins() -> None:
    assert pairs_of("the dogs sits by the train", "cute dog", "old dogs") == [("the cute dogs", True)]
    assert pairs_of("the dog sits", "cute dogs") == [("the cute dog", True)]


def test_what_no_adjective_is_put_on() -> None:
    assert pairs_of("the dog sits", "cute apple") == []
    assert pairs_of("the dog sits", "shaggy dog") == []  # no word of the captioner's
    assert pairs_of("the old dog sits", "old dog") == []  # it stands there
    assert pairs_of("the train track", "old track", "old train") == []  # nothing goes between the two
    assert pairs_of("the dog sits by the wolf", "old wolf") == []  # a word that the captioner cannot say


def test_everywhere_other_nouns_get_the_best_tag() -> None:
    made = pairs_of("the dog sits by the train", "cute apple", "old train", everywhere=True)
    assert made == [("the cute dog", False), ("the dog sits by the old train", True)]


def test_a_noun_that_was_cut_off_is_left_out() -> None:
    make = Pairing(WORDS, str, everywhere=False)
    (cut,) = encoded(WORDS, "the dog")
    assert (
        len(make([[cut]], [[(Noun(1, "dog"), Noun(2, "train"))]], [[Tag(ANP("old", "dog")), Tag(ANP("old", "train"))]]))
        == 1
    )


def test_the_last_words_are_those_of_each_caption() -> None:
    torch.manual_seed(0)
    model = AttentionDecoder(DecoderSettings(len(WORDS), 4, 8, 8, 8, dropout=0))
    rows = [[[1, 5, 6], [1, 5, 6, 7, 8]], [], [[1, 9, 10, 11]]]
    prediction = predict(model, torch.randn(3, 6, 4), rows)
    found = last_words_nll(prediction, 2)
    chosen = -prediction.logits.log_softmax(-1)[torch.arange(9), prediction.targets]
    assert torch.allclose(found, chosen[torch.tensor([[0, 1], [4, 5], [7, 8]])])


# Weights


@given(st.lists(st.floats(0, 1, width=32), min_size=1, max_size=40))
def test_weights_keep_their_total_and_are_clipped(raw: list[float]) -> None:
    weights = with_total(torch.tensor(raw), len(raw))
    assert weights.sum().item() == pytest.approx(len(raw), rel=1e-4)
    assert 0 <= weights.min() <= weights.max() <= LARGEST
    order = np.argsort(raw)
    assert (np.diff(weights.numpy()[order]) >= -1e-6).all()


def test_clipped_weights_by_hand() -> None:
    assert with_total(torch.tensor([1.0, 3.0]), 2).tolist() == [0.5, 1.5]
    assert with_total(torch.tensor([0.0, 0.0]), 2).tolist() == [1, 1]
    found = with_total(torch.tensor([98.0] + [1.0] * 4 + [2.0] * 2), 7)
    assert found.tolist() == pytest.approx([5] + [0.25] * 4 + [0.5] * 2)
