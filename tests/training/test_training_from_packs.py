"""Training that starts from a pack: what the pack knows stays, what the data add is learnt, and the terms travel."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from support.synthetic import Photos, make_photos, metrics, train_arguments

torch = pytest.importorskip("torch")

from sentikit import open_pack  # noqa: E402
from sentikit.cli import run  # noqa: E402
from sentikit.training import run as training_run  # noqa: E402

Capture = pytest.CaptureFixture[str]
QUIET = ("--epochs", 1, "--lr", 1e-9)
"""Nearly nothing is learnt, so that what was there can be compared."""
SMALL = ("--size", 16, "--dropout", 0)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Photos:
    return make_photos(tmp_path_factory.mktemp("photos") / "data", 2, 1)


@pytest.fixture(scope="module")
def part(photos: Photos, tmp_path_factory: pytest.TempPathFactory) -> Photos:
    """The photographs without the yellow ones and the bars."""
    root = tmp_path_factory.mktemp("part") / "data"
    for split in ("train", "val"):
        for folder in (photos.root / split).iterdir():
            if not folder.name.startswith("yellow") and not folder.name.endswith("bar"):
                shutil.copytree(folder, root / split / folder.name)
    return Photos(root)


def first_pack(photos: Photos, trainer: str, output: Path, *options: object) -> Path:
    small = SMALL if trainer != "softmax" else ()
    assert run(train_arguments(photos, trainer, output, *small, "--epochs", 1, *options)) == 0
    return output / "pack"


def anps(pack: Path, model: str) -> list[str]:
    return [" ".join(pair) for pair in open_pack(pack).model(model).documents["anps"]]


def assert_kept(before: Path, after: Path, model: str) -> None:
    """The weights of the first pack are the first rows of those of the second."""
    old, new = (open_pack(pack).model(model).tensors for pack in (before, after))
    assert old.keys() == new.keys()
    for name, tensor in old.items():
        assert torch.allclose(new[name][: len(tensor)].float(), tensor.float(), atol=1e-3), name


# Classes and words


@pytest.mark.parametrize(
    ("trainer", "options"), [("softmax", ()), ("anp-decoder", ()), ("anp-decoder", ("--noun-first",))]
)
def test_classes_that_the_pack_lacks_are_added_and_named(
    photos: Photos, part: Photos, tmp_path: Path, capsys: Capture, trainer: str, options: tuple[str, ...]
) -> None:
    before, after = first_pack(part, trainer, tmp_path / "one", *options), tmp_path / "two" / "pack"
    capsys.readouterr()
    dropout = () if trainer == "softmax" else ("--dropout", 0)
    start = ("--init", before, "--device", "cpu", *dropout, *QUIET)
    assert run(train_arguments(photos, trainer, tmp_path / "two", *start)) == 0
    said = capsys.readouterr().err
    assert (
        "6 adjective-noun pairs of the training photographs are new to the pack's 6 and are added: blue bar (2 " in said
    )
    assert anps(after, trainer)[:6] == anps(before, trainer)
    assert sorted(anps(after, trainer)) == sorted(path.name.replace("_", " ") for path in photos.train_tree.iterdir())
    assert_kept(before, after, trainer)
    photo = next(photos.images.iterdir())
    assert run(["tag", str(photo), "--pack", str(after), "--device", "cpu"]) == 0
    assert len(json.loads(capsys.readouterr().out)["anps"]) == 12


def test_new_classes_are_learnt(photos: Photos, part: Photos, tmp_path: Path) -> None:
    before = first_pack(part, "softmax", tmp_path / "one", "--fine-tune", 5, "--lr", 0.01)
    learn = ("--init", before, "--device", "cpu", "--epochs", 10, "--lr", 0.01, "--encoder-lr", 0.002)
    assert run(train_arguments(photos, "softmax", tmp_path / "two", *learn, "--fine-tune", 5, "--batch-size", 6)) == 0
    rows = metrics(tmp_path / "two")
    assert rows[-1]["loss"] < 0.6 * rows[0]["loss"]


def test_the_prior_of_a_pack_covers_what_it_counted(photos: Photos, part: Photos, tmp_path: Path) -> None:
    ontology = tmp_path / "anps.json"
    entries = [{"adjective": "red", "noun": "circle", "count": 3}, {"adjective": "blue", "noun": "circle", "count": 1}]
    ontology.write_text(json.dumps({"format": "sentikit-ontology", "version": 1, "name": "x", "anps": entries}))
    before = first_pack(part, "softmax", tmp_path / "one", "--prior", ontology)
    assert run(train_arguments(photos, "softmax", tmp_path / "two", "--init", before, "--device", "cpu", *QUIET)) == 0
    after = open_pack(tmp_path / "two" / "pack").model("softmax").documents
    counts = dict(zip(map(tuple, after["anps"]), after["prior"]["counts"], strict=True))
    counted = {anp: count for anp, count in counts.items() if count is not None}
    assert counted == {("red", "circle"): 3, ("blue", "circle"): 1}


def test_what_cannot_be_learnt_is_named(photos: Photos, part: Photos, tmp_path: Path, capsys: Capture) -> None:
    arguments = train_arguments(part, "softmax", tmp_path / "out", "--epochs", 1)
    arguments[arguments.index("--val") + 1] = str(photos.val_tree)
    assert run(arguments) == 0
    said = capsys.readouterr().err
    assert (
        "6 adjective-noun pairs of the validation photographs cannot be learnt, as no training photograph has " in said
    )
    assert "yellow square (1 photograph)" in said
    shutil.copytree(part.root, tmp_path / "rare")
    next((tmp_path / "rare" / "train" / "red_circle").iterdir()).unlink()
    rare = Photos(tmp_path / "rare")
    assert run(train_arguments(rare, "softmax", tmp_path / "rarer", "--epochs", 1, "--min-count", 2)) == 0
    left_out = "1 adjective-noun pair with fewer than 2 training photographs is left out (--min-count): red circle (1 "
    assert left_out in capsys.readouterr().err


def test_words_that_the_pack_lacks_are_added_and_named(photos: Photos, tmp_path: Path, capsys: Capture) -> None:
    before, after = first_pack(photos, "captioner", tmp_path / "one", "--min-count", 1), tmp_path / "two" / "pack"
    document = json.loads(photos.train_captions.read_text("utf-8"))
    for number, annotation in enumerate(document["annotations"]):
        annotation["caption"] = annotation["caption"].replace("wall", "zorgy wall" if number % 3 else "snorbly wall")
    document["annotations"][0]["caption"] = "A blick."
    (tmp_path / "own.json").write_text(json.dumps(document), "utf-8")
    start = ("--init", before, "--device", "cpu", "--dropout", 0, *QUIET)
    arguments = train_arguments(photos, "captioner", tmp_path / "two", *start)
    arguments[2] = str(tmp_path / "own.json")
    capsys.readouterr()
    assert run([*arguments, "--images", str(photos.images)]) == 0
    said = capsys.readouterr().err
    assert "3 words of the captions are new to the pack's captioner, and 2 of them, at least 4 times there" in said
    assert "zorgy (" in said
    assert "blick (1)" in said
    old, new = (open_pack(pack).model("attention").documents["vocabulary"]["words"] for pack in (before, after))
    assert new[: len(old)] == old
    assert sorted(new[len(old) :]) == ["snorbly", "zorgy"]
    assert_kept(before, after, "attention")


# The encoder alone


def test_the_encoder_of_a_pack_with_a_fresh_head(photos: Photos, part: Photos, tmp_path: Path, capsys: Capture) -> None:
    before, after = first_pack(part, "softmax", tmp_path / "one"), tmp_path / "two" / "pack"
    (before / "LICENSE").write_text("Only on Sundays.\n", "utf-8")
    alone = ("--encoder", before, "--device", "cpu", "--epochs", 1)
    assert run(train_arguments(photos, "anp-decoder", tmp_path / "two", *SMALL, *alone)) == 0
    assert open_pack(after).config["encoder"] == open_pack(before).config["encoder"]
    assert anps(after, "anp-decoder") == sorted(anps(after, "anp-decoder")), "a list of its own"
    assert "Only on Sundays." in (after / "LICENSE").read_text("utf-8")
    assert run([*train_arguments(photos, "anp-decoder", tmp_path / "two", *SMALL, *alone), "--resume"]) == 0
    capsys.readouterr()
    for init, said in (("random", "weights of its encoder: leave out --init"), (before, "leave out --encoder")):
        assert run(train_arguments(photos, "softmax", tmp_path / "no", *alone, "--init", init)) == 2
        assert said in capsys.readouterr().err
    assert run(train_arguments(photos, "softmax", tmp_path / "no", "--encoder", tmp_path / "nothing")) == 2
    assert "There is no encoder" in capsys.readouterr().err


# Terms and settings


def test_licence_and_card_travel_through_all_that_is_made_from_a_pack(
    photos: Photos, part: Photos, tmp_path: Path
) -> None:
    first = first_pack(part, "softmax", tmp_path / "one")
    (first / "LICENSE").write_text("Only on Sundays.\n", "utf-8")
    (first / "README.md").write_text("# One\n\nKnows shapes.\n", "utf-8")
    start = ("--device", "cpu", *QUIET)
    assert run(train_arguments(photos, "softmax", tmp_path / "two", "--init", first, *start)) == 0
    decoder = ("--init", tmp_path / "two" / "pack", *SMALL, *start)
    assert run(train_arguments(photos, "anp-decoder", tmp_path / "three", *decoder)) == 0
    packs = [tmp_path / name / "pack" for name in ("two", "three")]
    assert run(["merge-packs", *map(str, packs), "-o", str(tmp_path / "both")]) == 0
    terms = (
        "These weights were made from those of other packs, whose terms continue to apply to them.\n\n"
        "From the pack 'one':\n\nOnly on Sundays."
    )
    for pack in (*packs, tmp_path / "both"):
        assert (pack / "LICENSE").read_text("utf-8").strip() == terms
        card = open_pack(pack).card
        assert "# One\n" in card
        assert "Knows shapes." in card
    assert open_pack(packs[0]).card.startswith("# two\n")


def test_the_search_travels(photos: Photos, tmp_path: Path) -> None:
    given = ("--beams", 2, "--length-penalty", 0.3, "--no-repeat", 2, "--repeat-penalty", 1.5, "--max-length", 9)
    before = first_pack(photos, "captioner", tmp_path / "one", "--min-count", 1, *given)
    start = ("--init", before, "--device", "cpu", *QUIET)
    assert run(train_arguments(photos, "captioner", tmp_path / "two", *start)) == 0
    assert run(train_arguments(photos, "captioner", tmp_path / "three", *start, "--beams", 4, "--no-repeat", 0)) == 0
    searches = [
        open_pack(pack).models["attention"]["settings"]["search"]
        for pack in (before, tmp_path / "two" / "pack", tmp_path / "three" / "pack")
    ]
    assert searches[0]["repeat_penalty"] == 1.5
    assert searches[1] == searches[0]
    assert searches[2] == searches[0] | {"beams": 4, "no_repeat": 0}


def test_the_ontology_travels_with_the_tagger(photos: Photos, part: Photos, tmp_path: Path) -> None:
    before = first_pack(part, "softmax", tmp_path / "one")
    ontology = tmp_path / "anps.json"
    entries = [{"adjective": "red", "noun": "circle", "insertable": False}]
    ontology.write_text(json.dumps({"format": "sentikit-ontology", "version": 1, "name": "x", "anps": entries}))
    merged = tmp_path / "merged"
    assert run(["merge-packs", str(before), "-o", str(merged), "--ontology", str(ontology)]) == 0
    assert run(train_arguments(photos, "softmax", tmp_path / "two", "--init", merged, "--device", "cpu", *QUIET)) == 0
    assert open_pack(tmp_path / "two" / "pack").ontology() == open_pack(merged).ontology() is not None


# Going on


def test_resuming_with_another_start_is_told_before_anything_is_loaded(
    photos: Photos, part: Photos, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = first_pack(part, "softmax", tmp_path / "one")
    common = ("--epochs", 1, "--device", "cpu")
    assert run(train_arguments(photos, "softmax", tmp_path / "two", "--init", before, *common)) == 0
    capsys.readouterr()
    monkeypatch.setattr(training_run, "make_encoder", lambda *given: pytest.fail("an encoder was made"))
    words = ["train", "softmax", photos.train_tree, "--val", photos.val_tree, "-o", tmp_path / "two", *common]
    assert run([*map(str, words), "--resume"]) == 1
    said = capsys.readouterr().err
    assert f"{tmp_path / 'two'} was begun with --init one-" in said
    assert "and now it is imagenet: give the same, or name another output folder." in said


def test_the_hint_of_a_captioner_works(photos: Photos, tmp_path: Path, capsys: Capture) -> None:
    assert run(train_arguments(photos, "captioner", tmp_path / "out", *SMALL, "--epochs", 1)) == 0
    hint = capsys.readouterr().out.split("Use it: sentikit ")[1].split()
    photo = str(next(photos.images.iterdir()))
    assert run([photo if word == "PHOTO" else word for word in hint]) == 0


@pytest.mark.parametrize(("classes", "monitor"), [(3, "macro_recall@1"), (5, "macro_recall@1"), (6, "macro_recall@5")])
def test_few_classes_are_selected_by_a_score_that_can_differ(
    photos: Photos, tmp_path: Path, capsys: Capture, classes: int, monitor: str
) -> None:
    names = sorted(path.name for path in photos.train_tree.iterdir())[:classes]
    for split in ("train", "val"):
        for name in names:
            shutil.copytree(photos.root / split / name, tmp_path / split / name)
    assert run(train_arguments(Photos(tmp_path), "softmax", tmp_path / "out", "--epochs", 1)) == 0
    said = capsys.readouterr().err
    assert f"Best: epoch 1, {monitor} " in said
    told = (
        f"With {classes} adjective-noun pairs, macro_recall@5 is always 1, so the best epoch is selected by {monitor}."
    )
    assert (told in said) is (classes < 6)
