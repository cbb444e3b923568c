"""The nouns of a text that an adjective can be put on, and the place where English puts it.

Captions are often fragments without a verb, which a dependency parser reads no better than rules over part-of-speech
tags do; so only the pipeline's tagger runs, and only over texts that hold a wanted noun at all.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import partial
from itertools import islice
from threading import RLock
from typing import TYPE_CHECKING, NamedTuple

from . import eligibility
from .chunks import Chunk, chunks
from .expressions import ANIMALS, DEGREES, PEOPLE, PICTURES
from .layout import is_tag_list, labels, unmarked
from .lemmas import NounLemmas
from .pipeline import load_pipeline
from .prose import readable, untouchable
from .spelling import american
from .statements import Statements, statements
from .tagged import Lemma, Sentence, mended

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

Wanted = Collection[str] | None

_FIRST_LETTER = re.compile(r"(?:^|[.!?]\s+)[^\w]*([^\W\d_])(?=[^\W\d_]*[a-z]|\s)")
_LONG_TITLE = 4
_SMALL_CAPITALS = re.compile(r"\w\W+(?:The|And|But|For|From|With|In|On|At|Of|To|By|A|An|Is|Are|His|Her|Its|Their)\b")
_LETTERS = re.compile(r"[^\W\d_]+")
_LARGE_WORD = re.compile(r"[^\W\d_]{3,}")
_SMALL = frozenset(
    ["the", "and", "but", "nor", "for", "from", "with", "are", "its", "his", "her", "their", "out", "off", "into"]
)


class Modifier(NamedTuple):
    """A word between the determiner and the noun, in lower case and American spelling. start: its offset."""

    start: int
    word: str
    is_adjective: bool
    """False for nouns ("train" in "train track"), and for words of a fixed expression ("hot" in "hot dog")."""


class NounPhrase(NamedTuple):
    """A noun that an adjective can be put on. Positions are offsets in characters of the text."""

    start: int
    """Where the phrase starts: its determiner, where it has one."""
    insert_at: int
    """Where an opinion goes: after determiner, number and "very big", before every other modifier and the compound."""
    head_start: int
    head_end: int
    lemma: str
    plural: bool
    determiner: str
    """The last word before `insert_at` that belongs to the phrase, in lower case; "" where there is none."""
    modifiers: tuple[Modifier, ...]
    before: str
    """The word before the phrase, in lower case; "" where it starts the text."""
    complement: tuple[str, ...]
    """Up to twelve words after the noun, in lower case: "of coffee", "is empty"."""
    graded: bool = False
    """Whether a word like "very" leaves no place for another adjective: "a very happy dog"."""
    compared: bool = False
    """Whether a superlative or comparative stands before `insert_at`: "the tallest building"."""
    stated: Statements = Statements()
    """What the text states of the noun anywhere; in American spelling."""


_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
"""Half a character, which JSON can hold and spaCy cannot."""


class NounFinder:
    """Finds the nouns of texts that can take an adjective. The pipeline is loaded on first use; it pickles without."""

    def __init__(self, batch_size: int = 256) -> None:
        self.batch_size = batch_size
        self._nlp: Language | None = None
        self._lemma: NounLemmas | None = None
        self._lock = RLock()  # the pipeline's components keep state while they work

    def __reduce__(self) -> tuple[type[NounFinder], tuple[int]]:
        return NounFinder, (self.batch_size,)

    @property
    def lemma(self) -> Lemma:
        """word -> its lemma as a noun: "geese" and "goose" have the same one."""
        self.load()
        assert self._lemma is not None
        return self._lemma

    def find(self, items: Iterable[tuple[str, Wanted]]) -> Iterator[list[NounPhrase]]:
        """For each text and the nouns wanted in it (singular or plural; None: every noun), the phrases, in order.

        Lazy: it reads a few batches ahead and no more. Raises MissingPipeline where there is no pipeline.
        """
        nlp = self.load()
        lemma = self.lemma
        source = iter(items)
        while ahead := list(islice(source, 4 * self.batch_size)):
            lemmas = [wanted if wanted is None else frozenset(map(lemma, wanted)) for _, wanted in ahead]
            texts = [text for text, _ in ahead]
            chosen = [self._holds(text, wanted) for text, wanted in zip(texts, lemmas, strict=True)]
            needed_texts = [tagger_text(text) for text, needed in zip(texts, chosen, strict=True) if needed]
            with self._lock:
                docs = iter(list(nlp.pipe(needed_texts, batch_size=self.batch_size, disable=["lemmatizer"])))
            for text, wanted, needed in zip(texts, lemmas, chosen, strict=True):
                yield noun_phrases(text, next(docs), lemma, wanted) if needed else []

    def _holds(self, text: str, wanted: frozenset[str] | None) -> bool:
        """Whether a word of `text` could be a wanted noun, so that the tagger is worth asking."""
        if wanted is None:
            return not is_tag_list(text)
        lemma = self.lemma
        held = bool(wanted) and any(lemma(word) in wanted for word in _LETTERS.findall(text.lower()))
        return held and not is_tag_list(text)

    def load(self) -> Language:
        """The pipeline, loaded on the first call. Raises MissingPipeline where there is none."""
        with self._lock:
            if self._nlp is None:
                nlp = load_pipeline(exclude=["parser", "ner", "attribute_ruler"])
                self._lemma = NounLemmas(nlp)
                self._nlp = nlp
            return self._nlp


def tagger_text(text: str) -> str:
    """`text` as the tagger reads it best: prose alone, and capitals that do not mark a name in lower case.

    Offsets stay the same.
    """
    prose = readable(unmarked(text))
    all_capitals = text.isupper() or _is_title(prose)
    lowered = prose.lower() if all_capitals else _FIRST_LETTER.sub(_lower_first, prose)
    tagged = lowered if len(lowered) == len(text) else text
    return tagged if tagged.isascii() else _LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", tagged)


def _lower_first(start: re.Match[str]) -> str:
    return start.group()[:-1] + start.group()[-1].lower()


def _is_title(text: str) -> bool:
    """Whether nearly every word but the small ones begins with a capital; two at least."""
    found = [word for word in _LARGE_WORD.findall(text) if word.lower() not in _SMALL]
    if sum(word[0].isupper() for word in found) <= 0.8 * len(found):
        return False
    # "Tourists at the Eiffel Tower" is no title, where a title of that length has "At".
    return len(found) >= _LONG_TITLE or (len(found) > 1 and _SMALL_CAPITALS.search(text) is not None)


def noun_phrases(text: str, doc: Doc, lemma: Lemma, wanted: Collection[str] | None = None) -> list[NounPhrase]:
    """The phrases of `text` that can take an adjective, and whose noun's lemma is `wanted` (None: every one).

    doc: ``nlp(tagger_text(text))``, by any pipeline that has run its tagger.
    """
    tokens = [token for token in doc if not token.is_space]
    tagged = Sentence(
        text,
        [american(token.lower_) for token in tokens],
        [token.tag_ for token in tokens],
        [token.idx for token in tokens],
        [token.idx + len(token) for token in tokens],
    )
    sentence = mended(tagged, lemma)
    found = chunks(sentence, lemma)
    spans = untouchable(text) + labels(text)
    barred = eligibility.negated(sentence, found) | eligibility.inside(sentence, found, spans)
    describable = partial(eligibility.describable, sentence, lemma, barred)
    chosen = [
        chunk
        for chunk in found
        if (wanted is None or lemma(sentence.words[chunk.head]) in wanted) and describable(chunk)
    ]
    shown = [] if wanted is None else [chunk for chunk in found if _shows(sentence, chunk, lemma, wanted)]
    if not (chosen or shown):
        return []
    stated = statements(sentence, found, lemma)
    phrases = [_phrase(sentence, chunk, lemma, stated[chunk.head]) for chunk in chosen]
    for chunk in filter(describable, shown):
        noun = lemma(sentence.words[chunk.head - 1])
        phrases.append(_phrase(sentence, chunk, lemma, stated[chunk.head])._replace(lemma=noun, plural=False))
    return phrases


def _shows(sentence: Sentence, chunk: Chunk, lemma: Lemma, wanted: Collection[str]) -> bool:
    """Whether the noun before the last one is wanted, and what the picture shows: "a cat picture"."""
    before = chunk.head - 1
    return (
        before >= chunk.first
        and sentence.tags[before] == "NN"
        and lemma(sentence.words[chunk.head]) in PICTURES
        and lemma(sentence.words[before]) in wanted
        and (sentence.words[before] in ANIMALS or sentence.words[before] in PEOPLE)
    )


def _phrase(sentence: Sentence, chunk: Chunk, lemma: Lemma, stated: Statements) -> NounPhrase:
    words, starts = sentence.words, sentence.starts
    # "a very big friendly dog"; but in "pretty flowers" that word is the adjective.
    sized = chunk.head - chunk.first >= 2 and words[chunk.first] in DEGREES and sentence.tags[chunk.first] == "RB"
    first = max(chunk.first + 2 if sized else chunk.first, eligibility.after_comparison(sentence, chunk))
    return NounPhrase(
        start=starts[chunk.start],
        insert_at=starts[first],
        graded=eligibility.is_graded(sentence, chunk),
        compared=first > chunk.first and not sized,
        head_start=starts[chunk.head],
        head_end=sentence.ends[chunk.head],
        lemma=lemma(words[chunk.head]),
        plural=sentence.tags[chunk.head] in ("NNS", "NNPS"),
        determiner=words[chunk.first - 1] if chunk.first > chunk.start else "",
        modifiers=_modifiers(sentence, chunk, lemma),
        before=words[chunk.start - 1] if chunk.start else "",
        complement=tuple(words[chunk.head + 1 : chunk.head + 13]),
        stated=stated,
    )


def _modifiers(sentence: Sentence, chunk: Chunk, lemma: Lemma) -> tuple[Modifier, ...]:
    """The words of `chunk` before its noun. What a hyphen or an apostrophe joins is one word; commas are left out."""
    found: list[Modifier] = []
    for i in range(chunk.first, chunk.head):
        word, start = sentence.words[i], sentence.starts[i]
        adjective = eligibility.is_adjective(sentence, i, chunk.head, lemma)
        if word == ",":
            continue
        if found and start == sentence.starts[i - 1] + len(sentence.words[i - 1]):
            last = found.pop()
            found.append(Modifier(last.start, last.word + word, last.is_adjective or adjective))
        else:
            found.append(Modifier(start, word, adjective))
    return tuple(found)
