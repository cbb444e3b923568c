"""An ontology as prompts: the same templates for a pair and for its noun alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from sentikit import UsageError
from sentikit.english import article
from sentikit.io.files import read_text

_ARTICLE = re.compile(r"\b[Aa]n? \{\}")
TEMPLATES = (
    "a photo of a {}.",
    "a photo of the {}.",
    "a close-up photo of a {}.",
    "a picture that shows a {}.",
    "{}",
)
"""They only assert: CLIP reads "not" as little more than another word."""


def read_templates(path: Path | None) -> tuple[str, ...]:
    """The templates of a text file, one per line; None: the built-in ones. Raises SentikitError."""
    if path is None:
        return TEMPLATES
    lines = [line.strip() for line in read_text(path).splitlines()]
    for number, line in enumerate(lines, 1):
        if line and line.count("{}") != 1:
            raise UsageError(f"{path}, line {number}: a template has {{}} once, in the place of the words: {line!r}.")
    templates = tuple(line for line in lines if line)
    if not templates:
        raise UsageError(f"{path} has no templates: write one per line, such as 'a photo of a {{}}.'.")
    return templates


def prompts(words: str, templates: Sequence[str]) -> list[str]:
    """Each template with the words in it, with the right article: ``a photo of an old house.``"""
    with_article = f"{article(words)} {words}"
    return [_ARTICLE.sub(with_article, template).replace("{}", words) for template in templates]
