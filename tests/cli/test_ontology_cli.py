"""`sentikit ontology show`, as people run it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sentikit import ANP, Ontology, OntologyEntry
from sentikit.affect.ontology import read_ontology
from sentikit.cli import run


@pytest.fixture(scope="module")
def ontology(tmp_path_factory: pytest.TempPathFactory) -> Path:
    entries = {
        ANP("happy", "dog"): OntologyEntry(count=2, examples=("A happy dog runs.",)),
        ANP("muddy", "road"): OntologyEntry(count=1, examples=("A muddy road.",)),
        ANP("sad", "woman"): OntologyEntry(valence=-0.5, count=1),
        ANP("snowy", "hill"): OntologyEntry(count=1),
    }
    path = tmp_path_factory.mktemp("ontology") / "o.json"
    Ontology("o", entries).write(path)
    return path


def test_show_is_a_table(ontology: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ontology", "show", str(ontology)]) == 0
    said = capsys.readouterr()
    header, *rows = said.out.splitlines()
    assert header.split() == ["ANP", "valence", "count", "insertable", "example"]
    assert [row.split("  ")[0] for row in rows] == ["happy dog", "muddy road", "sad woman", "snowy hill"]
    assert rows[0].split() == ["happy", "dog", "+0.68", "2", "yes", "A", "happy", "dog", "runs."]
    assert "4 of 4 ANPs, of 4 adjectives and 4 nouns: 2 positive, 2 negative, 0 neutral, 0 unknown" in said.err


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        (["--polarity", "negative"], ["muddy road", "sad woman"]),
        (["--noun", "Dog"], ["happy dog"]),
        (["--adjective", "snowy"], ["snowy hill"]),
        (["--limit", "2"], ["happy dog", "muddy road"]),
        (["--polarity", "positive", "--limit", "1"], ["happy dog"]),
    ],
)
def test_show_chooses_and_its_json_is_an_ontology(
    options: list[str], shown: list[str], ontology: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["ontology", "show", str(ontology), *options, "--json"]) == 0
    part = tmp_path / "part.json"
    part.write_text(capsys.readouterr().out)
    whole, chosen = read_ontology(ontology), read_ontology(part)
    assert [str(anp) for anp in chosen] == shown
    assert all(chosen.entries[anp] == whole.entries[anp] for anp in chosen)


def test_show_reads_tables_and_plain_lists(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table, plain = tmp_path / "vso.csv", tmp_path / "list.txt"
    table.write_text("adjective,noun,sentiment\nmisty,morning,1.5\nlost,weight,\n")
    plain.write_text("misty morning\nxyzzish road\n")
    assert run(["ontology", "show", str(table)]) == 0
    assert capsys.readouterr().out.splitlines()[1].split() == ["misty", "morning", "+0.75", "0", "yes"]
    assert run(["ontology", "show", str(plain), "--polarity", "unknown"]) == 0
    assert capsys.readouterr().out.splitlines()[1].split() == ["xyzzish", "road", "-", "0", "yes"]
    assert run(["ontology", "show", str(plain), "--noun", "dog"]) == 1
    assert capsys.readouterr().err == f"Error: None of the 2 ANPs of {plain} is what was asked for.\n"
