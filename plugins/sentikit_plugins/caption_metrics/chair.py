"""CHAIR (Rohrbach et al., 2018): the objects that captions name although they are not in the photograph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from sentikit import SentikitError
from sentikit.io.files import check_is_file, readable_os_errors

from .objects import objects_in

ImageId = int | str


class Chair:
    """Objects are COCO's 80 classes. One is in a photograph if a reference names it or, with `instances`, if it is
    annotated there.

    CHAIR_i is the share of the objects named that are not in the photograph, each mention counted; CHAIR_s is the share
    of captions with such an object. Recall is the share of the objects that two people name which the caption names
    too. The rows of people take each reference as the caption and the image's others as the references.
    """

    def __init__(self, instances: Path | None = None) -> None:
        """instances: a COCO instances file of the images."""
        self._instances = instances

    def compute(self, captions: Mapping[ImageId, str], references: Mapping[ImageId, Sequence[str]]) -> dict[str, float]:
        annotated = _annotated(self._instances, captions) if self._instances else {}
        made, people = _Counts(), _Counts()
        for image, caption in captions.items():
            named = [objects_in(text) for text in references[image]]
            present = annotated.get(image, set())
            made.add(objects_in(caption), named, present)
            if len(named) > 1:
                for index, own in enumerate(named):
                    people.add(own, [*named[:index], *named[index + 1 :]], present)
        if not made.mentions and not people.mentions:
            raise SentikitError("no caption and no reference names an object of COCO's classes")
        return made.figures("") | people.figures("people: ")


class _Counts:
    """Counts over captions."""

    def __init__(self) -> None:
        self.captions = self.mentions = self.false_mentions = self.false_captions = self.distinct = 0
        self.agreed = self.found = 0

    def add(self, own: Sequence[str], others: Sequence[Sequence[str]], present: Iterable[str]) -> None:
        """The objects of a caption, of each of the references, and those annotated."""
        by_people = Counter(name for other in others for name in set(other))
        false = [name for name in own if name not in by_people and name not in set(present)]
        agreed = {name for name, count in by_people.items() if count > 1}
        self.captions += 1
        self.mentions += len(own)
        self.false_mentions += len(false)
        self.false_captions += bool(false)
        self.distinct += len(set(own))
        self.agreed += len(agreed)
        self.found += len(agreed & set(own))

    def figures(self, prefix: str) -> dict[str, float]:
        """The shares by the names they are printed under; one without anything to divide by is left out."""
        rows = (
            ("CHAIR_i", self.false_mentions, self.mentions),
            ("CHAIR_s", self.false_captions, self.captions),
            ("object recall", self.found, self.agreed),
            ("objects a caption", self.distinct, self.captions),
        )
        return {f"{prefix}{name}": count / of for name, count, of in rows if of}


def _annotated(path: Path, images: Iterable[ImageId]) -> dict[ImageId, set[str]]:
    """The classes annotated in each image. Raises SentikitError where the file is none of instances, or of others."""
    from pycocotools.coco import COCO

    with readable_os_errors("read", path):
        check_is_file(path)
    try:
        with redirect_stdout(StringIO()):  # it reports its progress there
            coco = COCO(str(path))
        names = {number: category["name"] for number, category in coco.cats.items()}
        found = {image: {names[row["category_id"]] for row in coco.imgToAnns[image]} for image in coco.imgs}
    except (OSError, ValueError, KeyError, TypeError, AssertionError) as error:
        raise SentikitError(f"{path} is not a COCO instances file ({type(error).__name__}: {error})") from error
    missing = [image for image in images if image not in found]
    if missing:
        raise SentikitError(f"{path} lacks {len(missing):,} of the images, such as {missing[0]!r}")
    return found
