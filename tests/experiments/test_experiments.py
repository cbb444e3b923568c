"""`sentikit reproduce`: recipes are checked, run, gone on with, and end in a table beside the paper's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.toy_experiments import RECIPE, Toy


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Toy:
    monkeypatch.setenv("SENTIKIT_LOAD_PLUGINS", "")
    return Toy(tmp_path)


ALL = ["first.json", "second-0.json", "second-1.json", "second-2.json"]


def test_a_table_has_the_mean_and_the_spread_over_seeds(toy: Toy, capsys: pytest.CaptureFixture[str]) -> None:
    assert toy.run() == 0
    assert toy.calls() == ALL
    cells = toy.cells()
    assert cells["second"]["score"] == {"mean": 6.0, "std": 1.0, "n": 3, "values": [5.0, 6.0, 7.0]}
    assert cells["second"]["per start"]["mean"] == 120
    assert cells["first"]["score"] == {"mean": 5.0, "std": None, "n": 1, "values": [5.0]}
    assert cells["theirs"]["score"]["mean"] == 7
    printed = capsys.readouterr().out
    row = next(line for line in printed.splitlines() if line.startswith("second"))
    assert row.split() == ["second", "ours", "6.00", "±", "1.00", "50%", "±", "0%", "120.0", "±", "20.0"]
    assert next(line for line in printed.splitlines() if line.startswith("first")).split()[-2:] == ["-", "100.0"]
    page = (toy.out / "results.md").read_text("utf-8")
    assert "They added." in page
    assert "| second | ours | 6.00 ± 1.00 |" in page
    from PIL import Image

    with Image.open(toy.out / "scores.png") as picture:
        assert picture.width > 500


def test_what_is_finished_is_not_done_again(toy: Toy) -> None:
    assert toy.run() == 0
    toy.calls()
    assert toy.run() == 0
    assert toy.calls() == []

    recipe = toy.recipe.read_text("utf-8").replace("{first.score} --add {seed}", "{first.score} --add {seed}5")
    toy.recipe.write_text(recipe, "utf-8")
    assert toy.run() == 0
    assert toy.calls() == ALL[1:]
    assert toy.cells()["second"]["score"]["values"] == [10.0, 20.0, 30.0]

    (toy.out / "second-1.json").unlink()
    assert toy.run() == 0
    assert toy.calls() == ["second-1.json"]


def test_a_changed_input_repeats_what_depends_on_it(toy: Toy) -> None:
    assert toy.run("--seeds", "1") == 0
    toy.calls()
    toy.start(40.5)
    assert toy.run("--seeds", "1") == 0
    assert toy.calls() == ALL[:2]
    assert toy.cells()["second"]["score"]["values"] == [41.5]


def test_options_inputs_limit_and_seeds_reach_the_steps(toy: Toy, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text('{"score": 100}', "utf-8")
    assert toy.run("-O", "add=2", "--input", f"start={other}", "--limit", "60", "--seeds", "2") == 0
    assert toy.cells()["second"]["score"] == {"mean": 102.5, "std": 0.5**0.5, "n": 2, "values": [102.0, 103.0]}
    assert '"limit": 60' in (toy.out / "first.json").read_text("utf-8")


def test_a_limit_that_reaches_no_step_is_said(toy: Toy, capsys: pytest.CaptureFixture[str]) -> None:
    toy.recipe.write_text(RECIPE.replace(" [--limit {limit}]", ""), "utf-8")
    assert toy.run("--limit", "60", "--dry-run") == 0
    assert "no step of this experiment has a place for --limit" in capsys.readouterr().err


def test_only_runs_one_step(toy: Toy, capsys: pytest.CaptureFixture[str]) -> None:
    assert toy.run("--only", "second") == 1
    assert "run the steps before it" in capsys.readouterr().err
    assert toy.run("--only", "first") == 0
    assert toy.calls() == ["first.json"]
    assert "3 of the runs behind these rows are not done yet" in capsys.readouterr().out.lower()
    assert toy.run("--only", "third") == 2


def test_a_dry_run_says_what_would_be_done(toy: Toy, capsys: pytest.CaptureFixture[str]) -> None:
    assert toy.run("--only", "first") == 0
    toy.calls()
    capsys.readouterr()
    assert toy.run("--dry-run") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "# first: done"
    assert lines[1].startswith("sentikit toy-score '")  # the folder of the data has a space
    assert lines[2] == "# second,seed=0: to do"
    assert toy.calls() == []


def test_missing_inputs_are_named_in_one_sentence(toy: Toy, capsys: pytest.CaptureFixture[str]) -> None:
    (toy.data / "start.json").unlink()
    assert toy.run() == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "start (a number to start from at '" in error
    assert "--input NAME=PATH" in error


def test_a_step_that_fails_is_named_with_its_last_word(toy: Toy, capsys: pytest.CaptureFixture[str]) -> None:
    (toy.data / "start.json").write_text("{}", "utf-8")
    assert toy.run() == 1
    assert "The step first failed with 1; its last word, in " in (said := capsys.readouterr().err)
    assert "KeyError" in said
    toy.start(1)
    assert toy.run() == 0


@pytest.mark.parametrize("resume", [True, False])
def test_an_interrupted_run_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, resume: bool) -> None:
    monkeypatch.setenv("SENTIKIT_LOAD_PLUGINS", "")
    recipe = RECIPE.replace("-o {score} [", "--slow 100 -o {score} [").replace(
        'makes = { score = "first.json" }',
        'makes = { score = "first.json", part = "first.part" }' + "\nresume = '--resume'" * resume,
    )
    toy = Toy(tmp_path, recipe)
    process = subprocess.Popen(
        [sys.executable, "-m", "sentikit", *toy.arguments, "--seeds", "1"], stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    while not (toy.out / "first.part").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert not (toy.out / "first.json").exists()
    if resume:
        assert toy.run("--seeds", "1") == 0
        assert toy.calls() == ["first.json resumed", "second-0.json"]
    else:  # it begins anew, from nothing: what was left is gone
        toy.recipe.write_text(recipe.replace("--slow 100 ", ""), "utf-8")
        assert toy.run("--seeds", "1") == 0
        assert toy.calls() == ["first.json", "second-0.json"]


# Recipes that are wrong


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('title = "Toy', 'titel = "Toy', "the recipe lacks 'title'"),
        ('paper = "They', 'papers = "They', 'the recipe has the unknown key "papers"'),
        ("{start}", "{begin}", "the step 'first' has {begin}, which is no input"),
        ("{first.score}", "{second.score}", "{second.score}, which is no input"),
        ("second-{seed}.json", "second.json", "lacks {seed}, so its runs would share it"),
        ('score = "first.json"', 'score = "../first.json"', "not a path in the output folder"),
        ('over = ["seed"]', 'over = ["sed"]', "'sed', which is no axis"),
        ('"toy-score {start}', '"install {start}', "may not run 'install'"),
        ('"toy-score {start}', '"--debug toy-score {start}', "may not run '--debug'"),
        ('"toy-score {start}', '"toy-scores {start}', "The step first is no command of sentikit: No such command"),
        ("--add {add}", "--help", "The step first asks for help"),
        ("--add {add}", "--added {add}", "The step first is no command of sentikit: No such option"),
        ('from = "first.score"', 'from = "first.scores"', "'first.scores', which no step makes"),
        ('kind = "paper"', 'kind = "papers"', "the kind 'papers'"),
        ("values = { score", "values = { scores", "has no column 'scores'"),
        ('format = ".2f"', 'format = ".2q"', "the format '.2q' of the column 'score'"),
        ("[options]", "[options", "is not TOML"),
    ],
)
def test_what_is_wrong_with_a_recipe_is_named(
    toy: Toy, capsys: pytest.CaptureFixture[str], old: str, new: str, said: str
) -> None:
    assert old in RECIPE
    toy.recipe.write_text(RECIPE.replace(old, new), "utf-8")
    assert toy.run() == 1
    assert said in capsys.readouterr().err
    assert not toy.out.exists()


def test_a_number_that_is_not_there_is_named(toy: Toy, capsys: pytest.CaptureFixture[str]) -> None:
    toy.recipe.write_text(RECIPE.replace('path = ["score"], format', 'path = ["scores"], format'), "utf-8")
    assert toy.run("--seeds", "1") == 1
    assert "has nothing at ['scores'], where the column 'score' looks" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["-O", "ad=2"], "The experiment has no option 'ad': its options are add."),
        (["--input", "stat=x"], "The experiment has no input 'stat': its inputs are start."),
        (["-O", "add"], "-O takes NAME=VALUE"),
    ],
)
def test_wrong_options_are_named(toy: Toy, capsys: pytest.CaptureFixture[str], options: list[str], said: str) -> None:
    assert toy.run(*options) == 2
    assert said in capsys.readouterr().err


def test_no_shell_sees_a_value(toy: Toy) -> None:
    trap = toy.data / "x; touch trap $(touch trap)"
    os.replace(toy.data / "start.json", trap)
    assert toy.run("--input", f"start={trap}", "--only", "first") == 0
    assert not list(Path.cwd().glob("trap"))
