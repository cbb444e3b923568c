"""A run that was cut off anywhere and continued gives the file of one that was not, byte for byte."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from sentikit import ANP, ImageBatch, Tag
from sentikit.images import ImageRef
from sentikit.images.failures import Failures
from sentikit.pipelines.image_models import Named
from sentikit.pipelines.jobs.tag import TagRequest, tag_to_file
from sentikit.pipelines.run_models import RunSettings
from sentikit.pipelines.tag_filter import TagFilter

PHOTOS = 9


class BatchTagger:
    """Its probabilities depend on the whole batch, as the last digits of a real model's do."""

    encoder = None

    def tag(self, batch: ImageBatch, top_k: int) -> list[list[Tag]]:
        everything = sum(int(Path(photo.name).stem) * 10**place for place, photo in enumerate(batch.photos))
        return [[Tag(ANP("misty", "street"), 1 / (2 + everything))] for _ in batch.photos]

    def to(self, device: str) -> None:
        pass


class Choice:
    def create(self, options: object) -> Named[BatchTagger]:
        return Named("The tagger", BatchTagger())

    def settings(self, options: object) -> dict[str, Any]:
        return {"tagger": "batch"}

    def with_ontology(self, tag_filter: TagFilter) -> TagFilter:
        return tag_filter


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    for number in range(1, PHOTOS + 1):
        Image.new("RGB", (8, 8), (number, 0, 0)).save(folder / f"{number}.png")
    return folder


def tagged(refs: Sequence[ImageRef], output: Path, batch_size: int) -> Failures:
    counts = Failures(lambda message: None)
    request: Any = TagRequest(Choice(), {}, RunSettings(batch_size=batch_size, workers=0))  # type: ignore[arg-type]
    tag_to_file(request, refs, output, counts)
    return counts


def refs_of(photos: Path, broken: set[int]) -> list[ImageRef]:
    return [
        ImageRef(photos / ("none.png" if number in broken else f"{number}.png"), number, f"{number}.png")
        for number in range(1, PHOTOS + 1)
    ]


@given(
    batch_size=st.integers(1, PHOTOS + 1),
    cuts=st.lists(st.floats(0, 1), min_size=1, max_size=3),
    broken=st.sets(st.integers(1, PHOTOS), max_size=PHOTOS - 1),
)
def test_wherever_it_was_cut(
    photos: Path, tmp_path_factory: pytest.TempPathFactory, batch_size: int, cuts: list[float], broken: set[int]
) -> None:
    folder = tmp_path_factory.mktemp("resumed")
    refs = refs_of(photos, broken)
    tagged(refs, folder / "whole", batch_size)
    whole = (folder / "whole").read_bytes()
    resumed = folder / "cut"
    resumed.write_bytes(whole)
    for cut in cuts:
        size = round(cut * len(whole))
        resumed.write_bytes(resumed.read_bytes()[:size])
        held = max(resumed.read_bytes().count(b"\n") - 1, 0)
        counts = tagged(refs, resumed, batch_size)
        assert resumed.read_bytes() == whole
        assert (counts.skipped, counts.failed) == (held, len(broken))
        assert counts.done == PHOTOS - len(broken) - held
    assert sorted(path.name for path in folder.iterdir()) == ["cut", "whole"]


def test_repeated_and_damaged_lines_are_dropped_and_made_again(
    photos: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    refs = refs_of(photos, set())
    tagged(refs, tmp_path / "whole", 3)
    lines = (tmp_path / "whole").read_text().splitlines(keepends=True)
    resumed = tmp_path / "resumed"
    resumed.write_text("".join([*lines[:4], lines[2], lines[4][:20] + lines[1], "\0\0\0\n", lines[5]]))
    with caplog.at_level(logging.WARNING):
        tagged(refs, resumed, 3)
    assert "3 lines of" in caplog.text
    assert sorted(resumed.read_text().splitlines(keepends=True)) == sorted(lines)


def test_a_photograph_of_the_cut_batch_that_is_gone_keeps_its_line(photos: Path, tmp_path: Path) -> None:
    tagged(refs_of(photos, set()), tmp_path / "tags", 4)
    lines = (tmp_path / "tags").read_text().splitlines(keepends=True)
    (tmp_path / "tags").write_text("".join(lines[:3]))
    counts = tagged(refs_of(photos, {1}), tmp_path / "tags", 4)
    assert (tmp_path / "tags").read_text().splitlines(keepends=True)[1] == lines[1]
    assert (counts.skipped, counts.failed, counts.done) == (2, 0, PHOTOS - 2)


def test_lines_of_other_photographs_stay(photos: Path, tmp_path: Path) -> None:
    refs = refs_of(photos, set())
    tagged(refs[5:7], tmp_path / "tags", 4)
    before = (tmp_path / "tags").read_bytes()
    counts = tagged(refs[:3], tmp_path / "tags", 4)
    assert (tmp_path / "tags").read_bytes().startswith(before)
    assert (counts.skipped, counts.done) == (0, 3)
