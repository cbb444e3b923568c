"""The craft every rewriter shares: articles, capitals and insertion. Needs no language model.

`sentikit.english.noun_phrases`, `clashes` and `placement` are for rewriters and combiners that parse the caption, and
`scored_nouns` for combiners that ask a scorer.
"""

from .articles import article
from .insertion import Word, find_word, insertion, lower_words, words
from .prose import without_addresses
from .sentences import sentence
from .spelling import american, spellings

__all__ = [
    "Word",
    "american",
    "article",
    "find_word",
    "insertion",
    "lower_words",
    "sentence",
    "spellings",
    "without_addresses",
    "words",
]
