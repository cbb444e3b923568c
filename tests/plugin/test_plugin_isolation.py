"""Broken plugins, really installed beside good ones: each is named with its reason, and the rest works."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from support.plugin_packages import Environment, write_wheel


class Broken(NamedTuple):
    """A way of being broken: the plugin's module and the beginning of the reason that is given for it."""

    source: str
    reason: str


HEAD = "from sentikit import *\n\n"
REGISTERS = "@hookimpl\ndef register_metrics(register):\n    "
ONE = "register('{}', dict, summary='s')\n"

BROKEN = {
    "import-error": Broken("import nowhere_to_be_found", "ModuleNotFoundError: No module named 'nowhere_to_be_found'"),
    "syntax-error": Broken("def register(:\n", "SyntaxError: "),
    "exits-at-import": Broken("import sys\nsys.exit(3)", "SystemExit: 3"),
    "exits-in-hook": Broken(HEAD + REGISTERS + "raise SystemExit", "SystemExit"),
    "unknown-hook": Broken(
        HEAD + "@hookimpl\ndef register_rewriter(register): ...",
        "it implements register_rewriter, which is not a hook of sentikit (did you mean register_rewriters?)",
    ),
    "wrong-signature": Broken(
        HEAD + "@hookimpl\ndef register_metrics(registry): ...",
        "its register_metrics takes registry; the hook is register_metrics(register)",
    ),
    "no-hook": Broken("def register_metrics(register): ...", "it has no function marked @sentikit.hookimpl"),
    "raises-in-hook": Broken(HEAD + REGISTERS + ONE.format("half") + "    raise KeyError('half')", "KeyError: 'half'"),
    "name-taken": Broken(
        HEAD + REGISTERS + ONE.format("another") + "    " + ONE.format("good"),
        "the metric 'good' is already registered by a-good-one",
    ),
    "registers-twice": Broken(
        HEAD + REGISTERS + ONE.format("twice") + "    " + ONE.format("twice"), "it registers the metric 'twice' twice"
    ),
    "bad-name": Broken(
        HEAD + REGISTERS + ONE.format("My Metric"),
        "the metric's name 'My Metric' is not lower-case words joined by hyphens",
    ),
    "bad-factory": Broken(
        HEAD + REGISTERS + "register('m', 'dict', summary='s')", "the factory of the metric 'm' is not callable"
    ),
    "no-summary": Broken(HEAD + REGISTERS + "register('m', dict, summary=' ')", "the metric 'm' has no summary"),
    "bad-option": Broken(
        HEAD + REGISTERS + "register('m', dict, summary='s', options=[Option('n', list, None, 'help')])",
        "TypeError: option 'n': the type must be str, int, float, bool or Path",
    ),
    "option-of-another-kind": Broken(
        HEAD + REGISTERS + "register('m', dict, summary='s', options=['n'])",
        "the options of the metric 'm' are not all sentikit.Option",
    ),
    "options-twice": Broken(
        HEAD + REGISTERS + "register('m', dict, summary='s', options=[Option('n', int, 1, 'help')] * 2)",
        "two options of the metric 'm' have the same name",
    ),
    "wrong-register-call": Broken(HEAD + REGISTERS + "register('m')", "TypeError: "),
    "command-taken": Broken(
        HEAD + "@hookimpl\ndef register_commands(cli):\n    cli.command('plugins')(lambda: None)\n",
        "the command 'plugins' is already registered by sentikit-captions",
    ),
}
MISSING_MODULE = Broken("", "ModuleNotFoundError: No module named 'broken_missing_module'")
MISSING_ATTRIBUTE = Broken("", "AttributeError: ")
ALL = BROKEN | {"missing-module": MISSING_MODULE, "missing-attribute": MISSING_ATTRIBUTE}
GOOD = {
    "a-good-one": HEAD + REGISTERS + ONE.format("good"),
    "z-good-one": HEAD
    + "class Plugin:\n    @hookimpl\n    def register_metrics(self, register):\n        "
    + ONE.format("also-good")
    + "    @hookimpl\n    def register_commands(self, cli):\n        import click\n"
    + "        cli.command('good-command')(lambda: click.echo('done'))\n\nplugin = Plugin()\n",
}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Every broken plugin is installed in it, and two good ones, before and after them in the alphabet."""
    folder = tmp_path_factory.mktemp("isolation")
    environment = Environment.create(folder / "env")
    wheels = []
    for name, broken in ALL.items():
        module = f"broken_{name.replace('-', '_')}"
        files = {} if broken is MISSING_MODULE else {f"{module}.py": broken.source}
        target = f"{module}:plugin" if broken is MISSING_ATTRIBUTE else module
        wheels.append(write_wheel(folder, f"broken-{name}", files, {name: target}))
    for name, source in GOOD.items():
        module = name.replace("-", "_")
        target = f"{module}:plugin" if "plugin =" in source else module
        wheels.append(write_wheel(folder, name, {f"{module}.py": source}, {name: target}))
    environment.install(*wheels)
    return environment


@pytest.fixture(scope="module")
def listing(environment: Environment) -> dict[str, Any]:
    """What `sentikit plugins` says with all of them there."""
    listed = environment.sentikit("plugins", "--all", "--json")
    assert (listed.returncode, listed.stderr) == (0, "")
    found: dict[str, Any] = json.loads(listed.stdout)
    return found


@pytest.mark.parametrize("name", ALL)
def test_a_broken_plugin_is_named_with_its_reason(name: str, listing: dict[str, Any]) -> None:
    (problem,) = [problem for problem in listing["problems"] if problem["plugin"] == name]
    assert problem["distribution"] == f"broken-{name}"
    assert problem["reason"].startswith(ALL[name].reason)
    assert "\n" not in problem["reason"]


def test_the_others_all_load(listing: dict[str, Any]) -> None:
    assert {problem["plugin"] for problem in listing["problems"]} == set(ALL)
    loaded = [(plugin["name"], plugin["distribution"]) for plugin in listing["plugins"] if not plugin["bundled"]]
    assert loaded == [("a-good-one", "a-good-one"), ("z-good-one", "z-good-one")]
    assert any(plugin["bundled"] for plugin in listing["plugins"])


def test_nothing_of_a_broken_plugin_is_taken(listing: dict[str, Any]) -> None:
    taken = {component["name"] for plugin in listing["plugins"] for component in plugin["components"]}
    assert {"good", "also-good"} <= taken
    assert not taken & {"half", "another", "twice", "m"}


def test_a_command_works_beside_them_and_warns_of_each(environment: Environment) -> None:
    done = environment.sentikit("good-command")
    assert (done.returncode, done.stdout) == (0, "done\n")
    assert len([line for line in done.stderr.splitlines() if line.startswith("Warning: plugin 'bad-name' of ")]) == 1
    assert len(done.stderr.splitlines()) == len(ALL)


@pytest.mark.parametrize("name", ALL)
def test_strict_mode_stops_at_a_broken_plugin(name: str, environment: Environment) -> None:
    restricted = "a-good-one" if name == "name-taken" else ""
    done = environment.sentikit(
        "plugins", SENTIKIT_STRICT_PLUGINS="1", SENTIKIT_LOAD_PLUGINS=f"broken-{name},{restricted}"
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Error: The plugin {name!r} of broken-{name} is broken: {ALL[name].reason}")
    assert len(done.stderr.splitlines()) == 1


def loaded_third_party(environment: Environment, **environ: str) -> set[str]:
    listed = json.loads(environment.sentikit("plugins", "--all", "--json", **environ).stdout)
    return {plugin["distribution"] for plugin in listed["plugins"] if not plugin["bundled"]} | {
        problem["distribution"] for problem in listed["problems"]
    }


@pytest.mark.parametrize(
    ("value", "loaded"),
    [("", set()), ("z-good-one", {"z-good-one"}), (" Z_Good.One , a-good-one,", {"a-good-one", "z-good-one"})],
)
def test_only_the_distributions_asked_for_load(environment: Environment, value: str, loaded: set[str]) -> None:
    assert loaded_third_party(environment, SENTIKIT_LOAD_PLUGINS=value) == loaded


def test_a_distribution_asked_for_that_is_not_there_is_named(environment: Environment) -> None:
    listed = environment.sentikit("plugins", SENTIKIT_LOAD_PLUGINS="absent-one")
    assert listed.returncode == 0
    assert listed.stdout.splitlines() == [
        "absent-one\tabsent-one\t\tleft out: SENTIKIT_LOAD_PLUGINS names it, "
        "but no plugin of such a distribution is installed"
    ]


def test_a_trace_shows_every_hook_call(environment: Environment) -> None:
    traced = environment.sentikit("plugins", SENTIKIT_TRACE_PLUGINS="1", SENTIKIT_LOAD_PLUGINS="z-good-one")
    lines = [line for line in traced.stderr.splitlines() if line.startswith("[plugins] ")]
    place = lines.index("[plugins] register_metrics of z-good-one (z-good-one)")
    assert lines[place + 1] == "[plugins]   register('also-good', <class 'dict'>, summary='s', options=())"
    assert lines[place + 2] == "[plugins]   returned []"
    assert "[plugins]   command 'good-command'" in lines[place:]
    assert any(line.startswith("[plugins] register_rewriters of noun_match (sentikit-captions)") for line in lines)
    assert traced.stdout == "z-good-one\tz-good-one\t1.0\tmetric also-good, command good-command\n"


def test_a_distribution_whose_metadata_is_lost_does_not_stop_the_rest(tmp_path: Path) -> None:
    environment = Environment.create(tmp_path / "env")
    environment.install(write_wheel(tmp_path, "a-good-one", {"good.py": GOOD["a-good-one"]}, {"good": "good"}))
    (metadata,) = environment.folder.rglob("a_good_one-*.dist-info/METADATA")
    metadata.unlink()
    listed = environment.sentikit("plugins")
    assert (listed.returncode, listed.stdout.split("\t")[0]) == (0, "good")


def test_keyboard_interrupt_is_no_broken_plugin(tmp_path: Path) -> None:
    (tmp_path / "stop.py").write_text("raise KeyboardInterrupt", "utf-8")
    environment = Environment.create(tmp_path / "env")
    done = environment.sentikit("--plugins-dir", str(tmp_path), "plugins")
    assert (done.returncode, done.stderr.strip()) == (130, "Interrupted.")
