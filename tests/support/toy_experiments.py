"""Experiments whose steps take no time: a command that writes a number, and recipes of it."""

from __future__ import annotations

import json
from pathlib import Path

from sentikit.cli import run

PLUGIN = """
import json, time
from pathlib import Path
import click
from sentikit import hookimpl
from sentikit.commands.recipes import recipe_step

@hookimpl
def register_commands(cli):
    @recipe_step
    @cli.command("toy-score")
    @click.argument("source", type=click.Path(path_type=Path))
    @click.option("--add", type=float, default=0.0)
    @click.option("--slow", type=float, default=0.0)
    @click.option("--limit", type=int)
    @click.option("--resume", is_flag=True)
    @click.option("-o", "--output", type=click.Path(path_type=Path), required=True)
    def toy_score(source, add, slow, limit, resume, output):
        begun = output.with_suffix(".part")
        assert resume or not output.exists()
        begun.write_text("begun")
        time.sleep(0 if resume else slow)
        start = json.loads(source.read_text())["score"]
        with (output.parent / "calls.txt").open("a") as calls:
            calls.write(output.name + (" resumed" if resume else "") + "\\n")
        output.write_text(json.dumps({"score": start + add, "limit": limit, "list": [{"k": 1, "v": 0.5}]}))
"""

RECIPE = """
title = "Toy scores"
paper = "They added."

[inputs]
start = { path = "start.json", help = "a number to start from" }

[options]
add = { default = "1", help = "what to add" }

[axes]
seed = [0, 1, 2]

[steps.first]
run = "toy-score {start} --add {add} -o {score} [--limit {limit}]"
makes = { score = "first.json" }

[steps.second]
over = ["seed"]
run = "toy-score {first.score} --add {seed} -o {score}"
makes = { score = "second-{seed}.json" }

[tables.scores]
title = "Scores"
columns = [
    { name = "score", path = ["score"], format = ".2f" },
    { name = "listed", path = ["list", { k = "{k}" }, "v"], format = ".0%" },
    { name = "per start", path = ["score"], per = ["list", 0, "v"], scale = 10, format = ".1f" },
]
rows = [
    { label = "theirs", kind = "paper", values = { score = 7 } },
    { label = "second", kind = "ours", from = "second.score", words = { k = 1 } },
    { label = "first", kind = "baseline", from = "first.score" },
]
plot = ["score"]
"""


class Toy:
    """A folder with the command's plugin, the data, a recipe, and what is run of it."""

    def __init__(self, folder: Path, recipe: str = RECIPE) -> None:
        self.plugins, self.data, self.out = folder / "plugins", folder / "my data", folder / "out"
        self.recipe = folder / "toy.toml"
        self.plugins.mkdir()
        self.data.mkdir()
        (self.plugins / "toy_score.py").write_text(PLUGIN, "utf-8")
        self.start(4)
        self.recipe.write_text(recipe, "utf-8")

    def start(self, score: float) -> None:
        """Write the input."""
        (self.data / "start.json").write_text(json.dumps({"score": score}), "utf-8")

    @property
    def arguments(self) -> list[str]:
        """Of the whole run, without options."""
        plugins = ["--plugins-dir", str(self.plugins)]
        return [*plugins, "reproduce", str(self.recipe), "--data", str(self.data), "-o", str(self.out)]

    def run(self, *options: str) -> int:
        """The exit code of `sentikit reproduce`."""
        return run([*self.arguments, *options])

    def calls(self) -> list[str]:
        """The files that the command wrote since the last time, in order."""
        file = self.out / "calls.txt"
        found = file.read_text("utf-8").splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return found

    def cells(self) -> dict[str, dict[str, dict[str, object]]]:
        """The cells of results.json, by row and column."""
        document = json.loads((self.out / "results.json").read_text("utf-8"))
        return {row["label"]: row["cells"] for row in document["tables"]["scores"]["rows"]}
