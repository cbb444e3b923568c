"""Ids for images that have only a file name, by the rule of photographs."""

from __future__ import annotations

from sentikit.formats.interface import CaptionRecord
from sentikit.io.paths import base_name, id_of_stem


class ImageIds:
    """The id of each image: its own, else its base name without suffix, as a number if it is one.

    Of two file names that would have the same id, the later one's id is the whole name.
    """

    def __init__(self) -> None:
        self._of_name: dict[str, int | str] = {}
        self._taken: dict[int | str, str | None] = {}

    def of(self, record: CaptionRecord) -> int | str:
        """The id of a caption's image."""
        name = record.file_name
        if record.image_id is not None:
            self._taken.setdefault(record.image_id, name)
            return record.image_id
        assert name is not None
        known = self._of_name.get(name)
        if known is None:
            stem = base_name(name).rpartition(".")[0] or base_name(name)
            identity: int | str = id_of_stem(stem)
            known = self._of_name[name] = name if identity in self._taken else identity
            self._taken[known] = name
        return known
