"""Bootstrap intervals of caption metrics, and metrics that see the photograph with the control beside them."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support.caption_files import coco

from sentikit import EvaluatedCaption, ImageMetric, Photo, ResampledMetric, SentikitError
from sentikit.cli import run
from sentikit.evaluation.captions import evaluate_captions
from sentikit.evaluation.image_metrics import PLAIN, SCORES, WRONG, Sampling, evaluate_with_photos
from sentikit.evaluation.intervals import bootstrap, mean_estimate, summed
from sentikit.evaluation.predictions import Prediction
from sentikit.images import ImageRef
from sentikit.plugin.kinds import METRIC
from sentikit.plugin.loader import load_plugins

WORDS = ["a dog runs", "a cat sits on a mat", "two men ride red bikes", "the street is wet", "people walk in a park"]
NAMES = ("bleu", "rouge-l", "cider")


@pytest.fixture(scope="module")
def metrics() -> Mapping[str, Any]:
    plugins = load_plugins(environ={"SENTIKIT_LOAD_PLUGINS": ""})
    return {name: plugins.get(METRIC, name).create() for name in NAMES}


def captions(count: int) -> tuple[dict[int, str], dict[int, list[str]]]:
    chance = random.Random(0)
    references = {image: [WORDS[image % 5], f"{WORDS[(image + 1) % 5]} today"] for image in range(count)}
    return {image: chance.choice([WORDS[image % 5], "a dog sits on a red bike"]) for image in range(count)}, references


@pytest.mark.parametrize("name", NAMES)
def test_the_sums_give_what_compute_gives(metrics: Mapping[str, Any], name: str) -> None:
    metric = metrics[name]
    assert isinstance(metric, ResampledMetric)
    said, references = captions(20)
    rows = metric.per_image(said, references)
    assert len(rows) == 20
    assert metric.of_sums(summed(rows)) == metric.compute(said, references)
    chosen = [3, 3, 7, 11]  # drawing images anew is computing over the drawn ones, but for the idf of CIDEr
    if name != "cider":
        drawn = {number: said[image] for number, image in enumerate(chosen)}
        their = {number: references[image] for number, image in enumerate(chosen)}
        assert metric.of_sums(summed([rows[image] for image in chosen])) == pytest.approx(metric.compute(drawn, their))


def test_intervals_hold_the_score_and_shrink_with_more_images(metrics: Mapping[str, Any]) -> None:
    few, many = (evaluate_captions(*captions(count), metrics, 200, 1) for count in (20, 320))
    assert few.intervals.keys() == few.scores.keys() == {"BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "ROUGE-L", "CIDEr"}
    for found in (few, many):
        assert all(low <= found.scores[name] <= high for name, (low, high) in found.intervals.items())
    for name in ("BLEU-1", "ROUGE-L", "CIDEr"):
        widths = [found.intervals[name][1] - found.intervals[name][0] for found in (few, many)]
        assert widths[1] < 0.5 * widths[0]
    assert evaluate_captions(*captions(20), metrics).intervals == {}
    assert evaluate_captions(*captions(20), metrics).scores == few.scores


def test_the_interval_of_a_mean_is_the_normal_one() -> None:
    values = [random.Random(2).gauss(5, 2) for _ in range(1)] + [random.Random(n).gauss(5, 2) for n in range(999)]
    estimate = mean_estimate(values, 2000, 0)
    assert estimate.low is not None
    assert estimate.high is not None
    assert estimate.high - estimate.low == pytest.approx(2 * 1.96 * 2 / 1000**0.5, rel=0.1)
    assert mean_estimate(values, 2000, 0) == estimate
    assert bootstrap([(1.0,)], lambda sums: {"one": sums[0]}, 100, 0) == {}


class Brightness:
    """Scores a caption that says "bright" by how bright its photograph is, and any other by how dark."""

    def __init__(self, breaks: bool = False) -> None:
        self.settings: Mapping[str, Any] = {"version": 3}
        self._breaks = breaks

    def compute(self, captions: Any, references: Any) -> dict[str, float]:
        raise SentikitError("it sees the photographs")

    def see(self, photos: Sequence[Photo]) -> list[float]:
        return [sum(photo.image.resize((1, 1)).getpixel((0, 0))) / 765 for photo in photos]

    def measure_seen(self, captions: Sequence[EvaluatedCaption], seen: Sequence[float]) -> dict[str, list[float]]:
        if self._breaks:
            return {"light": [float("nan")] * len(captions)}
        return {
            "light": [light if "bright" in one.text else 1 - light for one, light in zip(captions, seen, strict=True)]
        }

    def to(self, device: str) -> None:
        pass


@pytest.fixture
def photos(tmp_path: Path) -> list[ImageRef]:
    """Bright ones and black ones by turns, and one that cannot be read."""
    refs = []
    for number in range(9):
        path = tmp_path / f"{number}.png"
        Image.new("RGB", (4, 4), (255, 255, 255) if number % 2 else (0, 0, 0)).save(path)
        refs.append(ImageRef(path, number, path.name))
    (tmp_path / "9.png").write_bytes(b"no image")
    return [*refs, ImageRef(tmp_path / "9.png", 9, "9.png")]


def test_the_wrong_photograph_stands_beside_the_score(photos: list[ImageRef]) -> None:
    predictions = {n: [Prediction("bright" if n % 2 else "dark", "a plain one", ())] for n in range(10)}
    references = {n: ["one"] for n in range(10)}
    assert isinstance(Brightness(), ImageMetric)
    failures: list[Any] = []
    found = evaluate_with_photos(
        predictions, references, {"light": Brightness(), "broken": Brightness(breaks=True)}, photos,
        batch_size=4, sampling=Sampling(100, 0), failed=failures.append,
    )  # fmt: skip
    assert (found.images, len(failures)) == (9, 1)
    assert found.columns[SCORES]["light"].value == 1
    assert found.columns[PLAIN]["light"].value == pytest.approx(5 / 9)
    wrong = found.columns[WRONG]["light"]
    assert wrong.low is not None
    assert 0.1 < wrong.value < 0.9
    assert "are not 9 finite numbers" in found.failed["broken"]
    assert found.settings == {"light": {"version": 3}}
    assert found.table().header == ["metric", "score", "plain", "wrong photograph"]
    only_one = evaluate_with_photos(predictions, references, {"light": Brightness()}, photos[:1])
    assert WRONG not in only_one.columns


METRIC_SOURCE = """
from sentikit import hookimpl

class Seen:
    settings = {"scale": 2}
    def compute(self, captions, references):
        raise ValueError("no photographs")
    def see(self, photos):
        return [photo.size[0] for photo in photos]
    def measure_seen(self, captions, seen):
        return {"width": [float(width) for width in seen]}
    def to(self, device):
        self.device = device

@hookimpl
def register_metrics(register):
    register("width", Seen, summary="how wide photographs are")
"""


def test_the_command_prints_both_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    monkeypatch.setenv("SENTIKIT_LOAD_PLUGINS", "")
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "width.py").write_text(METRIC_SOURCE, "utf-8")
    (tmp_path / "images").mkdir()
    for number in (1, 2, 3):
        Image.new("RGB", (10 * number, 8)).save(tmp_path / "images" / f"{number}.jpg")
    references = coco(tmp_path / "r.json", {n: [WORDS[n], WORDS[0]] for n in (1, 2, 3)})
    results = tmp_path / "results.json"
    results.write_text(json.dumps([{"image_id": n, "caption": WORDS[n]} for n in (1, 2, 3)]), "utf-8")
    command = ["--plugins-dir", str(tmp_path / "plugins"), "evaluate", "captions", str(results), str(references)]
    only = ["--metric", "bleu", "--metric", "width", "--device", "cpu"]
    assert run([*command, *only, "--images", str(tmp_path / "images")]) == 0
    out = capsys.readouterr().out
    assert "BLEU-1  1.0000 [1.0000, 1.0000]" in out
    assert "with the photographs, 3 images" in out
    assert "wrong photograph" in out.splitlines()[out.splitlines().index("with the photographs, 3 images") + 1]
    assert "Settings of width: scale 2." in out

    assert run([*command, *only, "--images", str(tmp_path / "images"), "--json", "--seed", "3"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["photographs"]["scores"] == {"width": 20.0}
    assert document["photographs"]["wrong_photograph"] == {"width": 20.0}
    assert document["bootstrap"] == {"samples": 1000, "seed": 3}
    assert document["metrics"]["bleu"]["distribution"] == "sentikit-captions"
    assert document["metrics"]["bleu"]["version"]

    assert run([*command, *only]) == 0
    assert "Not computed: width, as ValueError: no photographs." in capsys.readouterr().out
    assert run([*command, "--metric", "bleu", "--bootstrap", "0"]) == 0
    assert "[" not in capsys.readouterr().out
