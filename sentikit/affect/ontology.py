"""Ontologies: closed lists of ANPs with a valence each, from VSO's table, plain lists or sentikit's own JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from math import nan
from pathlib import Path
from typing import Any, TypeAlias

from ..anp import ANP
from ..errors import SentikitError
from ..formats.tags.entries import checked_anp, parse_anp
from ..formats.tags.reader import open_text
from ..io.files import atomic_write
from ..io.messages import show
from .valence import adjective_valence

FORMAT, VERSION = "sentikit-ontology", 1
_VSO_SCALE = 2.0  # VSO's sentiment is in [-2, 2]
_MOST_DIGITS = 300  # of a count, so that sums of counts fit into floats


@dataclass(frozen=True, slots=True)
class OntologyEntry:
    """What an ontology says of an ANP.

    valence: in [-1, 1], or None where it is unknown.
    count: in how many images, or how often, the ANP was found.
    insertable: False for one that a tagger may know and no text should get ("lost weight").
    examples: images that show it, by file name or address.
    """

    valence: float | None = None
    count: int = 0
    insertable: bool = True
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ontology:
    """A closed list of ANPs, in an order that does not change; `source` says where it comes from."""

    name: str
    entries: Mapping[ANP, OntologyEntry]
    source: str = ""

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[ANP]:
        return iter(self.entries)

    def __contains__(self, anp: object) -> bool:
        return anp in self.entries

    def valence(self, anp: ANP) -> float | None:
        """The ANP's own valence, else its adjective's from the lexicon, else None for unknown."""
        entry = self.entries.get(anp)
        own = entry.valence if entry else None
        return adjective_valence(anp.adjective) if own is None else own

    def insertable(self, anp: ANP) -> bool:
        """Whether the ANP may go into a text. One that the list does not hold may: the list says nothing of it."""
        entry = self.entries.get(anp)
        return entry is None or entry.insertable

    def to_json(self) -> dict[str, Any]:
        """sentikit's own form, which `ontology_from_json` reads."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "name": self.name,
            "source": self.source,
            "anps": [
                {"adjective": anp.adjective, "noun": anp.noun} | asdict(entry) for anp, entry in self.entries.items()
            ],
        }

    def write(self, path: Path, *, force: bool = False) -> None:
        """Write sentikit's own form, an ANP a line. Raises SentikitError where the file cannot be written."""
        document = self.to_json()
        anps = document.pop("anps")
        head = json.dumps(document, indent=1)
        with atomic_write(path, force=force) as handle:
            handle.write(head.removesuffix("\n}") + ',\n "anps": [\n')
            handle.write(",\n".join(f"  {json.dumps(anp)}" for anp in anps))
            handle.write("\n ]\n}\n")


def read_ontology(path: Path) -> Ontology:
    """Read sentikit's own JSON, a table such as VSO's CSV (columns adjective, noun, sentiment), or an ANP a line.

    Raises SentikitError, with the place, for a file that cannot be read, is none of these, or lists an ANP twice.
    """
    with open_text(path) as handle:
        text = handle.read()
    if text.lstrip().startswith(("{", "[")):
        try:
            document = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise SentikitError(f"Cannot read {path}: it is not valid JSON: {error}.") from None
        return ontology_from_json(document, str(path))
    lines = text.splitlines()
    is_table = "," in next(iter(lines), "") or path.suffix.lower() == ".csv"
    entries = _collect(str(path), (_table if is_table else _plain_list)(str(path), lines))
    return Ontology(path.stem, entries, path.name)


def ontology_from_json(document: Any, where: str) -> Ontology:
    """The ontology of sentikit's own JSON. Raises SentikitError, beginning with `where` it is, if it is not sound."""
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise SentikitError(f'{where} is not an ontology: it has no "format": "{FORMAT}".')
    if document.get("version") != VERSION:
        raise SentikitError(
            f"{where} has version {show(document.get('version'))}, but this sentikit reads version {VERSION}: "
            "update sentikit."
        )
    for key, kind, what in (("name", str, "text"), ("source", str, "text"), ("anps", list, "a list")):
        if not isinstance(document.get(key, "" if key == "source" else None), kind):
            raise SentikitError(f"{where}, key '{key}': it is missing or not {what}.")
    entries = _collect(where, _json_entries(where, document["anps"]))
    return Ontology(document["name"], entries, document.get("source", ""))


def joined(ontologies: Sequence[Ontology]) -> Ontology:
    """One ontology of all their ANPs; of an ANP that several list, the first says what it is."""
    first, *others = ontologies
    if not others:
        return first
    entries = {anp: entry for ontology in reversed(ontologies) for anp, entry in ontology.entries.items()}
    order = dict.fromkeys(anp for ontology in ontologies for anp in ontology)
    name = "+".join(ontology.name for ontology in ontologies)
    return Ontology(name, {anp: entries[anp] for anp in order}, "; ".join(one.source for one in ontologies))


_Placed: TypeAlias = tuple[str, ANP, OntologyEntry]


def _collect(where: str, placed: Iterable[_Placed]) -> dict[ANP, OntologyEntry]:
    entries: dict[ANP, OntologyEntry] = {}
    for place, anp, entry in placed:
        if anp in entries:
            raise SentikitError(f"{where}, {place}: {anp} is listed twice.")
        entries[anp] = entry
    if not entries:
        raise SentikitError(f"{where} lists no ANPs.")
    return entries


def _plain_list(where: str, lines: Sequence[str]) -> Iterator[_Placed]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            place = f"line {number:,}"
            with _at(where, place, line.strip()):
                anp = parse_anp(line)
            yield place, anp, OntologyEntry()


def _table(where: str, lines: Sequence[str]) -> Iterator[_Placed]:
    """Rows of a table with VSO's columns; others are passed over."""
    import csv

    rows = csv.DictReader(lines, skipinitialspace=True)
    try:
        for column in ("adjective", "noun", "sentiment"):
            if column not in (rows.fieldnames or ()):
                raise SentikitError(
                    f"{where}, line 1: there is no column '{column}'; VSO's table has adjective, noun, sentiment."
                )
        for row in rows:
            place = f"line {rows.line_num:,}"
            with _at(where, place):
                anp = checked_anp(row["adjective"], row["noun"])
                entry = OntologyEntry(_vso_valence(row["sentiment"]), _vso_count(row.get("flickr_images") or ""))
            yield place, anp, entry
    except csv.Error as error:  # such as a field of more than 131,072 characters, of a quote that is not closed
        place = f"line {rows.line_num + 1:,}"
        raise SentikitError(f"{where}, {place}: it is no row of a table ({error}); is a quote not closed?") from None


def _vso_count(images: str) -> int:
    if not images.isdecimal():
        return 0
    if len(images) > _MOST_DIGITS:
        raise ValueError(f"its flickr_images {show(images)} is not a count of images")
    return int(images)


def _vso_valence(sentiment: str | None) -> float | None:
    if not sentiment:
        return None
    try:
        value = float(sentiment)
    except ValueError:
        value = nan
    if not -_VSO_SCALE <= value <= _VSO_SCALE:
        raise ValueError(f"its sentiment {show(sentiment)} is not a number from -2 to 2")
    return value / _VSO_SCALE


def _json_entries(where: str, anps: Sequence[Any]) -> Iterator[_Placed]:
    for index, value in enumerate(anps):
        place = f"anps[{index}]"
        with _at(where, place):
            anp, entry = _json_entry(value)
        yield place, anp, entry


def _json_entry(value: Any) -> tuple[ANP, OntologyEntry]:
    if not isinstance(value, dict):
        raise ValueError(f"{show(value)} is not an object")
    anp = checked_anp(value.get("adjective"), value.get("noun"))
    valence, count = value.get("valence"), value.get("count", 0)
    insertable, examples = value.get("insertable", True), value.get("examples", [])
    if type(count) is int and count >= 10**_MOST_DIGITS:
        raise ValueError(f"the count {show(count)} of {anp} has more than {_MOST_DIGITS} digits")
    if valence is not None and (type(valence) not in (int, float) or not -1 <= valence <= 1):
        raise ValueError(f"the valence {show(valence)} of {anp} is not a number from -1 to 1")
    if type(count) is not int or count < 0:
        raise ValueError(f"the count {show(count)} of {anp} is not a whole number of at least 0")
    if type(insertable) is not bool:
        raise ValueError(f"insertable of {anp} is {show(insertable)}, not true or false")
    if not isinstance(examples, list) or not all(isinstance(example, str) for example in examples):
        raise ValueError(f"the examples of {anp} are not a list of strings")
    return anp, OntologyEntry(None if valence is None else float(valence), count, insertable, tuple(examples))


@contextmanager
def _at(where: str, place: str, value: str = "") -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        shown = f", {show(value)}" if value else ""
        raise SentikitError(f"{where}, {place}{shown}: {error}.") from None
