"""What every command that goes through photographs does alike: finding them, counting, the bar, going on later."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Container, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from ..errors import SentikitError
from ..images.failures import Failure, Failures, collect_failures
from ..io.paths import shown

if TYPE_CHECKING:
    from ..images import ImageRef
    from ..pipelines.run_models import Outcome

T = TypeVar("T")
Command = TypeVar("Command", bound=Callable[..., object])


class Photos(NamedTuple):
    """The photographs to go through.

    Those that the COCO file with the ids does not know have failed where the user named the very file (`unknown`), and
    are left out where they only stand in a folder (`left_out` says how many).
    """

    refs: list[ImageRef]
    unknown: list[Failure]
    left_out: int = 0

    @property
    def paths(self) -> list[Path]:
        """Their files."""
        return [ref.path for ref in self.refs]

    def first(self, limit: int | None) -> Photos:
        """At most so many of those that were found; None: all."""
        return self if limit is None else self._replace(refs=self.refs[:limit])

    def is_one(self, arguments: Sequence[str]) -> bool:
        """Whether the arguments they come from are the name of one file; a folder may hold one by chance."""
        return len(arguments) == len(self.refs) == 1 and self.refs[0].path == Path(arguments[0])

    def count_others(self, counts: Failures) -> None:
        """Count those that are not gone through."""
        counts.add(self.unknown)
        counts.left_out += self.left_out


def photo_options(command: Command) -> Command:
    """Adds the photographs, and what is said of them and of those that fail."""
    for option in reversed(
        (
            click.argument("images", nargs=-1, required=True, metavar="IMAGES..."),
            click.option("--coco", type=click.Path(path_type=Path), help="A COCO file that gives the images' ids."),
            click.option("--limit", type=click.IntRange(1), metavar="N", help="At most so many photographs, in order."),
            click.option(
                "--failures", type=click.Path(path_type=Path), help="Write what failed, and why, as JSON lines."
            ),
            click.option("--strict", is_flag=True, help="Exit with 1 where an image failed, even if others were done."),
            click.option("--force", is_flag=True, help="Start again, and replace files that exist."),
        )
    ):
        command = option(command)
    return command


def find_photos(arguments: Sequence[str], coco: Path | None) -> Photos:
    """The photographs of files, folders and patterns; with a COCO file, under its ids.

    Raises SentikitError where there is none, or the COCO file names none of them.
    """
    from ..images import find_images, with_coco_ids

    refs = find_images(arguments)
    if coco is None:
        return Photos(refs, [])
    known, unknown = with_coco_ids(refs, coco, _coco_images(coco))
    named = set(map(Path, arguments))
    reason = f"{shown(coco)} has no image of its name"
    failed = [Failure(ref.path, ref.image_id, reason) for ref in unknown if ref.path in named]
    return Photos(known, failed, len(unknown) - len(failed))


def find_named_photos(arguments: Sequence[str], tag_file: Path) -> Photos:
    """The photographs of a tag file's images, under its ids; see `find_tagged_images`.

    Raises SentikitError where none is found, or where an image could be either of two files.
    """
    from ..formats.tags import read_tags
    from ..images import ImageRef, find_tagged_images

    photos = Photos([], [])
    images = read_tags(tag_file).images
    for image, path in zip(images, find_tagged_images(tag_file, images, arguments), strict=True):
        if path:
            photos.refs.append(ImageRef(path, image.key, path.name))
        else:
            name = Path(image.file_name or str(image.image_id))
            photos.unknown.append(Failure(name, image.key, "there is no photograph of its name or id"))
    if not photos.refs:
        raise SentikitError(f"No photograph of {shown(tag_file)} is among those that were named.")
    return photos


def _coco_images(path: Path) -> list[dict[str, Any]]:
    """The images of a COCO file of any sort that have an id and a name."""
    from ..formats.coco import read_json

    document = read_json(path)
    images = document.get("images") if isinstance(document, dict) else None
    if not isinstance(images, list):
        raise SentikitError(f"{shown(path)} is not a COCO file: it has no list 'images'.")
    return [
        image
        for image in images
        if isinstance(image, dict) and type(image.get("id")) in (int, str) and isinstance(image.get("file_name"), str)
    ]


@contextmanager
def counted(failures: Path | None, *, replace: bool, resumable: bool) -> Iterator[Failures]:
    """The counts of a run. They are printed when it stops early, with the command to go on where it is `resumable`."""
    with collect_failures(failures, force=replace) as counts:
        try:
            yield counts
        except KeyboardInterrupt:
            _say_how_to_go_on(counts, resumable)
            raise click.exceptions.Exit(130) from None
        except SentikitError:
            if counts.done:
                _say_how_to_go_on(counts, resumable)
            raise


def _say_how_to_go_on(counts: Failures, resumable: bool) -> None:
    how = "nothing was kept for going on."
    if resumable:
        arguments = [argument for argument in sys.argv[1:] if argument != "--force"]
        how = f"go on with: {shlex.join(['sentikit', *arguments])}"
    click.echo(f"Stopped: {counts.summary()}; {how}", err=True)


def run_through(
    outcomes: Generator[Outcome[T], None, None],
    write: Callable[[Outcome[T]], None],
    counts: Failures,
    total: int | None,
) -> None:
    """`write` every outcome and count it, under a progress bar of `total`; None: no bar."""
    from ..io.progress import progress_bar

    bar = nullcontext(lambda count: None) if total is None else progress_bar("images", total)
    with bar as advance, closing(outcomes):
        for outcome in outcomes:
            write(outcome)
            counts.done += len(outcome.refs)
            counts.add(outcome.failures)
            advance(len(outcome))


def conclude(counts: Failures, written: Sequence[Path]) -> None:
    """Say how many were done, skipped, left out and failed, where that is not plain to see."""
    if written or counts.failed or counts.left_out or counts.done > 1:
        files = f" Wrote {', '.join(map(shown, written))}." if written else ""
        click.echo(f"{counts.summary()}.{files}", err=True)


def exit_code(counts: Failures, strict: bool) -> int:
    """0: something is done, now or before; 1: nothing is, or an image failed and the user is `strict`."""
    return 1 if (counts.failed and strict) or not (counts.done or counts.skipped) else 0


def left_to_do(refs: Iterable[ImageRef], done: Container[int | str], counts: Failures) -> list[ImageRef]:
    """Those of `refs` that are not done; the others are counted as skipped."""
    refs = list(refs)
    todo = [ref for ref in refs if ref.image_id not in done]
    counts.skipped += len(refs) - len(todo)
    return todo
