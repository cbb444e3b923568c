"""Hostile files of every kind that sentikit reads: whatever they hold, a command ends with a sentence, and soon.

Sound files are mutated (bytes flipped, cut, repeated, values replaced) and given to the readers in this process.
"""

from __future__ import annotations

import json
import random
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import BytesIO, StringIO
from pathlib import Path
from types import FrameType
from typing import Any

import sentikit_plugins.paper
from PIL import Image

import sentikit
from sentikit.cli import run

SECONDS = 20
"""A case that takes longer counts as hanging."""
MEMORY = 6 * 2**30
"""What the process may take, in bytes of resident memory."""

ODD_TEXTS = [
    b"null", b"true", b"-0", b"1e400", b"NaN", b"-Infinity", b"1.0", b"9" * 5000, b"9" * 40, b'""', b'"\\ud800"', b"[]",
    b"{}", b"[" * 20000, b'{"a":' * 20000, b'"\\u0000"', b'"' + b"x" * 5000 + b'"', b'"../../etc/passwd"',
    b'"/dev/zero"', b'"\\u001b[31m"', b"\xff\xfe", b"\0" * 50, b"\xef\xbb\xbf", b"'", b"\r", b"\n\n", b"[[[[1]]]]",
    b'{"id":1,"id":2}',
]  # fmt: skip
VALUES: list[Any] = [
    None, True, 0, -1, 1.0, 1e308, float("nan"), float("inf"), 10**30, "", " ", "x" * 300, "\ud800", "\x1b[31m", "\0",
    "..", "/dev/null", [], {}, [[]], [None], {"a": {}}, -0.0, "dog", ["happy dog"], 2**63,
]  # fmt: skip


@dataclass
class Found:
    """How many cases were tried, and the faults: (kind, what, the case's number)."""

    cases: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    slowest: float = 0.0


def samples(folder: Path) -> dict[str, tuple[bytes, str, Callable[[Path], list[str]]]]:
    """By kind: a sound file, its name, and the arguments of a command that reads it."""
    coco = {
        "info": {"year": 2014},
        "images": [{"id": 1, "file_name": "a.jpg"}, {"id": "b", "file_name": "b.jpg"}],
        "annotations": [
            {"id": 1, "image_id": 1, "caption": "A dog on a beach."},
            {"id": 2, "image_id": "b", "caption": "Two dogs."},
        ],
    }
    tag_lines = [
        {"sentikit": {"tagger": "x", "top_k": 20}},
        {"image_id": 1, "file_name": "a.jpg", "anps": [{"adjective": "happy", "noun": "dog", "probability": 0.5}]},
        {"image_id": "b", "anps": ["sunny beach"]},
    ]
    line = {
        "image_id": 1, "file_name": "a.jpg", "caption": "A happy dog.", "plain": "A dog.", "log_probability": -1.5,
        "edits": [{"start": 2, "end": 2, "before": "", "after": "happy ", "adjective": "happy", "noun": "dog",
                   "probability": 0.5}],
        "anps": [{"adjective": "happy", "noun": "dog", "probability": 0.5}],
        "attention": {"words": ["a", "dog"], "maps": [[[0.5, 0.5], [0, 0]], [[0, 1], [0, 0]]]},
    }  # fmt: skip
    ontology = {
        "format": "sentikit-ontology", "version": 1, "name": "x", "source": "",
        "anps": [{"adjective": "happy", "noun": "dog", "valence": 0.5, "count": 3, "examples": ["a.jpg"]}],
    }  # fmt: skip
    (folder / "coco.json").write_text(json.dumps(coco))
    (folder / "tags.jsonl").write_text("\n".join(map(json.dumps, tag_lines)) + "\n")
    updated = folder / "updated.json"
    _quiet(["update-captions", str(folder / "coco.json"), "--tags", str(folder / "tags.jsonl"), "--rewriter",
            "noun-match", "-o", str(updated), "--force"])  # fmt: skip
    picture = BytesIO()
    Image.new("RGB", (24, 16), (90, 120, 200)).save(picture, "JPEG")
    png = BytesIO()
    Image.new("RGB", (24, 16), (90, 120, 200)).save(png, "PNG")
    sound_coco, sound_tags = str(folder / "coco.json"), str(folder / "tags.jsonl")
    out = str(folder / "out")
    page = ["-o", out + ".html", "--single-file", "--force"]
    toy = ["--tagger", "toy-plain", "--workers", "0"]
    update = ["--rewriter", "noun-match", "--force", "-o", out, "--show", "2"]
    jsonl = "\n".join(map(json.dumps, [*tag_lines[:1], line])) + "\n"
    results = [{"image_id": 1, "caption": "A happy dog."}, {"image_id": "b", "caption": "Dogs."}]
    here = Path(sentikit_plugins.paper.__file__).parent
    recipe = (here / "ensemble.toml").read_bytes()

    def encoded(value: Any) -> bytes:
        return json.dumps(value).encode()

    return {
        "coco": (encoded(coco), "c.json", lambda f: ["update-captions", str(f), "--tags", sound_tags, *update]),
        "check": (encoded(coco), "c.json", lambda f: ["check", str(f), "--json"]),
        "updated": (updated.read_bytes(), "u.json", lambda f: ["restore-captions", str(f), "--force", "-o", out]),
        "tags": (Path(sound_tags).read_bytes(), "t.jsonl",
                 lambda f: ["update-captions", sound_coco, "--tags", str(f), *update]),
        "resumed": (Path(sound_tags).read_bytes(), "t.jsonl",
                    lambda f: ["tag", str(folder / "a.png"), *toy, "-o", str(f)]),
        "ontology": (encoded(ontology), "o.json", lambda f: ["ontology", "show", str(f)]),
        "filter": (encoded(ontology), "o.json",
                   lambda f: ["update-captions", sound_coco, "--tags", sound_tags, "--ontology", str(f), *update]),
        "denylist": ((Path(sentikit.__file__).parent / "data" / "denylist.toml").read_bytes(), "d.toml",
                     lambda f: ["update-captions", sound_coco, "--tags", sound_tags, "--denylist", str(f), *update]),
        "recipe": (recipe, "r.toml", lambda f: ["reproduce", str(f), "-o", out, "--dry-run"]),
        "jpeg": (picture.getvalue(), "p.jpg", lambda f: ["tag", str(f), *toy]),
        "png": (png.getvalue(), "p.png", lambda f: ["tag", str(f), *toy]),
        "report": (jsonl.encode(), "r.jsonl", lambda f: ["report", str(f), *page]),
        "report-coco": (updated.read_bytes(), "r.json", lambda f: ["report", str(f), *page]),
        "results": (encoded(results), "r.json",
                    lambda f: ["evaluate", "captions", str(f), sound_coco, "--metric", "adjectives"]),
    }  # fmt: skip


def packs(folder: Path) -> Callable[[random.Random], list[str]]:
    """Mutates one file of a sound pack and gives the command that opens it."""
    from support.toy_commands import save_pack

    save_pack(folder / "pack", {"toy-packed": "tagger"})
    files = {path: path.read_bytes() for path in sorted((folder / "pack").iterdir()) if path.is_file()}

    def case(chance: random.Random) -> list[str]:
        for path, data in files.items():
            path.write_bytes(data)
        chosen = chance.choice([path for path in files if path.suffix in (".json", ".safetensors")])
        chosen.write_bytes(mutated(files[chosen], chance))
        return [
            "tag",
            str(folder / "a.png"),
            "--pack",
            str(folder / "pack"),
            "--tagger",
            "toy-packed",
            "--workers",
            "0",
        ]

    return case


def mutated(data: bytes, chance: random.Random) -> bytes:
    """A few changes of bytes or, of JSON, of values."""
    if chance.random() < 0.5:
        with_values = _other_values(data, chance)
        if with_values is not None:
            return with_values
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5))):
        place = chance.randint(0, len(changed))
        match chance.randrange(6):
            case 0:
                del changed[place : place + chance.choice((1, 4, 50, len(changed)))]
            case 1:
                changed[place:place] = chance.choice(ODD_TEXTS)
            case 2 if place < len(changed):
                changed[place] = chance.randrange(256)
            case 3:
                end = min(len(changed), place + chance.choice((1, 8, 60)))
                changed[place:place] = changed[place:end] * chance.choice((1, 2, 100))
            case 4 if place < len(changed):
                changed[place] ^= 1 << chance.randrange(8)
            case _:
                end = min(len(changed), place + chance.choice((1, 3, 12)))
                changed[place:end] = chance.choice(ODD_TEXTS)
    return bytes(changed)


def _other_values(data: bytes, chance: random.Random) -> bytes | None:
    try:
        lines = [json.loads(line) for line in data.decode().splitlines() if line.strip()]
    except (ValueError, RecursionError):
        return None
    if not lines:
        return None
    for _ in range(chance.choice((1, 1, 2, 4))):
        index = chance.randrange(len(lines))
        lines[index] = _replaced(lines[index], chance)
    return "\n".join(map(json.dumps, lines)).encode() + b"\n"


def _replaced(value: Any, chance: random.Random) -> Any:
    if isinstance(value, dict) and value and chance.random() < 0.85:
        key = chance.choice(list(value))
        if chance.random() < 0.1:
            return {other: inner for other, inner in value.items() if other != key}
        return value | {key: _replaced(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.85:
        index = chance.randrange(len(value))
        if chance.random() < 0.1:
            return [*value, value[index]]
        return [*value[:index], _replaced(value[index], chance), *value[index + 1 :]]
    return chance.choice(VALUES)


def fuzz(folder: Path, cases: int, seed: int, seconds: float = float("inf"), begin: int = 0) -> Found:
    """Try so many cases, in turn of every kind; stops after so many seconds. Hostile files of faults are kept.

    begin: the number of the first case; each is the same wherever a run begins.
    """
    found, deadline = Found(), time.monotonic() + seconds
    (folder / "a.png").write_bytes(_photo())
    kinds = samples(folder)
    names = [*kinds, "pack"]
    pack = packs(folder)
    for number in range(begin, begin + cases):
        if number % 2000 == 0 and number > begin:
            print(f"{number:,} cases, {len(found.faults)} faults", flush=True)
        if time.monotonic() > deadline:
            break
        chance = random.Random(f"{seed} {number}")
        kind = names[number % len(names)]
        if kind == "pack":
            file, arguments = folder / "pack", pack(chance)
        else:
            data, name, command = kinds[kind]
            file = folder / f"case-{name}"
            file.write_bytes(mutated(data, chance))
            arguments = command(file)
        started = time.monotonic()
        fault = _try(arguments)
        found.slowest = max(found.slowest, time.monotonic() - started)
        found.cases[kind] += 1
        if fault:
            found.faults.append(f"{kind} {number}: {fault}")
            print(found.faults[-1], flush=True)
            if file.is_file():
                file.rename(folder / f"fault-{number}-{file.name}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    if peak > MEMORY:
        found.faults.append(f"the memory reached {peak:,} bytes")
    return found


def _photo() -> bytes:
    data = BytesIO()
    Image.new("RGB", (8, 8), (200, 90, 90)).save(data, "PNG")
    return data.getvalue()


class _TooLong(BaseException):
    pass


def _stop(number: int, frame: FrameType | None) -> None:
    raise _TooLong


def _try(arguments: list[str]) -> str | None:
    """What is wrong with how the command ended, or None."""
    before = signal.signal(signal.SIGALRM, _stop)
    signal.alarm(SECONDS)
    try:
        code, text = _quiet(arguments)
    except _TooLong:
        return f"{arguments[0]} took more than {SECONDS} s"
    except BaseException as error:
        return f"{arguments[0]} raised {type(error).__name__}: {str(error)[:200]}"
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    if code not in (0, 1, 2):
        return f"{arguments[0]} ended with {code}"
    if "Unexpected" in text or "Traceback" in text:
        return text[text.find("Unexpected") :][:300]
    long = [line for line in text.splitlines() if line.startswith("Error: ") and len(line) > 2000]
    return f"an error of {len(long[0]):,} characters: {long[0][:200]}" if long else None


def _quiet(arguments: list[str]) -> tuple[int, str]:
    from support.toy_commands import PLUGINS

    errors = StringIO()
    with redirect_stdout(StringIO()), redirect_stderr(errors):
        code = run([*PLUGINS, *arguments])
    return code, errors.getvalue()


def main() -> None:
    """python -m faults.fuzz FOLDER CASES SEED"""
    folder, cases, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    found = fuzz(folder, cases, seed)
    print(f"{sum(found.cases.values()):,} cases, slowest {found.slowest:.1f} s, {len(found.faults)} faults")
    for fault in found.faults:
        print(fault)


if __name__ == "__main__":
    main()
