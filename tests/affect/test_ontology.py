"""Ontologies: VSO's table, plain lists and sentikit's own JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentikit import ANP, Ontology, OntologyEntry, SentikitError, adjective_valence, read_ontology

WORDS = st.text("abcdefghijklmnopqrstuvwxyzé'-", min_size=1, max_size=8)
ENTRIES = st.builds(
    OntologyEntry,
    st.none() | st.floats(-1, 1),
    st.integers(0, 10**15 - 1),
    st.booleans(),
    st.lists(st.text()).map(tuple),
)
TABLE = "anp,adjective,noun,sentiment,flickr_images\n"


def own(*anps: Any, **keys: Any) -> str:
    return json.dumps({"format": "sentikit-ontology", "version": 1, "name": "mine", "anps": anps} | keys)


@given(st.dictionaries(st.builds(ANP, WORDS, WORDS), ENTRIES, min_size=1), st.text(), st.text())
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, entries: dict[ANP, OntologyEntry], name: str, source: str
) -> None:
    path = tmp_path_factory.mktemp("ontology") / "ontology.json"
    ontology = Ontology(name, entries, source)
    ontology.write(path)
    again = read_ontology(path)
    assert again == ontology
    assert list(again) == list(ontology)
    assert json.loads(path.read_text()) == json.loads(json.dumps(ontology.to_json()))


def test_a_table_like_vso(tmp_path: Path) -> None:
    path = tmp_path / "vso.csv"
    rows = "misty morning,misty,morning,-0.5,1200\r\nCute Dog,Cute,Dog,2,\r\nbrave 9/11,brave,9/11,,7\r\n"
    path.write_bytes(b"\xef\xbb\xbf" + (TABLE + rows).encode())
    ontology = read_ontology(path)
    assert ontology.name == "vso"
    assert dict(ontology.entries) == {
        ANP("misty", "morning"): OntologyEntry(-0.25, 1200),
        ANP("cute", "dog"): OntologyEntry(1.0),
        ANP("brave", "9/11"): OntologyEntry(None, 7),
    }


def test_a_plain_list(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("misty morning\n\nCute  dog\n")
    ontology = read_ontology(path)
    assert list(ontology) == [ANP("misty", "morning"), ANP("cute", "dog")]
    assert len(ontology) == 2
    assert ANP("cute", "dog") in ontology
    assert ANP("cute", "cat") not in ontology


def test_valence_is_its_own_else_the_adjectives_else_unknown() -> None:
    entries = {
        ANP("cute", "dog"): OntologyEntry(-0.5),
        ANP("cute", "cat"): OntologyEntry(),
        ANP("zorbly", "cat"): OntologyEntry(),
    }
    ontology = Ontology("mine", entries)
    assert ontology.valence(ANP("cute", "dog")) == -0.5
    assert ontology.valence(ANP("cute", "cat")) == adjective_valence("cute")
    assert ontology.valence(ANP("ugly", "bird")) == adjective_valence("ugly")
    assert ontology.valence(ANP("zorbly", "cat")) is None


def test_insertable_unless_it_says_otherwise() -> None:
    ontology = Ontology("mine", {ANP("lost", "weight"): OntologyEntry(insertable=False)})
    assert not ontology.insertable(ANP("lost", "weight"))
    assert ontology.insertable(ANP("cute", "dog"))


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", "x,y\n", "a.csv, line 1: there is no column 'adjective'"),
        ("a.csv", TABLE + "x,very cute,dog,1,1\n", 'a.csv, line 2: its adjective "very cute" is not one word'),
        ("a.csv", TABLE + "x,cute,dog,1,1\nx,cute\n", "a.csv, line 3: its noun null is not one word"),
        ("a.csv", TABLE + "x,cute,dog,2.5,1\n", 'line 2: its sentiment "2.5" is not a number from -2 to 2'),
        ("a.csv", TABLE + "x,cute,dog,nan,1\n", 'line 2: its sentiment "nan" is not'),
        ("a.csv", TABLE + "x,cute,dog,1,1\nx,cute,dog,1,1\n", "line 3: cute dog is listed twice"),
        ("a.csv", TABLE, "lists no ANPs"),
        ("a.txt", "cute dog\ndog\n", 'a.txt, line 2, "dog": it is not an adjective and a noun'),
        ("a.txt", "cute dog\nCUTE DOG\n", "line 2: cute dog is listed twice"),
        ("a.txt", "", "lists no ANPs"),
        ("a.json", "{", "it is not valid JSON"),
        ("a.json", "[]", 'it has no "format": "sentikit-ontology"'),
        ("a.json", own(version=2), "has version 2, but this sentikit reads version 1"),
        ("a.json", own(name=5), "key 'name'"),
        ("a.json", own(anps={}), "key 'anps'"),
        ("a.json", own(), "lists no ANPs"),
        ("a.json", own("cute dog"), 'a.json, anps[0]: "cute dog" is not an object'),
        ("a.json", own({"adjective": "cute"}), "anps[0]: its noun null is not one word"),
        ("a.json", own({"adjective": "a", "noun": "b", "valence": float("nan")}), "the valence NaN of a b is not"),
        ("a.json", own({"adjective": "a", "noun": "b", "valence": True}), "the valence true of a b is not"),
        ("a.json", own({"adjective": "a", "noun": "b", "count": -1}), "the count -1 of a b"),
        ("a.json", own({"adjective": "a", "noun": "b", "insertable": "no"}), 'insertable of a b is "no"'),
        ("a.json", own({"adjective": "a", "noun": "b", "examples": [1]}), "the examples of a b"),
    ],
)
def test_errors_are_one_sentence_with_the_place(tmp_path: Path, name: str, content: str, reason: str) -> None:
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(SentikitError) as error:
        read_ontology(path)
    assert reason in str(error.value)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SentikitError, match="it does not exist"):
        read_ontology(tmp_path / "none.csv")
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9 noir\n")
    with pytest.raises(SentikitError, match="it is not UTF-8"):
        read_ontology(tmp_path / "latin.txt")


def test_the_published_lists(shared_data: Path) -> None:
    vso = read_ontology(shared_data / "vso" / "vso_anps.csv")
    assert len(vso) == 3244
    assert all(entry.valence is not None for entry in vso.entries.values())
    assert vso.valence(ANP("misty", "forest")) == -0.5
    assert len(read_ontology(shared_data / "vso" / "mtvso_553.txt")) == 553
    assert len(read_ontology(shared_data / "vso" / "sentibank_1200_v1.1.txt")) == 1200
