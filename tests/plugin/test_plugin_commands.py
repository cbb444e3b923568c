"""Commands that plugins add to groups: to those of the engine, and to those of other plugins."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from support.documents import code_blocks

from sentikit.cli import run

Run = Callable[..., tuple[int, str, str]]
HEAD = "import click\nfrom sentikit import hookimpl, Rewrite\n"


def adds(group: str, *commands: str, options: str = "") -> str:
    """A plugin with commands of a group, each of which prints its name."""
    made = ", ".join(f"click.Command({name!r}, callback=lambda: click.echo({name!r}))" for name in commands)
    return (
        f"{HEAD}@hookimpl\ndef register_commands(cli):\n"
        f"    cli.add_command(click.Group({group!r}, commands=[{made}], help='Of the plugin.'{options}))\n"
    )


@pytest.fixture
def sentikit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command beside plugins, each a file: its exit code, stdout and stderr."""
    monkeypatch.setenv("SENTIKIT_LOAD_PLUGINS", "")

    def called(arguments: str, *sources: str) -> tuple[int, str, str]:
        for number, source in enumerate(sources):
            (tmp_path / f"plugin{number}.py").write_text(source, "utf-8")
        code = run(["--plugins-dir", str(tmp_path), *arguments.split()])
        return code, *capsys.readouterr()

    return called


def problem_of(sentikit: Run, name: str) -> str:
    """The reason why a plugin is left out."""
    listed = json.loads(sentikit("plugins --all --json")[1])
    (reason,) = [problem["reason"] for problem in listed["problems"] if problem["plugin"] == name]
    return str(reason)


def test_a_command_is_added_to_a_group_of_the_engine(sentikit: Run) -> None:
    assert sentikit("evaluate mine", adds("evaluate", "mine")) == (0, "mine\n", "")
    _, shown, _ = sentikit("evaluate --help")
    assert "Evaluate captions and taggers." in shown
    assert "Of the plugin." not in shown
    listed = [line.split()[0] for line in shown.partition("Commands:\n")[2].splitlines()]
    assert {"captions", "mine", "tagger"} <= set(listed)
    assert listed == sorted(listed)


def test_it_is_listed_by_its_full_name(sentikit: Run) -> None:
    _, listed, _ = sentikit("plugins", adds("evaluate", "mine", "yours"))
    assert listed.endswith("command evaluate mine, command evaluate yours\n")
    _, shown, _ = sentikit("plugins plugin0")
    assert "command evaluate mine: see sentikit evaluate mine --help" in shown


def test_several_plugins_add_to_a_group(sentikit: Run) -> None:
    sources = adds("evaluate", "mine"), adds("evaluate", "yours"), adds("ours", "first"), adds("ours", "second")
    for command, printed in (("evaluate mine", "mine"), ("evaluate yours", "yours"), ("ours second", "second")):
        assert sentikit(command, *sources) == (0, f"{printed}\n", "")
    assert sentikit("ours --help")[1].count("Of the plugin.") == 1


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        (
            "",
            adds("evaluate", "mine", "tagger"),
            "the command 'evaluate tagger' is already registered by sentikit-capt",
        ),
        (adds("evaluate", "mine"), adds("evaluate", "also", "mine"), "the command 'evaluate mine' is already regist"),
        (adds("ours", "mine"), adds("ours", "also", "mine"), "the command 'ours mine' is already registered by "),
        ("", adds("train", "mine", "clip-calibration"), "the command 'train clip-calibration' is already registered"),
        ("", adds("check", "mine"), "the command 'check' is already registered by sentikit-captions"),
        ("", adds("evaluate", "mine", options=", params=[click.Option(['--x'])]"), "its group 'evaluate' has options"),
    ],
)
def test_a_plugin_that_cannot_add_its_commands_is_left_out_and_named(
    sentikit: Run, first: str, second: str, reason: str
) -> None:
    rewriter = (
        "@hookimpl\ndef register_rewriters(register):\n    register('unheard', dict, summary='of a broken one')\n"
    )
    code, _, err = sentikit("evaluate also", first or adds("others", "mine"), second + rewriter)
    assert code == 2
    assert f"plugin1.py is left out: {reason}" in err
    assert problem_of(sentikit, "plugin1").startswith(reason)
    assert sentikit("plugins unheard")[0] == 2


def test_the_owner_of_a_taken_name_is_named(sentikit: Run, tmp_path: Path) -> None:
    sentikit("plugins", adds("ours", "mine"), adds("ours", "yours"), adds("ours", "yours"))
    assert problem_of(sentikit, "plugin2") == (
        f"the command 'ours yours' is already registered by {tmp_path / 'plugin1.py'}"
    )


@pytest.mark.parametrize("command", ["evaluate tagger --help", "ontology show --help"])
def test_the_engines_own_commands_load_no_plugin(sentikit: Run, command: str) -> None:
    assert sentikit(command, "raise KeyError('loaded')")[::2] == (0, "")
    assert "KeyError: 'loaded'" in sentikit(f"{command.split()[0]} --help")[2]


def test_the_example_of_the_documentation(sentikit: Run) -> None:
    (source,) = [block for block in code_blocks("plugins.md", "python").values() if 'cli.group("evaluate")' in block]
    code, out, _ = sentikit("evaluate metrics", source)
    assert code == 0
    assert "bleu" in out.splitlines()


def test_shell_completion_knows_the_commands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    variables = {"_SENTIKIT_COMPLETE": "bash_complete", "COMP_WORDS": "sentikit evaluate ", "COMP_CWORD": "2"}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit):
        run([])
    assert {"plain,captions", "plain,tagger"} <= set(capsys.readouterr().out.splitlines())
