"""Odd images, made on the fly."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

RED = (220, 30, 40)


def scene(width: int = 40, height: int = 24) -> Image.Image:
    """Four plain quarters: red, green, blue and grey, so that turns and mirrors can be told apart."""
    image = Image.new("RGB", (width, height), (128, 128, 128))
    image.paste(RED, (0, 0, width // 2, height // 2))
    image.paste((30, 200, 60), (width // 2, 0, width, height // 2))
    image.paste((30, 60, 210), (0, height // 2, width // 2, height))
    return image


def save_scene(path: Path, **options: object) -> Path:
    """The scene in the format that the suffix of `path` says, with its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scene().save(path, **options)
    return path


def save_turned(path: Path, orientation: int) -> Path:
    """The scene as a camera held otherwise stores it: upright only by its EXIF orientation."""
    turn = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    stored = scene() if turn is None else scene().transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(path, exif=exif)
    return path


def save_deep(path: Path, mode: str) -> Path:
    """A ramp from black to white of 256 columns, in 16 bits, 32 bits or as floating-point numbers."""
    ramp = np.tile(np.linspace(0, 1, 256), (4, 1))
    if mode == "I;16":
        Image.fromarray(np.round(ramp * 65535).astype(np.uint16)).save(path)
    elif mode == "I":
        Image.fromarray(np.round(ramp * 2_000_000_000).astype(np.int32)).save(path)
    else:
        Image.fromarray((ramp * 3 - 1).astype(np.float32)).save(path)
    return path


def save_bomb(path: Path, width: int, height: int) -> Path:
    """A PNG of a few bytes that says it has `width` x `height` pixels."""
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + _chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + _chunk(b"IEND", b"")
    )
    return path


def save_truncated(path: Path, keep: float = 0.5) -> Path:
    """The beginning of an image of noise."""
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    return path


def save_animation(path: Path) -> Path:
    """The scene first, then two other frames."""
    others = [Image.new("RGB", (40, 24), colour) for colour in ("black", "white")]
    scene().save(path, save_all=True, append_images=others, duration=100)
    return path


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
