"""Every kind of model trains through the real command, goes into a pack, comes back through its plugin and predicts."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import pytest
from support.shared import made_once
from support.synthetic import COLOURS, SHAPES, Photos, draw, make_photos, metrics, shapes, train_arguments

from sentikit.plugin.kinds import CAPTIONER, TAGGER

torch = pytest.importorskip("torch")

from support.batches import batches  # noqa: E402

from sentikit import ANP, Captioner, ScoringTagger  # noqa: E402
from sentikit.cli import run  # noqa: E402
from sentikit.packs.reading import open_pack  # noqa: E402
from sentikit.plugin.loader import load_plugins  # noqa: E402

LEARN = ("--fine-tune", 5, "--lr", 0.01, "--encoder-lr", 0.002, "--schedule", "constant")
SMALL = ("--size", 32, "--dropout", 0)
UNSEEN = list(shapes(20, 22))
TAGGERS = {
    "softmax": ("softmax", "--epochs", 6),
    "multi-label softmax": ("softmax", "--loss", "multilabel-soft-margin", "--pooling", "mean-max", "--epochs", 9),
    "softmax of shared words": ("softmax", "--share-words", 1, "--epochs", 6),
    "adjective first": ("anp-decoder", *SMALL, "--epochs", 7),
    "noun first": ("anp-decoder", *SMALL, "--noun-first", "--epochs", 7),
}
KINDS = TAGGERS | {"captioner": ("captioner", *SMALL, "--alpha-c", 0.1, "--min-count", 1, "--epochs", 12)}


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Photos:
    return make_photos(tmp_path_factory.mktemp("photos") / "data", 10, 2)


@pytest.fixture(scope="module")
def trained(photos: Photos, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of the run of that kind, beside what it wrote to stdout."""

    def find(kind: str) -> Path:
        trainer, *options = KINDS[kind]

        def make(folder: Path) -> None:
            with open(folder / "out.txt", "w", encoding="utf-8") as out, redirect_stdout(out):
                assert run(train_arguments(photos, trainer, folder / "run", *LEARN, *options)) == 0

        return made_once(tmp_path_factory, f"trained {kind}", make) / "run"

    return find


@pytest.mark.parametrize("kind", TAGGERS)
def test_a_tagger_learns_and_predicts(kind: str, trained: Callable[[str], Path]) -> None:
    trainer, folder = TAGGERS[kind][0], trained(kind)
    assert f"--pack {shlex.quote(str(folder / 'pack'))}" in (folder.parent / "out.txt").read_text("utf-8")
    rows = metrics(folder)
    assert rows[-1]["loss"] < 0.6 * rows[0]["loss"]

    pack = open_pack(folder / "pack")
    assert pack.models[trainer]["scores"] == {
        name: value
        for name, value in max(rows, key=lambda row: row["macro_recall@5"]).items()
        if name not in ("epoch", "seconds", "lr", "loss")
    }
    tagger = load_plugins(environ={}).get(TAGGER, trainer).create(weights=pack)
    assert isinstance(tagger, ScoringTagger)
    (batch,) = batches([tagger], [draw(shape) for shape in UNSEEN])
    tags = tagger.tag(batch, 12)
    assert all(sum(tag.probability for tag in row) == pytest.approx(1, abs=1e-4) for row in tags)
    best = [row[0].anp for row in tags]
    right = np.mean([anp == (shape.colour, shape.shape) for anp, shape in zip(best, UNSEEN, strict=True)])
    assert right > 2 / len(COLOURS) / len(SHAPES)  # chance is a twelfth

    adjectives = tagger.scorer(batch).adjectives([[shape.shape] for shape in UNSEEN])
    named = np.mean([row[0][0].adjective == shape.colour for row, shape in zip(adjectives, UNSEEN, strict=True)])
    assert named > 2 / len(COLOURS)


def test_the_captioner_learns_and_predicts(trained: Callable[[str], Path]) -> None:
    folder = trained("captioner")
    assert "sentikit caption PHOTO --pack" in (folder.parent / "out.txt").read_text("utf-8")
    rows = metrics(folder)
    assert rows[-1]["loss"] < 0.5 * rows[0]["loss"]
    assert rows[-1]["CIDEr"] > 2
    assert {"BLEU-1", "BLEU-4"} <= rows[-1].keys()

    captioner = load_plugins(environ={}).get(CAPTIONER, "attention").create(weights=open_pack(folder / "pack"))
    assert isinstance(captioner, Captioner)
    (batch,) = batches([captioner], [draw(shape) for shape in UNSEEN])
    captions = [best for best, *_ in captioner.caption(batch)]
    right = [shape.colour in caption.text.split() for caption, shape in zip(captions, UNSEEN, strict=True)]
    assert np.mean(right) > 2 / len(COLOURS)
    for caption in captions:
        assert caption.text[0].isupper()
        assert caption.attention.shape == (len(caption.words), *captioner.encoder.grid)


def test_the_commands_use_what_was_trained(
    photos: Photos, trained: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    photo = str(next(photos.images.iterdir()))
    for kind, command in (("captioner", "caption"), ("softmax", "tag")):
        pack = str(trained(kind) / "pack")
        alone = ["--combiner", "none"] if command == "caption" else []
        assert run([command, photo, "--pack", pack, "--device", "cpu", *alone]) == 0
        assert capsys.readouterr().out


def test_training_goes_on_from_a_pack(
    photos: Photos, trained: Callable[[str], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second, third = trained("adjective first"), tmp_path / "second", tmp_path / "third"
    go_on = ("--init", first / "pack", "--device", "cpu", "--epochs", 1)
    assert run(train_arguments(photos, "anp-decoder", second, "--dropout", 0.1, "--lr", 1e-4, *go_on)) == 0
    assert metrics(second)[0]["loss"] < 0.6 * metrics(first)[0]["loss"]
    assert open_pack(second / "pack").config["encoder"] == open_pack(first / "pack").config["encoder"]
    assert open_pack(second / "pack").models["anp-decoder"]["settings"]["decoder"]["hidden"] == 32

    capsys.readouterr()
    assert run(train_arguments(photos, "softmax", third, *go_on)) == 0
    assert "has no model 'softmax': only its encoder is used" in capsys.readouterr().err
    assert open_pack(third / "pack").config["encoder"] == open_pack(first / "pack").config["encoder"]

    for others, why in (
        (("--encoder", "resnet18"), "leave out --encoder."),
        (("-O", "size=64"), "-O size cannot be changed for the encoder of"),
    ):
        assert run(train_arguments(photos, "softmax", tmp_path / "no", *go_on, *others)) == 2
        assert why in capsys.readouterr().err
    assert run(train_arguments(photos, "softmax", tmp_path / "no", "--init", tmp_path / "nothing")) == 1
    assert f"no pack at {tmp_path / 'nothing'}" in capsys.readouterr().err


def test_the_captioner_learns_from_updated_captions(photos: Photos, tmp_path: Path) -> None:
    updated = tmp_path / "updated.json"
    tags = tmp_path / "tags.jsonl"
    tags.write_text("".join(f'{{"image_id": {number}, "anps": ["lovely wall"]}}\n' for number in range(120)), "utf-8")
    command = ["update-captions", str(photos.train_captions), "--tags", str(tags), "-o", str(updated)]
    assert run([*command, "--rewriter", "noun-match"]) == 0
    arguments = train_arguments(photos, "captioner", tmp_path / "out", "--size", 16, "--epochs", 1, "--limit", 40)
    arguments[2] = str(updated)
    assert run([*arguments, "--images", str(photos.images)]) == 0
    words = open_pack(tmp_path / "out" / "pack").model("attention").documents["vocabulary"]["words"]
    assert "lovely" in words


@pytest.mark.parametrize("trainer", ["captioner", "anp-decoder"])
def test_the_seed_is_the_only_chance(trainer: str, photos: Photos, tmp_path: Path) -> None:
    def weights(name: str, seed: int) -> dict[str, torch.Tensor]:
        options = ("--size", 16, "--epochs", 1, "--limit", 40, "--augment", "crop", "--batch-size", 16, "--seed", seed)
        assert run(train_arguments(photos, trainer, tmp_path / name, *options)) == 0
        model = {"captioner": "attention"}.get(trainer, trainer)
        return dict(open_pack(tmp_path / name / "pack").model(model).tensors)

    one, same, other = weights("one", 1), weights("same", 1), weights("other", 2)
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not any(torch.equal(one[name], other[name]) for name in one if name.endswith("word_gates.weight"))


def test_a_strangers_encoder_can_be_trained_over(
    photos: Photos, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "pixels.py").write_text(PIXELS, "utf-8")
    before = ["--plugins-dir", str(tmp_path / "plugins")]
    options = ("--encoder", "pixels", "--lr", 0.05, "--epochs", 12)
    assert run([*before, *train_arguments(photos, "softmax", tmp_path / "out", *options, "--cache-features")]) == 0
    assert metrics(tmp_path / "out")[-1]["macro_recall@5"] > 0.5
    photo = photos.images / UNSEEN[0]._replace(number=0).file_name
    assert run([*before, "tag", str(photo), "--pack", str(tmp_path / "out" / "pack"), "--device", "cpu"]) == 0
    capsys.readouterr()
    assert run([*before, *train_arguments(photos, "softmax", tmp_path / "no", *options, "--fine-tune", 1)]) == 2
    assert "leave out --fine-tune" in capsys.readouterr().err
    assert run([*before, *train_arguments(photos, "softmax", tmp_path / "no", *options, "--init", "random")]) == 2
    assert "cannot start at random" in capsys.readouterr().err


PIXELS = """
from sentikit import hookimpl

class Pixels:
    dim, grid, identity = 48, (4, 4), "pixels"

    def preprocess(self, image):
        import numpy, torch
        return torch.from_numpy(numpy.array(image.resize((16, 16)), dtype="float32") / 255).permute(2, 0, 1)

    def encode(self, images):
        return images.unfold(2, 4, 4).unfold(3, 4, 4).permute(0, 2, 3, 1, 4, 5).flatten(1, 2).flatten(2)

    def to(self, device):
        pass

    def stored(self):
        import torch
        from sentikit import StoredEncoder
        return StoredEncoder("pixels", {}, {}, self.dim, self.grid, {"nothing": torch.zeros(1)}, "0")

@hookimpl
def register_encoders(register):
    register("pixels", lambda weights=None: Pixels(), summary="the photograph itself")
"""


def test_the_pack_of_a_tagger_keeps_two_fields(trained: Callable[[str], Path]) -> None:
    anps = open_pack(trained("softmax") / "pack").model("softmax").documents["anps"]
    assert {ANP(*pair) for pair in anps} == {ANP(colour, shape) for colour in COLOURS for shape in SHAPES}


def test_the_captioner_learns_from_its_own_captions(photos: Photos, tmp_path: Path) -> None:
    """Self-critical training goes on from a pack whose captions are poor, and makes them better."""
    first = (*SMALL, "--alpha-c", 0, "--min-count", 1, "--epochs", 8)
    assert run(train_arguments(photos, "captioner", tmp_path / "one", *LEARN, *first)) == 0
    options = ("--init", tmp_path / "one" / "pack", "--samples", 4, "--word-weight", 0.1, "--epochs", 3, "--lr", 3e-3)
    assert run(train_arguments(photos, "captioner", tmp_path / "two", *SMALL, *options, "--alpha-c", 0)) == 0
    best_of_two = max(row["CIDEr"] for row in metrics(tmp_path / "two"))
    assert best_of_two > metrics(tmp_path / "one")[-1]["CIDEr"] > 1


@pytest.mark.parametrize("samples", [1, -1])
def test_one_sample_has_no_others_to_be_compared_with(samples: int, photos: Photos, tmp_path: Path) -> None:
    assert run(train_arguments(photos, "captioner", tmp_path / "out", "--samples", samples)) == 2


def test_a_captioner_trains_in_bfloat16(photos: Photos, tmp_path: Path) -> None:
    options = (*SMALL, "--min-count", 1, "--epochs", 2, "--precision", "bfloat16")
    assert run(train_arguments(photos, "captioner", tmp_path / "out", *LEARN, *options)) == 0
    rows = metrics(tmp_path / "out")
    assert rows[-1]["loss"] < rows[0]["loss"]
