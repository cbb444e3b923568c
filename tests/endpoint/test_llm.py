"""The rewriter and the combiner `llm`: what they ask, what they take from an answer, and that it can be undone."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sentikit_plugins.endpoint.answers import Questions
from support.endpoint_server import Reply, Server, endpoint, failed, said
from support.looking_models import save_photos

from sentikit import ANP, Caption, Combiner, CombinerItem, Photo, Rewriter, RuledWriter, SentikitError, Tag, undo_edits
from sentikit.cli import run
from sentikit.pipelines.tag_filter import make_tag_filter
from sentikit.plugin.kinds import COMBINER, REWRITER
from sentikit.plugin.loader import load_plugins

CAPTION = "A dog sits on a bench."
TAGS = [Tag(ANP("happy", "dog"), 0.4), Tag(ANP("old", "bench"), 0.2), Tag(ANP("ugly", "dog"), 0.1)]


def writer(server: Server, kind: Any = REWRITER, **options: object) -> Any:
    given = {name.replace("_", "-"): str(value) for name, value in options.items()}
    return load_plugins().get(kind, "llm").create({"base-url": server.url, "model": "m", "retries": "0"} | given)


def asked(request: dict[str, Any]) -> str:
    """The text of a request."""
    content = request["messages"][0]["content"]
    return content if isinstance(content, str) else content[-1]["text"]


def rewriting(change: Callable[[str], str]) -> Callable[[dict[str, Any]], Reply]:
    """A server that changes the caption that it is asked about."""
    return lambda request: said(change(asked(request).rpartition("Caption: ")[2]))


def one(answer: str, tags: list[Tag] = TAGS, caption: str = CAPTION, polarity: str = "any", **options: object) -> Any:
    """The rewrite for an answer, and what was counted beside requests and tokens."""
    with endpoint(lambda request: said(answer)) as server:
        made = writer(server, **options).with_rules(make_tag_filter(polarity=polarity))
        (rewrite,) = made.rewrite([(Caption(caption), tags)])
    assert undo_edits(*rewrite) == caption
    return rewrite, {name for name in made.counts if name.startswith(("captions", "adjectives"))}


def test_they_keep_the_contracts() -> None:
    with endpoint(lambda request: said("")) as server:
        assert isinstance(writer(server), Rewriter)
        assert isinstance(writer(server), RuledWriter)
        assert isinstance(writer(server, COMBINER), Combiner)


def test_an_insertion_becomes_an_edit_with_its_tag() -> None:
    rewrite, counts = one("A happy dog sits on an old bench.")
    assert rewrite.text == "A happy dog sits on an old bench."
    assert [edit.tag for edit in rewrite.edits] == TAGS[:2]
    assert counts == {"captions edited"}


@pytest.mark.parametrize(
    ("answer", "options", "reason"),
    [
        ("A happy puppy sits on a bench.", {}, "the answer is not the caption with insertions"),
        ("Sure! A happy dog sits on a bench.", {}, "the answer inserts other words than adjectives"),
        ("A dog sits on a bench.", {}, "the answer inserts nothing"),
        ("A happily dog sits on a bench.", {}, "the answer inserts other words than adjectives"),
        ("A not dog sits on a bench.", {"adjectives": "any"}, "the answer inserts other words than adjectives"),
        ("A dog sits happy on a bench.", {}, "no noun takes the adjective there"),
        ("A lovely dog sits on a bench.", {}, "the adjective is not among the tags"),
        ("A dog sits on a happy bench.", {}, "the adjective is not among the tags"),
    ],
)
def test_the_caption_stays_and_is_counted_with_the_reason(answer: str, options: dict[str, str], reason: str) -> None:
    rewrite, counts = one(answer, **options)
    assert rewrite == (CAPTION, ())
    assert counts == {f"captions that stay ({reason})"}


def test_a_caption_without_tags_is_not_asked_about() -> None:
    with endpoint(lambda request: said("A")) as server:
        made = writer(server)
        assert [rewrite.text for rewrite in made.rewrite([(Caption(CAPTION), [])])] == [CAPTION]
        assert not server.requests
    assert made.counts == {"captions that stay (no tag to choose from)": 1}


def test_a_failing_endpoint_leaves_the_caption() -> None:
    with endpoint(lambda request: failed(500)) as server:
        made = writer(server)
        assert [rewrite.text for rewrite in made.rewrite([(Caption(CAPTION), TAGS)])] == [CAPTION]
    assert made.counts["captions that stay (the endpoint failed)"] == 1


def test_the_rules_hold_for_adjectives_of_its_own() -> None:
    rewrite, counts = one("A lovely dog sits on an ugly bench.", adjectives="any", polarity="positive")
    assert rewrite.text == "A lovely dog sits on a bench."
    assert rewrite.edits[0].tag == Tag(ANP("lovely", "dog"))
    assert counts == {"captions edited", "adjectives left out"}
    rewrite, counts = one("A stupid man sits.", caption="A man sits.", adjectives="any")  # the denylist
    assert (rewrite.text, rewrite.edits) == ("A man sits.", ())
    assert counts == {"captions that stay (polarity, denylist or ontology deny the adjective)"}


def test_the_engine_limits_the_edits_and_a_noun_gets_one() -> None:
    rewrite, counts = one("A lovely, happy dog sits on a bench.", adjectives="any")
    assert rewrite.text == "A lovely dog sits on a bench."
    assert "adjectives left out" in counts


def test_a_comma_of_the_answer_is_kept() -> None:
    rewrite, _ = one("A lovely, dark, cold room.", caption="A dark, cold room.", adjectives="any")
    assert rewrite.text == "A lovely, dark, cold room."
    rewrite, _ = one("An ugly, old room.", caption="An old room.", adjectives="any")
    assert rewrite.text == "An ugly, old room."


def test_polarity_strength_and_tags_are_asked_for() -> None:
    with endpoint(rewriting(str)) as server:
        made = writer(server, strength="strong").with_rules(make_tag_filter(polarity="negative"))
        list(made.rewrite([(Caption("A {tags} dog."), TAGS)]))
    prompt = asked(server.requests[0])
    assert "a strong negative feeling" in prompt
    assert "happy dog, old bench, ugly dog" in prompt
    assert prompt.endswith("Caption: A {tags} dog.")


def test_the_order_is_kept_and_requests_run_together() -> None:
    captions = [f"A dog with {number} tails." for number in range(30)]
    change = rewriting(lambda text: text.replace("dog", "happy dog"))
    with endpoint(lambda request: replace(change(request), latency=0.02)) as server:
        made = list(writer(server, concurrency=5).rewrite((Caption(text), TAGS) for text in captions))
        assert server.most == 5
    assert [rewrite.text for rewrite in made] == [text.replace("dog", "happy dog") for text in captions]


def test_the_combiner_sends_the_photograph() -> None:
    photo = Photo("1.png", (8, 6), lambda: Image.new("RGB", (8, 6)))
    with endpoint(rewriting(lambda text: text.replace("dog", "lovely dog"))) as server:
        made = writer(server, COMBINER).with_rules(make_tag_filter())
        (rewrite,) = made.combine([CombinerItem(Caption(CAPTION), TAGS, photo)], None)
    assert rewrite.text == "A lovely dog sits on a bench."
    image, text = server.requests[0]["messages"][0]["content"]
    assert image["image_url"]["url"].startswith("data:image/jpeg;base64,")
    assert "Insert only what the photograph shows." in text["text"]
    assert "happy dog" not in text["text"]


# Real captions


def test_what_a_careful_writer_inserts_into_real_captions_is_taken_as_it_is(shared_data: Path) -> None:
    """`spacy-lemma` plays a model that keeps to the rules; another caption of the file, one that does not."""
    document = json.loads((shared_data / "coco_mini" / "captions.json").read_text("utf-8"))
    captions = list(dict.fromkeys(one["caption"] for one in document["annotations"]))[:60]
    nouns = ("man", "woman", "dog", "cat", "street", "table", "room", "kitchen", "bench", "train", "sky", "field")
    tags = [Tag(ANP(adjective, noun), 0.5) for noun in nouns for adjective in ("lovely", "ugly")]
    careful = load_plugins().get(REWRITER, "spacy-lemma").create()
    edited = {
        text: made
        for text, made in zip(captions, careful.rewrite((Caption(text), tags) for text in captions), strict=True)
        if made.edits
    }
    assert len(edited) > 10
    others = dict(zip(edited, [*list(edited)[1:], next(iter(edited))], strict=True))
    for answers, taken in (({text: made.text for text, made in edited.items()}, True), (others, False)):
        with endpoint(rewriting(answers.__getitem__)) as server:
            made = list(writer(server, most_tags=100, concurrency=16).rewrite((Caption(text), tags) for text in edited))
        assert [rewrite.text for rewrite in made] == (list(answers.values()) if taken else list(edited))


# The file of answers


def test_answers_are_kept_and_not_asked_again(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    items = [(Caption(CAPTION), TAGS), (Caption("A cat."), TAGS)]
    with endpoint(rewriting(lambda text: text.replace("dog", "happy dog"))) as server:
        first = list(writer(server, answers=path).rewrite(items))
        assert len(server.requests) == 2
        with path.open("a") as file:
            file.write('{"key": "cut')
        made = writer(server, answers=path)
        assert list(made.rewrite(items)) == first
        assert len(server.requests) == 2
        list(writer(server, answers=path, temperature=0.5).rewrite(items))
        assert len(server.requests) == 4
    assert made.counts["answers known before"] == 2
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(lines) == 4
    assert lines[0].keys() == {"key", "model", "prompt", "photo", "answers", "cut_off"}


def test_an_answer_is_in_the_file_before_its_rewrite_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, keep = tmp_path / "answers.jsonl", Questions._keep

    def slowly(*arguments: Any) -> None:
        time.sleep(0.2)
        keep(*arguments)

    monkeypatch.setattr(Questions, "_keep", slowly)
    with endpoint(rewriting(str)) as server:
        list(writer(server, answers=path).rewrite([(Caption(CAPTION), TAGS)]))
        assert len(path.read_text().splitlines()) == 1


def test_answers_that_cannot_be_kept_stop_the_run(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    with endpoint(rewriting(str)) as server:
        made = writer(server, answers=path, concurrency=1)
        path.unlink()
        path.mkdir()
        with pytest.raises(SentikitError, match=r"Cannot write .*answers\.jsonl: Is a directory"):
            list(made.rewrite((Caption(f"A dog {number}."), TAGS) for number in range(50)))


@pytest.mark.parametrize("content", ['{"a": 1}\n', "text", "[]\n", '{"key": 1, "answers": []}\n'])
def test_another_file_is_not_taken_for_answers(tmp_path: Path, content: str) -> None:
    path = tmp_path / "captions.jsonl"
    path.write_text(content)
    with endpoint(lambda request: said("")) as server, pytest.raises(SentikitError, match="name another file with"):
        writer(server, answers=path)
    assert path.read_text() == content


# The command line


def test_a_dataset_is_updated_and_restored(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    captions = {
        "images": [{"id": number, "file_name": f"{number}.jpg"} for number in (1, 2)],
        "annotations": [
            {"id": number, "image_id": 1 + number % 2, "caption": text}
            for number, text in enumerate(["A dog on a bench.", "Two dogs run.", "A cat."])
        ],
    }
    (tmp_path / "captions.json").write_text(json.dumps(captions))
    tags = [{"image_id": number, "anps": ["happy dog", "old bench"]} for number in (1, 2)]
    (tmp_path / "tags.jsonl").write_text("".join(json.dumps(line) + "\n" for line in tags))
    for jobs in ("1", "2"):
        updated, stats = tmp_path / f"updated{jobs}.json", tmp_path / f"stats{jobs}.json"
        with endpoint(rewriting(lambda text: text.replace("dog", "happy dog"))) as server:
            flags = ["-O", f"base-url={server.url}", "-O", "model=m", "--rewriter", "llm", "--jobs", jobs]
            flags += ["--tags", str(tmp_path / "tags.jsonl"), "-o", str(updated), "--stats", str(stats)]
            assert run(["update-captions", str(tmp_path / "captions.json"), *flags]) == 0
        written = [one["caption"] for one in json.loads(updated.read_text())["annotations"]]
        assert written == ["A happy dog on a bench.", "Two happy dogs run.", "A cat."]
        counts = json.loads(stats.read_text())["counts"]
        assert (counts["requests"], counts["captions edited"], counts["prompt tokens"]) == (3, 2, 21)
        assert counts["captions that stay (the answer inserts nothing)"] == 1
        assert "The rewriter counted" in capfd.readouterr().err
    restored = tmp_path / "restored.json"
    assert run(["restore-captions", str(updated), "-o", str(restored)]) == 0
    assert json.loads(restored.read_text()) == captions


def test_photographs_are_captioned_with_the_combiner(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    save_photos(tmp_path / "photos")
    lines = tmp_path / "captions.jsonl"

    def answer(request: dict[str, Any]) -> Reply:
        caption = asked(request).rpartition("Caption: ")[2]
        return said(caption.replace("dog", "lovely dog") if "Insert" in asked(request) else "A dog on a street.")

    with endpoint(answer) as server:
        flags = [flag for owner in ("endpoint", "llm") for flag in ("-O", f"{owner}.base-url={server.url}")]
        flags += ["-O", "endpoint.model=m", "-O", "llm.model=m", "--captioner", "endpoint", "--combiner", "llm"]
        assert run(["caption", str(tmp_path / "photos"), "--jsonl", str(lines), "--device", "cpu", *flags]) == 0
    found = [json.loads(line) for line in lines.read_text().splitlines()[1:]]
    assert [line["caption"] for line in found] == ["A lovely dog on a street."] * 3
    assert found[0]["edits"][0]["adjective"] == "lovely"
    said_to_user = capfd.readouterr().err
    assert "The captioner 'endpoint' counted requests: 3" in said_to_user
    assert "The combiner 'llm' counted requests: 3" in said_to_user
