"""What the Python API takes as photographs: one in any form, several as a lazy iterator of results in order."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from support.looking_models import save_photos
from support.made_images import save_truncated
from support.toy_api import toy_model

from sentikit import Sentikit, SentikitError, UsageError


@pytest.fixture(scope="module")
def model() -> Sentikit:
    return toy_model(batch_size=2, workers=2)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    save_photos(tmp_path / "photos")
    return tmp_path / "photos"


def bright(mode: str = "RGB") -> Image.Image:
    return Image.new("RGB", (8, 6), (220, 220, 220)).convert(mode)


def encoded(image: Image.Image) -> bytes:
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()


def test_one_photograph_in_any_form_is_one_result(model: Sentikit, photos: Path) -> None:
    path = photos / "2.png"
    for photo in (
        str(path),
        path,
        Image.open(path),
        bright(),
        bright("L"),
        bright("RGBA"),
        bright("P"),
        bright("1"),
        np.asarray(bright()),
        np.asarray(bright("L")),
        np.asarray(bright("RGBA")),
        np.asarray(bright())[::-1, ::2],
        path.read_bytes(),
        bytearray(path.read_bytes()),
        memoryview(path.read_bytes()),
    ):
        result = model.caption(photo)
        assert (result.text, result.plain, result.error) == ("a sunny street", "a street", None)
        assert str(model.tag(photo, top_k=1)) == "sunny street"


def test_a_photograph_is_left_as_it_is(model: Sentikit) -> None:
    image, array = bright("RGBA"), np.asarray(bright()).copy()
    array.setflags(write=False)
    before = array.tobytes()
    model.caption(image)
    model.caption(array)
    assert (image.mode, image.size, array.tobytes()) == ("RGBA", (8, 6), before)


def test_the_name_is_the_files_or_a_number(model: Sentikit, photos: Path) -> None:
    assert model.caption(photos / "2.png").name == "2.png"
    assert model.caption(Image.open(photos / "2.png")).name == "2.png"
    assert [result.name for result in model.caption([photos / "1.png", bright(), encoded(bright())])] == [
        "1.png",
        "photo 2",
        "photo 3",
    ]


@pytest.mark.parametrize(
    "given", [str, Path, lambda folder: f"{folder}/*.png", lambda folder: sorted(folder.iterdir())]
)
def test_a_folder_a_pattern_and_a_list_give_an_iterator(model: Sentikit, photos: Path, given: Any) -> None:
    results = model.caption(given(photos))
    assert isinstance(results, Iterator)
    assert [(result.name, str(result)) for result in results] == [
        ("1.png", "a misty street"),
        ("2.png", "a sunny street"),
        ("3.png", "a misty street"),
    ]
    assert [str(result.tags[0].anp) for result in model.tag(given(photos))] == [
        "misty street",
        "sunny street",
        "misty street",
    ]


def test_a_generator_is_read_only_a_little_ahead(model: Sentikit) -> None:
    read = 0

    def endless() -> Iterator[Image.Image]:
        nonlocal read
        while True:
            read += 1
            yield bright()

    results = model.caption(endless())
    assert read == 0
    for number in range(1, 20):
        assert next(results).text == "a sunny street"
        assert read <= number + 6
    results.close()  # type: ignore[attr-defined]


def test_what_fails_among_several_is_a_result_in_its_place(model: Sentikit, photos: Path) -> None:
    cut = save_truncated(photos / "cut.png")
    results = list(
        model.caption([photos / "1.png", cut, b"", photos / "none.png", None, photos, photos / "2.png", ""])  # type: ignore[list-item]
    )
    assert [result.text for result in results] == ["a misty street", "", "", "", "", "", "a sunny street", ""]
    errors = [result.error for result in results]
    assert [error is None for error in errors] == [True, False, False, False, False, False, True, False]
    assert errors[1] is not None
    assert errors[1].startswith("it is damaged")
    assert errors[2:6] == [
        "it is empty",
        "there is no such file",
        "NoneType is no photograph: give a file, a Pillow image, an array or bytes",
        "it is a folder, not an image",
    ]
    assert errors[7] == "its name is empty"
    assert results[1].to_dict() == {"file": str(cut), "image_id": "cut", "file_name": "cut.png", "error": errors[1]}
    assert [result.error for result in model.tag(iter([cut, photos / "1.png"]))] == [errors[1], None]


def test_one_photograph_that_cannot_be_read_raises(model: Sentikit, tmp_path: Path) -> None:
    with pytest.raises(SentikitError, match=r"none\.jpg: there is no such file\.$"):
        model.caption(tmp_path / "none.jpg")
    with pytest.raises(SentikitError, match=r"'photo 1': it is not an image in a supported format \(JPEG"):
        model.tag(b"no image")


CLOSED = bright()
CLOSED.close()


@pytest.mark.parametrize(
    ("photo", "sentence"),
    [
        ("", r"The photograph's name is empty\."),
        ("x" * 5000, r"its name is too long( for a file)?\."),
        (b"", r"'photo 1': it is empty\."),
        (np.zeros((4, 4, 3)), r"not 4x4x3 of float64\."),
        (np.full((4, 4, 3), np.nan, np.float32), r"not 4x4x3 of float32\."),
        (np.zeros((2, 4, 4, 3), np.uint8), r"not 2x4x4x3 of uint8\."),
        (np.zeros((3, 8, 8), np.uint8), r"not 3x8x8 of uint8\."),
        (np.zeros((0, 4, 3), np.uint8), r"'photo 1': the array is empty\."),
        (np.array(3, np.uint8), r"not a single value of uint8\."),
        (np.array([None]), r"not 1 of object\."),
        (Image.new("RGB", (0, 0)), r"'photo 1': it has no pixels\."),
        (CLOSED, r"'photo 1': it is damaged or of an unsupported kind \(Operation on closed image\)\."),
        (None, r"A photograph is a file, a Pillow image, an array or bytes, not NoneType\."),
        (3, r"not int\."),
        ({"photo": "a.jpg"}, r"not dict\."),
        (io.BytesIO(b"x"), r"not BytesIO; give its name or what its read\(\) gives\."),
    ],
)
def test_what_is_no_photograph_is_told_in_a_sentence(model: Sentikit, photo: Any, sentence: str) -> None:
    for method in (model.caption, model.tag):
        with pytest.raises(SentikitError, match=f"{sentence}$"):
            method(photo)


def test_a_tensor_is_not_taken_for_a_list_of_photographs(model: Sentikit) -> None:
    import torch

    with pytest.raises(UsageError, match="not Tensor"):
        model.caption(torch.zeros(3, 4, 4))  # type: ignore[call-overload]


def test_an_empty_list_has_no_results_and_an_empty_folder_raises(model: Sentikit, tmp_path: Path) -> None:
    assert list(model.caption([])) == []
    assert list(model.tag(iter(()))) == []
    with pytest.raises(SentikitError, match="has no images"):
        model.caption(tmp_path)
    with pytest.raises(SentikitError, match=r"There is no such file or folder: .*\*\.jpg"):
        model.caption(tmp_path / "*.jpg")


def test_a_folder_with_odd_files_gives_its_images(model: Sentikit, photos: Path) -> None:
    (photos / "notes.txt").write_text("no image")
    (photos / ".hidden.png").write_bytes(b"")
    (photos / "folder.png").mkdir()
    (photos / "empty.png").write_bytes(b"")
    results = {result.name: result.error for result in model.caption(photos)}
    assert results == {"1.png": None, "2.png": None, "3.png": None, "empty.png": "the file is empty"}


def test_an_error_of_the_callers_generator_is_the_callers(model: Sentikit) -> None:
    def broken() -> Iterator[Image.Image]:
        yield bright()
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        list(model.caption(broken()))


def test_progress_is_called_with_what_is_done_and_how_many_there_are(model: Sentikit, photos: Path) -> None:
    calls: list[tuple[int, int | None]] = []

    def progress(done: int, total: int | None) -> None:
        calls.append((done, total))

    list(model.caption(photos, progress=progress))
    list(model.tag(iter([bright(), b"", bright()]), progress=progress))
    model.caption(bright(), progress=progress)
    assert calls == [(2, 3), (3, 3), (2, None), (3, None), (1, 1)]
    with pytest.raises(UsageError, match="progress is a function"):
        model.caption(bright(), progress=True)  # type: ignore[call-overload]
