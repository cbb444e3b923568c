"""The contract suites find faults: for every rule of the text and image suites, a component that breaks it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import pytest
import torch
from support.toy_models import ToyEncoder, ToyScorer, ToyScoringTagger

from sentikit import ANP, Caption, CombinerItem, Edit, ImageBatch, ImageFailure, Rewrite, Tag
from sentikit.english import find_word, insertion
from sentikit.errors import SentikitError
from sentikit.plugin.kinds import CAPTIONER, COMBINER, ENCODER, METRIC, REWRITER, TAGGER, TRAINER, Component, Kind
from sentikit.testing import NotChecked, Subject, checks_of

COUNTER = itertools.count()


def failing(kind: Kind[Any], factory: Callable[[], Any], **more: Any) -> set[str]:
    """The names of the checks that a component breaks."""
    subject = Subject(Component(kind, "planted", lambda **_: factory(), "planted", (), "test", **more), {}, None)
    broken = set()
    for check in checks_of(kind.name):
        try:
            check.run(subject)
        except (AssertionError, SentikitError, ValueError, TypeError, IndexError, UnicodeError):
            broken.add(check.name)
        except NotChecked:
            pass
    return broken


class Sound:
    """A rewriter without a fault."""

    default_max_edits: int | None = None

    def rewrite(self, items: Iterable[tuple[Caption, Sequence[Tag]]]) -> Iterator[Rewrite]:
        for caption, tags in items:
            yield self.one(caption.text, tags)

    def one(self, text: str, tags: Sequence[Tag]) -> Rewrite:
        for tag in tags:
            if (at := find_word(text, tag.noun)) is not None:
                return Rewrite.from_edits(text, [insertion(text, at, tag.adjective, tag)])
        return Rewrite(text)


class WrongUndo(Sound):
    def one(self, text: str, tags: Sequence[Tag]) -> Rewrite:
        return Rewrite(text + "!", (Edit(0, 0, "", "", tags[0]),)) if tags else Rewrite(text)


class Idle(Sound):
    def one(self, text: str, tags: Sequence[Tag]) -> Rewrite:
        return Rewrite(text)


class Inventive(Sound):
    def one(self, text: str, tags: Sequence[Tag]) -> Rewrite:
        return super().one(text, [*tags, Tag(ANP("blue", "cat"), 0.5)])


class Eager(Sound):
    def rewrite(self, items: Iterable[tuple[Caption, Sequence[Tag]]]) -> Iterator[Rewrite]:
        return super().rewrite(list(items))


class Forgetful(Sound):
    """The second caption of a run stays as it is."""

    def rewrite(self, items: Iterable[tuple[Caption, Sequence[Tag]]]) -> Iterator[Rewrite]:
        for number, (caption, tags) in enumerate(items):
            yield Rewrite(caption.text) if number == 1 else self.one(caption.text, tags)


class Moody(Sound):
    """Every other one made does nothing."""

    def __init__(self) -> None:
        self.number = next(COUNTER)

    def one(self, text: str, tags: Sequence[Tag]) -> Rewrite:
        return super().one(text, tags[self.number % 2 :])


class Generous(Sound):
    def rewrite(self, items: Iterable[tuple[Caption, Sequence[Tag]]]) -> Iterator[Rewrite]:
        yield from super().rewrite(items)
        yield Rewrite("")


class Touchy(Sound):
    def one(self, text: str, tags: Sequence[Tag]) -> Rewrite:
        text.encode("utf-8")
        return super().one(text, tags)


class Greedy(Sound):
    def one(self, text: str, tags: Sequence[Tag]) -> Rewrite:
        made = super().one(text, tags)
        if isinstance(tags, list):
            tags.clear()
        return made


@pytest.mark.parametrize(
    ("rewriter", "check"),
    [
        (WrongUndo, "rewrites-can-be-undone"),
        (Idle, "it-rewrites-something"),
        (Inventive, "edits-come-from-the-tags"),
        (Eager, "it-is-lazy"),
        (Forgetful, "one-by-one-is-the-same"),
        (Moody, "a-new-one-is-the-same"),
        (Generous, "nothing-gives-nothing"),
        (Touchy, "odd-captions-pass"),
        (Greedy, "it-leaves-its-input-alone"),
    ],
)
def test_rewriters(rewriter: type[Sound], check: str) -> None:
    assert not failing(REWRITER, Sound)
    assert check in failing(REWRITER, rewriter)


class SoundCombiner:
    scorer = "tagger"
    default_max_edits: int | None = None

    def combine(self, items: Sequence[CombinerItem], scorer: Any) -> list[Rewrite]:
        return [Sound().one(item.caption.text, item.tags) for item in items]


class Unsure(SoundCombiner):
    scorer = "sometimes"


class Short(SoundCombiner):
    def combine(self, items: Sequence[CombinerItem], scorer: Any) -> list[Rewrite]:
        return super().combine(items, scorer)[:-1]


class NeedsTags(SoundCombiner):
    def combine(self, items: Sequence[CombinerItem], scorer: Any) -> list[Rewrite]:
        return [Sound().one(item.caption.text, [item.tags[0]]) for item in items]


class FirstRules(SoundCombiner):
    """Looks at the first item's length for all."""

    def combine(self, items: Sequence[CombinerItem], scorer: Any) -> list[Rewrite]:
        return [Sound().one(item.caption.text, item.tags[len(items) > 1 :]) for item in items]


class MoodyCombiner(SoundCombiner):
    def __init__(self) -> None:
        self.number = next(COUNTER)

    def combine(self, items: Sequence[CombinerItem], scorer: Any) -> list[Rewrite]:
        return [Sound().one(item.caption.text, item.tags[self.number % 2 :]) for item in items]


class NeedsItems(SoundCombiner):
    def combine(self, items: Sequence[CombinerItem], scorer: Any) -> list[Rewrite]:
        assert items[0]
        return super().combine(items, scorer)


class TouchyCombiner(SoundCombiner):
    def combine(self, items: Sequence[CombinerItem], scorer: Any) -> list[Rewrite]:
        return [Touchy().one(item.caption.text, item.tags) for item in items]


@pytest.mark.parametrize(
    ("combiner", "check"),
    [
        (Unsure, "it-names-its-scorer"),
        (Short, "combined-captions-can-be-undone"),
        (NeedsTags, "captions-without-tags-pass"),
        (FirstRules, "combined-one-by-one-is-the-same"),
        (MoodyCombiner, "combined-twice-is-the-same"),
        (NeedsItems, "no-items-give-no-rewrites"),
        (TouchyCombiner, "odd-captions-can-be-combined"),
    ],
)
def test_combiners(combiner: type[SoundCombiner], check: str) -> None:
    assert not failing(COMBINER, SoundCombiner)
    assert check in failing(COMBINER, combiner)


class SoundTagger(ToyScoringTagger):
    def __init__(self) -> None:
        super().__init__(ToyEncoder())


class Certain(SoundTagger):
    def tag(self, batch: ImageBatch, top_k: int) -> list[list[Tag]]:
        return [[tag._replace(probability=1.5) for tag in tags] for tags in super().tag(batch, top_k)]


class Talkative(SoundTagger):
    def tag(self, batch: ImageBatch, top_k: int) -> list[list[Tag]]:
        return super().tag(batch, top_k + 1)


class Batched(SoundTagger):
    """Its probabilities depend on the batch."""

    def tag(self, batch: ImageBatch, top_k: int) -> list[list[Tag]]:
        found = super().tag(batch, top_k)
        return [[tag._replace(probability=(tag.probability or 0) / len(found)) for tag in tags] for tags in found]


class Sorted(SoundTagger):
    """Its results come in an order of their own."""

    def tag(self, batch: ImageBatch, top_k: int) -> list[list[Tag]]:
        return sorted(super().tag(batch, top_k), key=str)


class MoodyTagger(SoundTagger):
    def __init__(self) -> None:
        super().__init__()
        self.number = next(COUNTER)

    def tag(self, batch: ImageBatch, top_k: int) -> list[list[Tag]]:
        return [tags[self.number % 2 :] for tags in super().tag(batch, top_k)]


class Scribbler(SoundTagger):
    def tag(self, batch: ImageBatch, top_k: int) -> list[list[Tag]]:
        batch.encoded.mul_(0.5)
        return super().tag(batch, top_k)


class Stuck(SoundTagger):
    """Leaves its weights where they are."""

    def __init__(self) -> None:
        super().__init__()
        self.head = torch.nn.Linear(2, 2)


class NeedsPhotos(SoundTagger):
    def tag(self, batch: ImageBatch, top_k: int) -> list[list[Tag]]:
        assert len(batch)
        return super().tag(batch, top_k)


class FirstRowOnly(SoundTagger):
    """Its scorer thinks of the first photograph for all."""

    def scorer(self, batch: ImageBatch) -> Any:
        bright = batch.encoded.mean(dim=(1, 2)).tolist()
        return ToyScorer([bright[0]] * len(bright))


class KnowsAll(SoundTagger):
    def scorer(self, batch: ImageBatch) -> Any:
        class Scorer(ToyScorer):
            def adjectives(self, nouns: Sequence[Sequence[str]]) -> list[list[list[Tag]]]:
                return [[[Tag(ANP("misty", noun), 0.5)] for noun in row] for row in nouns]

        return Scorer(batch.encoded.mean(dim=(1, 2)).tolist())


@pytest.mark.parametrize(
    ("tagger", "check"),
    [
        (Certain, "results-have-the-right-form"),
        (Talkative, "it-gives-no-more-than-asked"),
        (Batched, "one-by-one-is-the-same"),
        (Sorted, "the-order-is-kept"),
        (MoodyTagger, "a-new-one-is-the-same"),
        (Scribbler, "features-stay-as-they-are"),
        (Stuck, "it-moves-to-a-device"),
        (NeedsPhotos, "an-empty-batch-passes"),
        (FirstRowOnly, "its-scorer-keeps-rows-apart"),
        (KnowsAll, "its-scorer-ranks-adjectives"),
    ],
)
def test_taggers(tagger: type[SoundTagger], check: str) -> None:
    assert not failing(TAGGER, SoundTagger)
    assert check in failing(TAGGER, tagger)


class SoundCaptioner:
    """Reads the photographs itself."""

    encoder = None

    def caption(self, batch: ImageBatch, n: int = 1) -> list[list[Caption] | ImageFailure]:
        found: list[list[Caption] | ImageFailure] = []
        for photo in batch.photos:
            try:
                found.append([Caption(f"a picture {photo.image.width} wide")])
            except OSError as error:
                found.append(ImageFailure(str(error)))
        return found

    def to(self, device: str) -> None:
        pass


class MissesOne(SoundCaptioner):
    def caption(self, batch: ImageBatch, n: int = 1) -> list[list[Caption] | ImageFailure]:
        found = super().caption(batch, n)
        good = [one for one in found if not isinstance(one, ImageFailure)]
        return good + good[: len(found) - len(good)]


class NeverEnough(SoundCaptioner):
    def caption(self, batch: ImageBatch, n: int = 1) -> list[list[Caption] | ImageFailure]:
        return [one if isinstance(one, ImageFailure) else one * 4 for one in super().caption(batch, n)]


def test_captioners() -> None:
    assert not failing(CAPTIONER, SoundCaptioner)
    assert "a-broken-photograph-fails-alone" in failing(CAPTIONER, MissesOne)
    assert "it-gives-no-more-than-asked" in failing(CAPTIONER, NeverEnough)


class WrongGrid(ToyEncoder):
    grid = (3, 3)


class Blind(ToyEncoder):
    def encode(self, images: torch.Tensor) -> torch.Tensor:
        return super().encode(images) * 0


class Nameless(ToyEncoder):
    def __init__(self) -> None:
        super().__init__("")


class Mixing(ToyEncoder):
    def encode(self, images: torch.Tensor) -> torch.Tensor:
        return super().encode(images - images.mean(dim=0, keepdim=True)) + 0.01


@pytest.mark.parametrize(
    ("encoder", "check"),
    [
        (WrongGrid, "features-have-the-right-shape"),
        (Blind, "it-sees-the-photograph"),
        (Nameless, "its-identity-is-a-name"),
        (Mixing, "encoded-one-by-one-is-the-same"),
    ],
)
def test_encoders(encoder: type[ToyEncoder], check: str) -> None:
    assert not failing(ENCODER, ToyEncoder)
    assert check in failing(ENCODER, encoder)


class SoundMetric:
    def compute(self, captions: Any, references: Any) -> dict[str, float]:
        return {"length": sum(map(len, captions.values())) / len(captions)}


class Infinite(SoundMetric):
    def compute(self, captions: Any, references: Any) -> dict[str, float]:
        return {"length": float("inf")}


class FirstCaption(SoundMetric):
    def compute(self, captions: Any, references: Any) -> dict[str, float]:
        return {"length": float(len(next(iter(captions.values()))))}


class Latin(SoundMetric):
    def compute(self, captions: Any, references: Any) -> dict[str, float]:
        return {"bytes": float(sum(len(text.encode("ascii")) for text in captions.values()))}


def test_metrics() -> None:
    assert not failing(METRIC, SoundMetric)
    assert "scores-are-finite-numbers" in failing(METRIC, Infinite)
    assert "order-does-not-matter" in failing(METRIC, FirstCaption)
    assert failing(METRIC, Latin) == {"odd-captions-have-scores"}


class SoundTask:
    model, monitor, metrics = "toy", "accuracy", ()

    def read(self, path: Any, images: Any, split: str) -> Any:
        raise SentikitError(f"{path} is no data of this kind.")

    build = target = loss = validate = to_pack = read


class NamelessTask(SoundTask):
    monitor = ""


class Careless(SoundTask):
    def read(self, path: Any, images: Any, split: str) -> Any:
        return []


def test_trainers() -> None:
    assert not failing(TRAINER, SoundTask)
    assert failing(TRAINER, NamelessTask) == {"it-says-what-it-trains"}
    assert failing(TRAINER, Careless) == {"missing-data-is-a-sentence"}
