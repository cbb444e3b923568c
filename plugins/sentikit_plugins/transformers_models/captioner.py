"""Captions photographs with transformers' image-text-to-text models: BLIP, GIT, and those that hold a chat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PIL.Image import Image

from sentikit import Caption, Encoder, ImageBatch, ImageFailure

from .loading import check_installed, load
from .settings import PROMPT, CaptionSettings

_CONTINUE = ("blip", "git")
"""Models for which the prompt is the beginning of the caption."""


class TransformersCaptioner:
    """A model and its processor, which knows the model's preprocessing."""

    encoder: Encoder | None = None

    def __init__(self, settings: CaptionSettings) -> None:
        """Raises MissingExtraError without transformers, and SentikitError if the model cannot be loaded."""
        check_installed("The captioner 'transformers'")
        self._model, self._processor = load(settings, "AutoModelForImageTextToText")
        self._settings = settings
        self._chats = bool(getattr(self._processor, "chat_template", None))
        self._tokenizer = getattr(self._processor, "tokenizer", self._processor)
        self._tokenizer.padding_side = "left"  # new tokens follow the prompt, so the padding stands before it

    def caption(self, batch: ImageBatch, n: int = 1) -> list[list[Caption] | ImageFailure]:
        """See `sentikit.Captioner`: the captions of a beam search, which is as wide as `n` at least."""
        import torch

        images = [self._sized(photo.image) for photo in batch.photos]
        inputs = self._inputs(images)
        with torch.inference_mode():
            made = self._model.generate(
                **inputs,
                max_new_tokens=self._settings.max_new_tokens,
                num_beams=max(self._settings.num_beams, n),
                num_return_sequences=n,
                do_sample=False,
            )
        texts = self._texts(made, inputs)
        return [_captions(texts[row * n : (row + 1) * n]) for row in range(len(images))]

    def to(self, device: str) -> None:
        """See `sentikit.Captioner`."""
        self._model.to(device)

    def _sized(self, image: Image) -> Image:
        """The image, reduced for a model that would make more tokens of a larger one; others resize it themselves."""
        longest = self._settings.image_size
        if not self._chats or max(image.size) <= longest:
            return image
        reduced = image.copy()
        reduced.thumbnail((longest, longest))
        return reduced

    def _inputs(self, images: Sequence[Image]) -> Any:
        """What the model gets, on its device and in its number format."""
        prompt = self._settings.prompt
        if self._chats:
            chats = [
                [
                    {
                        "role": "user",
                        "content": [{"type": "image", "image": image}, {"type": "text", "text": prompt or PROMPT}],
                    }
                ]
                for image in images
            ]
            inputs = self._processor.apply_chat_template(
                chats,
                add_generation_prompt=True,
                tokenize=True,
                return_dict=True,
                return_tensors="pt",
                processor_kwargs={"padding": True},
            )
        elif prompt is None:
            inputs = self._processor(images=list(images), return_tensors="pt")
        else:
            inputs = self._processor(
                images=list(images), text=[prompt] * len(images), padding=True, return_tensors="pt"
            )
            self._leave_open(inputs)
        return inputs.to(self._model.device, self._model.dtype)

    def _leave_open(self, inputs: Any) -> None:
        """For a model that continues its prompt: no end token after it. BLIP drops that token itself."""
        kind = self._model.config.model_type
        if kind in _CONTINUE:
            inputs.pop("token_type_ids", None)
        if kind == "git":
            for name in ("input_ids", "attention_mask"):
                inputs[name] = inputs[name][:, :-1]

    def _texts(self, made: Any, inputs: Any) -> list[str]:
        """What was generated, without the prompt unless it is the beginning of the caption."""
        given = inputs.get("input_ids")
        continues = self._model.config.model_type in _CONTINUE
        if given is not None and not continues:
            repeats, length = len(made) // len(given), given.shape[1]
            asked = given.repeat_interleave(repeats, dim=0)
            if made.shape[1] >= length and bool((made[:, :length] == asked).all()):
                made = made[:, length:]
        texts: list[str] = self._processor.batch_decode(made, skip_special_tokens=True)
        return texts


def _captions(texts: Sequence[str]) -> list[Caption] | ImageFailure:
    found = dict.fromkeys(text for text in (" ".join(text.split()) for text in texts) if text)
    if not found:
        return ImageFailure("the model gave no text: raise its limit with -O max-new-tokens=N, or change the prompt")
    return [Caption(text) for text in found]
