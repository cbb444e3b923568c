"""The Python API as a guest in a program: quiet, without traces, for threads, for processes, for a long time."""

from __future__ import annotations

import gc
import logging
import pickle
import signal
import subprocess
import sys
import warnings
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from support.looking_models import save_photos
from support.toy_api import toy_model
from support.toy_commands import toy_run

import sentikit
from sentikit import Description, Sentikit

DEMO = Path(__file__).parents[2] / "examples" / "demo"
IMAGES = sorted((DEMO / "images").iterdir())


@pytest.fixture(scope="module")
def bundled() -> Sentikit:
    return sentikit.load()


@pytest.fixture(scope="module")
def model() -> Sentikit:
    return toy_model(rewriter="noun-match")


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    return save_photos(tmp_path / "photos")


def test_the_first_lines_of_the_readme_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(DEMO)
    model = sentikit.load()
    caption = model.caption("images/chelsea.jpg")
    assert (str(caption), caption.text) == (caption.text, str(caption.to_dict()["caption"]))
    assert len(model.tag("images/chelsea.jpg", top_k=5).tags) == 5
    assert str(model.rewrite("A dog on a street.", ["happy dog"])) == "A happy dog on a street."
    updated = model.update("captions.json")
    updated.save(tmp_path / "updated.json")
    assert updated.stats["captions_updated"] == 7
    assert updated.restored() != updated.document


def test_the_bundled_models_give_what_the_command_line_gives(
    bundled: Sentikit, capsys: pytest.CaptureFixture[str]
) -> None:
    import json

    assert toy_run("caption", DEMO / "images", "--json") == 0
    assert [result.to_dict() for result in bundled.caption(DEMO / "images")] == json.loads(capsys.readouterr().out)
    assert toy_run("tag", DEMO / "images", "--top-k", "5") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    found = [result.to_dict() for result in bundled.tag(DEMO / "images", top_k=5)]
    assert [{key: value for key, value in line.items() if key != "file"} for line in found] == lines


def use_everything(model: Sentikit, photos: list[Path]) -> list[Any]:
    """What all methods give, failures among it."""
    document = {
        "images": [{"id": 1, "file_name": photos[0].name}, {"id": 2}],
        "annotations": [{"id": n, "image_id": 1, "caption": text} for n, text in enumerate(["a cat", "", "a street"])],
    }
    tags = {1: ["cute cat", "misty street"], 7: ["old house"]}
    updated = model.update(document, tags)
    updated.coco()
    updated._repr_html_()
    return [
        [result.to_dict() for result in model.caption([*photos, b""])],
        model.caption(photos[0]).to_dict(),
        [result.to_dict() for result in model.tag(iter(photos), top_k=3)],
        model.rewrite("a cat on a street", tags[1]).to_dict(),
        updated.document,
        updated.restored(),
    ]


QUIET = """
import sys
from pathlib import Path
from test_in_a_process import use_everything
from support.toy_api import toy_model
use_everything(toy_model(), [Path(name) for name in sys.argv[1:]])
"""


def test_nothing_is_printed(photos: list[Path]) -> None:
    """In a process of its own: pytest takes what is logged, and what is not logged goes to stderr."""
    path = [str(Path(__file__).parent), *filter(None, sys.path)]
    code = f"import sys; sys.path[:0] = {path!r}\n{QUIET}"
    done = subprocess.run([sys.executable, "-c", code, *map(str, photos)], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_messages_go_to_the_logger_of_the_package(
    model: Sentikit, photos: list[Path], capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "sentikit"):
        use_everything(model, photos)
    assert {record.name.partition(".")[0] for record in caplog.records} == {"sentikit"}
    assert any("blank" in record.getMessage() for record in caplog.records)
    assert any("images of tags" in record.getMessage() for record in caplog.records)
    assert capfd.readouterr() == ("", "")


def state() -> tuple[Any, ...]:
    return (
        gc.isenabled(),
        gc.get_threshold(),
        [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE)],
        torch.is_grad_enabled(),
        torch.is_inference_mode_enabled(),
        torch.get_num_threads(),
        torch.get_default_dtype(),
        torch.random.get_rng_state().sum().item(),
        logging.getLogger().handlers[:],
        logging.getLogger("sentikit").level,
        sys.stdout,
        sys.excepthook,
        Image.MAX_IMAGE_PIXELS,
    )


@pytest.mark.parametrize("enabled", [True, False])
def test_the_process_is_left_as_it_was(enabled: bool) -> None:
    (gc.enable if enabled else gc.disable)()
    try:
        before = state()
        bundled = sentikit.load()
        bundled.update(DEMO / "captions.json")
        use_everything(bundled, IMAGES)
        iterator = bundled.caption(DEMO / "images")
        next(iterator)
        assert state() == before
        iterator.close()
        with pytest.raises(sentikit.SentikitError):
            bundled.update(DEMO / "captions.json", {1: ["no noun"]})
        assert state() == before
    finally:
        gc.enable()


def test_a_model_and_its_description_pickle(model: Sentikit, photos: list[Path]) -> None:
    description = pickle.loads(pickle.dumps(model.description))
    assert description == model.description
    assert hash(description) == hash(model.description)
    for again in (Sentikit(description), pickle.loads(pickle.dumps(model))):
        assert again.description == model.description
        assert use_everything(again, photos) == use_everything(model, photos)
    assert repr(model) == f"Sentikit({description})"


_worker: Sentikit | None = None


def _start(description: Description) -> None:
    global _worker
    _worker = Sentikit(description)


def _caption(path: Path) -> str:
    assert _worker is not None
    return str(_worker.caption(path))


@pytest.mark.slow
def test_spawned_processes_make_their_own(model: Sentikit, photos: list[Path]) -> None:
    with ProcessPoolExecutor(2, get_context("spawn"), _start, (model.description,)) as pool:
        assert list(pool.map(_caption, photos)) == [str(result) for result in model.caption(photos)]
        assert pool.submit(model.rewrite, "a dog", ["happy dog"]).result().text == "a happy dog"


def test_threads_of_toys_agree_with_one(photos: list[Path]) -> None:
    expected = use_everything(toy_model(), photos)
    model = toy_model()  # made by whichever thread comes first
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: use_everything(model, photos), range(24)))
    assert all(one == expected for one in found)


@pytest.mark.slow
def test_threads_of_the_bundled_models_agree_with_one(bundled: Sentikit) -> None:
    expected = use_everything(bundled, IMAGES)
    model = sentikit.load()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: use_everything(model, IMAGES), range(8)))
    assert all(one == expected for one in found)


def test_one_image_object_may_be_captioned_by_many_threads(model: Sentikit, tmp_path: Path) -> None:
    """Pillow reads the file at the first use."""
    path = tmp_path / "large.jpg"
    Image.effect_noise((1500, 1000), 80).save(path)
    for _ in range(3):
        image = Image.open(path)
        with ThreadPoolExecutor(8) as pool:
            assert len({str(result) for result in pool.map(model.caption, [image] * 16)}) == 1
        assert all(result.error is None for result in model.caption([Image.open(path)] * 8))


def test_two_hundred_calls_leave_nothing_behind(
    model: Sentikit, photos: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("sentikit"), "propagate", False)  # pytest keeps what is logged

    def objects_after(rounds: int) -> int:
        for _ in range(rounds):
            use_everything(model, photos)  # eight calls
            next(model.caption(photos))
        gc.collect()
        return len(gc.get_objects())

    before = objects_after(3)
    assert objects_after(25) - before < 100


def test_results_of_a_generator_do_not_keep_its_photographs(model: Sentikit) -> None:
    import weakref

    watched: list[weakref.ref[Image.Image]] = []

    def made() -> Any:
        for _ in range(40):
            image = Image.new("RGB", (8, 6))
            watched.append(weakref.ref(image))
            yield image

    results = list(model.caption(made()))
    gc.collect()
    assert len(results) == 40
    assert [one() for one in watched] == [None] * 40


def test_no_warnings_of_python_are_raised(model: Sentikit, photos: list[Path]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        use_everything(model, photos)
