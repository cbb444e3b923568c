"""Loading plugins, their options, and the commands that list and install them."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.plugin_packages import Environment, write_wheel

from sentikit import PLUGIN_API, MissingExtraError, Option, PluginError, UsageError
from sentikit.cli import cli, run
from sentikit.plugin.assigning import assign_options
from sentikit.plugin.kinds import KINDS, REWRITER, Component
from sentikit.plugin.loader import HOOKS, Plugins, load_plugins

ECHO = """
from sentikit import Option, Rewrite, hookimpl

class Echo:
    default_max_edits = None

    def __init__(self, **options):
        self.options = options

    def rewrite(self, items):
        return (Rewrite(caption.text) for caption, tags in items)

@hookimpl
def register_rewriters(register):
    register(
        "echo",
        Echo,
        summary="Changes nothing",
        options=[
            Option("how-often", int, 1, "times it is said"),
            Option("loud", bool, False, "in capitals"),
            Option("style", str, None, "of the letters", ("plain", "round")),
        ],
    )
"""

Load = Callable[..., Plugins]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Loads the bundled plugins and the given ones, each a file; keywords are environment variables."""

    def loaded(*sources: str, **environ: str) -> Plugins:
        for number, source in enumerate(sources):
            (tmp_path / f"plugin{number}.py").write_text(source, "utf-8")
        return load_plugins(tmp_path, cli.commands, {"SENTIKIT_LOAD_PLUGINS": ""} | environ)

    return loaded


def factory_of(body: str, options: str = "") -> str:
    """A plugin whose rewriter's factory has this body."""
    return (
        f"from sentikit import *\ndef make(**options):\n    {body}\n"
        f"@hookimpl\ndef register_rewriters(register):\n    register('made', make, summary='s', options=[{options}])\n"
    )


# Loading


def test_every_bundled_plugin_loads(load: Load) -> None:
    loaded = load()
    assert loaded.problems == []
    assert loaded.plugins
    assert all(plugin.bundled for plugin in loaded.plugins)


def test_bundled_plugins_come_first_then_files_by_name(load: Load) -> None:
    loaded = load(ECHO, ECHO.replace('"echo"', '"again"'))
    order = [plugin.bundled for plugin in loaded.plugins]
    assert order == sorted(order, reverse=True)
    assert [plugin.name for plugin in loaded.plugins[-2:]] == ["plugin0", "plugin1"]
    assert loaded.names(REWRITER)[-2:] == ["echo", "again"]


def test_files_that_begin_with_an_underscore_are_not_plugins(tmp_path: Path, load: Load) -> None:
    (tmp_path / "_helper.py").write_text("raise RuntimeError", "utf-8")
    assert load().problems == []


def test_a_plugins_folder_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["--plugins-dir", str(tmp_path / "none"), "plugins"]) == 2
    assert "The plugins folder" in capsys.readouterr().err


def test_plugins_dir_can_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.py").write_text(ECHO, "utf-8")
    monkeypatch.setenv("SENTIKIT_PLUGINS_DIR", str(tmp_path))
    assert run(["plugins", "echo"]) == 0
    assert "rewriter echo: Changes nothing" in capsys.readouterr().out


def test_factories_are_called_on_first_use_only(load: Load) -> None:
    loaded = load(factory_of("raise AssertionError('called')"))
    assert loaded.get(REWRITER, "made").name == "made"


def test_an_unknown_component_is_answered_with_the_nearest_name(load: Load) -> None:
    loaded = load(ECHO)
    with pytest.raises(UsageError, match=r"There is no rewriter 'ecko'\. Did you mean 'echo'\?"):
        loaded.get(REWRITER, "ecko")


def test_optional_hooks_of_other_versions_are_allowed(load: Load) -> None:
    loaded = load(ECHO + "\n@hookimpl(optionalhook=True)\ndef register_of_tomorrow(register): ...\n")
    assert loaded.problems == []
    assert loaded.plugins[-1].hooks == ("register_rewriters",)


# Making components


def test_a_component_gets_every_option_as_a_keyword(load: Load) -> None:
    echo = load(ECHO).get(REWRITER, "echo")
    assert echo.create().options == {"how_often": 1, "loud": False, "style": None}
    made = echo.create({"how-often": "3", "loud": "yes", "style": "round"})
    assert made.options == {"how_often": 3, "loud": True, "style": "round"}


def test_ready_values_replace_those_of_options(load: Load) -> None:
    assert load(ECHO).get(REWRITER, "echo").create({"how-often": "3"}, how_often=4).options["how_often"] == 4


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("raise KeyError('lost')", "KeyError: 'lost'"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("import module_that_is_not_there", "ModuleNotFoundError: No module named 'module_that_is_not_there'"),
    ],
)
def test_a_factory_that_fails_is_a_sentence(load: Load, tmp_path: Path, body: str, reason: str) -> None:
    component = load(factory_of(body)).get(REWRITER, "made")
    with pytest.raises(PluginError) as caught:
        component.create()
    assert str(caught.value) == f"The rewriter 'made' of {tmp_path / 'plugin0.py'} failed to start: {reason}."


def test_a_factory_may_say_what_is_missing(load: Load) -> None:
    component = load(factory_of("raise MissingExtraError('METEOR', 'eval')")).get(REWRITER, "made")
    with pytest.raises(MissingExtraError, match=r"pip install 'sentikit-captions\[eval\]'"):
        component.create()


def test_a_factory_that_makes_the_wrong_thing_is_told_what_lacks(load: Load) -> None:
    component = load(factory_of("return object()")).get(REWRITER, "made")
    with pytest.raises(PluginError, match="lacks default_max_edits, rewrite"):
        component.create()


# Options


@pytest.mark.parametrize(
    ("option", "text", "value"),
    [
        (Option("n", int, 1, "h"), "-7", -7),
        (Option("n", float, 1, "h"), "1e-3", 0.001),
        (Option("n", bool, False, "h"), "On", True),
        (Option("n", bool, False, "h"), "0", False),
        (Option("n", str, None, "h"), "a=b c", "a=b c"),
        (Option("n", Path, None, "h"), "a/b", Path("a/b")),
        (Option("n", int, 1, "h", (1, 2)), "2", 2),
    ],
)
def test_an_option_parses_its_type(option: Option, text: str, value: object) -> None:
    assert option.parse(text) == value
    assert type(option.parse(text)) is type(value) or isinstance(value, Path)


@pytest.mark.parametrize(
    ("option", "text", "sentence"),
    [
        (Option("n", int, 1, "h"), "1.5", "The option 'n' takes a whole number, not '1.5'."),
        (Option("n", float, 1, "h"), "nan", "The option 'n' must be a number, not nan."),
        (Option("n", Path, None, "h"), "", "The option 'n' is empty: name "),
        (Option("n", float, 1, "h"), "much", "The option 'n' takes a number, not 'much'."),
        (Option("n", bool, False, "h"), "maybe", "The option 'n' takes true or false, not 'maybe'."),
        (Option("n", str, "a", "h", ("a", "b")), "c", "The option 'n' takes one of a, b, not 'c'."),
    ],
)
def test_a_wrong_value_is_a_sentence(option: Option, text: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=re.escape(sentence)):
        option.parse(text)


@given(st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.booleans() | st.text())
def test_a_default_reads_as_it_is_shown(value: Any) -> None:
    option = Option("n", type(value), value, "h")
    assert option.parse(option.default_text()) == value


@pytest.mark.parametrize(
    "arguments",
    [
        ("Name", int, 1),
        ("my_name", int, 1),
        ("n", list, None),
        ("n", int, "1"),
        ("n", str, "c", "h", ("a", "b")),
        ("n", str, "a", "h", ("a", 1)),
    ],
)
def test_an_option_that_does_not_fit_together_is_refused(arguments: tuple[Any, ...]) -> None:
    with pytest.raises((TypeError, ValueError)):
        Option(*(arguments if len(arguments) > 3 else (*arguments, "help")))


def component(kind: str, name: str, *options: str) -> Component:
    (found,) = [one for one in KINDS if one.name == kind]
    return Component(found, name, dict, "s", tuple(Option(option, int, 1, "h") for option in options), "d")


TAGGER, COMBINER = component("tagger", "seer", "size", "beams"), component("combiner", "joiner", "beams", "weight")


def test_an_option_goes_to_the_component_that_has_it() -> None:
    assigned = assign_options(["size=3", "weight=4", "size=5"], [TAGGER, COMBINER])
    assert assigned == {TAGGER: {"size": "5"}, COMBINER: {"weight": "4"}}


def test_an_option_of_two_components_says_whose_it_is() -> None:
    with pytest.raises(UsageError) as caught:
        assign_options(["beams=3"], [TAGGER, COMBINER])
    assert str(caught.value) == (
        "The option 'beams' is one of the tagger 'seer' and of the combiner 'joiner': "
        "write -O seer.beams=VALUE or -O joiner.beams=VALUE."
    )
    assigned = assign_options(["seer.beams=3", "combiner.beams=4"], [TAGGER, COMBINER])
    assert assigned == {TAGGER: {"beams": "3"}, COMBINER: {"beams": "4"}}


def test_components_of_the_same_name_are_told_apart_by_kind() -> None:
    twins = [component("tagger", "twin", "beams"), component("captioner", "twin", "beams")]
    with pytest.raises(UsageError, match=r"write -O tagger\.beams=VALUE or -O captioner\.beams=VALUE"):
        assign_options(["twin.beams=3"], twins)
    assert assign_options(["captioner.beams=3"], twins)[twins[1]] == {"beams": "3"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "depth=3",
            "There is no option 'depth': the tagger 'seer' has the options size=1 (int), beams=1 (int); "
            "the combiner 'joiner' has the options beams=1 (int), weight=1 (int).",
        ),
        (
            "seer.weight=3",
            "There is no option 'seer.weight': the tagger 'seer' has the options size=1 (int), beams=1 (int).",
        ),
        ("size", "-O takes NAME=VALUE, not 'size'."),
        ("size=big", "The option 'size' takes a whole number, not 'big'."),
    ],
)
def test_a_wrong_option_is_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        assign_options([text], [TAGGER, COMBINER])
    assert str(caught.value) == sentence


def test_no_components_have_no_options() -> None:
    with pytest.raises(UsageError, match="the metric 'm' has no options"):
        assign_options(["size=3"], [component("metric", "m")])


# sentikit plugins


@pytest.fixture
def sentikit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs the command with the plugin `mine` beside the bundled ones: its exit code, stdout and stderr."""
    monkeypatch.setenv("SENTIKIT_LOAD_PLUGINS", "")
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "mine.py").write_text(ECHO, "utf-8")

    def called(*arguments: str, files: str | None = "") -> tuple[int, str, str]:
        if files:
            (folder / "other.py").write_text(files, "utf-8")
        code = run([*(["--plugins-dir", str(folder)] if files is not None else []), *arguments])
        return code, *capsys.readouterr()

    return called


def test_plugins_lists_the_installed_ones(sentikit: Any, tmp_path: Path) -> None:
    assert sentikit("plugins") == (0, f"mine\t{tmp_path / 'plugins' / 'mine.py'}\t\trewriter echo\n", "")


def test_plugins_all_includes_the_bundled_ones(sentikit: Any) -> None:
    code, out, _ = sentikit("plugins", "--all")
    rows = [line.split("\t") for line in out.splitlines()]
    assert code == 0
    assert [len(row) for row in rows] == [4] * len(rows)
    assert rows[-1][0] == "mine"
    assert {row[1] for row in rows[:-1]} == {"sentikit-captions"}


def test_plugins_shows_the_bundled_ones_where_there_are_no_others(sentikit: Any) -> None:
    code, out, err = sentikit("plugins", files=None)
    assert (code, err) == (0, "Only bundled plugins are installed:\n")
    assert out == sentikit("plugins", "--all", files=None)[1]
    for options in (("--json",), ("--hook", "register_rewriters")):
        assert sentikit("plugins", *options, files=None)[2] == ""


def test_plugins_are_a_table_on_a_terminal(sentikit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setenv("TERM", "dumb")
    _, out, _ = sentikit("plugins")
    assert re.search(r"plugin +distribution +version +registers", out)
    assert "\t" not in out


def test_plugins_of_a_hook(sentikit: Any) -> None:
    code, out, _ = sentikit("plugins", "--hook", "register_rewriters")
    assert (code, out.count("\n")) == (0, 1)
    assert "mine" not in sentikit("plugins", "--hook", "register_metrics")[1]


def test_an_unknown_hook_is_answered_with_the_hooks(sentikit: Any) -> None:
    code, _, err = sentikit("plugins", "--hook", "register_rewriter")
    assert code == 2
    assert err == f"Error: There is no hook 'register_rewriter'; the hooks are {', '.join(HOOKS)}.\n"


@pytest.mark.parametrize("name", ["echo", "mine"])
def test_plugins_shows_one_with_its_options(sentikit: Any, name: str) -> None:
    code, out, _ = sentikit("plugins", name)
    assert code == 0
    assert out.splitlines()[1:] == [
        "",
        "rewriter echo: Changes nothing",
        "  -O how-often=int      default 1      times it is said",
        "  -O loud=bool          default false  in capitals",
        "  -O style=plain|round  default none   of the letters",
    ]


WEIGHTY = """
from sentikit import Option, hookimpl

@hookimpl
def register_captioners(register):
    register("heavy", dict, summary="knows much", options=[Option("beams", int, 5, "of a search")], weights=True)

@hookimpl
def register_encoders(register):
    register("lens", dict, summary="sees much", weights=True, default=True)
"""


def test_plugins_shows_where_weights_come_from(sentikit: Any) -> None:
    assert sentikit("plugins", "heavy", files=WEIGHTY)[1].splitlines()[2:] == [
        "captioner heavy: knows much",
        "  weights: from a pack (--pack)",
        "  -O beams=int  default 5  of a search",
    ]
    assert sentikit("plugins", "lens", files=WEIGHTY)[1].splitlines()[2:] == [
        "encoder lens: sees much",
        "  weights: imagenet, random (--init), or from a pack",
    ]
    (plugin,) = json.loads(sentikit("plugins", "lens", "--json", files=WEIGHTY)[1])["plugins"]
    assert (plugin["components"][0]["weights"], plugin["components"][0]["default"]) == (True, True)


@pytest.mark.parametrize("arguments", [(), ("echo",), ("--all",), ("--json",), ("--hook", "register_rewriters")])
def test_plugins_is_short_for_plugins_list(sentikit: Any, arguments: tuple[str, ...]) -> None:
    assert sentikit("plugins", *arguments) == sentikit("plugins", "list", *arguments)


def test_plugins_is_a_group_with_its_own_help(sentikit: Any) -> None:
    code, out, _ = sentikit("plugins", "--help")
    assert code == 0
    assert "list" in out
    assert "--hook" in sentikit("plugins", "list", "--help")[1]


# The version of the interface, and defaults


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        ("99", f"it needs plugin API 99 and this sentikit has {PLUGIN_API}: update sentikit"),
        ("1", f"it needs plugin API 1 and this sentikit has {PLUGIN_API}: update the plugin"),
        ("'2'", f"its plugin_api is '2', not a whole number such as {PLUGIN_API}"),
    ],
)
def test_a_plugin_for_another_version_is_left_out_by_name(
    load: Load, tmp_path: Path, version: str, reason: str
) -> None:
    loaded = load(ECHO, f"plugin_api = {version}\n" + ECHO.replace('"echo"', '"again"'))
    (problem,) = loaded.problems
    assert (problem.plugin, problem.reason) == ("plugin1", reason)
    assert str(problem) == f"plugin 'plugin1' of {tmp_path / 'plugin1.py'} is left out: {reason}"
    assert "again" not in loaded.names(REWRITER)


def test_a_plugin_for_this_version_loads(load: Load) -> None:
    assert load(f"plugin_api = {PLUGIN_API}\n" + ECHO).problems == []


def test_the_first_default_is_used_or_else_the_first_component(load: Load) -> None:
    first, second = ECHO, ECHO.replace('"echo"', '"again"').replace('summary="', 'default=True, summary="')
    bundled = load(first).default(REWRITER)
    assert bundled == "spacy-lemma"
    assert load(first, second).default(REWRITER) == "spacy-lemma"
    bare = Plugins(
        components={key: one for key, one in load(first, second).components.items() if key[1] in ("echo", "again")}
    )
    assert bare.default(REWRITER) == "again"
    assert Plugins().default(REWRITER) is None


def test_help_shows_the_default_that_was_registered(sentikit: Any) -> None:
    assert re.search(
        r"--combiner NAME\|none .*\[default: noun-forcing\]", " ".join(sentikit("caption", "--help")[1].split())
    )
    assert re.search(
        r"--rewriter .*\[default: spacy-lemma\]", " ".join(sentikit("update-captions", "--help")[1].split())
    )


@pytest.mark.parametrize(
    ("hook", "arguments", "reason"),
    [
        ("rewriters", "weights=True", "has weights=True, which is for taggers, captioners and encoders"),
        ("taggers", "weights=True, options=[Option('weights', int, 1, 'w')]", "which weights=True gives already"),
    ],
)
def test_weights_where_they_cannot_be_are_refused(load: Load, hook: str, arguments: str, reason: str) -> None:
    loaded = load(
        f"from sentikit import *\n@hookimpl\ndef register_{hook}(register):\n"
        f"    register('heavy', dict, summary='s', {arguments})\n"
    )
    assert reason in loaded.problems[0].reason


def test_an_unknown_name_is_answered_with_the_nearest(sentikit: Any) -> None:
    code, _, err = sentikit("plugins", "eco")
    assert (code, "did you mean 'echo'?" in err) == (2, True)


def test_plugins_as_json_hold_everything(sentikit: Any) -> None:
    code, out, _ = sentikit("plugins", "echo", "--json")
    (plugin,) = json.loads(out)["plugins"]
    assert code == 0
    assert (plugin["name"], plugin["bundled"], plugin["hooks"]) == ("mine", False, ["register_rewriters"])
    (found,) = plugin["components"]
    assert (found["kind"], found["name"], found["summary"]) == ("rewriter", "echo", "Changes nothing")
    assert found["options"][2] == {
        "name": "style",
        "type": "str",
        "default": None,
        "choices": ["plain", "round"],
        "help": "of the letters",
    }


def test_a_broken_plugin_is_listed_with_its_reason_and_the_list_succeeds(sentikit: Any) -> None:
    code, out, err = sentikit("plugins", files="import nowhere_to_be_found")
    assert (code, err) == (0, "")
    assert out.splitlines()[1].endswith("left out: ModuleNotFoundError: No module named 'nowhere_to_be_found'")
    assert "No module named" in sentikit("plugins", "other")[1]
    assert json.loads(sentikit("plugins", "--json")[1])["problems"][0]["plugin"] == "other"


# Commands of plugins

HELLO = """
import click
from sentikit import hookimpl
from sentikit.plugin.kinds import REWRITER

@hookimpl
def register_commands(cli):
    @cli.command("{name}")
    @click.pass_obj
    def hello(app):
        "Say hello."
        click.echo("echo" in app.plugins.names(REWRITER))
        return "not an exit code"
"""


def test_a_plugin_adds_a_command(sentikit: Any) -> None:
    assert sentikit("hello", files=HELLO.format(name="hello")) == (0, "True\n", "")
    assert re.search(r"hello +Say hello\.", sentikit("--help")[1])
    assert "command hello: see sentikit hello --help" in sentikit("plugins", "other")[1]


def test_a_command_that_exists_already_is_not_replaced(sentikit: Any) -> None:
    code, out, _ = sentikit("plugins", files=HELLO.format(name="plugins"))
    assert code == 0
    assert "left out: the command 'plugins' is already registered by sentikit-captions" in out


def test_of_two_commands_of_a_name_the_first_stays(load: Load, tmp_path: Path) -> None:
    loaded = load(HELLO.format(name="hello"), HELLO.format(name="hello"))
    assert [problem.plugin for problem in loaded.problems] == ["plugin1"]
    assert loaded.problems[0].reason == f"the command 'hello' is already registered by {tmp_path / 'plugin0.py'}"


def test_an_unknown_command_is_wrong_usage(sentikit: Any) -> None:
    code, out, err = sentikit("hullo")
    assert (code, out) == (2, "")
    assert "No such command 'hullo'" in err


# sentikit install and uninstall


def test_install_names_the_new_plugins_and_uninstall_removes_them(tmp_path: Path) -> None:
    environment = Environment.create(tmp_path / "env")
    wheel = write_wheel(tmp_path, "sentikit-echo", {"sentikit_echo.py": ECHO}, {"echo": "sentikit_echo"})

    installed = environment.sentikit("install", "--quiet", "--no-cache-dir", str(wheel))
    assert installed.returncode == 0
    assert "New plugin echo of sentikit-echo: rewriter echo.\n" in installed.stderr
    assert environment.sentikit("plugins").stdout == "echo\tsentikit-echo\t1.0\trewriter echo\n"

    again = environment.sentikit("install", "--quiet", str(wheel))
    assert (again.returncode, again.stderr.splitlines()[-1]) == (0, "No new plugin was installed.")

    assert environment.sentikit("uninstall", "-y", "sentikit-echo").returncode == 0
    assert "echo" not in environment.sentikit("plugins").stdout


def test_install_says_which_plugin_does_not_load(tmp_path: Path) -> None:
    environment = Environment.create(tmp_path / "env")
    wheel = write_wheel(tmp_path, "sentikit-broken", {"broken.py": "1 / 0"}, {"broken": "broken"})
    installed = environment.sentikit("install", str(wheel), SENTIKIT_STRICT_PLUGINS="1")
    assert installed.returncode == 0
    assert "'broken' of sentikit-broken does not load: ZeroDivisionError: division by zero." in installed.stderr


def test_install_exits_as_pip_does(tmp_path: Path) -> None:
    environment = Environment.create(tmp_path / "env")
    failed = environment.sentikit("install", "--no-such-option-of-pip", "anything")
    assert failed.returncode == 2
    assert "no such option: --no-such-option-of-pip" in failed.stderr
    assert environment.sentikit("install").returncode == 2


@pytest.mark.parametrize("name", ["sentikit-captions", "Sentikit_Captions", "sentikit.captions==1.0"])
def test_uninstall_leaves_sentikit_itself_alone(sentikit: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sentikit.cli.install._pip", lambda *arguments: pytest.fail("pip was run"))
    code, _, err = sentikit("uninstall", "-y", "other", name)
    assert code == 2
    assert err.startswith("Error: sentikit-captions is sentikit itself")


@pytest.mark.parametrize(("terminal", "options"), [(True, ()), (False, ("-y",))])
def test_uninstall_asks_nothing_where_nobody_can_answer(
    sentikit: Any, monkeypatch: pytest.MonkeyPatch, terminal: bool, options: tuple[str, ...]
) -> None:
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr("sentikit.cli.install._pip", lambda *arguments: asked.append(arguments) or 0)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.setattr("sys.stdin.isatty", lambda: terminal, raising=False)
    assert sentikit("uninstall", "sentikit-echo")[0] == 0
    assert asked == [("uninstall", *options, "sentikit-echo")]


def test_without_pip_the_error_says_what_to_do(sentikit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sentikit.cli.install.find_spec", lambda name: None)
    code, _, err = sentikit("uninstall", "anything")
    assert code == 1
    assert "has no pip: run" in err
