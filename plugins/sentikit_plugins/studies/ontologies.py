"""The ontology that a user names: a file, or a pack that has one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sentikit import Ontology, SentikitError, read_ontology

if TYPE_CHECKING:
    from sentikit.commands.app import App


def ontology_named(app: App, named: str) -> Ontology:
    """Of a file, or of the pack with that name or folder. Raises SentikitError if there is none."""
    from sentikit import open_pack
    from sentikit.plugin.kinds import PACK

    is_pack = named in app.plugins.names(PACK)
    path = app.plugins.get(PACK, named).create() if is_pack else Path(named)
    if not path.is_dir():
        return read_ontology(path)
    if found := open_pack(path, app.plugins).ontology():
        return found
    raise SentikitError(f"The pack {named} has no ontology: name a file.")
