"""Runs whose disk is full, whose memory is too small, or whose inputs change while they run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image
from support.report_cases import line, save_lines

from .kills import Scenario, scenarios
from .processes import preload, run_to_end, start, wait

# A process of its own: a fork could use what the tests before it have freed.
_WITH_LITTLE_MEMORY = """
import resource, sys
from pathlib import Path
import orjson, numpy
from sentikit.cli import run
pages = int(Path("/proc/self/statm").read_text().split()[0])
limit = pages * resource.getpagesize() + int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
sys.exit(run(sys.argv[2:]))
"""

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="it forks")


@pytest.fixture(scope="module", autouse=True)
def loaded() -> None:
    preload()


@pytest.fixture
def known(tmp_path: Path) -> dict[str, Scenario]:
    return {one.name: one for one in scenarios(tmp_path / "data")}


@pytest.mark.parametrize("limit", [0, 300])
def test_figures_and_reports_on_a_full_disk(tmp_path: Path, limit: int) -> None:
    photo = tmp_path / "1.png"
    Image.new("RGB", (64, 48), "red").save(photo)
    results = save_lines(tmp_path / "c.jsonl", line(1))
    toy = ("--captioner", "toy", "--tagger", "toy", "--combiner", "toy")
    outputs = {
        "figure.png": ["caption", photo, *toy, "--explain"],
        "page": ["report", results, "--images", tmp_path, "-o"],
        "maps.npz": ["caption", photo, *toy, "--force", "--jsonl", tmp_path / "a.jsonl", "--attention"],
    }
    for name, command in outputs.items():
        assert run_to_end([*command, tmp_path / f"sound-{name}"], tmp_path / "log").code == 0, name
        output = tmp_path / name
        ended = run_to_end([*command, output], tmp_path / "log", file_limit=limit)
        assert ended.code == 1, (name, ended)
        assert ended.is_orderly, (name, ended)
        assert not output.exists(), name


@pytest.mark.parametrize("name", ["tag", "caption"])
def test_photographs_that_vanish_are_counted(tmp_path: Path, known: dict[str, Scenario], name: str) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    arguments = known[name].arguments(folder)
    written = folder / known[name].outputs[0]
    run = start(arguments, tmp_path / "log")
    while not written.exists() or written.read_bytes().count(b"\n") < 3:
        time.sleep(0.002)
    for number in range(50, 60):
        (tmp_path / "data/photos" / f"{number}.png").unlink()
    ended = wait(run, tmp_path / "log")
    assert ended.code == 0, ended
    assert ended.is_orderly, ended
    missing = [number for number in range(50, 60) if f'"{number}.png"' not in written.read_text()]
    assert f"{60 - 1 - len(missing)} done, {1 + len(missing)} failed" in ended.output


def test_an_output_that_another_program_wrote_meanwhile_stays(tmp_path: Path, known: dict[str, Scenario]) -> None:
    arguments = [one for one in known["update-captions"].arguments(tmp_path) if one != "--force"]
    run = start(arguments, tmp_path / "log")
    (tmp_path / "u.json").write_text("mine")
    ended = wait(run, tmp_path / "log")
    assert ended.code in (1, 2), ended
    assert ended.is_orderly, ended
    assert (tmp_path / "u.json").read_text() == "mine"


@pytest.mark.skipif(sys.platform != "linux", reason="it limits the address space")
@pytest.mark.parametrize("memory", [0, 1 << 20, 8 << 20, 64 << 20])
def test_too_little_memory_is_a_sentence(tmp_path: Path, memory: int) -> None:
    coco = tmp_path / "large.json"
    captions = [{"id": number, "image_id": 1, "caption": "A dog on a beach. " * 50} for number in range(30_000)]
    coco.write_text(json.dumps({"images": [{"id": 1, "file_name": "1.jpg"}], "annotations": captions}))
    tags = tmp_path / "tags.jsonl"
    tags.write_text('{"image_id": 1, "anps": ["happy dog"]}\n')
    for command in (["check", coco], ["update-captions", coco, "--tags", tags, "--rewriter", "noun-match"]):
        words = [sys.executable, "-c", _WITH_LITTLE_MEMORY, str(memory), *map(str, command)]
        done = subprocess.run(words, capture_output=True, text=True)
        assert done.returncode == 1, done
        assert "Traceback" not in done.stderr, done
        assert "memory" in done.stderr, done
    assert not list(tmp_path.glob("*.sentikit.json"))
