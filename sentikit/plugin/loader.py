"""Loads plugins and keeps what they registered. One broken plugin never stops the others.

Each plugin gets a plugin manager of its own, so its hooks are called, and what it registers is taken or refused,
without a word from any other.
"""

from __future__ import annotations

import inspect
import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import click
import pluggy

from ..errors import PluginError, UsageError
from . import hookspecs
from .commands import Commands, add_commands
from .folders import PluginFolder, import_file, open_folders
from .kinds import CAPTIONER, ENCODER, KINDS, TAGGER, Component, Kind, reason
from .options import NAME, Option

GROUP = "sentikit"
"""pluggy's project name, the marker's name and the entry-point group."""
BUNDLED = "sentikit-captions"
"""The distribution whose plugins load first."""
PLUGIN_API = 2
"""The version of the plugin interface. It grows when a hook or a contract changes in a way that plugins notice."""
KIND_OF_HOOK = {kind.hook: kind for kind in KINDS}
HOOKS = (*KIND_OF_HOOK, "register_commands")

T = TypeVar("T")
_log = logging.getLogger("sentikit.plugins")

Trace = Callable[[str], None]
"""Gets a line for everything that happens between the engine and a plugin."""


@dataclass(frozen=True)
class Plugin:
    """A plugin that loaded, with the hooks it implements and what it registered."""

    name: str
    distribution: str
    version: str
    bundled: bool
    hooks: tuple[str, ...]
    components: tuple[Component[Any], ...]
    commands: tuple[str, ...]


@dataclass(frozen=True)
class Problem:
    """A plugin that was left out, and why."""

    plugin: str
    distribution: str
    reason: str

    def __str__(self) -> str:
        return f"plugin {self.plugin!r} of {self.distribution} is left out: {self.reason}"


@dataclass
class Plugins:
    """Everything that is loaded. warnings: sentences about folders of plugins that others can write to."""

    plugins: list[Plugin] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    components: dict[tuple[str, str], Component[Any]] = field(default_factory=dict)
    commands: dict[str, click.Command] = field(default_factory=dict)

    def names(self, kind: Kind[Any]) -> list[str]:
        """The names of the components of a kind, in the order of loading."""
        return [name for found, name in self.components if found == kind.name]

    def get(self, kind: Kind[T], name: str) -> Component[T]:
        """The component of that name. Raises UsageError, with the nearest names, if there is none."""
        component = self.components.get((kind.name, name))
        if component is None:
            names = self.names(kind)
            near = get_close_matches(name, names, 1)
            hint = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(names) or 'none'}."
            raise UsageError(f"There is no {kind.name} {name!r}. {hint}")
        return component

    def default(self, kind: Kind[Any]) -> str | None:
        """The name of the component that is used when the user names none: the first one registered as a default or,
        without any, the first one; None if there is none."""
        names = self.names(kind)
        return next((name for name in names if self.components[kind.name, name].is_default), next(iter(names), None))


def load_plugins(
    plugins_dir: Path | Sequence[Path] | None = None,
    engine_commands: Commands | None = None,
    environ: Mapping[str, str] = os.environ,
    modules: Sequence[ModuleType] = (),
) -> Plugins:
    """Load the bundled plugins, then the installed ones, then the files of `plugins_dir`, then `modules`.

    plugins_dir: a folder of single-file plugins, or several.
    modules: plugins that were imported already, as in tests.
    engine_commands: the engine's own, whose names no plugin gets; without them no command of a plugin is to be run.
    SENTIKIT_STRICT_PLUGINS=1 raises PluginError for the first broken plugin instead of leaving it out;
    SENTIKIT_LOAD_PLUGINS=a,b loads only those distributions beside the bundled ones (empty: none);
    SENTIKIT_TRACE_PLUGINS=1 logs every hook call, which the command shows.
    """
    strict = environ.get("SENTIKIT_STRICT_PLUGINS") == "1"
    tracing = environ.get("SENTIKIT_TRACE_PLUGINS") == "1"
    trace: Trace = (lambda line: _log.info("[plugins] %s", line)) if tracing else lambda line: None
    folders = open_folders([plugins_dir] if isinstance(plugins_dir, Path) else plugins_dir or ())
    result = Plugins(warnings=[folder.warning for folder in folders if folder.warning])
    imported = [_Source(module.__name__, module.__name__, "", partial(_itself, module)) for module in modules]
    for source in (*_sources(folders, environ.get("SENTIKIT_LOAD_PLUGINS")), *imported):
        try:
            _load(source, result, engine_commands or {}, trace)
        except (KeyboardInterrupt, MemoryError):
            raise
        except BaseException as error:  # a plugin may raise anything, SystemExit included
            if strict:
                raise PluginError(
                    f"The plugin {source.name!r} of {source.distribution} is broken: {reason(error)}."
                ) from error
            result.problems.append(Problem(source.name, source.distribution, reason(error)))
    return result


@dataclass(frozen=True)
class _Source:
    """A place a plugin comes from."""

    name: str
    distribution: str
    version: str
    load: Callable[[], Any]

    @property
    def bundled(self) -> bool:
        return self.distribution == BUNDLED


def _sources(folders: Sequence[PluginFolder], restrict: str | None) -> Iterator[_Source]:
    """The plugins to load, in order; a distribution that was asked for and is not there fails when it is loaded."""
    sources = sorted(
        (_entry_point_source(point) for point in entry_points(group=GROUP)),
        key=lambda source: (not source.bundled, source.distribution, source.name),
    )
    if restrict is None:
        yield from sources
    else:
        wanted = {normal_name(name) for name in restrict.split(",") if name.strip()}
        yield from (source for source in sources if source.bundled or source.distribution in wanted)
        for name in sorted(wanted - {source.distribution for source in sources}):
            yield _Source(name, name, "", _not_installed)
    for folder in folders:
        for path in folder.files:
            load = partial(import_file, path, folder.module_prefix)
            yield _Source(path.stem, str(path), "", load)


def _entry_point_source(point: EntryPoint) -> _Source:
    name, version = (point.dist.name, point.dist.version) if point.dist else ("", "")
    return _Source(point.name, normal_name(name or "unknown"), version or "", point.load)


def _itself(module: ModuleType) -> ModuleType:
    return module


def _not_installed() -> Any:
    raise PluginError("SENTIKIT_LOAD_PLUGINS names it, but no plugin of such a distribution is installed")


def _load(source: _Source, result: Plugins, engine: Commands, trace: Trace) -> None:
    """Load one plugin into `result`: all that it registers, or, with an exception, nothing."""
    plugin = source.load()
    _check_api(plugin)
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    hooks = _implemented_hooks(plugin, manager)
    manager.register(plugin, name=source.name)
    components: dict[tuple[str, str], Component[Any]] = {}
    cli = click.Group()
    for hook in hooks:
        trace(f"{hook} of {source.name} ({source.distribution})")
        if hook == "register_commands":
            outcome = manager.hook.register_commands(cli=cli)
        else:
            register = _register(KIND_OF_HOOK[hook], source.distribution, components, result, trace)
            outcome = getattr(manager.hook, hook)(register=register)
        trace(f"  returned {outcome!r}")
    owners = dict.fromkeys(engine, BUNDLED)
    owners |= {name: plugin.distribution for plugin in result.plugins for name in plugin.commands}
    commands, names = add_commands(cli.commands, result.commands, engine, owners)
    for name in names:
        trace(f"  command {name!r}")
    result.components |= components
    result.commands = commands
    result.plugins.append(
        Plugin(
            name=source.name,
            distribution=source.distribution,
            version=source.version,
            bundled=source.bundled,
            hooks=tuple(hooks),
            components=tuple(components.values()),
            commands=tuple(sorted(names)),
        )
    )


def _check_api(plugin: Any) -> None:
    """Raises PluginError if the plugin names another version of the interface (`plugin_api = 2`) than this one."""
    wanted = getattr(plugin, "plugin_api", PLUGIN_API)
    if wanted == PLUGIN_API:
        return
    if type(wanted) is not int:
        raise PluginError(f"its plugin_api is {wanted!r}, not a whole number such as {PLUGIN_API}")
    update = "sentikit" if wanted > PLUGIN_API else "the plugin"
    raise PluginError(f"it needs plugin API {wanted} and this sentikit has {PLUGIN_API}: update {update}")


def _implemented_hooks(plugin: Any, manager: pluggy.PluginManager) -> list[str]:
    """The hooks that `plugin` implements, in the order of `HOOKS`. Raises PluginError where one does not fit."""
    found = {name: options for name in dir(plugin) if (options := manager.parse_hookimpl_opts(plugin, name))}
    for name, options in found.items():
        if name not in HOOKS:
            if options["optionalhook"]:
                continue
            near = get_close_matches(name, HOOKS, 1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            raise PluginError(f"it implements {name}, which is not a hook of sentikit{hint}")
        expected = list(inspect.signature(getattr(hookspecs, name)).parameters)
        if unknown := [argument for argument in _required(getattr(plugin, name)) if argument not in expected]:
            raise PluginError(f"its {name} takes {', '.join(unknown)}; the hook is {name}({', '.join(expected)})")
    if not found:
        raise PluginError("it has no function marked @sentikit.hookimpl")
    return [hook for hook in HOOKS if hook in found]


def _required(function: Callable[..., Any]) -> list[str]:
    """The arguments that a hook's implementation must be given; pluggy passes them by name."""
    return [
        parameter.name
        for parameter in inspect.signature(function).parameters.values()
        if parameter.default is parameter.empty
        and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    ]


def _register(
    kind: Kind[Any],
    distribution: str,
    components: dict[tuple[str, str], Component[Any]],
    result: Plugins,
    trace: Trace,
) -> hookspecs.Register:
    """The callback for a kind: it checks what it is given and puts it into `components`."""

    def register(
        name: str,
        factory: Callable[..., Any],
        *,
        summary: str,
        options: Sequence[Option] = (),
        weights: bool = False,
        default: bool = False,
    ) -> None:
        trace(f"  register({name!r}, {factory!r}, summary={summary!r}, options={options!r})")
        options = tuple(options)
        _check_registration(kind, name, factory, summary, options, weights)
        key = (kind.name, name)
        if key in components:
            raise PluginError(f"it registers the {kind.name} {name!r} twice")
        if taken := result.components.get(key):
            raise PluginError(f"the {kind.name} {name!r} is already registered by {taken.distribution}")
        components[key] = Component(kind, name, factory, summary, options, distribution, weights, default)

    return register


def _check_registration(
    kind: Kind[Any], name: Any, factory: Any, summary: Any, options: Sequence[Any], weights: bool
) -> None:
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise PluginError(f"the {kind.name}'s name {name!r} is not lower-case words joined by hyphens")
    if not callable(factory):
        raise PluginError(f"the factory of the {kind.name} {name!r} is not callable")
    if not isinstance(summary, str) or not summary.strip():
        raise PluginError(f"the {kind.name} {name!r} has no summary")
    if not all(isinstance(option, Option) for option in options):
        raise PluginError(f"the options of the {kind.name} {name!r} are not all sentikit.Option")
    if len({option.name for option in options}) < len(options):
        raise PluginError(f"two options of the {kind.name} {name!r} have the same name")
    if weights and kind not in (TAGGER, CAPTIONER, ENCODER):
        raise PluginError(f"the {kind.name} {name!r} has weights=True, which is for taggers, captioners and encoders")
    if weights and any(option.name == "weights" for option in options):
        raise PluginError(f"the {kind.name} {name!r} has an option 'weights', which weights=True gives already")


def normal_name(name: str) -> str:
    """A distribution's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name.strip()).lower()
