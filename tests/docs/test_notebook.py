"""The notebook runs and its stored outputs are what it gives. SENTIKIT_UPDATE_DOCS=1 stores them anew."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "examples" / "sentikit.ipynb"
UPDATE = os.environ.get("SENTIKIT_UPDATE_DOCS") == "1"


@pytest.mark.slow
def test_the_notebook_gives_its_stored_outputs() -> None:
    stored = nbformat.read(NOTEBOOK, 4)
    made = nbformat.from_dict(stored)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "SENTIKIT_LOAD_PLUGINS": ""}
    client = NotebookClient(
        made, timeout=120, coalesce_streams=True, resources={"metadata": {"path": str(NOTEBOOK.parent)}}
    )
    client.execute(env=environment)
    for cell in made.cells:
        cell.metadata.pop("execution", None)  # the time
    if UPDATE:
        nbformat.write(made, NOTEBOOK)
    assert UPDATE or _outputs(made) == _outputs(stored)


def test_the_stored_notebook_is_complete_and_small() -> None:
    cells = [cell for cell in nbformat.read(NOTEBOOK, 4).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert not any(output.output_type == "error" for cell in cells for output in cell.outputs)
    assert NOTEBOOK.stat().st_size < 300_000
    assert str(ROOT) not in NOTEBOOK.read_text("utf-8")


def _outputs(notebook: Any) -> list[str]:
    """The text of each code cell's outputs; the bytes of pictures depend on the JPEG library."""
    return [
        re.sub(r"base64,[A-Za-z0-9+/=]+", "base64,", json.dumps(cell.outputs, sort_keys=True))
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]
