"""Text embeddings of an ontology, kept on disk: made once for a model, its weights, the templates and the pairs.

A file holds for each noun the mean over the templates of the prompts' unit vectors, and for each pair that mean less
its noun's. A photograph's product with the latter is the mean over templates of cos(photo, "adjective noun") -
cos(photo, "noun"). The file is written as it is made and mapped into memory when it is read, so the memory that
100,000 pairs take is that of their final vectors at most.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sentikit import ANP, SentikitError
from sentikit.io.files import atomic_write, readable_os_errors

from .loading import ClipModel
from .prompts import prompts

if TYPE_CHECKING:
    from torch import Tensor

_VERSION = 1
_PROMPTS = 512
"""Texts per pass of the text tower."""


class TextVectors(NamedTuple):
    """nouns: ``(nouns, dim)``. differences: ``(anps, dim)``, a pair's vector less its noun's. Both float32."""

    nouns: Tensor
    differences: Tensor


def cache_folder(named: Path | None) -> Path:
    """The folder named, or that of SENTIKIT_CACHE_DIR, or ``sentikit`` in the user's cache folder."""
    if named is not None:
        return named
    if own := os.environ.get("SENTIKIT_CACHE_DIR"):
        return Path(own)
    users = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(users) if users else Path.home() / ".cache") / "sentikit"


def text_vectors(
    clip: ClipModel, anps: Sequence[ANP], nouns: Sequence[str], templates: Sequence[str], folder: Path, dim: int
) -> TextVectors:
    """The vectors ``(..., dim)`` of the pairs and of their `nouns`, from the cache or made and put there.

    Raises SentikitError if the cache cannot be written.
    """
    path = folder / f"clip-texts-{_key(clip, anps, templates)}.safetensors"
    cached = _read(path, (len(nouns), dim), (len(anps), dim))
    if cached is None:
        with readable_os_errors("write", folder):
            folder.mkdir(parents=True, exist_ok=True)
        if path.is_symlink() or (path.exists() and not path.is_file()):
            raise SentikitError(f"Cannot write {path}: it is a link or no file; remove it.")
        _write(path, clip, anps, nouns, templates, dim)
        cached = _read(path, (len(nouns), dim), (len(anps), dim))
    if cached is None:
        raise SentikitError(f"{path} cannot be read after it was written: choose another folder with -O cache-dir.")
    return cached


def _key(clip: ClipModel, anps: Sequence[ANP], templates: Sequence[str]) -> str:
    """The name stands for the tokenizer, which belongs to the model's configuration."""
    digest = hashlib.sha256(json.dumps([_VERSION, clip.name, clip.weights_hash, list(templates)]).encode())
    for anp in anps:
        digest.update(f"{anp}\n".encode())
    return digest.hexdigest()[:32]


def _read(path: Path, nouns: tuple[int, int], anps: tuple[int, int]) -> TextVectors | None:
    """The file's vectors, mapped into memory; None if there is no sound file of these shapes."""
    import torch
    from safetensors import SafetensorError, safe_open

    if not path.is_file():  # a pipe would never end
        return None
    try:
        with safe_open(path, framework="pt") as file:
            found = TextVectors(file.get_tensor("nouns"), file.get_tensor("differences"))
    except (OSError, SafetensorError):  # none there, or a damaged one, which is made again
        return None
    sound = all(vectors.dtype == torch.float32 and bool(vectors.sum().isfinite()) for vectors in found)
    return found if sound and (tuple(found.nouns.shape), tuple(found.differences.shape)) == (nouns, anps) else None


def _write(
    path: Path, clip: ClipModel, anps: Sequence[ANP], nouns: Sequence[str], templates: Sequence[str], dim: int
) -> None:
    """Write the safetensors file piece by piece: its header first, which only needs the shapes."""
    import torch

    ends = [0, 4 * dim * len(nouns), 4 * dim * (len(nouns) + len(anps))]
    header = json.dumps(
        {
            "nouns": {"dtype": "F32", "shape": [len(nouns), dim], "data_offsets": ends[:2]},
            "differences": {"dtype": "F32", "shape": [len(anps), dim], "data_offsets": ends[1:]},
        }
    ).encode()
    header += b" " * (-len(header) % 8)
    of_nouns = torch.empty(len(nouns), dim)
    place = {noun: index for index, noun in enumerate(nouns)}
    with atomic_write(path, force=True) as file:
        file.write_bytes(len(header).to_bytes(8, "little") + header)
        for start, vectors in _embedded(clip, nouns, templates):
            of_nouns[start : start + len(vectors)] = vectors
        file.write_bytes(_bytes(of_nouns))
        for start, vectors in _embedded(clip, list(map(str, anps)), templates):
            own = of_nouns[[place[anp.noun] for anp in anps[start : start + len(vectors)]]]
            file.write_bytes(_bytes(vectors - own))


def _embedded(clip: ClipModel, words: Sequence[str], templates: Sequence[str]) -> Iterator[tuple[int, Tensor]]:
    """From which index on, and the mean vectors of some of the words ``(some, dim)``, on the processor."""
    step = max(1, _PROMPTS // len(templates))
    for start in range(0, len(words), step):
        texts = [text for one in words[start : start + step] for text in prompts(one, templates)]
        vectors = clip.embed_texts(texts)
        yield start, vectors.reshape(-1, len(templates), vectors.shape[1]).mean(dim=1).cpu()


def _bytes(vectors: Tensor) -> bytes:
    return vectors.contiguous().numpy().astype("<f4").tobytes()
