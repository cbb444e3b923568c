"""Captioners that are given batches ahead, writers that get the user's rules, counts, and options not recorded."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import sentikit
from sentikit import ANP, Caption, ImageBatch, ImageFailure, PipelinedCaptioner
from sentikit.cli import run
from sentikit.images import ImageRef
from sentikit.pipelines.caption import CaptionModels, caption_images
from sentikit.pipelines.image_models import Named
from sentikit.pipelines.run_models import RunSettings
from sentikit.pipelines.tag_filter import TagFilter

WRITER = """
from collections import Counter
from sentikit import ANP, Caption, Edit, Option, Rewrite, Tag, hookimpl

class Waiting:
    encoder = None
    counts = None

    def __init__(self, patience, style):
        self.counts = Counter()

    def caption(self, batch, n=1):
        self.counts["photographs"] += len(batch)
        return [[Caption("a dog")] for _ in batch.photos]

    def to(self, device):
        pass

class Own:
    default_max_edits = None

    def __init__(self, rules=None, counts=None):
        self.rules, self.counts = rules, Counter() if counts is None else counts

    def with_rules(self, rules):
        return Own(rules, self.counts)

    def rewrite(self, items):
        for caption, tags in items:
            edits = []
            self.counts["asked for " + self.rules.polarity] += 1
            for word in ("lonely", "lovely"):
                if not edits and self.rules.allows(ANP(word, "dog")):
                    at = caption.text.index("dog")
                    edits = [Edit(at, at, "", word + " ", Tag(ANP(word, "dog")))]
            yield Rewrite.from_edits(caption.text, edits)

@hookimpl
def register_rewriters(register):
    register("own", Own, summary="has words of its own")

@hookimpl
def register_captioners(register):
    options = [Option("patience", int, 1, "seconds", recorded=False), Option("style", str, "plain", "of the text")]
    register("waiting", Waiting, summary="waits", options=options)
"""


class Ahead:
    """Remembers what was begun and finished."""

    encoder = None

    def __init__(self, in_flight: int) -> None:
        self.in_flight = in_flight
        self.log: list[str] = []

    def begin(self, batch: ImageBatch, n: int = 1) -> Callable[[], Any]:
        names = [photo.name for photo in batch.photos]
        self.log.append(f"begin {','.join(names)}")

        def finish() -> list[list[Caption] | ImageFailure]:
            self.log.append(f"finish {','.join(names)}")
            return [ImageFailure("no answer") if name == "2" else [Caption(name)] for name in names]

        return finish

    def caption(self, batch: ImageBatch, n: int = 1) -> Any:
        return self.begin(batch, n)()

    def to(self, device: str) -> None:
        pass


@pytest.mark.parametrize(("in_flight", "ahead"), [(1, 1), (2, 1), (3, 2), (4, 2), (100, 3)])
def test_batches_are_begun_ahead_and_finished_in_order(in_flight: int, ahead: int) -> None:
    model = Ahead(in_flight)
    assert isinstance(model, PipelinedCaptioner)
    refs = [ImageRef(Path(str(n)), n, str(n), Image.new("RGB", (4, 4))) for n in range(7)]
    models = CaptionModels(Named("The captioner 'ahead'", model), TagFilter())
    outcomes = list(caption_images(refs, models, RunSettings("cpu", 2, 0)))
    assert [result.caption.text for outcome in outcomes for result in outcome.results] == list("013456")
    assert [failure.reason for outcome in outcomes for failure in outcome.failures] == ["no answer"]
    begun = model.log[: model.log.index("finish 0,1")]
    assert begun == ["begin 0,1", "begin 2,3", "begin 4,5", "begin 6"][: ahead + 1]
    assert [line for line in model.log if line[0] == "f"] == ["finish 0,1", "finish 2,3", "finish 4,5", "finish 6"]


def plugins(folder: Path) -> Path:
    (folder / "plugins").mkdir()
    (folder / "plugins" / "own.py").write_text(WRITER, "utf-8")
    return folder / "plugins"


def test_a_writer_with_words_of_its_own_gets_the_rules_everywhere(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = plugins(tmp_path)
    model = sentikit.load(rewriter="own", plugins_dir=folder)
    assert model.rewrite("A dog.", [], polarity="positive").text == "A lovely dog."
    assert model.rewrite("A dog.", [], polarity="negative").text == "A lonely dog."

    captions = {"images": [{"id": 1}], "annotations": [{"id": n, "image_id": 1, "caption": "A dog."} for n in range(3)]}
    (tmp_path / "captions.json").write_text(json.dumps(captions))
    (tmp_path / "tags.jsonl").write_text('{"image_id": 1, "anps": ["happy dog"]}\n')
    for jobs in ("1", "2"):
        flags = ["--tags", str(tmp_path / "tags.jsonl"), "--rewriter", "own", "--polarity", "positive", "--jobs", jobs]
        flags += ["-o", str(tmp_path / f"{jobs}.json"), "--stats", str(tmp_path / f"stats{jobs}.json")]
        assert run(["--plugins-dir", str(folder), "update-captions", str(tmp_path / "captions.json"), *flags]) == 0
        document = json.loads((tmp_path / f"{jobs}.json").read_text())
        assert {one["caption"] for one in document["annotations"]} == {"A lovely dog."}
        assert json.loads((tmp_path / f"stats{jobs}.json").read_text())["counts"] == {"asked for positive": 3}
        assert "The rewriter counted asked for positive: 3." in capfd.readouterr().err


def test_counts_are_printed_and_some_options_are_not_recorded(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "1.png")
    command = ["--plugins-dir", str(plugins(tmp_path)), "caption", str(tmp_path / "1.png"), "--captioner", "waiting"]
    command += ["--jsonl", str(tmp_path / "captions.jsonl"), "--combiner", "own", "--polarity", "negative"]
    assert run([*command, "-O", "patience=1", "-O", "style=plain"]) == 0
    printed = capfd.readouterr().err
    assert "The captioner 'waiting' counted photographs: 1." in printed
    assert "The rewriter 'own' counted asked for negative: 1." in printed
    header, line = map(json.loads, (tmp_path / "captions.jsonl").read_text().splitlines())
    assert line["caption"] == "a lonely dog"
    assert "patience" not in json.dumps(header)
    assert run([*command, "-O", "patience=2", "-O", "style=plain"]) == 0
    assert run([*command, "-O", "style=round"]) == 1


def test_nothing_is_printed_of_models_that_count_nothing() -> None:
    from sentikit.pipelines.combining import counts_of

    class Counts:
        def __init__(self, counts: Counter[str]) -> None:
            self.counts = counts

    named = [Named("a", Counts(Counter())), Named("b", Counts(Counter(x=2))), Named("c", ANP("happy", "dog")), None]
    assert counts_of(named) == {"b": Counter(x=2)}
