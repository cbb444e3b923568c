"""Labels photographs with the ANPs that the bundled taggers learn.

    python scripts/bundled/prepare_anps.py DATA OUT

DATA has Flickr8k, FlickrStyle, SentiCap, VSO's ANPs, captions of COCO, and COCO photographs with the paper authors'
tags. Of Flickr8k and FlickrStyle only the training photographs are read, of COCO all but those held out. Written are
manifests for `sentikit train`:
OUT/train.jsonl (the COCO photographs several times an epoch), OUT/train_final.jsonl (with the authors' tags that were
held out, for when the settings are chosen), OUT/train_by_weight.jsonl (the same, but a photograph comes the more often
the more its ANPs weigh: else those of which little is known would be most of them) and OUT/val.jsonl; and the ontology
of the ANPs that people stated, OUT/mined.json, which counts how many photographs they state each of.

A photograph's ANPs come from six sources, each with its weight:

  1.0  stated in its human captions ("a happy dog")
   .5  stated in its romantic caption (FlickrStyle)
   .3  times the probability that another caption would state it, to a model that has read those there are
  .25  cues: where two of its captions tell of a splash, its dog is wet
  1.0  the authors' own tags, of another model: the first, and the others less and less
  .05  P(adjective | noun) in what people write of such a noun, where two captions have the noun: it says nothing of
       the photograph, but lets the model know a pleasant word for every noun that it sees
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from csv import DictReader
from math import exp, sqrt
from pathlib import Path
from typing import Any

from caption_teacher import CaptionTeacher, Heard
from prepare_captions import held_out, photos

from sentikit import ANP
from sentikit.affect.adjective_counts import AdjectiveCounts
from sentikit.affect.denylist import Denylist
from sentikit.affect.emotional import is_emotional, is_emotional_word
from sentikit.affect.ontology import Ontology, OntologyEntry
from sentikit.affect.valence import adjective_valence, polarity
from sentikit.english.expressions import COLOURS, QUANTIFIERS, SIZES, word_set
from sentikit.english.noun_phrases import NounFinder
from sentikit.english.stated import StatedANPs

STATED, ROMANTIC, LIKELY, CUE, AUTHORS, TYPICAL = 1.0, 0.5, 0.3, 0.25, 1.0, 0.05
LEAST_STATED, LEAST_CUES, LEAST_AUTHORS, LEAST_TYPICAL = 3, 10, 5, 4
"""Photographs (or captions, for what is typical) that an ANP needs."""
LEAST_LIKELY = 0.02
"""A smaller probability that another caption would state an ANP is none."""
LEAST_COUNTED = 0.2
"""An ontology's count is of the photographs of which an ANP is stated, cued or among the authors' first: a label below
this weight says only that it may be so."""
LARGEST_SHARE = 0.06
"""Of an adjective, in all the weight of stated and cued ANPs."""
AUTHORS_DECAY = 12
"""An authors' tag weighs exp(-rank / 12): they are a model's, and the first are the surest."""
AUTHORS_HELD_OUT = 150
REPEAT = {"coco_tagged": 5, "coco_captioned": 2}
"""The COCO photographs are few, and of what users photograph: each comes so often in an epoch."""

Labels = dict[str, dict[ANP, float]]
"""File name in DATA -> ANP -> weight."""

PEOPLE = "man woman boy girl child kid baby person people lady guy couple toddler player friend group family crowd"
ANIMALS = "dog puppy cat kitten horse"
GROUND = "mountain hill field slope road street path track yard hillside ground forest park tree trail"
WATER = "water river wave ocean lake sea pool beach stream"
PLACES = "street market city room restaurant store sidewalk park beach station square road stadium"
# (what two captions say, the nouns of which two captions have one, the adjective)
CUES = [
    (r"smil\w+|grin\w*", PEOPLE, "smiling"),
    (r"laugh\w*|giggl\w+", PEOPLE, "laughing"),
    (r"smil\w+|laugh\w*|grin\w*|cheer\w*", PEOPLE, "happy"),
    (r"soak\w*|splash\w*|wet", f"{PEOPLE} {ANIMALS}", "wet"),
    (r"mud|muddy", f"{PEOPLE} {ANIMALS} road track field puddle bike", "muddy"),
    (r"chas\w+|fetch\w*|wrestl\w+|play\w*", ANIMALS, "playful"),
    (r"play\w*|splash\w*|swing\w*|bounc\w+", "boy girl child kid baby toddler", "playful"),
    (r"growl\w*|snarl\w*|fight\w*|teeth", ANIMALS, "aggressive"),
    (r"leap\w*|sprint\w*|jump\w*|race|racing", f"{ANIMALS} boy girl child kid", "energetic"),
    (r"sleep\w*|asleep|nap\w*|yawn\w*", f"{PEOPLE} {ANIMALS}", "sleepy"),
    (r"cliff|rappel\w*|stunt\w*|ramp|midair|flip", PEOPLE, "brave"),
    (r"hik\w+|kayak\w*|climb\w*|snowboard\w*|raft\w*|surf\w*", PEOPLE, "adventurous"),
    (r"cheer\w*|celebrat\w+|excited\w*", PEOPLE, "excited"),
    (r"hug\w*|kiss\w*|embrac\w+|cuddl\w+", PEOPLE, "loving"),
    (r"sniff\w*|peer\w*|star\w+ at|look\w* (?:at|up|out|through)", ANIMALS, "curious"),
    (r"costume\w*|wig|mask|funny|silly", PEOPLE, "silly"),
    (r"danc\w+|party", PEOPLE, "lively"),
    (r"run\w*|rac\w+", ANIMALS, "fast"),
    (r"fluffy|furry|shaggy|long.haired", ANIMALS, "fluffy"),
    (r"puppy|puppies|small dog|little dog|kitten", ANIMALS, "cute"),
    (r"infant|baby|toddler", "baby child toddler girl boy", "adorable"),
    (r"suit|tuxedo|gown|wedding|bride", f"{PEOPLE} bride groom", "elegant"),
    (r"guitar|sing\w*|drum\w*|band|perform\w*", f"{PEOPLE} musician singer band", "talented"),
    (r"football|soccer|basketball|baseball|tennis|hockey|rugby", f"{PEOPLE} team athlete", "skilled"),
    (r"snow\w*", GROUND, "snowy"),
    (r"ice|icy|frozen", f"{GROUND} {WATER}", "icy"),
    (r"crowd\w*|busy", PLACES, "crowded"),
    (r"rapids|whitewater|white water|rough|wave\w*", WATER, "rough"),
    (r"sunset|sunrise|sun sets?", f"{WATER} sky sunset sunrise view mountain", "beautiful"),
    (r"dust\w*|dirt", GROUND, "dusty"),
    (r"night|dark", f"{PLACES} night sky", "dark"),
    (r"sun|sunny|sunshine", f"{PLACES} day field sky", "sunny"),
    (r"colou?rful|rainbow", "shirt dress costume umbrella balloon kite hat building wall clothing", "colorful"),
    (r"mountain\w*|cliff\w*|canyon", "view mountain landscape scenery cliff valley", "majestic"),
]
DULL = frozenset({"good", "great", "nice", "best", "better", "favorite", "important", "interesting", "cool", "fine"})
"""They can be said of everything: a photograph gets them only where somebody stated them of it."""
NOT_TELLING = word_set(
    """best better christian different free hard invisible lying natural new outdoor permanent pondering potable proper
    right saturated secondary super traveling waiting wrong young"""
)
"""Of VSO's and SentiCap's adjectives, those that tell a relation, an age or a sort."""
NOT_FOR_TEXTS = [
    "aggressive dog",
    "artificial wall",
    "bad sign",
    "busy beach",
    "crowded beach",
    "rough beach",
    "silly man",
    "silly people",
    "silly woman",
    "sleepy man",
    "wild dog",
]
"""What taggers may name and no text gets: of the dev photographs whose captions got one of them, it was wrong or unkind
of most, and those that few got are of the same sort."""
TALKATIVE = 1
"""Cues about a place need one caption only; its nouns are in two all the same."""
SCENERY = {"snowy", "icy", "crowded", "rough", "beautiful", "dusty", "dark", "sunny", "majestic"}


def main(data: Path, out: Path) -> None:
    """Read everything and write the files."""
    finder, nouns = StatedANPs(telling_word(data)), NounFinder()
    flickr = photos(data, "flickr8k", "captions_train.json")
    dev = photos(data, "flickr8k", "captions_dev.json")
    coco, coco_dev = held_out(photos(data, "coco_captioned", "captions.json"))
    romantic = romantic_captions(data, {name for name, _ in flickr})

    learnt = dict(flickr + coco)
    by_caption = stated_by_caption(finder, learnt)
    romantic_by_caption = stated_by_caption(finder, romantic)
    stated, romantic_stated = of_photographs(by_caption), of_photographs(romantic_by_caption)
    texts = coco_texts(data, {name for name, _ in coco_dev})
    texts_by_caption = stated_by_caption(finder, texts)
    nouns_of = nouns_twice(nouns, learnt)
    cued = cues(learnt, nouns_of)
    authors, authors_dev = authors_tags(data)
    said = Counter(anp for source in (stated, romantic_stated) for anps in source.values() for anp in anps)
    typical = typical_adjectives(
        data, finder, said + Counter(anp for found in texts_by_caption.values() for anps in found for anp in anps)
    )

    mined = common([stated, romantic_stated], LEAST_STATED) | common([cued], LEAST_CUES)
    tagged = common([authors], LEAST_AUTHORS)
    labels: defaultdict[str, defaultdict[ANP, float]] = defaultdict(lambda: defaultdict(float))
    for source, weight in ((stated, STATED), (romantic_stated, ROMANTIC), (cued, CUE)):
        for name, anps in source.items():
            for anp in anps:
                if anp in mined:
                    labels[name][anp] = max(labels[name][anp], weight)
    capped(labels)
    teacher = CaptionTeacher(
        [
            *heard(learnt, by_caption),
            *heard(texts, texts_by_caption, 0.5),
            *(Heard(learnt[name], anps, 0.5) for name, (anps,) in romantic_by_caption.items()),
        ],
        sorted(mined),
    )
    for name, probabilities in teacher(learnt).items():
        for anp, probability in probabilities.items():
            if probability > LEAST_LIKELY:
                labels[name][anp] += LIKELY * probability
    for name, anps in authors.items():
        for anp, weight in anps.items():
            if anp in tagged:
                labels[name][anp] += weight
    for name, found in nouns_of.items():
        for noun in found:
            for adjective in typical.of_noun(noun):
                anp = ANP(adjective, noun)
                labels[name][anp] += TYPICAL * typical.given_noun(anp, smoothing=0.0)

    out.mkdir(parents=True, exist_ok=True)
    write_manifest(out / "train.jsonl", labels, by_folder)
    held = {name: {anp: weight for anp, weight in anps.items() if anp in tagged} for name, anps in authors_dev.items()}
    write_manifest(out / "train_final.jsonl", {**labels, **held}, by_folder)
    write_manifest(out / "train_by_weight.jsonl", {**labels, **held}, by_weight)
    select = of_photographs(stated_by_caption(finder, dict(dev + coco_dev)))
    of_dev = {name: {anp: 1.0 for anp in anps if anp in mined} for name, anps in select.items()}
    write_manifest(out / "val.jsonl", of_dev)
    write_manifest(out / "authors_val.jsonl", {name: dict.fromkeys(anps, 1.0) for name, anps in authors_dev.items()})
    listed = sorted({anp for anps in labels.values() for anp in anps})
    counts = Counter(anp for anps in labels.values() for anp, weight in anps.items() if weight >= LEAST_COUNTED)
    write_ontology(out / "mined.json", "mined", {anp: said[anp] for anp in sorted(mined)})
    write_ontology(out / "ontology.json", "bundled", {anp: max(counts[anp], 1) for anp in listed})


def telling_word(data: Path) -> Callable[[str], bool]:
    """Whether a word is an adjective of the taggers: one that tells a feeling, or that VSO or SentiCap has.

    Some of these have no valence ("shallow water"): a tagger that knows them sees more.
    """
    with (data / "vso" / "vso_anps.csv").open(encoding="utf-8") as handle:
        listed = {row["adjective"] for row in DictReader(handle)}
    counts: Counter[str] = Counter()
    with (data / "senticap" / "senticap_anps_derived.csv").open(encoding="utf-8") as handle:
        for row in DictReader(handle):
            counts[row["adjective"]] += int(row["n_positive"]) + int(row["n_negative"])
    listed |= {word for word, count in counts.items() if count >= LEAST_STATED}
    listed -= COLOURS | SIZES | QUANTIFIERS | NOT_TELLING
    return lambda word: word in listed or is_emotional_word(word)


def romantic_captions(data: Path, names: set[str]) -> dict[str, list[str]]:
    """FlickrStyle's romantic captions of the photographs named."""
    document = json.loads((data / "flickr8k" / "flickrstyle.json").read_text("utf-8"))
    name_of = {image["id"]: f"flickr8k/images/{image['file_name']}" for image in document["images"]}
    captions: dict[str, list[str]] = {}
    for annotation in document["annotations"]:
        name = name_of[annotation["image_id"]]
        if annotation["style"] == "romantic" and name in names:
            captions.setdefault(name, []).append(annotation["caption"])
    return captions


def coco_texts(data: Path, select: set[str]) -> dict[str, list[str]]:
    """The captions of `coco_text`, without those of photographs to select on or to test with."""
    mini = {Path(name).name for name, _ in photos(data, "coco_mini", "captions.json")}
    left_out = mini | {Path(name).name for name in select}
    return {
        name: texts for name, texts in photos(data, "coco_text", "captions.json") if Path(name).name not in left_out
    }


def stated_by_caption(finder: StatedANPs, captions: Mapping[str, Sequence[str]]) -> dict[str, list[set[ANP]]]:
    """The emotional ANPs that each caption of a photograph states and the denylist has nothing against."""
    denylist = Denylist.load()
    found = finder.find(text for texts in captions.values() for text in texts)
    return {
        name: [{anp for anp in next(found) if is_told(anp) and usable(anp, denylist)} for _ in texts]
        for name, texts in captions.items()
    }


def of_photographs(by_caption: Mapping[str, Sequence[set[ANP]]]) -> dict[str, set[ANP]]:
    """The ANPs of each photograph that has any, of all its captions."""
    return {name: anps for name, found in by_caption.items() if (anps := set().union(*found))}


def heard(
    captions: Mapping[str, Sequence[str]], by_caption: Mapping[str, Sequence[set[ANP]]], weight: float = 1.0
) -> Iterator[Heard]:
    """For each caption with an ANP, the others of its photograph."""
    for name, found in by_caption.items():
        for place, anps in enumerate(found):
            if anps:
                yield Heard([*captions[name][:place], *captions[name][place + 1 :]], anps, weight)


def is_told(anp: ANP) -> bool:
    """Whether the adjective says of this noun what it says of others: not "dark hair", which is a colour."""
    return is_emotional(anp) or not is_emotional_word(anp.adjective)


def usable(anp: ANP, denylist: Denylist) -> bool:
    """Whether a text may get `anp` when its own polarity is asked for."""
    return denylist.denies(anp, polarity(adjective_valence(anp.adjective)) or "any") is None


def nouns_twice(finder: NounFinder, captions: Mapping[str, Sequence[str]]) -> dict[str, set[str]]:
    """The nouns that at least two captions of a photograph have, in the singular."""
    found = finder.find((text, None) for texts in captions.values() for text in texts)
    nouns: dict[str, set[str]] = {}
    for name, texts in captions.items():
        counts = Counter(noun for _ in texts for noun in {phrase.lemma for phrase in next(found)})
        nouns[name] = {noun for noun, count in counts.items() if count >= 2}
    return nouns


def cues(captions: Mapping[str, Sequence[str]], nouns_of: Mapping[str, set[str]]) -> dict[str, set[ANP]]:
    """The ANPs that CUES find."""
    rules = [(re.compile(rf"\b(?:{cue})\b"), set(nouns.split()), adjective) for cue, nouns, adjective in CUES]
    found: dict[str, set[ANP]] = {}
    for name, texts in captions.items():
        lower = [text.lower() for text in texts]
        for cue, nouns, adjective in rules:
            if nouns & nouns_of[name]:
                needed = TALKATIVE if adjective in SCENERY else 2
                if sum(bool(cue.search(text)) for text in lower) >= needed:
                    found.setdefault(name, set()).update(ANP(adjective, noun) for noun in nouns & nouns_of[name])
    return found


def authors_tags(data: Path) -> tuple[Labels, Labels]:
    """The authors' tags of `coco_tagged`, and those of the photographs held out."""
    lines = (data / "coco_tagged" / "tags_resnet101_vso.jsonl").read_text("utf-8").splitlines()
    labels: Labels = {}
    for line in map(json.loads, lines):
        pairs = [tuple(text.split()) for text in line["anps"]]
        labels[f"coco_tagged/images/{line['file_name']}"] = {
            ANP(*pair): AUTHORS * exp(-rank / AUTHORS_DECAY) for rank, pair in enumerate(pairs) if len(pair) == 2
        }
    names = sorted(labels)
    select = set(names[:: len(names) // AUTHORS_HELD_OUT][:AUTHORS_HELD_OUT])
    return {n: labels[n] for n in names if n not in select}, {n: labels[n] for n in names if n in select}


def typical_adjectives(data: Path, finder: StatedANPs, said: Counter[ANP]) -> AdjectiveCounts:
    """What people write of a noun, in SentiCap's positive captions and in all others.

    The square roots of the counts are taken, so that the commonest adjective of a noun does not crowd out the others.
    """
    denylist = Denylist.load()
    counts = said.copy()
    with (data / "senticap" / "senticap_anps_derived.csv").open(encoding="utf-8") as handle:
        for row in DictReader(handle):
            anp = ANP(row["adjective"], finder.lemma(row["noun"]))
            counts[anp] += int(row["n_positive"])
    roots: dict[ANP, float] = {}
    for anp, count in counts.items():
        feeling = polarity(adjective_valence(anp.adjective))
        felt = feeling in ("positive", "negative") and anp.adjective not in DULL
        if count >= LEAST_TYPICAL and felt and usable(anp, denylist):
            roots[anp] = sqrt(count)
    return AdjectiveCounts(roots)


def common(sources: Iterable[Mapping[str, Iterable[ANP]]], least: int) -> set[ANP]:
    """The ANPs of at least so many photographs."""
    names: defaultdict[ANP, set[str]] = defaultdict(set)
    for source in sources:
        for name, anps in source.items():
            for anp in anps:
                names[anp].add(name)
    return {anp for anp, found in names.items() if len(found) >= least}


def capped(labels: defaultdict[str, defaultdict[ANP, float]]) -> None:
    """Make an adjective's weights smaller where it has more than LARGEST_SHARE of all."""
    mass: Counter[str] = Counter()
    for anps in labels.values():
        for anp, weight in anps.items():
            mass[anp.adjective] += weight
    total = sum(mass.values())
    for anps in labels.values():
        for anp in anps:
            anps[anp] *= min(1.0, LARGEST_SHARE * total / mass[anp.adjective])


Repeat = Callable[[str, Mapping[ANP, float]], int]
"""File name, its ANPs' weights -> how often the photograph comes in an epoch."""


def once(name: str, weights: Mapping[ANP, float]) -> int:
    return 1


def by_folder(name: str, weights: Mapping[ANP, float]) -> int:
    """See REPEAT."""
    return REPEAT.get(name.split("/")[0], 1)


def by_weight(name: str, weights: Mapping[ANP, float]) -> int:
    """As its ANPs weigh together, from 1 to 6; twice for the authors' tags, which are many for each photograph."""
    return 2 if name.startswith("coco_tagged") else min(max(round(4 * sum(weights.values())), 1), 6)


def write_manifest(path: Path, labels: Mapping[str, Mapping[ANP, float]], repeat: Repeat = once) -> None:
    """A line for each photograph and ANP."""
    rows: list[dict[str, Any]] = [
        {
            "file_name": name,
            "adjective": anp.adjective,
            "noun": anp.noun,
            "weight": round(weight, 4),
            "repeat": repeat(name, anps),
        }
        for name, anps in sorted(labels.items())
        for anp, weight in sorted(anps.items())
        if weight >= 0.001
    ]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    print(f"{path}: {len({row['file_name'] for row in rows}):,} photographs, {len(rows):,} labels")


def write_ontology(path: Path, name: str, counts: Mapping[ANP, int]) -> None:
    """The ANPs with their valence, and whether a text may get them."""
    denylist = Denylist.load()
    entries = {
        anp: OntologyEntry(
            adjective_valence(anp.adjective),
            count,
            insertable=str(anp) not in NOT_FOR_TEXTS and usable(anp, denylist),
        )
        for anp, count in counts.items()
    }
    Ontology(name, entries).write(path, force=True)
    print(f"{path}: {len(entries):,} ANPs, {sum(entry.insertable for entry in entries.values()):,} insertable")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
