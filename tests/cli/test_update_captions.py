"""`sentikit update-captions` from the outside, and the flow's own laws."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from sentikit.cli import run

DEMO = Path(__file__).parents[2] / "examples" / "demo"


def coco(captions: list[tuple[int, str]], **extra: Any) -> dict[str, Any]:
    images = sorted({image for image, _ in captions})
    return {
        "info": {"about": "made for a test"},
        "images": [{"id": image, "file_name": f"{image}.jpg"} for image in images],
        "annotations": [
            {"id": number, "image_id": image, "caption": text, "kept": [number, None]}
            for number, (image, text) in enumerate(captions)
        ],
        **extra,
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    document = coco([(0, "A dog on a beach."), (0, "An apple."), (7, "Two cats."), (7, "A cat and a dog.")])
    (tmp_path / "c.json").write_text(json.dumps(document))
    lines = [
        {
            "image_id": 0,
            "anps": [
                {"adjective": "happy", "noun": "dog", "probability": 0.4},
                {"adjective": "sunny", "noun": "beach", "probability": 0.6},
                {"adjective": "awful", "noun": "apple", "probability": 0.2},
            ],
        },
        {"image_id": 7, "anps": [{"adjective": "cute", "noun": "cat", "probability": 0.5}]},
    ]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return tmp_path


def update(folder: Path, *options: str, rewriter: str = "noun-match") -> tuple[int, dict[str, Any]]:
    code = run(["update-captions", str(folder / "c.json"), "--tags", str(folder / "t.jsonl"), "--rewriter", rewriter,
                "-o", str(folder / "out.json"), "--force", *options])  # fmt: skip
    return code, json.loads((folder / "out.json").read_text()) if (folder / "out.json").exists() else {}


def captions_of(document: dict[str, Any]) -> list[str]:
    return [annotation["caption"] for annotation in document["annotations"]]


def test_updates_captions_and_keeps_everything_else(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = json.loads((folder / "c.json").read_text())
    code, after = update(folder)
    assert code == 0
    assert captions_of(after) == [
        "A happy dog on a sunny beach.",
        "An awful apple.",
        "Two cats.",
        "A cute cat and a dog.",
    ]
    assert after["annotations"][0]["sentikit"]["original"] == "A dog on a beach."
    assert "sentikit" not in after["annotations"][2]
    assert after["sentikit"]["rewriter"] == "noun-match"
    for old, new in zip(before["annotations"], after["annotations"], strict=True):
        assert {key: value for key, value in new.items() if key not in ("caption", "sentikit")} == {
            key: value for key, value in old.items() if key != "caption"
        }
    output = capsys.readouterr().out
    assert "edits" in output
    assert "happy dog (1)" in output
    assert json.loads((folder / "c.json").read_text()) == before


def test_statistics_add_up(folder: Path) -> None:
    code, _ = update(folder, "--stats", str(folder / "stats.json"))
    counts = json.loads((folder / "stats.json").read_text())
    assert code == 0
    parts = ("updated", "unchanged", "failed", "skipped")
    assert counts["captions"] == sum(counts[f"captions_{part}"] for part in parts) == 4
    assert counts["captions_updated"] == 3
    assert counts["edits"] == sum(anp["edits"] for anp in counts["anps"]) == 4
    assert counts["edits_per_caption"] == 1.0
    assert counts["captions_tagged"] == 4
    assert counts["captions_without_adjective"] == 1  # "Two cats."


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--max-edits", "1"], "A dog on a sunny beach."),
        (["--min-probability", "0.5"], "A dog on a sunny beach."),
        (["--top-k", "1"], "A dog on a sunny beach."),
        (["--polarity", "positive", "--top-k", "2"], "A happy dog on a sunny beach."),
    ],
)
def test_the_flow_filters_and_limits(folder: Path, options: list[str], expected: str) -> None:
    assert captions_of(update(folder, *options)[1])[0] == expected


def test_negative_polarity_lets_only_the_apple_through(folder: Path) -> None:
    assert captions_of(update(folder, "--polarity", "negative")[1]) == [
        "A dog on a beach.", "An awful apple.", "Two cats.", "A cat and a dog."
    ]  # fmt: skip


def test_nothing_updated_is_a_failure_and_writes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, after = update(folder, "--min-probability", "0.99")
    assert (code, after) == (1, {})
    assert "Not one of the 4 captions was updated" in capsys.readouterr().err


def test_max_edits_zero_is_wrong_usage(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert update(folder, "--max-edits", "0")[0] == 2
    assert capsys.readouterr().err.startswith("Error: --max-edits 0 lets no caption be updated")


def test_without_tags_the_photographs_are_needed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["update-captions", str(folder / "c.json")]) == 1
    assert "give --images FOLDER" in capsys.readouterr().err


def test_an_existing_output_is_refused_without_force(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "c.sentikit.json").write_text("mine")
    command = ["update-captions", str(folder / "c.json"), "--tags", str(folder / "t.jsonl"), "--rewriter", "noun-match"]
    assert run(command) == 1
    assert "--force" in capsys.readouterr().err
    assert (folder / "c.sentikit.json").read_text() == "mine"
    assert run([*command, "--force"]) == 0
    assert captions_of(json.loads((folder / "c.sentikit.json").read_text()))[0] == "A happy dog on a sunny beach."


def test_two_outputs_are_never_one_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "out.json").write_text("precious")
    assert run(["update-captions", str(folder / "c.json"), "--tags", str(folder / "t.jsonl"), "-o",
                str(folder / "out.json"), "--stats", str(folder / "out.json"), "--force"]) == 2  # fmt: skip
    assert "is named for two outputs" in capsys.readouterr().err
    assert (folder / "out.json").read_text() == "precious"


def test_an_updated_file_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    update(folder)
    assert run(["update-captions", str(folder / "out.json"), "--tags", str(folder / "t.jsonl")]) == 1
    assert "restore" in capsys.readouterr().err


def test_an_unknown_rewriter_names_the_nearest(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert update(folder, rewriter="noun-mach")[0] == 2
    assert "Did you mean 'noun-match'?" in capsys.readouterr().err


def test_captions_of_images_without_tags_are_counted_apart(folder: Path) -> None:
    lines = (folder / "t.jsonl").read_text("utf-8").splitlines(keepends=True)
    (folder / "t.jsonl").write_text("".join(lines[:-1]), "utf-8")
    assert update(folder, "--stats", str(folder / "stats.json"))[0] == 0
    counts = json.loads((folder / "stats.json").read_text())
    assert 0 < counts["captions_tagged"] < counts["captions"]


def test_an_unknown_option_of_a_plugin_is_wrong_usage(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert update(folder, "-O", "nosuch=1")[0] == 2
    assert "nosuch" in capsys.readouterr().err


def test_bad_annotations_are_skipped_counted_and_kept(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads((folder / "c.json").read_text())
    document["annotations"].insert(1, {"id": 99, "image_id": 0, "caption": "   "})
    (folder / "c.json").write_text(json.dumps(document))
    code, after = update(folder, "--stats", str(folder / "stats.json"))
    counts = json.loads((folder / "stats.json").read_text())
    assert code == 0
    assert after["annotations"][1] == {"id": 99, "image_id": 0, "caption": "   "}
    assert (counts["captions_skipped"], counts["captions"]) == (1, 5)
    assert "annotations[1]" in capsys.readouterr().err
    assert update(folder, "--strict")[0] == 1


def test_an_id_is_taken_by_a_bad_annotation_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads((folder / "c.json").read_text())
    document["annotations"].insert(0, {"id": 1, "image_id": 0, "caption": "   "})
    (folder / "c.json").write_text(json.dumps(document))
    assert update(folder)[0] == 0
    assert "annotations[2], key 'id', value 1: an earlier entry has the same id" in capsys.readouterr().err


def test_a_byte_order_mark_is_no_problem(folder: Path) -> None:
    for name in ("c.json", "t.jsonl"):
        (folder / name).write_bytes(b"\xef\xbb\xbf" + (folder / name).read_bytes())
    assert captions_of(update(folder)[1])[0] == "A happy dog on a sunny beach."


def test_options_of_models_are_not_used_with_tags(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SENTIKIT_PACK", "mine")
    assert update(folder)[0] == 0
    assert "Warning" not in capsys.readouterr().err
    assert update(folder, "--pack", "mine", "--batch-size", "16")[0] == 0
    assert "Warning: With --tags no model runs, so --pack and --batch-size are not used.\n" in capsys.readouterr().err


def test_images_without_tags_are_warned_of(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "t.jsonl").write_text((folder / "t.jsonl").read_text().splitlines()[0])
    assert update(folder)[0] == 0
    assert "Warning: 1 of 2 images has no tags in " in capsys.readouterr().err


@pytest.mark.parametrize("rewriter", ["noun-match", "spacy-lemma"])
def test_same_bytes_whatever_the_jobs(folder: Path, rewriter: str) -> None:
    document = coco([(image, f"A dog and a cat number {image} on a beach.") for image in range(2300)])
    (folder / "c.json").write_text(json.dumps(document))
    lines = [{"image_id": image, "anps": ["happy dog", "cute cat", "sunny beach"]} for image in range(0, 2300, 7)]
    (folder / "t.jsonl").write_text("\n".join(map(json.dumps, lines)))
    outputs = set()
    for jobs in ("1", "2", "1"):
        assert update(folder, "--jobs", jobs, rewriter=rewriter)[0] == 0
        outputs.add((folder / "out.json").read_bytes())
    assert len(outputs) == 1


def test_a_rewriter_that_breaks_its_contract_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plugins = folder / "plugins"
    plugins.mkdir()
    (plugins / "bad.py").write_text(
        "from sentikit import Rewrite, Edit, Tag, ANP, hookimpl\n"
        "class Bad:\n"
        "    default_max_edits = None\n"
        "    def rewrite(self, items):\n"
        "        for caption, tags in items:\n"
        "            yield Rewrite('lost', (Edit(0, 0, '', 'nothing', Tag(ANP('a', 'b'))),))\n"
        "@hookimpl\n"
        "def register_rewriters(register):\n"
        "    register('bad', Bad, summary='loses the caption')\n"
    )
    code = run(["--plugins-dir", str(plugins), "update-captions", str(folder / "c.json"), "--tags",
                str(folder / "t.jsonl"), "--rewriter", "bad"])  # fmt: skip
    assert code == 1
    assert "edits" in capsys.readouterr().err
    assert not (folder / "c.sentikit.json").exists()


def test_a_killed_run_leaves_nothing_half_written(folder: Path) -> None:
    document = coco([(image, f"A dog number {image}.") for image in range(60_000)])
    (folder / "c.json").write_text(json.dumps(document))
    (folder / "t.jsonl").write_text(
        "\n".join(f'{{"image_id": {image}, "anps": ["happy dog"]}}' for image in range(60_000))
    )
    (folder / "out.json").write_text("the old file")
    command = [sys.executable, "-m", "sentikit", "update-captions", "c.json", "--tags", "t.jsonl", "--rewriter",
               "noun-match", "-o", "out.json", "--force"]  # fmt: skip
    for seconds in (0.6, 1.2, 1.8):
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        process.wait()
        text = (folder / "out.json").read_text()
        assert text == "the old file" or len(json.loads(text)["annotations"]) == 60_000


def test_the_demo_is_updated_and_restored(tmp_path: Path) -> None:
    output, restored = tmp_path / "updated.json", tmp_path / "restored.json"
    tags = str(DEMO / "tags.jsonl")
    assert run(["update-captions", str(DEMO / "captions.json"), "--tags", tags, "-o", str(output)]) == 0
    assert run(["restore-captions", str(output), "-o", str(restored)]) == 0
    assert json.loads(restored.read_text()) == json.loads((DEMO / "captions.json").read_text())


@pytest.mark.slow
@pytest.mark.parametrize("rewriter", ["noun-match", "spacy-lemma"])
def test_real_coco_captions(shared_data: Path, tmp_path: Path, rewriter: str) -> None:
    source = shared_data / "coco_mini" / "captions.json"
    tags = shared_data / "coco_mini" / "tags_resnet101_vso.jsonl"
    output, restored = tmp_path / "updated.json", tmp_path / "restored.json"
    code = run(["update-captions", str(source), "--tags", str(tags), "--rewriter", rewriter, "-o", str(output)])
    assert code == 0
    before, after = json.loads(source.read_text()), json.loads(output.read_text())
    updated = [annotation for annotation in after["annotations"] if "sentikit" in annotation]
    assert len(updated) > 50
    assert [image["id"] for image in after["images"]] == [image["id"] for image in before["images"]]
    assert run(["restore-captions", str(output), "-o", str(restored)]) == 0
    assert json.loads(restored.read_text()) == before
