"""The page itself: the files that every report has, and how they become a page with others beside it or one alone."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from html import escape
from importlib.resources import files

GENERATOR = "sentikit report"
"""What a report's page says of where it comes from."""
_MARK = f'<meta name="generator" content="{GENERATOR}">'
STYLE = "report.css"
DATA_SCRIPT = "data.js"
"""It comes first: data files call it."""
SCRIPTS = ("dom.js", "tooltip.js", "attention.js", "cards.js", "list.js", "filters.js", "summary.js", "main.js")


def asset(name: str) -> str:
    """The text of one of the page's files."""
    return files("sentikit.report").joinpath("static", name).read_text("utf-8")


def is_report(page: str) -> bool:
    """Whether `page` is one that this module made."""
    return _MARK in page[:2000]


def page_with_files(title: str, data: Iterable[str]) -> str:
    """A page that takes its style and scripts from ``assets/`` and its data from `data`, files beside it."""
    sources = [f"assets/{DATA_SCRIPT}", *data, *(f"assets/{name}" for name in SCRIPTS)]
    return _page(
        title,
        policy="script-src 'self' file:; style-src 'self' file:; img-src 'self' file:",
        style=f'<link rel="stylesheet" href="assets/{STYLE}">',
        scripts="\n".join(f'<script defer src="{source}"></script>' for source in sources),
    )


def page_alone(title: str, data: str) -> str:
    """A page that holds everything. `data`: JavaScript, as `rows.call` makes it."""
    style = asset(STYLE)
    scripts = [asset(DATA_SCRIPT), data, *map(asset, SCRIPTS)]
    hashes = " ".join(map(_source_hash, scripts))
    return _page(
        title,
        policy=f"script-src {hashes}; style-src {_source_hash(style)}; img-src data:",
        style=f"<style>{style}</style>",
        scripts="\n".join(f"<script>{script}</script>" for script in scripts),
    )


def _page(title: str, *, policy: str, style: str, scripts: str) -> str:
    """The template, filled. Its policy lets the page load and run nothing but its own."""
    parts = {
        "mark": _MARK,
        "policy": escape(f"default-src 'none'; {policy}; base-uri 'none'; form-action 'none'"),
        "title": escape(title),
        "style": style,
        "scripts": scripts,
    }
    before_each = asset("report.html").split("{{")
    pieces = [before_each[0]]
    for piece in before_each[1:]:
        name, _, rest = piece.partition("}}")
        pieces += [parts[name.strip()], rest]
    return "".join(pieces)


def _source_hash(source: str) -> str:
    digest = hashlib.sha256(source.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
