"""An empty argument, as an unset variable of the shell gives it, is no name: never the current folder."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from sentikit.cli import cli, run
from sentikit.commands.photo_folder import NamedPath


def commands(group: click.Group, context: click.Context, name: str = "") -> Iterator[tuple[str, click.Command]]:
    """All commands, those of plugins too, with their whole names."""
    for part in group.list_commands(context):
        command = group.get_command(context, part)
        assert command is not None
        if isinstance(command, click.Group):
            inner = click.Context(command, parent=context, info_name=part)
            yield from commands(command, inner, f"{name}{part} ")
        else:
            yield f"{name}{part}", command


def test_every_option_that_is_a_path_refuses_nothing() -> None:
    context = click.Context(cli)
    context.params = {}
    seen = 0
    for name, command in commands(cli, context):
        for parameter in command.params:
            if isinstance(parameter.type, click.Path):
                seen += 1
                assert isinstance(parameter.type, NamedPath), f"{name}: {parameter.name}"
    assert seen > 60


@pytest.mark.parametrize(
    "command",
    [
        "update-captions _", "restore-captions _", "check _", "models --pack _", "tag x.jpg --of _", "tag x.jpg -o _",
        "caption x.jpg --denylist _", "update-captions x.json --tags y.jsonl --tagger _", "ontology show _",
        "evaluate captions _ x.json", "merge-packs _ -o x", "train softmax p --val p -o x --prior _",
        "train softmax p --val p -o x --init _", "train softmax p --val p -o x --encoder _",
    ],
)  # fmt: skip
def test_it_is_wrong_usage(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["" if word == "_" else word for word in command.split()]) == 2
    assert "Unexpected" not in capsys.readouterr().err
