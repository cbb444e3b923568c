"""The folder of the pack that is meant by a name, a folder or `hf://owner/name`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..plugin.kinds import PACK
from .hub import hub_folder, hub_name, is_hub_name

if TYPE_CHECKING:
    from ..plugin.loader import Plugins


def is_pack_name(plugins: Plugins, named: str | os.PathLike[str]) -> bool:
    """Whether it is the name of a registered pack, or of one on the hub; otherwise it may be a folder's."""
    return str(named) in plugins.names(PACK) or is_hub_name(named)


def pack_folder(plugins: Plugins, named: str | os.PathLike[str]) -> Path:
    """The folder of the pack that is registered under the name or, for `hf://...`, fetched from the hub; otherwise
    the folder that is named, which may not exist.

    Raises SentikitError if the hub does not have it.
    """
    if str(named) in plugins.names(PACK):
        return plugins.get(PACK, str(named)).create()
    return hub_folder(hub_name(named)) if is_hub_name(named) else Path(named)
