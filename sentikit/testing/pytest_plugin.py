"""pytest's fixtures for plugins of sentikit; pytest finds them without an import."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ..plugin.loader import Plugins


@pytest.fixture
def sentikit_photos(tmp_path: Path) -> Path:
    """A folder of small photographs: ordinary ones and odd sizes."""
    from .samples import save_photos

    save_photos(tmp_path / "photos")
    return tmp_path / "photos"


@pytest.fixture
def sentikit_coco(tmp_path: Path) -> Path:
    """A COCO captions file with a caption for each photograph of `sentikit_photos`."""
    from .samples import save_coco

    return save_coco(tmp_path / "captions.json")


@pytest.fixture
def sentikit_tags(tmp_path: Path) -> Path:
    """A tag file for the images of `sentikit_coco`."""
    from .samples import save_tags

    return save_tags(tmp_path / "tags.jsonl")


@pytest.fixture
def sentikit_isolated(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Plugins]:
    """Loads the bundled plugins and the modules that it is given, and nothing else that is installed."""

    def load(*modules: ModuleType) -> Plugins:
        from ..plugin.loader import load_plugins

        monkeypatch.setenv("SENTIKIT_LOAD_PLUGINS", "")
        return load_plugins(modules=modules)

    return load
