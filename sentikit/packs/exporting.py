"""A pack as a folder that can be uploaded to the Hugging Face hub as it is."""

from __future__ import annotations

import shutil
from pathlib import Path

from ..errors import SentikitError
from ..io.files import refuse_dash
from ..io.folders import whole_folder
from .card import CARD, Card, Metadata, head_without, metadata_of, read_card, written_card
from .checking import LICENSE, files_of
from .documents import file_of
from .reading import Pack, open_pack

ATTRIBUTES = "*.safetensors filter=lfs diff=lfs merge=lfs -text\n"
"""Tells git that weights are kept in its store of large files."""
_LICENSE_KEYS = ("license", "license_name", "license_link")


def export_pack(pack: Pack, folder: Path, *, license: str | None = None, replace: bool = False) -> None:
    """Copy what belongs to a pack, and nothing else, with a model card in the hub's form.

    license: the hub's name of the licence, such as apache-2.0; by default what the card states or, if it states none,
        "other" with a link to LICENSE.
    replace: a pack that is there.
    Raises SentikitError where it cannot be written.
    """
    refuse_dash(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        if not replace:
            raise SentikitError(f"{folder} exists already: name another folder, or replace a pack with --force.")
        open_pack(folder)
        if folder.resolve() in (pack.path.resolve(), *pack.path.resolve().parents):
            raise SentikitError(f"{folder} holds the pack that is exported: name another folder.")
    card = read_card(pack.path)
    metadata, head = _metadata(pack, card, license)
    text = card.text or f"# {pack.name}\n\nA pack for sentikit."
    with whole_folder(folder) as fresh:
        for name in files_of(pack.config):
            shutil.copyfile(file_of(pack.path, name), fresh / name)
        if pack.license:
            (fresh / LICENSE).write_text(pack.license + "\n", "utf-8")
        (fresh / CARD).write_text(written_card(metadata, text + "\n", head), "utf-8")
        (fresh / ".gitattributes").write_text(ATTRIBUTES, "utf-8")


def _metadata(pack: Pack, card: Card, license: str | None) -> tuple[Metadata, str]:
    """What the card's own metadata lack, with the licence if another one is given; and what is kept of its own."""
    found = metadata_of(pack.config, pack.license)
    lacking = {key: value for key, value in found.items() if key not in (*card.metadata, *_LICENSE_KEYS)}
    if license is not None:
        return {"license": license, **lacking}, "\n".join(head_without(card.head, _LICENSE_KEYS))
    if "license" in card.metadata:
        return lacking, card.head
    return {**{key: found[key] for key in _LICENSE_KEYS if key in found}, **lacking}, card.head
