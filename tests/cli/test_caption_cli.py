"""`sentikit caption` from the outside: the toys see a street everywhere, misty where it is dark and sunny where not."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from support.looking_models import save_photos
from support.toy_commands import PLUGINS, SUPPORT, json_lines, save_pack, stop_after_lines, toy_process, toy_run

from sentikit.caption import Edit, undo_edits
from sentikit.formats.tags import read_tags

TOYS = ("--captioner", "toy", "--tagger", "toy", "--combiner", "toy")
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    save_photos(tmp_path / "photos")
    return tmp_path / "photos"


def caption(*arguments: str | Path) -> int:
    return toy_run("caption", *TOYS, *arguments)


def test_one_photograph_is_its_caption_as_text(photos: Path, capsys: Capture) -> None:
    assert caption(photos / "2.png") == 0
    captured = capsys.readouterr()
    assert captured.out == "a sunny street\n"
    assert captured.err == ""


def test_several_are_lines_of_file_and_caption(photos: Path, capsys: Capture) -> None:
    assert caption(photos) == 0
    assert capsys.readouterr().out == "".join(
        f"{photos / name}\ta {adjective} street\n"
        for name, adjective in (("1.png", "misty"), ("2.png", "sunny"), ("3.png", "misty"))
    )


def test_a_folder_or_a_pattern_gives_lines_whatever_it_holds(tmp_path: Path, capsys: Capture) -> None:
    path = save_photos(tmp_path, ["line\nbreak.png"])[0]
    assert caption(tmp_path / "*.png") == 0
    assert caption(tmp_path) == 0
    assert capsys.readouterr().out == f"'{tmp_path}/line\\nbreak.png'\ta misty street\n" * 2
    assert path.exists()


def test_on_a_terminal_adjectives_are_bold(photos: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert caption(photos / "1.png") == 0
    assert capsys.readouterr().out == "a \x1b[1mmisty\x1b[0m street\n"
    (photos / "2.png").rename(photos / "longer name.png")
    assert caption(photos) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].startswith(f"'{photos}/longer name.png'"[:40])
    assert all(line.endswith("\x1b[0m street") for line in lines)


def test_json_tells_everything(photos: Path, capsys: Capture) -> None:
    assert caption(photos, "--json", "--top-k", "2") == 0
    entries = json.loads(capsys.readouterr().out)
    assert [entry["file"] for entry in entries] == [str(photos / f"{number}.png") for number in (1, 2, 3)]
    first = entries[0]
    assert (first["image_id"], first["caption"], first["plain"]) == (1, "a misty street", "a street")
    assert first["log_probability"] == -1.5
    assert len(first["anps"]) == 2
    edits = [
        Edit(edit["start"], edit["end"], edit["before"], edit["after"], None)  # type: ignore[arg-type]
        for edit in first["edits"]
    ]
    assert undo_edits(first["caption"], edits) == first["plain"]


def test_json_is_sound_where_nothing_could_be_captioned(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "a.jpg").write_text("no")
    assert caption(tmp_path / "a.jpg", "--json") == 1
    assert json.loads(capsys.readouterr().out) == []


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--max-edits", "0"], "a street"),
        (["--min-probability", "0.99"], "a street"),
        (["--polarity", "positive", "--ontology", "o.csv"], "a sunny street"),
    ],
)
def test_the_flow_filters_what_the_combiner_sees(
    photos: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, options: list[str], expected: str
) -> None:
    """Where the dark photograph's best adjective, misty, is not positive, the next best competes."""
    monkeypatch.chdir(photos)
    Path("o.csv").write_text("adjective,noun,sentiment\nmisty,street,-1.5\nsunny,street,1.5\n")
    assert caption("1.png", *options) == 0
    assert capsys.readouterr().out == f"{expected}\n"


def test_without_a_combiner_captions_stay_plain_and_need_no_tagger(photos: Path, capsys: Capture) -> None:
    assert toy_run("caption", photos / "2.png", "--captioner", "toy-image", "--combiner", "none") == 0
    assert capsys.readouterr().out == "a field\n"
    assert toy_run("caption", photos, "--captioner", "toy", "--tagger", "toy", "--combiner", "none", "--json") == 0
    entry = json.loads(capsys.readouterr().out)[0]
    assert (entry["caption"], entry["edits"], entry["anps"][0]["adjective"]) == ("a street", [], "misty")


@pytest.mark.parametrize("option", ["--combiner", "--captioner", "--tagger"])
def test_an_unknown_name_is_wrong_usage(photos: Path, option: str, capsys: Capture) -> None:
    assert caption(photos, option, "toi") == 2
    assert f"There is no {option[2:]} 'toi'. Did you mean 'toy'?" in capsys.readouterr().err


def test_noun_forcing_is_the_default(photos: Path, capsys: Capture) -> None:
    assert toy_run("caption", photos / "2.png", "--captioner", "toy", "--tagger", "toy") == 0
    assert capsys.readouterr().out == "a sunny street\n"


def test_a_combiner_that_scores_wants_a_tagger_that_can(photos: Path, capsys: Capture) -> None:
    assert toy_run("caption", photos, "--captioner", "toy", "--tagger", "toy-plain", "--combiner", "toy") == 2
    assert "'toy' needs a tagger that can score" in capsys.readouterr().err


def test_a_jsonl_is_gone_on_with_and_is_a_tag_file_too(photos: Path, tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "c.jsonl"
    assert caption(photos / "1.png", "--jsonl", path) == 0
    assert caption(photos, "--jsonl", path) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "2 done, 1 skipped" in captured.err
    header, *lines = json_lines(path.read_text())
    assert [line["caption"] for line in lines] == ["a misty street", "a sunny street", "a misty street"]
    assert header["sentikit"]["captioner"] == header["sentikit"]["combiner"] == "toy"
    assert [image.image_id for image in read_tags(path, strict=True).images] == [1, 2, 3]
    assert caption(photos, "--jsonl", path, "--polarity", "positive") == 1
    assert 'made with filter.polarity "any", not "positive"' in capsys.readouterr().err
    assert caption(photos / "3.png", "--jsonl", path, "--max-edits", "0", "--force") == 0
    assert [line["caption"] for line in json_lines(path.read_text())[1:]] == ["a street"]


def test_coco_results_have_the_captions_of_this_run_and_the_last(photos: Path, tmp_path: Path) -> None:
    images = [{"id": 70 + number, "file_name": f"{number}.png"} for number in (1, 2, 3)]
    (tmp_path / "c.json").write_text(json.dumps({"images": images, "annotations": []}))
    both = ["--coco", tmp_path / "c.json", "--jsonl", tmp_path / "c.jsonl"]
    assert caption(photos / "1.png", photos / "2.png", *both) == 0
    assert caption(photos / "2.png", photos / "3.png", *both, "--coco-results", tmp_path / "r.json") == 0
    assert json.loads((tmp_path / "r.json").read_text()) == [
        {"image_id": 72, "caption": "a sunny street"},
        {"image_id": 73, "caption": "a misty street"},
    ]
    assert caption(photos, "--coco-results", tmp_path / "alone.json") == 0
    assert [entry["image_id"] for entry in json.loads((tmp_path / "alone.json").read_text())] == [1, 2, 3]


def test_outputs_that_exist_or_do_not_go_together_are_refused_before_the_work(
    photos: Path, tmp_path: Path, capsys: Capture
) -> None:
    for option in ("--coco-results", "--failures", "--explain"):
        path = tmp_path / f"{option[2:]}.png"
        path.write_text("precious")
        assert caption(photos / "1.png", option, path) == 1
        assert "exists already" in capsys.readouterr().err
        assert path.read_text() == "precious"
    assert caption(photos, "--json", "--jsonl", tmp_path / "c.jsonl") == 2
    assert caption(photos, "--jsonl", photos / "1.png") == 1
    assert "is also an input" in capsys.readouterr().err


def test_two_outputs_are_never_one_file(photos: Path, tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "c.jsonl"
    assert caption(photos, "--jsonl", path, "--coco-results", path, "--force") == 2
    assert f"{path} is named for two outputs" in capsys.readouterr().err
    assert not path.exists()
    assert caption(photos, "--coco-results", "-") == 2
    assert "Cannot write to '-'" in capsys.readouterr().err


def test_ctrl_c_keeps_the_jsonl_and_says_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    save_photos(tmp_path / "photos", [f"{number}.png" for number in range(30)])
    command = ["caption", *TOYS, "photos", "--batch-size", "2", "-O", "tagger.slow=0.1", "--jsonl", "c.jsonl",
               "--coco-results", "r.json"]  # fmt: skip
    process = toy_process(*command, cwd=tmp_path)
    code, errors = stop_after_lines(process, tmp_path / "c.jsonl", 3, signal.SIGINT)
    assert code == 130
    assert "go on with: sentikit" in errors
    assert "Traceback" not in errors
    assert not (tmp_path / "r.json").exists()
    done = len(json_lines((tmp_path / "c.jsonl").read_text())) - 1
    assert 2 <= done < 30
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # the toys are slow no more
    assert toy_run(*command) == 0
    assert f"{30 - done} done, {done} skipped" in capsys.readouterr().err
    assert len(json.loads((tmp_path / "r.json").read_text())) == 30


def test_bad_images_do_not_stop_the_others(photos: Path, tmp_path: Path, capsys: Capture) -> None:
    (photos / "bad.jpg").write_text("no")
    assert caption(photos, photos / "gone.jpg", "--failures", tmp_path / "f.jsonl") == 0
    captured = capsys.readouterr()
    assert captured.out.count("street") == 3
    assert "3 done, 2 failed." in captured.err
    assert len(json_lines((tmp_path / "f.jsonl").read_text())) == 2
    assert caption(photos, "--strict") == 1
    assert caption(photos / "bad.jpg") == 1


def test_explain_draws_a_panel_a_word(photos: Path, tmp_path: Path, capsys: Capture) -> None:
    assert caption(photos / "1.png", "--explain", tmp_path / "f.png") == 0
    assert capsys.readouterr().out == "a misty street\n"
    assert Image.open(tmp_path / "f.png").width > 700
    assert caption(photos, "--explain", tmp_path / "g.png") == 2
    assert "--explain draws one photograph, and 3 are named: choose one" in capsys.readouterr().err
    plain = ["--captioner", "toy-image", "--combiner", "none", "--explain", tmp_path / "g.png"]
    assert toy_run("caption", photos / "1.png", *plain) == 1
    errors = capsys.readouterr().err
    assert "does not say where it looked" in errors
    assert "Stopped" not in errors
    assert caption(photos / "1.png", "--explain", tmp_path / "e.txt") == 2
    assert capsys.readouterr().out == ""


def test_the_pack_gives_captioner_and_tagger(
    photos: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SENTIKIT_PACK", raising=False)
    pack = save_pack(tmp_path / "pack", {"toy-packed": "tagger", "toy-captioner": "captioner"})
    assert toy_run("caption", photos / "1.png", "--pack", pack, "--combiner", "toy") == 0
    assert toy_run("caption", photos / "1.png", "--captioner", pack, "--tagger", "toy", "--combiner", "toy") == 0
    assert capsys.readouterr().out == "a misty street\n" * 2


def test_a_closed_pipe_is_not_complained_of(photos: Path) -> None:
    save_photos(photos, [f"{number}.png" for number in range(200)])
    process = toy_process("caption", *TOYS, photos, "--batch-size", "1")
    assert process.stdout is not None
    assert "street" in process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.wait(timeout=60)


def test_the_progress_bar_leaves_the_data_on_stdout(photos: Path) -> None:
    """With stderr on a terminal and stdout in a pipe, as in `sentikit caption photos | sort`."""
    pty = pytest.importorskip("pty")
    terminal, stderr = pty.openpty()
    process = toy_process("caption", *TOYS, photos, "--batch-size", "1", "-O", "tagger.slow=0.2", stderr=stderr)
    os.close(stderr)
    bar = b""
    with contextlib.suppress(OSError):  # how a terminal says that the other side has gone
        while piece := os.read(terminal, 1000):
            bar += piece
    os.close(terminal)
    assert process.communicate(timeout=60)[0].count("street\n") == 3
    assert b"images" in bar
    assert b"street" not in bar


def test_nothing_heavy_is_imported_that_is_not_needed(photos: Path) -> None:
    """One photograph on a cold start: torch for the models, and no other library of models or of language."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from sentikit.cli import run; code = run(sys.argv[2:]); "
        "print(sorted({'spacy', 'torchvision', 'timm', 'pycocotools', 'rich'} & set(sys.modules))); sys.exit(code)"
    )
    command = [*PLUGINS, "caption", *TOYS, str(photos / "1.png")]
    done = subprocess.run([sys.executable, "-c", code, str(SUPPORT.parent), *command], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "a misty street\n[]\n"
