"""`sentikit report`, without a browser: what is read, counted and written."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from pathlib import Path

import pytest
from PIL import Image
from support.made_images import save_scene, save_truncated
from support.report_cases import HOSTILE, MAPS, calls, data_of, edit, line, save_lines, save_photos, text_of
from support.toy_commands import toy_run

from sentikit.cli import run
from sentikit.errors import SentikitError
from sentikit.figures import style
from sentikit.report import read_results
from sentikit.report.attention_data import LEVELS, read_attention
from sentikit.report.page import asset
from sentikit.report.rows import call

Capture = pytest.CaptureFixture[str]


def report(*arguments: str | Path) -> int:
    return run(["report", *map(str, arguments)])


def save_coco(path: Path) -> Path:
    """Two photographs with an edited caption, a plain one and none."""
    original = "A dog on a street."
    mark = {"original": original, "edits": [edit(original, "happy", "dog", None)]}
    annotations = [
        {"id": 1, "image_id": 1, "caption": "A happy dog on a street.", "sentikit": mark},
        {"id": 2, "image_id": 1, "caption": "A street."},
    ]
    images = [{"id": 1, "file_name": "1.png"}, {"id": 2, "file_name": "2.png"}]
    settings = {"rewriter": "spacy-lemma", "tags": "my_tags.jsonl", "filter": {"top_k": 20, "ontology": None}}
    path.write_text(json.dumps({"images": images, "annotations": annotations, "sentikit": settings}))
    return path


def test_lines_become_a_folder(tmp_path: Path, capsys: Capture) -> None:
    results = save_lines(tmp_path / "out.jsonl", line(1), line(2, word=None), line(3, attention=MAPS))
    save_photos(tmp_path / "photos", range(1, 4))
    assert report(results, "-o", tmp_path / "report", "--images", tmp_path / "photos") == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "3 photographs, 0 failed; 3 captions, 2 edited." in captured.err

    data = data_of(tmp_path / "report")
    summary, (first, rows) = data["addSummary"][0], data["addPhotos"]
    assert first == 0
    assert rows[0][:4] == ["1", "1.png", 0, [40, 24]]
    assert rows[0][4] == [[["a ", ["happy", 0, 0.5], " dog on a street"], "a dog on a street", -2.5]]
    assert rows[1][4] == [[["a dog on a street"], 0, -2.5]]
    assert rows[0][5] == [[0, 0.5], [1, 0.25]]
    assert [row[6] for row in rows] == [0, 0, 1]
    assert [anp[:3] for anp in summary["anps"]] == [["happy", "dog", "positive"], ["wet", "street", "negative"]]
    assert data["addAttention"] == [[[2, ["a", "dog"], 2, 3, [rows_of(MAPS, 0), "00000Z"]]]]
    assert summary["settings"] == [["captioner", "toy"], ["combiner", "toy"]]
    with Image.open(tmp_path / "report" / "photos" / "0" / "2.jpg") as picture:
        assert picture.size == (40, 24)


def rows_of(attention: dict[str, list[object]], place: int) -> str:
    return read_attention(attention).maps[place]


def test_the_statistics_are_those_of_the_captions(tmp_path: Path) -> None:
    lines = [line(1), line(2, word="sad"), line(3, word=None), line(4, plain="a brown dog", word=None)]
    assert report(save_lines(tmp_path / "out.jsonl", *lines), "-o", tmp_path / "report") == 0
    counts = data_of(tmp_path / "report")["addSummary"][0]["statistics"]
    assert counts["photos"] == counts["captions"] == 4
    assert (counts["edited"], counts["edits"], counts["distinct"]) == (2, 2, 2)
    assert (counts["plainWithoutAdjective"], counts["withoutAdjective"]) == (3, 1)
    assert counts["commonest"] == [["happy", "dog", "positive", 1], ["sad", "dog", "negative", 1]]
    assert counts["polarities"] == [["positive", 1], ["neutral", 0], ["negative", 1], ["unknown", 0]]


def test_an_updated_coco_file_with_its_tags(tmp_path: Path, capsys: Capture) -> None:
    coco = save_coco(tmp_path / "updated.json")
    save_photos(tmp_path / "images", range(1, 3))
    tags = tmp_path / "tags.jsonl"
    tags.write_text('{"image_id": 1, "anps": ["happy dog", "wet street"]}\n')
    assert report(coco, "-o", tmp_path / "report", "--tags", tags) == 0
    data = data_of(tmp_path / "report")
    first, second = data["addPhotos"][1]
    assert [text_of(caption) for caption in first[4]] == ["A happy dog on a street.", "A street."]
    assert first[4][0][0][1] == ["happy", 0, None]
    assert first[5] == [[0, None], [1, None]]
    assert second[2] == "it has no usable caption"
    assert second[3] == [40, 24]
    summary = data["addSummary"][0]
    assert summary["settings"] == [["rewriter", "spacy-lemma"], ["tags", "my_tags.jsonl"], ["filter", "top k 20"]]
    assert summary["statistics"]["failed"] == 1
    assert "1 of the 2 images of updated.json has no usable caption" in " ".join(summary["warnings"])
    assert str(tmp_path) not in json.dumps(summary)
    assert "1 of 2 images has no tags" in capsys.readouterr().err


def test_a_caption_that_was_changed_after_the_update_shows_no_edits(tmp_path: Path) -> None:
    coco = save_coco(tmp_path / "updated.json")
    coco.write_text(coco.read_text().replace("A happy dog on a street.", "A happy cat."))
    results = read_results(coco)
    assert results.photos[0].captions[0].text == results.photos[0].captions[0].plain == "A happy cat."
    assert any("annotations[0]" in warning for warning in results.warnings)


def test_bad_photographs_are_counted_and_never_fatal(tmp_path: Path, capsys: Capture) -> None:
    numbers = range(120)
    photos = save_photos(tmp_path / "photos", numbers)
    save_truncated(photos / "49.png")
    (photos / "50.png").write_bytes(b"no image")
    (photos / "7.png").unlink()
    failures = tmp_path / "failures.jsonl"
    failures.write_text('{"file": "/private/place/bad.jpg", "image_id": "bad", "reason": "it is damaged"}\n')
    results = save_lines(tmp_path / "out.jsonl", *map(line, numbers))
    options = ("--images", photos, "--failures", failures)
    assert report(results, "-o", tmp_path / "report", *options) == 0
    assert "121 photographs, 4 failed" in capsys.readouterr().err
    rows = data_of(tmp_path / "report")["addPhotos"][1]
    problems = {place: row[2] for place, row in enumerate(rows) if row[2]}
    assert set(problems) == {7, 49, 50, 120}
    assert problems[7] == "its file was not found"
    assert rows[120][:4] == ["bad", "bad.jpg", "it is damaged", 0]
    assert {place for place, row in enumerate(rows) if not row[3]} == set(problems)
    written = {int(path.stem) for path in (tmp_path / "report" / "photos").rglob("*.jpg")}
    assert written == set(numbers) - set(problems)


def test_pictures_stay_with_their_photographs_over_the_bounds_of_data_files(tmp_path: Path) -> None:
    numbers = range(520)
    photos = save_photos(tmp_path / "photos", numbers)
    (photos / "3.png").unlink()
    (photos / "499.png").write_bytes(b"no image")
    Image.new("RGB", (9, 9)).save(photos / "505.png")
    results = save_lines(tmp_path / "out.jsonl", *map(line, numbers))
    assert report(results, "-o", tmp_path / "report", "--images", photos) == 0
    data = tmp_path / "report" / "data"
    firsts = [calls((data / f"photos-{chunk}.js").read_text())["addPhotos"] for chunk in range(2)]
    assert [first for first, _ in firsts] == [0, 500]
    rows = [row for _, chunk in firsts for row in chunk]
    assert [row[0] for row in rows] == list(map(str, numbers))
    assert [place for place, row in enumerate(rows) if not row[3]] == [3, 499]
    assert rows[505][3] == [9, 9]


def test_photographs_are_found_in_folders_of_the_folder(tmp_path: Path) -> None:
    save_photos(tmp_path / "photos" / "deeper", range(1, 3))
    save_photos(tmp_path / "photos" / "twice", range(2, 3))
    results = save_lines(tmp_path / "out.jsonl", line(1), line(2))
    assert report(results, "-o", tmp_path / "report", "--images", tmp_path / "photos") == 0
    rows = data_of(tmp_path / "report")["addPhotos"][1]
    assert [row[3] for row in rows] == [[40, 24], 0]


def test_without_photographs_the_report_has_no_pictures(tmp_path: Path, capsys: Capture) -> None:
    assert report(save_lines(tmp_path / "out.jsonl", line(1)), "-o", tmp_path / "report") == 0
    assert "Warning: No photograph was found" in capsys.readouterr().err
    data = data_of(tmp_path / "report")
    assert not data["addSummary"][0]["pictures"]
    assert data["addPhotos"][1][0][2:4] == [0, 0]


def test_bad_lines_and_parts_are_left_out_and_named(tmp_path: Path) -> None:
    results = save_lines(
        tmp_path / "out.jsonl",
        line(1, anps=["happy dog", "three words here"], attention={"words": ["a"], "maps": [[[-1]]]}),
        line(1),
        line(2, edits=[{"start": 0}]),
        line(3, caption="a dog that someone changed"),
        {"image_id": 4, "anps": []},
    )
    read = read_results(results)
    assert [photo.image_id for photo in read.photos] == [1, 2, 3]
    assert [len(photo.captions[0].edits) for photo in read.photos] == [1, 0, 0]
    assert read.photos[0].attention is None
    assert [str(tag.anp) for tag in read.photos[0].tags] == ["happy dog"]
    assert "6 problems" in read.warnings[0]
    assert "line 2, key 'anps[1]', value \"three words here\"" in read.warnings[0]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "is empty"),
        ("nonsense\n", "has no captions: the first problem is line 1"),
        ('{"image_id": 1, "anps": []}\n', "a tag file has none; 'sentikit caption --jsonl' writes them"),
        ('{"images": [], "annotations": []}', "has no captions"),
        ('[{"image": "1.jpg"}]', "it is not an object"),
    ],
)
def test_other_files_are_refused_in_a_sentence(tmp_path: Path, capsys: Capture, content: str, complaint: str) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text(content)
    assert report(path, "-o", tmp_path / "report") == 1
    error = capsys.readouterr().err
    assert error.startswith("Error: ")
    assert complaint in error
    assert list(tmp_path.iterdir()) == [path]


def test_what_does_not_go_together_is_wrong_usage(tmp_path: Path, capsys: Capture) -> None:
    results = save_lines(tmp_path / "out.jsonl", *map(line, range(201)))
    assert report(results, "-o", tmp_path / "report.html") == 2
    assert "add --single-file" in capsys.readouterr().err
    assert report(results, "-o", tmp_path / "report", "--tags", results) == 2
    assert "leave --tags out" in capsys.readouterr().err
    assert report(results, "-o", tmp_path / "report.html", "--single-file") == 2
    assert "has 201 photographs, and a single file takes at most 200" in capsys.readouterr().err
    assert report(results, "-o", tmp_path / "report", "--images", tmp_path / "nowhere") == 1
    assert "There is no folder" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [results]


def test_only_a_report_is_replaced_and_only_when_asked(tmp_path: Path, capsys: Capture) -> None:
    results = save_lines(tmp_path / "out.jsonl", line(1))
    folder = tmp_path / "report"
    assert report(results, "-o", folder) == 0
    (folder / "left-over").touch()
    assert report(results, "-o", folder) == 1
    assert "exists already" in capsys.readouterr().err
    assert report(results, "-o", folder, "--force") == 0
    assert not (folder / "left-over").exists()

    inside = save_lines(folder / "out.jsonl", line(1))
    assert report(inside, "-o", folder, "--force") == 1
    assert "is in it" in capsys.readouterr().err
    (folder / "index.html").write_text("<p>mine</p>")
    assert report(results, "-o", folder, "--force") == 1
    assert "is not a report" in capsys.readouterr().err
    assert (folder / "index.html").read_text() == "<p>mine</p>"
    assert report(results, "-o", results, "--force") == 1
    assert "it is a file" in capsys.readouterr().err


def test_a_failure_leaves_nothing_and_keeps_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    results = save_lines(tmp_path / "out.jsonl", line(1))
    assert report(results, "-o", tmp_path / "report") == 0
    before = {path.name: path.is_file() and path.read_bytes() for path in (tmp_path / "report").rglob("*")}
    monkeypatch.setattr("sentikit.report.build.page_with_files", lambda *_: (_ for _ in ()).throw(SentikitError("No.")))
    assert report(results, "-o", tmp_path / "report", "--force") == 1
    assert {path.name: path.is_file() and path.read_bytes() for path in (tmp_path / "report").rglob("*")} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.jsonl", "report"]


def test_a_single_file_holds_all_and_its_policy_names_its_scripts(tmp_path: Path) -> None:
    results = save_lines(tmp_path / "out.jsonl", line(1, attention=MAPS), line(2))
    save_photos(tmp_path / "photos", range(1, 3))
    page = tmp_path / "report.html"
    assert report(results, "-o", page, "--images", tmp_path / "photos", "--single-file") == 0
    text = page.read_text("utf-8")
    assert "src=" not in re.sub(r"<script>.*?</script>", "", text, flags=re.S)
    data = calls(text)
    embedded = data["addPhotos"][1][0][3][2]
    assert base64.b64decode(embedded.removeprefix("data:image/jpeg;base64,")).startswith(b"\xff\xd8")
    assert data["addAttention"][0][0][:2] == [0, ["a", "dog"]]
    policy = html.unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1])  # type: ignore[index]
    for script in re.findall(r"<script>(.*?)</script>", text, re.S):
        assert f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" in policy
    assert "unsafe" not in policy


def test_hostile_text_cannot_leave_its_place(tmp_path: Path) -> None:
    hostile = line(1, plain=f"a dog {HOSTILE}\u2028\ud800", file_name=f"{HOSTILE}.png", image_id=HOSTILE)
    hostile["anps"] = [{"adjective": "<b>", "noun": "__proto__", "probability": 0.5}]
    path = tmp_path / "<img src=x onerror=alert(1)>&quot;.jsonl"
    save_lines(path, hostile)
    assert report(path, "-o", tmp_path / "report") == 0
    data = (tmp_path / "report" / "data" / "photos-0.js").read_bytes()
    assert not set(data) & set(b"<>&")
    assert data.isascii()
    row = data_of(tmp_path / "report")["addPhotos"][1][0]
    assert text_of(row[4][0]) == hostile["caption"]
    assert row[0] == HOSTILE
    assert "<img" not in (tmp_path / "report" / "index.html").read_text()
    assert report(path, "-o", tmp_path / "report.html", "--single-file") == 0
    alone = (tmp_path / "report.html").read_text()
    assert alone.count("<script>") == alone.count("</script>") == asset("report.html").count("</script>") + 10
    assert "<img" not in alone


def test_numbers_that_json_has_not_are_unknown(tmp_path: Path) -> None:
    odd = edit("a dog", "happy", "dog", float("nan"))
    results = save_lines(tmp_path / "out.jsonl", line(1, plain="a dog", edits=[odd], log_probability=float("-inf")))
    assert report(results, "-o", tmp_path / "report") == 0
    caption = data_of(tmp_path / "report")["addPhotos"][1][0][4][0]
    assert caption == [["a ", ["happy", 0, None], " dog"], "a dog", None]
    with pytest.raises(ValueError, match="JSON compliant"):
        call("addPhotos", float("nan"))


def test_articles_and_capitals_are_outside_the_mark(tmp_path: Path) -> None:
    article = {
        "start": 0, "end": 3, "before": "An ", "after": "A shiny ",
        "adjective": "shiny", "noun": "apple", "probability": 0.5,
    }  # fmt: skip
    results = save_lines(tmp_path / "o.jsonl", line(1, plain="An apple", edits=[article], caption="A shiny apple"))
    assert report(results, "-o", tmp_path / "report") == 0
    assert data_of(tmp_path / "report")["addPhotos"][1][0][4][0][0] == ["A ", ["shiny", 0, 0.5], " apple"]


def test_attention_is_compared_within_a_map() -> None:
    first, second = read_attention({"words": ["a", "b"], "maps": [[[1, 0], [0, 0.5]], [[5, 5], [5, 5]]]}).maps
    assert first == LEVELS[-1] + LEVELS[0] + LEVELS[0] + LEVELS[30]
    assert second == LEVELS[0] * 4
    assert len(set(LEVELS)) == len(LEVELS) == 62
    assert LEVELS in asset("attention.js")


@pytest.mark.parametrize(
    "value",
    [
        None, [], {"words": [], "maps": []}, {"words": ["a"], "maps": []}, {"words": ["a"], "maps": [[]]},
        {"words": ["a"], "maps": [[[]]]}, {"words": ["a"], "maps": [[[True]]]}, {"words": ["a"], "maps": [[[1e999]]]},
        {"words": ["a"], "maps": [[[1, 2], [3]]]}, {"words": ["a"], "maps": [[[0] * 65]]},
        {"words": ["a", "b"], "maps": [[[1]], [[1, 2]]]}, {"words": [1], "maps": [[[1]]]},
    ],
)  # fmt: skip
def test_other_attention_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_attention(value)


def test_the_page_has_the_colours_of_the_figures() -> None:
    css = asset("report.css")
    for colour in (style.BACKGROUND, style.INK, *style.WARM):
        assert "#{:02x}{:02x}{:02x}".format(*colour) in css
    assert all(str(list(colour)) in asset("attention.js") for colour in style.WARM)


def test_the_page_asks_for_nothing_from_a_network() -> None:
    names = ("report.html", "report.css", "data.js", "cards.js", "list.js", "main.js", "filters.js", "summary.js")
    text = "".join(map(asset, names))
    assert not re.search(r"https?:|//[a-z]|@import|fetch\(|XMLHttp|innerHTML|insertAdjacentHTML|eval\(", text)


def test_caption_writes_attention_that_a_report_shows(tmp_path: Path) -> None:
    captions = tmp_path / "captions.jsonl"
    save_scene(tmp_path / "photos" / "1.png")
    toys = ("--captioner", "toy", "--combiner", "none", "--attention")
    assert toy_run("caption", *toys, tmp_path / "photos") == 2
    assert toy_run("caption", *toys, tmp_path / "photos", "--jsonl", captions) == 0
    assert read_results(captions).photos[0].attention == (("a", "street"), 2, 2, ("Z000", "000Z"))
