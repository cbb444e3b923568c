"""Batches of decoded images, and what is said of those that fail."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest
from PIL import Image
from support.made_images import save_truncated

from sentikit import Photo, SentikitError
from sentikit.cli.messages import shown_messages
from sentikit.images import Batch, ImageRef, find_images, stream_batches
from sentikit.images.failures import Failure, Failures, collect_failures


def made(folder: Path, count: int) -> list[ImageRef]:
    """Images whose width is their number."""
    for number in range(1, count + 1):
        Image.new("RGB", (number, 2)).save(folder / f"{number}.png")
    return find_images([folder])


def width(photo: Photo, ref: ImageRef) -> int:
    return photo.size[0]


@pytest.mark.parametrize("workers", [0, 1, 3, 20])
@pytest.mark.parametrize("batch_size", [1, 4, 11, 50])
def test_all_images_in_order(tmp_path: Path, workers: int, batch_size: int) -> None:
    refs = made(tmp_path, 11)
    batches = list(stream_batches(refs, batch_size, width, workers))
    assert [ref for batch in batches for ref in batch.refs] == refs
    assert [number for batch in batches for number in batch.prepared] == list(range(1, 12))
    assert {len(batch) for batch in batches[:-1]} <= {batch_size}


@pytest.mark.parametrize("workers", [0, 2])
def test_bad_images_are_failures_of_their_batch(tmp_path: Path, workers: int) -> None:
    refs = made(tmp_path, 5)
    save_truncated(refs[1].path)
    refs[2].path.unlink()
    first, second, third = stream_batches(refs, 2, width, workers)
    assert (first.refs, first.prepared, len(first)) == ([refs[0]], [1], 2)
    assert (second.refs, second.prepared) == ([refs[3]], [4])
    assert (third.refs, third.failures) == ([refs[4]], [])
    assert second.failures == [Failure(refs[2].path, 3, "there is no such file")]
    assert [failure.image_id for failure in first.failures] == [2]


@pytest.mark.parametrize("workers", [0, 2])
def test_an_image_that_cannot_be_prepared_is_a_failure(tmp_path: Path, workers: int) -> None:
    def picky(photo: Photo, ref: ImageRef) -> int:
        if photo.size[0] == 2:
            raise ValueError("two\nis\ntoo few")
        return photo.size[0]

    [batch] = stream_batches(made(tmp_path, 3), 9, picky, workers)
    assert batch.prepared == [1, 3]
    assert [failure.reason for failure in batch.failures] == ["it could not be prepared (ValueError: two is too few)"]


def test_a_batch_in_which_all_fail(tmp_path: Path) -> None:
    refs = [ImageRef.from_path(tmp_path / f"{number}.jpg") for number in range(3)]
    batches: list[Batch[int]] = list(stream_batches(refs, 2, width, 2))
    assert [(len(batch), len(batch.prepared)) for batch in batches] == [(2, 0), (1, 0)]


def test_no_images() -> None:
    assert list(stream_batches([], 4, width, 2)) == []


def test_no_more_than_a_batch_is_decoded_ahead(tmp_path: Path) -> None:
    decoded = []

    def count(photo: Photo, ref: ImageRef) -> int:
        decoded.append(photo.size[0])
        return photo.size[0]

    batches = stream_batches(made(tmp_path, 30), 4, count, 2)
    assert decoded == []
    next(batches)
    time.sleep(0.2)
    assert 4 <= len(decoded) <= 8
    next(batches)
    time.sleep(0.2)
    assert 8 <= len(decoded) <= 12


def test_refs_may_be_an_endless_stream(tmp_path: Path) -> None:
    ref = made(tmp_path, 1)[0]
    batches = stream_batches(iter(lambda: ref, None), 3, width, 2)
    assert next(batches).prepared == [1, 1, 1]
    batches.close()  # type: ignore[attr-defined]


def test_images_are_decoded_at_the_same_time(tmp_path: Path) -> None:
    meeting = threading.Barrier(2, timeout=10)

    def meet(photo: Photo, ref: ImageRef) -> int:
        return meeting.wait()

    [batch] = stream_batches(made(tmp_path, 4), 4, meet, 2)
    assert not batch.failures


@pytest.mark.parametrize("ending", [KeyboardInterrupt, GeneratorExit, RuntimeError])
def test_an_end_half_way_leaves_no_thread(tmp_path: Path, ending: type[BaseException]) -> None:
    prepared = []

    def slow(photo: Photo, ref: ImageRef) -> int:
        time.sleep(0.02)
        prepared.append(photo.size[0])
        return photo.size[0]

    before = threading.active_count()
    batches = stream_batches(made(tmp_path, 40), 10, slow, 2)
    next(batches)
    with pytest.raises(ending):
        batches.throw(ending())  # type: ignore[attr-defined]
    assert threading.active_count() == before
    assert len(prepared) < 20


# What is said of failures


def failures(count: int) -> list[Failure]:
    return [Failure(Path(f"my {number}.jpg"), number, "the file is empty") for number in range(count)]


def test_the_first_failures_are_shown_and_the_others_counted() -> None:
    said: list[str] = []
    run = Failures(said.append)
    run.add(failures(4))
    run.add(failures(20))
    assert said[0] == "Failed: 'my 0.jpg': the file is empty."
    assert len(said) == 6
    assert said[5].endswith("--failures FILE lists them.")
    assert run.failed == 24


def test_summary() -> None:
    assert Failures(print, done=8216, skipped=3, failed=2).summary() == "8,216 done, 3 skipped, 2 failed"
    assert Failures(print).summary() == "0 done"


def test_the_file_of_failures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "failures.jsonl"
    with shown_messages(), collect_failures(path) as run:
        run.add([*failures(6), Failure(Path("caf\udce9.jpg"), "é", "it is damaged")])
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert rows[0] == {"file": "my 0.jpg", "image_id": 0, "reason": "the file is empty"}
    assert rows[6]["file"] == r"caf\xe9.jpg"
    assert len(rows) == 7
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 6
    assert "--failures" not in captured.err
    with pytest.raises(SentikitError, match="exists already"), collect_failures(path):
        pass
    with collect_failures(path, force=True):
        pass
    assert path.read_text() == ""


def test_real_photos(shared_data: Path) -> None:
    refs = find_images([shared_data / "coco_mini" / "images"])[:20]
    [batch] = stream_batches(refs, 32, width)
    assert len(batch.refs) == 20
    assert max(batch.prepared) <= 448
