"""The metric `llm-judge`: both orders, faithfulness and feeling apart, the control, and what it keeps."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support.endpoint_server import Reply, Server, endpoint, said

from sentikit import AffectMetric, EvaluatedCaption, SentikitError
from sentikit.cli import run
from sentikit.plugin.kinds import METRIC
from sentikit.plugin.loader import load_plugins

FAITHFUL, FEELING = "faithfulness of edited captions (m)", "feeling of edited captions (m)"
CONTROL, CONSISTENT = (
    "faithfulness of edited captions, with another photograph (m)",
    "the same verdict in both orders (m)",
)
CAPTIONS = [
    EvaluatedCaption(1, "A happy dog.", ["A brown dog.", "A dog."], "A dog.", ()),
    EvaluatedCaption(2, "A sad {a} cat.", ["A cat."], "A {a} cat.", ()),
    EvaluatedCaption(3, "A cow.", ["A cow."], "A cow.", ()),
]


def judge(server: Server, folder: Path, **options: object) -> Any:
    given = {"base-url": server.url, "model": "m", "retries": "0", "answers": str(folder / "answers.jsonl")}
    given |= {name: str(value) for name, value in options.items()}
    return load_plugins().get(METRIC, "llm-judge").create(given)


def pair(request: dict[str, Any]) -> tuple[str, str, str]:
    """The question, and the captions A and B."""
    content = request["messages"][0]["content"]
    text = content if isinstance(content, str) else content[-1]["text"]
    found = re.search(r"\nA: (.*)\nB: (.*)\n", text)
    assert found
    return text, found[1], found[2]


def verdicts(
    faithful: Callable[[str, str], str], feeling: Callable[[str, str], str]
) -> Callable[[dict[str, Any]], Reply]:
    """A judge that decides by the two captions."""

    def answer(request: dict[str, Any]) -> Reply:
        text, a, b = pair(request)
        return said((feeling if "more feeling" in text else faithful)(a, b))

    return answer


def shorter(a: str, b: str) -> str:
    return "A" if len(a) < len(b) else "B"


def longer(a: str, b: str) -> str:
    return "The answer is: B." if len(a) < len(b) else "a"


def test_faithfulness_and_feeling_are_judged_apart_and_in_both_orders(tmp_path: Path) -> None:
    with endpoint(verdicts(shorter, longer)) as server:
        metric = judge(server, tmp_path)
        assert isinstance(metric, AffectMetric)
        found = metric.measure(CAPTIONS)
    assert found == {FAITHFUL: 0, FEELING: 1, CONSISTENT: 1}
    assert len(server.requests) == 2 * 2 * 2
    questions = {pair(request) for request in server.requests}
    assert {(a, b) for _, a, b in questions} == {
        pair for a, b in (("A happy dog.", "A dog."), ("A sad {a} cat.", "A {a} cat.")) for pair in ((a, b), (b, a))
    }
    seen = next(text for text, a, _ in questions if "more faithful" in text and "dog" in a)
    assert "- A brown dog.\n" in seen
    assert "- A dog.\n" not in seen  # the plain caption must not vouch for itself
    assert "m at temperature 0 judged 2 edited captions" in metric.notes[0]


def test_a_judge_that_favours_a_place_is_found_out(tmp_path: Path) -> None:
    with endpoint(verdicts(lambda a, b: "A", lambda a, b: "T")) as server:
        found = judge(server, tmp_path).measure(CAPTIONS)
    assert found == {FAITHFUL: 0.5, FEELING: 0.5, CONSISTENT: 0.5}


def test_the_photographs_are_seen_and_another_one_is_the_control(tmp_path: Path) -> None:
    for number in (1, 2):
        Image.new("RGB", (8, 8), (100 * number, 0, 0)).save(tmp_path / f"{number}.png")
    coco = {"images": [{"id": n, "file_name": f"{n}.png"} for n in (1, 2)], "annotations": []}
    coco["annotations"] = [{"id": n, "image_id": n, "caption": "A."} for n in (1, 2)]
    (tmp_path / "coco.json").write_text(json.dumps(coco))
    shown: dict[str, set[str]] = {}

    def answer(request: dict[str, Any]) -> Reply:
        text, a, _ = pair(request)
        if "photograph" not in text:
            return said("B")
        photo = request["messages"][0]["content"][0]["image_url"]["url"]
        shown.setdefault(photo, set()).add("dog" if "dog" in a else "cat")
        return said("T")

    with endpoint(answer) as server:
        found = judge(server, tmp_path, images=tmp_path, coco=tmp_path / "coco.json").measure(CAPTIONS)
    assert list(found) == [FAITHFUL, CONTROL, FEELING, CONSISTENT]
    assert len(shown) == 2
    assert all(captions == {"dog", "cat"} for captions in shown.values())


def test_answers_are_stored_and_known_the_next_time(tmp_path: Path) -> None:
    with endpoint(verdicts(shorter, longer)) as server:
        first = judge(server, tmp_path).measure(CAPTIONS)
        asked = len(server.requests)
        assert judge(server, tmp_path).measure(CAPTIONS) == first
        assert len(server.requests) == asked
    lines = [json.loads(line) for line in (tmp_path / "answers.jsonl").read_text().splitlines()]
    assert len(lines) == asked
    assert {line["model"] for line in lines} == {"m"}
    assert all("Answer with one letter alone" in line["prompt"] and line["answers"] for line in lines)


def test_answers_that_say_nothing_are_left_out_and_counted(tmp_path: Path) -> None:
    with endpoint(verdicts(lambda a, b: "Both are fine.", longer)) as server:
        metric = judge(server, tmp_path)
        assert metric.measure(CAPTIONS) == {FEELING: 1, CONSISTENT: 1}
        assert metric.notes[1].startswith("2 pairs of answers could not be read")
    with endpoint(lambda request: said("Hm.")) as server, pytest.raises(SentikitError, match="no answer of the judge"):
        judge(server, tmp_path / "..", answers=tmp_path / "other.jsonl").measure(CAPTIONS)


def test_the_first_edited_captions_can_be_enough(tmp_path: Path) -> None:
    with endpoint(verdicts(shorter, longer)) as server:
        judge(server, tmp_path, limit=1).measure(CAPTIONS)
    assert len(server.requests) == 4


def test_the_command_prints_it_beside_the_other_columns(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    edit = {
        "start": 2,
        "end": 2,
        "before": "",
        "after": "happy ",
        "adjective": "happy",
        "noun": "dog",
        "probability": None,
    }
    line = {
        "image_id": 1,
        "file_name": "1.jpg",
        "caption": "A happy dog.",
        "plain": "A dog.",
        "edits": [edit],
        "anps": [],
    }
    (tmp_path / "captions.jsonl").write_text(json.dumps(line) + "\n")
    references = {
        "images": [{"id": 1, "file_name": "1.jpg"}],
        "annotations": [{"id": 1, "image_id": 1, "caption": "A dog."}],
    }
    (tmp_path / "references.json").write_text(json.dumps(references))
    command = ["evaluate", "captions", str(tmp_path / "captions.jsonl"), str(tmp_path / "references.json")]
    with endpoint(verdicts(shorter, longer)) as server:
        flags = ["--metric", "llm-judge", "-O", f"base-url={server.url}", "-O", "model=m"]
        assert run([*command, *flags, "-O", f"answers={tmp_path / 'answers.jsonl'}", "--json"]) == 0
        document = json.loads(capfd.readouterr().out)
        assert document["feeling"]["captions"][FEELING] == 1
        assert "llm-judge" in document["feeling"]["not_computed"]
        assert run([*command, *flags]) == 1
    assert "keeps the judge's answers: name a file with -O answers=FILE" in "".join(capfd.readouterr())
