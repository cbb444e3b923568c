"""Beam search, on tables of log-probabilities and on a real decoder."""

from __future__ import annotations

import itertools
import math
from dataclasses import asdict, dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from sentikit import SentikitError, UsageError  # noqa: E402
from sentikit.nn.beam_search import BeamSettings, beam_search  # noqa: E402
from sentikit.nn.decoder import AttentionDecoder, DecoderSettings  # noqa: E402

START, END = 0, 1


@dataclass(frozen=True)
class Table:
    """A toy model's state: log P(next | last word, how many words so far) for each image."""

    table: torch.Tensor  # (images, steps, vocabulary, vocabulary)
    rows: torch.Tensor  # (images, rows), which only shows that rows follow their words
    steps: int = 0

    def gather(self, rows: torch.Tensor) -> Table:
        return Table(self.table, self.rows.gather(1, rows), self.steps)

    def images(self, index: torch.Tensor) -> Table:
        return Table(self.table[index], self.rows[index], self.steps)


def step(state: Table, last: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, Table]:
    images = torch.arange(len(last))[:, None].expand_as(last)
    attention = torch.nn.functional.one_hot(last, state.table.shape[-1]).float()  # it "looks at" the last word
    return state.table[images, state.steps, last], attention, Table(state.table, last, state.steps + 1)


def tables(seed: int, images: int = 1, vocabulary: int = 4, steps: int = 5, spread: float = 2.0) -> torch.Tensor:
    noise = torch.randn(images, steps, vocabulary, vocabulary, generator=torch.Generator().manual_seed(seed))
    return (noise * spread).log_softmax(-1)


def search(
    table: torch.Tensor, *, banned: tuple[int, ...] = (START,), repeatable: tuple[int, ...] = (), **options: object
) -> list[list]:
    state = Table(table, torch.zeros(len(table), 1, dtype=torch.long))
    first = torch.full((len(table),), START)
    return beam_search(step, state, first, END, BeamSettings(**options), banned, repeatable)


def exhaustive(
    table: torch.Tensor, max_length: int, min_length: int = 0, penalty: float = 0.0, repeat: float = 0.0
) -> list[tuple]:
    """All sequences by score, best first."""
    words = [word for word in range(table.shape[-1]) if word not in (START, END)]
    found = []
    for length in range(min_length, max_length + 1):
        for sequence in itertools.product(words, repeat=length):
            path = [START, *sequence, END]
            total = sum(table[at, a, b].item() for at, (a, b) in enumerate(itertools.pairwise(path)))
            total -= repeat * sum(sequence[:at].count(word) for at, word in enumerate(sequence))
            found.append((total / (length + 1) ** penalty, list(sequence)))
    return sorted(found, key=lambda entry: -entry[0])


@given(
    seed=st.integers(0, 10**6),
    vocabulary=st.integers(3, 4),
    max_length=st.integers(1, 4),
    min_length=st.integers(0, 2),
    penalty=st.sampled_from([0.0, 0.7, 1.0, 2.0]),
    repeat=st.sampled_from([0.0, 0.0, 0.8]),
)
def test_with_a_beam_for_everything_it_finds_the_best_there_are(
    seed: int, vocabulary: int, max_length: int, min_length: int, penalty: float, repeat: float
) -> None:
    min_length = min(min_length, max_length)
    table = tables(seed, vocabulary=vocabulary)
    expected = exhaustive(table[0], max_length, min_length, penalty, repeat)
    beams = len(exhaustive(table[0], max_length))
    best = min(5, len(expected))
    lengths = {"max_length": max_length, "min_length": min_length, "length_penalty": penalty}
    (found,) = search(table, beams=beams, best=best, repeat_penalty=repeat, **lengths)
    assert [hypothesis.score for hypothesis in found] == pytest.approx(
        [score for score, _ in expected[:best]], abs=1e-4
    )
    assert found[0].words == expected[0][1] or expected[0][0] - expected[1][0] < 1e-5


@given(seed=st.integers(0, 10**6), penalty=st.sampled_from([0.0, 1.0]))
def test_one_beam_is_greedy(seed: int, penalty: float) -> None:
    table = tables(seed, vocabulary=6, steps=9)
    ((found,),) = search(table, beams=1, max_length=8, length_penalty=penalty)
    last, words = START, []
    for at in range(8):
        choices = table[0, at, last].clone()
        choices[START] = -math.inf
        last = int(choices.argmax())
        if last == END:
            break
        words.append(last)
    assert found.words == words
    assert found.ended == (last == END)


@given(seed=st.integers(0, 10**6), beams=st.integers(1, 4), penalty=st.sampled_from([0.0, 0.8]), best=st.integers(1, 3))
def test_a_batch_finds_what_one_by_one_finds(seed: int, beams: int, penalty: float, best: int) -> None:
    table = tables(seed, images=7, vocabulary=6, steps=9, spread=3)
    options = {"beams": beams, "best": min(best, beams), "max_length": 8, "length_penalty": penalty}
    together = search(table, **options)
    alone = [search(table[image : image + 1], **options)[0] for image in range(7)]
    for batched, single in zip(together, alone, strict=True):
        assert [hypothesis.words for hypothesis in batched] == [hypothesis.words for hypothesis in single]
        assert [h.score for h in batched] == pytest.approx([h.score for h in single])
        for one, other in zip(batched, single, strict=True):
            assert torch.equal(one.attention, other.attention)


@given(seed=st.integers(0, 10**6), beams=st.integers(1, 5))
def test_scores_and_attention_belong_to_the_words(seed: int, beams: int) -> None:
    table = tables(seed, images=3, vocabulary=6, steps=7)
    for image, found in enumerate(search(table, beams=beams, best=beams, max_length=6)):
        assert found
        assert [hypothesis.score for hypothesis in found] == sorted((h.score for h in found), reverse=True)
        for hypothesis in found:
            path = [START, *hypothesis.words, END]
            total = sum(table[image, at, a, b].item() for at, (a, b) in enumerate(itertools.pairwise(path)))
            assert hypothesis.log_probability == pytest.approx(total, abs=1e-4)
            assert hypothesis.attention.argmax(-1).tolist() == path[: len(hypothesis.words)]


def test_no_sequence_is_repeated() -> None:
    table = tables(3, images=8, vocabulary=5, steps=13, spread=0.1)
    table[..., END] = -20.0  # without the rule, it would go round in circles
    for size in (1, 2, 3):
        for (found,) in search(table, beams=3, max_length=12, no_repeat=size):
            grams = list(zip(*(found.words[start:] for start in range(size)), strict=False))
            assert len(grams) == len(set(grams))
    (found,) = search(table[:1], beams=3, min_length=9, max_length=12, no_repeat=1)[0]
    assert sorted(found.words) == [2, 3, 4], "when the words are used up, it ends below min_length"
    assert not found.ended


@pytest.mark.parametrize("beams", [1, 4])
def test_a_repeated_word_costs_what_the_penalty_says(beams: int) -> None:
    table = tables(4, images=8, vocabulary=6, steps=11, spread=0.3)
    for repeatable in ((), (3,)):
        said = 0
        for found in search(table, beams=beams, best=beams, max_length=10, repeat_penalty=0.5, repeatable=repeatable):
            for hypothesis in found:
                words = hypothesis.words
                before = [words[:at].count(word) for at, word in enumerate(words) if word not in repeatable]
                assert hypothesis.score == pytest.approx(hypothesis.log_probability - 0.5 * sum(before), abs=1e-4)
                said += sum(before)
        assert said
    for (found,) in search(table, beams=beams, max_length=4, repeat_penalty=1e6):
        assert len(set(found.words)) == len(found.words)


def test_banned_words_are_never_generated_even_where_nothing_else_is_likely() -> None:
    table = torch.full((2, 5, 4, 4), -30.0)
    table[..., 2] = 0.0
    for (found,) in search(table, beams=3, max_length=4, min_length=2, banned=(START, 2)):
        assert set(found.words) == {3}


def test_a_hypothesis_comes_back_even_where_none_can_end_or_nothing_is_allowed() -> None:
    table = torch.full((2, 5, 4, 4), -math.inf)
    table[..., 2] = 0.0
    for (found,) in search(table, beams=3, max_length=4):
        assert found.words == [2, 2, 2, 2]
        assert not found.ended
    for (found,) in search(table, beams=3, max_length=4, min_length=4, banned=(START, 2, 3)):
        assert found.words == []
        assert not found.ended


def test_lengths_are_kept() -> None:
    table = tables(5, images=6, vocabulary=6, steps=9)
    for found in search(table, beams=4, best=4, min_length=3, max_length=5):
        assert all(3 <= len(hypothesis.words) <= 5 for hypothesis in found)


@pytest.mark.parametrize(
    "options",
    [
        {"beams": 0},
        {"max_length": 0},
        {"min_length": 30},
        {"best": 6},
        {"length_penalty": -1.0},
        {"no_repeat": -1},
        {"repeat_penalty": -1.0},
    ],
)
def test_settings_that_make_no_sense_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        BeamSettings(**options)


def test_a_decoder_searched_in_a_batch_and_alone() -> None:
    torch.manual_seed(0)
    decoder = AttentionDecoder(DecoderSettings(vocabulary=40, features=12, embedding=16, attention=8, hidden=16)).eval()
    torch.nn.init.normal_(decoder.output.weight, std=1.0)
    features = torch.randn(9, 6, 12)
    options = BeamSettings(beams=3, max_length=10, no_repeat=2, length_penalty=0.6)
    first = torch.full((9,), START)

    def captions(part: torch.Tensor) -> list[list[int]]:
        found = beam_search(decoder.step, decoder.start(part), first[: len(part)], END, options, (START,))
        assert all(row[0].attention.shape == (len(row[0].words), 6) for row in found)
        return [row[0].words for row in found]

    together = captions(features)
    assert len({tuple(words) for words in together}) > 3, "a test of images that differ"
    assert together == [captions(features[image : image + 1])[0] for image in range(9)]
    assert together[4:7] == captions(features[4:7])


@given(st.integers(0, 2**32), st.integers(1, 4))
def test_what_had_to_end_comes_after_what_ended_by_itself(seed: int, beams: int) -> None:
    """The end is rare at first, so that what is cut off at max_length is often more probable than what ended."""
    table = tables(seed, images=3, steps=6, spread=1.0)
    table[..., END] -= 2
    options = {"beams": beams, "best": beams, "max_length": 5}
    for plain, ranked in zip(search(table, **options), search(table, **options, ended_first=True), strict=True):
        # the plain search stops when nothing longer can win, so it may not have looked at all that ended
        assert [one.ended for one in ranked] == sorted((one.ended for one in ranked), reverse=True)
        for group in (True, False):
            scores = [one.score for one in ranked if one.ended is group]
            assert scores == sorted(scores, reverse=True)
        by_choice = [one.words for one in plain if one.ended]
        assert by_choice == [one.words for one in ranked if one.ended][: len(by_choice)]


def test_the_best_that_ended_wins_although_a_longer_one_is_more_probable() -> None:
    table = torch.full((1, 4, 4, 4), -20.0)
    table[:, :, :, 2] = -0.1  # goes on and on, in the one beam that is left
    table[:, :, :, END] = -1.0
    table[:, 0, :, END] = -3.0
    assert search(table, beams=2, max_length=3)[0][0].words == [2, 2, 2]
    (found,) = search(table, beams=2, max_length=3, ended_first=True)[0]
    assert (found.words, found.ended) == ([], True)
    assert found.score == pytest.approx(-3.0)


def test_banned_words_can_be_allowed() -> None:
    table = torch.full((1, 4, 4, 4), -5.0)
    table[:, 0, :, 3] = -0.1
    table[:, 1:, :, END] = -0.1
    assert search(table, beams=1, max_length=3, banned=(3,))[0][0].words != [3]
    assert search(table, beams=1, max_length=3, banned=(3,), allow_special=True)[0][0].words == [3]


def test_settings_come_back_from_json() -> None:
    settings = BeamSettings(beams=2, ended_first=True)
    assert BeamSettings.from_json(asdict(settings)) == settings
    assert BeamSettings.from_json({"beams": 2}) == BeamSettings(beams=2), "packs from before there was the setting"
    for name, value in (("ended_first", 1), ("beams", True), ("length_penalty", False)):
        with pytest.raises(SentikitError, match=f"the search setting '{name}' cannot be"):
            BeamSettings.from_json({name: value})
