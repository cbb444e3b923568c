"""Generated words as a sentence that people read."""

from __future__ import annotations

from collections.abc import Sequence

_ATTACHED = ("'s", "n't", "'re", "'ve", "'ll", "'d", "'m", "'")


def sentence(words: Sequence[str]) -> str:
    """ "a", "dog", "'s", "bowl" -> "A dog's bowl." Raises nothing: no words are no sentence."""
    pieces: list[str] = []
    for word in words:
        if word in _ATTACHED and pieces:
            pieces[-1] += word
        else:
            pieces.append(word)
    text = " ".join("I" if word == "i" else word for word in pieces)
    return f"{text[:1].upper()}{text[1:]}." if text else ""
