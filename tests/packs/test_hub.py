"""`hf://owner/name`, from a hub on loopback and from a cache made by hand."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("huggingface_hub")

from huggingface_hub import constants  # noqa: E402
from support.hub import COMMIT, FakeHub, cache_by_hand, oid, serving  # noqa: E402
from support.made_packs import make_pack  # noqa: E402

from sentikit import PackModel, SentikitError, UsageError, open_pack  # noqa: E402
from sentikit.cli import run  # noqa: E402
from sentikit.packs.finding import pack_folder  # noqa: E402
from sentikit.packs.hub import HubName, hub_name, is_hub_name  # noqa: E402
from sentikit.packs.writing import write_pack  # noqa: E402
from sentikit.plugin.loader import load_plugins  # noqa: E402

PLUGINS = load_plugins(environ={})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_pack(tmp_path_factory.mktemp("made") / "mine")
    (folder / "evil.py").write_text("raise SystemExit", "utf-8")
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x02N.")
    return folder


@pytest.fixture(scope="module")
def hub(made: Path) -> Iterator[FakeHub]:
    with serving(made) as found:
        yield found


def sentikit_with(cache: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The command as a user runs it: the hub's library reads its variables when it is imported."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    command = [sys.executable, "-m", "sentikit", *arguments]
    return subprocess.run(
        command, env={**env, "HF_HOME": str(cache), **environ}, capture_output=True, text=True, timeout=120, check=False
    )


def test_it_is_fetched_once_and_then_found_offline(hub: FakeHub, made: Path, tmp_path: Path) -> None:
    found = sentikit_with(tmp_path, "pack", "info", "hf://me/mine", HF_ENDPOINT=hub.url)
    assert found.returncode == 0, found.stderr
    assert found.stdout.startswith("pack mine\n")
    assert found.stderr == "Looking for hf://me/mine on the Hugging Face hub.\n"
    assert hub.fetched == {file.name for file in made.iterdir()} - {"evil.py", "pytorch_model.bin"}
    asked = len(hub.asked)
    again = sentikit_with(tmp_path, "pack", "info", "hf://me/mine", HF_ENDPOINT=hub.url, HF_HUB_OFFLINE="1")
    assert (again.stdout, again.stderr) == (found.stdout, "")
    assert len(hub.asked) == asked


class HubHere:
    """The hub's library in this process, with another hub and another cache."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
        self._monkeypatch, self.cache = monkeypatch, cache
        self.set(HF_HUB_CACHE=str(cache), HF_HUB_OFFLINE=False)

    def set(self, **values: object) -> None:
        for name, value in values.items():
            self._monkeypatch.setattr(constants, name, value)

    def at(self, url: str) -> None:
        self.set(ENDPOINT=url, HUGGINGFACE_CO_URL_TEMPLATE=url + "/{repo_id}/resolve/{revision}/{filename}")


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> HubHere:
    return HubHere(monkeypatch, tmp_path / "cache")


@pytest.mark.parametrize("links", [True, False])
def test_a_cache_made_by_hand_is_found_offline(here: HubHere, made: Path, links: bool) -> None:
    snapshot = cache_by_hand(here.cache, made, links)
    here.set(HF_HUB_OFFLINE=True)
    for name in ("hf://me/mine", f"hf://me/mine@{COMMIT}", Path("hf://me/mine")):
        folder = pack_folder(PLUGINS, name)
        assert folder == snapshot
        assert open_pack(folder, PLUGINS).model("attention").kind == "captioner"


def test_links_that_lead_elsewhere_are_not_followed(here: HubHere, made: Path, tmp_path: Path) -> None:
    snapshot = cache_by_hand(here.cache, made)
    secret = tmp_path / "secret.json"
    secret.write_bytes((made / "config.json").read_bytes())
    (snapshot / "config.json").unlink()
    (snapshot / "config.json").symlink_to(secret)
    with pytest.raises(SentikitError, match="is a link out of its pack"):
        open_pack(snapshot, PLUGINS)
    (snapshot / "config.json").unlink()
    (snapshot / "config.json").symlink_to(os.path.join("..", "..", "blobs", oid(made / "config.json")))
    assert open_pack(snapshot, PLUGINS).name == "mine"
    blobs = snapshot.parents[1] / "blobs"
    blobs.rename(tmp_path / "elsewhere")
    blobs.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SentikitError, match="is a link out of its pack"):
        open_pack(snapshot, PLUGINS)


def test_a_revision_can_be_named(here: HubHere, hub: FakeHub) -> None:
    here.at(hub.url)
    assert pack_folder(PLUGINS, "hf://me/mine@v1").name == COMMIT
    assert (here.cache / "models--me--mine" / "refs" / "v1").read_text() == COMMIT


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("hf://me/none", "There is no hf://me/none on the hub, or it is private"),
        ("hf://me/mine@v9", "hf://me/mine@v9 is not on the hub: its repository has no such revision"),
        ("hf://me/secret", "hf://me/secret is only for those who were given access"),
    ],
)
def test_what_the_hub_does_not_give(here: HubHere, hub: FakeHub, name: str, sentence: str) -> None:
    here.at(hub.url)
    with pytest.raises(SentikitError, match=sentence):
        pack_folder(PLUGINS, name)


def test_what_is_not_in_the_cache(here: HubHere, capsys: pytest.CaptureFixture[str]) -> None:
    here.at("http://127.0.0.1:9")  # nobody listens there
    with pytest.raises(SentikitError, match="not wholly, in the hub's cache, and the hub cannot be reached"):
        pack_folder(PLUGINS, "hf://me/mine")
    here.set(HF_HUB_OFFLINE=True)
    assert run(["pack", "info", "hf://me/mine"]) == 1
    assert capsys.readouterr().err == (
        "Error: hf://me/mine is not, or not wholly, in the hub's cache, and HF_HUB_OFFLINE is set: use it once without "
        "that, or name the folder of a pack.\n"
    )


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    assert run(["models", "--pack", "hf://me/mine"]) == 1
    expected = "Error: The pack hf://me/mine needs the extra 'hub': pip install 'sentikit-captions[hub]'.\n"
    assert capsys.readouterr().err == expected


def test_names() -> None:
    assert hub_name("hf://me/mine") == HubName("me/mine", None)
    assert hub_name(Path("hf://me/mine.v2@refs/pr/1")) == HubName("me/mine.v2", "refs/pr/1")
    assert str(HubName("me/mine", "v1")) == "hf://me/mine@v1"
    for wrong in ("hf://me", "hf://me/mine/more", "hf://me/mine@", "hf://../..@x y", "hf://me/mi ne"):
        assert is_hub_name(wrong)
        with pytest.raises(UsageError, match="is no pack on the hub: write hf://OWNER/NAME"):
            hub_name(wrong)
    for folder in ("hf", "hf:me", "/hf://me/mine", "./hf:/me/mine"):
        assert not is_hub_name(folder)


def test_it_may_stand_wherever_a_pack_is_named(
    here: HubHere, made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cache_by_hand(here.cache, made)
    here.set(HF_HUB_OFFLINE=True)
    name, photo = "hf://me/mine", tmp_path / "photo.png"
    make_photo(photo)
    assert run(["models", "--pack", name]) == 0
    assert run(["pack", "check", name]) == 0
    assert "hf://me/mine: 0 problems" in capsys.readouterr().out
    for chosen in (["--pack", name], ["--captioner", name]):
        assert run(["caption", str(photo), "--combiner", "none", *chosen]) == 0
    other = tmp_path / "other"
    write_pack(other, {"second": PackModel("captioner", {}, {"x": torch.zeros(1)})}, open_pack(made).stored_encoder())
    assert run(["merge-packs", name, str(other), "-o", str(tmp_path / "both")]) == 0
    assert list(open_pack(tmp_path / "both").models) == ["attention", "second"]
    assert "Error" not in capsys.readouterr().err


def test_training_starts_from_one(here: HubHere, made: Path) -> None:
    from sentikit.training.encoder import encoder_pack, starting_pack
    from sentikit.training.settings import Start

    cache_by_hand(here.cache, made)
    here.set(HF_HUB_OFFLINE=True)
    started, encoding = starting_pack(Start(init="hf://me/mine"), PLUGINS), encoder_pack(
        Start(encoder="hf://me/mine"), PLUGINS
    )  # fmt: skip
    assert started is not None
    assert encoding is not None
    assert started.name == encoding.name == "mine"


def make_photo(path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (40, 30), "red").save(path)
