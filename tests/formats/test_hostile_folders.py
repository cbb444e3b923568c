"""Files beside photographs: nothing is written outside the folder, and no XML errs."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.caption_formats import made, restore, texts, update

from sentikit import SentikitError
from sentikit.formats.interface import CaptionRecord, Target
from sentikit.formats.provenance import provenance_path

XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/">{}</rdf:Description></rdf:RDF></x:xmpmeta>'
)
LI = '<dc:description><rdf:Alt>{}<rdf:li xml:lang="x-default">A dog &#233; runs.</rdf:li></rdf:Alt></dc:description>'
GERMAN = '<rdf:li xml:lang="de">Ein Hund</rdf:li>'
COMMENT = "<!-- <dc:description><rdf:Alt><rdf:li>A comment</rdf:li></rdf:Alt></dc:description> -->"


def folder_with(tmp_path: Path, suffix: str, content: str) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "1.jpg").touch()
    (folder / f"1{suffix}").write_text(content, "utf-8")
    return folder


@pytest.mark.parametrize(
    ("name", "suffix", "content"),
    [("sidecars", ".txt", "A dog\n"), ("xmp", ".xmp", XMP.format(LI.format("")))],
)
def test_a_link_out_of_the_folder_is_not_written(tmp_path: Path, name: str, suffix: str, content: str) -> None:
    folder, elsewhere = folder_with(tmp_path, suffix, content), tmp_path / "elsewhere"
    (folder / f"1{suffix}").rename(elsewhere)
    (folder / f"1{suffix}").symlink_to(elsewhere)
    with pytest.raises(SentikitError, match="a link leads out of the folder"):
        update(folder, folder, made(name))
    with pytest.raises(SentikitError, match="a link leads out of the folder"):
        made(name).format.write(folder, [CaptionRecord("Evil", 1)], [], Target(existing="overwrite"))
    assert elsewhere.read_text("utf-8") == content
    assert not provenance_path(folder).exists()


@pytest.mark.parametrize("name", ["sidecars", "xmp"])
def test_the_folder_itself_is_only_replaced_if_that_is_said(tmp_path: Path, name: str) -> None:
    content = XMP.format(LI.format("")) if name == "xmp" else "A dog\n"
    folder = folder_with(tmp_path, ".xmp" if name == "xmp" else ".txt", content)
    for target in (Target(), Target(existing="skip"), Target(existing="append")):
        source = made(name).read(folder)
        with pytest.raises(SentikitError, match="is the folder itself"), source.copy_to(folder / ".", target):
            pass


@pytest.mark.parametrize("name", ["sidecars", "xmp"])
def test_two_photographs_never_share_a_file(tmp_path: Path, name: str) -> None:
    records = [CaptionRecord("A", None, "a.jpg"), CaptionRecord("B", None, "b.jpg"), CaptionRecord("C", None, "a.png")]
    with pytest.raises(SentikitError, match="would have the same file"):
        made(name).format.write(tmp_path / "new", records, [], Target(existing="overwrite"))
    records[2] = CaptionRecord("C", None, "../a.jpg")
    with pytest.raises(SentikitError, match="leads out of the folder"):
        made(name).format.write(tmp_path / "new", records, [], Target(existing="overwrite"))
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("before", ["", COMMENT])
@pytest.mark.parametrize("first", ["", GERMAN, "<rdf:li></rdf:li>"])
def test_only_the_description_that_was_read_changes(tmp_path: Path, before: str, first: str) -> None:
    content = XMP.format(before + LI.format(first))
    folder, form = folder_with(tmp_path, ".xmp", content), made("xmp")
    if first:  # what cannot be changed in place is named
        source = form.read(folder)
        assert [batch.texts for batch in source.batches()] == [[]]
        assert "unusual form" in str(source.notes.problems[0])
        return
    update(folder, folder, form)
    assert (folder / "1.xmp").read_text("utf-8") == content.replace("A dog &#233;", "nice A dog é")
    restore(folder, folder, form)
    assert (folder / "1.xmp").read_text("utf-8") == content


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_doctype_is_found_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    from sentikit_plugins.caption_formats.xmp_text import description

    text = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE a [<!ENTITY b "A dog">]>' + XMP.format(LI.format(""))
    with pytest.raises(ValueError, match=r"DOCTYPE|not UTF-8"):
        description(text.encode(encoding))


@pytest.mark.parametrize(
    "text", ["a < b & c ]]> d", "<!-- </rdf:li>", "{x} {0}", "one\rtwo\tthree", "\ufffe\x01.\uffff"]
)
def test_every_caption_makes_sound_xmp(tmp_path: Path, text: str) -> None:
    form = made("xmp")
    form.format.write(tmp_path / "new", [CaptionRecord(text, 1)], [], Target())
    assert texts(tmp_path / "new", form) == [text.strip("\ufffe\uffff\x01")]


def test_broken_xmp_that_is_to_be_replaced(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, ".xmp", "no XML <<<")
    with pytest.raises(SentikitError, match=r"Cannot change .*no sound XML"):
        made("xmp").format.write(folder, [CaptionRecord("A dog", 1)], [], Target(existing="overwrite"))


def test_what_was_added_to_a_new_xmp_file_outlives_restoring(tmp_path: Path) -> None:
    from PIL import Image

    folder, form = tmp_path / "photos", made("xmp")
    folder.mkdir()
    packet = XMP.format(LI.format("")).encode("utf-8")
    Image.new("RGB", (40, 40)).save(folder / "1.jpg", xmp=packet)
    update(folder, folder, form)
    path = folder / "1.xmp"
    path.write_text(path.read_text("utf-8").replace("<dc:description>", '<a xmlns="b"/><dc:description>'), "utf-8")
    restore(folder, folder, form)
    assert '<a xmlns="b"/>' in path.read_text("utf-8")
    assert texts(folder, form) == ["A dog é runs."]


def test_captions_beside_photographs_never_share_a_file(tmp_path: Path) -> None:
    from sentikit.images import ImageRef
    from sentikit.pipelines.jobs.export import CaptionExport

    refs = [ImageRef(tmp_path / name, name, name) for name in ("a.jpg", "a.png")]
    for existing in (None, "overwrite", "skip"):
        with pytest.raises(SentikitError, match="would have the same caption file"):
            CaptionExport(made("sidecars"), None, Target(existing=existing)).todo(refs)  # type: ignore[arg-type]


def test_a_new_plugin_is_not_written_through_a_link(tmp_path: Path) -> None:
    from sentikit.plugin.scaffold import new_plugin

    folder = tmp_path / "plugin"
    folder.mkdir()
    (folder / "README.md").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SentikitError, match="exists already"):
        new_plugin("looks", "rewriter", folder)
    assert not (tmp_path / "elsewhere").exists()
