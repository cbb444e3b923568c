"""The endpoint plugins against `transformers serve` with a tiny random model: a server that nobody here wrote.

It proves that requests, photographs among them, arrive and that answers are read. What such a model says is noise.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image
from support.batches import batches
from support.transformers_server import transformers_server

from sentikit.plugin.kinds import CAPTIONER
from sentikit.plugin.loader import load_plugins

COLOURS = [(250, 0, 0), (0, 0, 250), (0, 250, 0)]


def captions(name: str, **options: Any) -> list[str]:
    """What a captioner says of three photographs of one colour each."""
    given = {key.replace("_", "-"): str(value) for key, value in options.items()}
    model = load_plugins().get(CAPTIONER, name).create(given)
    (batch,) = batches([model], [Image.new("RGB", (32, 32), colour) for colour in COLOURS])
    found: list[str] = [answer[0].text for answer in model.caption(batch)]
    if name == "endpoint":
        assert model.counts["requests"] == len(COLOURS)
        assert model.counts["prompt tokens"] > len(COLOURS) * 10
        assert model.counts["completion tokens"] > 0
    return found


def test_a_served_model_sees_the_photographs_and_says_what_it_says_here(tiny_models: Path, tmp_path: Path) -> None:
    model = tiny_models / "llava"
    prompt = "describe this photograph in one short sentence"
    here = captions("transformers", model=model, prompt=prompt, num_beams=1, max_new_tokens=150)
    assert len(set(here)) > 1  # the photograph matters
    with transformers_server(model, tmp_path / "log") as url:
        served = captions("endpoint", base_url=url, model=model, prompt=prompt, max_tokens=150, concurrency=2)
    assert served == here
