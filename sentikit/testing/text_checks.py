"""The contracts of rewriters and combiners."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..affect.ontology import Ontology
from ..anp import Tag
from ..caption import Caption, Rewrite, undo_edits
from ..pipelines.checks import check_rewrite
from ..plugin.batches import CombinerItem
from ..plugin.interfaces import Scorer
from .samples import CAPTIONS, ODD_CAPTIONS, TAGS, KnownScorer, attended, attended_tag
from .subject import Check, Subject, check_of

_ENOUGH = 50_000
"""Items that a lazy rewriter may read ahead."""

_Items = list[tuple[Caption, Sequence[Tag]]]


def _items() -> _Items:
    """Captions with tags and without, some of which share a list."""
    return [(Caption(text), TAGS[start:]) for start in (0, 1, len(TAGS)) for text in CAPTIONS]


def _rewrite(subject: Subject, rewriter: Any, items: _Items) -> list[Rewrite]:
    rewrites = list(rewriter.rewrite(iter(items)))
    assert len(rewrites) == len(items), f"it gave {len(rewrites)} rewrites for {len(items)} captions"
    for (caption, _), rewrite in zip(items, rewrites, strict=True):
        _check(subject, caption.text, rewrite)
    return rewrites


def _check(subject: Subject, original: str, rewrite: Any) -> None:
    check_rewrite(subject.label, original, rewrite)
    assert undo_edits(rewrite.text, rewrite.edits) == original, f"its edits do not lead back to {original!r}"


def _same(one: Sequence[Rewrite], other: Sequence[Rewrite], how: str) -> None:
    for number, (first, second) in enumerate(zip(one, other, strict=True)):
        assert _plain(first) == _plain(second), f"{how}: caption {number} became {first.text!r} and {second.text!r}"


def _plain(rewrite: Rewrite) -> tuple[Any, ...]:
    """What can be compared: arrays of attention cannot."""
    return (rewrite.text, *((*edit[:4], edit.tag.anp, edit.tag.probability) for edit in rewrite.edits))


def rewrites_can_be_undone(subject: Subject) -> None:
    """It gives one rewrite for each caption, in order, whose edits make its text and lead back to the original."""
    _rewrite(subject, subject.make(), _items())


def it_rewrites_something(subject: Subject) -> None:
    """It changes at least one of a few plain captions whose nouns are tagged."""
    rewrites = _rewrite(subject, subject.make(), _items())
    assert any(rewrite.edits for rewrite in rewrites), "it changed none of the captions"


def edits_come_from_the_tags(subject: Subject) -> None:
    """Each edit names an ANP of the caption's own tags, so a caption without tags stays as it is."""
    items = _items()
    for (caption, tags), rewrite in zip(items, _rewrite(subject, subject.make(), items), strict=True):
        for edit in rewrite.edits:
            known = {tag.anp for tag in tags}
            assert edit.tag.anp in known, f"its edit of {caption.text!r} has the ANP {edit.tag.anp}, which is no tag"


def it_is_lazy(subject: Subject) -> None:
    """It gives its first rewrite before it has read a whole dataset."""
    read = 0

    def endless() -> Iterator[tuple[Caption, Sequence[Tag]]]:
        nonlocal read
        while True:
            read += 1
            assert read <= _ENOUGH, f"it read {_ENOUGH:,} captions before it gave the first rewrite"
            yield Caption(CAPTIONS[read % len(CAPTIONS)]), list(TAGS)

    next(iter(subject.make().rewrite(endless())))


def one_by_one_is_the_same(subject: Subject) -> None:
    """A caption gets the same rewrite alone and among others."""
    rewriter, items = subject.make(), _items()
    together = _rewrite(subject, rewriter, items)
    _same(together, [_rewrite(subject, rewriter, [item])[0] for item in items], "together and one by one")


def a_new_one_is_the_same(subject: Subject) -> None:
    """Made again, as in another process, it rewrites the same captions in the same way."""
    first, second = (_rewrite(subject, subject.make(), _items()) for _ in range(2))
    _same(first, second, "made twice")


def nothing_gives_nothing(subject: Subject) -> None:
    """Without captions it gives no rewrites."""
    assert not list(subject.make().rewrite(iter(()))), "it gave rewrites for no captions"


def odd_captions_pass(subject: Subject) -> None:
    """Empty, long and foreign captions, markup and broken characters do not stop it, and its edits can be undone."""
    _rewrite(subject, subject.make(), [(Caption(text), TAGS) for text in ODD_CAPTIONS])


def it_leaves_its_input_alone(subject: Subject) -> None:
    """It changes no tag list that it is given."""
    tags = list(TAGS)
    _rewrite(subject, subject.make(), [(Caption(text), tags) for text in CAPTIONS])
    assert tags == list(TAGS), "it changed the list of tags"


REWRITER_CHECKS: tuple[Check, ...] = tuple(
    map(
        check_of,
        (
            rewrites_can_be_undone,
            it_rewrites_something,
            edits_come_from_the_tags,
            it_is_lazy,
            one_by_one_is_the_same,
            a_new_one_is_the_same,
            nothing_gives_nothing,
            odd_captions_pass,
            it_leaves_its_input_alone,
        ),
    )
)


def _combine(subject: Subject, texts: Sequence[str], tags: Sequence[Tag] = TAGS) -> list[Rewrite]:
    combiner = subject.make()
    items = [CombinerItem(attended(text), [attended_tag(tag) for tag in tags]) for text in texts]
    rewrites = combiner.combine(items, _scorer(combiner))
    assert isinstance(rewrites, list), f"it gave {type(rewrites).__name__}, not a list"
    assert len(rewrites) == len(texts), f"it gave {len(rewrites)} rewrites for {len(texts)} captions"
    for text, rewrite in zip(texts, rewrites, strict=True):
        _check(subject, text, rewrite)
    return rewrites


def _scorer(combiner: Any) -> Scorer | None:
    if combiner.scorer == "none":
        return None
    known = {tag.anp: tag.probability or 0.03125 for tag in TAGS}
    if combiner.scorer == "prior":
        prior = getattr(combiner, "prior", None)
        if isinstance(prior, Ontology):
            known = {anp: 1 / len(prior.entries) for anp in prior.entries}
    return KnownScorer(known)


def it_names_its_scorer(subject: Subject) -> None:
    """Its `scorer` is "none", "tagger" or "prior"."""
    scorer = subject.make().scorer
    assert scorer in ("none", "tagger", "prior"), f"its scorer is {scorer!r}"


def combined_captions_can_be_undone(subject: Subject) -> None:
    """It gives a list of one rewrite for each item, in order, whose edits lead back to the original."""
    _combine(subject, CAPTIONS)


def captions_without_tags_pass(subject: Subject) -> None:
    """Captions of images without tags do not stop it."""
    _combine(subject, CAPTIONS, ())


def combined_one_by_one_is_the_same(subject: Subject) -> None:
    """A caption gets the same rewrite alone and among others."""
    alone = [_combine(subject, [text])[0] for text in CAPTIONS]
    _same(_combine(subject, CAPTIONS), alone, "together and one by one")


def combined_twice_is_the_same(subject: Subject) -> None:
    """Made again, it rewrites the same captions in the same way."""
    _same(_combine(subject, CAPTIONS), _combine(subject, CAPTIONS), "made twice")


def no_items_give_no_rewrites(subject: Subject) -> None:
    """Without items it gives no rewrites."""
    assert not _combine(subject, ()), "it gave rewrites for no items"


def odd_captions_can_be_combined(subject: Subject) -> None:
    """Empty, long and foreign captions, markup and broken characters do not stop it, and its edits can be undone."""
    _combine(subject, ODD_CAPTIONS)


COMBINER_CHECKS: tuple[Check, ...] = tuple(
    map(
        check_of,
        (
            it_names_its_scorer,
            combined_captions_can_be_undone,
            captions_without_tags_pass,
            combined_one_by_one_is_the_same,
            combined_twice_is_the_same,
            no_items_give_no_rewrites,
            odd_captions_can_be_combined,
        ),
    )
)
