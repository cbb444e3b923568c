"""The toy models through the Python API."""

from __future__ import annotations

from typing import Any

import sentikit
from support.toy_commands import SUPPORT


def toy_model(**arguments: Any) -> sentikit.Sentikit:
    """They see a street everywhere, misty where it is dark and sunny where not."""
    toys = {"captioner": "toy", "tagger": "toy", "combiner": "toy", "plugins_dir": SUPPORT / "toy_plugins"}
    return sentikit.load(**toys | arguments)
