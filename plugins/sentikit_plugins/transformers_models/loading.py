"""Loads models and processors of transformers: safetensors alone, and no code of a repository."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sentikit import MissingExtraError, SentikitError

from .settings import ModelSettings

_LONGEST = 300


def check_installed(what: str) -> None:
    """Raises MissingExtraError if transformers is not installed; `what`: how a sentence about its user begins."""
    try:
        import transformers  # noqa: F401
    except ImportError:
        raise MissingExtraError(what, "transformers") from None


def load(settings: ModelSettings, auto_model: str) -> tuple[Any, Any]:
    """The model, by the auto class of that name, and its processor. Raises SentikitError if they cannot be loaded."""
    import transformers

    where: dict[str, Any] = {
        "revision": settings.revision,
        "local_files_only": settings.local_only or os.path.isdir(settings.name),
        "trust_remote_code": False,
    }
    where = {name: value for name, value in where.items() if value is not None}
    with _load_errors(settings.name):
        auto_processor: Any = transformers.AutoProcessor
        processor = auto_processor.from_pretrained(settings.name, **where)
        model = getattr(transformers, auto_model).from_pretrained(
            settings.name, dtype=settings.dtype, use_safetensors=True, **where
        )
    return model.eval(), processor


@contextmanager
def _load_errors(name: str) -> Iterator[None]:
    """What loading raises as a sentence about the model."""
    try:
        yield
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # transformers and safetensors raise anything on a damaged model
        why = " ".join(str(error).split())
        why = why if len(why) <= _LONGEST else f"{why[: _LONGEST - 3]}..."
        raise SentikitError(
            f"The model {name!r} cannot be loaded: {why.rstrip('.') or type(error).__name__}."
        ) from None
