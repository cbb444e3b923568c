"""The options that say which tags may be used, shared by every command that puts adjectives into text."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click


def filter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options; the command gets the `TagFilter` they make as `tag_filter`."""

    @functools.wraps(command)
    def wrapped(
        *args: Any,
        top_k: int,
        min_probability: float | None,
        polarity: str,
        denylist: str | None,
        ontology: Path | None,
        **values: Any,
    ) -> Any:
        from ..affect.denylist import Denylist
        from ..affect.ontology import read_ontology
        from ..pipelines.tag_filter import TagFilter

        path = Path(denylist) if denylist else None
        denied = Denylist.none() if denylist == "none" else Denylist.load(path)
        tag_filter = TagFilter(
            top_k=top_k,
            min_probability=min_probability,
            polarity=polarity,
            denylist=denied,
            ontology=read_ontology(ontology) if ontology else None,
        )
        return command(*args, tag_filter=tag_filter, **values)

    for option in reversed(
        (
            click.option(
                "--top-k", type=click.IntRange(1), default=20, show_default=True, help="Use so many tags of an image."
            ),
            click.option("--min-probability", type=click.FloatRange(0, 1), help="Leave less probable tags out."),
            click.option(
                "--polarity", type=click.Choice(["positive", "negative", "any"]), default="any", show_default=True
            ),
            click.option(
                "--denylist", metavar="FILE|none", help="What not to put on people, in place of the bundled list."
            ),
            click.option(
                "--ontology", type=click.Path(path_type=Path), help="ANPs with scores, such as your copy of VSO's CSV."
            ),
        )
    ):
        wrapped = option(wrapped)
    return wrapped
