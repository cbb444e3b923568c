"""Packs that someone made to do harm, or that were damaged: each is refused in a sentence, within bounds."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from sentikit_plugins.anp_decoder.model import AnpDecoder  # noqa: E402
from sentikit_plugins.anp_decoder.packing import pack_model as pack_decoder  # noqa: E402
from sentikit_plugins.softmax_classifier.model import SoftmaxClassifier  # noqa: E402
from sentikit_plugins.softmax_classifier.packing import pack_model as pack_classifier  # noqa: E402

from sentikit import ANP, PackModel, SentikitError  # noqa: E402
from sentikit.affect.adjective_counts import AdjectiveCounts  # noqa: E402
from sentikit.nn.adjective_prior import AdjectivePrior  # noqa: E402
from sentikit.nn.beam_search import BeamSettings  # noqa: E402
from sentikit.nn.decoder import AttentionDecoder, DecoderSettings  # noqa: E402
from sentikit.nn.vocabulary import Vocabulary  # noqa: E402
from sentikit.packs.reading import open_pack  # noqa: E402
from sentikit.packs.writing import write_pack  # noqa: E402
from sentikit.plugin.kinds import CAPTIONER, ENCODER, TAGGER  # noqa: E402
from sentikit.plugin.loader import load_plugins  # noqa: E402

ANPS = [ANP("happy", "dog"), ANP("wet", "dog"), ANP("wet", "street")]
NAMES = ("attention", "softmax", "anp-decoder")
SIZES = {"embedding": 8, "attention": 4, "hidden": 8}


def models() -> dict[str, PackModel]:
    """A captioner and two taggers with priors, all tiny."""
    torch.manual_seed(0)
    words = Vocabulary(["a", "dog", "runs"])
    captioner = AttentionDecoder(DecoderSettings(len(words), 1280, **SIZES))
    parts = {"decoder": captioner.settings.to_json(), "search": asdict(BeamSettings())}
    prior = AdjectivePrior(ANPS, AdjectiveCounts(dict.fromkeys(ANPS, 2.0)), 0.5)
    classifier = SoftmaxClassifier(1280, ANPS)
    vocabulary = Vocabulary(sorted({word for anp in ANPS for word in anp}))
    decoder = AnpDecoder(DecoderSettings(len(vocabulary), 1280, **SIZES), vocabulary, ANPS, True)
    for tagger in (classifier, decoder):
        tagger.shrink_towards(prior)
    return {
        "attention": PackModel("captioner", parts, captioner.state_dict(), {"vocabulary": words.to_json()}),
        "softmax": pack_classifier(classifier),
        "anp-decoder": pack_decoder(decoder),
    }


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    encoder = load_plugins(environ={}).get(ENCODER, "efficientnet-lite0").create({"size": "32"}, "random").stored()
    folder = tmp_path_factory.mktemp("packs") / "sound"
    write_pack(folder, models(), encoder, license="CC0")
    return folder


@pytest.fixture
def pack(sound: Path, tmp_path: Path) -> Path:
    """A copy to be harmed."""
    return copy(sound, tmp_path / "pack")


def copy(source: Path, folder: Path) -> Path:
    """A copy whose files can be replaced one by one."""
    folder.mkdir()
    for file in source.iterdir():
        os.link(file, folder / file.name)
    return folder


def put(file: Path, data: bytes) -> None:
    file.unlink(missing_ok=True)
    file.write_bytes(data)


def edit(folder: Path, change: Callable[[Any], object], file: str = "config.json") -> None:
    document = json.loads((folder / file).read_text("utf-8"))
    change(document)
    put(folder / file, json.dumps(document).encode())


def set_tensor(folder: Path, name: str, part: str, value: float, dtype: Any = None) -> None:
    """Put a number into the first tensor whose name has that part, with the hash of the file."""
    from safetensors.torch import load_file, save

    tensors = load_file(folder / f"{name}.safetensors")
    key = next(key for key in tensors if part in key and tensors[key].is_floating_point())
    tensors[key] = tensors[key].to(dtype or tensors[key].dtype)
    tensors[key].view(-1)[0] = value
    data = save(tensors)
    put(folder / f"{name}.safetensors", data)
    hashed = hashlib.sha256(data).hexdigest()
    edit(folder, lambda c: (c["encoder"] if name == "encoder" else c["models"][name]).update(sha256=hashed))


def use(folder: Path) -> None:
    """Make all that the pack has, as the commands do."""
    plugins = load_plugins(environ={})
    opened = open_pack(folder, plugins)
    opened.ontology()
    opened.encoder()
    for name in opened.models:
        plugins.get(CAPTIONER if name == "attention" else TAGGER, name).create(weights=opened)
    assert opened.card
    assert opened.license
    assert opened.identity


def sentence(folder: Path) -> str:
    with pytest.raises(SentikitError) as caught:
        use(folder)
    text = str(caught.value)
    assert text.endswith(".")
    assert "\n" not in text
    assert len(text) < 600 + 2 * len(str(folder))
    assert str(folder) in text, "the sentence names the file"
    return text


def test_the_sound_one_is_used(pack: Path) -> None:
    use(pack)


# Numbers

NOT_FINITE = [float("nan"), float("inf"), float("-inf")]


@pytest.mark.parametrize("value", NOT_FINITE)
@pytest.mark.parametrize("name", ["encoder", *NAMES])
def test_weights_that_are_not_finite(pack: Path, name: str, value: float) -> None:
    set_tensor(pack, name, "", value)
    assert f"{name}.safetensors: the tensor " in sentence(pack)
    assert "not finite" in sentence(pack)


def test_weights_that_are_not_finite_in_what_models_compute_with(pack: Path) -> None:
    set_tensor(pack, "softmax", "weight", 1e300, torch.float64)
    assert "not finite" in sentence(pack)
    set_tensor(pack, "softmax", "weight", 1, torch.complex64)
    assert "is of torch.complex64" in sentence(pack)


def test_weights_that_are_not_finite_are_not_written(tmp_path: Path) -> None:
    model = PackModel("tagger", {}, {"w": torch.tensor([1.0, float("nan")])})
    with pytest.raises(SentikitError, match="the tensor 'w' holds numbers that are not finite"):
        write_pack(tmp_path / "pack", {"mine": model}, None)
    assert not (tmp_path / "pack").exists()


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e999", "-1e400"])
@pytest.mark.parametrize(
    ("file", "old"),
    [
        ("config.json", '"crop_fraction": 1.0'),
        ("softmax.prior.json", '"weight": 0.5'),
        ("anp-decoder.prior.json", "2.0"),
    ],
)  # fmt: skip
def test_numbers_of_documents_that_are_not_finite(pack: Path, file: str, old: str, text: str) -> None:
    document = json.dumps(json.loads((pack / file).read_text("utf-8")))
    assert old in document
    put(pack / file, document.replace(old, old.rstrip("0123456789.") + text, 1).encode())
    assert f"{file} is not JSON ({text} is not a finite number)" in sentence(pack)


# Files


@pytest.mark.parametrize("file", ["config.json", "attention.vocabulary.json"])
@pytest.mark.parametrize("depth", ["lists", "objects", "just too deep"])
def test_deep_json(pack: Path, file: str, depth: str) -> None:
    data = {"lists": b"[" * 200_000, "objects": b'{"a":' * 5000, "just too deep": b"[" * 40 + b"]" * 40}[depth]
    put(pack / file, data)
    assert f"{file} has more than 32 levels of JSON" in sentence(pack)


def test_large_files(pack: Path) -> None:
    for file, size, most in (("softmax.safetensors", 2**40, "4,096"), ("attention.vocabulary.json", 17 * 2**20, "16")):
        put(pack / file, b"")
        os.truncate(pack / file, size)
        assert f"MiB, and such a file may have {most} at most" in sentence(pack)
        edit(pack, lambda c: c["models"].pop("softmax", None))


def test_numbers_of_many_digits(pack: Path) -> None:
    put(pack / "config.json", b'{"format": ' + b"9" * 10_000 + b"}")
    assert "the whole number 99999999... has 10,000 digits" in sentence(pack)


@pytest.mark.parametrize("file", ["config.json", "attention.vocabulary.json", "softmax.safetensors", "LICENSE"])
def test_links_out_of_the_pack(pack: Path, tmp_path: Path, file: str) -> None:
    (pack / file).rename(tmp_path / file)
    (pack / file).symlink_to(tmp_path / file)
    assert f"{file} is a link out of its pack" in sentence(pack)


def test_links_within_the_pack_and_to_it_are_followed(pack: Path, tmp_path: Path) -> None:
    (pack / "LICENSE").rename(pack / "terms")
    (pack / "LICENSE").symlink_to("terms")
    (tmp_path / "link").symlink_to(pack)
    use(tmp_path / "link")


@pytest.mark.parametrize("file", ["attention.vocabulary.json", "softmax.safetensors", "encoder.safetensors"])
def test_what_is_no_file(pack: Path, file: str) -> None:
    (pack / file).unlink()
    os.mkfifo(pack / file)
    assert "not a file" in sentence(pack)
    (pack / file).unlink()
    (pack / file).mkdir()
    assert "not a file" in sentence(pack)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "..\\b", "a\0b", 3, None, ["a"]])
def test_names_that_are_not_of_files(pack: Path, name: Any) -> None:
    edit(pack, lambda c: c["models"]["softmax"]["documents"].update(anps=name))
    text = sentence(pack)
    assert "not the name of a file in the pack's folder" in text or "control characters" in text


# Settings


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c: c["encoder"].update(grid=[10**9, 7]), "whole numbers from 1 to 128, not [1000000000, 7]"),
        (lambda c: c["encoder"].update(grid=[True, 7]), "whole numbers from 1 to 128, not [true, 7]"),
        (lambda c: c["encoder"].update(grid=[7] * 1000), "whole numbers from 1 to 128, not [7, 7, 7, ...]"),
        (lambda c: c["encoder"].update(dim=10**12), "'dim' must be from 1 to 65,536 on this grid, not 1000000000000"),
        (lambda c: c["encoder"].update(dim=60000, grid=[128, 128]), "'dim' must be from 1 to 1,024 on this grid"),
        (lambda c: c["encoder"].update(dim=True), "'dim' of the encoder cannot be true"),
        (lambda c: c["encoder"].update(options={"grid": [7]}), 'option "grid" cannot be a list of 1'),
        (lambda c: c["encoder"].update(options={"grid": 10**6}), "the encoder cannot be made: The option 'grid' must"),
        (lambda c: c["encoder"].update(options={"model": "x"}), "the encoder cannot be made: There is no option"),
        (lambda c: c["encoder"]["preprocessing"].update(size=10**6), "The preprocessing's 'size' cannot be 1000000"),
        (lambda c: c["encoder"]["preprocessing"].update(std=[0, 1, 1]), "'std' cannot be (0, 1, 1)"),
        (lambda c: c["encoder"]["preprocessing"].update(std=[1e-300, 1, 1]), "'std' cannot be (1e-300, 1, 1)"),
        (lambda c: c["encoder"]["preprocessing"].update(mean=[1e30, 1, 1]), "'mean' cannot be (1e+30, 1, 1)"),
        (lambda c: c["encoder"]["preprocessing"].update(mean="grey"), "'mean' cannot be \"grey\""),
        (lambda c: c["encoder"].update(preprocessing={}), 'the preprocessing lacks the setting "crop_fraction"'),
        (lambda c: c.update(name="x\x1b[2J"), "control characters"),
        (lambda c: c.update(name="\ud800"), "control characters"),
        (lambda c: c.update(name="x" * 5000), "a text of 5,000 characters"),
        (lambda c: c.update(defaults={"tag": "gone"}), 'must name models of the pack, not "gone" for "tag"'),
        (lambda c: c.update(defaults=[1]), "'defaults' must be an object, not a list of 1"),
        (lambda c: c["models"]["softmax"].update(scores={"hit@5": [1]}), 'the score "hit@5" of the model'),
        (lambda c: c["models"]["softmax"]["settings"].update(dim="1280"), "the setting 'dim' of the model cannot be"),
        (
            lambda c: c["models"]["softmax"]["settings"].update(dim=60_000),
            "has the shape (3, 1280), where its settings",
        ),
        (lambda c: c["models"]["softmax"]["settings"].update(dim=2**62), "cannot have dim 4611686018427387904"),
        (lambda c: c["models"]["softmax"]["settings"].update(dim=0), "cannot have dim 0"),
        (lambda c: c["models"]["softmax"]["settings"].update(pooling="max"), "pooling 'max'"),
        (lambda c: c["models"]["softmax"]["documents"].pop("anps"), "the model has no document 'anps'"),
        (lambda c: c["models"]["anp-decoder"]["settings"].pop("noun_first"), "'noun_first' of the model is missing"),
        (
            lambda c: c["models"]["anp-decoder"]["settings"].update(noun_first=1),
            "'noun_first' of the model cannot be 1",
        ),
        (lambda c: c["models"]["attention"]["settings"].update(decoder=3), "'decoder' of the model cannot be 3"),
        (lambda c: c["models"].update({str(n): c["models"]["softmax"] for n in range(40)}), "may have 32 models"),
        (lambda c: c["models"]["softmax"]["documents"].update({str(n): "x" for n in range(40)}), "may have 32 models"),
        (lambda c: decoder(c).update(hidden=60_000), "has the shape"),
        (lambda c: decoder(c).update(hidden=10**9), "'hidden' must be at most 65,536, not 1000000000"),
        (lambda c: decoder(c).update(vocabulary=10**7), "'vocabulary' must be at most 1,000,000, not 10000000"),
        (lambda c: decoder(c).update(hidden="8"), "'hidden' cannot be \"8\""),
        (lambda c: decoder(c).update(vocabulary=8), "has 7 words, special ones included, where the model has 8"),
        (lambda c: search(c).update(beams=10**9), "beams must be at most 100, not 1000000000"),
        (lambda c: search(c).update(beams=2.5), "the search setting 'beams' cannot be 2.5"),
        (lambda c: search(c).update(beams=True), "the search setting 'beams' cannot be true"),
        (lambda c: search(c).update(max_length=10**9), "max-length must be at most 200"),
        (lambda c: search(c).update(length_penalty="1"), "the search setting 'length_penalty' cannot be \"1\""),
        (lambda c: search(c).update(length_penalty=1e308), "length-penalty must be at most 10, not 1e+308"),
        (lambda c: search(c).update(repeat_penalty=1e308), "repeat-penalty must be at most 1000000, not 1e+308"),
        (lambda c: search(c).update(width=1), 'has the unknown search setting "width"'),
    ],
)
def test_settings_that_make_no_sense(pack: Path, change: Callable[[Any], object], said: str) -> None:
    edit(pack, change)
    assert said in sentence(pack)


def decoder(config: Any) -> Any:
    return config["models"]["attention"]["settings"]["decoder"]


def search(config: Any) -> Any:
    return config["models"]["attention"]["settings"]["search"]


@pytest.mark.parametrize(
    ("file", "document", "said"),
    [
        ("softmax.anps.json", {}, "is not a list of adjective-noun pairs"),
        ("softmax.anps.json", [], "is not a list of adjective-noun pairs"),
        ("softmax.anps.json", [["happy", "dog"], "wet dog"], '"wet dog" is not an adjective and a noun'),
        ("softmax.anps.json", [["happy", "dog", "x"]], "a list of 3 is not an adjective and a noun"),
        ("softmax.anps.json", [["happy", 3]], 'of "happy" 3 its noun 3 is not one word'),
        ("softmax.anps.json", [["happy", "dog\x1b[2J"]], "is not one word"),
        ("softmax.anps.json", [["happy", "dog"]] * 2, "happy dog is listed twice"),
        ("anp-decoder.anps.json", [["happy", "cat"]], "lacks the word 'cat' of the model's ANPs"),
        ("anp-decoder.prior.json", 3, "is a prior that does not fit its model's ANPs"),
        ("anp-decoder.prior.json", {"weight": 0.5, "counts": [1, 2, -1]}, "-1 is not a count"),
        ("softmax.prior.json", {"weight": 0.5, "counts": [1, 2, "3"]}, '"3" is not a count'),
        ("softmax.prior.json", {"weight": 2, "counts": [1, 2, 3]}, "the weight 2 is not from 0 to 1"),
        ("softmax.prior.json", {"weight": "1", "counts": [1, 2, 3]}, "does not fit its model's ANPs"),
        ("attention.vocabulary.json", {"words": [1]}, "is not a vocabulary"),
        ("attention.vocabulary.json", {"words": ["a", "a", "b"]}, "each word must stand once"),
    ],
)
def test_documents_that_make_no_sense(pack: Path, file: str, document: Any, said: str) -> None:
    put(pack / file, json.dumps(document).encode())
    text = sentence(pack)
    assert said in text
    assert "vocabulary.json" in text or file in text


def test_a_model_that_reads_more_than_its_encoder_gives(pack: Path) -> None:
    encoder = load_plugins(environ={}).get(ENCODER, "efficientnet-lite0").create({"size": "32"}, "random").stored()
    write_pack(pack, {"softmax": pack_classifier(SoftmaxClassifier(1392, ANPS))}, encoder, replace=True)
    assert "the model reads 1,392 numbers of each pixel, and its encoder gives 1,280" in sentence(pack)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_stands_in_its_documents(data: st.DataObject, sound: Path, tmp_path_factory: Any) -> None:
    """A sound pack, one place of whose JSON has something else: it is used or refused in a sentence."""
    folder = copy(sound, tmp_path_factory.mktemp("harmed") / "pack")
    file = data.draw(st.sampled_from(sorted(path.name for path in folder.glob("*.json"))))
    document = json.loads((folder / file).read_text("utf-8"))
    parent, key = document, None
    while isinstance(parent, dict | list) and parent:
        key = data.draw(st.sampled_from(sorted(parent) if isinstance(parent, dict) else range(len(parent))))
        if not isinstance(parent[key], dict | list) or not parent[key] or data.draw(st.booleans()):
            break
        parent = parent[key]
    parent[key] = data.draw(_JSON)
    put(folder / file, json.dumps(document).encode())
    said = ""
    try:
        use(folder)
    except SentikitError as error:
        said = str(error)
    assert "\n" not in said
    assert "Error:" not in said, "no exception of Python's"
    assert len(said) < 600 + 2 * len(str(folder))


def test_a_document_that_is_named_often_is_read_once(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (pack / "other.json").symlink_to("softmax.anps.json")
    names = {str(number): ["softmax.anps.json", "other.json"][number % 2] for number in range(30)}
    edit(pack, lambda c: [model["documents"].update(names) for name, model in c["models"].items() if name == "softmax"])
    read: list[str] = []
    monkeypatch.setattr("sentikit.packs.config.read_document", lambda _, name: read.append(name))
    open_pack(pack)
    assert len(read) == len(set(read)) < 8


@pytest.mark.parametrize("note", ["LICENSE", "MODEL_CARD.md"])
def test_a_note_that_cannot_be_read_is_told_before_anything_is_trained(pack: Path, note: str) -> None:
    for data, said in ((b"x" * (2**20 + 1), "and such a file may have 1 at most"), (b"\xff\xfex", "save it as UTF-8")):
        put(pack / note, data)
        with pytest.raises(SentikitError, match=said):
            open_pack(pack)
