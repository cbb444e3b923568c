"""`sentikit pack check`, `info` and `export`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import load_file, save_file  # noqa: E402
from support.made_packs import make_pack  # noqa: E402

from sentikit import open_pack  # noqa: E402
from sentikit.cli import run  # noqa: E402
from sentikit.packs.card import metadata_of, read_card, split_card, written_card  # noqa: E402
from sentikit.packs.weights import weights_hash  # noqa: E402


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_pack(tmp_path_factory.mktemp("packs") / "mine")


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "mine"
    copy.mkdir()
    for file in whole.iterdir():
        (copy / file.name).hardlink_to(file)
    return copy


def replace_file(file: Path, data: bytes) -> None:
    file.unlink()  # it is a hard link to the other tests' file
    file.write_bytes(data)


def change_config(folder: Path, **changes: Any) -> None:
    """`models__attention__sha256` is a key in a key."""
    config = json.loads((folder / "config.json").read_text("utf-8"))
    for keys, value in changes.items():
        *path, last = keys.split("__")
        part = config
        for key in path:
            part = part[key]
        part[last] = value
    replace_file(folder / "config.json", json.dumps(config).encode())


def change_weights(folder: Path, **changes: Any) -> None:
    """With a config that has the new file's hash."""
    file = folder / "attention.safetensors"
    tensors = load_file(file)
    file.unlink()
    save_file(tensors | changes, file)
    change_config(folder, models__attention__sha256=weights_hash(file.read_bytes()))


def checked(capsys: pytest.CaptureFixture[str], *arguments: str, code: int) -> str:
    assert run(["pack", "check", *arguments]) == code
    return capsys.readouterr().out


def test_a_sound_pack(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(capsys, "--strict", str(folder), code=0) == f"{folder}: sound\n"


PROBLEMS: dict[str, tuple[dict[str, Any], str]] = {
    "another version": ({"version": 9}, "is of version 9 of the format"),
    "no dim": ({"encoder__dim": 0}, "the encoder's 'dim' must be from 1 to"),
    "another dim": ({"encoder__dim": 640}, "makes features of 1280 numbers"),
    "another grid": ({"encoder__grid": [1, 900]}, "'grid' must be two whole numbers from 1 to 128"),
    "an unknown encoder": ({"encoder__plugin": "none"}, "There is no encoder 'none'"),
    "an option that there is not": ({"encoder__options": {"x": 1}}, "There is no option 'x'"),
    "another hash": ({"models__attention__sha256": "0"}, "is not the file that its pack was made with"),
    "a larger model": ({"models__attention__settings__decoder__hidden": 9}, "has the shape"),
    "a huge model": ({"models__attention__settings__decoder__hidden": 2**40}, "must be at most 65,536"),
    "many beams": ({"models__attention__settings__search__beams": 9999}, "beams must be at most 100"),
    "another kind": ({"models__attention__kind": "poet"}, "is neither a captioner nor a tagger"),
    "a missing file": ({"models__attention__documents": {"vocabulary": "no.json"}}, "no.json: it does not exist"),
    "a file elsewhere": ({"models__attention__weights": "../x.safetensors"}, "is not the name of a file"),
    "an ontology that is not there": ({"ontology": "o.json"}, "o.json: it does not exist"),
    "a default that is not there": ({"defaults": {"caption": "x"}}, "'defaults' must name models of the pack"),
    "a control character": ({"name": "a\x1bb"}, "has a text with control characters"),
    "no models": ({"models": []}, "'models' of the config cannot be"),
}


@pytest.mark.parametrize("what", PROBLEMS)
def test_every_problem_is_named(folder: Path, what: str, capsys: pytest.CaptureFixture[str]) -> None:
    changes, sentence = PROBLEMS[what]
    change_config(folder, **changes)
    out = checked(capsys, str(folder), code=1)
    assert re.match(rf"{re.escape(str(folder))}: 1 problem, \d notes?\n  problem: ", out)
    assert sentence in out


def test_several_problems_are_all_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change_config(folder, encoder__grid=[0, 0], models__attention__scores={"x": []}, defaults=3)
    replace_file(folder / "attention.safetensors", b"\x80\x02pickled")
    replace_file(folder / "attention.vocabulary.json", b"[NaN]")
    found = json.loads(checked(capsys, "--json", str(folder), code=1))[str(folder)]
    for problem, part in zip(
        found["problems"],
        ["'grid' must be", 'the score "x"', "a pickled PyTorch file", "NaN is not a finite number", "'defaults'"],
        strict=True,
    ):
        assert part in problem


def test_weights_that_are_not_numbers(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change_weights(folder, **{"output.bias": torch.full((7,), torch.nan, dtype=torch.float16)})
    assert "holds numbers that are not finite" in checked(capsys, str(folder), code=1)


def test_a_folder_that_is_no_pack(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "is no pack: it has no config.json" in checked(capsys, str(tmp_path), code=1)
    assert "There is no pack at" in checked(capsys, str(tmp_path / "x"), code=1)


def test_notes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "LICENSE").unlink()
    (folder / "README.md").rename(folder / "MODEL_CARD.md")
    (folder / "model.bin").write_bytes(b"x")
    (folder / "more").mkdir()
    (folder / "more" / "notes.txt").write_bytes(b"x")
    out = checked(capsys, str(folder), code=0)
    assert out.startswith(f"{folder}: 0 problems, 4 notes\n")
    for sentence in (
        "MODEL_CARD.md is not called README.md",
        "has no LICENSE",
        "model.bin could run code where it is read",
        "more/notes.txt is not a part of the pack",
    ):
        assert sentence in out
    checked(capsys, "--strict", str(folder), code=1)


def test_info(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["pack", "info", str(folder)]) == 0
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == "pack mine"
    assert "  licence    other: Apache License 2.0" in lines
    assert "             photographs of 64 pixels, 1,280 numbers on a grid of 2x2" in lines
    assert "             vocabulary 7, features 1,280, embedding 8, attention 4, hidden 8" in lines
    assert "             vocabulary: 3 entries" in lines
    assert lines[-3:] == ["# Mine", "", "It captions."]
    assert run(["pack", "info", "--json", str(folder)]) == 0
    found = json.loads(capsys.readouterr().out)
    tensors = load_file(folder / "attention.safetensors")
    assert found["models"]["attention"]["parameters"] == sum(tensor.numel() for tensor in tensors.values())
    assert found["models"]["attention"]["types"] == ["F16"]
    assert found["bytes"] == sum(
        file.stat().st_size for file in folder.iterdir() if file.name not in ("README.md", "LICENSE")
    )
    assert found["metadata"]["library_name"] == "sentikit"


def test_export_makes_a_folder_for_the_hub(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "model.bin").write_bytes(b"x")
    out = tmp_path / "out"
    assert run(["pack", "export", str(folder), "-o", str(out), "--license", "apache-2.0"]) == 0
    warning, last = capsys.readouterr().err.splitlines()
    assert "LICENSE of its own, which still holds: make sure that these are the terms of 'apache-2.0'" in warning
    assert last == f"The folder is {out}. To upload it: hf upload OWNER/NAME {out}"
    assert checked(capsys, "--strict", str(out), code=0) == f"{out}: sound\n"
    own = {file.name for file in folder.iterdir()} - {"model.bin"}
    assert {file.name for file in out.iterdir()} == own | {".gitattributes"}
    for name in own - {"README.md", "LICENSE"}:
        assert (out / name).read_bytes() == (folder / name).read_bytes()
    assert open_pack(out).identity == open_pack(folder).identity
    assert (out / "README.md").read_text("utf-8") == (
        "---\nlicense: apache-2.0\n"
        "library_name: sentikit\npipeline_tag: image-to-text\ntags:\n- sentikit\n- captioner\n"
        "---\n\n# Mine\n\nIt captions.\n"
    )
    assert (out / ".gitattributes").read_text("utf-8").startswith("*.safetensors filter=lfs")


def test_export_keeps_the_cards_metadata(folder: Path, tmp_path: Path) -> None:
    head = "license: mit\nlanguage: en\nmodel-index:\n- name: mine\n  results:\n    - task: {type: x}\n"
    replace_file(folder / "README.md", f"---\n{head}---\nText.\n".encode())
    assert run(["pack", "export", str(folder), "-o", str(tmp_path / "out")]) == 0
    card = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert head in card
    assert card.count("license:") == 1
    assert "license_link" not in card
    assert card.endswith("---\n\nText.\n")
    assert run(["pack", "export", str(folder), "-o", str(tmp_path / "other"), "--license", "cc0-1.0"]) == 0
    assert read_card(tmp_path / "other").metadata["license"] == "cc0-1.0"
    assert "license: mit" not in (tmp_path / "other" / "README.md").read_text("utf-8")


def test_export_warns_of_a_licence_that_the_hub_does_not_know(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "LICENSE").unlink()
    assert run(["pack", "export", str(folder), "-o", str(tmp_path / "a"), "--license", "mit"]) == 0
    assert "Warning" not in capsys.readouterr().err
    assert run(["pack", "export", str(folder), "-o", str(tmp_path / "b"), "--license", "my-own"]) == 0
    assert "The hub knows no licence 'my-own'" in capsys.readouterr().err


def test_export_refuses(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert run(["pack", "export", str(folder), "-o", str(folder)]) == 1
    assert "exists already" in capsys.readouterr().err
    assert run(["pack", "export", str(folder), "-o", str(folder), "--force"]) == 1
    assert "holds the pack that is exported" in capsys.readouterr().err
    assert run(["pack", "export", str(folder), "-o", str(out), "--license", "My Own"]) == 2
    change_config(folder, models__attention__sha256="0")
    assert run(["pack", "export", str(folder), "-o", str(out)]) == 1
    assert "is not the file that its pack was made with" in capsys.readouterr().err
    assert not out.exists()


def test_cards() -> None:
    text = "---\nlicense: 'mit'\ntags:\n- a\n  - \"b: c\"\nlanguage: [en, de]\nnested:\n  x: 1\n---\n# Title\n\nText\n"
    metadata, body = split_card(text)
    assert metadata == {"license": "mit", "tags": ["a", "b: c"], "language": ["en", "de"], "nested": []}
    assert body == "# Title\n\nText"
    assert split_card("# Title\n---\nno head\n---\n") == ({}, "# Title\n---\nno head\n---")
    assert split_card("") == ({}, "")
    written = written_card({"license": "no", "tags": ["x y", "a: b", "é"]}, "Text")
    assert written == '---\nlicense: "no"\ntags:\n- x y\n- "a: b"\n- "é"\n---\n\nText'
    yaml = pytest.importorskip("yaml")
    assert yaml.safe_load(written.split("---")[1]) == {"license": "no", "tags": ["x y", "a: b", "é"]}


def test_what_the_hub_is_told() -> None:
    config = {"models": {"one": {"kind": "tagger"}, "two": {"kind": "tagger"}}}
    assert metadata_of(config, "") == {
        "license": "unknown", "library_name": "sentikit", "pipeline_tag": "image-classification",
        "tags": ["sentikit", "tagger"],
    }  # fmt: skip
    assert metadata_of(config, "Mine alone.")["license"] == "other"
