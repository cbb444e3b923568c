"""Round trip: an adjective of a human caption is taken out and put back; is it the same sentence?

    python -m scripts.benchmarks round_trip ../shared/data --split test

A caption takes part where spaCy's whole pipeline, its parser included, says that one of VSO's or SentiCap's adjectives
describes a noun in it, and where the rest still has that noun as a noun. Captions that have the adjective or the noun
twice are left out: nothing tells which of two dogs was the happy one. So are those whose "noun" is a verb that the
pipeline takes for one ("a playful puppy bites"), as they hold no such pair; --verbs lists them. spacy-lemma gets the
rest of the caption and the adjective-noun pair. Beside it stand two plain rules that are told which word the noun was,
and see the parse: put the adjective right before the noun, or before all its modifiers.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sentikit_plugins.spacy_lemma.rewriter import SpacyLemma

from sentikit import ANP, Caption, Tag, apply_edits
from sentikit.english import article, insertion
from sentikit.english.expressions import COLOURS, FIXED, word_set
from sentikit.english.lemmas import NounLemmas
from sentikit.english.pipeline import load_pipeline
from sentikit.english.tagged import Sentence, mended

if TYPE_CHECKING:
    from spacy.tokens import Token

# Size, youth, place and sort: no opinion, and no emotion.
NO_OPINION = COLOURS | word_set(
    """big bigger large little mini short small tall tiny long high low huge giant young old older new adult baby
    waiting outdoor super training traveling right left free other same main top full live separate various different
    real mock bright dark open standing lying flying wooden grassy sandy natural public"""
)
NOUNS = ("NN", "NNS")
MODIFIERS = (*NOUNS, "NNP", "JJ", "JJR", "VBN", "VBG", "RB", "HYPH", ",", "CD")


class Item(NamedTuple):
    """A human caption without one of its adjectives. before_noun, before_all: where two plain rules put it back."""

    human: str
    rest: str
    tag: Tag
    before_noun: int
    before_all: int


def opinions(data: Path) -> frozenset[str]:
    """The adjectives of the Visual Sentiment Ontology, and SentiCap's that are used three times or more."""
    with open(data / "vso" / "vso_anps.csv", newline="") as file:
        found = {row["adjective"] for row in csv.DictReader(file)}
    uses: Counter[str] = Counter()
    with open(data / "senticap" / "senticap_anps_derived.csv", newline="") as file:
        for row in csv.DictReader(file):
            uses[row["adjective"]] += int(row["n_positive"] or 0) + int(row["n_negative"] or 0)
    return frozenset(found | {word for word, count in uses.items() if count >= 3}) - NO_OPINION


def items(captions: Sequence[str], adjectives: frozenset[str], verbs: list[str]) -> Iterator[Item]:
    """The items of `captions`, drawn with the whole pipeline; what is left out for its verb is added to `verbs`."""
    nlp = load_pipeline()
    lemma = NounLemmas(nlp)
    docs = list(nlp.pipe(captions, batch_size=256))
    uses = Counter((token.lower_, token.tag_ in NOUNS) for doc in docs for token in doc)
    drawn: list[tuple[str, str, int, Tag]] = []
    for caption, doc in zip(captions, docs, strict=True):
        lemmas = Counter(token.lemma_.lower() for token in doc)
        for token in doc:
            unique = lemmas[token.lemma_.lower()] == lemmas[token.head.lemma_.lower()] == 1
            if token.lower_ in adjectives and unique and describes_noun(token):
                noun = token.head.lower_
                if uses[noun, True] <= uses[noun, False] or (token.lower_, token.head.lemma_) in FIXED:
                    continue  # "a curious dog sniffs": no noun after all; "a hot dog": no opinion of a dog
                if is_verb(token.head, lemma):
                    verbs.append(f"{token} {token.head}: {caption}")
                    continue
                rest = without(caption, token.idx, len(token))
                at = token.head.idx + len(rest) - len(caption)
                drawn.append((caption, rest, at, Tag(ANP(token.lower_, noun))))
    rests = nlp.pipe((rest for _, rest, _, _ in drawn), batch_size=256)
    for (human, rest, at, tag), doc in zip(drawn, rests, strict=True):
        for noun in doc:
            if noun.idx == at and is_last_noun(noun):
                modifiers = (child for child in noun.lefts if child.dep_ not in ("det", "nummod", "poss", "prep", "cc"))
                starts = (word.idx for child in modifiers for word in child.subtree if word.is_alpha)
                yield Item(human, rest, tag, at, min(starts, default=at))


def describes_noun(token: Token) -> bool:
    """Whether `token` describes a noun after it, with nothing joined to it, and a space after it."""
    noun = token.head
    if token.tag_ not in ("JJ", "VBN", "VBG") or token.dep_ != "amod" or noun.i < token.i or not is_last_noun(noun):
        return False
    before = token.doc[token.i - 1].tag_ if token.i else ""
    between = token.doc[token.i + 1 : noun.i]
    if any(word.tag_ not in MODIFIERS for word in between):
        return False
    after = token.nbor()
    last = token.doc[token.i - 1].lower_ if token.i else ""
    if after.lower_ == "looking" or (last in ("a", "an") and last != article(token.lower_)):
        return False  # "a tasty looking pizza"; "a empty street"
    return (
        token.whitespace_ == " " and after.is_alpha and after.tag_ != "CC" and before not in ("CC", "HYPH", "RB", ",")
    )


def is_verb(noun: Token, lemma: NounLemmas) -> bool:
    """Whether what the pipeline takes for a noun is a verb, by what captions use after a noun."""
    words = [token.lower_ for token in noun.doc]
    starts = [token.idx for token in noun.doc]
    ends = [token.idx + len(token) for token in noun.doc]
    sentence = Sentence(noun.doc.text, words, [token.tag_ for token in noun.doc], starts, ends)
    return mended(sentence, lemma).tags[noun.i] not in NOUNS


def is_last_noun(token: Token) -> bool:
    """Whether `token` is a noun and no noun follows it."""
    following = token.doc[token.i + 1].tag_ if token.i + 1 < len(token.doc) else ""
    return token.tag_ in NOUNS and following not in (*NOUNS, "NNP", "NNPS", "HYPH", "VBN")


def without(caption: str, at: int, length: int) -> str:
    """`caption` without the adjective at `at`: the article before it and the capital of the sentence put right."""
    before, adjective, after = caption[:at], caption[at : at + length], caption[at + length + 1 :]
    if adjective[0].isupper() and not adjective.isupper():
        after = after[0].upper() + after[1:]
    *front, last = before.split(" ")[:-1] or [""]
    if last.lower() in ("a", "an") and last.lower() != (right := article(after)):
        before = " ".join([*front, right.capitalize() if last[0].isupper() else right, ""])
    return before + after


def main() -> None:
    """Draw the items of a split, and print how often each way gives the human sentence back."""
    parser = argparse.ArgumentParser(prog="python -m scripts.benchmarks round_trip", description=__doc__)
    parser.add_argument("data", type=Path, help="the folder of real data")
    parser.add_argument("--split", choices=("train", "dev", "test"), default="test", help="of Flickr8k")
    parser.add_argument("--failures", type=int, default=0, help="print so many of them")
    parser.add_argument("--verbs", action="store_true", help="list what is left out for its verb")
    given = parser.parse_args()

    document = json.loads((given.data / "flickr8k" / f"captions_{given.split}.json").read_text("utf-8"))
    captions = [annotation["caption"] for annotation in document["annotations"]]
    verbs: list[str] = []
    drawn = list(items(captions, opinions(given.data), verbs))
    ways = {
        "before the noun": [insertion(item.rest, item.before_noun, item.tag.adjective, item.tag) for item in drawn],
        "before all modifiers": [insertion(item.rest, item.before_all, item.tag.adjective, item.tag) for item in drawn],
    }
    texts = {
        name: [apply_edits(i.rest, [e]) for i, e in zip(drawn, edits, strict=True)] for name, edits in ways.items()
    }
    texts["spacy-lemma"] = [rewrite.text for rewrite in SpacyLemma().rewrite((Caption(i.rest), [i.tag]) for i in drawn)]
    print(f"{len(drawn)} adjectives of the {given.split} captions; {len(verbs)} left out for a verb")
    for name, written in texts.items():
        same = sum(text == item.human for text, item in zip(written, drawn, strict=True))
        alone = sum(text == item.rest for text, item in zip(written, drawn, strict=True))
        print(f"{name:<22} {same / len(drawn):.3f}  left alone {alone / len(drawn):.3f}")
    failed = [(item, text) for item, text in zip(drawn, texts["spacy-lemma"], strict=True) if text != item.human]
    for item, text in failed[: given.failures]:
        print(f"\n{item.human}\n{text}")
    if given.verbs:
        print("\n" + "\n".join(verbs))
