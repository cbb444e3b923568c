"""sentikit: captions with feeling. These are the names a plugin author imports; none of them needs torch or spaCy."""

import logging

from .affect.denylist import Denylist
from .affect.ontology import Ontology, OntologyEntry, read_ontology
from .affect.valence import adjective_valence, polarity, valence_source
from .anp import ANP, Tag, tag_nouns
from .caption import Caption, Edit, Rewrite, apply_edits, undo_edits
from .errors import MissingExtraError, PluginError, SentikitError, UsageError
from .plugin.hookspecs import Register, hookimpl
from .plugin.interfaces import (
    AffectMetric,
    AttendingCaptioner,
    Captioner,
    Combiner,
    Encoder,
    EvaluatedCaption,
    ImageBatch,
    Metric,
    PriorCombiner,
    Rewriter,
    Scorer,
    ScoringTagger,
    Tagger,
)
from .plugin.options import Option, check_options, option, options_of

__all__ = [
    "ANP",
    "AffectMetric",
    "AttendingCaptioner",
    "Caption",
    "Captioner",
    "Combiner",
    "Denylist",
    "Edit",
    "Encoder",
    "EvaluatedCaption",
    "ImageBatch",
    "Metric",
    "MissingExtraError",
    "Ontology",
    "OntologyEntry",
    "Option",
    "PluginError",
    "PriorCombiner",
    "Register",
    "Rewrite",
    "Rewriter",
    "Scorer",
    "ScoringTagger",
    "SentikitError",
    "Tag",
    "Tagger",
    "UsageError",
    "adjective_valence",
    "apply_edits",
    "check_options",
    "hookimpl",
    "option",
    "options_of",
    "polarity",
    "read_ontology",
    "tag_nouns",
    "undo_edits",
    "valence_source",
]

logging.getLogger("sentikit").addHandler(logging.NullHandler())  # a library prints nothing of itself
