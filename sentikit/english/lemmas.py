"""The lemma of a word taken as a noun, asked of the pipeline's own lemmatizer once for each distinct word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from .abbreviations import ABBREVIATIONS
from .spelling import american

if TYPE_CHECKING:
    from spacy.language import Language

_LIMIT = 200_000  # words remembered; a stream of any length stays within it

# Words that name something else than their singular does, or that only look like plurals.
_OWN = {
    "glasses": "glasses",
    "woods": "woods",
    "shorts": "shorts",
    "pants": "pants",
    "clothes": "clothes",
    "stairs": "stairs",
    "graffiti": "graffiti",
    "cola": "cola",
    "cookies": "cookie",
    "smoothies": "smoothie",
}


class NounLemmas:
    """A table of word -> lemma, each word taken as a noun; whether it is one in a sentence is asked elsewhere."""

    def __init__(self, nlp: Language) -> None:
        self._vocab = nlp.vocab
        self._lemmatizer = cast(Any, nlp.get_pipe("lemmatizer"))
        self._nouns = frozenset(self._lemmatizer.lookups.get_table("lemma_index")["noun"])
        self._table: dict[str, str] = dict(_OWN)

    def __call__(self, word: str) -> str:
        """The singular of `word`, in lower case and American spelling; the word itself if it is one, or no noun."""
        lemma = self._table.get(word)
        if lemma is None:
            if len(self._table) > _LIMIT:
                self._table = dict(_OWN)
            lemma = self._table[word] = american(self._ask(word.lower()))
        return lemma

    def _ask(self, word: str) -> str:
        from spacy.tokens import Doc

        if word in ABBREVIATIONS or word.removesuffix("s") in ABBREVIATIONS:
            return word if word in ABBREVIATIONS else word[:-1]
        doc = Doc(self._vocab, words=[word], pos=["NOUN"])
        lemma: str = self._lemmatizer(doc)[0].lemma_
        if lemma in self._nouns:
            return lemma
        # The lemmatizer takes every word for a plural: a "bus" would be a "bu".
        singular = word in self._nouns or word.endswith(("ss", "us", "is")) or not lemma.isalpha()
        return word if singular else lemma
