"""Every hook: what `docs/plugins.md` says of it is true, and its example there works."""

from __future__ import annotations

import inspect
import math
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support.batches import batches
from support.documents import code_blocks, headings, listed_code, section

import sentikit
from sentikit import ANP, Caption, CombinerItem, ImageFailure, Option, Tag, undo_edits
from sentikit.cli import run
from sentikit.pipelines.combining import check_combiner
from sentikit.pipelines.image_models import Named
from sentikit.plugin import hookspecs
from sentikit.plugin.kinds import KINDS, TAGGER, Component
from sentikit.plugin.loader import HOOKS, Plugins, load_plugins

PAGE = "plugins.md"
EXAMPLES = code_blocks(PAGE, "python")
DARK, BRIGHT = Image.new("RGB", (8, 6), (10, 10, 10)), Image.new("RGB", (6, 8), (250, 250, 250))
SKY = [Tag(ANP("bright", "sky"), 0.5), Tag(ANP("dark", "sky"), 0.2)]


def names_and_defaults(function: Callable[..., Any]) -> str:
    """The signature without its annotations."""
    signature = inspect.signature(function)
    bare = [p.replace(annotation=p.empty) for p in signature.parameters.values() if p.name != "self"]
    return str(signature.replace(parameters=bare, return_annotation=signature.empty))


def members(interface: type) -> set[str]:
    """The attributes and methods that a Protocol adds to its bases, as the documentation writes them."""
    methods = {
        re.sub(r"^\(self(, )?", f"{name}(", str(inspect.signature(value)).replace("'", ""))
        for name, value in vars(interface).items()
        if inspect.isfunction(value) and not name.startswith("_")
    }
    return methods | {f"{name}: {kind}" for name, kind in inspect.get_annotations(interface).items()}


def load_example(folder: Path, source: str) -> Plugins:
    """Only this plugin and the bundled ones."""
    (folder / "example.py").write_text(source, "utf-8")
    return load_plugins(folder, environ={"SENTIKIT_LOAD_PLUGINS": "", "SENTIKIT_STRICT_PLUGINS": "1"})


@pytest.fixture
def example(request: pytest.FixtureRequest, tmp_path: Path) -> Component:
    """What the documentation's example of the hook that the test is named after registers."""
    hook = request.function.__name__.removeprefix("test_")
    (source,) = [source for title, source in EXAMPLES.items() if title.partition(": ")[2].startswith(f"{hook}(")]
    (component,) = load_example(tmp_path, source).plugins[-1].components
    return component


def plugin_of(title: str, folder: Path) -> Plugins:
    """The plugin below a heading of the page."""
    (source,) = [source for heading, source in EXAMPLES.items() if heading.partition(": ")[2] == title]
    return load_example(folder, source)


# The documentation against the code


def test_every_hook_is_documented_with_its_signature() -> None:
    documented = headings(section(PAGE, "## Hooks"), 3)
    assert documented == [f"{hook}{names_and_defaults(getattr(hookspecs, hook))}" for hook in HOOKS]


def test_the_hooks_are_those_of_hookspecs() -> None:
    assert set(HOOKS) == {name for name in vars(hookspecs) if name.startswith("register_")}


def test_register_is_documented_with_its_signature() -> None:
    assert f"register{names_and_defaults(hookspecs.Register.__call__)}" in headings(section(PAGE, "# Plugins"), 2)


def test_option_is_documented_with_its_signature() -> None:
    signature = names_and_defaults(Option)
    assert section(PAGE, f"### `Option{signature}`")
    assert listed_code(section(PAGE, f"### `Option{signature}`")) == list(inspect.signature(Option).parameters)


CONTRACTS = [
    *(kind.made for kind in KINDS if kind.made is not Path),
    sentikit.ScoringTagger,
    sentikit.Scorer,
    sentikit.PriorCombiner,
    sentikit.AttendingCaptioner,
    sentikit.PipelinedCaptioner,
    sentikit.TagRules,
    sentikit.RuledWriter,
    sentikit.EditsPerSentence,
    sentikit.Counting,
    sentikit.AffectMetric,
    sentikit.ImageMetric,
    sentikit.ResampledMetric,
    sentikit.StorableEncoder,
    sentikit.TunableEncoder,
    sentikit.InformedTask,
    sentikit.CaptionSource,
    sentikit.CaptionCopy,
]
"""A pack is a folder, and so has no contract."""


@pytest.mark.parametrize("interface", CONTRACTS)
def test_every_contract_is_documented_with_its_signatures(interface: type) -> None:
    assert set(listed_code(section(PAGE, f"### `{interface.__name__}`"))) == members(interface)


def test_every_contract_of_the_page_is_one_of_the_code() -> None:
    known = {interface.__name__ for interface in CONTRACTS}
    assert set(headings(section(PAGE, "## Contracts"), 3)) == known


DATA = [
    sentikit.ImageBatch,
    sentikit.Photo,
    sentikit.ImageFailure,
    sentikit.CombinerItem,
    sentikit.Caption,
    sentikit.Tag,
    sentikit.Rewrite,
    sentikit.Edit,
    sentikit.CaptionBatch,
    sentikit.CaptionRecord,
    sentikit.Change,
    sentikit.Target,
]


@pytest.mark.parametrize("kind", DATA)
def test_data_is_documented_with_its_fields(kind: type) -> None:
    documented = dict(text.split(": ") for text in listed_code(section(PAGE, f"### `{kind.__name__}`")))
    fields = inspect.get_annotations(kind)
    assert fields.keys() - documented.keys() <= {"load"}  # what gives a photograph's image
    for name, type_ in documented.items():
        known = fields.get(name) or inspect.get_annotations(getattr(kind, name).fget)["return"]
        assert type_ == getattr(known, "__forward_arg__", known)


def test_every_variable_is_documented() -> None:
    package = Path(sentikit.__file__).parent
    pattern = re.compile(r"SENTIKIT_[A-Z]+(?:_[A-Z]+)*")
    used = {name for file in package.rglob("*.py") for name in pattern.findall(file.read_text("utf-8"))}
    plugin_variables = {name for name in used if "PLUGINS" in name}
    assert set(pattern.findall(section(PAGE, "## Broken plugins"))) == plugin_variables


@pytest.mark.parametrize("title", EXAMPLES)
def test_every_example_is_a_plugin_that_loads(title: str, tmp_path: Path) -> None:
    plugin = load_example(tmp_path, EXAMPLES[title]).plugins[-1]
    assert plugin.name == "example"
    for component in plugin.components:
        if not component.needs_weights:
            assert isinstance(component.create(), component.kind.made)


# The hooks, by their examples


def test_register_taggers(example: Component) -> None:
    tagger = example.create({"threshold": "0.9"})
    (batch,) = batches([tagger], [DARK, BRIGHT])
    assert [tags[0].anp for tags in tagger.tag(batch, 1)] == [ANP("dark", "sky"), ANP("bright", "sky")]
    scorer = tagger.scorer(batch)
    assert scorer.score([[ANP("dark", "sky")]] * 2) == [[math.log(0.5)], [-math.inf]]
    assert scorer.adjectives([["sky", "dog"]] * 2)[1] == [[Tag(ANP("bright", "sky"), 1.0)], []]


def test_register_captioners(example: Component) -> None:
    captioner = example.create()
    captions = captioner.caption(batches([captioner], [DARK, BRIGHT])[0])
    assert [[caption.text for caption in own] for own in captions] == [["a wide photograph"], ["a photograph"]]
    (several, failed) = captioner.caption(batches([captioner], [DARK, DARK.crop((0, 0, 2, 2))])[0], 3)
    assert [caption.text for caption in several] == ["a wide photograph", "something"]
    assert failed == ImageFailure("it is too small")


def test_register_rewriters(example: Component) -> None:
    (rewrite,) = example.create().rewrite([(Caption("An evening sky over a sky."), SKY)])
    assert rewrite.text == "An evening bright sky over a sky."
    assert undo_edits(*rewrite) == "An evening sky over a sky."


def test_register_combiners(example: Component, tmp_path: Path) -> None:
    (tagger_source,) = [source for title, source in EXAMPLES.items() if "register_taggers" in title]
    tagger = load_example(tmp_path, tagger_source).get(TAGGER, "brightness").create()
    combiner = example.create()
    check_combiner(Named(example.label, combiner), Named("The tagger 'brightness'", tagger), None)
    scorer = tagger.scorer(batches([tagger], [DARK])[0])
    (rewrite,) = combiner.combine([CombinerItem(Caption("A sky."), [])], scorer)
    assert rewrite.text == "A dark sky."


def test_register_encoders(example: Component) -> None:
    encoder = example.create({"side": "3"})
    features = encoder.encode(encoder.preprocess(BRIGHT)[None])
    assert encoder.grid == (3, 3)
    assert features.shape == (1, 9, encoder.dim)
    assert float(features.max()) == pytest.approx(250 / 255)


def test_register_metrics(example: Component) -> None:
    assert example.create().compute({1: "a dog", 2: "a big dog"}, {1: ["x"], 2: ["y"]}) == {"words": 2.5}


def test_register_trainers(example: Component, tmp_path: Path) -> None:
    import torch

    for name in ("a/1.jpg", "b/2.jpg", "b/3.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    task = example.create()
    examples = task.read(tmp_path, None, "train")
    assert [found.label for found in examples] == [0, 1, 1]

    features = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])[:, None].expand(3, 4, 2)
    model = task.build(examples, 2, None)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    targets = [task.target(found, random.Random(1), False) for found in examples]
    for _ in range(20):
        optimizer.zero_grad()
        loss, terms = task.loss(model, features, targets)
        (loss / terms).backward()
        optimizer.step()
    assert task.validate(model, [(features, examples)], {})[task.monitor] == 1.0

    again = task.build(examples, 2, task.to_pack(model))
    assert torch.equal(again(features), model(features))


def test_register_formats(example: Component, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "captions.pipes"
    path.write_bytes("1.jpg|A dog.\r\n2.jpg|A caf\u00e9.\n".encode())
    tags = tmp_path / "tags.jsonl"
    tags.write_text('{"file_name": "1.jpg", "anps": ["happy dog"]}\n', "utf-8")
    plugins = ["--plugins-dir", str(tmp_path)]
    new = tmp_path / "new.pipes"
    update = ["update-captions", str(path), "--tags", str(tags), "--rewriter", "noun-match", "-o", str(new)]
    assert run([*plugins, *update]) == 0
    assert new.read_bytes() == "1.jpg|A happy dog.\r\n2.jpg|A caf\u00e9.\n".encode()
    assert run([*plugins, "check", str(new)]) == 0
    assert "updated by sentikit            1" in capsys.readouterr().out
    assert run([*plugins, "restore-captions", str(new), "-o", str(tmp_path / "back.pipes")]) == 0
    assert (tmp_path / "back.pipes").read_bytes() == path.read_bytes()
    assert run([*plugins, "convert", str(path), str(tmp_path / "c.csv")]) == 0
    assert run([*plugins, "convert", str(tmp_path / "c.csv"), str(tmp_path / "again.pipes")]) == 0
    assert (tmp_path / "again.pipes").read_bytes() == path.read_bytes().replace(b"\r", b"")


def test_register_packs(example: Component) -> None:
    assert example.create().name == "my-pack"


def test_register_experiments(example: Component, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recipe = example.create()
    recipe.write_text('title = "Lonely dogs"\n[tables]\n', "utf-8")
    assert run(["--plugins-dir", str(tmp_path), "reproduce", "lonely-dogs"]) == 0
    assert "Lonely dogs" in capsys.readouterr().out


def test_register_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENTIKIT_LOAD_PLUGINS", "")
    for hook in ("register_commands", "register_taggers"):
        (source,) = [source for title, source in EXAMPLES.items() if hook in title]
        (tmp_path / f"{hook}.py").write_text(source, "utf-8")
    assert run(["--plugins-dir", str(tmp_path), "taggers"]) == 0
    assert "brightness" in capsys.readouterr().out.splitlines()
