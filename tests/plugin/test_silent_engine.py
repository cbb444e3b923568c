"""The engine prints nothing: it logs and calls back, and only the command shows anything."""

from __future__ import annotations

import ast
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.synthetic import SIDE, make_photos

from sentikit.cli import run
from sentikit.cli.messages import shown_messages

PACKAGE = Path(__file__).parents[2] / "sentikit"
COMMAND = ("cli", "commands")
"""The packages of the command: what it does, and what plugins' commands share with it."""
ENGINE = sorted(path for path in PACKAGE.rglob("*.py") if path.relative_to(PACKAGE).parts[0] not in COMMAND)
ALLOWED = {
    "__main__.py": {"sentikit.cli"},  # it is the command
    "plugin/hookspecs.py": {"click"},  # for the type checker: what register_commands gets
    "plugin/loader.py": {"click"},  # the group that a plugin adds its commands to
    "plugin/commands.py": {"click"},  # the groups of the command that plugins may extend
}
"""What a module of the engine may import for the command."""

LIBRARY = f"""
import sys
from pathlib import Path

import sentikit
from sentikit.images import find_images
from sentikit.pipelines.image_models import encode_images
from sentikit.packs.reading import open_pack
from sentikit.plugin.kinds import TAGGER, TRAINER
from sentikit.plugin.loader import load_plugins
from sentikit.training.run import train
from sentikit.training.settings import Inputs, Settings, Start

data = Path(sys.argv[1])
plugins = load_plugins(environ={{"SENTIKIT_LOAD_PLUGINS": "", "SENTIKIT_TRACE_PLUGINS": "1"}})
trained = train(
    plugins,
    plugins.get(TRAINER, "softmax"),
    {{}},
    Inputs(data / "train", data / "val", None, data / "run"),
    Settings(epochs=1, device="cpu", cache_features=True),
    Start("timm:test_resnet.r160_in1k", {{"size": "{SIDE}"}}, "random"),
)
tagger = plugins.get(TAGGER, "softmax").create(weights=open_pack(trained.pack, plugins))
photos = find_images([data / "val"])
(batch,) = encode_images([tagger], photos)
assert len(tagger.tag(batch, 3)) == len(photos)
"""


def command_imports(path: Path) -> Iterator[str]:
    """The imports of click and of the command, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = ("sentikit", *path.relative_to(PACKAGE).parts[:-1])[: None if node.level < 2 else 1 - node.level]
            base = ".".join((*(above if node.level else ()), *([node.module] if node.module else [])))
            names = [base, *(f"{base}.{alias.name}" for alias in node.names)]
        tops = ("click", *(f"sentikit.{package}" for package in COMMAND))
        yield from {top for name in names for top in tops if name == top or name.startswith(f"{top}.")}


@pytest.mark.parametrize("path", ENGINE, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_the_command_imports_click_and_the_command(path: Path) -> None:
    assert set(command_imports(path)) == ALLOWED.get(path.relative_to(PACKAGE).as_posix(), set())


def test_the_check_sees_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "PACKAGE", tmp_path)
    for source, found in {
        "from ..cli.messages import shown_messages": {"sentikit.cli"},
        "from .. import cli": {"sentikit.cli"},
        "def f():\n    import click.testing": {"click"},
        "from click import echo": {"click"},
        "from . import cli\nimport clicks": set(),
    }.items():
        (tmp_path / "io").mkdir(exist_ok=True)
        (tmp_path / "io" / "module.py").write_text(source)
        assert set(command_imports(tmp_path / "io" / "module.py")) == found, source


def test_a_library_call_prints_nothing(tmp_path: Path) -> None:
    photos = make_photos(tmp_path / "data", 2, 1)
    (photos.train_tree / "red_bar" / "cut.jpg").write_bytes(b"no photograph")
    command = [sys.executable, "-c", LIBRARY, str(tmp_path / "data")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_command_shows_what_the_engine_logs(capsys: pytest.CaptureFixture[str]) -> None:
    log = logging.getLogger("sentikit.somewhere")
    with shown_messages():
        log.debug("Hidden.")
        log.info("100% done.")
        log.warning("Careful.")
    log.warning("Not shown.")
    captured = capsys.readouterr()
    assert captured.err == "100% done.\nWarning: Careful.\n"
    assert captured.out == ""


def test_the_command_leaves_logging_as_it_was() -> None:
    log = logging.getLogger("sentikit")
    before = (list(log.handlers), log.level)
    assert run(["plugins"]) == 0
    assert (log.handlers, log.level) == before
