"""The tokens of captions are those of the Stanford tokenizer without the punctuation."""

from __future__ import annotations

import json
import shutil
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentikit.english.tokenizer import PUNCTUATION, tokenize


@pytest.mark.parametrize(
    ("caption", "tokens"),
    [
        ("A dog runs .", "a dog runs"),
        ("A dog's bone isn't his, is it?!", "a dog 's bone is n't his is it ?!"),
        ("I can't see a child’s hand; we cannot", "i ca n't see a child 's hand we can not"),
        ('the "big" (brown) dog', "the big -lrb- brown -rrb- dog"),
        ("the dogs' well-known t-shirt -- a - 12-year-old", "the dogs well-known t-shirt a 12-year-old"),
        ("his/her and/or w/ 50/50", "his/her and/or w / 50/50"),
        ("Mr. Smith of St. Paul at 10 a.m. in the U.S.", "mr. smith of st. paul at 10 a.m. in the u.s."),
        ("no. 5, no dog no. no.7", "no. 5 no dog no no. 7"),
        ("J. Smith sees the letter I. The end", "j. smith sees the letter i the end"),
        ("sitting.then running,fast", "sitting.then running fast"),
        ("a rock'n'roll o'clock ma'am O'Neil ol' y'all 'em", "a rock 'n' roll o'clock ma'am o'neil ol' y' all 'em"),
        ("#8 #one @home $5 50% R&B salt&pepper", "# 8 #one @home $ 5 50 % r&b salt & pepper"),
        ("3.5 miles 1,000 at 10:30pm -5 .5", "3.5 miles 1,000 at 10:30 pm -5 .5"),
        ("RIF=ding image_url_0 pokémon", "rif = ding image_url_0 pokémon"),
        ("smile :) a can.; wait...", "smile :-rrb- a can. wait"),
        ("A bowl\nof soup\r\nand bread \U0001f600", "a bowl of soup and bread"),
        (" . ", ""),
        ("a\u200bdog on\u200d a \ufeff\u2060mat", "a dog on a mat"),
        ("a soft\xadhyphen \xad dog", "a softhyphen dog"),
        ("a cafe\u0301 I \u2764\ufe0f \u2600 x\u2010y\u2010z", "a cafe\u0301 i \u2764 \u2600 x\u2010y\u2010z"),
        ("a dog\x92s bed\x07\ue000", "a dog 's bed"),
        ("a dog&apos;s caf&eacute;&nbsp;bar don&apos;t", "a dog 's caf&eacute; bar do n't"),
        ("a dog&#39;s bed &#8220;x&#8221; &hellip;", "a dog &#39; s bed &#8220; x &#8221; & hellip"),
        ("AT&amp;T salt&amp;pepper &quot;x&quot; a&mdash;b &ndash; &lt;3", "at&t salt & pepper x a b < 3"),
        ("a \U0001d49c\U0001f600dog \ud800", "a dog"),
        ("we’ll dog’smile don‘t o‘clock", "we 'll dog 's mile do n`t o‘clock"),
    ],
)
def test_tokens(caption: str, tokens: str) -> None:
    assert tokenize(caption) == tokens.split()


@given(st.text() | st.text(alphabet="aAnNtTsS'’.,-/!?:;()#&@$059 \"`", max_size=30))
def test_any_text_has_lower_case_tokens_without_spaces_and_punctuation(text: str) -> None:
    for token in tokenize(text):
        assert token == token.lower()
        assert token.split() == [token]
        assert token not in PUNCTUATION


def stanford(captions: list[str]) -> list[str]:
    """The tokens of the Java program, with blanks between them."""
    reference = pytest.importorskip("pycocoevalcap.tokenizer.ptbtokenizer", reason="the extra 'eval' is not installed")
    if shutil.which("java") is None:
        pytest.skip("there is no Java")
    made = reference.PTBTokenizer().tokenize(
        {number: [{"caption": caption}] for number, caption in enumerate(captions)}
    )
    return [tokens for (tokens,) in made.values()]


ENTITIES = [
    "amp",
    "lt",
    "gt",
    "quot",
    "apos",
    "nbsp",
    "eacute",
    "Auml",
    "mdash",
    "ndash",
    "copy",
    "hellip",
    "#39",
    "#x27",
]


def test_agrees_with_stanford_on_entities_and_on_characters_of_all_kinds() -> None:
    captions = [
        shape.format(f"&{name};") for name in ENTITIES for shape in ("x {} y", "xa{}bx", "x {}bx", "dog{}s bed")
    ]
    lines = {chr(code) for code in (*range(10, 14), *range(28, 32), 0x85, 0x2028, 0x2029)}  # are spaces here
    kinds = ("Cc", "Cf", "Co", "Mn", "Pd", "Pi", "Pf", "Sc", "Sk", "Sm", "So", "Zs")
    odd = (chr(code) for code in range(1, 0x10000, 3) if unicodedata.category(chr(code)) in kinds)
    captions += [shape.format(char) for char in odd if char not in lines for shape in ("xa{}bx q", "xa {} bx")]
    assert [" ".join(tokenize(caption)) for caption in captions] == stanford(captions)


def test_agrees_with_stanford_on_all_captions_of_flickr8k(shared_data: Path) -> None:
    files = sorted((shared_data / "flickr8k").glob("captions_*.json"))
    captions = [entry["caption"] for file in files for entry in json.loads(file.read_text())["annotations"]]
    assert len(captions) > 40_000
    assert [" ".join(tokenize(caption)) for caption in captions] == stanford(captions)
