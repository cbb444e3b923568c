"""Captions photographs with the model of an OpenAI-compatible endpoint."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from sentikit import Caption, Encoder, ImageBatch, ImageFailure

from .client import Answer, Endpoint
from .photos import photo_part, text_part
from .settings import PROMPT, CaptionSettings

_SENTENCES = re.compile(r".*[.!?](?=\s|$)", re.DOTALL)
_QUOTES = {'"': '"', "“": "”", "'": "'"}


class EndpointCaptioner:
    """One request for each photograph, `concurrency` at a time, also across batches."""

    encoder: Encoder | None = None

    def __init__(self, settings: CaptionSettings) -> None:
        """Raises MissingExtraError if openai is not installed."""
        self.in_flight = settings.concurrency
        self._prompt = settings.prompt or PROMPT
        self._image_size = settings.image_size
        self._endpoint = Endpoint(settings, "The captioner 'endpoint'")

    @property
    def counts(self) -> Counter[str]:
        """Requests and tokens."""
        return self._endpoint.counts

    def caption(self, batch: ImageBatch, n: int = 1) -> list[list[Caption] | ImageFailure]:
        """See `sentikit.Captioner`. Raises SentikitError if no request can succeed."""
        return self.begin(batch, n)()

    def begin(self, batch: ImageBatch, n: int = 1) -> Callable[[], list[list[Caption] | ImageFailure]]:
        """See `sentikit.PipelinedCaptioner`."""
        waiting: list[Future[Answer | ImageFailure]] = []
        for photo in batch.photos:
            content = [photo_part(photo, self._image_size), text_part(self._prompt)]
            waiting.append(self._endpoint.ask([{"role": "user", "content": content}], n))
        return lambda: [_captions(future.result(), n) for future in waiting]

    def to(self, device: str) -> None:
        """The model runs elsewhere."""


def _captions(answer: Answer | ImageFailure, n: int) -> list[Caption] | ImageFailure:
    if isinstance(answer, ImageFailure):
        return answer
    texts: Sequence[str] = [text for text in map(without_quotes, answer.texts) if text]
    if answer.cut_off:
        whole = [found[0] for text in texts if (found := _SENTENCES.match(text))]
        if not whole:
            return ImageFailure("the endpoint's caption was cut off at its limit: raise it with -O max-tokens=N")
        texts = whole
    if not texts:
        return ImageFailure("the endpoint's answer has no text")
    return [Caption(text) for text in dict.fromkeys(texts)][:n]


def without_quotes(text: str) -> str:
    """An answer on one line, without the quotation marks around it."""
    text = " ".join(text.split())
    if len(text) > 2 and _QUOTES.get(text[0]) == text[-1] and text[0] not in text[1:-1]:
        text = text[1:-1].strip()
    return text
