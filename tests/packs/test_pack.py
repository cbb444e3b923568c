"""Packs: written whole, read back, merged, and refused in a sentence where something is wrong."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sentikit.plugin.kinds import ENCODER

torch = pytest.importorskip("torch")

from sentikit import ANP, PackModel, PluginError, SentikitError, StoredEncoder, UsageError  # noqa: E402
from sentikit.affect.ontology import Ontology, OntologyEntry  # noqa: E402
from sentikit.cli import run  # noqa: E402
from sentikit.nn.decoder import AttentionDecoder, DecoderSettings  # noqa: E402
from sentikit.nn.vocabulary import Vocabulary  # noqa: E402
from sentikit.packs.reading import open_pack  # noqa: E402
from sentikit.packs.weights import check_weights, read_weights, weights_bytes  # noqa: E402
from sentikit.packs.writing import merge_packs, write_pack  # noqa: E402
from sentikit.plugin.loader import load_plugins  # noqa: E402

WORDS = Vocabulary(["a", "dog", "runs"])


@pytest.fixture(scope="module")
def encoder() -> StoredEncoder:
    made = load_plugins(environ={}).get(ENCODER, "efficientnet-lite0").create({"size": "64"}, "random")
    return made.stored()


def captioner(seed: int = 0) -> tuple[AttentionDecoder, PackModel]:
    torch.manual_seed(seed)
    decoder = AttentionDecoder(DecoderSettings(len(WORDS), 1280, embedding=8, attention=4, hidden=8)).eval()
    documents = {"vocabulary": WORDS.to_json()}
    return decoder, PackModel(
        "captioner", decoder.settings.to_json(), decoder.state_dict(), documents, {"CIDEr": 0.5, "photos": 1000}
    )


@pytest.fixture
def folder(tmp_path: Path, encoder: StoredEncoder) -> Path:
    write_pack(tmp_path / "pack", {"attention": captioner()[1]}, encoder, card="# A card", license="CC0")
    return tmp_path / "pack"


def test_a_pack_comes_back_as_it_was_written(folder: Path, encoder: StoredEncoder) -> None:
    pack = open_pack(folder)
    assert pack.name == "pack"
    model = pack.model("attention")
    assert model.kind == "captioner"
    assert model.scores == {"CIDEr": 0.5, "photos": 1000}
    assert Vocabulary.from_json(model.documents["vocabulary"]) == WORDS
    decoder = AttentionDecoder(DecoderSettings.from_json(model.settings)).eval()
    model.load_into(decoder)
    for name, tensor in captioner()[0].state_dict().items():
        assert torch.equal(decoder.state_dict()[name], tensor.half().float()), "weights are kept as fp16"
    assert (folder / "README.md").read_text().endswith("---\n\n# A card")
    assert pack.card == "# A card"
    assert (folder / "LICENSE").read_text() == "CC0"


def test_weights_can_be_kept_as_they_are(tmp_path: Path, encoder: StoredEncoder) -> None:
    write_pack(tmp_path / "pack", {"attention": captioner()[1]}, encoder, half=False)
    pack = open_pack(tmp_path / "pack")
    for stored, original in (
        (pack.model("attention").tensors, captioner()[0].state_dict()),
        (pack.encoder().stored().tensors, encoder.tensors),
    ):
        assert all(torch.equal(stored[name], tensor) for name, tensor in original.items())


def test_its_encoder_is_made_by_the_plugin_it_names(folder: Path, encoder: StoredEncoder) -> None:
    pack = open_pack(folder)
    made = pack.encoder()
    assert made is pack.encoder(), "models of an open pack share one"
    assert made is open_pack(pack).encoder()
    original = load_plugins(environ={}).get(ENCODER, "efficientnet-lite0").create({}, weights=encoder)
    assert made.identity == original.identity
    image = torch.randint(0, 256, (1, 3, 64, 64), dtype=torch.uint8)
    assert torch.allclose(made.encode(image), original.encode(image), rtol=0.05, atol=1e-3)
    assert made.stored().weights_hash == encoder.weights_hash, "a pack of a pack's encoder can be merged with it"


def test_one_without_an_encoder(tmp_path: Path) -> None:
    write_pack(tmp_path / "pack", {"blip": captioner()[1]}, None)
    pack = open_pack(tmp_path / "pack")
    assert pack.stored_encoder() is None
    with pytest.raises(SentikitError, match="no encoder"):
        pack.encoder()
    assert "blip" in pack.card


def test_identity_follows_the_content(tmp_path: Path, folder: Path, encoder: StoredEncoder) -> None:
    write_pack(tmp_path / "same", {"attention": captioner()[1]}, encoder, name="pack")
    write_pack(tmp_path / "other", {"attention": captioner(1)[1]}, encoder, name="pack")
    identity = open_pack(folder).identity
    assert open_pack(tmp_path / "same").identity == identity
    assert open_pack(tmp_path / "other").identity != identity
    (folder / "attention.vocabulary.json").write_text(json.dumps({"words": ["a", "cat", "runs"]}))
    assert open_pack(folder).identity != identity


def test_packs_with_one_encoder_become_one(tmp_path: Path, folder: Path, encoder: StoredEncoder) -> None:
    tagger = PackModel("tagger", {"classes": 2}, {"weight": torch.eye(2)})
    write_pack(tmp_path / "tags", {"softmax": tagger}, encoder, card="# Tags", license="CC0")
    merge_packs([folder, tmp_path / "tags"], tmp_path / "both")
    both = open_pack(tmp_path / "both")
    assert {name: entry["kind"] for name, entry in both.models.items()} == {
        "attention": "captioner",
        "softmax": "tagger",
    }
    assert torch.equal(both.model("softmax").tensors["weight"], torch.eye(2).half())
    assert both.model("attention").scores == open_pack(folder).model("attention").scores
    assert both.encoder().identity == open_pack(folder).encoder().identity
    assert open_pack(tmp_path / "both").card == "# A card\n\n# Tags"
    assert (tmp_path / "both" / "LICENSE").read_text() == "CC0"
    with pytest.raises(SentikitError, match="'attention'"):
        merge_packs([folder, tmp_path / "both"], tmp_path / "third")
    with pytest.raises(UsageError, match="Name the packs"):
        merge_packs([], tmp_path / "third")


def test_a_pack_whose_encoder_appends_features_takes_in_one_without_them(
    tmp_path: Path, folder: Path, encoder: StoredEncoder
) -> None:
    texture = load_plugins(environ={}).get(ENCODER, "efficientnet-lite0").create({"texture": "yes"}, weights=encoder)
    write_pack(
        tmp_path / "textured", {"softmax": PackModel("tagger", {}, {"weight": torch.eye(2)}, {})}, texture.stored()
    )
    for place, packs in enumerate(([folder, tmp_path / "textured"], [tmp_path / "textured", folder])):
        merge_packs(packs, tmp_path / f"both-{place}")
        both = open_pack(tmp_path / f"both-{place}")
        assert both.encoder().identity == open_pack(tmp_path / "textured").encoder().identity
        assert both.encoder().dim == 1392
        decoder = AttentionDecoder(DecoderSettings.from_json(both.model("attention").settings)).eval()
        both.model("attention").load_into(decoder)
        images = torch.randint(0, 256, (1, 3, 64, 64), dtype=torch.uint8)
        words = torch.tensor([[1, 4]])
        scores = [decoder(made.encode(images), words).logits for made in (both.encoder(), open_pack(folder).encoder())]
        assert torch.equal(*scores)


def test_packs_with_other_encoders_stay_apart(tmp_path: Path, folder: Path, encoder: StoredEncoder) -> None:
    tensors = dict(encoder.tensors)
    first = next(iter(tensors))
    tensors[first] = tensors[first] + 1
    for change, what in (({"tensors": tensors}, "weights"), ({"options": {"grid": 3}}, "options")):
        write_pack(tmp_path / what, {}, StoredEncoder(**{**vars(encoder), **change}))
        with pytest.raises(SentikitError, match=f"differ in {what}"):
            merge_packs([folder, tmp_path / what], tmp_path / "both")
    assert not (tmp_path / "both").exists()


def test_nothing_is_left_of_a_pack_that_could_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_pack(tmp_path / "pack", {"attention": captioner()[1]}, None)
    before = (tmp_path / "pack" / "config.json").read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(SentikitError, match="the disk is full"):
        write_pack(tmp_path / "pack", {"attention": captioner(1)[1]}, None, replace=True)
    assert (tmp_path / "pack" / "config.json").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["pack"]


def test_only_a_pack_is_replaced_and_only_on_request(tmp_path: Path, folder: Path) -> None:
    other = captioner(1)[1]
    with pytest.raises(SentikitError, match="exists already"):
        write_pack(folder, {"attention": other}, None)
    write_pack(folder, {"attention": other}, None, replace=True)
    assert torch.equal(open_pack(folder).model("attention").tensors["output.bias"], other.tensors["output.bias"].half())
    precious = tmp_path / "photos"
    precious.mkdir()
    (precious / "one.jpg").write_bytes(b"photo")
    with pytest.raises(SentikitError, match="not replaced"):
        write_pack(precious, {"attention": other}, None, replace=True)
    assert (precious / "one.jpg").exists()


def test_numbers_too_large_for_fp16_stay_as_they_are(tmp_path: Path) -> None:
    tensors = {"large": torch.tensor([1e6, 1.0]), "count": torch.tensor(70000)}
    write_pack(tmp_path / "pack", {"softmax": PackModel("tagger", {}, tensors)}, None)
    found = open_pack(tmp_path / "pack").model("softmax").tensors
    assert torch.equal(found["large"], tensors["large"])
    assert torch.equal(found["count"], tensors["count"])


class Trap:
    """Unpickling it is a test that fails."""

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return pytest.fail, ("code of a pack was executed",)


def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    config = json.loads((folder / "config.json").read_text())
    change(config)
    (folder / "config.json").write_text(json.dumps(config))


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "no config": (lambda folder: (folder / "config.json").unlink(), r"no pack: it has no config\.json"),
    "not JSON": (lambda folder: (folder / "config.json").write_text("{"), r"config\.json is not JSON"),
    "other JSON": (lambda folder: (folder / "config.json").write_text("[]"), "not of a sentikit pack"),
    "newer": (lambda folder: edit(folder, lambda c: c.update(version=2)), "version 2.*reads version 1"),
    "no models": (lambda folder: edit(folder, lambda c: c.pop("models")), "'models' is missing"),
    "no encoder": (lambda folder: edit(folder, lambda c: c.pop("encoder")), "'encoder' is missing"),
    "wrong grid": (lambda folder: edit(folder, lambda c: c["encoder"].update(grid=[7])), "grid"),
    "wrong type": (
        lambda folder: edit(folder, lambda c: c["models"]["attention"].update(settings=3)),
        "'settings' of the model 'attention' cannot be 3",
    ),
    "outside": (
        lambda folder: edit(folder, lambda c: c["models"]["attention"].update(weights="../secret.safetensors")),
        "not the name of a file",
    ),
    "no weights": (lambda folder: (folder / "attention.safetensors").unlink(), r"attention\.safetensors is missing"),
    "no vocabulary": (lambda folder: (folder / "attention.vocabulary.json").unlink(), r"vocabulary\.json"),
    "cut off": (
        lambda folder: (folder / "encoder.safetensors").write_bytes((folder / "encoder.safetensors").read_bytes()[:-9]),
        r"encoder\.safetensors is not a whole safetensors file",
    ),
    "empty": (lambda folder: (folder / "encoder.safetensors").write_bytes(b""), "not a whole safetensors file"),
    "pickle": (
        lambda folder: (folder / "attention.safetensors").write_bytes(pickle.dumps(Trap())),
        r"attention\.safetensors is a pickled PyTorch file",
    ),
    "torch.save": (
        lambda folder: torch.save({"weight": Trap()}, folder / "attention.safetensors"),
        r"attention\.safetensors is a pickled PyTorch file",
    ),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_pack_is_refused_in_a_sentence(folder: Path, damage: str) -> None:
    harm, message = DAMAGE[damage]
    harm(folder)
    with pytest.raises(SentikitError, match=message) as caught:
        open_pack(folder)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)
    assert not isinstance(caught.value, PluginError)


def test_weights_whose_header_begins_like_a_pickle_are_read(tmp_path: Path) -> None:
    """A safetensors file begins with the length of its header, and a pickle with 0x80, that is 128."""
    path = tmp_path / "weights.safetensors"
    path.write_bytes(weights_bytes({"bias": torch.zeros(16), "weight": torch.zeros(16, 192)}))
    assert path.read_bytes()[:1] == b"\x80"
    check_weights(path)
    assert read_weights(path)[0].keys() == {"bias", "weight"}


def test_what_is_no_folder_is_no_pack(tmp_path: Path) -> None:
    with pytest.raises(SentikitError, match="does not exist"):
        open_pack(tmp_path / "nothing")
    torch.save({}, tmp_path / "model.pt")
    with pytest.raises(SentikitError, match=r"is a file, and a pack is a folder"):
        open_pack(tmp_path / "model.pt")


def test_weights_of_another_pack_are_noticed(tmp_path: Path, folder: Path, encoder: StoredEncoder) -> None:
    write_pack(tmp_path / "other", {"attention": captioner(1)[1]}, encoder)
    (tmp_path / "other" / "attention.safetensors").replace(folder / "attention.safetensors")
    with pytest.raises(SentikitError, match=r"attention\.safetensors is not the file that its pack was made with"):
        open_pack(folder).model("attention")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"hidden": 16},
            r"attention\.safetensors: the tensor '.*' has the shape \(.*\), where its settings need \(.*\)",
        ),
        ({"project": True}, r"attention\.safetensors lacks the tensor 'project.0.weight' and 3 more"),
        ({"tie": True}, r"lacks the tensor 'output_bias'"),
    ],
)
def test_settings_that_do_not_fit_the_weights_are_named(folder: Path, change: dict[str, Any], message: str) -> None:
    edit(folder, lambda config: config["models"]["attention"]["settings"].update(change))
    model = open_pack(folder).model("attention")
    with pytest.raises(SentikitError, match=message):
        model.load_into(AttentionDecoder(DecoderSettings.from_json(model.settings)))


def test_tensors_too_much_are_named(tmp_path: Path) -> None:
    decoder, model = captioner()
    write_pack(
        tmp_path / "pack",
        {"attention": PackModel("captioner", model.settings, {**model.tensors, "spy": torch.zeros(1)})},
        None,
    )
    with pytest.raises(SentikitError, match="has the tensor 'spy' too much"):
        open_pack(tmp_path / "pack").model("attention").load_into(decoder)


def test_a_missing_model_and_a_missing_plugin_are_named(folder: Path) -> None:
    with pytest.raises(SentikitError, match="no model 'softmax'; it has: attention"):
        open_pack(folder).model("softmax")
    edit(folder, lambda config: config["encoder"].update(plugin="nothing-like-it"))
    with pytest.raises(UsageError, match="'nothing-like-it'"):
        open_pack(folder).encoder()
    edit(folder, lambda config: config["encoder"].update(plugin="efficientnet-lite0", options={"depth": 3}))
    with pytest.raises(UsageError, match="'depth'"):
        open_pack(folder).encoder()
    edit(folder, lambda config: config["encoder"].update(options={"grid": 5}))
    with pytest.raises(SentikitError, match="5x5"):
        open_pack(folder).encoder()


def test_opening_reads_no_torch(folder: Path) -> None:
    import subprocess
    import sys

    code = (
        "import sys, pathlib; from sentikit.packs.reading import open_pack; "
        f"open_pack(pathlib.Path({str(folder)!r})).identity; sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_reading_weights_gives_their_hash(folder: Path) -> None:
    _, hashed = read_weights(folder / "encoder.safetensors")
    assert hashed == open_pack(folder).config["encoder"]["sha256"]


def test_merge_packs_joins_them_and_adds_what_is_said(
    folder: Path, tmp_path: Path, encoder: StoredEncoder, capsys: pytest.CaptureFixture[str]
) -> None:
    tagger = PackModel("tagger", {}, {"w": torch.zeros(2)})
    write_pack(tmp_path / "tagger", {"softmax": tagger}, encoder)
    Ontology("mine", {ANP("wet", "dog"): OntologyEntry(-0.2, 3, False)}).write(tmp_path / "anps.json")
    (tmp_path / "card.md").write_text("# Both", "utf-8")
    both = tmp_path / "both"
    options = ["--ontology", tmp_path / "anps.json", "--card", tmp_path / "card.md"]
    arguments = [str(word) for word in ["merge-packs", folder, tmp_path / "tagger", "-o", both, *options]]
    assert run(arguments) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "attention, softmax" in captured.err
    pack = open_pack(both)
    assert {*pack.models} == {"attention", "softmax"}
    known = pack.ontology()
    assert known is not None
    assert not known.insertable(ANP("wet", "dog"))
    assert open_pack(both).card == "# Both"
    assert (both / "LICENSE").read_text("utf-8") == (
        "These weights were made from those of other packs, whose terms continue to apply to them.\n\n"
        "From the pack 'pack':\n\nCC0\n\nFrom the pack 'tagger':\n\nNo licence was stated for these weights.\n"
    )
    assert run(arguments) == 1
    assert "exists already" in capsys.readouterr().err
    assert run([*arguments, "--force"]) == 0
    assert open_pack(folder).ontology() is None
