"""Beam search over all of a batch's images in one step.

It knows no model, only a function that takes the last words to the next ones' log-probabilities.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Protocol, TypeVar

import torch
from torch import Tensor
from torch.nn import functional

from ..errors import SentikitError, UsageError, errors_name
from ..io.messages import show

_LEAST = -1e4
"""The log-probability of an end that is forced on a model that holds it impossible."""
_FORBIDDEN = float("-inf")
MOST_BEAMS = 100
LONGEST = 200
"""Words of a sequence."""


class SearchState(Protocol):
    """What a model remembers between words. `DecoderState` is one."""

    def gather(self: S, rows: Tensor) -> S:
        """The rows whose numbers are given for each image ``(images, new rows)``."""
        ...

    def images(self: S, index: Tensor) -> S:
        """The images whose numbers are given ``(new images,)``."""
        ...


S = TypeVar("S", bound=SearchState)
Step = Callable[[S, Tensor], tuple[Tensor, Tensor | None, S]]
"""(state, last words ``(images, rows)``) -> log-probabilities ``(images, rows, vocabulary)``, attention
``(images, rows, pixels)`` or None, the next state. `AttentionDecoder.step` is one."""


@dataclass(frozen=True)
class BeamSettings:
    """How to search. Lengths count words, without the start and the end."""

    beams: int = 5
    max_length: int = 22
    min_length: int = 0
    length_penalty: float = 0.0
    """A hypothesis scores its log-probability divided by (words + 1) to this power; 0: the log-probability."""
    no_repeat: int = 0
    """No sequence of so many words occurs twice; 0: no such rule."""
    repeat_penalty: float = 0.0
    """What a word's log-probability is lowered by for each time that it has occurred; 0: not at all."""
    best: int = 1
    """How many hypotheses an image gets, at most `beams`."""
    ended_first: bool = False
    """A hypothesis that had to end, as at `max_length`, ranks below all that ended by themselves."""
    allow_special: bool = False
    """Generate what `beam_search` is told to ban, such as the unknown word."""

    def __post_init__(self) -> None:
        for name, least, most in (
            ("beams", 1, MOST_BEAMS), ("max_length", 1, LONGEST), ("min_length", 0, LONGEST), ("no_repeat", 0, LONGEST),
            ("best", 1, MOST_BEAMS), ("length_penalty", 0, 10), ("repeat_penalty", 0, 10**6),
        ):  # fmt: skip
            value = getattr(self, name)
            if not least <= value <= most:
                limit = f"at least {least}" if value < least else f"at most {most}"
                raise UsageError(f"{name.replace('_', '-')} must be {limit}, not {show(value)}.")
        if self.min_length > self.max_length:
            raise UsageError(f"min-length {self.min_length} is above max-length {self.max_length}.")
        if self.best > self.beams:
            raise UsageError(f"{self.best} hypotheses need as many beams, not {self.beams}.")

    @classmethod
    def from_json(cls, data: Any, source: str = "The search") -> BeamSettings:
        """What `dataclasses.asdict` gave. `source` names it in errors. Raises SentikitError where it is not sound."""
        types: dict[str, Any] = {"int": int, "float": (int, float), "bool": bool}
        kinds = {field.name: types[str(field.type)] for field in fields(cls)}
        if not isinstance(data, Mapping):
            raise SentikitError(f"{source} has no settings of a beam search, but {show(data)}.")
        for name, value in data.items():
            if name not in kinds:
                raise SentikitError(f"{source} has the unknown search setting {show(name)}.")
            if not isinstance(value, kinds[name]) or (isinstance(value, bool) and kinds[name] is not bool):
                raise SentikitError(f"{source}: the search setting {name!r} cannot be {show(value)}.")
        with errors_name(source):
            return cls(**data)


@dataclass(frozen=True)
class Hypothesis:
    """A sequence found."""

    words: list[int]
    """Without the start and the end."""
    score: float
    """What it was chosen by: the log-probability, less what repeated words cost, under the length penalty."""
    log_probability: float
    """The sum over the words and the end."""
    attention: Tensor | None = field(repr=False)
    """``(words, pixels)``: where the image was looked at for each word."""
    ended: bool
    """False where it had to end: at `max_length`, or because no word was allowed."""


@dataclass
class _Record:
    """What a step found, for every image of the batch; rows are the step's best continuations ``(images, beams)``."""

    parents: Tensor
    words: Tensor
    scores: Tensor
    """Of the rows that ended, -inf elsewhere."""
    log_probabilities: Tensor
    by_choice: Tensor
    """Whether a row could have gone on."""
    attention: Tensor | None


@torch.no_grad()
def beam_search(
    step: Step[S],
    state: S,
    first: Tensor,
    end: int,
    settings: BeamSettings,
    banned: Sequence[int] = (),
    repeatable: Sequence[int] = (),
) -> list[list[Hypothesis]]:
    """The best hypotheses of every image, best first: at least one each, at most `settings.best`.

    state: one row for each image.
    first: the word that each image's sequences start from ``(images,)``: `[SOS]`, or the last of given words.
    end: the number of the word that ends a sequence.
    banned: numbers never generated, such as that of the unknown word, unless the settings allow them.
    repeatable: numbers that the repeat penalty is not for, such as those of articles.

    A beam that ends is not replaced, so one beam is greedy search. What is found for an image does not depend on the
    rest of its batch.
    """
    records: list[_Record] = []
    count, beams = len(first), settings.beams
    device = first.device
    active = torch.arange(count, device=device)  # the images still searched; everything below has a row for each
    last = first.unsqueeze(1)
    totals = sums = torch.zeros(count, 1, device=device)  # with what repeated words cost, and without
    history = last[:, :0]
    room = torch.full((count, 1), beams, device=device)
    reached = torch.full((count, settings.best), _FORBIDDEN, device=device)

    for length in range(settings.max_length + 1):
        log_probs, attention, state = step(state, last)
        log_probs = log_probs.float()
        allowed = _restrict(log_probs, history, length, end, settings, () if settings.allow_special else banned)
        if settings.repeat_penalty:
            costs = allowed.new_full((allowed.shape[-1],), -settings.repeat_penalty)
            costs[list(repeatable)] = 0
            allowed = allowed.scatter_add(-1, history, costs[history])
        best, words = allowed.topk(min(beams, allowed.shape[-1]), dim=-1)
        stuck = best[..., 0] == _FORBIDDEN  # nothing is allowed, as at max_length: the sequence ends here
        best[..., 0] = torch.where(stuck, log_probs[..., end].clamp(min=_LEAST), best[..., 0])
        words[..., 0] = words[..., 0].masked_fill(stuck, end)

        totals, chosen = _pad((totals.unsqueeze(-1) + best).flatten(1), beams, _FORBIDDEN).topk(beams, dim=-1)
        chosen = chosen.clamp(max=best[0].numel() - 1)
        parents, words = chosen // best.shape[-1], words.flatten(1).gather(1, chosen)
        sums = sums.gather(1, parents) + _chosen(log_probs, parents, words)
        open_ = (torch.arange(beams, device=device) < room) & (totals > _FORBIDDEN)
        ends = open_ & (words == end)
        scores = (totals / (length + 1) ** settings.length_penalty).masked_fill(~ends, _FORBIDDEN)
        by_choice = ~stuck.gather(1, parents)
        records.append(_spread(_Record(parents, words, scores, sums, by_choice, attention), active, count))

        room = room - ends.sum(1, keepdim=True)
        totals = totals.masked_fill(~open_ | ends, _FORBIDDEN)
        good = scores.masked_fill(~by_choice, _FORBIDDEN) if settings.ended_first else scores
        reached = torch.cat([reached, good], 1).topk(settings.best, dim=-1).values
        bound = totals.amax(1) / (settings.max_length + 1) ** settings.length_penalty
        going = (totals.amax(1) > _FORBIDDEN) & (bound > reached[:, -1])
        remaining = int(going.sum())
        if not remaining:
            break

        history = torch.cat([history.gather(1, parents.unsqueeze(-1).expand(-1, -1, length)), words.unsqueeze(-1)], 2)
        state, last = state.gather(parents), words
        if remaining <= 0.75 * len(active):  # leave the images that are done behind
            keep = going.nonzero().squeeze(1)
            state, active, last, totals, sums = state.images(keep), active[keep], last[keep], totals[keep], sums[keep]
            history, room, reached = history[keep], room[keep], reached[keep]
    return _hypotheses(records, settings)


def _restrict(
    log_probs: Tensor, history: Tensor, length: int, end: int, settings: BeamSettings, banned: Sequence[int]
) -> Tensor:
    """The log-probabilities, -inf for what may not come next. At `max_length` nothing may."""
    if length == settings.max_length:
        return torch.full_like(log_probs, _FORBIDDEN)
    closed = [*banned, end] if length < settings.min_length else list(banned)
    bias = log_probs.new_zeros(log_probs.shape[-1])
    bias[closed] = _FORBIDDEN
    allowed = log_probs + bias
    size = settings.no_repeat
    if size and length >= size:
        grams = history.unfold(-1, size, 1)  # (images, rows, positions, size)
        recent = history[..., length - size + 1 :].unsqueeze(2)
        repeated = (grams[..., :-1] == recent).all(-1)
        penalty = torch.zeros_like(repeated, dtype=allowed.dtype).masked_fill(repeated, _FORBIDDEN)
        allowed = allowed.scatter_add(-1, grams[..., -1], penalty)
    return allowed


def _chosen(log_probs: Tensor, parents: Tensor, words: Tensor) -> Tensor:
    """The log-probability of each continuation ``(images, beams)``, of an end that was forced at least `_LEAST`."""
    chosen = log_probs.flatten(1).gather(1, parents * log_probs.shape[-1] + words)
    return chosen.clamp(min=_LEAST)


def _pad(rows: Tensor, size: int, value: float) -> Tensor:
    return functional.pad(rows, (0, max(0, size - rows.shape[-1])), value=value)


def _spread(record: _Record, active: Tensor, count: int) -> _Record:
    """The record of the active images as one of all `count` images."""
    if len(active) == count:
        return record

    def over_all(found: Tensor, fill: float) -> Tensor:
        return found.new_full((count, *found.shape[1:]), fill).index_copy_(0, active, found)

    return _Record(
        over_all(record.parents, 0),
        over_all(record.words, 0),
        over_all(record.scores, _FORBIDDEN),
        over_all(record.log_probabilities, 0),
        over_all(record.by_choice, False),
        None if record.attention is None else over_all(record.attention, 0),
    )


def _ranked(records: Sequence[_Record], settings: BeamSettings) -> tuple[Tensor, Tensor]:
    """Scores and indices of the best rows that ended ``(images, best)``, among those of all steps."""
    scores = torch.cat([record.scores for record in records], dim=1)
    if not settings.ended_first:
        top = scores.topk(settings.best, dim=1)
        return top.values, top.indices
    forced = ~torch.cat([record.by_choice for record in records], dim=1)
    order = scores.argsort(dim=1, descending=True, stable=True)
    later = forced.int().masked_fill(scores == _FORBIDDEN, 2).gather(1, order)
    indices = order.gather(1, later.argsort(dim=1, stable=True))[:, : settings.best]
    return scores.gather(1, indices), indices


def _hypotheses(records: Sequence[_Record], settings: BeamSettings) -> list[list[Hypothesis]]:
    """The best sequences that ended, each followed back through its parents."""
    beams = records[0].scores.shape[1]
    scores, indices = _ranked(records, settings)
    parents = torch.stack([record.parents for record in records]).tolist()
    words = torch.stack([record.words for record in records]).tolist()
    log_probabilities = torch.stack([record.log_probabilities for record in records]).tolist()
    by_choice = torch.stack([record.by_choice for record in records]).tolist()
    maps = [record.attention.expand(-1, beams, -1) for record in records if record.attention is not None]
    attention = torch.stack(maps) if maps else None  # (steps, images, beams, pixels)

    def follow(image: int, index: int, score: float) -> Hypothesis:
        length, row = divmod(index, beams)
        found, rows = [], [parents[length][image][row]]
        for step in reversed(range(length)):
            found.append(words[step][image][rows[-1]])
            rows.append(parents[step][image][rows[-1]])
        looks = None if attention is None else attention[range(length), image, rows[:0:-1]]
        sum_, chosen = log_probabilities[length][image][row], by_choice[length][image][row]
        return Hypothesis(found[::-1], score, sum_, looks, chosen)

    hypotheses = [
        [follow(image, index, score) for index, score in zip(*found, strict=True) if score > _FORBIDDEN]
        for image, found in enumerate(zip(indices.tolist(), scores.tolist(), strict=True))
    ]
    if not all(hypotheses):
        raise SentikitError(
            "The model's scores of words are not numbers: its weights are damaged, or --lr was too high."
        )
    return hypotheses
