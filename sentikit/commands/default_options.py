"""Options whose default is the component that plugins registered as the default of its kind."""

from __future__ import annotations

from typing import Any

import click

from ..plugin import kinds

KINDS = {kind.name: kind for kind in kinds.KINDS}


class DefaultComponentOption(click.Option):
    """``--rewriter`` and the like. The option's name is the kind; the plugins are asked for their default."""

    def get_default(self, ctx: click.Context, call: bool = True) -> Any:
        """The default component's name; None if there is none, or without plugins."""
        app: Any = ctx.obj
        return None if app is None else app.plugins.default(KINDS[str(self.name)])
