"""The bundled weights: what they are, and that they see what is in photographs that sentikit ships."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from sentikit import ANP, UsageError, load
from sentikit.affect.denylist import Denylist
from sentikit.affect.valence import adjective_valence
from sentikit.cli import run
from sentikit.formats.tags import read_tags
from sentikit.packs.reading import open_pack
from sentikit.pipelines.model_choice import ModelChooser
from sentikit.pipelines.tag_filter import TagFilter
from sentikit.pipelines.tagger_choice import choose_tagger
from sentikit.plugin.kinds import CAPTIONER, PACK, TAGGER
from sentikit.plugin.loader import Plugins, load_plugins

ROOT = Path(__file__).parents[2]
PHOTOS = ROOT / "examples" / "demo" / "images"
MEGABYTE = 10**6
PEOPLE = {"man", "woman", "person", "people", "girl", "boy", "lady", "child"}


@pytest.fixture
def plugins(monkeypatch: pytest.MonkeyPatch) -> Plugins:
    monkeypatch.delenv("SENTIKIT_PACK", raising=False)
    return load_plugins(environ={"SENTIKIT_LOAD_PLUGINS": ""})


def bundled(plugins: Plugins) -> Path:
    (name,) = plugins.names(PACK)
    folder: Path = plugins.get(PACK, name).create()
    return folder


def test_the_pack_is_small_and_says_what_it_is(plugins: Plugins) -> None:
    folder = bundled(plugins)
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 32 * MEGABYTE
    assert {path.suffix for path in files} <= {".json", ".safetensors", ".md", ""}
    pack = open_pack(folder, plugins)
    assert {name: model["kind"] for name, model in pack.models.items()} == {
        "attention": "captioner", "anp-decoder": "tagger", "softmax": "tagger"
    }  # fmt: skip
    assert all(model["scores"] for model in pack.models.values())
    card, license = pack.card, pack.license
    for data in ("Flickr8k", "FlickrStyle", "COCO"):
        assert data in card
        assert data in license
    assert "non-commercial" in license


def test_its_ontology_is_what_its_taggers_know(plugins: Plugins) -> None:
    pack = open_pack(bundled(plugins), plugins)
    ontology = pack.ontology()
    assert ontology is not None
    for name in ("anp-decoder", "softmax"):
        anps = {ANP(*pair) for pair in pack.model(name).documents["anps"]}
        assert anps <= set(ontology)
    denylist = Denylist.load()
    usable = [anp for anp in ontology if ontology.insertable(anp)]
    denied = [anp for anp in usable if denylist.denies(anp, "negative") and denylist.denies(anp, "positive")]
    # The pack is older than the rules about insults on animals and the nouns for people from WordNet.
    assert len(denied) < 0.05 * len(usable), denied


def test_plain_words_of_the_photographs(plugins: Plugins, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = {"astronaut": PEOPLE, "chelsea": {"cat", "kitten"}}
    for name, words in wanted.items():
        assert run(["caption", str(PHOTOS / f"{name}.jpg"), "--combiner", "none"]) == 0
        said = capsys.readouterr().out
        assert words & set(re.findall(r"\w+", said.lower())), said


def test_a_feeling_is_put_in_and_can_be_taken_out(plugins: Plugins, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["caption", str(PHOTOS / "astronaut.jpg"), "--combiner", "noun-forcing", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    (edit,) = row["edits"]
    assert adjective_valence(edit["adjective"])
    assert edit["adjective"] in row["caption"].lower()
    assert row["plain"] != row["caption"]


def test_an_edit_has_the_probability_of_its_tag_and_none_is_below_what_was_asked(
    plugins: Plugins, capsys: pytest.CaptureFixture[str]
) -> None:
    def edits(*options: str) -> dict[tuple[str, str], tuple[float, float | None]]:
        """The probability of each edit, and that of its tag, by photograph and ANP."""
        photos = [str(PHOTOS / f"{name}.jpg") for name in ("astronaut", "chelsea", "coffee", "rocket")]
        assert run(["caption", *photos, "--json", "--max-edits", "5", *options]) == 0
        found = {}
        for row in json.loads(capsys.readouterr().out):
            tags = {f"{tag['adjective']} {tag['noun']}": tag["probability"] for tag in row["anps"]}
            for edit in row["edits"]:
                anp = f"{edit['adjective']} {edit['noun']}"
                found[row["file"], anp] = edit["probability"], tags.get(anp)
        return found

    whole = edits()
    assert len(whole) > 4
    assert all(own == pytest.approx(listed, rel=1e-5) for own, listed in whole.values() if listed is not None)
    assert sum(listed is not None for _, listed in whole.values()) >= 3
    for floor in (0.01, 0.05, 0.9):
        above = edits("--min-probability", str(floor))
        assert all(own >= floor for own, _ in above.values())
        assert {key for key, (own, _) in whole.items() if own >= floor} <= above.keys()
        assert len(above) < len(whole)


def test_the_tags_of_a_photograph(plugins: Plugins, capsys: pytest.CaptureFixture[str]) -> None:
    for tagger, name, nouns in (
        ("anp-decoder", "astronaut", PEOPLE | {"smile", "face"}),
        ("softmax", "chelsea", {"cat"}),
    ):
        assert run(["tag", str(PHOTOS / f"{name}.jpg"), "--tagger", tagger]) == 0
        rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        tags = [tag for row in rows for tag in row.get("anps", ())]
        assert len(tags) == 20
        assert nouns & {tag["noun"] for tag in tags}, tags


def test_tags_that_no_text_gets_are_marked_in_files_and_hidden_on_a_terminal(
    plugins: Plugins, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    photo, tags = str(PHOTOS / "coffee.jpg"), tmp_path / "tags.jsonl"
    assert run(["tag", photo, "-o", str(tags), "--top-k", "60"]) == 0
    assert run(["tag", photo, "--top-k", "60"]) == 0
    written = json.loads(tags.read_text("utf-8").splitlines()[1])
    assert json.loads(capsys.readouterr().out) == written
    assert load("lite0-flickr8k", device="cpu").tag(photo, top_k=60).to_dict()["anps"] == written["anps"]
    assert len(read_tags(tags, strict=True).tags[0]) == 60

    usable = TagFilter(ontology=open_pack(bundled(plugins)).ontology())
    marked = {(tag["adjective"], tag["noun"]) for tag in written["anps"] if "insertable" in tag}
    assert all(tag.get("insertable", False) is False for tag in written["anps"])
    assert marked == {tag.anp for tag in read_tags(tags).tags[0] if not usable.allows(tag.anp)}
    assert marked

    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    for options, shown in (((), 60 - len(marked)), (("--all-tags",), 60)):
        assert run(["tag", photo, "--top-k", "60", *options]) == 0
        captured = capsys.readouterr()
        assert len(captured.out.split(": ", 1)[1].split(", ")) == shown
        hint = f"{len(marked)} tags that no text gets are not shown; --all-tags shows them."
        assert (hint in captured.err) is not bool(options)


def test_a_tagger_without_maps_names_the_one_that_has_them(
    plugins: Plugins, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draw = ["tag", str(PHOTOS / "chelsea.jpg"), "--explain", str(tmp_path / "maps.png")]
    assert run(draw) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "The tagger 'softmax' does not say where it looks" in captured.err
    assert "choose --tagger anp-decoder, which does." in captured.err
    assert run([*draw, "--tagger", "anp-decoder"]) == 0
    assert (tmp_path / "maps.png").exists()


def test_a_pack_says_which_taggers_a_command_uses(
    plugins: Plugins, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chooser = ModelChooser(plugins, None)
    assert choose_tagger(chooser, None, "caption").name == "anp-decoder,softmax"
    assert choose_tagger(chooser, None, "tag").name == "softmax"
    assert choose_tagger(chooser, "anp-decoder", "caption").name == "anp-decoder"
    wrong = tmp_path / "wrong"
    shutil.copytree(bundled(plugins), wrong)
    config = json.loads((wrong / "config.json").read_text())
    (wrong / "config.json").write_text(json.dumps(config | {"defaults": {"caption": "softmax,gone"}}))
    assert run(["caption", str(PHOTOS / "chelsea.jpg"), "--pack", str(wrong)]) == 1
    assert 'must name models of the pack, not "softmax,gone" for "caption"' in capsys.readouterr().err


def test_without_any_pack_the_sentence_says_what_to_give(plugins: Plugins) -> None:
    bare = Plugins(components={key: value for key, value in plugins.components.items() if key[0] != "pack"})
    with pytest.raises(UsageError, match="There are no weights: give a pack with --pack FOLDER"):
        ModelChooser(bare, None).choose(CAPTIONER, None)
    with pytest.raises(UsageError, match="or give tags"):
        ModelChooser(bare, None, ", or give tags").choose(TAGGER, None)
