"""How the Stanford tokenizer takes characters beyond ASCII: as letters, as signs of their own, or not at all.

The ranges were observed: each character of Unicode's first plane was put into and between words. Letters that Unicode
got after the tokenizer are letters here.
"""

from __future__ import annotations

_MARKS = """
    02c2-02c5 02d2-02df 02e5-02eb 02ed 02ef-036f 0375 0378-0379 0384-0385 03f6 0483-0487 055a-055f 0591-05bd 05bf
    05c1-05c2 05c4-05c5 05c7 0615-061a 064b-065e 0670 06d6-06e4 06e7-06ed 06fd-06fe 070f 0711 0730-074c 07a6-07b0
    07eb-07f3 0900-0903 093c 093e-094e 0951-0955 0962-0963 0981-0983 09bc 09be-09c4 09c7-09c8 09cb-09cd 09d7 09e2-09e3
    0a01-0a03 0a3c 0a3e-0a4f 0a81-0a83 0abc 0abe-0acf 0b82 0bbe-0bc2 0bc6-0bc8 0bca-0bcd 0c01-0c03 0c3e-0c56 0d3e-0d44
    0d46-0d48 0e31 0e34-0e3a 0e47-0e4e 0eb1 0eb4-0ebc 0ec8-0ecd 1885-1886
"""
_SIGNS = """
    0080 00a1-00a9 00ac 00ae-00b4 00b6-00b9 00bc-00bf 00d7 00f7 037e 0387 0589 05be 05c0 05c3 05c6 05f3-05f4 0600-0603
    0606-060c 0614 061b 061e-061f 066a 066d 06d4 0700-070d 07f6-07f8 0964-0965 0e3f 0e4f 1fbd 2016-2017 201a 201e-2023
    2030-2038 203b 203e-2042 2044 2070 2074-207e 2080-208e 20a0 20a4 20ac 2100-2101 2103-2106 2108-2109 2114 2116-2118
    211e-2123 2125 2127 2129 212e 213a-213b 2140-2144 214a-214d 214f 2153-215e 2190-2bff 3001-3002 3012 30fb ff01-ff0f
    ff1a-ff20 ff3b-ff40 ff5b-ff65 ffe0-ffe1 ffe5-ffe6
"""
_PART_OF_RULES = "\x91\x92\xad\u2010\u2011\u058a‘’“”‹›«»–—…"
"""Apostrophes, quotes, dashes, hyphens and the soft hyphen."""


def _characters(ranges: str) -> frozenset[str]:
    ends = ([int(end, 16) for end in part.split("-")] for part in ranges.split())
    return frozenset(chr(code) for end in ends for code in range(end[0], end[-1] + 1))


MARKS = _characters(_MARKS)
"""Accents and vowel signs, which belong to their words."""
SIGNS = _characters(_SIGNS)
"""Tokens of their own, digits and fractions in other places than the line among them."""
_KNOWN = MARKS | SIGNS | frozenset(_PART_OF_RULES)

UNKNOWN = "\ufffd"
"""Stands for characters that the tokenizer cannot read and drops."""


def with_unknown(text: str) -> str:
    """The text with `UNKNOWN` for what the tokenizer drops: zero-width and control characters, private ones, emoji."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c in _KNOWN or "!" <= c <= "~" or (c.isalnum() and c <= "\uffff") else UNKNOWN for c in text)
