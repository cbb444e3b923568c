"""Words and their numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import SentikitError, errors_name

if TYPE_CHECKING:
    from ..plugin.batches import PackModel

PAD, START, END, UNKNOWN = "[PAD]", "[SOS]", "[EOS]", "[UNK]"
SPECIAL = (PAD, START, END, UNKNOWN)


class Vocabulary:
    """Numbers 0 to 3 are `[PAD]`, `[SOS]`, `[EOS]` and `[UNK]`; the words follow."""

    pad, start, end, unknown = range(4)

    def __init__(self, words: Sequence[str]) -> None:
        """Raises SentikitError for a word that is empty, special or there twice."""
        self.words = (*SPECIAL, *words)
        self._ids = {word: number for number, word in enumerate(self.words)}
        if len(self._ids) < len(self.words) or "" in self._ids:
            twice = next((word for word, count in Counter(self.words).items() if count > 1 or not word), "")
            raise SentikitError(
                f"A vocabulary has the word {twice!r} where each word must stand once and not be empty."
            )

    @classmethod
    def build(cls, sentences: Iterable[Sequence[str]], min_count: int = 1) -> Vocabulary:
        """Every word that occurs at least `min_count` times, the commonest first, ties in alphabetical order."""
        counts = Counter(word for sentence in sentences for word in sentence)
        kept = [word for word, count in counts.items() if count >= min_count and word not in SPECIAL]
        return cls(sorted(kept, key=lambda word: (-counts[word], word)))

    def with_words(self, words: Sequence[str]) -> Vocabulary:
        """The same words with the same numbers, and `words` after them. Raises SentikitError as the class does."""
        return Vocabulary([*self.words[len(SPECIAL) :], *words])

    def __len__(self) -> int:
        """The number of words, special ones included."""
        return len(self.words)

    def __contains__(self, word: str) -> bool:
        return word in self._ids

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and self.words == other.words

    __hash__ = None  # type: ignore[assignment]

    def id(self, word: str) -> int:
        """The word's number, or that of `[UNK]`."""
        return self._ids.get(word, self.unknown)

    def encode(self, words: Sequence[str]) -> list[int]:
        """`[SOS]`, the words' numbers, `[EOS]`."""
        return [self.start, *map(self.id, words), self.end]

    def decode(self, ids: Iterable[int]) -> list[str]:
        """The words up to the first `[EOS]`, without special ones other than `[UNK]`."""
        words = []
        for number in ids:
            if number == self.end:
                break
            if number not in (self.pad, self.start):
                words.append(self.words[number])
        return words

    @property
    def never_generated(self) -> tuple[int, ...]:
        """The numbers a search must not choose: `[PAD]`, `[SOS]` and `[UNK]`."""
        return (self.pad, self.start, self.unknown)

    def to_json(self) -> dict[str, Any]:
        """``{"words": [...]}``, without the special ones."""
        return {"words": list(self.words[len(SPECIAL) :])}

    @classmethod
    def from_json(cls, data: Any, source: str = "The vocabulary") -> Vocabulary:
        """What `to_json` gave. `source` names it in errors. Raises SentikitError where it is something else."""
        words = data.get("words") if isinstance(data, dict) else None
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise SentikitError(f'{source} is not a vocabulary: it must be {{"words": [...]}} with a list of words.')
        with errors_name(source):
            return cls(words)

    @classmethod
    def of_model(cls, stored: PackModel, size: int) -> Vocabulary:
        """That of a model in a pack, whose decoder has `size` words. Raises SentikitError where it has not."""
        source = stored.document_source("vocabulary")
        vocabulary = cls.from_json(stored.document("vocabulary"), source)
        if len(vocabulary) != size:
            raise SentikitError(
                f"{source} has {len(vocabulary):,} words, special ones included, where the model has {size:,}."
            )
        return vocabulary
