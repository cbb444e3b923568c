"""A stranger's encoder, trainer and tagger: those of `docs/plugins.md`, trained, kept in a pack and used again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.documents import code_blocks
from support.synthetic import Photos, make_photos, metrics, train_arguments
from support.toy_commands import json_lines

torch = pytest.importorskip("torch")

from sentikit import StorableEncoder, TunableEncoder, open_pack  # noqa: E402
from sentikit.cli import run  # noqa: E402
from sentikit.nn.encoder import BackboneEncoder  # noqa: E402
from sentikit.plugin.kinds import ENCODER  # noqa: E402
from sentikit.plugin.loader import load_plugins  # noqa: E402

EXAMPLES = {title.partition(": ")[2]: source for title, source in code_blocks("plugins.md", "python").items()}
OWN = ("--encoder", "patches", "--init", "random", "--device", "cpu", "--seed", 1)
Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Photos:
    return make_photos(tmp_path_factory.mktemp("photos") / "data", 6, 2)


@pytest.fixture
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "plugins"
    folder.mkdir()
    for name, title in {
        "encoder": "An encoder for training",
        "pixels": "register_encoders(register)",
        "trainer": "register_trainers(register)",
        "tagger": "The tagger of a trainer",
    }.items():
        (folder / f"{name}.py").write_text(EXAMPLES[title], "utf-8")
    monkeypatch.setenv("SENTIKIT_PLUGINS_DIR", str(folder))
    monkeypatch.setenv("SENTIKIT_LOAD_PLUGINS", "")
    return folder


def weights_of(pack: Path, plugins: Path) -> dict[str, torch.Tensor]:
    encoder = open_pack(pack, load_plugins(plugins)).encoder()
    assert isinstance(encoder, TunableEncoder)
    assert not isinstance(encoder, BackboneEncoder)
    return dict(encoder.stored().tensors)


def test_it_can_be_stored_and_split(plugins: Path) -> None:
    encoder = load_plugins(plugins).get(ENCODER, "patches").create(weights="random")
    assert isinstance(encoder, StorableEncoder)
    assert isinstance(encoder, TunableEncoder)
    images = torch.rand(2, 3, 32, 32)
    for blocks in (0, 1):
        frozen, tuned = encoder.split(blocks)
        assert torch.equal(tuned(frozen(images)), encoder.encode(images))
        assert sum(parameter.requires_grad for parameter in tuned.parameters()) == 2 * blocks
    again = load_plugins(plugins).get(ENCODER, "patches").create(weights=encoder.stored())
    assert again.identity == encoder.identity


def test_it_is_fine_tuned_stored_and_used_again(plugins: Path, photos: Photos, tmp_path: Path, capsys: Capture) -> None:
    untuned, tuned = tmp_path / "untuned", tmp_path / "tuned"
    assert run(train_arguments(photos, "softmax", untuned, *OWN, "--epochs", 1)) == 0
    onwards = ("--init", untuned / "pack", "--device", "cpu", "--seed", 1)
    learn = ("--epochs", 3, "--lr", 0.01, "--encoder-lr", 0.005, "--schedule", "constant", "--fine-tune", 1)
    assert run(train_arguments(photos, "softmax", tuned, *onwards, *learn)) == 0
    rows = metrics(tuned)
    assert rows[-1]["loss"] < rows[0]["loss"]
    stored = json.loads((tuned / "pack" / "config.json").read_text())["encoder"]
    assert (stored["plugin"], stored["dim"], stored["grid"]) == ("patches", 16, [4, 4])

    before, after = weights_of(untuned / "pack", plugins), weights_of(tuned / "pack", plugins)
    assert before.keys() == after.keys() == {"weight", "bias"}
    assert not torch.allclose(before["weight"], after["weight"])

    capsys.readouterr()
    assert run(["tag", "--pack", str(tuned / "pack"), str(photos.images), "--limit", "3"]) == 0
    assert [len(line["anps"]) for line in json_lines(capsys.readouterr().out)] == [12] * 3

    again = ("--init", tuned / "pack", "--epochs", 1, "--device", "cpu")
    assert run(train_arguments(photos, "softmax", tmp_path / "again", *again)) == 0
    frozen = weights_of(tmp_path / "again" / "pack", plugins)
    assert torch.equal(frozen["weight"], after["weight"])


def test_more_blocks_than_it_has_are_a_sentence(plugins: Path, photos: Photos, tmp_path: Path, capsys: Capture) -> None:
    assert run(train_arguments(photos, "softmax", tmp_path / "out", *OWN, "--fine-tune", 2)) == 2
    assert "The encoder 'patches' has 1 block that can be tuned, not 2." in capsys.readouterr().err


def test_an_encoder_that_cannot_be_stored_is_refused(
    plugins: Path, photos: Photos, tmp_path: Path, capsys: Capture
) -> None:
    arguments = train_arguments(photos, "softmax", tmp_path / "out", "--encoder", "pixels", "--device", "cpu")
    assert run(arguments) == 2
    assert "cannot be put into a pack, as it has no method 'stored'" in capsys.readouterr().err


def test_the_trainer_of_the_page_makes_the_pack_of_its_tagger(
    plugins: Path, photos: Photos, tmp_path: Path, capsys: Capture
) -> None:
    for split in ("train", "val"):
        for path in (photos.root / split).rglob("*.png"):
            target = tmp_path / split / path.parent.name / f"{path.stem}.jpg"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    train = ["train", "folders", tmp_path / "train", "--val", tmp_path / "val", "-o", tmp_path / "out", *OWN]
    assert run([*map(str, train), "--epochs", "1"]) == 0
    capsys.readouterr()
    assert run(["tag", "--pack", str(tmp_path / "out" / "pack"), str(photos.images), "--limit", "2"]) == 0
    lines = json_lines(capsys.readouterr().out)
    assert [len(line["anps"]) for line in lines] == [12, 12]
    assert run(["tag", "--tagger", "folders", str(photos.images), "--limit", "1"]) == 1
    assert "has no model 'folders'" in capsys.readouterr().err
