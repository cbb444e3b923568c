"""The tag filter: what it leaves out, that it only leaves out, and that scorers obey it."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from math import inf, log, nan
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentikit import ANP, Denylist, Ontology, OntologyEntry, Scorer, Tag, UsageError, adjective_valence, polarity
from sentikit.formats.tags import ImageTags, TagTable, read_tags
from sentikit.pipelines.tag_filter import TagFilter, filtered_scorer

ADJECTIVES = ["happy", "sad", "sexy", "little", "zorbly", "ugly", "cute"]
NOUNS = ["dog", "woman", "sky", "child"]
ANPS = st.builds(ANP, st.sampled_from(ADJECTIVES), st.sampled_from(NOUNS))
TAGS = st.lists(st.builds(Tag, ANPS, st.none() | st.floats(0, 1)))
FILTERS = st.builds(
    TagFilter,
    top_k=st.integers(1, 10),
    min_probability=st.none() | st.floats(0, 1),
    polarity=st.sampled_from(["any", "positive", "negative"]),
    min_valence=st.none() | st.floats(0, 1),
    denylist=st.sampled_from([Denylist.none(), Denylist.load()]),
    ontology=st.none()
    | st.builds(Ontology, st.just("o"), st.dictionaries(ANPS, st.builds(OntologyEntry, insertable=st.booleans()))),
)


def tags(*texts: str) -> list[Tag]:
    return [Tag(ANP.parse(text)) for text in texts]


@given(FILTERS, TAGS)
def test_the_result_is_a_part_of_the_best_in_their_order(tag_filter: TagFilter, given_tags: list[Tag]) -> None:
    result = tag_filter.apply(given_tags)
    rest = iter(given_tags[: tag_filter.top_k])
    assert all(any(tag is other for other in rest) for tag in result)
    assert tag_filter.apply(result) == result
    assert all(tag_filter.allows(tag.anp) for tag in result)
    if tag_filter.min_probability is not None:
        assert all(tag.probability is not None and tag.probability >= tag_filter.min_probability for tag in result)
    if tag_filter.polarity != "any":
        assert all(polarity(adjective_valence(tag.adjective)) == tag_filter.polarity for tag in result)
    copy = pickle.loads(pickle.dumps(tag_filter))
    assert copy == tag_filter
    assert copy.apply(given_tags) == result


def test_top_k_comes_before_the_rest() -> None:
    assert TagFilter(top_k=2).apply(tags("sexy woman", "cute dog", "happy dog")) == tags("cute dog")


def test_what_has_no_known_valence_is_neither_positive_nor_negative() -> None:
    found = tags("zorbly dog", "happy dog", "ugly dog", "little dog")
    none = Denylist.none()
    assert TagFilter(polarity="positive", denylist=none).apply(found) == tags("happy dog")
    assert TagFilter(polarity="negative", denylist=none).apply(found) == tags("ugly dog")
    assert TagFilter(denylist=none).apply(found) == found


def test_min_valence_is_strength_of_either_polarity() -> None:
    found = tags("zorbly dog", "happy dog", "ugly dog", "little dog", "wet dog")
    none = Denylist.none()
    strong = 0.5
    kept = TagFilter(min_valence=strong, denylist=none).apply(found)
    assert kept == tags("happy dog", "ugly dog")
    assert all(abs(adjective_valence(tag.adjective) or 0) >= strong for tag in kept)
    assert TagFilter(min_valence=strong, polarity="negative", denylist=none).apply(found) == tags("ugly dog")
    assert tags("zorbly dog")[0] not in TagFilter(min_valence=0, denylist=none).apply(found)


def test_min_valence_goes_by_the_ontology() -> None:
    ontology = Ontology("mine", {ANP("zorbly", "dog"): OntologyEntry(-0.9), ANP("happy", "dog"): OntologyEntry(0.1)})
    tag_filter = TagFilter(min_valence=0.5, ontology=ontology)
    assert tag_filter.apply(tags("zorbly dog", "happy dog", "happy cat")) == tags("zorbly dog", "happy cat")


def test_the_ontology_gives_valences_and_bars_what_is_not_insertable() -> None:
    entries = {ANP("zorbly", "dog"): OntologyEntry(0.5), ANP("happy", "dog"): OntologyEntry(0.5, insertable=False)}
    tag_filter = TagFilter(polarity="positive", ontology=Ontology("mine", entries))
    assert tag_filter.apply(tags("zorbly dog", "happy dog", "happy cat")) == tags("zorbly dog", "happy cat")


def test_the_bundled_denylist_is_the_default() -> None:
    assert TagFilter().apply(tags("sexy woman", "cute dog", "sad woman")) == tags("cute dog")
    assert TagFilter(polarity="negative").apply(tags("sexy woman", "cute dog", "sad woman")) == tags("sad woman")
    assert TagFilter(denylist=Denylist.none()).apply(tags("sexy woman")) == tags("sexy woman")


def test_settings_as_json() -> None:
    ontology = Ontology("mine", {ANP("a", "b"): OntologyEntry()})
    assert TagFilter(5, 0.1, "positive", Denylist.none(), ontology).to_json() == {
        "top_k": 5,
        "min_probability": 0.1,
        "polarity": "positive",
        "denylist": "none",
        "ontology": "mine",
        "min_valence": None,
    }
    assert TagFilter().to_json()["denylist"] == "bundled"


def test_min_probability_needs_probabilities(tmp_path: Path) -> None:
    path = tmp_path / "tags.jsonl"
    path.write_text('{"image_id": 1, "anps": ["cute dog", "happy dog"]}\n')
    file = read_tags(path)
    TagFilter().check(file)
    with pytest.raises(UsageError, match=r"--min-probability needs a probability for every tag, and .* has 2 tags"):
        TagFilter(min_probability=0.1).check(file)
    path.write_text('{"image_id": 1, "anps": [{"adjective": "cute", "noun": "dog", "probability": 0.3}]}\n')
    TagFilter(min_probability=0.1).check(read_tags(path))


_ROWS = st.lists(st.lists(st.tuples(st.sampled_from(["cute", "sexy", "sad"]), st.none() | st.floats(0, 1)), max_size=5))


@given(_ROWS, st.integers(0, 6), st.none() | st.floats(0, 1), st.sampled_from(["any", "positive"]))
def test_all_at_once_is_each_alone(
    rows: list[list[tuple[str, float | None]]], top_k: int, least: float | None, wanted: str
) -> None:
    table = TagTable()
    for row in rows:
        places = [table.place(ANP(adjective, "woman")) for adjective, _ in row]
        table.append(places, [nan if probability is None else probability for _, probability in row])
    images = ImageTags(table, {f"image {number}": number for number in range(len(rows))})
    tag_filter = TagFilter(top_k, least, wanted)
    usable = tag_filter.apply_to_all(images)
    assert {image: list(tags) for image, tags in usable.items()} == {
        image: tag_filter.apply(list(tags)) for image, tags in images.items()
    }
    assert all(tags.nouns() == ["woman"] * len(tags) for tags in usable.values())


class Fixed:
    """A scorer that says the same of every image."""

    def score(self, anps: Sequence[Sequence[ANP]]) -> list[list[float]]:
        return [[log(0.1 * (1 + ADJECTIVES.index(anp.adjective))) for anp in image] for image in anps]

    def adjectives(self, nouns: Sequence[Sequence[str]]) -> list[list[list[Tag]]]:
        return [
            [[Tag(ANP(word, noun), 0.1 * (7 - i)) for i, word in enumerate(ADJECTIVES)] for noun in image]
            for image in nouns
        ]


def test_a_scorer_loses_what_the_filter_leaves_out() -> None:
    scorer = filtered_scorer(Fixed(), TagFilter(top_k=1))
    assert isinstance(scorer, Scorer)
    [[women, dogs], []] = scorer.adjectives([["woman", "dog"], []])
    assert [tag.adjective for tag in women] == ["happy", "little", "zorbly", "cute"]
    assert [tag.adjective for tag in dogs] == ["happy", "sad", "little", "zorbly", "cute"]
    assert women[0].probability == pytest.approx(0.7)
    assert scorer.score([[ANP("sexy", "woman"), ANP("happy", "woman")], []]) == [[-inf, log(0.1)], []]


def test_a_scorer_obeys_polarity_and_probability() -> None:
    scorer = filtered_scorer(Fixed(), TagFilter(polarity="positive", min_probability=0.35))
    assert [tag.adjective for tag in scorer.adjectives([["dog"]])[0][0]] == ["cute"], "by P(ANP), as its score is"
    assert scorer.score([[ANP("happy", "dog"), ANP("cute", "dog"), ANP("ugly", "dog")]]) == [
        [-inf, pytest.approx(log(0.7)), -inf]
    ]


def test_the_probability_of_an_images_tag_decides_where_it_has_one() -> None:
    happy, cute = ANP("happy", "dog"), ANP("cute", "dog")
    tags = [[Tag(happy, 0.5), Tag(cute, 0.2)], [Tag(cute, None)]]
    scorer = filtered_scorer(Fixed(), TagFilter(polarity="positive", min_probability=0.35), tags)
    assert scorer.score([[happy, cute]] * 2) == [
        [pytest.approx(log(0.1)), -inf],
        [-inf, pytest.approx(log(0.7))],
    ]
    assert [[tag.adjective for tag in dogs] for [dogs] in scorer.adjectives([["dog"]] * 2)] == [["happy"], ["cute"]]
