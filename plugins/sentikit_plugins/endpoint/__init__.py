"""endpoint: captions, feeling and judgements from a model behind any OpenAI-compatible chat endpoint."""

from __future__ import annotations

from typing import Any

from sentikit import Captioner, Register, hookimpl, options_of

from .settings import CaptionSettings


@hookimpl
def register_captioners(register: Register) -> None:
    """Register the captioner."""
    register(
        "endpoint",
        _captioner,
        summary="a model behind an OpenAI-compatible endpoint: vLLM, llama.cpp, Ollama, hosted ones (extra 'endpoint')",
        options=options_of(CaptionSettings),
    )


def _captioner(**options: Any) -> Captioner:
    from .captioner import EndpointCaptioner

    return EndpointCaptioner(CaptionSettings(**options))
