"""endpoint: captions, feeling and judgements from a model behind any OpenAI-compatible chat endpoint."""

from __future__ import annotations

from typing import Any

from sentikit import Captioner, Combiner, Metric, Register, Rewriter, hookimpl, options_of

from .judge_settings import JudgeSettings
from .settings import CaptionSettings
from .writer_settings import CombinerSettings, WriterSettings


@hookimpl
def register_captioners(register: Register) -> None:
    """Register the captioner."""
    register(
        "endpoint",
        _captioner,
        summary="a model behind an OpenAI-compatible endpoint: vLLM, llama.cpp, Ollama, hosted ones (extra 'endpoint')",
        options=options_of(CaptionSettings),
    )


@hookimpl
def register_rewriters(register: Register) -> None:
    """Register the rewriter."""
    register(
        "llm",
        _rewriter,
        summary="a model behind an endpoint chooses among the tags; every edit can be undone (extra 'endpoint')",
        options=options_of(WriterSettings),
    )


@hookimpl
def register_combiners(register: Register) -> None:
    """Register the combiner."""
    register(
        "llm",
        _combiner,
        summary="a model behind an endpoint sees the photograph; every edit can be undone (extra 'endpoint')",
        options=options_of(CombinerSettings),
    )


@hookimpl
def register_metrics(register: Register) -> None:
    """Register the metric."""
    register(
        "llm-judge",
        _judge,
        summary="faithfulness and feeling of edited against plain captions, judged by a model (extra 'endpoint')",
        options=options_of(JudgeSettings),
    )


def _captioner(**options: Any) -> Captioner:
    from .captioner import EndpointCaptioner

    return EndpointCaptioner(CaptionSettings(**options))


def _rewriter(**options: Any) -> Rewriter:
    from .writer import LlmWriter

    return LlmWriter(WriterSettings(**options), "The rewriter 'llm'")


def _combiner(**options: Any) -> Combiner:
    from .writer import LlmWriter

    return LlmWriter(CombinerSettings(**options), "The combiner 'llm'")


def _judge(**options: Any) -> Metric:
    from .judge import LlmJudge

    return LlmJudge(JudgeSettings(**options))
