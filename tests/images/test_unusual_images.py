"""Photographs that phones, cameras and programs make, beyond the ordinary: large, in other formats, with long texts."""

from __future__ import annotations

import os
import socket
import struct
import sys
import zlib
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image, PngImagePlugin
from support.made_images import save_scene, scene

from sentikit.images import ImageProblem, ImageRef, decode, examine_image, find_images, left_out, load_image, load_photo
from sentikit.images.decode import MAX_PIXELS, decode_image

pytestmark = pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
PHONE = (12_000, 9_000)
"""108 megapixels."""


def reason(path: str | Path, data: bytes | None = None) -> str:
    with pytest.raises(ImageProblem) as caught:
        decode_image(path, None, data)
    assert str(caught.value).endswith(f": {caught.value.reason}.")
    return caught.value.reason


def assert_is_scene(image: Image.Image) -> None:
    (w, h), (width, height) = image.size, scene().size
    found = [image.getpixel((x, y)) for y in (h // 4, h * 3 // 4) for x in (w // 4, w * 3 // 4)]
    wanted = [scene().getpixel((x, y)) for y in (height // 4, height * 3 // 4) for x in (width // 4, width * 3 // 4)]
    assert image.mode == "RGB"
    assert np.abs(np.subtract(found, wanted)).max() <= 20


# Large


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photograph of 108 megapixels: black on the left, white on the right."""
    image = Image.new("L", PHONE)
    image.paste(255, (PHONE[0] // 2, 0, *PHONE))
    path = tmp_path_factory.mktemp("large") / "phone.jpg"
    image.save(path)
    return path


def test_a_jpeg_beyond_the_limit_is_decoded_at_half_its_size(large: Path) -> None:
    image = load_image(large)
    assert image.size == (6_000, 4_500)
    assert image.getpixel((100, 100)) == (0, 0, 0)
    assert image.getpixel((5_900, 4_400)) == (255, 255, 255)
    assert decode_image("phone.jpg", None, large.read_bytes())[0].size == image.size


def test_a_smaller_part_is_taken_if_that_is_enough(large: Path) -> None:
    assert load_photo(ImageRef.from_path(large), 500).size == (1_500, 1_125)
    assert load_image(large, 20_000).size == (6_000, 4_500)


def test_its_head_is_examined_at_full_size(large: Path) -> None:
    facts = examine_image(large, lambda facts: True)
    assert (facts.width, facts.height) == PHONE


def jpeg_that_says(width: int, height: int, **options: bool) -> bytes:
    """A JPEG of a few pixels whose head has another size."""
    file = BytesIO()
    scene().save(file, "JPEG", **options)
    data = file.getvalue()
    start = data.index(b"\xff\xc2" if options else b"\xff\xc0") + 5
    return data[:start] + struct.pack(">HH", height, width) + data[start + 4 :]


@pytest.mark.parametrize(
    ("size", "progressive"), [((65_000, 65_000), False), ((30_000, 20_000), True), ((65_000, 65_000), True)]
)
def test_a_jpeg_that_would_fill_the_memory_is_refused(size: tuple[int, int], progressive: bool) -> None:
    data = jpeg_that_says(*size, **({"progressive": True} if progressive else {}))
    assert reason("a.jpg", data).startswith(f"it has {size[0]:,} x {size[1]:,} pixels, more than ")


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif", ".webp", ".jp2"])
def test_other_formats_beyond_the_limit_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    path = save_scene(tmp_path / f"a{suffix}")
    monkeypatch.setattr(decode, "MAX_PIXELS", 100)
    assert reason(path) == "it has 40 x 24 pixels, more than 100; make it smaller first"


# Formats


def test_jpeg_2000(tmp_path: Path) -> None:
    for suffix in (".jp2", ".j2k", ".jpx"):
        assert_is_scene(load_image(save_scene(tmp_path / f"a{suffix}")))
    assert len(find_images([tmp_path])) == 3


def test_the_first_picture_of_an_mpo(tmp_path: Path) -> None:
    path = tmp_path / "a.mpo"
    scene().save(path, "MPO", save_all=True, append_images=[Image.new("RGB", (40, 24))], quality=95)
    assert_is_scene(load_image(path))
    assert_is_scene(load_image(path.rename(tmp_path / "a.jpg")))
    assert find_images([tmp_path])


HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100)


@pytest.mark.skipif(find_spec("pillow_heif") is not None, reason="pillow-heif is installed")
def test_heif_names_its_extra(tmp_path: Path) -> None:
    (tmp_path / "IMG_1.HEIC").write_bytes(HEIC)
    assert reason(tmp_path / "IMG_1.HEIC").endswith("need the extra 'heif': pip install 'sentikit-captions[heif]'")
    assert "not an image" in reason("a.jpg", b"\0\0\0\x18ftypmp42" + bytes(100))


@pytest.mark.skipif(find_spec("pillow_heif") is None, reason="pillow-heif is not installed")
@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_heif(tmp_path: Path, orientation: int) -> None:
    from pillow_heif import register_heif_opener

    register_heif_opener()
    exif = Image.Exif()
    exif[0x0112] = orientation
    turn = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
    stored = scene().transpose(turn[orientation]) if orientation in turn else scene()
    stored.save(tmp_path / "a.heic", exif=exif.tobytes(), quality=90)
    assert_is_scene(load_image(tmp_path / "a.heic"))
    assert len(find_images([tmp_path])) == 1


@pytest.mark.parametrize("broken", [False, True])
def test_the_extra_registers_itself(monkeypatch: pytest.MonkeyPatch, broken: bool) -> None:
    """With a module in the place of pillow-heif, which takes PNG files for HEIF ones."""
    module = ModuleType("pillow_heif")
    if not broken:
        module.register_heif_opener = (
            lambda: Image.register_open(  # type: ignore[attr-defined]
                "HEIF", PngImagePlugin.PngImageFile, lambda prefix: prefix[:4] == b"\x89PNG"
            )
        )
    monkeypatch.setitem(sys.modules, "pillow_heif", module)
    monkeypatch.setattr(decode, "can_read_heif", lambda: True)
    monkeypatch.setattr(Image, "OPEN", {kind: how for kind, how in Image.OPEN.items() if kind != "HEIF"})
    decode._formats.cache_clear()
    try:
        assert ("HEIF" in decode._formats()) != broken
        assert load_image_of(scene()).mode == "RGB"
    finally:
        decode._formats.cache_clear()


def load_image_of(image: Image.Image) -> Image.Image:
    file = BytesIO()
    image.save(file, "PNG")
    return decode_image("a.png", None, file.getvalue())[0]


# Texts of PNG files


def save_with_texts(path: Path, *chunks: tuple[bytes, bytes], behind: bool = False) -> Path:
    """The scene with chunks of other kinds before or behind its pixels."""
    data = save_scene(path).read_bytes()
    place = data.index(b"IEND") - 4 if behind else data.index(b"IDAT") - 4
    made = b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
    path.write_bytes(data[:place] + made + data[place:])
    return path


LONG = zlib.compress(b"a" * 5_000_000)
TEXTS = {
    "compressed": (b"zTXt", b"prompt\0\0" + LONG),
    "international": (b"iTXt", b"prompt\0\1\0en\0prompt\0" + LONG),
    "profile": (b"iCCP", b"profile\0\0" + LONG),
    "bomb": (b"zTXt", b"prompt\0\0" + zlib.compress(bytes(300_000_000), 9)),
}


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize("behind", [False, True])
def test_a_long_text_does_not_keep_a_png_from_being_decoded(tmp_path: Path, kind: str, behind: bool) -> None:
    path = save_with_texts(tmp_path / "a.png", TEXTS[kind], behind=behind)
    assert_is_scene(load_image(path))
    assert_is_scene(decode_image("a.png", None, path.read_bytes())[0])
    assert examine_image(path, lambda facts: True).width == scene().width


def test_many_texts_do_not_either(tmp_path: Path) -> None:
    texts = [(b"tEXt", b"number %d\0" % number + b"b" * 1_000_000) for number in range(70)]
    assert_is_scene(load_image(save_with_texts(tmp_path / "a.png", *texts)))


def test_a_text_is_kept_if_pillow_takes_it(tmp_path: Path) -> None:
    path = save_with_texts(tmp_path / "a.png", (b"tEXt", b"prompt\0" + b"b" * 2_000_000))
    assert len(decode_image(path)[1]["prompt"]) == 2_000_000


def test_what_is_short_stays_beside_what_is_long(tmp_path: Path) -> None:
    short = (b"tEXt", b"author\0me"), (b"iTXt", b"title\0\0\0en\0title\0mine")
    path = save_with_texts(tmp_path / "a.png", TEXTS["compressed"], *short)
    metadata = decode_image(path)[1]
    assert (metadata["author"], metadata["title"]) == ("me", "mine")
    assert "prompt" not in metadata


def test_a_damaged_png_with_a_long_text_is_damaged(tmp_path: Path) -> None:
    path = save_with_texts(tmp_path / "a.png", TEXTS["compressed"])
    data = path.read_bytes()
    for end in (len(data) - 30, data.index(b"IDAT") + 6, data.index(b"zTXt") + 50):
        assert "damaged" in reason("a.png", data[:end]) or "not an image" in reason("a.png", data[:end])


# What is no file, and reasons


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_what_is_no_ordinary_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(tmp_path / "s.jpg"))
        for path in (tmp_path / "pipe.jpg", tmp_path / "s.jpg", Path("/dev/zero"), Path("/dev/null")):
            assert reason(path) == "it is not an ordinary file"
            with pytest.raises(ImageProblem):
                examine_image(path, lambda facts: True)


@pytest.mark.parametrize("name", ["a" * 300, "sub/" + "b" * 256 + "/1.jpg", "ä" * 200, "a\0b.jpg", "\ud800.jpg", ""])
def test_a_name_that_no_file_can_have_is_a_problem(name: str) -> None:
    why = reason(name)
    assert why.isprintable()
    assert "too long" in why or "there is no such file" in why or why == "its name is empty"


@pytest.mark.parametrize("text", ["\x1b[31mred\n\tand\x07", "\u202e\u200bx", "a" * 10_000, "\ud800"])
def test_a_reason_is_one_printable_line(text: str) -> None:
    problem = ImageProblem("a\x1b.jpg", f"it is damaged ({text})")
    for line in (problem.reason, str(problem)):
        assert line.isprintable()
        assert len(line) < 350


def test_a_suffix_is_counted_once_by_name(tmp_path: Path) -> None:
    found = left_out.LeftOut()
    for name in ("a.heic", "a.heic", "b.HEIC", "c.pdf", "d.txt", "e.json", "f.mp4", "g.svg", "Thumbs.db"):
        found.add(tmp_path / name)
    assert len(found) == 4
    assert found.sentence() == (
        f"4 pictures of other formats were left out: 2 .heic, such as {tmp_path}/a.heic (to read them, pip install "
        f"'sentikit-captions[heif]'); 1 .pdf, 1 .svg, such as {tmp_path}/c.pdf (convert them to JPEG or PNG)."
    )
    assert left_out.LeftOut().sentence() == ""


def test_the_limit_is_pillows() -> None:
    assert MAX_PIXELS == 89_478_485
