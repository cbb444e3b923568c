"""spacy-lemma on captions of which a third hold a tag's noun, against spaCy's whole pipeline, a caption at a time.

    python -m scripts.benchmarks spacy_lemma ../shared/data

The plain way runs ``nlp(caption)`` on every caption and decides with the same rules from what that says. Both ways
get the same 20 tags a caption, must make the same edits, and are timed without loading the pipeline.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import re
import time
from pathlib import Path

from sentikit_plugins.spacy_lemma.rewriter import SpacyLemma

from sentikit import ANP, Caption, Tag
from sentikit.english.noun_phrases import noun_phrases, tagger_text
from sentikit.english.pipeline import load_pipeline

TAGS = 20
MATCHING = 1 / 3


def draw(data: Path, count: int, writer: SpacyLemma) -> list[tuple[Caption, list[Tag]]]:
    """`count` captions of COCO with 20 ANPs each; a third of them have one whose noun the caption holds, none more."""
    rng = random.Random(0)
    lemma = writer.finder.lemma
    with (data / "vso" / "vso_anps.csv").open(encoding="utf-8", newline="") as rows:
        anps = [ANP(row["adjective"], row["noun"]) for row in csv.DictReader(rows)]
    captions = [
        entry["caption"] for entry in json.loads((data / "coco_text" / "captions.json").read_text())["annotations"]
    ]
    with_noun: list[tuple[Caption, list[Tag]]] = []
    without: list[tuple[Caption, list[Tag]]] = []
    for caption in rng.sample(captions, len(captions)):
        present = set(map(lemma, re.findall(r"[a-z]+", caption.lower())))
        tags = [anp for anp in rng.sample(anps, 3 * TAGS) if lemma(anp.noun) not in present][:TAGS]
        matching = [anp for anp in anps if lemma(anp.noun) in present]
        if len(with_noun) < count * MATCHING and matching:
            tags[rng.randrange(TAGS)] = rng.choice(matching)
            with_noun.append((Caption(caption), list(map(Tag, tags))))
        elif len(without) < count - count * MATCHING:
            without.append((Caption(caption), list(map(Tag, tags))))
    return rng.sample(with_noun + without, len(with_noun) + len(without))


def main() -> None:
    """Time both ways, compare their edits one by one, and print the ratio."""
    parser = argparse.ArgumentParser(prog="python -m scripts.benchmarks spacy_lemma", description=__doc__)
    parser.add_argument("data", type=Path, help="the folder of real data")
    parser.add_argument("--captions", type=int, default=5000)
    given = parser.parse_args()

    writer, nlp = SpacyLemma(), load_pipeline()
    lemma = writer.finder.lemma
    items = draw(given.data, given.captions, writer)
    for caption, _ in items[:50]:
        nlp(caption.text)  # warm up

    began = time.perf_counter()
    rewrites = list(writer.rewrite(items))
    ours = time.perf_counter() - began

    began = time.perf_counter()
    plain = []
    for caption, tags in items:
        doc = nlp(tagger_text(caption.text))
        wanted = {lemma(tag.noun) for tag in tags}
        plain.append(writer.decide(caption, tags, noun_phrases(caption.text, doc, lemma, wanted)))
    theirs = time.perf_counter() - began

    edited = sum(bool(rewrite.edits) for rewrite in plain)
    differing = sum(one != other for one, other in zip(rewrites, plain, strict=True))
    print(f"{len(items):,} captions, {edited:,} of them edited, {differing} differently")
    print(f"whole pipeline, one by one  {len(items) / theirs:8,.0f} captions/s   1.0")
    print(f"spacy-lemma                 {len(items) / ours:8,.0f} captions/s  {theirs / ours:4.1f}")
