"""A whole pack checked: everything that is wrong with it, and what the hub's conventions ask for beyond that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import SentikitError
from ..plugin.kinds import CAPTIONER, TAGGER, Kind
from .card import CARD, NOT_STATED, OLD_CARD, Card, read_card
from .config import config_errors
from .documents import read_note
from .reading import CONFIG, Pack, read_config

if TYPE_CHECKING:
    from ..plugin.loader import Plugins

LICENSE = "LICENSE"
_KINDS: Mapping[str, Kind[Any]] = {kind.name: kind for kind in (CAPTIONER, TAGGER)}
_MAY_RUN = {".bin", ".ckpt", ".h5", ".joblib", ".npy", ".pickle", ".pkl", ".pt", ".pth", ".py", ".tar"}
"""Files that others unpickle or import."""
_OF_HUB = {".gitattributes", ".gitignore"}
MOST_NAMED = 20


class Checked(NamedTuple):
    """What was found."""

    problems: list[str]
    """Why the pack, or a part of it, cannot be used: whole sentences."""
    notes: list[str]
    """What it lacks of the hub's conventions, and files that do not belong to it: whole sentences."""


def check_pack(path: Path, plugins: Plugins) -> Checked:
    """Check all of the pack in a folder: config, weights, documents, and that its models can be made.

    Every file is read. Whatever is wrong is named; nothing is raised.
    """
    try:
        config = read_config(path)
    except SentikitError as error:
        return Checked([str(error)], [])
    problems = list(dict.fromkeys(map(str, config_errors(path, config))))
    if not problems:
        problems = list(dict.fromkeys(_errors_of_parts(Pack(path, config, plugins), plugins)))
    return Checked(problems, list(_notes(path, config)))


def _errors_of_parts(pack: Pack, plugins: Plugins) -> Iterator[str]:
    """What goes wrong when everything is read, and when the encoder and the models are made."""
    parts = [partial(getattr, pack, note) for note in ("card", "license")]
    yield from _errors([*parts, pack.ontology])
    unmade = [] if pack.config["encoder"] is None else list(_errors([pack.encoder]))
    yield from unmade
    for name, model in pack.models.items():
        kind = _KINDS.get(model["kind"])
        if kind is None:
            yield f"{pack.path / CONFIG}: the model {name!r} is neither a captioner nor a tagger."
        elif unmade:  # no model can be made without the encoder
            yield from _errors([partial(pack.model, name)])
        else:
            yield from _errors([partial(_make, plugins, kind, name, pack)])


def _make(plugins: Plugins, kind: Kind[Any], name: str, pack: Pack) -> None:
    plugins.get(kind, name).create({}, pack)


def _errors(checks: Iterable[Callable[[], object]]) -> Iterator[str]:
    for check in checks:
        try:
            check()
        except SentikitError as error:
            yield str(error)


def _notes(path: Path, config: Mapping[str, Any]) -> Iterator[str]:
    with suppress(SentikitError):  # it is among the problems
        yield from _notes_on_card(path, read_card(path))
        license = read_note(path, LICENSE)
        if not license:
            yield f"{path} has no {LICENSE}: state under which terms its weights may be used."
        elif license == NOT_STATED:
            yield f"{path / LICENSE} states no licence: write there under which terms the weights may be used."
    strangers = [file for file in other_files(path, config) if Path(file).name not in _OF_HUB]
    for file in strangers[:MOST_NAMED]:
        what = "could run code where it is read" if Path(file).suffix in _MAY_RUN else "is not a part of the pack"
        yield f"{path / file} {what}, and sentikit does not read it: take it out."
    if len(strangers) > MOST_NAMED:
        yield f"{path} has {len(strangers) - MOST_NAMED:,} more files that are not a part of the pack."


def _notes_on_card(path: Path, card: Card) -> Iterator[str]:
    todo = "'sentikit pack export' writes it"
    if card.file is None:
        yield f"{path} has no {CARD}, the model card: {todo}."
    elif card.file != CARD:
        yield f"{path / card.file} is not called {CARD}, as the hub's model cards are: {todo}."
    elif "license" not in card.metadata:
        yield f"{path / CARD} does not state a 'license' in its metadata: {todo}."


def files_of(config: Mapping[str, Any]) -> list[str]:
    """The names of the files that a sound config says the pack consists of, itself the first of them."""
    parts = [*([config["encoder"]] if config["encoder"] else []), *config["models"].values()]
    documents = [file for part in config["models"].values() for file in part["documents"].values()]
    ontology = [config["ontology"]] if config.get("ontology") else []
    return list(dict.fromkeys([CONFIG, *(part["weights"] for part in parts), *documents, *ontology]))


def other_files(path: Path, config: Mapping[str, Any]) -> Sequence[str]:
    """The files in the pack's folder and below that do not belong to it, in alphabetical order."""
    try:
        own = {*files_of(config), CARD, OLD_CARD, LICENSE}
    except (AttributeError, KeyError, TypeError):  # an unsound config
        return []
    found = (file.relative_to(path).as_posix() for file in path.rglob("*") if not file.is_dir())
    return sorted(file for file in found if file not in own)
