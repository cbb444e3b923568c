"""The tutorial's word map: ``{"a": 1, ..., "<unk>": 2996, "<start>": 2997, "<end>": 2998, "<pad>": 0}``."""

from __future__ import annotations

import json
from pathlib import Path

from sentikit import SentikitError
from sentikit.io.files import read_text
from sentikit.io.messages import show
from sentikit.nn.vocabulary import Vocabulary

SPECIAL = ("<pad>", "<start>", "<end>", "<unk>")
"""In the order of `sentikit.nn.vocabulary.SPECIAL`."""
_LARGEST = 64 * 2**20


def read_word_map(path: Path) -> tuple[Vocabulary, list[int]]:
    """The vocabulary, and for each of its words, the special ones first, the number that it has in the word map.

    Raises SentikitError if it is not a word map, or its numbers are not 0, 1, 2 and so on.
    """
    if path.is_file() and path.stat().st_size > _LARGEST:
        raise SentikitError(f"{path} has more than {_LARGEST // 2**20} MiB, which is too much for a word map.")
    try:
        numbers = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise SentikitError(f"{path} is not JSON ({error}): name the tutorial's WORDMAP_....json.") from None
    if not isinstance(numbers, dict) or not all(type(number) is int for number in numbers.values()):
        raise SentikitError(f"{path} is not a word map: it must be an object of words with a whole number each.")
    for word in SPECIAL:
        if word not in numbers:
            raise SentikitError(f"{path} is not the tutorial's word map: it lacks {show(word)}.")
    if sorted(numbers.values()) != list(range(len(numbers))):
        odd = next(index for index, number in enumerate(sorted(numbers.values())) if number != index)
        raise SentikitError(f"{path}: its numbers must be 0 to {len(numbers) - 1:,}, each once, but {odd} is not.")
    words = [word for word in sorted(numbers, key=lambda word: numbers[word]) if word not in SPECIAL]
    try:
        vocabulary = Vocabulary(words)
    except SentikitError as error:
        raise SentikitError(f"{path}: {error}") from None
    return vocabulary, [numbers[word] for word in (*SPECIAL, *words)]
