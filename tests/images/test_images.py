"""Decoding and finding images."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps
from support.made_images import (
    RED,
    save_animation,
    save_bomb,
    save_deep,
    save_scene,
    save_truncated,
    save_turned,
    scene,
)

from sentikit import SentikitError
from sentikit.formats.tags import TaggedImage
from sentikit.images import (
    ImageProblem,
    ImageRef,
    check_distinct_ids,
    find_coco_images,
    find_images,
    find_tagged_images,
    load_image,
    missing_warning,
    with_coco_ids,
)

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL.*", "ignore::PIL.Image.DecompressionBombWarning")


def quarters(image: Image.Image) -> list[tuple[int, ...]]:
    """The colours in the middle of the four quarters."""
    w, h = image.size
    return [image.getpixel((x, y)) for y in (h // 4, h * 3 // 4) for x in (w // 4, w * 3 // 4)]


def assert_is_scene(image: Image.Image) -> None:
    assert image.mode == "RGB"
    assert image.size == scene().size
    assert np.abs(np.subtract(quarters(image), quarters(scene()))).max() <= 20  # JPEG


# Decoding

BROKEN_EXIF = b"Exif\0\0MM\0*\xff\xff\xff\xff"


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp", ".tif", ".ppm"])
def test_formats(tmp_path: Path, suffix: str) -> None:
    assert_is_scene(load_image(save_scene(tmp_path / f"a{suffix}")))


def test_the_content_decides_not_the_suffix(tmp_path: Path) -> None:
    save_scene(tmp_path / "a.png").rename(tmp_path / "a.jpg")
    assert_is_scene(load_image(tmp_path / "a.jpg"))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp"])
def test_exif_orientation_is_applied_once(tmp_path: Path, orientation: int, suffix: str) -> None:
    image = load_image(save_turned(tmp_path / f"a{suffix}", orientation))
    assert_is_scene(image)
    assert_is_scene(ImageOps.exif_transpose(image))


def test_broken_exif_does_not_matter(tmp_path: Path) -> None:
    assert_is_scene(load_image(save_scene(tmp_path / "a.jpg", exif=BROKEN_EXIF)))


def test_cmyk(tmp_path: Path) -> None:
    scene().convert("CMYK").save(tmp_path / "a.jpg", quality=95)
    assert_is_scene(load_image(tmp_path / "a.jpg"))


def test_palette(tmp_path: Path) -> None:
    scene().quantize(8).save(tmp_path / "a.png")
    assert_is_scene(load_image(tmp_path / "a.png"))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "RGB", "L"])
def test_what_is_transparent_becomes_white(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "a.png"
    if mode in ("RGBA", "LA"):
        layer = Image.new("RGBA", (8, 4), (*RED, 255))
        layer.paste((*RED, 0), (4, 0, 8, 4))
        layer.convert(mode).save(path)
    else:
        image = Image.new("RGB", (8, 4), RED)
        image.paste((0, 0, 0), (4, 0, 8, 4))
        image = image.quantize(2) if mode == "P" else image.convert(mode)
        image.save(path, transparency=(0, 0, 0) if mode == "RGB" else image.getpixel((6, 2)))
    image = load_image(path)
    assert image.getpixel((6, 2)) == (255, 255, 255)
    assert max(image.getpixel((1, 2))) < 255


def test_half_transparent_is_mixed_with_white(tmp_path: Path) -> None:
    Image.new("RGBA", (2, 2), (0, 0, 0, 128)).save(tmp_path / "a.png")
    assert load_image(tmp_path / "a.png").getpixel((0, 0)) == (127, 127, 127)


@pytest.mark.parametrize(("name", "mode"), [("a.png", "I;16"), ("a.tif", "I;16"), ("a.tif", "I"), ("a.tif", "F")])
def test_deep_images_are_scaled_not_clipped(tmp_path: Path, name: str, mode: str) -> None:
    image = load_image(save_deep(tmp_path / name, mode))
    assert image.mode == "RGB"
    assert np.array_equal(np.asarray(image)[0], np.repeat(np.arange(256)[:, None], 3, 1))


def test_sixteen_bits_in_a_pgm(tmp_path: Path) -> None:
    (tmp_path / "a.pgm").write_bytes(b"P5 2 1 65535\n" + struct.pack(">2H", 32768, 256))
    assert [load_image(tmp_path / "a.pgm").getpixel((x, 0))[0] for x in (0, 1)] == [128, 1]


def test_one_bit(tmp_path: Path) -> None:
    Image.new("1", (4, 4), 1).save(tmp_path / "a.png")
    assert load_image(tmp_path / "a.png").getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize("suffix", [".gif", ".png", ".webp", ".tif"])
def test_the_first_frame_of_an_animation(tmp_path: Path, suffix: str) -> None:
    assert_is_scene(load_image(save_animation(tmp_path / f"a{suffix}")))


@pytest.mark.parametrize("size", [(1, 1), (20_000, 3), (3, 20_000)])
def test_extreme_sizes(tmp_path: Path, size: tuple[int, int]) -> None:
    Image.new("L", size, 7).save(tmp_path / "a.png")
    assert load_image(tmp_path / "a.png").size == size


def test_the_image_outlives_its_file(tmp_path: Path) -> None:
    path = save_scene(tmp_path / "a.png")
    image = load_image(path)
    path.unlink()
    assert_is_scene(image)
    assert not image.info


def test_draft_decoding_is_close_and_large_enough(tmp_path: Path) -> None:
    y, x = np.mgrid[:600, :800]
    smooth = np.stack([x / 800 * 255, y / 600 * 255, 127 + 100 * np.sin(x / 40)], -1).astype(np.uint8)
    Image.fromarray(smooth).save(tmp_path / "a.jpg", quality=95)
    whole, draft = load_image(tmp_path / "a.jpg"), load_image(tmp_path / "a.jpg", at_least=100)
    assert whole.size == (800, 600)
    assert draft.size == (200, 150)
    small = np.asarray(whole.resize((100, 100)), dtype=float) - np.asarray(draft.resize((100, 100)), dtype=float)
    assert np.abs(small).mean() < 2
    assert load_image(tmp_path / "a.jpg", at_least=400).size == (800, 600)


# What cannot be decoded


def problem(path: str | Path) -> str:
    with pytest.raises(ImageProblem) as caught:
        load_image(path)
    message = str(caught.value)
    assert "\n" not in message
    assert message.endswith(".")
    return message


def test_missing(tmp_path: Path) -> None:
    path = tmp_path / "no.jpg"
    assert problem(path) == f"{path}: there is no such file."
    path.symlink_to(tmp_path / "nowhere")
    assert "no such file" in problem(path)
    assert "no such file" in problem(save_scene(tmp_path / "a.png") / "b.png")
    assert "no such file" in problem("a\0b")
    assert "too long" in problem("a" * 300)


def test_folder(tmp_path: Path) -> None:
    assert problem(tmp_path) == f"{tmp_path}: it is a folder, not an image."


def test_empty(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    assert "the file is empty" in problem(tmp_path / "a.jpg")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.jpg")
    assert "not an ordinary file" in problem(tmp_path / "a.jpg")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_unreadable(tmp_path: Path) -> None:
    path = save_scene(tmp_path / "a.png")
    path.chmod(0)
    assert "look at its permissions" in problem(path)


@pytest.mark.parametrize("data", [b"<html>404</html>", b"\0" * 5000, b"\xff\xd8", b"%!PS-Adobe-3.0 EPSF-3.0\n"])
def test_not_an_image(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.jpg").write_bytes(data)
    assert "not an image that can be read (JPEG, PNG, WEBP" in problem(tmp_path / "a.jpg")


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp", ".tif"])
def test_truncated(tmp_path: Path, suffix: str) -> None:
    assert "damaged" in problem(save_truncated(tmp_path / f"a{suffix}"))


@pytest.mark.parametrize("size", [(9500, 9500), (20_000, 20_000), (2_000_000_000, 2_000_000_000)])
def test_decompression_bomb(tmp_path: Path, size: tuple[int, int]) -> None:
    assert "89,478,485" in problem(save_bomb(tmp_path / "a.png", *size)) or size[0] > 10**9


def test_nothing_but_the_problem_is_said(tmp_path: Path) -> None:
    """Pillow warns of large images and broken EXIF data; nobody needs to hear it."""
    save_bomb(tmp_path / "a.png", 9500, 9500)
    save_scene(tmp_path / "b.jpg", exif=BROKEN_EXIF)
    code = """
import sys
from sentikit.images import ImageProblem, load_image
load_image(sys.argv[2])
try:
    load_image(sys.argv[1])
except ImageProblem as problem:
    print(problem)
"""
    command = [sys.executable, "-c", code, str(tmp_path / "a.png"), str(tmp_path / "b.jpg")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "9,500 x 9,500 pixels" in done.stdout
    assert done.stderr == ""


def test_names_are_shown_on_one_line(tmp_path: Path) -> None:
    assert problem("a b\n\x1b[31m\u202e.jpg").startswith(r"'a b\n\x1b[31m\u202e.jpg': ")
    assert problem("plain.jpg").startswith("plain.jpg: ")
    assert_is_scene(load_image(save_scene(tmp_path / "my\n photo .png")))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux allows such names everywhere")
def test_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    path = os.path.join(os.fsencode(tmp_path), b"caf\xe9.png")
    Path(os.fsdecode(path)).write_bytes(save_scene(tmp_path / "a.png").read_bytes())
    [ref] = find_images([tmp_path / "caf*"])
    assert (ref.image_id, ref.file_name) == (r"caf\xe9", r"caf\xe9.png")
    assert_is_scene(load_image(ref.path))
    ref.path.write_bytes(b"no")
    assert r"caf\xe9.png: " in problem(ref.path)
    problem(ref.path).encode()


@given(data=st.binary(max_size=60), kind=st.sampled_from(["png", "jpeg", "gif", "bmp", "tiff", "webp", "ppm"]))
def test_damage_is_always_an_image_problem(tmp_path_factory: pytest.TempPathFactory, data: bytes, kind: str) -> None:
    path = tmp_path_factory.getbasetemp() / f"damaged.{kind}"
    scene().save(path, format=kind)
    whole = path.read_bytes()
    middle = len(whole) * (data[0] if data else 0) // 256
    path.write_bytes(whole[:middle] + data + whole[middle + len(data) :])
    with suppress(ImageProblem):
        assert load_image(path).mode == "RGB"


# Finding


def names(refs: list[ImageRef]) -> list[str]:
    return [ref.file_name for ref in refs]


def test_ids_are_base_names_numbers_where_they_can_be() -> None:
    for name, image_id in {
        "000000000139.jpg": 139,
        "a.b.jpg": "a.b",
        "12a.png": "12a",
        "²3.png": "²3",
        "x": "x",
    }.items():
        assert ImageRef.from_path(Path("some") / name) == ImageRef(Path("some") / name, image_id, name)


def test_folders_recursively_in_natural_order(tmp_path: Path) -> None:
    for name in ("10.jpg", "2.JPG", "b/1.Png", "b/notes.txt", "A.webp", ".hidden.jpg", "._2.jpg", ".cache/x.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert names(find_images([tmp_path])) == ["2.JPG", "10.jpg", "A.webp", "1.Png"]


def test_a_circle_of_links_ends(tmp_path: Path) -> None:
    save_scene(tmp_path / "a" / "1.png")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    save_scene(tmp_path / "elsewhere" / "2.png")
    (tmp_path / "a" / "linked").symlink_to(tmp_path / "elsewhere")
    assert sorted(names(find_images([tmp_path / "a"]))) == ["1.png", "2.png"]


def test_patterns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a10.png", "a2.png", "b.txt", "sub/deep/c.png", "x[1].png"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()
    assert names(find_images(["a*.png"])) == ["a2.png", "a10.png"]
    assert names(find_images(["**/*.png"])) == ["a2.png", "a10.png", "c.png", "x[1].png"]
    assert names(find_images(["*"])) == ["a2.png", "a10.png", "c.png", "x[1].png"]
    assert names(find_images(["x[1].png"])) == ["x[1].png"]


def test_each_image_once_in_the_order_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("b.png", "a.png"):
        Path(name).touch()
    assert names(find_images(["b.png", "./b.png", ".", tmp_path / "a.png"])) == ["b.png", "a.png"]


def test_a_missing_file_stays_in_the_list_unless_all_are_missing(tmp_path: Path) -> None:
    save_scene(tmp_path / "a.png")
    assert names(find_images([tmp_path / "no.png", tmp_path / "a.png"])) == ["no.png", "a.png"]
    with pytest.raises(SentikitError, match=r"There is no such file or folder: no\.png, n\*\.png\."):
        find_images(["no.png", "n*.png"])
    with pytest.raises(SentikitError, match="No images were named"):
        find_images([])


def test_a_folder_without_images(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    with pytest.raises(SentikitError, match="has no images"):
        find_images([tmp_path])


def test_ids_must_differ(tmp_path: Path) -> None:
    refs = [ImageRef.from_path(Path(name)) for name in ("a/1.jpg", "b/2.jpg", "b/01.png")]
    check_distinct_ids(refs[:2])
    with pytest.raises(SentikitError, match=r"a/1\.jpg and b/01\.png would both have the image id 1"):
        check_distinct_ids(refs)


# COCO


def coco(*file_names: str) -> list[dict[str, object]]:
    return [{"id": index, "file_name": name} for index, name in enumerate(file_names, 1)]


def test_coco_ids_by_base_name() -> None:
    refs = [ImageRef.from_path(Path(name)) for name in ("x/b.jpg", "a.jpg", "other.jpg")]
    known, unknown = with_coco_ids(refs, Path("c.json"), coco("val/a.jpg", "b.jpg", "c.jpg"))
    assert known == [ImageRef(Path("x/b.jpg"), 2, "b.jpg"), ImageRef(Path("a.jpg"), 1, "val/a.jpg")]
    assert unknown == refs[2:]


def test_an_ambiguous_base_name_is_an_error_where_it_matters() -> None:
    images = coco("u/a.jpg", "v/a.jpg", "b.jpg")
    with pytest.raises(SentikitError, match=r"a\.jpg could be image 1 or 2 of c\.json"):
        with_coco_ids([ImageRef.from_path(Path("a.jpg"))], Path("c.json"), images)
    assert with_coco_ids([ImageRef.from_path(Path("b.jpg"))], Path("c.json"), images)[0][0].image_id == 3


def test_a_coco_file_of_other_images() -> None:
    with pytest.raises(SentikitError, match=r"c\.json names none of the images"):
        with_coco_ids([ImageRef.from_path(Path("a.jpg"))], Path("c.json"), [*coco("b.jpg"), {"id": 9}])


@pytest.mark.parametrize(
    ("json_path", "photo", "file_name"),
    [
        ("captions.json", "a.jpg", "a.jpg"),
        ("captions.json", "images/a.jpg", "a.jpg"),
        ("captions.json", "images/a.jpg", "images/a.jpg"),
        ("captions.json", "images/a.jpg", "elsewhere\\a.jpg"),
        ("captions.json", "images/sub/a.jpg", "sub/a.jpg"),
        ("annotations/captions_train2017.json", "train2017/a.jpg", "a.jpg"),
        ("annotations/captions_train2017.json", "images/train2017/a.jpg", "a.jpg"),
        ("annotations/captions_train2017.json", "train2017/a.jpg", "train2017/a.jpg"),
        ("annotations/captions_val2014.json", "val2014/COCO_val2014_000000000042.jpg", "COCO_val2014_000000000042.jpg"),
        ("annotations/captions_val2014.json", "val2014/COCO_val2014_000000000042.jpg", "000000000042.jpg"),
        ("captions_val2017.json", "val2017/000000000042.jpg", "COCO_val2014_000000000042.jpg"),
        ("data/captions_dev.json", "images/a.jpg", "a.jpg"),
    ],
)
@pytest.mark.parametrize("absolute", [True, False])
def test_where_coco_photos_are_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, json_path: str, photo: str, file_name: str, absolute: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    save_scene(tmp_path / photo)
    (tmp_path / json_path).parent.mkdir(exist_ok=True)
    path = tmp_path / json_path if absolute else Path(json_path)
    refs, missing = find_coco_images(path, [{"id": "x", "file_name": file_name}])
    assert not missing
    assert (refs[0].path.resolve(), refs[0].image_id, refs[0].file_name) == (tmp_path / photo, "x", file_name)


def test_the_folder_with_most_photos_is_taken(tmp_path: Path) -> None:
    for name in ("a.jpg", "images/a.jpg", "images/b.jpg"):
        save_scene(tmp_path / name)
    photos = find_coco_images(tmp_path / "c.json", [*coco("a.jpg", "gone.jpg", "b.jpg"), {"id": 9}])
    assert [ref.path for ref in photos.refs] == [tmp_path / "images" / "a.jpg", tmp_path / "images" / "b.jpg"]
    assert [ref.image_id for ref in photos.missing] == [2, 9]
    sentence = missing_warning(Path("c.json"), photos)
    assert sentence == "2 of the 4 images of c.json have no file beside the others (ids 2, 9)."


def test_only_the_folder_that_was_given(tmp_path: Path) -> None:
    save_scene(tmp_path / "images" / "a.jpg")
    save_scene(tmp_path / "mine" / "val2017" / "a.jpg")
    path = tmp_path / "captions_val2017.json"
    [ref] = find_coco_images(path, coco("a.jpg"), tmp_path / "mine").refs
    assert ref.path == tmp_path / "mine" / "val2017" / "a.jpg"
    with pytest.raises(SentikitError, match="There is no folder"):
        find_coco_images(path, coco("a.jpg"), tmp_path / "no")


def test_no_photo_anywhere(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    with pytest.raises(SentikitError, match="Cannot find any of the 2 images") as caught:
        find_coco_images(tmp_path / "c.json", coco("a.jpg", "b.jpg"))
    assert f"looked in {tmp_path}, {tmp_path / 'images'}" in str(caught.value)
    assert "--images FOLDER" in str(caught.value)
    assert find_coco_images(tmp_path / "c.json", []) == ([], [])


def test_the_real_photos_are_found(shared_data: Path) -> None:
    path = shared_data / "coco_mini" / "captions.json"
    refs, missing = find_coco_images(path, json.loads(path.read_text())["images"])
    assert (len(refs), len(missing)) == (239, 0)
    assert all(load_image(ref.path).mode == "RGB" for ref in refs[:5])


def test_the_photographs_of_a_tag_file(tmp_path: Path) -> None:
    for name in ("a/1.jpg", "b/1.jpg", "b/2.jpg", "b/3.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    def find(image_id: int | None, file_name: str | None) -> Path | None:
        image = TaggedImage(image_id, file_name, 7)
        (path,) = find_tagged_images(tmp_path / "tags.jsonl", [image], [tmp_path / "a", tmp_path])
        return path.relative_to(tmp_path) if isinstance(path, Path) else None

    assert find(None, "b/2.jpg") == find(None, "elsewhere/2.jpg") == find(None, "c\\2.jpg") == Path("b/2.jpg")
    assert find(None, "1.jpg") == Path("a/1.jpg")  # as a path in the first folder
    assert find(3, None) == find(3, "three.jpg") == Path("b/3.jpg")
    assert find(3, "2.jpg") == Path("b/2.jpg")  # a name says more than an id
    assert find(9, "9.jpg") is None
    with pytest.raises(SentikitError, match=r"tags\.jsonl, line 7: 1 could be .*a/1\.jpg or .*b/1\.jpg"):
        find(1, None)
