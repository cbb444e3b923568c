"""The contracts of taggers and captioners."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import isclose
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..anp import Tag
from ..caption import Caption
from ..errors import SentikitError
from ..images import ImageRef
from ..pipelines.checks import CheckedScorer, checked_captions, checked_tags
from ..pipelines.image_models import encode_images
from ..plugin.batches import ImageBatch, ImageFailure, Photo
from ..plugin.interfaces import ScoringTagger
from .samples import TAGS, photographs
from .subject import Check, Subject, check_of

if TYPE_CHECKING:
    from torch import nn

_TOP_K = 5
_CLOSE = 1e-3
"""How far a batch may move a probability, relatively: sums of floats come in another order."""

_Answer = list[list[Tag] | ImageFailure] | list[list[Caption] | ImageFailure]


def _batch(model: Any, names: Sequence[str] | None = None) -> ImageBatch:
    """The photographs of these names, or all, as the engine gives them to the model."""
    images = photographs()
    chosen = list(images if names is None else names)
    refs = [ImageRef(Path(name), number, name, images[name]) for number, name in enumerate(chosen)]
    (batch,) = encode_images([model], refs)
    return batch


def _answer(subject: Subject, model: Any, batch: ImageBatch) -> _Answer:
    """What it makes of the batch, its form checked as the engine checks it."""
    import torch

    with torch.no_grad():
        if subject.component.kind.name == "tagger":
            return checked_tags(subject.label, model.tag(batch, _TOP_K), len(batch), _TOP_K)
        return checked_captions(subject.label, model.caption(batch, 2), len(batch), 2)


def _same(one: _Answer, other: _Answer, how: str) -> None:
    for number, (first, second) in enumerate(zip(one, other, strict=True)):
        assert isinstance(first, ImageFailure) == isinstance(second, ImageFailure), f"{how}: photograph {number} fails"
        if not isinstance(first, ImageFailure) and not isinstance(second, ImageFailure):
            words = [list(map(_words, found)) for found in (first, second)]
            assert words[0] == words[1], f"{how}: photograph {number} got {words[0]} and {words[1]}"
            for left, right in zip(map(_number, first), map(_number, second), strict=True):
                assert _close(left, right), f"{how}: photograph {number} got the probabilities {left} and {right}"


def _close(one: float | None, other: float | None) -> bool:
    return one == other or (one is not None and other is not None and isclose(one, other, rel_tol=_CLOSE))


def _words(result: Tag | Caption) -> str:
    return str(result.anp) if isinstance(result, Tag) else result.text


def _number(result: Tag | Caption) -> float | None:
    return result.probability if isinstance(result, Tag) else result.log_probability


def results_have_the_right_form(subject: Subject) -> None:
    """It gives one result for each photograph: tags with probabilities in [0, 1] or None, captions, or a failure."""
    model = subject.make()
    found = _answer(subject, model, _batch(model))
    assert any(not isinstance(result, ImageFailure) for result in found), "it failed on every photograph"


def it_gives_no_more_than_asked(subject: Subject) -> None:
    """It gives at most `top_k` tags, best first, or from 1 to `n` captions."""
    model = subject.make()
    batch = _batch(model)
    if subject.component.kind.name == "captioner":
        for n in (1, 3):
            for captions in model.caption(batch, n):
                fits = isinstance(captions, ImageFailure) or 1 <= len(captions) <= n
                assert fits, f"asked for {n} captions, it gave {len(captions)}"
        return
    for tags in model.tag(batch, 2):
        if not isinstance(tags, ImageFailure):
            assert len(tags) <= 2, f"asked for 2 tags, it gave {len(tags)}"
            known = [tag.probability for tag in tags if tag.probability is not None]
            assert known == sorted(known, reverse=True), f"its tags are not best first: {known}"


def one_by_one_is_the_same(subject: Subject) -> None:
    """A photograph gets the same result alone and in a batch."""
    model = subject.make()
    together = _answer(subject, model, _batch(model))
    alone = [_answer(subject, model, _batch(model, [name]))[0] for name in photographs()]
    _same(together, alone, "together and one by one")  # type: ignore[arg-type]


def the_order_is_kept(subject: Subject) -> None:
    """The results come in the order of the photographs."""
    model, names = subject.make(), list(photographs())
    forwards = _answer(subject, model, _batch(model, names))
    backwards = _answer(subject, model, _batch(model, names[::-1]))
    _same(forwards, backwards[::-1], "in another order")


def a_new_one_is_the_same(subject: Subject) -> None:
    """Made again, as in another process, it gives the same results."""
    answers = []
    for _ in range(2):
        model = subject.make()
        answers.append(_answer(subject, model, _batch(model)))
    _same(answers[0], answers[1], "made twice")


def features_stay_as_they_are(subject: Subject) -> None:
    """It does not change the feature map, which other models share."""
    model = subject.make()
    batch = _batch(model)
    if batch.features is not None:
        before = batch.features.clone()
        _answer(subject, model, batch)
        assert bool((batch.features == before).all()), "it changed the feature map"


def a_broken_photograph_fails_alone(subject: Subject) -> None:
    """A model that reads the photographs itself does not give one's result to another when one cannot be read."""
    model = subject.make()
    if model.encoder is not None:
        return
    names = list(photographs())[:3]
    good = _answer(subject, model, _batch(model, [names[0], names[2]]))
    photos = list(_batch(model, names).photos)
    photos[1] = Photo(names[1], (8, 8), _broken)
    try:
        found = _answer(subject, model, ImageBatch(photos))
    except SentikitError:
        raise
    except Exception:
        return  # the engine names the plugin and stops, which loses work but tells no lie
    assert isinstance(found[1], ImageFailure), "it gave a result for a photograph that cannot be read"
    _same(good, [found[0], found[2]], "beside one that cannot be read")  # type: ignore[arg-type]


def _broken() -> Any:
    raise OSError("the file is broken")


def it_moves_to_a_device(subject: Subject) -> None:
    """`to` moves every torch module that it holds."""
    model = subject.make()
    model.to("meta")
    for name, module in _modules(vars(model) if hasattr(model, "__dict__") else {}):
        devices = {str(tensor.device) for tensor in [*module.parameters(), *module.buffers()]}
        assert devices <= {"meta"}, f"to('meta') left its {name} on {', '.join(sorted(devices - {'meta'}))}"


def _modules(attributes: Mapping[str, Any]) -> Iterator[tuple[str, nn.Module]]:
    from torch import nn

    for name, value in attributes.items():
        if name != "encoder" and isinstance(value, nn.Module):
            yield name, value


def an_empty_batch_passes(subject: Subject) -> None:
    """A batch without photographs gives no results."""
    import torch

    model = subject.make()
    full = _batch(model)
    features = None if full.features is None else full.features[:0]
    with torch.no_grad():
        assert not _answer(subject, model, ImageBatch((), features)), "it gave results for no photographs"


_IMAGE_RULES: tuple[Callable[[Subject], None], ...] = (
    results_have_the_right_form,
    it_gives_no_more_than_asked,
    one_by_one_is_the_same,
    the_order_is_kept,
    a_new_one_is_the_same,
    features_stay_as_they_are,
    a_broken_photograph_fails_alone,
    it_moves_to_a_device,
    an_empty_batch_passes,
)


def its_scorer_keeps_rows_apart(subject: Subject) -> None:
    """Its scorer, if it has one, answers for each photograph what it answers when asked about that one alone."""
    model = subject.make()
    if not isinstance(model, ScoringTagger):
        return
    batch = _batch(model)
    first = _answer(subject, model, batch)
    anps = [tag.anp for tags in first if not isinstance(tags, ImageFailure) for tag in tags if isinstance(tag, Tag)]
    asked = list(dict.fromkeys([*anps, *(tag.anp for tag in TAGS)]))
    rows = CheckedScorer(subject.label, model.scorer(batch)).score([asked] * len(batch))
    for index, row in enumerate(rows):
        single = batch.single(index)
        (alone,) = CheckedScorer(subject.label, model.scorer(single)).score([asked])
        for anp, one, other in zip(asked, row, alone, strict=True):
            close = one == other or isclose(one, other, rel_tol=_CLOSE, abs_tol=_CLOSE)
            assert close, f"photograph {index}: {anp} scores {one} in the batch and {other} alone"


def its_scorer_ranks_adjectives(subject: Subject) -> None:
    """For a noun, its scorer gives that noun's tags, best first; for an unknown noun, none."""
    model = subject.make()
    if not isinstance(model, ScoringTagger):
        return
    batch = _batch(model)
    found = [tags for tags in _answer(subject, model, batch) if not isinstance(tags, ImageFailure) and tags]
    nouns = list({tag.noun for tags in found for tag in tags if isinstance(tag, Tag)})[:3]
    rows = CheckedScorer(subject.label, model.scorer(batch)).adjectives([[*nouns, "zzyzx"]] * len(batch))
    for row in rows:
        assert not row[-1], f"it knows the noun 'zzyzx': {row[-1][0]}"
        for noun, tags in zip(nouns, row, strict=False):
            assert all(tag.noun == noun for tag in tags), f"asked for {noun}, it gave {tags}"
            known = [tag.probability or 0 for tag in tags]
            assert known == sorted(known, reverse=True), f"the adjectives of {noun} are not best first"


CAPTIONER_CHECKS: tuple[Check, ...] = tuple(map(check_of, _IMAGE_RULES))
TAGGER_CHECKS: tuple[Check, ...] = (
    *CAPTIONER_CHECKS,
    *map(check_of, (its_scorer_keeps_rows_apart, its_scorer_ranks_adjectives)),
)
