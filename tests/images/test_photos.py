"""Photographs as plugins get them, from files, bytes, Pillow images and arrays."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from support.toy_models import ToyEncoder

from sentikit import ImageBatch, Photo, Tag
from sentikit.images import ImageProblem, ImageRef, load_photo
from sentikit.pipelines.image_models import Named
from sentikit.pipelines.run_models import RunSettings
from sentikit.pipelines.tag import tag_images

MODEL, TAKEN, ORIENTATION = 0x0110, "2019:05:04 10:11:12", 0x0112
SETTINGS = RunSettings(workers=0)


def save_with_exif(path: Path) -> Path:
    """A photograph 4 wide and 6 high as it is stored, to be turned by 90 degrees."""
    exif = Image.Exif()
    exif[MODEL] = "Camera 7"
    exif[306] = TAKEN
    exif[ORIENTATION] = 6
    Image.new("RGB", (4, 6), (200, 10, 10)).save(path, exif=exif, dpi=(72, 72))
    return path


class Seeing:
    """A tagger that keeps the photographs that it gets."""

    def __init__(self, encoder: Any = None) -> None:
        self.encoder = encoder
        self.seen: list[Photo] = []
        self.features: list[Any] = []

    def tag(self, batch: ImageBatch, top_k: int) -> list[list[Tag]]:
        self.seen += batch.photos
        self.features.append(batch.features)
        return [[] for _ in batch.photos]

    def to(self, device: str) -> None:
        pass


def seen_by(tagger: Seeing, *refs: ImageRef) -> list[Photo]:
    list(tag_images(refs, Named("The tagger 'seeing'", tagger), 5, SETTINGS))
    return tagger.seen


def test_metadata_reaches_a_tagger_without_an_encoder(tmp_path: Path) -> None:
    path = save_with_exif(tmp_path / "1.jpg")
    tagger = Seeing()
    (photo,) = seen_by(tagger, ImageRef.from_path(path))
    assert tagger.features == [None]
    assert (photo.name, photo.path, photo.size) == ("1.jpg", path, (6, 4)), "the size is upright"
    assert photo.image.size == (6, 4)
    assert photo.image is photo.image, "it is decoded once"
    assert photo.metadata["exif"][MODEL] == "Camera 7"
    assert photo.metadata["exif"][306] == TAKEN
    assert photo.metadata["dpi"] == (72, 72)


def test_a_model_with_an_encoder_gets_metadata_and_decodes_again(tmp_path: Path) -> None:
    path = save_with_exif(tmp_path / "1.jpg")
    tagger = Seeing(ToyEncoder())
    (photo,) = seen_by(tagger, ImageRef.from_path(path))
    assert tagger.features[0].shape == (1, 4, 3)
    assert photo.metadata["exif"][MODEL] == "Camera 7"
    assert photo.image is not photo.image
    assert photo.image.size == photo.size == (6, 4)
    path.unlink()
    with pytest.raises(ImageProblem, match="there is no such file"):
        photo.image  # noqa: B018


PIXELS = np.arange(4 * 5 * 3, dtype=np.uint8).reshape(4, 5, 3)


def as_bytes(suffix: str) -> bytes:
    buffer = BytesIO()
    Image.fromarray(PIXELS).save(buffer, suffix)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "source",
    [PIXELS, Image.fromarray(PIXELS), as_bytes("PNG"), PIXELS[:, ::-1][:, ::-1]],
    ids=["array", "image", "bytes", "view"],
)
def test_sources_that_are_no_file(source: Any) -> None:
    photo = load_photo(ImageRef(Path("mine.png"), "mine", "mine.png", source))
    assert (photo.name, photo.path, photo.size) == ("mine.png", None, (5, 4))
    assert np.array_equal(np.asarray(photo.image), PIXELS)
    tagger = Seeing(ToyEncoder())
    (again,) = seen_by(tagger, ImageRef(Path("mine.png"), "mine", "mine.png", source))
    assert np.array_equal(np.asarray(again.image), PIXELS)


def test_grey_and_transparent_arrays_become_rgb() -> None:
    grey = load_photo(ImageRef(Path("g"), 1, "g", PIXELS[:, :, 0])).image
    assert (grey.mode, grey.getpixel((1, 0))) == ("RGB", (3, 3, 3))
    clear = np.zeros((2, 2, 4), np.uint8)
    assert load_photo(ImageRef(Path("t"), 1, "t", clear)).image.getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (PIXELS.astype(float), r"must be \(height, width\) or \(height, width, 3\) of uint8, not 4x5x3 of float64"),
        (np.zeros((2, 3, 4, 5), np.uint8), "not 2x3x4x5 of uint8"),
        (np.zeros((0, 5, 3), np.uint8), "the array is empty"),
        (b"", "it is empty"),
        (b"no image at all", "mine"),
    ],
)
def test_a_source_that_is_no_photograph_is_a_sentence(source: Any, reason: str) -> None:
    with pytest.raises(ImageProblem, match=reason) as caught:
        load_photo(ImageRef(Path("mine"), 1, "mine", source))
    assert "\n" not in str(caught.value)


def test_a_pillow_image_keeps_its_metadata_and_is_not_changed(tmp_path: Path) -> None:
    image = Image.open(save_with_exif(tmp_path / "1.jpg"))
    photo = load_photo(ImageRef(Path("mine"), 1, "mine", image))
    assert photo.metadata["exif"][MODEL] == "Camera 7"
    assert photo.size == (6, 4)
    assert image.size == (4, 6)
