"""The ontology that a user names: a file, or a pack that has one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentikit import Ontology, SentikitError, read_ontology

if TYPE_CHECKING:
    from sentikit.commands.app import App


def ontology_named(app: App, named: str) -> Ontology:
    """Of a file, or of the pack with that name or folder. Raises SentikitError if there is none."""
    from sentikit import open_pack
    from sentikit.packs.finding import pack_folder

    path = pack_folder(app.plugins, named)
    if not path.is_dir():
        return read_ontology(path)
    if found := open_pack(path, app.plugins).ontology():
        return found
    raise SentikitError(f"The pack {named} has no ontology: name a file.")
