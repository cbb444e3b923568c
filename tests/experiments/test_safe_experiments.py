"""What an experiment may not do: remove or overwrite what is not its own, and run commands that do not allow it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import pytest
from support.toy_experiments import PLUGIN, RECIPE, Toy

from sentikit.cli import cli
from sentikit.commands.recipes import recipe_step

KEPT = "kept"


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Toy:
    monkeypatch.setenv("SENTIKIT_LOAD_PLUGINS", "")
    return Toy(tmp_path)


@pytest.fixture
def treasure(tmp_path: Path) -> Path:
    """A file in a folder that no experiment made."""
    folder = tmp_path / "treasure"
    folder.mkdir()
    (folder / "file.json").write_text(KEPT, "utf-8")
    return folder / "file.json"


def change(toy: Toy, *changes: tuple[str, str]) -> None:
    """Replace parts of the recipe."""
    text = toy.recipe.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    toy.recipe.write_text(text, "utf-8")


MAKES = 'makes = { score = "first.json" }'


# What is written and removed


@pytest.mark.parametrize("value", ["{folder}", "x/../../treasure", "."])
@pytest.mark.parametrize("way", ["option", "axis", "field", "input"])
def test_a_filled_path_stays_in_the_output_folder(
    toy: Toy, treasure: Path, capsys: pytest.CaptureFixture[str], value: str, way: str
) -> None:
    value = value.format(folder=treasure.parent)
    options: list[str] = []
    if way == "option":
        change(toy, (MAKES, 'makes = { score = "{add}" }'))
        options = ["-O", f"add={value}"]
    elif way == "axis":
        change(toy, ("seed = [0, 1, 2]", f"seed = [{json.dumps(value)}]"), ("second-{seed}.json", "{seed}"))
    elif way == "field":
        fields = f"[axes.where]\nsome = {{ place = {json.dumps(value)} }}\n"
        change(toy, ("[steps.first]", f'{fields}\n[steps.first]\nover = ["where"]'))
        change(toy, ("first.json", "{where.place}/{where}"), ("{first.score}", "{start}"))
        change(toy, ('from = "first.score"', 'from = "first.score", over = ["where"]'))
    else:
        change(toy, (MAKES, 'makes = { score = "{start}" }'))
        options = ["--input", f"start={value}"]
    if (way, value) == ("field", "."):
        return  # "./some" is in the output folder
    assert toy.run("--only", "first" if way != "axis" else "second", *options) == 1
    assert "which is not a path in the output folder" in capsys.readouterr().err
    assert treasure.read_text("utf-8") == KEPT
    assert not toy.out.exists()


@pytest.mark.parametrize("linked", ["folder", "file", "steps", "results.json"])
def test_links_out_of_the_output_folder_are_refused(
    toy: Toy, treasure: Path, capsys: pytest.CaptureFixture[str], linked: str
) -> None:
    toy.out.mkdir()
    if linked == "folder":
        (toy.out / "link").symlink_to(treasure.parent)
        change(toy, (MAKES, 'makes = { score = "link/file.json" }'))
    elif linked == "file":
        (toy.out / "first.json").symlink_to(treasure)
    else:
        (toy.out / "steps").mkdir()
        (toy.out / linked).rmdir() if linked == "steps" else None
        (toy.out / linked).symlink_to(treasure.parent if linked == "steps" else treasure)
    for options in (["--dry-run"], []):
        assert toy.run(*options) == 1
        assert re.search(r"leads to .*, which is not in", capsys.readouterr().err)
    assert treasure.read_text("utf-8") == KEPT
    assert list(treasure.parent.iterdir()) == [treasure]


def test_an_input_in_the_output_folder_is_not_made(toy: Toy, capsys: pytest.CaptureFixture[str]) -> None:
    toy.out.mkdir()
    source = toy.out / "first.json"
    source.write_text('{"score": 4}', "utf-8")
    for folder in ("first.json", "first.json/x"):
        change(toy, (toy.recipe.read_text("utf-8"), RECIPE.replace(MAKES, f'makes = {{ score = "{folder}" }}')))
        assert toy.run("--input", f"start={source}") == 1
        assert "is, holds or lies in an input, start at" in capsys.readouterr().err
    assert source.exists()


def test_a_folder_that_holds_an_input_is_not_made(toy: Toy, capsys: pytest.CaptureFixture[str]) -> None:
    (toy.out / "data").mkdir(parents=True)
    source = toy.out / "data" / "start.json"
    source.write_text('{"score": 4}', "utf-8")
    change(toy, (MAKES, 'makes = { score = "first.json", folder = "data" }'))
    assert toy.run("--input", f"start={source}") == 1
    assert "is, holds or lies in an input" in capsys.readouterr().err
    assert source.exists()


def test_the_recipe_itself_is_not_made(toy: Toy, capsys: pytest.CaptureFixture[str]) -> None:
    toy.out.mkdir()
    toy.recipe = toy.recipe.rename(toy.out / "first.json.toml")
    change(toy, (MAKES, 'makes = { score = "first.json.toml" }'))
    assert toy.run() == 1
    assert "an input, the recipe at" in capsys.readouterr().err
    assert toy.recipe.exists()


def test_an_input_may_hold_the_output_folder(toy: Toy) -> None:
    change(toy, ("toy-score {start}", "toy-score {start}/start.json"), ('path = "start.json"', 'path = "."'))
    toy.out = toy.data / "out"
    assert toy.run("--seeds", "1") == 0


@pytest.mark.parametrize("name", ["first.json", "second-0.json", "results.json", "results.md", "scores.png"])
def test_what_the_experiment_did_not_make_stays(toy: Toy, capsys: pytest.CaptureFixture[str], name: str) -> None:
    toy.out.mkdir()
    theirs = toy.out / name
    theirs.write_text(KEPT, "utf-8")
    for options in (["--dry-run"], []):
        assert toy.run(*options) == 1
        assert "move it, or name another folder with -o" in capsys.readouterr().err
    assert theirs.read_text("utf-8") == KEPT
    theirs.unlink()
    assert toy.run("--dry-run") == 0


def test_a_folder_of_the_users_stays(toy: Toy, capsys: pytest.CaptureFixture[str]) -> None:
    theirs = toy.out / "folder" / "letter.txt"
    theirs.parent.mkdir(parents=True)
    theirs.write_text(KEPT, "utf-8")
    change(toy, (MAKES, 'makes = { score = "first.json", folder = "folder" }'))
    assert toy.run() == 1
    assert "is in the way of the step first" in capsys.readouterr().err
    assert theirs.read_text("utf-8") == KEPT


def test_what_another_experiment_made_stays(toy: Toy, capsys: pytest.CaptureFixture[str]) -> None:
    assert toy.run() == 0
    before = (toy.out / "first.json").read_text("utf-8")
    toy.recipe = toy.recipe.rename(toy.recipe.with_name("other.toml"))
    change(toy, ("--add {add}", "--add 5{add}"))
    assert toy.run() == 1
    assert 'holds the step first of another experiment, "toy"' in capsys.readouterr().err
    assert (toy.out / "first.json").read_text("utf-8") == before


@pytest.mark.parametrize("record", ["", "[]", "{}", "[" * 100_000, '{"makes": ["second-0.json"]}', '{"makes": 1}'])
def test_a_damaged_record_lets_nothing_be_removed(toy: Toy, record: str) -> None:
    assert toy.run("--only", "first") == 0
    before = (toy.out / "first.json").read_text("utf-8")
    (toy.out / "steps" / "first.json").write_text(record, "utf-8")
    assert toy.run("--only", "first") == 1
    assert (toy.out / "first.json").read_text("utf-8") == before


def test_a_dry_run_lists_what_would_be_removed(toy: Toy, capsys: pytest.CaptureFixture[str]) -> None:
    assert toy.run("--seeds", "1") == 0
    toy.start(9)
    capsys.readouterr()
    assert toy.run("--seeds", "2", "--dry-run") == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("#")]
    assert lines == [
        "# first: to do",
        f"# removes {toy.out / 'first.json'}",
        "# second,seed=0: to do",  # as what it reads will have changed
        f"# removes {toy.out / 'second-0.json'}",
        "# second,seed=1: to do",
    ]
    assert len(toy.calls()) == 2
    assert toy.run("--seeds", "2") == 0
    assert toy.calls() == ["first.json", "second-0.json", "second-1.json"]


@pytest.mark.parametrize(
    ("values", "path"),
    [
        (['"a-b"', '"a"'], "second-{seed}-{other}.json"),
        (['"a/b"', '"a_b"'], "second/{seed}/{other}.json"),
    ],
)
def test_runs_that_would_share_a_file_are_refused(
    toy: Toy, capsys: pytest.CaptureFixture[str], values: list[str], path: str
) -> None:
    change(
        toy,
        ("seed = [0, 1, 2]", f'seed = [{", ".join(values)}]\nother = ["c", "b-c"]'),
        ('over = ["seed"]', 'over = ["seed", "other"]'),
        (" --add {seed}", ""),
        ("second-{seed}.json", path),
        ('from = "second.score",', 'from = "second.score", over = ["other"],'),
    )
    assert toy.run() == 1
    assert "would both write" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["steps/first.json", "steps", "results.json", "results.md", "scores.png"])
def test_no_step_makes_the_experiments_own_files(toy: Toy, capsys: pytest.CaptureFixture[str], name: str) -> None:
    change(toy, (MAKES, f'makes = {{ score = "{name}" }}'))
    assert toy.run() == 1
    assert "is where the experiment's own records and results are" in capsys.readouterr().err


# The commands of steps


@pytest.mark.parametrize(
    "run",
    [
        "install x -o {score}",
        "'install' x {score}",
        '"install" x {score}',
        "in''stall x {score}",
        "[install] x {score}",
        "{add} x {score}",
        "{seed-command.name} x {score}",
        "uninstall -y x {score}",
        "reproduce table1 -o {score}",
        "plugins --all {score}",
        "models {score}",
        "ontology show {score}",
        "--debug toy-score {start} -o {score}",
        "--plugins-dir elsewhere toy-score {start} -o {score}",
        "evaluate -h captions {score}",
        "toy-other {score}",
    ],
)
def test_a_step_runs_only_commands_that_allow_it(toy: Toy, capsys: pytest.CaptureFixture[str], run: str) -> None:
    other = PLUGIN.replace("    @recipe_step\n", "").replace("toy-score", "toy-other").replace("toy_score", "toy_other")
    (toy.plugins / "other.py").write_text(other, "utf-8")
    fields = '[axes.seed-command]\nsome = { name = "install" }\n'
    over, path = ('over = ["seed-command"]\n', "{seed-command}.json") if "seed-command" in run else ("", "first.json")
    change(
        toy,
        ('run = "toy-score {start} --add {add} -o {score} [--limit {limit}]"', f"{over}run = {json.dumps(run)}"),
        ("first.json", path),
        ("[steps.first]", f"{fields}\n[steps.first]"),
        ('default = "1"', 'default = "install"'),
        ("{first.score}", "{start}"),
        ('from = "first.score"', 'from = "first.score"' + (', over = ["seed-command"]' if over else "")),
    )
    assert toy.run() == 1
    said = capsys.readouterr().err
    assert re.search(r"The step first(,seed-command=some)? may not run '", said), said
    assert not toy.out.exists()


@pytest.mark.parametrize(
    ("run", "said"),
    [
        ("", "has no whole command"),
        (" ", "has no whole command"),
        ("[--limit {limit}]", "has no whole command"),
        ("evaluate", "has no whole command"),
        ("''", "is no command of sentikit"),
        ("evaluate nothing", "is no command of sentikit"),
        ("toy-score '{start} -o {score}", "has a quote that is not closed"),
        ('toy-score "', "has a quote that is not closed"),
        ("toy-score {sta[]t} -o {score}", "which nothing gives"),
        ("toy-score {sta''t} -o {score}", "which nothing gives"),
        ("toy-score \\", "has a quote that is not closed"),
        ("toy-score \0 -o {score}", "has a NUL character"),
    ],
)
def test_a_step_without_a_sound_command_is_named(
    toy: Toy, capsys: pytest.CaptureFixture[str], run: str, said: str
) -> None:
    change(toy, ('"toy-score {start} --add {add} -o {score} [--limit {limit}]"', json.dumps(run)))
    assert toy.run() == 1
    assert said in capsys.readouterr().err


def test_the_arguments_of_a_step_that_goes_on_are_checked_too(toy: Toy, capsys: pytest.CaptureFixture[str]) -> None:
    change(toy, (MAKES, f"{MAKES}\nresume = '--resumed'"))
    assert toy.run() == 1
    assert "is no command of sentikit: No such option" in capsys.readouterr().err


def test_the_decorator_stands_above_the_command() -> None:
    with pytest.raises(TypeError, match="stands above"):
        recipe_step(lambda: None)  # type: ignore[type-var]


def test_commands_of_the_engine_that_experiments_may_run(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not [name for name in ("install", "uninstall", "reproduce", "plugins") if _allowed(cli.commands[name])]
    assert all(_allowed(cli.commands[name]) for name in ("tag", "caption", "update-captions", "report", "merge-packs"))


def _allowed(command: click.Command) -> bool:
    return bool(getattr(command, "sentikit_recipe_step", False))


# What no recipe may hold


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("seed = [0, 1, 2]", "seed = [[0], [1]]", "axes.seed must be text or a number, not a list of 1"),
        ("seed = [0, 1, 2]", "seed = [2024-01-31]", "axes.seed must be text or a number, not 2024-01-31"),
        ("seed = [0, 1, 2]", "seed = [07:30:00]", "axes.seed must be text or a number, not 07:30:00"),
        ("seed = [0, 1, 2]", f"seed = [0x{'f' * 5000}]", "not a number of more than 60 digits"),
        ("seed = [0, 1, 2]", f"seed = [{'9' * 5000}]", "holds a number of more than 4,300 digits"),
        ("seed = [0, 1, 2]", "seed = []", "axes.seed needs values, each once"),
        ("seed = [0, 1, 2]", "seed = {}", "axes.seed needs values, each once"),
        ("seed = [0, 1, 2]", "Seed = [1]", "\"Seed\" of 'axes' is not lower case"),
        ("seed = [0, 1, 2]", f"seed = {'[' * 5000}", "nested too deeply"),
        ("seed = [0, 1, 2]", f"seed = {list(range(3000))}", "asks for 3,001 runs of its steps: at most 2,000"),
        ("seed = [0, 1, 2]", "seed = { a = { x = '{no}' } }", "axes.seed.a has {no}, which is no input or option"),
        ("seed = [0, 1, 2]", f"seed = [0]\n{'a.' * 50_000}a = 1", "it has more than 100 dots"),
        ('title = "Toy', f'title = """{"x" * 600_000}""" #', "characters: at most 500,000 are read"),
        ('title = "Toy', f'title = """{"x" * 30_000}""" #', "'title' of the recipe has 30,000 characters"),
        ('title = "Toy', 'title = "\\u0000', "'title' of the recipe has a NUL character"),
        ("first.json", f"{'x' * 201}", "which has a name of more than 200 bytes"),
        ("values = { score = 7 }", "values = { score = inf }", "must be a number below 1e100, not Infinity"),
        ("values = { score = 7 }", f"values = {{ score = 1{'0' * 400} }}", "must be a number below 1e100"),
        ('format = ".2f"', 'format = ".999999999f"', "is none for a number"),
        ('format = ".2f"', 'format = "999999999f"', "is none for a number"),
        ("words = { k = 1 }", "words = { k = [1] }", "'k' in 'words' of the row 'second' must be text or a number"),
        ("{ k = \"{k}\" }", "{ k = [1] }", "a path of a column of tables.scores must be text or a number"),
        ('["list", 0, "v"]', f"[0x{'f' * 5000}]", "not a number of more than 60 digits"),
        ('rows = [', 'rows = [5, ', "a row of tables.scores must be a table, not 5"),
    ],
)  # fmt: skip
def test_odd_values_are_named(toy: Toy, capsys: pytest.CaptureFixture[str], old: str, new: str, said: str) -> None:
    change(toy, (old, new))
    assert toy.run("--dry-run") == 1
    error = capsys.readouterr().err
    assert said in error or (said == "not a number of more than 60 digits" and "holds a number of more" in error)
    assert error.count("\n") == 1
    assert len(error) < 2500


ODD_RESULTS = {
    '{"score": NaN}': "which is no number that fits, for the column 'score'",
    '{"score": 1e999}': "which is no number that fits",
    f'{{"score": {"9" * 400}}}': "which is no number that fits",
    '{"score": "7"}': "which is no number that fits",
    "[" * 100_000: "is not sound JSON",
    "\x00": "is not sound JSON",
    '{"score": 7, "list": 5}': "has nothing at ['list', {'k': '{k}'}]",
    '{"score": 7, "list": [5, null, [1]]}': "has nothing at ['list', {'k': '{k}'}]",
    '{"score": 1e99, "list": [{"k": 1, "v": 1e-99}]}': "which no table can show",
}


def test_odd_results_are_named(toy: Toy, capsys: pytest.CaptureFixture[str]) -> None:
    assert toy.run("--seeds", "1") == 0
    for wrote, said in ODD_RESULTS.items():
        (toy.out / "second-0.json").write_text(wrote, "utf-8")
        capsys.readouterr()
        assert toy.run("--seeds", "1") == 1
        error = capsys.readouterr().err
        assert said in error
        assert "Unexpected" not in error


def test_seeds_cannot_replace_seeds_with_fields(toy: Toy, capsys: pytest.CaptureFixture[str]) -> None:
    change(toy, ("seed = [0, 1, 2]", "seed = { one = { x = '1' } }"), ("--add {seed}", "--add {seed.x}"))
    assert toy.run("--seeds", "2") == 2
    assert "leave --seeds out" in capsys.readouterr().err
    assert toy.run("--dry-run") == 0


@pytest.mark.parametrize(("option", "code"), [("--seeds=3000", 2), ("--input=start=", 2), ("-Oadd=\udcff", 1)])
def test_odd_options_are_named(toy: Toy, capsys: pytest.CaptureFixture[str], option: str, code: int) -> None:
    assert toy.run(option, "--dry-run") == code
    assert "Unexpected" not in capsys.readouterr().err


def test_names_that_are_not_utf8_reach_the_results(toy: Toy) -> None:
    word = 'word = { default = "", help = "a word" }'
    change(toy, ("[options]", f"[options]\n{word}"))
    assert toy.run("--seeds", "1", "-O", "word=\udcff") == 0
    assert json.loads((toy.out / "results.json").read_text("utf-8"))["options"]["word"] == "\udcff"
    assert "word = \\udcff" in (toy.out / "results.md").read_text("utf-8")


@pytest.mark.parametrize("name", ["results.json", "results.md", "scores.png", "steps/first.json", "steps/first.log"])
def test_files_of_the_same_names_are_not_replaced(toy: Toy, capsys: pytest.CaptureFixture[str], name: str) -> None:
    """Others have a folder called steps, too."""
    (toy.out / "steps").mkdir(parents=True)
    (toy.out / name).write_text(KEPT, "utf-8")
    assert toy.run("--seeds", "1") == 1
    assert "is no experiment's" in capsys.readouterr().err
    assert (toy.out / name).read_text("utf-8") == KEPT
    assert toy.calls() == []
