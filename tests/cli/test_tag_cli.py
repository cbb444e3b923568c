"""`sentikit tag` from the outside, with toy models: dark photographs are misty, bright ones sunny."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest
from PIL import Image
from support.looking_models import save_photos
from support.made_images import save_animation, save_bomb, save_deep, save_scene, save_truncated, save_turned
from support.toy_commands import json_lines, save_pack, stop_after_lines, toy_process, toy_run

from sentikit.formats.tags import read_tags

TOY = ("--tagger", "toy")
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    save_photos(tmp_path / "photos")
    return tmp_path / "photos"


def tag_into(path: Path, *arguments: str | Path) -> int:
    return toy_run("tag", *TOY, "-o", path, *arguments)


def first_tags(path: Path) -> dict[int | str, str]:
    file = read_tags(path, strict=True)
    return {image.key: str(tags[0].anp) for image, tags in zip(file.images, file.tags, strict=True)}


def test_in_a_pipe_tags_are_json_lines(photos: Path, capsys: Capture) -> None:
    assert toy_run("tag", *TOY, photos, "--top-k", "2") == 0
    captured = capsys.readouterr()
    lines = json_lines(captured.out)
    assert [(line["image_id"], line["file_name"]) for line in lines] == [(1, "1.png"), (2, "2.png"), (3, "3.png")]
    assert [line["anps"][0]["adjective"] for line in lines] == ["misty", "sunny", "misty"]
    assert {len(line["anps"]) for line in lines} == {2}
    assert captured.err == "3 done.\n"


def test_top_k_zero_gives_all_tags(photos: Path, tmp_path: Path, capsys: Capture) -> None:
    assert toy_run("tag", *TOY, photos / "1.png", "--top-k", "0") == 0
    assert len(json_lines(capsys.readouterr().out)[0]["anps"]) == 4
    assert tag_into(tmp_path / "t.jsonl", photos, "--top-k", "0") == 0
    file = read_tags(tmp_path / "t.jsonl", strict=True)
    assert file.header == {"tagger": "toy", "top_k": 0}
    assert {len(tags) for tags in file.tags} == {4}


def test_on_a_terminal_tags_are_a_list(photos: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert toy_run("tag", *TOY, photos / "1.png", "--top-k", "3") == 0
    assert capsys.readouterr().out == f"{photos / '1.png'}: misty street 0.46, misty field 0.46, sunny street 0.039\n"


def test_the_tag_file_is_the_one_that_update_captions_reads(photos: Path, capsys: Capture) -> None:
    tags = photos / "t.jsonl"
    assert tag_into(tags, photos) == 0
    assert first_tags(tags) == {1: "misty street", 2: "sunny street", 3: "misty street"}
    assert read_tags(tags).header == {"tagger": "toy", "top_k": 20}
    document = {
        "images": [{"id": 1, "file_name": "1.png"}],
        "annotations": [{"id": 0, "image_id": 1, "caption": "A street."}],
    }
    (photos / "c.json").write_text(json.dumps(document))
    capsys.readouterr()
    assert toy_run("update-captions", photos / "c.json", "--tags", tags, "--rewriter", "noun-match") == 0
    updated = json.loads((photos / "c.sentikit.json").read_text())
    assert updated["annotations"][0]["caption"] == "A misty street."


def test_a_second_run_does_only_what_is_left(photos: Path, tmp_path: Path, capsys: Capture) -> None:
    tags = tmp_path / "t.jsonl"
    assert tag_into(tags, photos / "1.png") == 0
    first = tags.read_text()
    capsys.readouterr()
    assert tag_into(tags, photos) == 0
    assert "2 done, 1 skipped." in capsys.readouterr().err
    assert tags.read_text().startswith(first)
    assert tag_into(tags, photos, "-O", "fail=") == 1, "another option is another tagger"
    assert tag_into(tags, photos) == 0
    assert "0 done, 3 skipped." in capsys.readouterr().err


def test_a_model_that_is_not_needed_is_not_made(photos: Path, tmp_path: Path) -> None:
    tags = tmp_path / "t.jsonl"
    assert tag_into(tags, photos, "-O", "fail=to start") == 1
    assert not tags.exists()


def test_other_settings_are_refused_by_name_and_force_starts_again(
    photos: Path, tmp_path: Path, capsys: Capture
) -> None:
    tags = tmp_path / "t.jsonl"
    tag_into(tags, photos)
    assert toy_run("tag", "--tagger", "toy-plain", photos, "-o", tags) == 1
    assert 'it was made with tagger "toy", not "toy-plain"' in capsys.readouterr().err
    assert tag_into(tags, photos, "--top-k", "1") == 1
    assert "top_k 20, not 1" in capsys.readouterr().err
    assert tag_into(tags, photos / "2.png", "--top-k", "1", "--force") == 0
    assert first_tags(tags) == {2: "sunny street"}


def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    save_photos(tmp_path / "photos", [f"{number}.png" for number in range(40)])
    command = ["tag", *TOY, "photos", "-o", "t.jsonl", "--batch-size", "2", "-O", "slow=0.1"]
    process = toy_process(*command, cwd=tmp_path)
    code, errors = stop_after_lines(process, tmp_path / "t.jsonl", 5, signal.SIGINT)
    assert code == 130
    done = len(read_tags(tmp_path / "t.jsonl", strict=True).images)
    assert 4 <= done < 40
    assert "Traceback" not in errors
    assert (
        f"{done} done" in errors or f"{done - 2} done" in errors
    )  # the last batch may be on the disk, not yet counted
    assert " ".join(command[:4]) in errors.partition("go on with: ")[2]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # the toys are slow no more
    assert toy_run(*command) == 0
    assert f"{40 - done} done, {done} skipped" in capsys.readouterr().err
    assert len(read_tags(tmp_path / "t.jsonl", strict=True).images) == 40


def test_a_kill_loses_no_finished_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_photos(tmp_path / "photos", [f"{number}.png" for number in range(20)])
    tags = tmp_path / "t.jsonl"
    slow = ["tag", *TOY, "photos", "-o", "t.jsonl", "--batch-size", "2", "-O", "slow=0.05"]
    code, _ = stop_after_lines(toy_process(*slow, cwd=tmp_path), tags, 3, signal.SIGKILL)
    assert code == -signal.SIGKILL
    with tags.open("a") as file:
        file.write('{"image_id": 19, "file_na')
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # the toys are slow no more
    assert tag_into(tags, tmp_path / "photos", "-O", "slow=0.05") == 0
    assert len(read_tags(tags, strict=True).images) == 20


def test_a_file_of_another_kind_is_never_touched(photos: Path, tmp_path: Path, capsys: Capture) -> None:
    other = tmp_path / "notes.txt"
    other.write_bytes(b"my notes\nwithout an end")
    assert tag_into(other, photos) == 1
    assert other.read_bytes() == b"my notes\nwithout an end"
    assert "was not started by this command" in capsys.readouterr().err
    before = (photos / "2.png").read_bytes()
    assert tag_into(photos / "2.png", photos, "--force") == 1
    assert (photos / "2.png").read_bytes() == before
    assert "is also an input" in capsys.readouterr().err


def test_bad_images_are_a_line_each_and_the_rest_goes_on(tmp_path: Path, capsys: Capture) -> None:
    folder = tmp_path / "photos"
    good = [
        *save_photos(folder, ["with space.png", "line\nbreak.png"]),
        save_scene(folder / "plain.jpg"),
        save_turned(folder / "turned.jpg", 6),
        save_deep(folder / "deep.png", "I;16"),
    ]
    save_animation(folder / "animated.gif")
    Image.new("CMYK", (8, 8)).save(folder / "cmyk.jpg")
    Image.new("P", (8, 8)).save(folder / "palette.png")
    Image.new("RGBA", (8, 8)).save(folder / "alpha.png")
    Image.new("RGB", (1, 1)).save(folder / "tiny.png")
    Image.new("RGB", (20_000, 3)).save(folder / "long.png")
    save_bomb(folder / "bomb.png", 60_000, 60_000)
    save_truncated(folder / "truncated.png")
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "text.jpg").write_text("not an image")
    bad = {"bomb.png", "truncated.png", "empty.jpg", "text.jpg"}

    assert tag_into(tmp_path / "t.jsonl", folder, folder / "gone.jpg", "--failures", tmp_path / "f.jsonl") == 0

    errors = capsys.readouterr().err
    assert "11 done, 5 failed." in errors
    assert "Traceback" not in errors
    failures = json_lines((tmp_path / "f.jsonl").read_text())
    assert {Path(failure["file"]).name for failure in failures} == bad | {"gone.jpg"}
    assert all(failure["reason"] and "\n" not in failure["reason"] for failure in failures)
    tagged = {image.file_name for image in read_tags(tmp_path / "t.jsonl", strict=True).images}
    assert tagged >= {path.name for path in good}
    assert not tagged & bad


def test_where_nothing_can_be_done_the_exit_code_says_so(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "a.jpg").write_text("no")
    save_photos(tmp_path, ["b.png"])
    assert toy_run("tag", *TOY, tmp_path / "a.jpg") == 1
    assert toy_run("tag", *TOY, tmp_path) == 0
    assert toy_run("tag", *TOY, tmp_path, "--strict") == 1
    capsys.readouterr()
    assert toy_run("tag", *TOY, tmp_path / "gone.jpg") == 1
    assert "There is no such file or folder" in capsys.readouterr().err
    (tmp_path / "none").mkdir()
    assert toy_run("tag", *TOY, tmp_path / "none") == 1
    assert "has no images" in capsys.readouterr().err


def test_ids_come_from_a_coco_file(photos: Path, tmp_path: Path, capsys: Capture) -> None:
    images = [
        {"id": 71, "file_name": "1.png"},
        {"id": "x", "file_name": "sub/2.png"},
        {"id": 5, "file_name": "gone.png"},
    ]
    (tmp_path / "c.json").write_text(json.dumps({"images": images}))
    assert tag_into(tmp_path / "t.jsonl", photos, "--coco", tmp_path / "c.json") == 0
    assert first_tags(tmp_path / "t.jsonl") == {71: "misty street", "x": "sunny street"}
    errors = capsys.readouterr().err
    assert "2 done, 1 left out" in errors
    assert tag_into(tmp_path / "s.jsonl", photos / "1.png", photos / "3.png", "--coco", tmp_path / "c.json") == 0
    errors = capsys.readouterr().err
    assert "3.png: " in errors
    assert "has no image of its name" in errors
    assert "1 done, 1 failed" in errors
    (tmp_path / "c.json").write_text("[]")
    assert tag_into(tmp_path / "u.jsonl", photos, "--coco", tmp_path / "c.json") == 1
    assert "not a COCO file" in capsys.readouterr().err


def test_a_limit_takes_the_first_photographs(photos: Path, tmp_path: Path, capsys: Capture) -> None:
    assert tag_into(tmp_path / "t.jsonl", photos, "--limit", 2) == 0
    assert list(first_tags(tmp_path / "t.jsonl")) == [1, 2]
    assert "2 done." in capsys.readouterr().err
    assert tag_into(tmp_path / "t.jsonl", photos, "--limit", 0) == 2


def test_two_images_of_one_name_get_ids_that_differ(photos: Path, tmp_path: Path) -> None:
    save_photos(tmp_path / "others", ["1.png"])
    assert tag_into(tmp_path / "t.jsonl", photos, tmp_path / "others") == 0
    ids = [line["image_id"] for line in json_lines((tmp_path / "t.jsonl").read_text("utf-8"))[1:]]
    assert len(ids) == len(set(ids)) == 4
    assert {2, 3} < set(ids)


def test_explain_draws_one_photograph(photos: Path, tmp_path: Path, capsys: Capture) -> None:
    figure = tmp_path / "f.png"
    assert toy_run("tag", *TOY, photos / "1.png", "--explain", figure) == 0
    assert Image.open(figure).width > 500
    assert toy_run("tag", *TOY, photos / "1.png", "--explain", figure) == 1
    assert "exists already" in capsys.readouterr().err
    assert toy_run("tag", *TOY, photos, "--explain", tmp_path / "g.png") == 2
    for tagger in ("toy-plain", "toy-plain,toy-plain"):
        assert toy_run("tag", "--tagger", tagger, photos / "1.png", "--explain", tmp_path / "g.png") == 1
        captured = capsys.readouterr()
        assert captured.out == "", "it is refused before the tagger runs"
        assert f"The tagger '{tagger}' does not say where it looks, so there is nothing to draw" in captured.err
        assert "Stopped" not in captured.err
    assert toy_run("tag", "--tagger", "toy-plain,toy", photos / "1.png", "--explain", tmp_path / "h.png") == 0
    capsys.readouterr()
    assert toy_run("tag", *TOY, photos / "1.png", "--explain", tmp_path / "e.txt") == 2
    captured = capsys.readouterr()
    assert captured.out == "", "it is refused before the tagger runs"
    assert captured.err.startswith("Error: A figure is saved as one of .png")
    assert captured.err.count("\n") == 1
    assert toy_run("tag", *TOY, photos / "1.png", "--explain", tmp_path / "g.png", "-o", tmp_path / "t.jsonl") == 2


@pytest.mark.parametrize(
    ("fail", "said"),
    [
        ("to tag", "The tagger 'toy' failed: ValueError: no idea"),
        ("to count", "The tagger 'toy' gave 2 results for 3 images"),
    ],
)
def test_a_failing_tagger_is_a_sentence(photos: Path, capsys: Capture, fail: str, said: str) -> None:
    assert toy_run("tag", *TOY, photos, "-O", f"fail={fail}") == 1
    errors = capsys.readouterr().err
    assert said in errors
    assert "Traceback" not in errors


def test_too_little_memory_keeps_what_is_done_and_says_what_to_change(
    photos: Path, tmp_path: Path, capsys: Capture
) -> None:
    tags = tmp_path / "t.jsonl"
    assert tag_into(tags, photos, "--batch-size", "2", "-O", "fail=memory") == 1
    errors = capsys.readouterr().err
    assert "use a smaller --batch-size (it is 2)" in errors
    assert "Stopped: 2 done; go on with: sentikit" in errors
    assert first_tags(tags) == {1: "misty street", 2: "sunny street"}


def test_a_gpu_that_is_not_there_is_a_sentence(photos: Path, capsys: Capture) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a CUDA GPU")
    assert toy_run("tag", *TOY, photos, "--device", "cuda") == 1
    assert "There is no CUDA device" in capsys.readouterr().err
    assert toy_run("tag", *TOY, photos, "--device", "abacus") == 2


def test_the_pack_gives_the_tagger(
    photos: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = save_pack(tmp_path / "pack", {"toy-packed": "tagger", "toy-captioner": "captioner"})
    tags = tmp_path / "t.jsonl"
    assert toy_run("tag", "--pack", pack, photos, "-o", tags) == 0
    header = read_tags(tags).header
    assert header is not None
    assert header["tagger"] == "toy-packed"
    assert header["tagger.pack"].startswith("pack-")
    for arguments in (["--tagger", pack], ["--tagger", "toy-packed", "--pack", pack]):
        assert toy_run("tag", *arguments, photos, "-o", tags) == 0, "the same pack, named otherwise"
    monkeypatch.setenv("SENTIKIT_PACK", str(pack))
    assert toy_run("tag", photos, "-o", tags) == 0
    other = save_pack(tmp_path / "other", {"toy-packed": "tagger"})
    assert toy_run("tag", "--pack", other, photos, "-o", tags) == 1
    assert "it was made with tagger.pack" in capsys.readouterr().err


def test_what_a_pack_does_not_have_is_said(
    photos: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SENTIKIT_PACK", raising=False)
    assert toy_run("tag", photos, "--tagger", "toy-packed") in (1, 2)
    assert toy_run("tag", photos, "--tagger", "toi") == 2
    assert "Did you mean 'toy'?" in capsys.readouterr().err
    assert toy_run("tag", photos, "--tagger", f"{tmp_path}/gone") == 1
    assert "There is no pack at" in capsys.readouterr().err
    assert toy_run("tag", photos, "--pack", save_pack(tmp_path / "p", {"toy-captioner": "captioner"})) == 2
    assert "has no tagger" in capsys.readouterr().err
    assert toy_run("tag", photos, "--pack", save_pack(tmp_path / "q", {"toy-lost": "tagger"})) == 2
    assert "There is no tagger 'toy-lost'" in capsys.readouterr().err


def test_of_several_taggers_the_first_is_taken(photos: Path, tmp_path: Path, capsys: Capture) -> None:
    pack = save_pack(tmp_path / "p", {"toy-packed": "tagger", "softmax": "tagger"})
    assert toy_run("tag", photos, "--pack", pack, "-o", tmp_path / "tags.jsonl") == 0
    assert '"tagger": "toy-packed"' in (tmp_path / "tags.jsonl").read_text("utf-8")


def test_two_outputs_are_never_one_file(photos: Path, tmp_path: Path, capsys: Capture) -> None:
    (photos / "empty.jpg").write_bytes(b"")
    both, link = tmp_path / "t.jsonl", tmp_path / "link.jsonl"
    link.symlink_to(both)
    for failures in (both, tmp_path / "x" / ".." / "t.jsonl", link):
        assert tag_into(both, photos, "--failures", failures) == 2
        assert "two outputs of this command: name another file for one of them" in capsys.readouterr().err
    assert not both.exists()
    figure = ("--explain", tmp_path / "f.png", "--failures", tmp_path / "f.png")
    assert toy_run("tag", *TOY, photos / "1.png", *figure) == 2


def test_standard_output_is_no_file(photos: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.chdir(photos)
    assert tag_into(Path("-"), "1.png") == 2
    assert "Cannot write to '-'" in capsys.readouterr().err
    assert not Path("-").exists()
