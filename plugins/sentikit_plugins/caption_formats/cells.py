"""Changes one cell in the text of a row."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

from sentikit import SentikitError
from sentikit.formats.interface import Change
from sentikit.io.messages import show


class CellEditor:
    """Changes one cell in the text of a row."""

    def __init__(self, delimiter: str, column: int) -> None:
        self._delimiter = delimiter
        self._column = column
        other = re.escape(delimiter)
        self._field = re.compile(rf'"(?:[^"]|"")*"[^{other}\r\n]*|[^{other}\r\n]*')
        self._quoted = re.compile(rf'["\r\n{other}]')

    def edit(self, unit: bytes, changes: Sequence[tuple[Any, Change]], run: Mapping[str, Any] | None) -> bytes:
        """See `UnitEditor`."""
        return self.changed(unit.decode("utf-8"), changes[0][1]).encode("utf-8")

    def changed(self, row: str, change: Change) -> str:
        """The row with another caption."""
        start, end = self._span(row)
        raw = change.raw if change.raw is not None else self.written(change.text)
        if change.raw is not None and not self._says(raw, change.text):
            raise SentikitError(
                f"The record of the edits is damaged: its raw text {show(raw)} is not the original {show(change.text)}."
            )
        if change.mark is not None and row.startswith('"', start) and not raw.startswith('"'):
            raw = f'"{raw}"'  # as the original was
        return f"{row[:start]}{raw}{row[end:]}"

    def cell(self, row: str) -> str:
        """How the caption stands in the row."""
        start, end = self._span(row)
        return row[start:end]

    def written(self, text: str) -> str:
        """How a text is written, in quotes only if it needs them."""
        if self._quoted.search(text):
            return '"' + text.replace('"', '""') + '"'
        return text

    def _says(self, raw: str, text: str) -> bool:
        """Whether a row with this cell, and nothing after it, has the text there."""
        try:
            rows = list(csv.reader(io.StringIO(f"{raw}{self._delimiter}|", newline=""), delimiter=self._delimiter))
        except csv.Error:
            return False
        return rows == [[text, "|"]] or (self._delimiter == "|" and rows == [[text, "", ""]])

    def _span(self, row: str) -> tuple[int, int]:
        if '"' not in row:
            start = len(row) - len(row.split(self._delimiter, self._column)[-1])
            return self._field.match(row, start).span()  # type: ignore[union-attr]
        at = 1 if row.startswith("\ufeff") else 0
        for _ in range(self._column):
            at = self._field.match(row, at).end() + 1  # type: ignore[union-attr]
        return self._field.match(row, at).span()  # type: ignore[union-attr]
