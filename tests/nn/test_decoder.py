"""The attention decoder and its vocabulary."""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from sentikit import SentikitError  # noqa: E402
from sentikit.nn.decoder import AttentionDecoder, DecoderSettings  # noqa: E402
from sentikit.nn.vocabulary import END, SPECIAL, START, UNKNOWN, Vocabulary  # noqa: E402

VARIANTS = [
    {"project": project, "tie": tie, "deep_output": deep}
    for project, tie, deep in itertools.product([False, True], repeat=3)
]
SIZES = {"vocabulary": 11, "features": 6, "embedding": 8, "attention": 5, "hidden": 8}


def decoder(**options: object) -> AttentionDecoder:
    torch.manual_seed(0)
    return AttentionDecoder(DecoderSettings(**(SIZES | options))).eval()


def captions() -> tuple[torch.Tensor, torch.Tensor]:
    """Tokens (images, captions, length) of three images with four captions, and their lengths."""
    lengths = torch.tensor([[3, 7, 2, 5], [4, 4, 0, 6], [7, 2, 3, 2]])
    tokens = torch.randint(4, 11, (3, 4, 7), generator=torch.Generator().manual_seed(1))
    tokens[..., 0] = 1
    return tokens, lengths


@pytest.mark.parametrize("variant", VARIANTS)
def test_teacher_forcing_is_stepping_through_each_caption_alone(variant: dict[str, bool]) -> None:
    model, (tokens, lengths), features = decoder(**variant), captions(), torch.randn(3, 9, 6)
    found = model(features, tokens, lengths)
    assert found.attention.shape == (3, 4, 6, 9)
    assert found.mask.sum(-1).tolist() == (lengths - 1).clamp(min=0).tolist()
    assert torch.equal(found.targets, tokens[..., 1:][found.mask])
    logits = iter(found.logits)
    for image, row in itertools.product(range(3), range(4)):
        state = model.start(features[image : image + 1])
        for place in range(int(lengths[image, row]) - 1):
            log_probs, attention, state = model.step(state, tokens[image, row, place].reshape(1, 1))
            assert torch.allclose(next(logits).log_softmax(-1), log_probs[0, 0], atol=1e-5)
            assert torch.allclose(found.attention[image, row, place], attention[0, 0], atol=1e-6)
        assert found.attention[image, row, max(0, int(lengths[image, row]) - 1) :].eq(0).all()
    assert next(logits, None) is None


def test_one_caption_an_image_needs_no_extra_dimension_and_no_lengths() -> None:
    model, tokens, features = decoder(), torch.randint(0, 11, (2, 5)), torch.randn(2, 9, 6)
    flat = model(features, tokens)
    full = model(features, tokens.unsqueeze(1), torch.full((2, 1), 5))
    assert flat.mask.all()
    assert flat.attention.shape == (2, 1, 4, 9)
    assert torch.equal(flat.logits, full.logits)


def test_what_stands_in_the_padding_changes_nothing() -> None:
    model, (tokens, lengths), features = decoder(), captions(), torch.randn(3, 9, 6)
    tokens = torch.cat([tokens, torch.zeros(3, 4, 3, dtype=torch.long)], -1)
    found = model(features, tokens, lengths)
    padding = torch.arange(10) >= lengths[..., None]
    other = model(features, tokens.masked_fill(padding, 10), lengths)
    assert torch.equal(found.logits, other.logits)
    assert torch.equal(found.attention, other.attention)
    other.logits.sum().backward()
    used = tokens[..., :-1][found.mask].unique()
    unused = torch.ones(11, dtype=torch.bool).index_fill(0, used, False)
    assert unused.any()
    assert model.embedding.weight.grad[unused].eq(0).all()


@pytest.mark.parametrize("variant", VARIANTS)
def test_it_learns_captions_by_heart(variant: dict[str, bool]) -> None:
    model, features = decoder(dropout=0.0, **variant).train(), torch.randn(3, 9, 6)
    tokens = torch.tensor([[1, 4, 5, 2], [1, 6, 7, 2], [1, 8, 4, 2]])
    optimizer = torch.optim.Adam(model.parameters(), 0.02)
    for _ in range(80):
        found = model(features, tokens)
        loss = torch.nn.functional.cross_entropy(found.logits, found.targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.1
    assert all(parameter.grad is not None for parameter in model.parameters())


def test_rows_and_images_of_a_state_can_be_picked() -> None:
    model, features = decoder(), torch.randn(3, 9, 6)
    state = model.start(features).gather(torch.zeros(3, 4, dtype=torch.long))
    words = torch.arange(12).reshape(3, 4) % 11
    _, _, state = model.step(state, words)
    rows = torch.tensor([[3, 3], [0, 1], [2, 0]])
    picked = state.gather(rows).images(torch.tensor([2, 0]))
    expected, _, _ = model.step(state, torch.full((3, 4), 5))
    found, _, _ = model.step(picked, torch.full((2, 2), 5))
    assert torch.allclose(found, torch.stack([expected[2, [2, 0]], expected[0, [3, 3]]]), atol=1e-6)
    assert state.gather(rows).features is state.features, "an image's features are shared by its rows"


def test_settings_survive_json() -> None:
    settings = DecoderSettings(vocabulary=7, features=3, tie=True, dropout=0.25)
    assert DecoderSettings.from_json(json.loads(json.dumps(settings.to_json()))) == settings


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"hidden": 0}, "hidden"),
        ({"hidden": "big"}, "hidden"),
        ({"tie": 1}, "tie"),
        ({"dropout": 1.0}, "dropout"),
        ({"tie": True, "embedding": 4}, "deep-output"),
        ({"layers": 2}, "layers"),
        ({"features": None}, "features"),
    ],
)
def test_wrong_settings_are_named(change: dict[str, object], named: str) -> None:
    with pytest.raises(SentikitError, match=named):
        DecoderSettings.from_json(SIZES | change)
    with pytest.raises(SentikitError, match=r"pack.*lacks.*'vocabulary'"):
        DecoderSettings.from_json({"features": 3}, "the pack")


def test_a_vocabulary_counts_and_orders_words() -> None:
    words = Vocabulary.build([["b", "a"], ["a", "c", "b"], ["d", START]], min_count=2)
    assert words.words == (*SPECIAL, "a", "b")
    assert len(words) == 6
    assert "c" not in words
    assert words.encode(["b", "c"]) == [1, 5, 3, 2]
    assert words.decode([1, 5, 3, 2, 4]) == ["b", UNKNOWN]
    assert words.words[words.end] == END
    assert set(words.never_generated) == {words.pad, words.start, words.unknown}


@given(st.lists(st.lists(st.text(min_size=1).filter(lambda word: word not in SPECIAL))))
def test_known_words_and_vocabularies_come_back_whole(sentences: list[list[str]]) -> None:
    words = Vocabulary.build(sentences)
    for sentence in sentences:
        assert words.decode(words.encode(sentence)) == sentence
    assert Vocabulary.from_json(json.loads(json.dumps(words.to_json()))) == words


@pytest.mark.parametrize("data", [[], {"words": "abc"}, {"words": [1]}, {"words": ["a", "a"]}, {"words": [""]}])
def test_what_is_no_vocabulary_is_refused(data: object) -> None:
    with pytest.raises(SentikitError, match="vocabulary"):
        Vocabulary.from_json(data)


def test_the_start_can_be_linear() -> None:
    curved, linear, features = decoder(), decoder(linear_start=True), torch.randn(2, 9, 6)
    assert curved.state_dict().keys() == linear.state_dict().keys()
    assert torch.allclose(linear.start(features).hidden.tanh(), curved.start(features).hidden)
    assert torch.allclose(linear.start(features).cell.tanh(), curved.start(features).cell)
    assert DecoderSettings.from_json(linear.settings.to_json()) == linear.settings
