"""The fixtures of sentikit.testing, as a plugin's own tests see them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from sentikit import hookimpl
from sentikit.cli import run


def test_the_files_fit_together(sentikit_photos: Path, sentikit_coco: Path, sentikit_tags: Path) -> None:
    names = {path.name for path in sentikit_photos.iterdir()}
    assert {image["file_name"] for image in json.loads(sentikit_coco.read_text())["images"]} == names
    assert run(["check", str(sentikit_coco)]) == 0
    output = sentikit_coco.with_name("out.json")
    update = ["update-captions", str(sentikit_coco), "--tags", str(sentikit_tags), "--rewriter", "noun-match"]
    assert run([*update, "-o", str(output)]) == 0
    assert "happy dog" in output.read_text()


def test_isolated_plugins(sentikit_isolated: Callable[..., Any]) -> None:
    module = ModuleType("mine")

    @hookimpl
    def register_metrics(register: Any) -> None:
        register("mine", object, summary="mine")

    module.register_metrics = register_metrics  # type: ignore[attr-defined]
    loaded = sentikit_isolated(module)
    assert loaded.plugins[-1].name == "mine"
    assert all(plugin.bundled for plugin in loaded.plugins[:-1])
