"""The metrics of feeling: by hand, by their laws, and as `sentikit evaluate captions` prints them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.caption_files import coco

from sentikit import ANP, AffectMetric, Edit, EvaluatedCaption, Metric, Rewrite, SentikitError, Tag, valence_source
from sentikit.cli import run
from sentikit.english import insertion
from sentikit.english.meanings import are_opposites, are_synonyms, opposites, synonyms
from sentikit.evaluation.reading import read_texts
from sentikit.evaluation.tables import Table, not_computed
from sentikit.formats.coco import edit_entry, mark_updated
from sentikit.plugin.kinds import METRIC
from sentikit.plugin.loader import Plugins, load_plugins

FEELING = {
    "adjectives", "anps", "unseen-anps", "sentiment-bayes", "sentiment-lexicon", "anp-support", "grammar", "diversity",
    "change",
}  # fmt: skip
PHOTOS = {
    1: ["A dog runs on the grass.", "A happy dog plays in the park.", "The dog is on the lawn."],
    2: ["A street with cars.", "A crowded street in the city.", "People walk on the street."],
    3: ["A dog on a couch.", "A dog sleeps on the sofa.", "A sad dog lies on a couch."],
}
words = st.sampled_from(["a", "the", "dog", "street", "happy", "ugly", "red", "and", "runs", "in", "park", "an", "old"])
captions = st.lists(words, min_size=1, max_size=8).map(" ".join)


@cache
def loaded() -> Plugins:
    return load_plugins(environ={"SENTIKIT_LOAD_PLUGINS": ""})


@pytest.fixture
def plugins() -> Plugins:
    return loaded()


def edited(image: int, plain: str, adjective: str, noun: str) -> EvaluatedCaption:
    edit = insertion(plain, plain.index(noun), adjective, Tag(ANP(adjective, noun), 0.5))
    others = [text for text in PHOTOS[image] if text != plain]
    return EvaluatedCaption(image, Rewrite.from_edits(plain, [edit]).text, others, plain, (edit,))


def unedited(text: str, image: int = 1, references: tuple[str, ...] = ()) -> EvaluatedCaption:
    return EvaluatedCaption(image, text, references)


def test_they_are_metrics_of_both_kinds(plugins: Plugins) -> None:
    made = {name: plugins.get(METRIC, name).create() for name in FEELING}
    assert all(isinstance(metric, AffectMetric) and isinstance(metric, Metric) for metric in made.values())
    assert not isinstance(plugins.get(METRIC, "bleu").create(), AffectMetric)
    assert made["diversity"].compute({1: "a dog"}, {1: ["x"]})["vocabulary"] == 2


def test_adjectives_and_pairs(plugins: Plugins) -> None:
    rows = [unedited("A happy dog with a red ball."), unedited("A red ball on grass.", 2), unedited("Two dogs run.", 3)]
    assert plugins.get(METRIC, "adjectives").create().measure(rows) == pytest.approx(
        {"no adjective": 1 / 3, "no emotional adjective": 2 / 3}
    )
    assert plugins.get(METRIC, "anps").create().measure(rows) == pytest.approx(
        {"ANPs a caption": 1, "emotional ANPs a caption": 1 / 3, "distinct ANPs": 2, "distinct emotional ANPs": 1}
    )


def test_pairs_that_training_never_had(plugins: Plugins, tmp_path: Path) -> None:
    rows = [unedited("A happy dog."), unedited("An ugly street.", 2)]
    from_captions = coco(tmp_path / "train.json", {7: ["the happy dogs run"]})
    (tmp_path / "anps.txt").write_text("ugly street\nhappy dog\n")
    component = plugins.get(METRIC, "unseen-anps")
    assert component.create({"train": str(from_captions)}).measure(rows) == {
        "emotional ANPs unseen in training": 0.5, "distinct unseen ANPs": 1
    }  # fmt: skip
    assert component.create({"train": str(tmp_path / "anps.txt")}).measure(rows)["distinct unseen ANPs"] == 0
    with pytest.raises(SentikitError, match="-O train=FILE"):
        component.create().measure(rows)
    with pytest.raises(SentikitError, match="is not a file"):
        component.create({"train": str(tmp_path / "none.json")})
    with pytest.raises(SentikitError, match="no emotional ANPs"):
        component.create({"train": str(from_captions)}).measure([unedited("A dog.")])


def test_support_is_what_people_wrote_of_this_photo_and_not_of_others(plugins: Plugins) -> None:
    rows = [
        edited(1, "The dog is on the lawn.", "cheerful", "dog"),  # a reference says happy
        edited(2, "A street with cars.", "empty", "street"),  # one says crowded
        edited(3, "A dog on a couch.", "cute", "dog"),  # nobody says anything
    ]
    figures = plugins.get(METRIC, "anp-support").create().measure(rows)
    for what in ("put-in ANPs", "emotional ANPs"):
        assert figures[f"{what}: supported"] == pytest.approx(1 / 3)
        assert figures[f"{what}: contradicted"] == pytest.approx(1 / 3)
        assert figures[f"{what}: unverifiable"] == pytest.approx(1 / 3)
        assert figures[f"{what}: supported by another photo"] == 0
        assert figures[f"{what}: contradicted by another photo"] == pytest.approx(1 / 2 / 3)  # a sad dog, of photo 3
        assert figures[f"{what}: visual evidence"] == pytest.approx(1 / 3)
        assert figures[f"{what}: visual evidence among photos of the noun"] == pytest.approx(1 / 2)
    with pytest.raises(SentikitError, match="no emotional ANPs"):
        plugins.get(METRIC, "anp-support").create().measure([unedited("A dog.", references=("A cat.",))])
    with pytest.raises(SentikitError, match="no references"):
        plugins.get(METRIC, "anp-support").create().measure([unedited("A happy dog.")])


@given(st.lists(st.tuples(captions, st.lists(captions, min_size=1, max_size=2)), min_size=2, max_size=4))
def test_the_shares_of_support_are_a_whole_and_the_difference_of_two(rows: list[tuple[str, list[str]]]) -> None:
    metric = loaded().get(METRIC, "anp-support").create()
    try:
        figures = metric.measure([EvaluatedCaption(image, text, others) for image, (text, others) in enumerate(rows)])
    except SentikitError:
        return  # nothing is said that tells a feeling
    what = "emotional ANPs: "
    assert sum(figures[what + verdict] for verdict in ("supported", "contradicted", "unverifiable")) == pytest.approx(1)
    difference = figures[what + "supported"] - figures[what + "supported by another photo"]
    assert figures[what + "visual evidence"] == pytest.approx(difference)
    assert all(-1 <= figure <= 1 for figure in figures.values())


@pytest.mark.parametrize(
    ("text", "articles", "misplaced", "doubled"),
    [
        ("An happy dog and a hour on a unicorn.", 2, 0, 0),
        ("A lovely big old red house.", 0, 0, 0),
        ("A brown big dog by an old beautiful house.", 0, 2, 0),
        ("A large wet dog by a wet brown dog.", 0, 0, 0),
        ("A happy old dog by an old happy man.", 0, 1, 0),
        ("A black and white dog and a big, lovely house.", 0, 0, 0),
        ("A small tiny kitchen.", 0, 0, 1),
    ],
)
def test_slips_of_grammar(text: str, articles: int, misplaced: int, doubled: int) -> None:
    (reading,) = read_texts([text])
    assert (reading.wrong_articles, reading.misplaced, reading.doubled) == (articles, misplaced, doubled)


def test_shares_of_nothing_are_not_zero(plugins: Plugins) -> None:
    figures = plugins.get(METRIC, "grammar").create().measure([unedited("Two dogs run.")])
    assert "wrong articles, of all a and an" not in figures
    with pytest.raises(SentikitError, match="no words"):
        plugins.get(METRIC, "diversity").create().measure([unedited("...")])


@given(st.lists(captions, min_size=1, max_size=5))
def test_diversity_of_what_is_repeated(texts: list[str]) -> None:
    metric = loaded().get(METRIC, "diversity").create()
    once = metric.measure([unedited(text) for text in texts])
    twice = metric.measure([unedited(text) for text in [*texts, *texts]])
    assert twice["vocabulary"] == once["vocabulary"]
    assert twice["distinct-1"] == pytest.approx(once["distinct-1"] / 2)
    assert 0 < once["distinct-1"] <= 1


def test_change(plugins: Plugins) -> None:
    rows = [edited(1, "A dog runs on the grass.", "ugly", "dog"), EvaluatedCaption(2, "A street.", (), "A street.", ())]
    assert plugins.get(METRIC, "change").create().measure(rows) == pytest.approx(
        {"changed": 0.5, "words put in, a caption": 0.5, "words put in, a changed caption": 1}
    )
    with pytest.raises(SentikitError, match="no plain captions"):
        plugins.get(METRIC, "change").create().measure([*rows, unedited("A cat.", 3)])


@pytest.mark.parametrize("lexicon", ["textblob", "vader"])
def test_a_lexicon_judges_and_says_how_independent_it_is(plugins: Plugins, lexicon: str) -> None:
    metric = plugins.get(METRIC, "sentiment-lexicon").create({"lexicon": lexicon})
    rows = [
        edited(1, "A dog runs on the grass.", "happy", "dog"),
        edited(2, "A street with cars.", "terrible", "street"),
        unedited("A man on a chair.", 3),
    ]
    name = {"textblob": "TextBlob", "vader": "VADER"}[lexicon]
    assert metric.measure(rows) == pytest.approx(
        {f"positive ({name})": 1 / 3, f"negative ({name})": 1 / 3, f"edited captions judged as meant ({name})": 1}
    )
    sources = [valence_source("happy"), valence_source("terrible")]
    assert metric.notes[0].startswith(f"sentikit's own valence of {sources.count(name)} of the 2 adjectives put in")


def test_where_a_valence_is_from() -> None:
    assert {valence_source(word) for word in ("misty", "qwerty")} == {"sentikit", None}


def test_naive_bayes_learns_and_says_how_well(plugins: Plugins, tmp_path: Path) -> None:
    options = {"senticap": str(senticap(tmp_path / "senticap.json"))}
    options["factual"] = str(coco(tmp_path / "factual.json", {image: ["a dog in a park"] for image in range(100)}))
    component = plugins.get(METRIC, "sentiment-bayes")
    metric = component.create(options)
    figures = metric.measure([unedited("a nice dog"), unedited("an ugly cat", 2), unedited("a dog in a park", 3)])
    assert figures == pytest.approx({"positive (naive Bayes)": 1 / 3, "negative (naive Bayes)": 1 / 3})
    assert "it is right of 1.000 of SentiCap's 6 test captions" in metric.notes[0]
    with pytest.raises(SentikitError, match="-O senticap=FILE -O factual=FILE"):
        component.create().measure([unedited("a dog")])
    with pytest.raises(SentikitError, match=r"is not SentiCap's senticap_dataset\.json"):
        component.create(options | {"senticap": options["factual"]}).measure([unedited("a dog")])


def test_meanings_as_sets_say_what_the_questions_say() -> None:
    vocabulary = synonyms("small") | opposites("small") | {"happy", "small"}
    for word in vocabulary:
        assert (word in synonyms("small")) == are_synonyms("small", word)
        assert (word in opposites("small")) == are_opposites("small", word)


# The command


def test_updated_captions_stand_beside_their_plain_ones_and_peoples(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = updated(tmp_path / "updated.json", {image: texts[:1] for image, texts in PHOTOS.items()})
    references = coco(tmp_path / "references.json", {image: texts[1:] for image, texts in PHOTOS.items()})
    command = ["evaluate", "captions", str(results), str(references), *only("bleu", "adjectives", "change")]
    assert run([*command, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["scores"]["BLEU-1"] != document["plain_scores"]["BLEU-1"]
    feeling = document["feeling"]
    assert feeling["captions"]["no emotional adjective"] == 0
    assert feeling["plain"]["no emotional adjective"] == 1
    assert feeling["references"]["no emotional adjective"] == pytest.approx(4 / 6, abs=0.17)
    assert feeling["captions"]["changed"] == 1
    assert set(feeling["not_computed"]["change"]) == {"plain", "references"}

    assert run(command) == 0
    first, second = capsys.readouterr().out.split("\n\n")
    assert first.splitlines()[1].split() == ["metric", "score", "plain"]
    assert second.splitlines()[1].split() == ["figure", "captions", "plain", "references"]
    assert next(line for line in second.splitlines() if line.startswith("changed")).split()[1:] == ["1.0000", "-", "-"]
    assert "Not computed: change of plain and references, as no plain captions of these are known." in second


def test_an_updated_file_may_have_several_captions_of_an_image(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results, references = updated(tmp_path / "updated.json", PHOTOS), coco(tmp_path / "references.json", PHOTOS)
    command = ["evaluate", "captions", str(results), str(references), *only("bleu", "anp-support"), "--json"]
    assert run(command) == 0
    document = json.loads(capsys.readouterr().out)
    assert "several captions of 3 of its 3 images" in document["not_computed"]["bleu"]
    assert document["scores"] == {}
    assert 0 <= document["feeling"]["captions"]["put-in ANPs: supported"] <= 1


def test_the_lines_of_sentikit_caption_are_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    references = coco(tmp_path / "references.json", PHOTOS)
    one = edited(1, "A dog in a park.", "ugly", "dog")
    lines = [{"sentikit": {"combiner": "noun-forcing"}}, line(one), {"image_id": 2, "caption": "A street.", "anps": []}]
    results = tmp_path / "captions.jsonl"
    command = ["evaluate", "captions", str(results), str(references), *only("change", "bleu"), "--json"]

    results.write_text("".join(json.dumps(value) + "\n" for value in lines[:2]))
    assert run(command) == 0
    captured = capsys.readouterr()
    assert "Warning: 2 of the 3 images" in captured.err
    assert json.loads(captured.out)["feeling"]["captions"]["changed"] == 1

    results.write_text("".join(json.dumps(value) + "\n" for value in lines))
    assert run(command) == 0
    document = json.loads(capsys.readouterr().out)
    assert "plain" not in document["feeling"]
    assert "plain_scores" not in document
    assert document["feeling"]["not_computed"]["change"].keys() == {"captions", "references"}


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ('{"image_id": 1, "caption": "a dog", "plain": "a", "edits": [1]}', "line 1: it was not written by sentikit"),
        ('{"image_id": 1, "caption": "a"}\n{"image_id": 1, "caption": "b"}', "line 2: an earlier line is for the same"),
        ('{"image_id": 1, "caption": "a"}\n{"image_id": 2', "line 2: it is not JSON"),
        ('{"image_id": 1, "caption": "a"}\n{"image_id": 2}', "line 2: it has no caption"),
        ('{"image_id": null, "caption": "a"}', "line 1: its image_id null is neither"),
        ('{"sentikit": {}}\n', "it has a header alone"),
    ],
)
def test_broken_lines_are_one_sentence(
    broken: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "captions.jsonl").write_text(broken)
    references = coco(tmp_path / "references.json", PHOTOS)
    assert run(["evaluate", "captions", str(tmp_path / "captions.jsonl"), str(references)]) == 1
    (error,) = [row for row in capsys.readouterr().err.splitlines() if row.startswith("Error: ")]
    assert said in error


def test_a_strangers_feeling_counts_like_the_bundled_ones(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "longest.py").write_text(
        "from sentikit import hookimpl\n"
        "class Longest:\n"
        "    notes = ('long is not good',)\n"
        "    def compute(self, captions, references): return {}\n"
        "    def measure(self, captions): return {'longest': max(len(one.text) for one in captions)}\n"
        "class Broken(Longest):\n"
        "    notes = ()\n"
        "    def measure(self, captions): raise KeyError('oops')\n"
        "@hookimpl\n"
        "def register_metrics(register):\n"
        "    register('longest', Longest, summary='Longest')\n"
        "    register('broken', Broken, summary='Never works')\n"
    )
    results = coco(tmp_path / "results.json", {1: ["a dog"]})
    references = coco(tmp_path / "references.json", {1: ["a cat", "two cats"]})
    command = ["--plugins-dir", str(tmp_path / "plugins"), "evaluate", "captions", str(results), str(references)]
    assert run([*command, *only("longest", "broken")]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "1 images, 2 references",
        "figure   captions  references",
        "longest         5      6.5000",
        "Not computed: broken, as KeyError: 'oops'.",
        "The plain captions are not known, so there is no column of them.",
        "Long is not good.",
    ]
    assert run([*command, *only("broken")]) == 1


@pytest.mark.slow
def test_what_people_write_of_real_photographs(shared_data: Path) -> None:
    document = json.loads((shared_data / "coco_mini" / "captions.json").read_text())
    readings = read_texts(annotation["caption"] for annotation in document["annotations"])
    without = sum(not reading.emotional for reading in readings) / len(readings)
    assert 0.86 < without < 0.96
    articles, wrong = (sum(getattr(one, name) for one in readings) for name in ("articles", "wrong_articles"))
    assert wrong / articles < 0.01
    assert sum(one.misplaced + one.doubled for one in readings) / len(readings) < 0.01


def only(*names: str) -> list[str]:
    return [word for name in names for word in ("--metric", name)]


def line(caption: EvaluatedCaption) -> dict[str, Any]:
    edits: list[Edit] = list(caption.edits or ())
    made = {"caption": caption.text, "plain": caption.plain, "edits": [edit_entry(edit) for edit in edits]}
    return {"image_id": caption.image, **made, "anps": []}


def updated(path: Path, captions: dict[int, list[str]]) -> Path:
    """A caption file in which "ugly" stands before each first dog or street."""
    document = json.loads(coco(path, captions).read_text())
    for annotation in document["annotations"]:
        text = annotation["caption"]
        noun = "dog" if "dog" in text else "street"
        tag = Tag(ANP("ugly", noun), 0.5)
        mark_updated(annotation, Rewrite.from_edits(text, [insertion(text, text.index(noun), "ugly", tag)]))
    path.write_text(json.dumps(document | {"sentikit": {}}))
    return path


def senticap(path: Path) -> Path:
    def sentence(text: str, sentiment: int) -> dict[str, Any]:
        tokens = text.split()
        marks = [1 if word in ("nice", "ugly", "dog", "cat") else 0.0 for word in tokens]
        return {"raw": text, "tokens": tokens, "word_sentiment": marks, "sentiment": sentiment}

    sentences = [sentence("a nice dog", 1), sentence("an ugly cat", 0)]
    images = [{"split": split, "sentences": sentences} for split in ("train", "val", "test") for _ in range(3)]
    path.write_text(json.dumps({"images": images}))
    return path


def test_a_table_without_rows_is_its_notes() -> None:
    notes = [not_computed("clipscore", "The CLIP model X is broken."), not_computed("y", "METEOR needs Java")]
    table = Table("with the photographs", ["metric", "score"], [], notes)
    told = ["Not computed: clipscore. The CLIP model X is broken.", "Not computed: y, as METEOR needs Java."]
    assert table.plain().splitlines() == ["with the photographs", *told]
    assert "|" not in table.markdown()
