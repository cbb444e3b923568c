"""Cross-training: a captioner that learns adjectives from a tagger, through the command."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import NamedTuple

import pytest
from support.synthetic import Photos, Shape, draw, make_photos, metrics, shapes, train_arguments

from sentikit.plugin.kinds import CAPTIONER, TRAINER

torch = pytest.importorskip("torch")

from safetensors.torch import load_file  # noqa: E402
from sentikit_plugins.attention_captioner.captioner import predict  # noqa: E402
from sentikit_plugins.attention_captioner.cross_training import last_words_nll  # noqa: E402
from sentikit_plugins.attention_captioner.teacher import Teacher  # noqa: E402
from support.batches import batches  # noqa: E402

from sentikit import ANP, Example, ImageBatch, Tag, TrainingContext  # noqa: E402
from sentikit.cli import run  # noqa: E402
from sentikit.nn.decoder import AttentionDecoder  # noqa: E402
from sentikit.packs.reading import open_pack  # noqa: E402
from sentikit.pipelines.tag_filter import TagFilter  # noqa: E402
from sentikit.plugin.loader import load_plugins  # noqa: E402

SMALL = ("--dropout", 0, "--schedule", "constant")
KINDS = ("attention", "one", "shuffled", "noun")


# Training


class Packs(NamedTuple):
    photos: Photos
    plain_train: Path
    plain_val: Path
    captioner: Path
    tagger: Path
    softmax: Path


def write_captions(path: Path, part: list[Shape], texts: tuple[str, ...]) -> Path:
    images = [{"id": place, "file_name": shape.file_name} for place, shape in enumerate(part)]
    annotations = [
        {"id": len(texts) * place + number, "image_id": place, "caption": text.format(shape.colour, shape.shape)}
        for place, shape in enumerate(part)
        for number, text in enumerate(texts)
    ]
    path.write_text(json.dumps({"images": images, "annotations": annotations}), "utf-8")
    return path


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> Packs:
    """A captioner that hardly ever says the colour but knows its word, and a tagger that knows the colours."""
    root = tmp_path_factory.mktemp("packs")
    photos = make_photos(root / "data", 8, 2)
    train, val = list(shapes(0, 8)), list(shapes(8, 10))
    plain = ("There is a {1} on a wall.",)
    first = write_captions(root / "first.json", train, (*plain * 3, "There is a {0} {1} on a wall."))
    plain_train = write_captions(root / "plain.json", train, plain)
    plain_val = write_captions(root / "val.json", val, plain)

    learn = ("--fine-tune", 5, "--lr", 0.01, "--encoder-lr", 0.002, "--size", 32, *SMALL)
    arguments = train_arguments(photos, "anp-decoder", root / "tagger", *learn, "--epochs", 8)
    assert run(arguments) == 0
    start = ("--init", root / "tagger" / "pack", "--device", "cpu")
    over = (
        *start,
        "--lr",
        0.01,
        "--size",
        32,
        *SMALL,
        "--alpha-c",
        0,
        "--min-count",
        1,
        "--epochs",
        10,
        "--batch-size",
        8,
    )
    arguments = train_arguments(photos, "captioner", root / "captioner", *over, "--images", photos.images)
    arguments[2], arguments[4] = str(first), str(plain_val)
    assert run(arguments) == 0
    assert run(train_arguments(photos, "softmax", root / "softmax", *start, "--epochs", 1)) == 0
    return Packs(photos, plain_train, plain_val, *(root / name / "pack" for name in ("captioner", "tagger", "softmax")))


def arguments(packs: Packs, output: Path, *others: object, trainer: str = "cross-training") -> list[str]:
    tagger = () if trainer == "captioner" else ("--tagger", packs.tagger)
    data = (packs.plain_train, "--val", packs.plain_val, "--images", packs.photos.images, "-o", output)
    start = ("--init", packs.captioner, "--device", "cpu", "--alpha-c", 0, "--lr", 0.003, *SMALL)
    return ["train", trainer, *map(str, (*data, *start, *tagger, *others))]


def weights(output: Path) -> dict[str, torch.Tensor]:
    return load_file(output / "checkpoint" / "state.safetensors")


def test_adjectives_are_learnt_where_plain_captions_have_none(
    packs: Packs, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, strength in (("without", 0), ("with", 3)):
        options = ("--lambda", strength, "--epochs", 6, "--batch-size", 8, "--cache-features")
        assert run(arguments(packs, tmp_path / name, *options)) == 0
    assert "Finding the nouns of 3 captions." in capsys.readouterr().err
    without, with_them = (metrics(tmp_path / name)[-1] for name in ("without", "with"))
    assert without["adjectives"] < 0.1
    assert with_them["adjectives"] > 0.3
    assert {"CIDEr", "BLEU-4"} <= with_them.keys()

    captioner = (
        load_plugins(environ={}).get(CAPTIONER, "attention").create(weights=open_pack(tmp_path / "with" / "pack"))
    )
    assert captioner.caption(batches([captioner], [draw(Shape("red", "bar", 30))])[0])[0][0].text


def test_lambda_0_is_plain_fine_tuning(packs: Packs, tmp_path: Path) -> None:
    options = ("--epochs", 2, "--dropout", 0.3, "--augment", "flip")
    assert run(arguments(packs, tmp_path / "cross", *options, "--lambda", 0)) == 0
    assert run(arguments(packs, tmp_path / "plain", *options, trainer="captioner")) == 0
    cross, plain = weights(tmp_path / "cross"), weights(tmp_path / "plain")
    assert all(torch.equal(cross[name], plain[name]) for name in plain)
    assert [row["loss"] for row in metrics(tmp_path / "cross")] == [row["loss"] for row in metrics(tmp_path / "plain")]


@pytest.mark.parametrize("kind", ["attention", "shuffled"])
def test_a_resumed_run_ends_with_the_same_weights(kind: str, packs: Packs, tmp_path: Path) -> None:
    options = ("--weights", kind, "--dropout", 0.3, "--augment", "flip", "--batch-size", 40)
    assert run(arguments(packs, tmp_path / "whole", *options, "--epochs", 2)) == 0
    assert run(arguments(packs, tmp_path / "parts", *options, "--epochs", 1)) == 0
    assert run(arguments(packs, tmp_path / "parts", *options, "--epochs", 2, "--resume")) == 0
    whole, parts = weights(tmp_path / "whole"), weights(tmp_path / "parts")
    assert all(torch.equal(whole[name], parts[name]) for name in whole)


def begun(packs: Packs, **options: object) -> tuple[object, AttentionDecoder, list[Example], torch.Tensor]:
    """A task that is ready for its loss, its model, the training photographs and their features."""
    plugins = load_plugins(environ={})
    pack = open_pack(packs.captioner, plugins)
    given = {"tagger": packs.tagger, "alpha-c": 0, "dropout": 0} | options
    task = plugins.get(TRAINER, "cross-training").create({name: str(value) for name, value in given.items()})
    train = task.read(packs.plain_train, packs.photos.images, "train")[:40]
    task.begin(TrainingContext(pack.encoder(), 0, "cpu", plugins))
    model = task.build(train, pack.encoder().dim, pack.model("attention"))
    encoder = pack.encoder()
    images = torch.stack([encoder.preprocess(draw(shape)) for shape in list(shapes(0, 8))[:40]])
    return task, model, train, encoder.encode(images)


def test_all_weights_have_the_same_total(packs: Packs) -> None:
    made = {}
    for kind in KINDS:
        task, model, train, features = begun(packs, weights=kind)
        targets = [task.target(example, random.Random(0), False) for example in train]
        prediction = predict(model, features, [target.captions for target in targets])
        made[kind] = task.weighted_pairs(features, targets, prediction)
    agreeing = sum(pair.agrees for pair in made["noun"][0])
    assert agreeing > 10
    for pairs, found in made.values():
        assert len(pairs) == len(found)
        assert found.sum().item() == pytest.approx(agreeing, rel=1e-4)
        assert sum(pair.agrees for pair in pairs) == agreeing
    assert len(made["one"][0]) > agreeing
    attention, shuffled = made["attention"][1], made["shuffled"][1]
    assert attention.std() > 0.01
    assert not torch.equal(attention, shuffled)
    assert torch.allclose(attention.sort().values, shuffled.sort().values)


@pytest.mark.parametrize("closeness", ["exponential", "linear"])
def test_no_gradient_goes_through_a_weight(closeness: str, packs: Packs) -> None:
    """The gradient is that of the pairs' loss with the weights as numbers."""
    task, model, train, features = begun(packs, closeness=closeness, **{"lambda": 1, "distance": "euclidean"})
    targets = [task.target(example, random.Random(0), False) for example in train]

    def gradients(loss: torch.Tensor) -> list[torch.Tensor]:
        return list(torch.autograd.grad(loss, list(model.parameters()), retain_graph=True))

    prediction = predict(model, features, [target.captions for target in targets])
    pairs, found = task.weighted_pairs(features, targets, prediction)
    assert not found.requires_grad
    rows = [[pair.ids for pair in pairs if pair.image == image] for image in range(len(targets))]
    by_hand = (found.clone() * last_words_nll(predict(model, features, rows), 2).sum(1)).sum()
    words = torch.nn.functional.cross_entropy(prediction.logits, prediction.targets, reduction="sum")
    loss, count = task.loss(model, features, targets)
    assert count == len(prediction.targets)
    assert loss.item() == pytest.approx((words + by_hand).item(), rel=1e-5)
    for one, other in zip(gradients(loss), gradients(words + by_hand), strict=True):
        assert torch.allclose(one, other, atol=1e-4)


@pytest.mark.parametrize("distance", ["hellinger", "euclidean", "jensen-shannon", "cosine"])
def test_every_distance_can_weigh(distance: str, packs: Packs) -> None:
    for options in ({}, {"raw-maps": "true"}, {"closeness": "linear"}):
        task, model, train, features = begun(packs, distance=distance, **options)
        targets = [task.target(example, random.Random(0), False) for example in train[:8]]
        loss, _ = task.loss(model, features[:8], targets)
        assert loss.isfinite()


class Fixed:
    """A tagger that says the same of every image."""

    def tag(self, batch: ImageBatch, top_k: int) -> list[list[Tag]]:
        assert not torch.is_grad_enabled()
        assert not batch.encoded.requires_grad
        return [
            [Tag(ANP("sexy", "girls")), Tag(ANP("cute", "dog")), Tag(ANP("old", "dog"))][:top_k] for _ in batch.photos
        ]


def test_a_teacher_is_filtered_as_for_any_plugin() -> None:
    teacher = Teacher("fixed", [], "", Fixed(), TagFilter(top_k=2))
    features = torch.zeros(2, 3, 4, requires_grad=True)
    assert [[tag.anp for tag in tags] for tags in teacher.tag(features)] == [[ANP("cute", "dog")]] * 2


def test_a_tagger_by_the_name_of_its_pack_in_bfloat16(packs: Packs, tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "ours.py").write_text(
        f"from pathlib import Path\nfrom sentikit import hookimpl\n\n@hookimpl\ndef register_packs(register):\n"
        f"    register('ours', lambda: Path({str(packs.tagger)!r}), summary='a tagger')\n",
        "utf-8",
    )
    own = arguments(packs, tmp_path / "out", "--epochs", 1, "--tagger", "ours", "--precision", "bfloat16")
    assert run(["--plugins-dir", str(tmp_path / "plugins"), *own]) == 0


def test_the_licence_of_the_tagger_travels(packs: Packs, tmp_path: Path) -> None:
    (packs.tagger / "LICENSE").write_text("By the tagger's people.\n", "utf-8")
    assert run(arguments(packs, tmp_path / "out", "--epochs", 1)) == 0
    license = (tmp_path / "out" / "pack" / "LICENSE").read_text("utf-8")
    assert "From the pack 'tagger':\n\nBy the tagger's people." in license


# What a user can get wrong


def refused(command: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert run(command) in (1, 2)
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("Error: ")
    assert "Unexpected" not in error
    return error


def test_what_is_refused(packs: Packs, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"

    def error(*others: object) -> str:
        return refused(arguments(packs, out, "--epochs", 1, *others), capsys)

    without = [word for word in arguments(packs, out) if word not in ("--tagger", str(packs.tagger))]
    assert "name its pack with --tagger" in refused(without, capsys)
    assert "name its pack with --init" in error("--init", packs.tagger)
    assert "no pack at" in error("--tagger", tmp_path / "nothing")
    assert "has no tagger: name the pack of one" in error("--tagger", packs.captioner)
    assert "no tagger that says where it looks, only softmax" in error("--tagger", packs.softmax)
    assert "leave out --fine-tune" in error("--fine-tune", 1)
    assert "'--lambda': -1.0 is not in the range x>=0" in error("--lambda", -1)
    assert "'--tau': 0.0 is not in the range x>0" in error("--tau", 0)
    assert "'--top-k': 0 is not in the range x>=1" in error("--top-k", 0)


def test_another_encoder_is_refused(packs: Packs, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = train_arguments(packs.photos, "anp-decoder", tmp_path / "other", "--size", 8, "--epochs", 1, "--seed", 5)
    assert run(other) == 0
    error = refused(arguments(packs, tmp_path / "out", "--tagger", tmp_path / "other" / "pack"), capsys)
    assert "this run's encoder is" in error


def test_unknown_adjectives_are_counted_once(packs: Packs, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    captions = json.loads(packs.plain_train.read_text("utf-8"))
    for annotation in captions["annotations"][::2]:
        annotation["caption"] = "A red thing and a blue thing."
    few = tmp_path / "few.json"
    few.write_text(json.dumps(captions), "utf-8")
    start = ("--init", packs.tagger, "--device", "cpu", "--size", 8, "--min-count", 1, "--epochs", 1)
    base = ["train", "captioner", *map(str, (few, "--val", few, "--images", packs.photos.images))]
    assert run([*base, "-o", str(tmp_path / "few"), *map(str, start)]) == 0
    capsys.readouterr()
    assert run(arguments(packs, tmp_path / "out", "--init", tmp_path / "few" / "pack", "--epochs", 2)) == 0
    told = "2 of the tagger's 4 adjectives are no words of the captioner's and are passed over: green, yellow."
    assert capsys.readouterr().err.count(told) == 1

    plain = ["train", "captioner", *map(str, (packs.plain_train, "--val", few, "--images", packs.photos.images))]
    assert run([*plain, "-o", str(tmp_path / "none"), *map(str, start)]) == 0
    error = refused(arguments(packs, tmp_path / "no", "--init", tmp_path / "none" / "pack"), capsys)
    assert "has none of the adjectives" in error
