"""How captions are written: grammar, variety, and the distance from the plain ones."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from sentikit import EvaluatedCaption, SentikitError
from sentikit.english.tokenizer import tokenize
from sentikit.evaluation.reading import read_texts

from .base import Feeling, share


class Grammar(Feeling):
    """What an insertion can break. People's own captions show what the checks take for an error and is none."""

    def measure(self, captions: Sequence[EvaluatedCaption]) -> dict[str, float]:
        readings = read_texts(caption.text for caption in captions)
        count = len(readings)
        figures = {
            "adjectives out of order, a caption": share(sum(one.misplaced for one in readings), count, "captions"),
            "doubled adjectives, a caption": sum(one.doubled for one in readings) / count,
        }
        articles = sum(one.articles for one in readings)
        if articles:
            figures["wrong articles, of all a and an"] = sum(one.wrong_articles for one in readings) / articles
        return figures


class Diversity(Feeling):
    """Different words, and the share of words and of neighbouring pairs that are different."""

    def measure(self, captions: Sequence[EvaluatedCaption]) -> dict[str, float]:
        rows = [tokenize(caption.text) for caption in captions]
        words = [word for row in rows for word in row]
        pairs = [pair for row in rows for pair in pairwise(row)]
        figures = {"vocabulary": len(set(words)), "distinct-1": share(len(set(words)), len(words), "words")}
        if pairs:
            figures["distinct-2"] = len(set(pairs)) / len(pairs)
        return figures


class Change(Feeling):
    """What was done to plain captions."""

    def measure(self, captions: Sequence[EvaluatedCaption]) -> dict[str, float]:
        known = [(caption.plain, caption.text) for caption in captions if caption.plain is not None]
        if len(known) < len(captions) or not known:
            raise SentikitError("no plain captions of these are known")
        changed = [(plain, text) for plain, text in known if plain != text]
        added = sum(len(tokenize(text)) - len(tokenize(plain)) for plain, text in changed)
        figures = {"changed": len(changed) / len(known), "words put in, a caption": added / len(known)}
        if changed:
            figures["words put in, a changed caption"] = added / len(changed)
        return figures
