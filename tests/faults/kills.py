"""Kills runs at random moments and continues them: the outputs equal those of a run that nobody disturbed."""

from __future__ import annotations

import json
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image
from support.synthetic import make_photos, train_arguments

from .processes import run_and_kill, run_to_end

SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)


@dataclass(frozen=True)
class Scenario:
    """A command, and what it makes.

    arguments: of the run that writes into a folder; again: what is added when it is continued.
    outputs: the files that must be the same, relative to the folder, or a pattern of them.
    """

    name: str
    arguments: Callable[[Path], list[str | Path]]
    outputs: tuple[str, ...]
    again: tuple[str, ...] = ()

    def results(self, folder: Path) -> dict[str, bytes]:
        """The content of the outputs that are there."""
        found = (path for pattern in self.outputs for path in folder.glob(pattern) if path.is_file())
        return {str(path.relative_to(folder)): path.read_bytes() for path in found}


@dataclass
class Tally:
    """What was tried, and what went wrong."""

    kills: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def scenarios(data: Path) -> list[Scenario]:
    """One for each command that can be continued, with small data in `data`."""
    photos = data / "photos"
    photos.mkdir(parents=True)
    for number in range(60):
        Image.new("RGB", (32, 24), (number * 4, 90, 255 - number * 3)).save(photos / f"{number}.png")
    (photos / "30.png").write_bytes(b"no image")
    made = make_photos(data / "shapes", 3, 1)
    coco, tags = _captions(data)
    toy = ("--batch-size", "8", "--workers", "0")
    return [
        Scenario("tag", lambda to: ["tag", photos, "--tagger", "toy", "-O", "slow=0.01", "-o", to / "t.jsonl", *toy],
                 ("t.jsonl",)),
        Scenario("caption", lambda to: ["caption", photos, "--captioner", "toy", "--tagger", "toy", "-O", "slow=0.01",
                                        "--combiner", "toy", "--jsonl", to / "c.jsonl",
                                        "--coco-results", to / "r.json", *toy],
                 ("c.jsonl", "r.json")),
        Scenario("update-captions", lambda to: ["update-captions", coco, "--tags", tags, "--rewriter", "noun-match",
                                                "--jobs", "2", "--force", "-o", to / "u.json",
                                                "--stats", to / "s.json"], ("u.json", "s.json")),
        Scenario("prepare", lambda to: ["prepare", "vso", made.train_tree, "--min-side", "10", "--jobs", "1",
                                        "-o", to / "m.jsonl"], ("m.jsonl",)),
        Scenario("train", lambda to: train_arguments(made, "softmax", to / "run", "--batch-size", 12, "--epochs", 3,
                                                     "--seed", 1, "--workers", 0),
                 ("run/pack/*.safetensors",), ("--resume",)),
    ]  # fmt: skip


def _captions(data: Path) -> tuple[Path, Path]:
    """A COCO file of 3,000 images and 6,000 captions, and its tags."""
    images = [{"id": number, "file_name": f"{number}.jpg"} for number in range(3000)]
    annotations = [
        {"id": number, "image_id": number // 2, "caption": f"A dog on a beach near {number} trees."}
        for number in range(6000)
    ]
    (data / "coco.json").write_text(json.dumps({"images": images, "annotations": annotations}))
    lines = [json.dumps({"image_id": number, "anps": ["happy dog", "sunny beach"]}) for number in range(3000)]
    (data / "coco.tags.jsonl").write_text("\n".join(lines) + "\n")
    return data / "coco.json", data / "coco.tags.jsonl"


def kill_and_resume(root: Path, kills: int, seed: int, seconds: float = float("inf")) -> Tally:
    """Kill about so many runs, in turn of every scenario, and finish each; stops after so many seconds."""
    chance, tally, deadline = random.Random(seed), Tally(), time.monotonic() + seconds
    known: list[tuple[Scenario, dict[str, bytes], float]] = []
    for scenario in scenarios(root / "data"):
        (root / scenario.name).mkdir()
        begin = time.monotonic()
        ended = run_to_end(scenario.arguments(root / scenario.name), root / "log")
        known.append((scenario, scenario.results(root / scenario.name), time.monotonic() - begin))
        if ended.code or not known[-1][1]:
            raise RuntimeError(f"{scenario.name} does not work: {ended.output}")
    number = 0
    while sum(tally.kills.values()) < kills and time.monotonic() < deadline:
        scenario, whole, duration = known[number % len(known)]
        number += 1
        folder = root / f"{scenario.name}-{number}"
        folder.mkdir()
        fault = _one(scenario, folder, whole, duration, chance, tally)
        if fault:
            tally.faults.append(f"{scenario.name} in {folder}: {fault}")
        else:
            shutil.rmtree(folder)
    return tally


def _one(
    scenario: Scenario, folder: Path, whole: dict[str, bytes], duration: float, chance: random.Random, tally: Tally
) -> str | None:
    arguments, log = scenario.arguments(folder), folder / "log"
    for _ in range(chance.randint(1, 3)):
        ended = run_and_kill(arguments, log, chance.uniform(0, duration), chance.choice(SIGNALS))
        if "Traceback" in ended.output or "Unexpected" in ended.output:
            return ended.output[-2000:]
        tally.kills[scenario.name] += ended.code not in (0, 1, 2)
        arguments = [*scenario.arguments(folder), *scenario.again]
        if scenario.results(folder) == whole:
            break
    ended = run_to_end(arguments, log)
    if not ended.is_orderly or (ended.code and "exists already" not in ended.output):
        return f"it ended with {ended.code}: {ended.output[-2000:]}"
    if scenario.results(folder) != whole:
        return "the outputs differ from those of a run without a kill"
    left = [path.name for path in folder.rglob("*") if path.name.startswith(".sentikit") or path.suffix == ".partial"]
    return f"it left {left}" if left and not ended.code else None
