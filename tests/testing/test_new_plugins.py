"""`sentikit plugins new`: what it writes works as it is, for every kind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sentikit.cli import run
from sentikit.plugin.scaffold import KINDS
from sentikit.testing.inspection import HEAVY

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a new plugin of each kind, and their installed packages in site/."""
    folder = tmp_path_factory.mktemp("new")
    for kind in KINDS:
        assert run(["plugins", "new", f"my-{kind}", "--kind", kind, "-o", str(folder / kind)]) == 0
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    pip += ["--disable-pip-version-check", "--target", str(folder / "site"), *(str(folder / kind) for kind in KINDS)]
    subprocess.run(pip, check=True)
    return folder


def with_site(made: Path) -> dict[str, str]:
    path = os.pathsep.join(filter(None, (str(made / "site"), os.environ.get("PYTHONPATH"))))
    return os.environ | {"PYTHONPATH": path, "SENTIKIT_STRICT_PLUGINS": "1"}


def test_the_suites_pass_as_written(made: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "--import-mode=importlib", "-p", "no:cacheprovider"]
    command += ["-c", os.devnull, "--rootdir", str(made), *(str(made / kind / "tests") for kind in KINDS)]
    done = subprocess.run(command, cwd=made, env=with_site(made), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "failed" not in done.stdout
    assert "skipped" not in done.stdout


def test_the_plugins_pass_the_check(made: Path) -> None:
    command = [sys.executable, "-m", "sentikit", "plugins", "check"]
    done = subprocess.run(command, cwd=made, env=with_site(made), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert " 0 failed, 11 not checked." in done.stderr  # the trainer's tagger needs a pack that it made


def test_the_code_is_clean(made: Path) -> None:
    for kind in KINDS:
        files = [str(path) for path in (made / kind).rglob("*.py") if "build" not in path.parts]
        ruff = [sys.executable, "-m", "ruff"]
        for tool in (["check", "--select", "E,F,I,UP,B,RUF"], ["format", "--check"]):
            command = [*ruff, *tool, "--isolated", "--line-length", "120", *files]
            done = subprocess.run(command, cwd=made / kind, capture_output=True, text=True)
            assert done.returncode == 0, done.stdout


def test_an_existing_project_gets_the_module_and_its_test(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    assert run(["plugins", "new", "my-metric", "--kind", "metric", "-o", str(tmp_path)]) == 0
    captured = capsys.readouterr()
    written = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert written == ["pyproject.toml", "src/sentikit_my_metric.py", "tests/test_my_metric.py"]
    assert (tmp_path / "pyproject.toml").read_text() == "[project]\n"
    assert 'my_metric = "sentikit_my_metric"' in captured.err


def test_nothing_is_replaced(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "README.md").write_text("mine")
    assert run(["plugins", "new", "my-metric", "--kind", "metric", "-o", str(tmp_path)]) == 1
    assert "README.md exists already; nothing was written" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]


@pytest.mark.parametrize("name", ["My", "2-b", "a_b", "../x", "", "a b"])
def test_a_wrong_name_is_a_sentence(tmp_path: Path, name: str, capsys: Capture) -> None:
    assert run(["plugins", "new", name, "--kind", "metric", "-o", str(tmp_path)]) == 2
    assert "is no name for a metric" in capsys.readouterr().err


def check_file(tmp_path: Path, text: str, *arguments: str) -> int:
    path = tmp_path / "mine.py"
    path.write_text(text)
    return run(["plugins", "check", str(path), *arguments])


REWRITER = """
from sentikit import Option, Rewrite, hookimpl
plugin_api = 2
class Mine:
    default_max_edits = None
    def rewrite(self, items):
        return (Rewrite(caption.text) for caption, _ in items)
@hookimpl
def register_rewriters(register):
    register("mine", Mine, summary="nothing")
"""


def test_the_check_says_what_to_mend(tmp_path: Path, capsys: Capture) -> None:
    assert check_file(tmp_path, REWRITER) == 1
    captured = capsys.readouterr()
    assert captured.out.splitlines() == [
        "FAILED       rewriter mine: It changes at least one of a few plain captions whose nouns are tagged. - it "
        "changed none of the captions"
    ]
    assert "1 failed" in captured.err


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("plugin_api = 2", "import torch\nplugin_api = 2", "it imports torch"),
        ("plugin_api = 2", "plugin_api = 'two'", "its plugin_api is 'two', not a whole number"),
        ("plugin_api = 2", "plugin_api = 99", "it needs plugin API 99"),
        ("plugin_api = 2", "import time; time.sleep(0.6); plugin_api = 2", "import what is slow inside the factory"),
        ("plugin_api = 2", "import nothing_like_that", "it is left out: ModuleNotFoundError"),
        ("(register)", "(registry)", "its register_rewriters takes registry"),
    ],
)
def test_the_check_finds_what_is_wrong_with_a_file(
    tmp_path: Path, before: str, after: str, expected: str, capsys: Capture
) -> None:
    assert check_file(tmp_path, REWRITER.replace(before, after)) == 1
    assert expected in capsys.readouterr().out


def test_a_plugin_need_not_state_its_api(tmp_path: Path, capsys: Capture) -> None:
    check_file(tmp_path, REWRITER.replace("plugin_api = 2", ""), "--verbose")
    assert "plugin mine:" not in "".join(line for line in capsys.readouterr().out.splitlines() if "FAILED" in line)


def test_a_bundled_plugin_passes_the_check(capsys: Capture) -> None:
    assert run(["plugins", "check", "noun_match"]) == 0
    assert " 0 failed" in capsys.readouterr().err


def test_what_cannot_be_checked_is_a_sentence(tmp_path: Path, capsys: Capture) -> None:
    assert run(["plugins", "check", str(tmp_path / "no.py")]) == 2
    assert run(["plugins", "check", "no-such-plugin"]) == 2
    assert run(["plugins", "check", "noun-match"]) == 2
    errors = capsys.readouterr().err
    assert "is no file" in errors
    assert "the component of that name is checked with its plugin: noun_match." in errors
    assert "No plugin and no distribution is called 'no-such-plugin'" in errors
    assert "torch" in HEAVY
