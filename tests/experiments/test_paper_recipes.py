"""The bundled recipes: their command lines are commands of sentikit, and their numbers are where they look."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from support import toy_commands
from support.documents import code_blocks

from sentikit.cli import cli, run
from sentikit.commands.app import App
from sentikit.commands.recipes import check_command
from sentikit.experiments.plan import Choices, Plan
from sentikit.experiments.reading import read_recipe
from sentikit.experiments.results import collect
from sentikit.plugin.kinds import COMBINER, ENCODER, EXPERIMENT, PACK, REWRITER, TAGGER, TRAINER
from sentikit.plugin.loader import Plugins, load_plugins

ROOT = Path(__file__).parents[2]
RECIPES = sorted((ROOT / "plugins" / "sentikit_plugins" / "paper").glob("*.toml"))
SPLITS = ("train", "val", "test")
KIND_OF_OPTION = {"--rewriter": REWRITER, "--encoder": ENCODER, "--tagger": TAGGER, "--combiner": COMBINER}


@pytest.fixture(scope="module")
def plugins() -> Plugins:
    return load_plugins(environ={"SENTIKIT_LOAD_PLUGINS": "", "SENTIKIT_STRICT_PLUGINS": "1"})


def plan_of(name: str, output: Path = Path("OUT"), **choices: object) -> Plan:
    (path,) = [path for path in RECIPES if path.stem == name]
    return Plan(read_recipe(path), Choices(Path("DATA"), output, **choices))  # type: ignore[arg-type]


def test_every_recipe_is_registered_and_listed(plugins: Plugins, capsys: pytest.CaptureFixture[str]) -> None:
    assert {plugins.get(EXPERIMENT, name).create() for name in plugins.names(EXPERIMENT)} >= set(RECIPES)
    assert run(["reproduce"]) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert listed == plugins.names(EXPERIMENT)


@pytest.mark.parametrize("limit", [None, 60])
@pytest.mark.parametrize("name", [path.stem for path in RECIPES])
def test_every_command_line_of_a_recipe_is_one(name: str, limit: int | None, plugins: Plugins) -> None:
    plan = plan_of(name, limit=limit)
    context = click.Context(cli, obj=App(None, cli.commands), **cli.context_settings)
    assert plan.runs
    for step_run in plan.runs:
        check_command(context, step_run)
        for option, value in zip(step_run.arguments, step_run.arguments[1:], strict=False):
            if option in KIND_OF_OPTION and value not in ("none", *plugins.names(PACK)) and "/" not in value:
                for component in value.split(","):
                    plugins.get(KIND_OF_OPTION[option], component.partition(":")[0])


@pytest.mark.parametrize("name", [path.stem for path in RECIPES])
def test_a_recipe_says_what_the_paper_did_and_gives_its_numbers(name: str) -> None:
    recipe = plan_of(name).recipe
    assert recipe.paper
    assert recipe.here
    kinds = {row.kind for table in recipe.tables for row in table.rows}
    assert "ours" in kinds
    assert "paper" in kinds or "figure" in recipe.paper  # that there is none is said


def test_the_documents_example_is_a_recipe(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (source,) = code_blocks("experiments.md", "toml").values()
    (tmp_path / "mine.toml").write_text(source, "utf-8")
    assert run(["reproduce", str(tmp_path / "mine.toml"), "--data", "DATA", "--dry-run", "--limit", "60"]) == 0
    commands = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("#")]
    assert len(commands) == 2 * 2 * 2 * 3
    assert commands[0].endswith("--encoder efficientnet-lite0 --limit 60")


def test_table2_on_the_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENTIKIT_LOAD_PLUGINS", "")
    demo = ROOT / "examples" / "demo"
    inputs = [
        word
        for size in ("large", "small")
        for what, file in (("captions", "captions.json"), ("tags", "tags.jsonl"))
        for word in ("--input", f"{size}_{what}={demo / file}")
    ]
    assert run(["reproduce", "table2", *inputs, "-o", str(tmp_path)]) == 0
    results = json.loads((tmp_path / "results.json").read_text("utf-8"))
    rows = {row["label"]: row["cells"] for row in results["tables"]["updates"]["rows"]}
    ours = [cells for label, cells in rows.items() if label.startswith("large set")]
    assert len(ours) == 3
    for cells in ours:
        rate = 1000 * cells["updates"]["mean"] / cells["captions with tags"]["mean"]
        assert cells["updates per 1,000"]["mean"] == pytest.approx(rate)
        assert rate > 0


def tag_file(path: Path, rows: dict[int, list[object]]) -> Path:
    path.write_text("".join(json.dumps({"image_id": i, "anps": anps}) + "\n" for i, anps in rows.items()), "utf-8")
    return path


@pytest.mark.parametrize(("name", "tables"), [("table1", ["test"]), ("table3", ["pair", "token", "parts"])])
def test_the_numbers_of_a_tagger_are_where_a_recipe_looks(name: str, tables: list[str], tmp_path: Path) -> None:
    anps = [f"adjective{place} noun{place % 7}" for place in range(25)]
    split = [anp.split() for anp in anps]
    said = [{"adjective": a, "noun": n, "probability": p} for (a, n), p in zip(split, [0.04] * 25, strict=True)]
    tags = tag_file(tmp_path / "tags.jsonl", {number: list(said) for number in range(4)})
    truth = tag_file(tmp_path / "truth.jsonl", {number: [anps[number]] for number in range(4)})
    plan = plan_of(name, tmp_path)
    for step_run in plan.runs:
        if step_run.step.name.startswith("evaluate"):
            path = step_run.makes["scores"]
            path.parent.mkdir(exist_ok=True)
            arguments = ["--tags", tags, "--truth", truth, "--train", truth, "--json", "--bootstrap", "0", "-o", path]
            assert run(["evaluate", "tagger", *map(str, arguments)]) == 0
    results = [result for result in collect(plan) if result.table.name in tables]
    assert len(results) == len(tables)
    for result in results:
        assert result.waiting == 0
        columns = {column.name for column in result.table.columns}
        assert all(set(line.cells) == columns for line in result.lines if line.kind != "paper")


def test_the_numbers_of_table1_are_those_that_training_writes(plugins: Plugins, tmp_path: Path) -> None:
    import torch

    task = plugins.get(TRAINER, "softmax").create()
    (tmp_path / "cute_dog").mkdir()
    (tmp_path / "cute_dog" / "1.jpg").touch()
    examples = task.read(tmp_path, None, "train")
    features = torch.ones(1, 4, 2)
    found = task.validate(task.build(examples, 2, None), [(features, examples)], {})
    columns = [column for table in plan_of("table1").recipe.tables for column in table.columns if len(column.path) == 2]
    assert columns
    assert {str(column.path[1]) for column in columns} <= {*found, "loss"}


# What the recipes need of other commands


def test_prepare_tags_splits_alike_whatever_is_kept(tmp_path: Path) -> None:
    source = tag_file(tmp_path / "all.jsonl", {number: ["cute dog", "wet dog", "old car"] for number in range(20)})
    for folder, options in (("labels", []), ("truth", ["--top-k", "1"]), ("few", ["--limit", "10"])):
        assert run(["prepare", "tags", str(source), "-o", str(tmp_path / folder), *options]) == 0
    ids: dict[tuple[str, str], list[int]] = {}
    for folder in ("labels", "truth", "few"):
        for split in SPLITS:
            rows = toy_commands.json_lines((tmp_path / folder / f"{split}.jsonl").read_text("utf-8"))
            ids[folder, split] = [row["image_id"] for row in rows]
            assert {len(row["anps"]) for row in rows} == {1 if folder == "truth" else 3}
    assert [len(ids["labels", split]) for split in SPLITS] == [14, 3, 3]
    assert sorted(number for split in SPLITS for number in ids["labels", split]) == list(range(20))
    assert all(ids["labels", split] == ids["truth", split] for split in SPLITS)
    assert sum(len(ids["few", split]) for split in SPLITS) == 10


def test_prepare_tags_takes_a_manifests_own_splits(tmp_path: Path) -> None:
    rows = [
        {"file_name": "cute_dog/1.jpg", "adjective": "cute", "noun": "dog", "split": "train", "status": "ok"},
        {"file_name": "cute_dog/2.jpg", "adjective": "cute", "noun": "dog", "split": "val", "status": "ok"},
        {"file_name": "old_car/1.jpg", "adjective": "old", "noun": "car", "split": "train", "status": "ok"},
        {"file_name": "old_car/3.jpg", "adjective": "old", "noun": "car", "status": "small"},
    ]
    manifest = tmp_path / "vso.jsonl"
    manifest.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    assert run(["prepare", "tags", str(manifest), "-o", str(tmp_path / "parts")]) == 0
    train, val = (
        toy_commands.json_lines((tmp_path / "parts" / f"{s}.jsonl").read_text("utf-8")) for s in ("train", "val")
    )
    assert train == [
        {"file_name": "cute_dog/1.jpg", "anps": ["cute dog"]},
        {"file_name": "old_car/1.jpg", "anps": ["old car"]},
    ]
    assert [row["file_name"] for row in val] == ["cute_dog/2.jpg"]


def test_tag_of_tags_the_images_of_a_tag_file_under_its_ids(tmp_path: Path) -> None:
    from PIL import Image

    for name in ("a/1.png", "b/1.png", "b/2.png"):
        (tmp_path / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (90, 0, 0)).save(tmp_path / "photos" / name)
    of = tmp_path / "of.jsonl"
    of.write_text(
        '{"file_name": "a/1.png", "anps": ["red sky"]}\n{"image_id": 7, "file_name": "2.png", "anps": ["red sky"]}\n'
        '{"image_id": 8, "file_name": "gone.png", "anps": ["red sky"]}\n',
        "utf-8",
    )
    out = tmp_path / "out.jsonl"
    photos = tmp_path / "photos"
    assert toy_commands.toy_run("tag", photos, "--of", of, "--tagger", "toy", "-o", out) == 0
    rows = [row for row in toy_commands.json_lines(out.read_text("utf-8")) if "anps" in row]
    assert [row["image_id"] for row in rows] == ["a/1.png", 7]
