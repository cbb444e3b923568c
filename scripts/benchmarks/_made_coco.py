"""A COCO-sized file: real captions, each made distinct, and 20 tags an image of which about a third meet a noun."""

from __future__ import annotations

import csv
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

IMAGES = 118_287
CAPTIONS = 591_435
TAGS = 20
MATCHING = 0.42
"""How often a caption's noun is among the tags: captions without any, and the denylist, make it a third."""
_ENDINGS = re.compile(r"[\s.]*$")


def real_captions(data: Path) -> list[str]:
    """The human captions of the real data, without repetitions."""
    texts: dict[str, None] = {}
    for name in ("coco_text/captions.json", "flickr8k/captions_train.json", "flickr8k/captions_dev.json"):
        document = json.loads((data / name).read_text("utf-8"))
        texts |= dict.fromkeys(_ENDINGS.sub("", annotation["caption"]) for annotation in document["annotations"])
    return [text for text in texts if text]


def make(data: Path, folder: Path, captions: int = CAPTIONS) -> tuple[Path, Path]:
    """Write captions.json and tags.jsonl into `folder`, unless they are there, and return their paths."""
    coco, tags = folder / f"captions_{captions}.json", folder / f"tags_{captions}.jsonl"
    if coco.exists() and tags.exists():
        return coco, tags
    rng = random.Random(0)
    texts = real_captions(data)
    images = IMAGES * captions // CAPTIONS
    annotations = [
        {"image_id": number % images, "id": number, "caption": text}
        for number, text in enumerate(_distinct(texts, captions))
    ]
    by_image: list[list[str]] = [[] for _ in range(images)]
    for annotation in annotations:
        by_image[annotation["image_id"]].append(annotation["caption"])
    rng.shuffle(annotations)
    listing = [
        {"id": number, "file_name": f"{number:012}.jpg", "width": 640, "height": 480} for number in range(images)
    ]
    folder.mkdir(parents=True, exist_ok=True)
    coco.write_text(json.dumps({"info": {}, "licenses": [], "images": listing, "annotations": annotations}), "utf-8")
    anps = _vso(data)
    by_noun: dict[str, list[tuple[str, str]]] = {}
    for adjective, noun in anps:
        by_noun.setdefault(noun, []).append((adjective, noun))
    with tags.open("w", encoding="utf-8") as lines:
        for number, image_captions in enumerate(by_image):
            chosen = _draw(image_captions, anps, by_noun, rng)
            probabilities = sorted((rng.random() for _ in chosen), reverse=True)
            entries = [
                {"adjective": adjective, "noun": noun, "probability": round(probability, 6)}
                for (adjective, noun), probability in zip(chosen, probabilities, strict=True)
            ]
            lines.write(json.dumps({"image_id": number, "file_name": f"{number:012}.jpg", "anps": entries}) + "\n")
    return coco, tags


def _distinct(texts: list[str], count: int) -> Iterator[str]:
    """The texts round and round; from the second round on with an ending that makes them distinct."""
    for number in range(count):
        lap = number // len(texts)
        yield texts[number % len(texts)] + (f" in picture {number}." if lap else ".")


def _vso(data: Path) -> list[tuple[str, str]]:
    with (data / "vso" / "vso_anps.csv").open(encoding="utf-8", newline="") as rows:
        return [(row["adjective"], row["noun"]) for row in csv.DictReader(rows)]


def _draw(
    captions: list[str],
    anps: list[tuple[str, str]],
    by_noun: dict[str, list[tuple[str, str]]],
    rng: random.Random,
) -> list[tuple[str, str]]:
    """20 ANPs; for a third of the captions one that has a noun of the caption, the others with nouns of none."""
    words = [set(re.findall(r"\w+", text.lower())) for text in captions]
    present = set().union(*words)
    chosen = [anp for anp in rng.sample(anps, 3 * TAGS) if anp[1] not in present][:TAGS]
    matching = [by_noun[rng.choice(nouns)] for found in words if (nouns := sorted(found & by_noun.keys()))]
    for place, candidates in zip(rng.sample(range(len(chosen)), len(matching)), matching, strict=True):
        if rng.random() < MATCHING:
            chosen[place] = rng.choice(candidates)
    return list(dict.fromkeys(chosen))
