"""Draws updated captions, and plants faults among them."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from hashlib import md5
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from sentikit.english import words

RESERVED = "0123"
"""First hex digits of md5(id) of the images that are read at the end and never before."""
PLANTED = 10
_KINDS = ("article", "doubled", "after the noun", "before a verb or preposition", "opposite")


def is_reserved(image: int | str) -> bool:
    """Whether an image is reserved for reading."""
    return md5(str(image).encode()).hexdigest()[0] in RESERVED


def draw(data: Path, rewriter: str, seed: int, number: int, output: Path) -> None:
    """Write the sheet for the readers, and the key with the planted faults."""
    output.mkdir(parents=True)
    updated = _update(data, rewriter, output)
    chance = random.Random(seed)
    changed = _in_rounds(updated, chance)
    drawn, rest = changed[:number], changed[number:]
    if len(drawn) < number or len(rest) < PLANTED:
        sys.exit(f"Only {len(changed)} captions were updated.")
    planted = [_fault(one, kind, chance) for one, kind in zip(rest, islice(cycle(_KINDS), PLANTED), strict=False)]
    rows = [(*one, "") for one in drawn] + planted
    chance.shuffle(rows)
    lines = [
        json.dumps({"number": place, "before": before, "after": after}, ensure_ascii=False)
        for place, (before, after, _) in enumerate(rows, 1)
    ]
    (output / "sheet.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    key = {
        "rewriter": rewriter,
        "seed": seed,
        "planted": {place: kind for place, (_, _, kind) in enumerate(rows, 1) if kind},
    }
    (output / "key.json").write_text(json.dumps(key, indent=1) + "\n", "utf-8")
    print(f"{len(rows)} captions, {len(planted)} of them with a planted fault, in {output / 'sheet.jsonl'}")


def _update(data: Path, rewriter: str, output: Path) -> list[dict[str, Any]]:
    """The annotations of the reserved images with tags, updated."""
    coco = json.loads((data / "coco_text" / "captions.json").read_text("utf-8"))
    coco["images"] = [image for image in coco["images"] if is_reserved(image["id"])]
    known = {image["id"] for image in coco["images"]}
    coco["annotations"] = [one for one in coco["annotations"] if one["image_id"] in known]
    captions, made = output / "reserved.json", output / "updated.json"
    captions.write_text(json.dumps(coco), "utf-8")
    tags = data / "coco_text" / "tags_resnet101_vso.jsonl"
    command = [sys.executable, "-P", "-m", "sentikit", "update-captions", str(captions), "--tags", str(tags)]
    subprocess.run([*command, "--rewriter", rewriter, "-o", str(made)], check=True, stdout=subprocess.DEVNULL)
    annotations: list[dict[str, Any]] = json.loads(made.read_text("utf-8"))["annotations"]
    return annotations


def _in_rounds(annotations: list[dict[str, Any]], chance: random.Random) -> list[tuple[str, str]]:
    """Updated captions before and after: in random order, one of each image before any image has a second."""
    by_image: dict[Any, list[tuple[str, str]]] = {}
    for one in annotations:
        if "sentikit" in one:
            by_image.setdefault(one["image_id"], []).append((one["sentikit"]["original"], one["caption"]))
    found: list[tuple[int, float, tuple[str, str]]] = []
    for image in sorted(by_image, key=str):
        pairs = by_image[image]
        chance.shuffle(pairs)
        found += [(number, chance.random(), pair) for number, pair in enumerate(pairs)]
    return [pair for _, _, pair in sorted(found)]


def _fault(caption: tuple[str, str], kind: str, chance: random.Random) -> tuple[str, str, str]:
    """The caption with a fault of that kind where it has the place for one; otherwise with a doubled adjective."""
    before, after = caption
    new = next(word.lower for word in words(after) if word.lower not in {one.lower for one in words(before)})
    found = words(after)
    place = next(index for index, word in enumerate(found) if word.lower == new)
    word = found[place]
    if kind == "article" and place and found[place - 1].lower in ("a", "an"):
        article = found[place - 1]
        wrong = {"a": "an", "an": "a"}[article.lower]
        return before, after[: article.start] + wrong + after[article.end :], kind
    if kind == "after the noun" and place + 1 < len(found):
        noun = found[place + 1]
        return before, after[: word.start] + after[noun.start : noun.end] + f" {new}" + after[noun.end :], kind
    if kind == "before a verb or preposition":
        small = [one for one in words(before) if one.lower in ("on", "in", "with", "of", "is", "are", "at")]
        if small:
            at = chance.choice(small).start
            return before, f"{before[:at]}{new} {before[at:]}", kind
    if kind == "opposite":
        return before, after[: word.start] + f"{new} un{new} " + after[word.end + 1 :], kind
    return before, after[: word.end] + f" {new}" + after[word.end :], "doubled"
