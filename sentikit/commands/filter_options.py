"""The options that filter tags, for every command that inserts adjectives into text."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ..english.language import LANGUAGES
from .photo_folder import NamedPath


def tagger_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--tagger`."""
    return click.option(
        "--tagger",
        metavar="NAME|PACK[,...]",
        help="Tagger, or a pack that has one. Several, separated by commas, are averaged.  [default: the pack's]",
    )(command)


def language_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--language`."""
    return click.option(
        "--language",
        type=click.Choice(LANGUAGES),
        default="en",
        show_default=True,
        help="Captions to edit: English ones, or any.",
    )(command)


def filter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options; the command gets the `TagFilter` they make as `tag_filter`."""

    @functools.wraps(command)
    def wrapped(
        *args: Any,
        top_k: int,
        min_probability: float | None,
        polarity: str,
        min_valence: float | None,
        denylist: str | None,
        ontology: Path | None,
        **values: Any,
    ) -> Any:
        from ..pipelines.tag_filter import make_tag_filter

        tag_filter = make_tag_filter(top_k, min_probability, polarity, denylist, ontology, min_valence)
        return command(*args, tag_filter=tag_filter, **values)

    for option in reversed(
        (
            click.option(
                "--top-k", type=click.IntRange(1), default=20, show_default=True, help="Maximum tags per image to use."
            ),
            click.option("--min-probability", type=click.FloatRange(0, 1), help="Ignore tags below this probability."),
            click.option(
                "--polarity",
                type=click.Choice(["positive", "negative", "any"]),
                default="any",
                show_default=True,
                help="Polarity of the adjectives to use.",
            ),
            click.option(
                "--min-valence",
                type=click.FloatRange(0, 1),
                help="Ignore adjectives that feel weaker than this, positive or negative, or of unknown valence.",
            ),
            click.option(
                "--denylist", metavar="FILE|none", help="Denylist to use instead of the bundled one; none disables it."
            ),
            click.option(
                "--ontology",
                type=NamedPath(),
                help="Ontology: ANPs with their valence, such as VSO's CSV.",
            ),
        )
    ):
        wrapped = option(wrapped)
    return wrapped
