"""The tokens of captions are those of the Stanford tokenizer without the punctuation."""

from __future__ import annotations

import json
import shutil
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


def test_agrees_with_stanford_on_all_captions_of_flickr8k(shared_data: Path) -> None:
    reference = pytest.importorskip("pycocoevalcap.tokenizer.ptbtokenizer", reason="the extra 'eval' is not installed")
    if shutil.which("java") is None:
        pytest.skip("there is no Java")
    files = sorted((shared_data / "flickr8k").glob("captions_*.json"))
    captions = [entry["caption"] for file in files for entry in json.loads(file.read_text())["annotations"]]
    assert len(captions) > 40_000
    stanford = reference.PTBTokenizer().tokenize(
        {number: [{"caption": caption}] for number, caption in enumerate(captions)}
    )
    assert [" ".join(tokenize(caption)) for caption in captions] == [tokens for (tokens,) in stanford.values()]
