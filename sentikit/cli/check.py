"""`sentikit check`: what is in a file of captions, and what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..commands.format_options import format_options
from ..commands.output import print_line
from ..commands.photo_folder import NamedPath

if TYPE_CHECKING:
    from ..formats.coco import CocoCaptions, Problem
    from ..formats.interface import CaptionSource
    from ..pipelines.caption_files import ChosenFormat, FormatChoice

_SHOWN = 20


@click.command()
@click.argument("path", metavar="CAPTIONS", type=NamedPath())
@format_options
@click.option("--strict", is_flag=True, help="Also exit with 1 if images have no captions.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts and every problem as JSON.")
@click.pass_context
def check(ctx: click.Context, path: Path, form: FormatChoice, strict: bool, as_json: bool) -> None:
    """Check a file of captions without changing it.

    Exits with 0 if the file is sound, and with 1 if it has problems or its format is not known. For an updated file,
    captions that restore-captions cannot restore are problems too.
    """
    from ..formats.coco import inspect_captions, restore_document
    from ..pipelines.caption_files import open_captions

    chosen = form.make(form.component(ctx.obj.plugins, path))
    if not chosen.format.is_coco:
        _, source = open_captions(ctx.obj.plugins, path, form)
        ctx.exit(1 if _check_file(path, chosen, source, as_json) else 0)
    captions = inspect_captions(path)
    problems = captions.problems + restore_document(captions.document).changed
    (_print_json if as_json else _print)(captions, problems)
    ctx.exit(1 if problems or (strict and captions.uncaptioned) else 0)


def _check_file(path: Path, chosen: ChosenFormat, source: CaptionSource, as_json: bool) -> bool:
    """Count what a file of any format has and print it; whether it has problems."""
    from ..pipelines.jobs.check_file import check_file

    counts = check_file(path, chosen, source)
    if as_json:
        report = {
            "file": click.format_filename(path),
            "format": chosen.name,
            "captions": counts.captions,
            "captions_updated": counts.updated,
            "captions_left_out": dict(source.notes.left_out),
            "problem_count": counts.problem_count,
            "problems": [_entry(problem) for problem in counts.problems],
        }
        click.echo(json.dumps(report, indent=1))
        return bool(counts.problem_count)
    print_line(click.format_filename(path))
    print_line(f"  {'format':<24} {chosen.name:>9}")
    for name, number in (
        ("captions", counts.captions),
        ("  updated by sentikit", counts.updated),
        *((f"left out: {reason}", number) for reason, number in source.notes.left_out.items()),
        ("problems", counts.problem_count),
    ):
        print_line(f"  {name:<24} {number:>9,}")
    for problem in counts.problems[:_SHOWN]:
        print_line(str(problem))
    if counts.problem_count > _SHOWN:
        print_line(f"and {counts.problem_count - _SHOWN:,} more problems")
    return bool(counts.problem_count)


def _print(captions: CocoCaptions, problems: Sequence[Problem]) -> None:
    from ..io.messages import first, show

    print_line(click.format_filename(captions.path))
    for name, number in (
        ("images", len(captions.images)),
        ("captions", len(captions.annotations) - len(captions.bad)),
        ("  updated by sentikit", captions.updated),
        ("annotations left out", len(captions.bad)),
        ("images without captions", len(captions.uncaptioned)),
        ("problems", len(problems)),
    ):
        print_line(f"  {name:<24} {number:>9,}")
    if captions.uncaptioned:
        ids = first(captions.uncaptioned, 5, ", ", show)
        print_line(f"images without captions: {ids}")
    for problem in problems[:_SHOWN]:
        print_line(str(problem))
    if len(problems) > _SHOWN:
        print_line(f"and {len(problems) - _SHOWN:,} more problems (--json prints them all)")


def _print_json(captions: CocoCaptions, problems: Sequence[Problem]) -> None:
    report = {
        "file": click.format_filename(captions.path),
        "images": len(captions.images),
        "captions": len(captions.annotations) - len(captions.bad),
        "captions_updated": captions.updated,
        "annotations_left_out": len(captions.bad),
        "images_without_captions": captions.uncaptioned,
        "problems": [_entry(problem) for problem in problems],
    }
    click.echo(json.dumps(report, indent=1))


def _entry(problem: Problem) -> dict[str, Any]:
    """A problem as JSON; without `value` where the key is missing."""
    from ..formats.coco import MISSING

    entry = problem._asdict()
    if problem.value is MISSING:
        del entry["value"]
    return entry


def add_to(cli: click.Group) -> None:
    """Add the command of this file."""
    cli.add_command(check)
