"""What a tagger costs beside the captioner over the same encoder, and how long one cold caption takes.

python -m scripts.benchmarks shared_encoder
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

from sentikit.images import find_images
from sentikit.packs.reading import open_pack
from sentikit.pipelines.caption import CaptionModels, caption_images
from sentikit.pipelines.image_models import Named
from sentikit.pipelines.run_models import RunSettings
from sentikit.pipelines.tag_filter import TagFilter
from sentikit.plugin.kinds import CAPTIONER, PACK, TAGGER
from sentikit.plugin.loader import load_plugins

PHOTOS = Path(__file__).parents[2] / "examples" / "demo" / "images"
COPIES, ROUNDS = 24, 5


def main() -> None:
    """Print the medians of some rounds, in which every way has its turn."""
    plugins = load_plugins()
    pack = open_pack(plugins.get(PACK, plugins.names(PACK)[0]).create(), plugins)
    captioner = Named("The captioner", plugins.get(CAPTIONER, "attention").create(weights=pack))
    taggers = {
        name: Named("The tagger", plugins.get(TAGGER, name).create(weights=pack)) for name in ("softmax", "anp-decoder")
    }
    models = {"captioner": CaptionModels(captioner, TagFilter())}
    models |= {f"captioner + {name}": CaptionModels(captioner, TagFilter(), tagger) for name, tagger in taggers.items()}
    refs = find_images([PHOTOS]) * COPIES
    times: dict[str, list[float]] = {name: [] for name in models}
    for _ in range(ROUNDS):
        for name, made in models.items():
            began = time.perf_counter()
            assert sum(len(outcome.results) for outcome in caption_images(refs, made, RunSettings())) == len(refs)
            times[name].append(time.perf_counter() - began)
    floor = statistics.median(times["captioner"])
    for name, seconds in times.items():
        print(f"{name:<24} {len(refs) / statistics.median(seconds):6.1f} photographs a second  "
              f"{statistics.median(seconds) / floor:.2f}x")  # fmt: skip

    commands = {
        "import torch, torchvision": ["-c", "import torch, torchvision"],
        "sentikit caption photo.jpg": ["-m", "sentikit", "caption", str(PHOTOS / "astronaut.jpg")],
    }
    cold: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            began = time.perf_counter()
            subprocess.run([sys.executable, "-P", *command], check=True, stdout=subprocess.DEVNULL)
            cold[name].append(time.perf_counter() - began)
    for name, seconds in cold.items():
        print(f"{name:<28} {statistics.median(seconds):.2f} s")


if __name__ == "__main__":
    main()
