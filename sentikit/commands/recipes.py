"""The commands that experiments may run as steps: those that say so, of the engine and of plugins."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import click

from ..errors import SentikitError

if TYPE_CHECKING:
    from ..experiments.plan import StepRun

Command = TypeVar("Command", bound=click.Command)
_MARK = "sentikit_recipe_step"


def recipe_step(command: Command) -> Command:
    """Lets experiments run a command: a decorator above `@click.command`.

    It is for commands that read files and write what they were told to, and that neither install nor start anything.
    """
    if not isinstance(command, click.Command):
        raise TypeError("recipe_step stands above the decorator that makes the command")
    setattr(command, _MARK, True)
    return command


def check_command(root: click.Context, run: StepRun) -> None:
    """Raise SentikitError if experiments may not run this command line, or `sentikit` would not accept it.

    Nothing is run. root: the context of `sentikit` itself.
    """
    for words in dict.fromkeys((run.arguments, (*run.arguments, *(run.resume or ())))):
        _check_words(root, run.name, list(words))


def _check_words(context: click.Context, step: str, words: list[str]) -> None:
    names: list[str] = []
    try:
        while isinstance(context.command, click.Group) and not context.command.chain:
            if not words:
                raise SentikitError(f"The step {step} has no whole command: {' '.join(names) or 'its run'} lacks one.")
            if words[0].startswith("-"):
                _refuse(step, [*names, words[0]])
            name, command, words = context.command.resolve_command(context, words)
            assert command is not None  # as the context is not one for resilient parsing
            names.append(name or "")
            context = click.Context(command, parent=context, info_name=name)
        if not getattr(context.command, _MARK, False):
            _refuse(step, names)
        context.command.make_context(names[-1], words, parent=context.parent)
    except click.ClickException as error:
        raise SentikitError(f"The step {step} is no command of sentikit: {error.format_message()}") from None
    except click.exceptions.Exit:
        raise SentikitError(f"The step {step} asks for help, which makes no file.") from None


def _refuse(step: str, names: list[str]) -> None:
    raise SentikitError(
        f"The step {step} may not run {' '.join(names)!r}: it is not one of the commands that experiments may "
        "run, such as 'tag' or 'evaluate captions'."
    )
