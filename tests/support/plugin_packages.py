"""Real environments for plugins that are really installed: cheap, and without a network."""

from __future__ import annotations

import os
import subprocess
import sysconfig
import venv
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Environment:
    """A virtual environment that sees everything of the one the tests run in, sentikit included."""

    folder: Path

    @classmethod
    def create(cls, folder: Path) -> Environment:
        """Make one in `folder`."""
        venv.create(folder, symlinks=True)
        outer = sysconfig.get_path("purelib")
        environment = cls(folder)
        path_file = Path(environment._path("purelib")) / "outer.pth"
        path_file.write_text(f"import site; site.addsitedir({outer!r})\n", "utf-8")
        return environment

    @property
    def python(self) -> str:
        """Its interpreter."""
        return str(Path(self._path("scripts")) / "python")

    def _path(self, name: str) -> str:
        variables = {"base": str(self.folder), "platbase": str(self.folder)}
        return sysconfig.get_path(name, "venv", variables)

    def run(self, *arguments: str, cwd: Path | None = None, **environ: str) -> subprocess.CompletedProcess[str]:
        """``python ARGUMENTS`` in this environment, with pip kept off the network."""
        return subprocess.run(
            [self.python, *arguments],
            cwd=cwd or self.folder,
            env=clean_environ() | environ,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=120,
        )

    def sentikit(self, *arguments: str, cwd: Path | None = None, **environ: str) -> subprocess.CompletedProcess[str]:
        """``sentikit ARGUMENTS`` in this environment."""
        return self.run("-P", "-m", "sentikit", *arguments, cwd=cwd, **environ)

    def install(self, *wheels: Path) -> None:
        """Install wheels with pip."""
        done = self.run("-m", "pip", "install", "--quiet", *map(str, wheels))
        assert done.returncode == 0, done.stderr


def clean_environ() -> dict[str, str]:
    """The environment's variables without sentikit's, and with pip kept off the network."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SENTIKIT_", "PIP_", "PYTHON"))}
    # pip reads "0" as: no isolated build, which would download setuptools.
    offline = {"PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0"}
    return kept | offline | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def write_wheel(
    folder: Path, distribution: str, files: Mapping[str, str], entry_points: Mapping[str, str], version: str = "1.0"
) -> Path:
    """A wheel of `files` (text by path) with entry points of sentikit's group, as a build tool would make it."""
    escaped = distribution.replace("-", "_")
    info = f"{escaped}-{version}.dist-info"
    points = "".join(f"{name} = {value}\n" for name, value in entry_points.items())
    content = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[sentikit]\n{points}",
    }
    record = "".join(f"{name},,\n" for name in (*content, f"{info}/RECORD"))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{escaped}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in (content | {f"{info}/RECORD": record}).items():
            wheel.writestr(name, text)
    return path
