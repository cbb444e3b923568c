"""`sentikit prepare vso` looks once at every image of a folder of classes and says in a manifest what it is."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from fractions import Fraction
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sentikit_plugins.dataset_preparation import examine
from sentikit_plugins.dataset_preparation.splits import Shares, split_names, split_sizes
from support.made_images import save_scene, save_truncated, scene

from sentikit import ANP
from sentikit.cli import run
from sentikit.training.anp_examples import read_anp_examples

Captured = pytest.CaptureFixture[str]
KINDS = ("ok", "grey", "cmyk", "png", "small", "empty", "truncated", "text")
UNREADABLE = ("empty", "truncated", "text")


def make(path: Path, kind: str = "ok") -> Path:
    """An image of 40 x 24 pixels, or what is wrong with one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "empty":
        path.touch()
    elif kind == "truncated":
        save_truncated(path)
    elif kind == "text":
        path.write_text("Not a photograph.")
    elif kind == "small":
        scene(40, 23).save(path)
    elif kind == "png":
        scene().save(path, format="PNG")
    else:
        scene().convert({"ok": "RGB", "grey": "L", "cmyk": "CMYK"}[kind]).save(path)
    return path


def make_class(source: Path, folder: str, images: int) -> None:
    for number in range(images):
        make(source / folder / f"{number}.jpg")


def prepare(source: Path, output: Path, *arguments: str) -> int:
    return run(["prepare", "vso", str(source), "-o", str(output), "--min-side", "24", *arguments])


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def table(out: str) -> dict[str, int]:
    rows = [line.rsplit(maxsplit=1) for line in out.splitlines()]
    return {name.strip(): int(number.replace(",", "")) for name, number in rows}


def check_sums(counts: dict[str, int]) -> None:
    statuses = ("ok", "small", "not-rgb", "unreadable", "no-training-image", "outside the classes")
    assert counts["images"] == sum(counts.get(status, 0) for status in statuses)
    assert counts["ok"] == counts["train"] + counts["val"] + counts["test"]
    assert counts["classes"] == counts["kept"] + counts["dropped"]


def state(folder: Path) -> dict[str, tuple[int, int]]:
    """Sizes and times of all that is in a folder."""
    return {
        str(path.relative_to(folder)): (path.lstat().st_size, path.lstat().st_mtime_ns) for path in folder.rglob("*")
    }


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A class of every kind of image, one of ten sound ones, and the notorious one."""
    folder = tmp_path / "vso"
    for kind in KINDS:
        make(folder / "misty_morning" / f"{kind}.jpg", kind)
    make_class(folder, "cute_dog", 10)
    make_class(folder, "lonely_train", 4)
    return folder


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    return tmp_path / "manifest.jsonl"


# What is in the manifest


def test_every_image_is_named_with_what_it_is(source: Path, manifest: Path, capsys: Captured) -> None:
    before = state(source)
    assert prepare(source, manifest) == 0
    assert state(source) == before
    out, err = capsys.readouterr()
    rows = {row["file_name"]: row for row in lines(manifest)}
    assert list(rows) == sorted(rows)
    assert len(rows) == 22
    facts = {
        kind: [rows[f"misty_morning/{kind}.jpg"].get(key) for key in ("status", "width", "height", "mode")]
        for kind in KINDS
    }
    assert facts == {
        "ok": ["ok", 40, 24, "RGB"],
        "grey": ["ok", 40, 24, "L"],
        "cmyk": ["ok", 40, 24, "CMYK"],
        "png": ["ok", 40, 24, "RGB"],
        "small": ["small", 40, 23, "RGB"],
        "empty": ["unreadable", None, None, None],
        "truncated": ["unreadable", None, None, None],
        "text": ["unreadable", None, None, None],
    }
    assert rows["misty_morning/empty.jpg"]["reason"] == "the file is empty"
    assert "truncated" in rows["misty_morning/truncated.jpg"]["reason"]
    assert rows["misty_morning/text.jpg"]["reason"].startswith("it is not an image in a supported format")
    assert all(("split" in row) == (row["status"] == "ok") for row in rows.values())
    assert {(row["adjective"], row["noun"]) for row in rows.values()} == {
        ("misty", "morning"),
        ("cute", "dog"),
        ("lonely", "train"),
    }
    counts = table(out)
    check_sums(counts)
    assert counts["images"] == 22
    assert counts["ok"] == 18
    assert (counts["small"], counts["unreadable"]) == (1, 3)
    assert "Looked at 22 images in " in err
    assert "2 of the images are not RGB" in err
    assert err.endswith(f"Wrote {manifest}.\n")
    assert sorted(path.name for path in manifest.parent.iterdir()) == ["manifest.jsonl", "vso"]


def test_each_class_is_split_by_itself(source: Path, manifest: Path) -> None:
    assert prepare(source, manifest) == 0
    splits = Counter((row["noun"], row.get("split")) for row in lines(manifest) if row["status"] == "ok")
    assert [splits["dog", split] for split in ("train", "val", "test")] == [7, 2, 1]
    assert [splits["train", split] for split in ("train", "val", "test")] == [3, 1, 0]


def test_the_shares_and_the_seed(source: Path, manifest: Path, capsys: Captured) -> None:
    assert prepare(source, manifest, "--val", "0.3", "--test", "0") == 0
    first = lines(manifest)
    assert Counter(row["split"] for row in first if row["noun"] == "dog") == {"train": 7, "val": 3}
    assert prepare(source, manifest, "--val", "0.3", "--test", "0", "--seed", "1", "--force") == 0
    second = lines(manifest)
    assert [row["file_name"] for row in second] == [row["file_name"] for row in first]
    assert second != first


def test_images_that_are_not_rgb_can_be_left_out(source: Path, manifest: Path, capsys: Captured) -> None:
    assert prepare(source, manifest, "--rgb-only") == 0
    out, err = capsys.readouterr()
    assert [row["mode"] for row in lines(manifest) if row["status"] == "not-rgb"] == ["CMYK", "L"]
    check_sums(table(out))
    assert table(out)["not-rgb"] == 2
    assert "not RGB" not in err


def test_a_trainer_reads_it(source: Path, manifest: Path, capsys: Captured) -> None:
    assert prepare(source, manifest) == 0
    counts = table(capsys.readouterr().out)
    seen: set[Path] = set()
    for split in ("train", "val", "test"):
        examples = read_anp_examples(manifest, source, split)
        assert len(examples) == counts[split]
        for example in examples:
            assert example.image.is_file()
            assert example.label == ((ANP(*example.image.parent.name.split("_")), 1.0),)
        assert seen.isdisjoint(example.image for example in examples)
        seen |= {example.image for example in examples}
    assert len(seen) == counts["ok"]


def test_the_number_of_threads_changes_nothing(source: Path, tmp_path: Path) -> None:
    one, four = tmp_path / "one.jsonl", tmp_path / "four.jsonl"
    assert prepare(source, one, "--jobs", "1") == prepare(source, four, "--jobs", "4") == 0
    assert one.read_bytes() == four.read_bytes()


def test_small_images_are_not_decoded_and_others_once(
    source: Path, manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from PIL import ImageFile

    decoded: list[str] = []
    load = ImageFile.ImageFile.load

    def counting(image: ImageFile.ImageFile) -> Any:
        decoded.append(os.fspath(image.filename))
        return load(image)

    monkeypatch.setattr(ImageFile.ImageFile, "load", counting)
    assert prepare(source, manifest) == 0
    names = Counter(Path(path).name for path in decoded if "misty" in path)
    assert names == dict.fromkeys(["ok.jpg", "grey.jpg", "cmyk.jpg", "png.jpg", "truncated.jpg"], 1)


@pytest.mark.skipif(os.name == "nt", reason="file names are text there")
def test_a_file_name_that_is_not_utf8(source: Path, manifest: Path) -> None:
    odd = os.fsencode(source / "cute_dog") + b"/caf\xe9.jpg"
    shutil.copy(source / "cute_dog" / "0.jpg", odd)
    assert prepare(source, manifest) == 0
    manifest.read_text("ascii")
    (row,) = (row for row in lines(manifest) if "caf" in row["file_name"])
    assert (source / row["file_name"]).is_file()


# Classes and what is beside them


def test_what_is_no_class_is_named_and_left_out(source: Path, manifest: Path, capsys: Captured) -> None:
    make(source / "loose.jpg")
    make(source / "sunset" / "1.jpg")
    make(source / "very_sad_dog" / "1.jpg")
    make(source / "cute_dog" / "more" / "1.jpg")
    (source / "notes").mkdir()
    make(source / ".thumbnails" / "1.jpg")
    (source / "cute_dog" / "README.txt").write_text("hello")
    assert prepare(source, manifest) == 0
    out, err = capsys.readouterr()
    assert len(lines(manifest)) == 22
    check_sums(table(out))
    assert table(out)["outside the classes"] == 4
    for name in (". (1 image)", "sunset (1 image)", "very_sad_dog (1 image)", "cute_dog/more (1 image)", "notes (0 "):
        assert name in err


def test_folders_that_differ_in_case_are_one_class(tmp_path: Path, manifest: Path, capsys: Captured) -> None:
    make_class(tmp_path / "vso", "Cute_Dog", 5)
    make_class(tmp_path / "vso", "cute dog", 5)
    assert prepare(tmp_path / "vso", manifest) == 0
    assert table(capsys.readouterr().out)["classes"] == 1
    assert Counter(row["split"] for row in lines(manifest)) == {"train": 7, "val": 2, "test": 1}


def test_classes_without_a_training_image_are_dropped_and_named(source: Path, manifest: Path, capsys: Captured) -> None:
    make(source / "outdoor_training" / "1.jpg", "empty")
    (source / "empty_folder").mkdir()
    make(source / "rare_bird" / "1.jpg")
    assert prepare(source, manifest, "--val", "0.6", "--test", "0.1") == 0
    out, err = capsys.readouterr()
    check_sums(table(out))
    assert table(out)["dropped"] == 3
    assert table(out)["no-training-image"] == 1
    assert "3 of the 6 classes: empty folder, outdoor training, rare bird." in err
    assert [row["status"] for row in lines(manifest) if row["noun"] == "bird"] == ["no-training-image"]


def test_nothing_usable_is_an_error_that_can_be_mended(source: Path, manifest: Path, capsys: Captured) -> None:
    assert prepare(source, manifest, "--min-side", "300") == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "Error: Nothing was written: no class of" in err
    assert "(20 small, 2 unreadable)" in err
    assert not manifest.exists()
    assert prepare(source, manifest) == 0


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (None, "There is no folder"),
        ("sunset/1.jpg", "has no image in a folder named adjective_noun"),
        ("bi_concepts1553/misty_morning/1.jpg", "has no image in a folder named adjective_noun"),
        ("misty_morning/notes.txt", "has no image in a folder named adjective_noun"),
    ],
)
def test_a_folder_without_classes(
    made: str | None, message: str, tmp_path: Path, manifest: Path, capsys: Captured
) -> None:
    if made:
        (tmp_path / "vso" / made).parent.mkdir(parents=True)
        (tmp_path / "vso" / made).touch()
    assert prepare(tmp_path / "vso", manifest) == 1
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1
    assert not list(tmp_path.glob("manifest*"))


@pytest.mark.parametrize("shares", [("0.5", "0.5"), ("0.9", "0.3"), ("nan", "0"), ("-1", "0"), ("1", "0")])
def test_shares_that_leave_nothing_to_train_on(shares: tuple[str, str], source: Path, manifest: Path) -> None:
    assert prepare(source, manifest, "--val", shares[0], "--test", shares[1]) == 2


def test_an_output_that_exists_is_not_replaced_unasked(source: Path, manifest: Path, capsys: Captured) -> None:
    manifest.write_text("mine")
    assert prepare(source, manifest) == 1
    assert "exists already" in capsys.readouterr().err
    assert manifest.read_text() == "mine"
    assert prepare(source, manifest, "--force") == 0
    assert len(lines(manifest)) == 22


# Going on


@pytest.fixture
def interrupted(source: Path, manifest: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> Path:
    """The log of a run that Ctrl-C stopped after some images."""
    stop(monkeypatch, after=9)
    assert prepare(source, manifest, "--jobs", "1") == 130
    monkeypatch.undo()
    out, err = capsys.readouterr()
    assert out == ""
    assert "of 22 images; go on with: sentikit" in err
    assert not manifest.exists()
    return manifest.with_name("manifest.jsonl.partial")


def stop(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    real, calls = examine.examine_image, count()

    def interrupting(*arguments: Any) -> Any:
        if next(calls) == after:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(examine, "examine_image", interrupting)


def test_an_interrupted_run_goes_on(interrupted: Path, source: Path, manifest: Path, capsys: Captured) -> None:
    assert len(lines(interrupted)) == 1 + 9
    assert prepare(source, manifest) == 0
    out, err = capsys.readouterr()
    assert "9 of the 22 images were looked at before." in err
    assert "Looked at 13 images in " in err
    assert not interrupted.exists()
    whole = manifest.with_name("whole.jsonl")
    assert prepare(source, whole) == 0
    assert capsys.readouterr().out == out
    assert whole.read_bytes() == manifest.read_bytes()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (("--min-side", "20"), "--min-side 24, not 20"),
        (("--seed", "5"), "--seed 0, not 5"),
        (("--rgb-only",), "--rgb-only false, not true"),
        (("--val", "0.2"), "--val 0.15, not 0.2"),
    ],
)
def test_a_changed_setting_is_refused(
    changed: tuple[str, ...], said: str, interrupted: Path, source: Path, manifest: Path, capsys: Captured
) -> None:
    before = interrupted.read_bytes()
    assert prepare(source, manifest, *changed) == 1
    err = capsys.readouterr().err
    assert said in err
    assert "--force" in err
    assert err.count("\n") == 1
    assert interrupted.read_bytes() == before
    assert prepare(source, manifest, *changed, "--force") == 0
    assert "before" not in capsys.readouterr().err


def test_another_source_is_refused(interrupted: Path, source: Path, manifest: Path, capsys: Captured) -> None:
    shutil.copytree(source, source.with_name("other"))
    assert prepare(source.with_name("other"), manifest) == 1
    assert "it was started with SRC " in capsys.readouterr().err


def test_images_that_changed_are_refused(interrupted: Path, source: Path, manifest: Path, capsys: Captured) -> None:
    (source / "cute_dog" / "3.jpg").unlink()
    assert prepare(source, manifest) == 1
    err = capsys.readouterr().err
    assert 'where "cute_dog/3.jpg" was, "cute_dog/4.jpg" is now' in err
    assert prepare(source, manifest, "--force") == 0


@pytest.mark.parametrize("damage", ["{}\n", "[[[\n", "repeat", '{"status": "ok", "file_name": 1}\n'])
def test_from_a_damaged_or_repeated_line_on_the_log_is_made_again(
    interrupted: Path, source: Path, manifest: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    rows = interrupted.read_text().splitlines(keepends=True)
    interrupted.write_text("".join([*rows[:3], rows[2] if damage == "repeat" else damage, *rows[4:]]))
    assert prepare(source, manifest) == 0
    assert "Line 4 of " in caplog.text
    again = manifest.with_name("again.jsonl")
    assert prepare(source, again) == 0
    assert manifest.read_bytes() == again.read_bytes()


@pytest.mark.parametrize("force", [(), ("--force",)])
def test_a_strangers_file_in_the_place_of_the_log_is_left_alone(
    force: tuple[str, ...], source: Path, manifest: Path, capsys: Captured
) -> None:
    strange = manifest.with_name("manifest.jsonl.partial")
    strange.write_text("mine\n")
    assert prepare(source, manifest, *force) == 1
    assert f"{strange} is in the way" in capsys.readouterr().err
    assert strange.read_text() == "mine\n"


def test_a_run_begun_with_force_goes_on_without(
    source: Path, manifest: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    manifest.write_text("old")
    stop(monkeypatch, after=4)
    assert prepare(source, manifest, "--jobs", "1", "--force") == 130
    monkeypatch.undo()
    assert manifest.read_text() == "old"
    assert prepare(source, manifest) == 0
    assert "4 of the 22 images were looked at before." in capsys.readouterr().err
    assert len(lines(manifest)) == 22


# Laws


@given(number=st.integers(0, 5000), val=st.integers(0, 99), test=st.integers(0, 99))
def test_each_split_has_its_share_to_within_one(number: int, val: int, test: int) -> None:
    if val + test >= 100:
        return
    shares = Shares.of(val / 100, test / 100)
    assert shares == (Fraction(100 - val - test, 100), Fraction(val, 100), Fraction(test, 100))
    sizes = split_sizes(number, shares)
    assert sum(sizes) == number
    assert all(abs(size - number * share) < 1 for size, share in zip(sizes, shares, strict=True))
    if number and (val, test) == (15, 15):
        assert sizes[0]


@given(names=st.sets(st.text(min_size=1), max_size=60), seed=st.integers(-(2**70), 2**70), data=st.data())
def test_a_split_depends_on_names_and_seed_alone(names: set[str], seed: int, data: st.DataObject) -> None:
    shares = Shares.of(0.15, 0.15)
    order = data.draw(st.permutations(sorted(names)))
    splits = split_names(order, shares, seed)
    assert splits == split_names(sorted(names), shares, seed)
    assert set(splits) == names
    counts = Counter(splits.values())
    assert [counts[split] for split in Shares._fields] == split_sizes(len(names), shares)


TREES = st.dictionaries(
    st.sampled_from(["cute_dog", "misty_morning", "lonely_train", "sunset"]),
    st.lists(st.sampled_from(KINDS), max_size=6),
    min_size=1,
)


@given(tree=TREES, rgb_only=st.booleans(), cut=st.floats(0, 1))
def test_counts_add_up_and_going_on_equals_one_run(
    tree: dict[str, list[str]],
    rgb_only: bool,
    cut: float,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("law")
    make(folder / "vso" / "old_boat" / "0.jpg")
    for name, kinds in tree.items():
        for number, kind in enumerate(kinds):
            make(folder / "vso" / name / f"{number}.jpg", kind)
    arguments = ["--rgb-only"] if rgb_only else []
    whole, cut_off = folder / "whole.jsonl", folder / "cut.jsonl"
    with pytest.MonkeyPatch.context() as patch:
        stop(patch, after=int(cut * sum(len(kinds) for name, kinds in tree.items() if name != "sunset")))
        assert prepare(folder / "vso", cut_off, *arguments, "--jobs", "2") == 130
    log = folder / "cut.jsonl.partial"
    log.write_bytes(log.read_bytes()[: max(1, int(cut * log.stat().st_size))])  # as where the power fails
    assert prepare(folder / "vso", cut_off, *arguments) == 0
    assert prepare(folder / "vso", whole, *arguments) == 0
    assert whole.read_bytes() == cut_off.read_bytes()
    found = Counter(row["status"] for row in lines(whole))
    kinds = Counter(kind for name, kinds in tree.items() if name != "sunset" for kind in kinds)
    assert found["unreadable"] == sum(kinds[kind] for kind in UNREADABLE)
    assert found["small"] == kinds["small"]
    assert found["not-rgb"] == (kinds["grey"] + kinds["cmyk"]) * rgb_only
    assert found.total() == kinds.total() + 1


def test_a_photograph_of_each_format(tmp_path: Path, manifest: Path) -> None:
    for suffix in ("png", "webp", "bmp", "gif", "tif", "jpg"):
        save_scene(tmp_path / "vso" / "bright_quarters" / f"a.{suffix}")
    assert prepare(tmp_path / "vso", manifest) == 0
    assert {row["status"] for row in lines(manifest)} == {"ok"}
