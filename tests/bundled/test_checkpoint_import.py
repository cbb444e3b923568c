"""The captioning tutorial's checkpoints become packs that give the same logits and the same captions."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

torch = pytest.importorskip("torch")

from sentikit_plugins.attention_captioner.captioner import decode_best  # noqa: E402
from sentikit_plugins.attention_captioner.packing import unpack  # noqa: E402
from sentikit_plugins.checkpoint_import.convert import to_decoder  # noqa: E402
from support.documents import DOCS  # noqa: E402
from support.tutorial_models import (  # noqa: E402
    WORD_MAP,
    DecoderWithAttention,
    Encoder,
    Found,
    make_decoder,
    make_encoder,
    save,
    search,
)

import sentikit  # noqa: E402
from scripts.docs.commands import output, outputs  # noqa: E402
from sentikit.cli import run  # noqa: E402
from sentikit.nn.decoder import AttentionDecoder, DecoderSettings  # noqa: E402
from sentikit.nn.vocabulary import Vocabulary  # noqa: E402
from sentikit.packs.reading import Pack, open_pack  # noqa: E402

SPECIAL = {"<pad>": "[PAD]", "<start>": "[SOS]", "<end>": "[EOS]", "<unk>": "[UNK]"}
MEAN, STD = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])


class Canary:
    """An import hook that the tutorial's modules must never reach."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name == "models":
            raise AssertionError("the checkpoint's modules were imported")


class Case:
    """A checkpoint with its models, and the pack that was made of it."""

    def __init__(self, folder: Path, encoder: Encoder, decoder: DecoderWithAttention) -> None:
        self.folder, self.encoder, self.decoder = folder, encoder, decoder
        self.photos = [make_photo(folder / f"{number}.png", number) for number in range(3)]
        self.pixels = torch.stack([self.encoded(photo) for photo in self.photos])

    @property
    def pack(self) -> Pack:
        return open_pack(self.folder / "pack")

    @torch.no_grad()
    def encoded(self, photo: Path) -> Any:
        """As the tutorial reads a photograph: squashed to 256 pixels, bilinear, normalised."""
        image = Image.open(photo).convert("RGB").resize((256, 256), Image.Resampling.BILINEAR)
        numbers = torch.tensor(list(image.tobytes()), dtype=torch.float32).reshape(256, 256, 3) / 255
        return self.encoder(((numbers - MEAN) / STD).permute(2, 0, 1)[None]).flatten(1, 2)[0]


def make_photo(path: Path, seed: int) -> Path:
    noise = torch.randint(0, 256, (40 + seed, 50, 3), generator=torch.Generator().manual_seed(seed), dtype=torch.uint8)
    noise[: 10 * seed] //= 4
    Image.frombytes("RGB", (50, 40 + seed), bytes(noise.flatten().tolist())).save(path)
    return path


def import_(folder: Path, *options: str) -> int:
    files = [str(folder / name) for name in ("best.pth.tar", "words.json", "pack")]
    return run(["import-checkpoint", files[0], "--word-map", files[1], "-o", files[2], *options])


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder = tmp_path_factory.mktemp("tutorial")
    made = Case(folder, make_encoder(1), make_decoder(1, 0.1))
    save(folder, made.encoder, made.decoder)
    sys.meta_path.insert(0, Canary())  # type: ignore[arg-type]
    try:
        assert import_(folder) == 0
    finally:
        del sys.meta_path[0]
    return made


def test_the_pack_tells_what_it_is(case: Case) -> None:
    pack = case.pack
    model = pack.models["attention"]
    assert model["scores"] == {"epoch": 12, "teacher-forced BLEU-4": 0.2145}
    assert model["settings"]["decoder"] == {
        "vocabulary": 14, "features": 512, "embedding": 6, "attention": 7, "hidden": 9, "dropout": 0.4,
        "project": False, "tie": False, "deep_output": False, "linear_start": True,
    }  # fmt: skip
    assert pack.config["encoder"]["plugin"] == "resnet18"
    assert pack.config["encoder"]["grid"] == [5, 5]
    assert "best.pth.tar" in pack.card
    assert pack.license == "No licence was stated for these weights."


def test_features_are_the_tutorials(case: Case) -> None:
    encoder = case.pack.encoder()
    images = torch.stack([encoder.preprocess(Image.open(photo).convert("RGB")) for photo in case.photos])
    torch.testing.assert_close(encoder.encode(images), case.pixels, rtol=1e-4, atol=1e-4)


def test_logits_are_the_tutorials(case: Case) -> None:
    stored = case.pack.model("attention")
    decoder = AttentionDecoder(DecoderSettings.from_json(stored.settings["decoder"])).eval()
    stored.load_into(decoder)
    vocabulary = Vocabulary.from_json(stored.documents["vocabulary"])
    theirs = [WORD_MAP[{ours: name for name, ours in SPECIAL.items()}.get(word, word)] for word in vocabulary.words]
    sentence = ["[SOS]", "a", "red", "dog", "[UNK]", "sits", "[EOS]"]
    tokens = torch.tensor([[vocabulary.words.index(word) for word in sentence]] * 3)
    with torch.no_grad():
        predicted = decoder(case.pixels, tokens)
        state, expected = case.decoder.start(case.pixels), []
        for word in tokens[0, :-1].tolist():
            logits, weights, state = case.decoder.step(case.pixels, torch.full((3,), theirs[word]), state)
            expected.append((logits[:, theirs], weights))
    logits = torch.stack([one for one, _ in expected], dim=1)
    assert logits.std() > 0.5, "the models tell words apart"
    torch.testing.assert_close(predicted.logits.reshape(3, 6, 14), logits, rtol=1e-4, atol=1e-4)
    maps = torch.stack([weights for _, weights in expected], dim=1)
    torch.testing.assert_close(predicted.attention[:, 0], maps, rtol=1e-4, atol=1e-5)


def in_our_words(found: Found) -> list[str]:
    words = {number: SPECIAL.get(word, word) for word, number in WORD_MAP.items()}
    return [words[number] for number in found.words]


@pytest.mark.parametrize("beams", [1, 5])
def test_captions_are_the_tutorials(case: Case, beams: int) -> None:
    model = sentikit.load(case.folder / "pack", combiner="none", options={"beams": beams})
    for pixels, result in zip(case.pixels, model.caption(case.photos), strict=True):
        expected = search(case.decoder, pixels, beams, WORD_MAP)
        (found,) = result.candidates
        assert expected is not None
        assert list(found.words) == in_our_words(expected)
        assert found.log_probability == pytest.approx(expected.score, abs=1e-3)
        maps = torch.stack(expected.maps).reshape(-1, 5, 5)
        torch.testing.assert_close(torch.tensor(found.attention), maps, rtol=1e-3, atol=1e-5)


def test_five_beams_are_the_default_and_special_words_can_be_kept_out(case: Case) -> None:
    for options, special in (({}, True), ({"allow-special": "false"}, False)):
        model = sentikit.load(case.folder / "pack", combiner="none", options=options)
        words = [result.candidates[0].words for result in model.caption(case.photos)]
        assert any(set(found) & set(SPECIAL.values()) for found in words) is special


@pytest.mark.parametrize(("beams", "seeds"), [(1, range(3, 10, 2)), (4, range(8))])
def test_many_models_search_alike(case: Case, beams: int, seeds: range) -> None:
    """From captions of a few words to those that the tutorial drops, since they have not ended after 51 words."""
    words = [*SPECIAL, *list(WORD_MAP)[:10]]
    numbers, vocabulary = [WORD_MAP[word] for word in words], Vocabulary(words[4:])
    lengths, without = [], 0
    for seed in seeds:
        decoder = make_decoder(seed, 0.2 / (1 + seed))
        captioning = unpack(to_decoder(decoder.state_dict(), vocabulary, numbers, 0.5, "it"))
        captioning.decoder.eval()
        captioning = captioning._replace(search=replace(captioning.search, beams=beams))
        ((found, _, score),) = decode_best(captioning, case.pixels[:1], 1)[0]
        expected = search(decoder, case.pixels[0], beams, WORD_MAP)
        if expected is None:
            without += 1
            assert len(found) == 51, "it had to end"
        else:
            assert found == in_our_words(expected)
            assert score == pytest.approx(expected.score, abs=1e-3)
            lengths.append(len(found))
    assert len(set(lengths)) >= (2 if beams == 1 else 5)
    assert without or beams > 1


def other_forms(case: Case, form: str, folder: Path) -> None:
    encoder, decoder = case.encoder, case.decoder
    if form == "state_dicts":
        encoder, decoder = encoder.state_dict(), decoder.state_dict()
    if form == "DataParallel":
        encoder, decoder = torch.nn.DataParallel(encoder), torch.nn.DataParallel(decoder)
    save(folder, encoder, decoder, _use_new_zipfile_serialization=form != "pickles in a row",
         pickle_protocol=4 if form == "DataParallel" else 2)  # fmt: skip


@pytest.mark.filterwarnings("ignore:Couldn't retrieve source code")
@pytest.mark.parametrize("form", ["pickles in a row", "state_dicts", "DataParallel"])
def test_other_forms_of_the_file_give_the_same_weights(
    case: Case, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other_forms(case, form, tmp_path)
    if form == "state_dicts":  # these do not state the grid, so it is the tutorial's
        monkeypatch.setattr("sentikit_plugins.checkpoint_import.importing._GRID", 5)
    assert import_(tmp_path) == 0
    made, original = open_pack(tmp_path / "pack"), case.pack
    assert made.models["attention"]["sha256"] == original.models["attention"]["sha256"]
    assert made.config["encoder"] == original.config["encoder"]


def test_half_is_half_the_size(case: Case, tmp_path: Path) -> None:
    shutil.copytree(case.folder, tmp_path / "copy", ignore=shutil.ignore_patterns("pack"))
    license_ = tmp_path / "LICENSE"
    license_.write_text("CC BY 4.0\n", "utf-8")
    assert import_(tmp_path / "copy", "--half", "--name", "mine", "--license", str(license_)) == 0
    made = open_pack(tmp_path / "copy" / "pack")
    assert (made.name, made.license) == ("mine", "CC BY 4.0")
    sizes = [(pack.path / "encoder.safetensors").stat().st_size for pack in (made, case.pack)]
    assert sizes[0] < 0.51 * sizes[1]


def words_with(**changes: int | None) -> str:
    return json.dumps({word: number for word, number in (WORD_MAP | changes).items() if number is not None})


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("[1, 2]", "is not a word map"),
        ("{", "is not JSON"),
        (words_with(dog=None), "numbers must be 0 to 12, each once, but 2 is not"),
        (words_with(dog=1), "each once"),
        (words_with(more=14), "knows 14 words and the word map has 15"),
        (json.dumps({word: number for word, number in WORD_MAP.items() if word != "<unk>"}), 'it lacks "<unk>"'),
        (json.dumps({"[UNK]" if word == "dog" else word: number for word, number in WORD_MAP.items()}), "'[UNK]'"),
    ],
)
def test_word_maps_that_do_not_fit(
    case: Case, words: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "words.json").write_text(words, "utf-8")
    (tmp_path / "best.pth.tar").symlink_to(case.folder / "best.pth.tar")
    assert import_(tmp_path) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert sentence in error
    assert not (tmp_path / "pack").exists()


def test_models_that_are_not_the_tutorials(case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def refusal(encoder: Any, decoder: Any) -> str:
        save(tmp_path, encoder, decoder)
        assert import_(tmp_path) == 1
        return capsys.readouterr().err

    decoder = case.decoder.state_dict()
    resnet = case.encoder.state_dict()
    one_less = {name: tensor for name, tensor in decoder.items() if name != "f_beta.bias"}
    small = {"x": torch.zeros(1)}
    assert "lacks the tensor 'f_beta.bias'" in refusal(small, one_less)
    assert "has the tensor 'more'" in refusal(small, decoder | {"more": torch.zeros(1)})
    assert "'fc.bias' has the shape (3,), not (14,)" in refusal(small, decoder | {"fc.bias": torch.zeros(3)})
    assert "its layers have 0, 0, 0, 0 blocks" in refusal(small, decoder)
    assert "NaN or infinity" in refusal(resnet, decoder | {"fc.bias": torch.full((14,), torch.nan)})
    fewer = {name: tensor for name, tensor in resnet.items() if not name.startswith("resnet.7.1.")}
    assert "its layers have 2, 2, 2, 1 blocks" in refusal(fewer, decoder)
    assert "no encoder and decoder" in refusal_of({"model": decoder}, tmp_path, capsys)


def refusal_of(content: Any, folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    torch.save(content, folder / "best.pth.tar")
    assert import_(folder) == 1
    return capsys.readouterr().err


class Evil:
    def __reduce__(self) -> Any:
        return os.system, ("echo hello",)


def test_the_pages_show_what_the_commands_print(case: Case, tmp_path: Path) -> None:
    for name, place in (("best.pth.tar", "BEST_checkpoint.pth.tar"), ("words.json", "WORDMAP.json")):
        shutil.copy(case.folder / name, tmp_path / place)
    torch.save({"encoder": Evil(), "decoder": None}, tmp_path / "evil.pth.tar")
    for page in ("checkpoints.md", "packs.md"):
        shown = outputs((DOCS / page).read_text("utf-8"))
        assert shown
        for command, printed in shown.items():
            assert output(command, tmp_path) == printed, f"{page}: $ {command}"
