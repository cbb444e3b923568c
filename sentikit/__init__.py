"""sentikit: captions with feeling, as a library. `load()` gives the models; the other names are for plugin authors.

Importing it needs neither torch nor spaCy.
"""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any

from .affect.denylist import Denylist
from .affect.ontology import Ontology, OntologyEntry, read_ontology
from .affect.valence import adjective_valence, polarity, valence_source
from .anp import ANP, Tag, tag_nouns
from .caption import Caption, Edit, Rewrite, apply_edits, undo_edits
from .errors import MissingExtraError, PluginError, SentikitError, UsageError
from .formats.interface import CaptionBatch, CaptionRecord, Change, FileNotes, Target
from .packs.reading import Pack, open_pack
from .packs.writing import write_pack
from .plugin.batches import (
    CombinerItem,
    EvaluatedCaption,
    Example,
    ImageBatch,
    ImageFailure,
    PackModel,
    Photo,
    StoredEncoder,
    TrainingContext,
)
from .plugin.hookspecs import Register, hookimpl
from .plugin.interfaces import (
    AffectMetric,
    AttendingCaptioner,
    CaptionCopy,
    Captioner,
    CaptionFormat,
    CaptionSource,
    Combiner,
    Counting,
    EditsPerSentence,
    Encoder,
    ImageMetric,
    InformedTask,
    Metric,
    PipelinedCaptioner,
    PriorCombiner,
    ResampledMetric,
    Rewriter,
    RuledWriter,
    Scorer,
    ScorerNeed,
    ScoringTagger,
    StorableEncoder,
    Tagger,
    TagRules,
    Task,
    TunableEncoder,
)
from .plugin.loader import PLUGIN_API
from .plugin.options import Option, check_options, option, options_of

if TYPE_CHECKING:
    from .api import Sentikit, load
    from .pipelines.chosen_models import Description
    from .pipelines.results import Candidate, CaptionResult, RewriteResult, TagResult, UpdateResult

__all__ = [
    "ANP",
    "PLUGIN_API",
    "AffectMetric",
    "AttendingCaptioner",
    "Candidate",
    "Caption",
    "CaptionBatch",
    "CaptionCopy",
    "CaptionFormat",
    "CaptionRecord",
    "CaptionResult",
    "CaptionSource",
    "Captioner",
    "Change",
    "Combiner",
    "CombinerItem",
    "Counting",
    "Denylist",
    "Description",
    "Edit",
    "EditsPerSentence",
    "Encoder",
    "EvaluatedCaption",
    "Example",
    "FileNotes",
    "ImageBatch",
    "ImageFailure",
    "ImageMetric",
    "InformedTask",
    "Metric",
    "MissingExtraError",
    "Ontology",
    "OntologyEntry",
    "Option",
    "Pack",
    "PackModel",
    "Photo",
    "PipelinedCaptioner",
    "PluginError",
    "PriorCombiner",
    "Register",
    "ResampledMetric",
    "Rewrite",
    "RewriteResult",
    "Rewriter",
    "RuledWriter",
    "Scorer",
    "ScorerNeed",
    "ScoringTagger",
    "Sentikit",
    "SentikitError",
    "StorableEncoder",
    "StoredEncoder",
    "Tag",
    "TagResult",
    "TagRules",
    "Tagger",
    "Target",
    "Task",
    "TrainingContext",
    "TunableEncoder",
    "UpdateResult",
    "UsageError",
    "adjective_valence",
    "apply_edits",
    "check_options",
    "hookimpl",
    "load",
    "open_pack",
    "option",
    "options_of",
    "polarity",
    "read_ontology",
    "tag_nouns",
    "undo_edits",
    "valence_source",
    "write_pack",
]

logging.getLogger("sentikit").addHandler(logging.NullHandler())  # a library prints nothing of itself
_API = {
    "api": ("Sentikit", "load"),
    "pipelines.chosen_models": ("Description",),
    "pipelines.results": ("Candidate", "CaptionResult", "RewriteResult", "TagResult", "UpdateResult"),
}


def __getattr__(name: str) -> Any:
    """The Python API, imported when it is first used: plugins and the command line start without it."""
    for module, names in _API.items():
        if name in names:
            return getattr(import_module(f".{module}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
