"""What noun-forcing did to captions: measure_forced.py DATA FORCED.jsonl PACK.

Prints how many captions got an adjective of known valence, how many different ones, and the commonest; and how often
the scorer of each tagger, and of both averaged, chooses the adjective that a romantic caption of the dev photographs
has (FlickrStyle), beside the commonest adjective of the noun.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from sentikit import ANP, Scorer
from sentikit.affect.adjective_counts import AdjectiveCounts
from sentikit.affect.emotional import is_emotional, is_emotional_word
from sentikit.affect.valence import adjective_valence
from sentikit.english.stated import StatedANPs
from sentikit.images import ImageRef
from sentikit.packs.reading import open_pack
from sentikit.pipelines.ensembles import EnsembleScorer
from sentikit.pipelines.image_models import encode_images
from sentikit.pipelines.model_choice import find_pack
from sentikit.plugin.kinds import TAGGER
from sentikit.plugin.loader import load_plugins


def report_edits(path: Path) -> None:
    """The counts of a JSONL that `sentikit caption` wrote."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    rows = [row for row in rows if "image_id" in row]
    edits = [edit for row in rows for edit in row["edits"]]
    anps = Counter(f"{edit['adjective']} {edit['noun']}" for edit in edits)
    felt = sum(any(adjective_valence(edit["adjective"]) for edit in row["edits"]) for row in rows)
    print(f"{len(rows):,} captions, {felt / len(rows):.1%} with an adjective of known valence, {len(anps)} ANPs")
    print("commonest: " + ", ".join(f"{anp} {count / len(rows):.1%}" for anp, count in anps.most_common(12)))


def report_romantic(data: Path, pack: Path) -> None:
    """Top-1 of the adjectives that people wrote, given the noun."""
    document = json.loads((data / "flickr8k" / "flickrstyle.json").read_text("utf-8"))
    names = {image["id"]: image["file_name"] for image in document["images"]}
    dev = {image["file_name"] for image in json.loads((data / "flickr8k/captions_dev.json").read_text())["images"]}
    romantic = [
        (names[annotation["image_id"]], annotation["caption"])
        for annotation in document["annotations"]
        if annotation["style"] == "romantic"
    ]
    said = Counter[ANP]()
    wanted: list[tuple[str, ANP]] = []
    found = StatedANPs(is_emotional_word).find(text for _, text in romantic)
    for (name, _), anps in zip(romantic, found, strict=True):
        for anp in filter(is_emotional, anps):
            if name in dev:
                wanted.append((name, anp))
            else:
                said[anp] += 1
    counts = AdjectiveCounts(said)
    plugins = load_plugins()
    opened = open_pack(find_pack(plugins, pack) or pack, plugins)
    taggers = {name: plugins.get(TAGGER, name).create(weights=opened) for name in ("anp-decoder", "softmax")}
    asked, common, right = 0, 0, Counter[str]()
    for start in range(0, len(wanted), 64):
        part = wanted[start : start + 64]
        photos = [ImageRef.from_path(data / "flickr8k/images" / file) for file, _ in part]
        scorers: dict[str, Scorer] = {}
        for name, tagger in taggers.items():
            (batch,) = encode_images([tagger], photos)
            scorers[name] = tagger.scorer(batch)
        scorers["both"] = EnsembleScorer(list(scorers.values()))
        ranked = {name: scorer.adjectives([[anp.noun] for _, anp in part]) for name, scorer in scorers.items()}
        for row, (_, anp) in enumerate(part):
            if counts.of_noun(anp.noun) and anp.adjective in {tag.adjective for tag in ranked["both"][row][0]}:
                asked += 1
                common += counts.ranked(anp.noun)[0] == anp.adjective
                right.update(
                    name for name, tags in ranked.items() if tags[row][0] and tags[row][0][0].adjective == anp.adjective
                )
    for name in ranked:
        print(
            f"{name}: of {asked} adjectives of romantic dev captions {right[name] / asked:.3f} are the scorer's first, "
            f"{common / asked:.3f} the commonest of the noun"
        )


if __name__ == "__main__":
    report_edits(Path(sys.argv[2]))
    report_romantic(Path(sys.argv[1]), Path(sys.argv[3]))
