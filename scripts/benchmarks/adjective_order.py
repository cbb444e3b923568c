"""The order of adjectives that sentikit keeps, against what people write: how many neighbours stand in that order.

    python -m scripts.benchmarks adjective_order ../shared/data --split dev

The order is opinion and mood, size, age, colour, and last origin, material and purpose; what shape or condition a thing
is in moves about between opinion and colour. Two neighbouring adjectives of a human caption count where the class of
both is known, nothing joins them, and they are of different words.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

from sentikit.english.noun_phrases import NounFinder
from sentikit.english.order import pairs_in_order


def main() -> None:
    """Count the pairs of a split, and print how many agree and the commonest that do not."""
    parser = argparse.ArgumentParser(prog="python -m scripts.benchmarks adjective_order", description=__doc__)
    parser.add_argument("data", type=Path, help="the folder of real data")
    parser.add_argument("--split", choices=("train", "dev", "test"), default="dev", help="of Flickr8k")
    given = parser.parse_args()

    document = json.loads((given.data / "flickr8k" / f"captions_{given.split}.json").read_text("utf-8"))
    texts = [annotation["caption"] for annotation in document["annotations"]]
    agree: Counter[bool] = Counter()
    against: Counter[str] = Counter()
    for phrases in NounFinder().find((text, None) for text in texts):
        for phrase in phrases:
            for one, other, right in pairs_in_order(phrase):
                agree[right] += 1
                against[f"{one} {other}"] += not right
    pairs = agree.total()
    print(f"{pairs:,} pairs of adjectives in the {given.split} captions, {agree[True] / max(pairs, 1):.3f} in order")
    print(
        "most often the other way round: "
        + ", ".join(f"{pair} ({count})" for pair, count in (+against).most_common(10))
    )
