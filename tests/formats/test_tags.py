"""Tag files: read with named problems, joined to captions, written and gone on with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentikit import ANP, SentikitError, Tag
from sentikit.formats.tags import TagWriter, match_tags, read_tags, tag_line

WORDS = st.text("abcdefghijklmnopqrstuvwxyzéß'-", min_size=1, max_size=8)
PROBABILITIES = st.floats(0, 1, allow_subnormal=False).map(lambda value: float(f"{value:.6g}"))
TAGS = st.lists(st.builds(Tag, st.builds(ANP, WORDS, WORDS), PROBABILITIES | st.none()), max_size=6)


def write_lines(path: Path, *lines: Any) -> Path:
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    path.write_text(text, encoding="utf-8")
    return path


def long(adjective: Any, noun: Any, probability: Any = 0.5) -> dict[str, Any]:
    return {"adjective": adjective, "noun": noun, "probability": probability}


def tag(text: str, probability: float | None = None) -> Tag:
    return Tag(ANP.parse(text), probability)


def test_long_form_comes_best_first_and_ties_keep_their_order(tmp_path: Path) -> None:
    anps = [long("cute", "dog", 0.1), long("Red", "CAR", 0.7), long("old", "house", 0.1), long("wet", "cat", 1)]
    file = read_tags(write_lines(tmp_path / "tags.jsonl", {"image_id": 7, "anps": anps}))
    assert file.by_id[7] == [tag("wet cat", 1.0), tag("red car", 0.7), tag("cute dog", 0.1), tag("old house", 0.1)]
    assert file.without_probability == 0
    assert file.warnings() == []


def test_short_form_has_ranks_only(tmp_path: Path) -> None:
    file = read_tags(write_lines(tmp_path / "tags.jsonl", {"image_id": "a", "anps": ["Cute dog", " red  car "]}))
    assert file.by_id["a"] == [tag("cute dog"), tag("red car")]
    assert file.without_probability == 2


def test_unknown_probabilities_come_last_in_their_order(tmp_path: Path) -> None:
    anps = [long("a", "b", None), "c d", long("e", "f", 0.2), {"adjective": "g", "noun": "h"}, long("i", "j", 0.4)]
    file = read_tags(write_lines(tmp_path / "tags.jsonl", {"image_id": 1, "anps": anps}))
    assert file.by_id[1] == [tag("i j", 0.4), tag("e f", 0.2), tag("a b"), tag("c d"), tag("g h")]
    assert file.without_probability == 3


@pytest.mark.parametrize("separators", [(", ", ": "), (",", ":")])
@pytest.mark.parametrize(
    "entry",
    [
        "waiting",
        "very cute dog",
        "",
        5,
        None,
        ["cute", "dog"],
        {"adjective": "cute"},
        {"noun": "dog"},
        long("very cute", "dog"),
        long("", "dog"),
        long("cute", 5),
        long("cute", "do\u0000g"),
        long("cute", "dog", 1.01),
        long("cute", "dog", -0.1),
        long("cute", "dog", float("nan")),
        long("cute", "dog", float("inf")),
        long("cute", "dog", True),
        long("cute", "dog", "0.5"),
    ],
    ids=repr,
)
def test_a_bad_tag_is_left_out_and_named(tmp_path: Path, entry: Any, separators: tuple[str, str]) -> None:
    value = {"image_id": 1, "anps": [long("red", "car"), entry, long("old", "house", 0.25)]}
    path = write_lines(tmp_path / "tags.jsonl", "", json.dumps(value, separators=separators))
    file = read_tags(path)
    assert file.by_id[1] == [tag("red car", 0.5), tag("old house", 0.25)]
    (warning,) = file.warnings()
    assert warning.startswith(f"1 tag of {path} left out: line 2, key 'anps[1]', value ")
    with pytest.raises(SentikitError, match=r"tags.jsonl, line 2, key 'anps\[1\]', value .*\.$"):
        read_tags(path, strict=True)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("{", "it is not JSON"),
        ("5", "it is not an object"),
        ('{"image_id": ' + "9" * 5000 + ', "anps": []}', "it is not sound JSON"),
        ('{"image_id": 2, "anps": ' + "[" * 100_000, "it is not"),
        ({"anps": ["cute dog"]}, "it has neither an image_id nor a file_name"),
        ({"image_id": None, "file_name": None, "anps": []}, "it has neither an image_id nor a file_name"),
        ({"image_id": True, "anps": ["cute dog"]}, "it is neither a whole number nor text"),
        ({"image_id": 2.0, "anps": ["cute dog"]}, "it is neither a whole number nor text"),
        ({"file_name": 5, "anps": ["cute dog"]}, "it is not the name of a file"),
        ({"image_id": 2}, "it is missing"),
        ({"image_id": 2, "anps": "cute dog"}, "it is not a list"),
        ({"image_id": 1, "anps": ["old dog"]}, "a line before it is of the same image"),
        ({"image_id": 1, "anps": [long("old", "dog")]}, "a line before it is of the same image"),
        ({"file_name": "a.jpg", "anps": ["old dog"]}, "a line before it is of the same image"),
        ({"sentikit": {"tagger": "other"}}, "it is a header of other settings"),
        ({"sentikit": 3}, "it is not an object"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_bad_line_is_left_out_and_named(tmp_path: Path, line: Any, what: str) -> None:
    good = [{"sentikit": {"tagger": "x"}}, {"image_id": 1, "anps": ["cute dog"]}, {"file_name": "a.jpg", "anps": []}]
    path = write_lines(tmp_path / "tags.jsonl", *good, line, {"image_id": 3, "anps": ["red car"]})
    file = read_tags(path)
    assert {image.key for image in file.images} == {1, "a.jpg", 3}
    assert file.by_id[1] == [tag("cute dog")]
    (warning,) = file.warnings()
    assert warning.startswith(f"1 line of {path} left out: line 4")
    assert what in warning
    assert len(warning) < 300
    with pytest.raises(SentikitError, match="line 4"):
        read_tags(path, strict=True)


def test_many_problems_are_counted_and_the_first_shown(tmp_path: Path) -> None:
    lines = [{"image_id": number, "anps": ["waiting", "cute dog", "empty"]} for number in range(50)]
    (warning,) = read_tags(write_lines(tmp_path / "tags.jsonl", *lines, "x", "y")).warnings()
    assert warning.startswith("2 lines and 100 tags of ")
    assert warning.count("it is not an adjective and a noun") == 3
    assert warning.endswith("; and 99 more.")


def test_header_byte_order_mark_blank_lines_and_windows_ends(tmp_path: Path) -> None:
    path = tmp_path / "tags.jsonl"
    header = {"sentikit": {"tagger": "softmax-classifier"}}
    lines = [header, "", {"image_id": 1, "anps": ["cute dog"]}, "  ", header]
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\r\n" for line in lines)
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    file = read_tags(path, strict=True)
    assert file.header == {"tagger": "softmax-classifier"}
    assert file.by_id[1] == [tag("cute dog")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "has no tags: it is empty"),
        (b"\n\n", "has no tags: it is empty"),
        (b'{"sentikit": {}}\n', "has no tags"),
        (b"nonsense\n", 'has no tags: the first problem is line 1, value "nonsense": it is not JSON'),
        (b'{"images": [], "annotations": []}', "line 1, value an object of 2 keys: it has neither"),
        (b'{"image_id": 1, "anps": ["caf\xe9 noir"]}\n', "it is not UTF-8"),
        ('{"image_id": 1, "anps": []}'.encode("utf-16"), "it is not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_sentence(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "tags.jsonl"
    path.write_bytes(content)
    with pytest.raises(SentikitError) as error:
        read_tags(path)
    assert reason in str(error.value)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(SentikitError, match=r"Cannot read .*none.jsonl: it does not exist\."):
        read_tags(tmp_path / "none.jsonl")
    with pytest.raises(SentikitError, match=r"Cannot read .*: is a directory\."):
        read_tags(tmp_path)


@given(st.lists(st.tuples(st.integers() | WORDS, st.none() | WORDS, TAGS), unique_by=lambda one: one[0]), st.booleans())
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, images: list[Any], compact: bool) -> None:
    path = tmp_path_factory.mktemp("tags") / "tags.jsonl"
    if compact:
        lines = [json.dumps(tag_line(*image), separators=(",", ":"), ensure_ascii=False) for image in images]
        write_lines(path, *lines)
        file = read_tags(path, strict=True, allow_empty=True)
    else:
        with TagWriter(path, {"tagger": "x"}) as writer:
            for image in images:
                writer.write(*image)
        file = read_tags(path, strict=True, allow_empty=True)
        assert file.header == {"tagger": "x"}
    assert [(image.image_id, image.file_name) for image in file.images] == [image[:2] for image in images]
    for row, (_, _, tags) in enumerate(images):
        best_first = sorted(tags, key=lambda one: (one.probability is None, -(one.probability or 0)))
        assert file.tags[row] == best_first


@given(
    st.dictionaries(
        st.sampled_from(["image_id", "file_name", "anps", "x", "sentikit"]),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers(-2, 2)
            | st.floats()
            | st.sampled_from(["cute dog", "dog", "adjective"]),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["adjective", "noun", "probability"]), inner, max_size=3)
            ),
            max_leaves=8,
        ),
    )
)
def test_no_line_is_too_strange(tmp_path_factory: pytest.TempPathFactory, line: dict[str, Any]) -> None:
    path = write_lines(tmp_path_factory.mktemp("tags") / "tags.jsonl", {"image_id": 9, "anps": ["red car"]}, line)
    file = read_tags(path)
    assert file.by_id[9] == [tag("red car")]
    for row in range(len(file.images)):
        probabilities = [one.probability for one in file.tags[row] if one.probability is not None]
        assert all(0 <= value <= 1 for value in probabilities)


def test_probabilities_are_written_to_six_digits_and_maps_left_out() -> None:
    line = tag_line(3, None, [Tag(ANP("cute", "dog"), 0.30000001192092896), Tag(ANP("red", "car"), 1.23456789e-7)])
    assert json.dumps(line) == (
        '{"image_id": 3, "anps": [{"adjective": "cute", "noun": "dog", "probability": 0.3}, '
        '{"adjective": "red", "noun": "car", "probability": 1.23457e-07}]}'
    )
    assert tag_line(None, "a.jpg", [tag("cute dog")]) == {"file_name": "a.jpg", "anps": ["cute dog"]}


class TestMatch:
    def match(self, tmp_path: Path, images: list[dict[str, Any]], *lines: Any) -> Any:
        file = read_tags(write_lines(tmp_path / "tags.jsonl", *lines))
        return match_tags({image["id"]: image for image in images}, file)

    def test_by_id_and_by_base_name(self, tmp_path: Path) -> None:
        images = [
            {"id": 0, "file_name": "train/a.jpg"},
            {"id": "x", "file_name": "train\\b.jpg"},
            {"id": 5, "file_name": "c.jpg"},
            {"id": 6},
        ]
        matched = self.match(
            tmp_path,
            images,
            {"image_id": 0, "anps": ["cute dog"]},
            {"file_name": "/photos/b.jpg", "anps": ["red car"]},
            {"file_name": "d.jpg", "anps": ["old house"]},
            {"image_id": 77, "anps": ["wet cat"]},
        )
        assert dict(matched.tags) == {0: [tag("cute dog")], "x": [tag("red car")]}
        assert matched.untagged == [5, 6]
        assert [image.key for image in matched.unused] == [77, "d.jpg"]
        untagged, unused = matched.warnings()
        assert untagged.startswith("2 of 4 images have no tags in ")
        assert untagged.endswith(": ids 5, 6.")
        assert unused.startswith("2 of 4 images of ")
        assert unused.endswith(': 77, "d.jpg".')

    def test_an_id_wins_over_a_name(self, tmp_path: Path) -> None:
        images = [{"id": 1, "file_name": "a.jpg"}]
        lines = [{"file_name": "a.jpg", "anps": ["red car"]}, {"image_id": 1, "anps": ["cute dog"]}]
        for order in (lines, lines[::-1]):
            matched = self.match(tmp_path, images, *order)
            assert matched.tags[1] == [tag("cute dog")]
            assert len(matched.tags) + len(matched.unused) == 2

    def test_an_ambiguous_name_is_an_error(self, tmp_path: Path) -> None:
        images = [{"id": 1, "file_name": "train/a.jpg"}, {"id": 2, "file_name": "val/a.jpg"}]
        with pytest.raises(SentikitError, match=r'line 1: "a.jpg" is ambiguous because images 1 and 2 of the captions'):
            self.match(tmp_path, images, {"file_name": "a.jpg", "anps": ["cute dog"]})
        assert list(self.match(tmp_path, images, {"file_name": "val/a.jpg", "anps": ["cute dog"]}).tags) == [2]
        matched = self.match(tmp_path, images, {"image_id": 2, "file_name": "a.jpg", "anps": ["cute dog"]})
        assert list(matched.tags) == [2]
        lines = [{"file_name": "x/b.jpg", "anps": ["cute dog"]}, {"file_name": "y/b.jpg", "anps": ["red car"]}]
        with pytest.raises(SentikitError, match=r'lines 1 and 2: "b.jpg" is ambiguous'):
            self.match(tmp_path, [{"id": 1, "file_name": "b.jpg"}], *lines)

    @pytest.mark.parametrize(
        ("ours", "theirs", "kinds"), [(1, "1", "text here and a number"), ("1", 1, "a number here")]
    )
    def test_a_number_against_text_is_an_error(self, tmp_path: Path, ours: Any, theirs: Any, kinds: str) -> None:
        with pytest.raises(SentikitError, match=f"line 1: image_id {json.dumps(theirs)} is {kinds}"):
            self.match(
                tmp_path, [{"id": ours}, {"id": 2}], {"image_id": theirs, "anps": []}, {"image_id": 2, "anps": []}
            )

    def test_nothing_in_common_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(
            SentikitError, match=r"No image of the captions has tags in .*: its first image is 9, .* is 1"
        ):
            self.match(tmp_path, [{"id": 1}], {"image_id": 9, "anps": ["cute dog"]})

    def test_another_file_name_for_an_id_is_a_warning(self, tmp_path: Path) -> None:
        images = [{"id": 1, "file_name": "a.jpg"}, {"id": 2, "file_name": "b.jpg"}]
        lines = [{"image_id": n, "file_name": name, "anps": []} for n, name in ((1, "x/A.PNG"), (2, "c.jpg"))]
        (warning,) = self.match(tmp_path, images, *lines).warnings()
        assert warning.startswith("1 image of ")
        assert "another file name" in warning


class TestWriter:
    def test_goes_on_and_drops_a_torn_line(self, tmp_path: Path) -> None:
        path = tmp_path / "tags.jsonl"
        with TagWriter(path, {"tagger": "x", "top_k": 5}) as writer:
            assert writer.done == set()
            writer.write(1, "a.jpg", [tag("cute dog", 0.5)])
            writer.write(None, "b.jpg", [])
        whole = path.read_text()
        path.write_text(whole + '{"image_id": 3, "anps": ["re')
        with TagWriter(path, {"top_k": 5, "tagger": "x"}, resume=True) as writer:
            assert writer.done == {1, "b.jpg"}
            writer.write(3, None, [tag("red car", 0.25)])
        assert path.read_text().startswith(whole)
        assert read_tags(path, strict=True).by_id[3] == [tag("red car", 0.25)]

    def test_other_settings_are_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "tags.jsonl"
        with TagWriter(path, {"tagger": "x"}) as writer:
            writer.write(1, None, [])
        before = path.read_bytes()
        with pytest.raises(SentikitError, match='it was made with tagger "x", not "y"'):
            TagWriter(path, {"tagger": "y"}, resume=True)
        assert path.read_bytes() == before
        write_lines(path, {"image_id": 1, "anps": ["cute dog"]})
        with pytest.raises(SentikitError, match="it does not say how its tags were made"):
            TagWriter(path, {"tagger": "y"}, resume=True)

    def test_a_file_of_another_making_keeps_its_last_line(self, tmp_path: Path) -> None:
        path = tmp_path / "notes.txt"
        path.write_text("a line\nand a last one without an end")
        with pytest.raises(SentikitError, match="was not begun by this command"):
            TagWriter(path, {"tagger": "x"}, resume=True)
        assert path.read_text() == "a line\nand a last one without an end"

    @pytest.mark.parametrize("content", ["", '{"sentikit": {"tagger": "x"', '{"sentikit": {"tagger": "x"}}\n'])
    def test_goes_on_with_hardly_a_file(self, tmp_path: Path, content: str) -> None:
        path = tmp_path / "tags.jsonl"
        path.write_text(content)
        with TagWriter(path, {"tagger": "x"}, resume=True) as writer:
            writer.write(1, None, [tag("cute dog")])
        assert path.read_text().splitlines() == [
            '{"sentikit": {"tagger": "x"}}',
            '{"image_id": 1, "anps": ["cute dog"]}',
        ]

    def test_a_place_that_cannot_be_written_is_one_sentence(self, tmp_path: Path) -> None:
        with pytest.raises(SentikitError, match=r"Cannot write .*: it does not exist\."):
            TagWriter(tmp_path / "none" / "tags.jsonl", {})


def test_the_shared_tag_files(shared_data: Path) -> None:
    file = read_tags(shared_data / "coco_mini" / "tags_resnet101_vso.jsonl")
    assert len(file.images) == 172
    assert (file.tag_count, file.skipped_tags, file.skipped_lines) == (3416, 24, 0)
