"""The two taggers: exact best tags, exact scores, and P(adjective | noun), against the full table."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentikit.plugin.kinds import TRAINER

torch = pytest.importorskip("torch")

from sentikit_plugins.anp_decoder import packing as decoder_packing  # noqa: E402
from sentikit_plugins.anp_decoder.model import AnpDecoder  # noqa: E402
from sentikit_plugins.anp_decoder.tagger import AnpDecoderTagger  # noqa: E402
from sentikit_plugins.softmax_classifier import packing as softmax_packing  # noqa: E402
from sentikit_plugins.softmax_classifier.model import SoftmaxClassifier, SoftmaxTagger  # noqa: E402
from sentikit_plugins.softmax_classifier.packing import pack_model, unpack  # noqa: E402
from support.batches import of_features  # noqa: E402

from sentikit import ANP, Example, ScoringTagger, UsageError  # noqa: E402
from sentikit.affect.adjective_counts import AdjectiveCounts  # noqa: E402
from sentikit.affect.ontology import Ontology, OntologyEntry  # noqa: E402
from sentikit.nn.adjective_prior import AdjectivePrior  # noqa: E402
from sentikit.nn.decoder import DecoderSettings  # noqa: E402
from sentikit.nn.vocabulary import Vocabulary  # noqa: E402
from sentikit.plugin.loader import load_plugins  # noqa: E402

DIM, GRID = 6, (2, 3)
PAIRS = [(adjective, noun) for adjective in range(50) for noun in range(30)]
ANPS = [ANP(f"adj{a}", f"noun{n}") for a, n in random.Random(0).sample(PAIRS, 120)] + [ANP("orange", "orange")]
KINDS = ["adjective first", "noun first", "softmax", "noun first with a prior", "softmax with a prior"]


class FixedEncoder:
    """All that a tagger asks of its encoder."""

    identity, dim, grid = "fixed", DIM, GRID


def make_tagger(kind: str, sharpness: float = 1.0, anps: list[ANP] = ANPS) -> Any:
    """A tagger with random weights; the sharper, the surer it is."""
    torch.manual_seed(1)
    counts = AdjectiveCounts({anp: index % 7 for index, anp in enumerate(anps) if index % 3})
    if kind.startswith("softmax"):
        model = SoftmaxClassifier(DIM, anps, "mean-max")
        model.output.weight.data.mul_(sharpness)
        if kind.endswith("prior"):
            model.shrink_towards(AdjectivePrior(anps, counts, 0.6))
        return SoftmaxTagger(model, FixedEncoder())
    vocabulary = Vocabulary(sorted({word for anp in anps for word in anp}))
    sizes = {"embedding": 8, "attention": 8, "hidden": 8}
    noun_first = kind.startswith("noun first")
    decoder = AnpDecoder(DecoderSettings(len(vocabulary), DIM, **sizes), vocabulary, anps, noun_first)
    decoder.decoder.output.weight.data.mul_(sharpness)
    if kind.endswith("prior"):
        decoder.shrink_towards(AdjectivePrior(anps, counts, 0.6))
    return AnpDecoderTagger(decoder, FixedEncoder())


def photos(count: int, seed: int = 0) -> Any:
    return torch.randn(count, 6, DIM, generator=torch.Generator().manual_seed(seed)) * 3


def table(tagger: Any, batch: Any) -> Any:
    """log P of every ANP, from the model itself, without a prior."""
    with torch.no_grad():
        return tagger._model.table(batch)


def shrunk_table(tagger: Any, batch: Any) -> Any:
    """The same with the prior, where there is one: as tags are."""
    with torch.no_grad():
        return tagger._model.shrunk_table(batch)


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_a_tagger_that_scores(kind: str) -> None:
    assert isinstance(make_tagger(kind), ScoringTagger)


@pytest.mark.parametrize("kind", KINDS)
def test_the_probabilities_of_the_list_sum_to_one(kind: str) -> None:
    tagger = make_tagger(kind)
    batch = photos(3)
    assert torch.allclose(table(tagger, batch).exp().sum(-1), torch.ones(3), atol=1e-5)
    for tags in tagger.tag(of_features(batch), len(ANPS) + 5):
        assert len(tags) == len({tag.anp for tag in tags}) == len(ANPS)
        assert math.fsum(tag.probability for tag in tags) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("kind", KINDS)
@given(
    top_k=st.sampled_from([1, 2, 5, 20, 1000]), sharpness=st.sampled_from([0.1, 1, 20, 100]), seed=st.integers(0, 99)
)
def test_the_best_tags_are_those_of_the_full_table(kind: str, top_k: int, sharpness: float, seed: int) -> None:
    tagger, batch = make_tagger(kind, sharpness), photos(4, seed)
    best, indices = shrunk_table(tagger, batch).topk(min(top_k, len(ANPS)))
    for tags, values, row in zip(
        tagger.tag(of_features(batch), top_k), best.exp().tolist(), indices.tolist(), strict=True
    ):
        assert [tag.probability for tag in tags] == pytest.approx(values, rel=1e-4, abs=1e-30)
        distinct = [value for value in values if values.count(value) == 1]
        named = {tag.anp for tag, value in zip(tags, values, strict=True) if value in distinct}
        assert named <= {ANPS[index] for index in row}


def test_a_sure_decoder_expands_few_first_words(monkeypatch: pytest.MonkeyPatch) -> None:
    tagger, widths = make_tagger("adjective first", sharpness=100), []
    real = AnpDecoder.second

    def second(self: Any, state: Any, firsts: Any, shrunk: bool = False) -> Any:
        widths.append(firsts.shape[1])
        return real(self, state, firsts)

    monkeypatch.setattr(AnpDecoder, "second", second)
    tagger.tag(of_features(photos(2)), 1)
    assert sum(widths) < len(tagger._model.firsts)
    widths.clear()
    tagger.tag(of_features(photos(2)), len(ANPS))
    assert sum(widths) == len(tagger._model.firsts)


@pytest.mark.parametrize("kind", KINDS)
def test_scores_are_those_of_the_full_table(kind: str) -> None:
    tagger, batch = make_tagger(kind), photos(3)
    expected = table(tagger, batch)
    shuffled = [random.Random(row).sample(range(len(ANPS)), 20 * row) for row in range(3)]
    scores = tagger.scorer(of_features(batch)).score([[ANPS[index] for index in indices] for indices in shuffled])
    for row, indices in enumerate(shuffled):
        assert scores[row] == pytest.approx(expected[row, indices].tolist(), rel=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_unknown_anps_are_impossible(kind: str) -> None:
    adjective, noun = ANPS[0].adjective, next(anp.noun for anp in ANPS if ANP(ANPS[0].adjective, anp.noun) not in ANPS)
    unknown = [ANP("new", ANPS[0].noun), ANP(adjective, "new"), ANP("new", "new"), ANP(adjective, noun)]
    (first, second) = make_tagger(kind).scorer(of_features(photos(2))).score([[ANPS[3], *unknown], []])
    assert math.isfinite(first[0])
    assert first[1:] == [-math.inf] * 4
    assert second == []


@pytest.mark.parametrize("kind", KINDS)
def test_adjectives_are_given_the_noun_best_first(kind: str) -> None:
    tagger, batch = make_tagger(kind, sharpness=5), photos(2)
    nouns = [["noun3", "noun7", "noun3"], ["nothing", "orange"]]
    expected = table(tagger, batch).exp()
    ranked = tagger.scorer(of_features(batch)).adjectives(nouns)
    assert [len(row) for row in ranked] == [3, 2]
    assert ranked[0][0] == ranked[0][2]
    assert ranked[1][0] == []
    assert [(tag.anp, tag.probability) for tag in ranked[1][1]] == [(ANP("orange", "orange"), pytest.approx(1))]
    for row, (wanted, lists) in enumerate(zip(nouns, ranked, strict=True)):
        for noun, tags in zip(wanted, lists, strict=True):
            indices = [index for index, anp in enumerate(ANPS) if anp.noun == noun]
            given = expected[row, indices] / expected[row, indices].sum()
            assert [tag.probability for tag in tags] == sorted((tag.probability for tag in tags), reverse=True)
            assert {tag.anp: tag.probability for tag in tags} == {
                ANPS[index]: pytest.approx(value, rel=1e-3, abs=1e-7)
                for index, value in zip(indices, given.tolist(), strict=True)
            }


@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_is_the_same_as_one_by_one(kind: str) -> None:
    tagger, batch = make_tagger(kind, sharpness=5), photos(4)
    together = tagger.tag(of_features(batch), 7)
    scorer = tagger.scorer(of_features(batch))
    scores, adjectives = scorer.score([ANPS[:30]] * 4), scorer.adjectives([["noun3", "noun9"]] * 4)
    for number in range(4):
        alone = batch[number : number + 1]
        (tags,) = tagger.tag(of_features(alone), 7)
        assert [tag.anp for tag in tags] == [tag.anp for tag in together[number]]
        assert [tag.probability for tag in tags] == pytest.approx(
            [tag.probability for tag in together[number]], rel=1e-4
        )
        single = tagger.scorer(of_features(alone))
        assert single.score([ANPS[:30]])[0] == pytest.approx(scores[number], rel=1e-4)
        (lists,) = single.adjectives([["noun3", "noun9"]])
        assert [[tag.anp for tag in row] for row in lists] == [[tag.anp for tag in row] for row in adjectives[number]]


@pytest.mark.parametrize("kind", ["adjective first", "noun first"])
def test_attention_is_of_the_adjective_then_the_noun(kind: str) -> None:
    tagger, batch = make_tagger(kind), photos(1)
    model = tagger._model
    with torch.no_grad():
        _, first_map, state = model.first(batch)
        for tag in tagger.tag(of_features(batch), 5)[0]:
            first, _ = model.ordered(tag.anp)
            _, second_map = model.second(state, torch.tensor([[model.first_index[first]]]))
            maps = [first_map[0], second_map[0, 0]]
            adjective, noun = reversed(maps) if kind == "noun first" else maps
            assert tag.attention.shape == (2, *GRID)
            assert torch.allclose(torch.tensor(tag.attention[0]).flatten(), adjective, atol=1e-5)
            assert torch.allclose(torch.tensor(tag.attention[1]).flatten(), noun, atol=1e-5)


def test_the_orders_decode_the_same_list_otherwise() -> None:
    """P(first) is that of the adjectives in one, and of the nouns in the other."""
    adjective_first, noun_first = make_tagger("adjective first"), make_tagger("noun first")
    assert adjective_first._model.firsts == noun_first._model.seconds
    with torch.no_grad():
        first, _, _ = noun_first._model.first(photos(2))
    by_noun = torch.zeros(2, len(noun_first._model.firsts))
    for index, anp in enumerate(ANPS):
        by_noun[:, noun_first._model.first_index[anp.noun]] += table(noun_first, photos(2))[:, index].exp()
    assert torch.allclose(first.exp(), by_noun, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_of_one(kind: str) -> None:
    tagger = make_tagger(kind, anps=[ANP("red", "bar")])
    (tags,) = tagger.tag(of_features(photos(1)), 3)
    assert [(tag.anp, tag.probability) for tag in tags] == [(ANP("red", "bar"), pytest.approx(1))]
    assert 0 <= tags[0].probability <= 1


def test_shared_words_are_folded_into_one_layer() -> None:
    torch.manual_seed(2)
    model = SoftmaxClassifier(DIM, ANPS, "mean-max", dropout=0.5, share_words=0.7).eval()
    assert model.words is not None
    for value in model.words.parameters():
        value.data.normal_()
    stored = pack_model(model)
    assert set(stored.tensors) == {"output.weight", "output.bias"}
    assert torch.allclose(unpack(stored)(photos(3)), model(photos(3)), atol=1e-4)


def test_only_the_anps_of_an_ontology_are_balanced(tmp_path: Path) -> None:
    train = [Example(tmp_path / f"{number}.jpg", ((ANPS[min(number, 3)], 1.0),)) for number in (0, 0, 0, 0, 1, 2, 3)]

    def loss(logit_adjustment: float, only: list[ANP] | None, anp: ANP) -> float:
        options: dict[str, object] = {"logit-adjustment": logit_adjustment}
        if only is not None:
            options["logit-adjustment-only"] = tmp_path / "only.json"
            Ontology("only", dict.fromkeys(only, OntologyEntry())).write(tmp_path / "only.json", force=True)
        task = load_plugins(environ={}).get(TRAINER, "softmax").create(options)
        model = task.build(train, DIM, None)
        model.output.weight.data.zero_()
        model.output.bias.data.zero_()
        target = task.target(Example(tmp_path / "a.jpg", ((anp, 1.0),)), random.Random(0), False)
        return float(task.loss(model, photos(1), [target])[0].detach())

    assert loss(1, [ANP("no", "such")], ANPS[0]) == pytest.approx(loss(0, None, ANPS[0]))
    # With nothing learnt yet, what is common needs no learning, and what is rare all the more.
    assert loss(1, None, ANPS[0]) < loss(0, None, ANPS[0]) < loss(1, None, ANPS[1])
    rare = [ANPS[1], ANPS[2]]  # alike among themselves, so that there is nothing to even out
    assert loss(1, rare, ANPS[0]) == pytest.approx(loss(0, None, ANPS[0]))
    assert loss(1, ANPS[:2], ANPS[0]) < loss(1, ANPS[:2], ANPS[3]) < loss(1, ANPS[:2], ANPS[1])


def test_a_prior_shrinks_the_adjectives_of_a_noun_and_leaves_its_probability() -> None:
    anps = [ANP(adjective, "dog") for adjective in ("happy", "wet", "sad")] + [ANP("cute", "cat")]
    scores = torch.tensor([[0.3, 0.1, 0.2, 0.4]]).log()

    counts = AdjectiveCounts({anps[0]: 1, anps[1]: 5, anps[3]: 2, ANP("old", "dog"): 9})

    def shrunk(weight: float) -> list[float]:
        [row] = AdjectivePrior(anps, counts, weight).of_table(scores).exp().tolist()
        return [pytest.approx(value, abs=1e-5) for value in row]

    assert shrunk(0) == [0.3, 0.1, 0.2, 0.4]
    assert shrunk(1) == [0.4 * 2 / 8, 0.4 * 6 / 8, 0.2, 0.4]  # counted and smoothed; "sad" was not counted
    happy, wet = (0.3 * 2 / 8) ** 0.5, (0.1 * 6 / 8) ** 0.5
    assert shrunk(0.5) == [0.4 * happy / (happy + wet), 0.4 * wet / (happy + wet), 0.2, 0.4]


@pytest.mark.parametrize("kind", KINDS[3:])
def test_a_prior_is_kept_in_the_pack(kind: str) -> None:
    model = make_tagger(kind)._model
    packing = decoder_packing if isinstance(model, AnpDecoder) else softmax_packing
    again = packing.unpack(packing.pack_model(model)).eval()
    assert again.prior.documents() == model.prior.documents()


def build_with_prior(tmp_path: Path, kind: str, **options: str) -> Any:
    """The model that a trainer makes of a stored one, or anew where `kind` is none of KINDS, with a prior."""
    Ontology("counts", {ANPS[0]: OntologyEntry(count=3)}).write(tmp_path / "counts.json", force=True)
    stored, name = None, kind
    if kind in KINDS:
        model = make_tagger(kind)._model
        name = "anp-decoder" if isinstance(model, AnpDecoder) else "softmax"
        stored = (decoder_packing if name == "anp-decoder" else softmax_packing).pack_model(model)
    options |= {"prior": str(tmp_path / "counts.json"), "prior-weight": "0.5"}
    task: Any = load_plugins(environ={}).get(TRAINER, name).create(options)
    return task.build([Example(tmp_path / "a.jpg", tuple((anp, 1.0) for anp in ANPS))], DIM, stored)


@pytest.mark.parametrize("kind", KINDS[1:])
def test_a_prior_takes_the_place_of_the_packs_own(kind: str, tmp_path: Path) -> None:
    model = build_with_prior(tmp_path, kind)
    [document] = model.prior.documents().values()
    assert document["weight"] == 0.5
    assert [count for count in document["counts"] if count is not None] == [3.0]
    packing = decoder_packing if isinstance(model, AnpDecoder) else softmax_packing
    again = packing.unpack(packing.pack_model(model))
    tables = [one.shrunk_table(photos(3)) for one in (model.eval(), again.eval())]
    assert torch.allclose(*tables, atol=1e-4)


def test_a_prior_needs_the_noun_first(tmp_path: Path) -> None:
    for kind in ("anp-decoder", "adjective first"):
        with pytest.raises(UsageError, match="needs --noun-first"):
            build_with_prior(tmp_path, kind)
    assert build_with_prior(tmp_path, "anp-decoder", **{"noun-first": "true"}).prior is not None
