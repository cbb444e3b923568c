"""Nothing in the current folder is executed: not by steps, not by pip, not by worker processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.plugin_packages import Environment
from support.toy_experiments import Toy

from sentikit.io.interpreters import python_command, safe_start

TRAP = "import os\nopen(os.environ['TRAP'], 'a').write(__name__ + ' ')\nraise ImportError(__name__)\n"
MODULES = ("orjson", "pip", "click", "json", "sentikit", "sentikit_plugins", "pickle", "random", "multiprocessing")


@pytest.fixture
def trap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The current folder is full of modules and a distribution that write their names to this file."""
    folder, file = tmp_path / "folder", tmp_path / "trap"
    info = folder / "trap-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: trap\nVersion: 1.0\n", "utf-8")
    (info / "entry_points.txt").write_text("[sentikit]\ntrap = trap\n", "utf-8")
    for name in (*MODULES, "trap"):
        (folder / f"{name}.py").write_text(TRAP, "utf-8")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("TRAP", str(file))
    yield file
    assert not file.exists(), f"executed: {file.read_text('utf-8')}"


def test_the_trap_works(trap: Path) -> None:
    subprocess.run([sys.executable, "-c", "import orjson"], stderr=subprocess.DEVNULL, check=False)
    assert trap.read_text("utf-8") == "orjson "
    trap.unlink()


def test_steps_of_experiments(trap: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENTIKIT_LOAD_PLUGINS", "trap")  # no installed distribution's
    assert Toy(tmp_path).run("--seeds", "1") == 0


@pytest.mark.slow
@pytest.mark.parametrize("command", ["install", "uninstall"])
def test_installing(trap: Path, tmp_path: Path, command: str) -> None:
    environment = Environment.create(tmp_path / "env")
    done = environment.sentikit(command, "no-such-thing-as-this", cwd=Path.cwd(), TRAP=str(trap))
    assert "Traceback" not in done.stderr
    assert "No module named" not in done.stderr


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_worker_processes(trap: Path, tmp_path: Path, method: str) -> None:
    code = (
        "from concurrent.futures import ProcessPoolExecutor\nfrom multiprocessing import get_context\n"
        "from sentikit.io.interpreters import safe_start\n"
        "if __name__ == '__main__':\n"
        "    with safe_start():\n"
        f"        pool = ProcessPoolExecutor(1, mp_context=get_context({method!r}))\n"
        "        found = pool.submit(abs, -1)\n"
        "    print(found.result())\n"
    )
    (tmp_path / "script.py").write_text(code, "utf-8")
    done = subprocess.run([sys.executable, str(tmp_path / "script.py")], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("1\n", 0), done.stderr


@pytest.mark.slow
def test_the_workers_of_a_command(trap: Path, tmp_path: Path) -> None:
    captions = tmp_path / "captions.json"
    annotations = [{"id": n, "image_id": n, "caption": "A happy dog runs."} for n in range(8)]
    images = [{"id": n, "file_name": f"{n}.jpg"} for n in range(8)]
    captions.write_text(json.dumps({"images": images, "annotations": annotations}), "utf-8")
    arguments = ["ontology", "build", str(captions), "-o", str(tmp_path / "ontology.json"), "--jobs", "2"]
    script = tmp_path / "sentikit-script.py"
    script.write_text("import sys\nfrom sentikit.cli import main\nif __name__ == '__main__':\n    main()\n", "utf-8")
    done = subprocess.run([sys.executable, str(script), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_environment_is_as_before() -> None:
    before = dict(os.environ)
    with safe_start():
        assert os.environ["PYTHONSAFEPATH"] == "1"
    assert dict(os.environ) == before


def test_every_python_that_is_started_is_safe() -> None:
    """Only one module starts Pythons by name."""
    root = Path(__file__).parents[2]
    for path in (*(root / "sentikit").rglob("*.py"), *(root / "plugins").rglob("*.py")):
        source = path.read_text("utf-8")
        assert "[sys.executable" not in source or path.name == "interpreters.py", path
        assert "get_context(" not in source or "safe_start()" in source, path
    assert python_command("-m", "x")[1:] == ["-P", "-m", "x"]
