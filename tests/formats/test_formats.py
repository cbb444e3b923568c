"""What each format reads and writes, how a file's format is found, and what is wrong with files."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.caption_files import coco
from support.caption_formats import bundled, lines, made, records, restore, texts, update

from sentikit import SentikitError
from sentikit.cli import run
from sentikit.formats.interface import CaptionRecord, Target
from sentikit.pipelines.caption_files import recognize

FILES = {
    "coco": ("a.json", '{"images": [{"id": 1}], "annotations": [{"id": 1, "image_id": 1, "caption": "A dog"}]}'),
    "coco-results": ("a.json", '[{"image_id": 1, "caption": "A dog"}]'),
    "jsonl": ("a.txt", '{"image": "1.jpg", "text": "A dog"}\n{"image": "2.jpg", "text": "A cat"}\n'),
    "csv": ("a.txt", "image,caption\n1.jpg,A dog\n"),
    "tsv": ("a.tsv", "image\tcaption\n1.jpg\tA dog\n"),
    "metadata": ("metadata.jsonl", '{"file_name": "1.jpg", "text": "A dog"}\n'),
    "token": ("a.txt", "1.jpg#0\tA dog\n"),
    "karpathy": ("a.json", '{"images": [{"filename": "1.jpg", "imgid": 0, "sentences": [{"raw": "A dog"}]}]}'),
    "vizwiz": (
        "a.json",
        '{"images": [{"id": 1, "file_name": "VizWiz_val_1.jpg"}], "annotations": '
        '[{"image_id": 1, "id": 1, "caption": "A dog", "is_rejected": false, "is_precanned": false}]}',
    ),
    "textcaps": ("a.json", '{"data": [{"caption_str": "A dog", "image_id": "a1"}]}'),
    "llava": ("a.json", '[{"image": "1.jpg", "conversations": [{"from": "gpt", "value": "A dog"}]}]'),
}


@pytest.mark.parametrize("name", FILES)
def test_a_format_is_recognized_and_read(name: str, tmp_path: Path) -> None:
    file, content = FILES[name]
    path = tmp_path / file
    path.write_text(content)
    assert recognize(bundled(), path) == name
    assert texts(path)[0] == "A dog"


def test_every_bundled_format_is_tested() -> None:
    names = {name for kind, name in bundled().components if kind == "format"}
    assert names == FILES.keys() | {"sidecars", "parquet", "xmp"}


@pytest.mark.parametrize("name", [*FILES, "parquet", "sidecars"])
def test_what_is_written_is_read(name: str, tmp_path: Path) -> None:
    if name == "parquet":
        pytest.importorskip("pyarrow")
    form = made(name)
    captions = [("1.jpg", "A dog runs."), ("1.jpg", "A brown dog."), ("2.jpg", "Ein Café.")]
    path = tmp_path / ("new" if form.format.is_folder else "new" + form.format.suffixes[0])
    path.mkdir() if form.format.is_folder else None
    given = [CaptionRecord(text, None, name) for name, text in captions]
    lost = form.format.write(path, given, ["file_name"], Target())
    assert texts(path, form) == [text for _, text in captions]
    assert set(lost) <= {"file_name"}
    images = [record.file_name or str(record.image_id) for record in records(path, form)]
    assert [image.removesuffix(".jpg") for image in images] == ["1", "1", "2"]


def test_captions_go_from_coco_through_json_lines_and_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = coco(tmp_path / "a.json", {1: ["A dog.", "Two dogs."], 7: ["A cat."]})
    document = json.loads(path.read_text())
    document["info"], document["images"][0]["width"] = {"year": 2017}, 640
    path.write_text(json.dumps(document))
    assert run(["convert", str(path), str(tmp_path / "b.jsonl")]) == 0
    assert "this is lost: info (1)" in capsys.readouterr().err
    assert run(["convert", str(tmp_path / "b.jsonl"), str(tmp_path / "c.json")]) == 0
    again = json.loads((tmp_path / "c.json").read_text())
    del document["info"]
    assert again == document


def test_what_is_lost_is_counted_and_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = lines(tmp_path / "a.jsonl", {"file_name": "1.jpg", "caption": "A dog", "split": "val", "box": [1, 2]})
    assert run(["convert", "--strict", str(path), str(tmp_path / "a.csv")]) == 1
    assert "this is lost: box (1)." in capsys.readouterr().err
    assert (tmp_path / "a.csv").read_text().startswith("file_name,caption,split,box\n1.jpg,A dog,val,\n")
    assert run(["convert", str(path), str(tmp_path / "a.token")]) == 0
    assert "box (1), split (1)" in capsys.readouterr().err


def test_rejected_and_precanned_captions_are_left_out_and_counted(tmp_path: Path) -> None:
    annotations = [
        {"image_id": 1, "id": number, "caption": f"Caption {number}", "is_rejected": rejected, "is_precanned": canned}
        for number, (rejected, canned) in enumerate([(False, False), (True, False), (False, True)])
    ]
    path = tmp_path / "v.json"
    path.write_text(json.dumps({"images": [{"id": 1, "file_name": "1.jpg"}], "annotations": annotations}))
    source = made("vizwiz").read(path)
    assert [text for batch in source.batches() for text in batch.texts] == ["Caption 0"]
    assert source.notes.left_out == {"rejected": 1, "precanned": 1}
    assert len(texts(path, made("vizwiz", include_rejected="true", include_precanned="true"))) == 3


@pytest.mark.parametrize(
    ("content", "name", "complaint"),
    [
        ("a,b\n1,2\n", "a.csv", "does not say which column holds the caption; it has the columns a, b: give --capt"),
        ("text,sentence,image\n1,2,3\n", "a.csv", "more than one column that could hold the caption (text, sentence)"),
        ("caption\nA dog\n", "a.csv", "does not say which column names the image"),
        ('image,caption\n1,"A dog\n2,A cat\n', "a.csv", "a quotation mark in line 2 is not closed"),
        ("", "a.csv", "it is empty"),
        ("hello\n", "a.txt", "is of no known format of captions: give --format NAME"),
        ('{"image": "1.jpg"}\n', "a.jsonl", "does not say which column holds the caption"),
    ],
)
def test_a_wrong_guess_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, name: str, complaint: str
) -> None:
    path = tmp_path / name
    path.write_text(content)
    code = run(["check", str(path)])
    error = capsys.readouterr().err
    assert code == 1
    assert complaint in error
    assert error.count("\n") == 1


def test_the_user_names_columns_and_format(tmp_path: Path) -> None:
    path = tmp_path / "a.data"
    path.write_text("a;b\n1.jpg;A dog\n")
    command = ["convert", str(path), str(tmp_path / "b.jsonl"), "--format", "csv"]
    assert run([*command, "--caption-column", "b", "--image-column", "a"]) == 0
    assert json.loads((tmp_path / "b.jsonl").read_text()) == {"file_name": "1.jpg", "caption": "A dog"}
    assert run(["check", "--format", "token", "--caption-column", "b", str(path)]) == 2


def test_bad_lines_are_named_and_kept(tmp_path: Path) -> None:
    content = b'{"image_id": 1.0, "caption": "A dog"}\n{bad\n{"image_id": 2, "caption": " "}\n7\n'
    content += b'{"image_id": 3, "caption": "A cat"}'
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    source = made("jsonl").read(path)
    found = [record for batch in source.batches() for record in batch.records()]
    assert [(record.image_id, record.text) for record in found] == [(1, "A dog"), (3, "A cat")]
    assert source.notes.problem_count == 3
    assert str(source.notes.faults[0]) == (
        "line 1, key 'image_id', value 1.0: it is used as 1; write it as a whole number"
    )
    assert str(source.notes.problems[0]) == 'line 2, value "{bad": it is not JSON'
    update(path, tmp_path / "b.jsonl", made("jsonl"))
    restore(tmp_path / "b.jsonl", tmp_path / "c.jsonl", made("jsonl"))
    assert (tmp_path / "c.jsonl").read_bytes() == content


def test_a_caption_that_was_changed_after_the_update_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("image,caption\n1.jpg,A dog\n2.jpg,A cat\n")
    update(path, tmp_path / "b.csv", made("csv"), 2)
    updated = (tmp_path / "b.csv").read_text()
    assert updated == "image,caption\n1.jpg,A nice dog\n2.jpg,A nice cat\n"
    (tmp_path / "b.csv").write_text(updated.replace("nice cat", "very nice cat"))
    restored = restore(tmp_path / "b.csv", tmp_path / "c.csv", made("csv"))
    assert (restored.captions, restored.left_count) == (1, 1)
    assert str(restored.left[0]) == "line 3, key 'caption', value \"A very nice cat\": it was changed after the update"
    assert (tmp_path / "c.csv").read_text() == "image,caption\n1.jpg,A dog\n2.jpg,A very nice cat\n"


def test_images_without_a_path_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    import pyarrow

    images = [{"bytes": b"x", "path": None}, {"bytes": b"x", "path": "2.jpg"}]
    parquet.write_table(pyarrow.table({"image": images, "text": ["A dog", "A cat"]}), tmp_path / "a.parquet")
    assert run(["convert", str(tmp_path / "a.parquet"), str(tmp_path / "b.csv")]) == 0
    error = capsys.readouterr().err
    assert "row 1, key 'image': it does not name its image: give the column that does with --image-column" in error


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_the_record_of_edits_is_counted_as_lost(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, new = tmp_path / name, tmp_path / f"new-{name}"
    path.write_text("image,caption\n1.jpg,A dog\n2.jpg,A cat\n" if name == "a.csv" else FILES["jsonl"][1])
    update(path, new, made(Path(name).suffix[1:]))
    assert run(["convert", "--strict", str(new), str(tmp_path / "b.json")]) == 1
    assert "this is lost: edits (2)" in capsys.readouterr().err


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("new", [False, True])
def test_an_abandoned_parquet_file_leaves_no_trace(new: bool, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    import pyarrow

    path, form = tmp_path / "a.parquet", made("parquet")
    parquet.write_table(pyarrow.table({"file_name": ["1.jpg"], "caption": ["A dog"]}), path)

    def captions() -> Iterator[CaptionRecord]:
        yield from [CaptionRecord("A dog", None, "1.jpg")] * 3000
        raise SentikitError("enough")

    def write() -> None:
        if new:
            form.format.write(tmp_path / "b.parquet", captions(), ["file_name"], Target())
        else:
            with form.read(path).copy_to(tmp_path / "b.parquet", Target()):
                raise SentikitError("enough")

    with pytest.raises(SentikitError, match="enough"):
        write()
    gc.collect()
    assert [file.name for file in tmp_path.iterdir()] == ["a.parquet"]


def test_parquet_is_restored_equal_with_its_metadata(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    features = {"info": {"features": {"text": {"dtype": "string", "_type": "Value"}}}}
    table = pyarrow.table(
        {
            "image": [{"bytes": b"x", "path": "1.jpg"}, {"bytes": b"y", "path": "2.jpg"}] * 3,
            "text": [["A dog", "Two dogs"], ["A cat"]] * 3,
            "score": pyarrow.array([1, None] * 3, pyarrow.int8()),
        }
    ).replace_schema_metadata({"huggingface": json.dumps(features)})
    path, new, back = (tmp_path / name for name in ("a.parquet", "b.parquet", "c.parquet"))
    parquet.write_table(table, path)
    form = made("parquet")
    written = update(path, new, form, 2)
    assert texts(new, form) == written
    changed = parquet.read_table(new)
    assert changed.drop_columns(["sentikit", "text"]).equals(table.drop_columns(["text"]))
    assert "sentikit" in json.loads(changed.schema.metadata[b"huggingface"])["info"]["features"]
    assert restore(new, back, form).captions == 9
    assert parquet.read_table(back).equals(parquet.read_table(path), check_metadata=True)


def test_photographs_are_never_changed_and_xmp_is_restored(tmp_path: Path) -> None:
    from PIL import Image
    from sentikit_plugins.caption_formats.xmp_text import new_packet

    for name in ("a", "b", "c"):
        packet = {"xmp": new_packet("A cat & a dog").encode("utf-8")} if name == "a" else {}
        Image.new("RGB", (8, 8)).save(tmp_path / f"{name}.jpg", **packet)
    beside = tmp_path / "b.xmp"
    beside.write_text(new_packet("A <big> dog").replace("<dc:description>", "<dc:title/><dc:description>"), "utf-8")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    form = made("xmp")
    assert texts(tmp_path, form) == ["A cat & a dog", "A <big> dog"]
    assert update(tmp_path, tmp_path, form, 2) == ["A nice cat & a dog", "A nice <big> dog"]
    assert texts(tmp_path, form) == ["A nice cat & a dog", "A nice <big> dog"]
    assert all((tmp_path / name).read_bytes() == content for name, content in before.items() if name != "b.xmp")
    assert restore(tmp_path, tmp_path, form).captions == 2
    (tmp_path / ".sentikit.jsonl").unlink()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_xmp_with_a_doctype_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    (tmp_path / "a.xmp").write_text('<!DOCTYPE x [<!ENTITY e "e">]><x>&e;</x>')
    source = made("xmp").read(tmp_path)
    assert [len(batch.texts) for batch in source.batches()] == [0]
    assert "DOCTYPE" in str(source.notes.problems[0])


def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    for name in ("../x.jpg", "/x.jpg", "a/../../x.jpg"):
        with pytest.raises(SentikitError, match="leads out"):
            made("sidecars").format.write(tmp_path, [CaptionRecord("A dog", None, name)], [], Target())
    assert list(tmp_path.iterdir()) == []


def test_keys_that_are_there_twice_are_named_and_the_last_is_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"image_id": 1, "caption": "A cat", "caption": "A dog", "x": "\\":"}\n' * 2)
    assert texts(path) == ["A dog", "A dog"]
    assert run(["check", str(path)]) == 1
    assert "line 2, key 'caption': the object has this key more than once" in capsys.readouterr().out
    path = tmp_path / "a.json"
    path.write_text('[{"image_id": 1, "caption": "A cat", "caption": "A dog"}]')
    assert texts(path) == ["A dog"]
    assert run(["check", str(path)]) == 1
    assert "[0], key 'caption': the object has this key more than once" in capsys.readouterr().out
