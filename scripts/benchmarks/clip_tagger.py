"""What the tagger `clip` costs beside open_clip's own forward over the same photographs, decoded and transformed alike.

python -m scripts.benchmarks clip_tagger [PAIRS]

The model is a ViT-B-32 of random weights, which cost what trained ones do. PAIRS: the length of the ontology (1,000).
On a machine that does other work, the ratio of processor times is the one to read.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import open_clip
import torch
from safetensors.torch import save_file

from sentikit import ANP, Ontology, OntologyEntry
from sentikit.images import find_images, stream_batches
from sentikit.pipelines.image_models import Named
from sentikit.pipelines.run_models import RunSettings
from sentikit.pipelines.tag import tag_images
from sentikit.plugin.kinds import TAGGER
from sentikit.plugin.loader import load_plugins

PHOTOS = Path(__file__).parents[2] / "examples" / "demo" / "images"
COPIES, ROUNDS, BATCH = 8, 5, 16


def main() -> None:
    """Print the medians of some rounds, in which both ways have their turn."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as folder:
        compare(Path(folder), pairs)


def compare(folder: Path, pairs: int) -> None:
    """Make the model and the ontology in the folder, and time both."""
    weights = folder / "weights.safetensors"
    save_file(dict(open_clip.create_model("ViT-B-32").state_dict()), weights)
    entries = {ANP(f"adjective{n % 50}", f"noun{n // 50}"): OntologyEntry() for n in range(pairs)}
    Ontology("made", entries).write(folder / "ontology.json")
    tagger = Named("The tagger", load_plugins().get(TAGGER, "clip").create({
        "pretrained": str(weights), "ontology": str(folder / "ontology.json"), "cache-dir": str(folder),
        "templates": str(written(folder / "templates.txt")),
    }))  # fmt: skip
    model, _, transform = open_clip.create_model_and_transforms("ViT-B-32", pretrained=str(weights))
    model.eval()
    refs = find_images([PHOTOS]) * COPIES
    settings = RunSettings(batch_size=BATCH)

    def plain() -> Iterator[int]:
        with torch.no_grad():
            for batch in stream_batches(refs, BATCH, lambda photo, ref: transform(photo.image)):
                yield len(model.encode_image(torch.stack(batch.prepared), normalize=True))

    def tagged() -> Iterator[int]:
        yield from (len(outcome.results) for outcome in tag_images(refs, tagger, 20, settings))

    ways = {"open_clip": plain, "the tagger clip": tagged}
    wall: dict[str, list[float]] = {name: [] for name in ways}
    processor: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(ROUNDS + 1):
        for name, way in ways.items():
            began, spent = time.perf_counter(), time.process_time()
            assert sum(way()) == len(refs)
            if turn:  # the first warms up, and makes the text embeddings
                wall[name].append(time.perf_counter() - began)
                processor[name].append(time.process_time() - spent)
    print(f"{pairs:,} pairs, {len(refs)} photographs, batches of {BATCH}, {torch.get_num_threads()} threads")
    for name in ways:
        elapsed, used = statistics.median(wall[name]), statistics.median(processor[name])
        print(
            f"{name:<16} {len(refs) / elapsed:6.1f} photographs a second "
            f"({elapsed / statistics.median(wall['open_clip']):.3f}x), {1000 * used / len(refs):6.1f} ms of processor "
            f"time each ({used / statistics.median(processor['open_clip']):.3f}x)"
        )


def written(path: Path) -> Path:
    """A file of one template: how the texts are made is not what is timed."""
    path.write_text("a photo of a {}.\n", "utf-8")
    return path


if __name__ == "__main__":
    main()
