"""A file of answers, so that no question is asked twice and every answer can be read afterwards."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from sentikit import ImageFailure, Photo, SentikitError
from sentikit.io.files import check_is_file, readable_os_errors

from .client import Answer, Endpoint
from .photos import photo_part, text_part
from .settings import EndpointSettings

KNOWN = "answers known before"
_KEYS = {"key", "model", "prompt", "photo", "answers", "cut_off"}


class Questions:
    """Asks about texts and photographs, and keeps the answers in a file if there is one.

    A line of the file has the model, the prompt, a hash of the photograph and the answers; the key is a hash of all
    that the answer depends on.
    """

    def __init__(self, settings: EndpointSettings, what: str, path: Path | None) -> None:
        """Raises SentikitError if the file cannot be read, or is not one of answers."""
        self._endpoint = Endpoint(settings, what)
        self._settings = settings
        self._path = path
        self._known = _read(path) if path else {}
        self._lock = threading.Lock()
        self._unwritable: OSError | None = None

    @property
    def counts(self) -> Counter[str]:
        """Requests and tokens."""
        return self._endpoint.counts

    def ask(self, prompt: str, photo: Photo | None = None) -> Future[Answer | ImageFailure]:
        """Start a question, or find its answer; see `Endpoint.ask`.

        Raises SentikitError if an earlier answer could not be written to the file.
        """
        if self._unwritable:
            raise SentikitError(f"Cannot write {self._path}: {self._unwritable.strerror}.")
        parts = (
            [text_part(prompt)] if photo is None else [photo_part(photo, self._settings.image_size), text_part(prompt)]
        )
        shown = None if photo is None else _hash(parts[0])
        key = _hash([self._settings.model, prompt, shown, self._request_settings()])
        if key in self._known:
            self.counts[KNOWN] += 1
            known: Future[Answer | ImageFailure] = Future()
            known.set_result(self._known[key])
            return known
        asked = self._endpoint.ask([{"role": "user", "content": parts if photo else prompt}])
        if self._path:
            record = {"key": key, "model": self._settings.model, "prompt": prompt, "photo": shown}
            return self._kept(record, asked)
        return asked

    def _request_settings(self) -> list[Any]:
        settings = self._settings
        return [settings.max_tokens, settings.temperature, dict(settings.extra_fields())]

    def _kept(self, record: Mapping[str, Any], asked: Future[Answer | ImageFailure]) -> Future[Answer | ImageFailure]:
        """The same answer, once it is in the file: who waits for `asked` itself can go on before that."""
        kept: Future[Answer | ImageFailure] = Future()

        def keep(done: Future[Answer | ImageFailure]) -> None:
            if done.cancelled():
                kept.cancel()
                kept.set_running_or_notify_cancel()
            elif (error := done.exception()) is not None:
                kept.set_exception(error)
            else:
                self._keep(record, done.result())
                kept.set_result(done.result())

        asked.add_done_callback(keep)
        return kept

    def _keep(self, record: Mapping[str, Any], answer: Answer | ImageFailure) -> None:
        """Add an answer to the file, whole or not at all; failures are asked again another time."""
        if isinstance(answer, ImageFailure) or self._path is None:
            return
        line = json.dumps({**record, "answers": answer.texts, "cut_off": answer.cut_off}, ensure_ascii=False)
        try:
            with self._lock, self._path.open("ab", buffering=0) as file:
                file.write(line.encode("utf-8", "backslashreplace") + b"\n")
        except OSError as error:  # this runs in the thread of the requests: the next question raises it
            self._unwritable = error
        self._known[record["key"]] = answer


def _hash(value: Any) -> str:
    text = json.dumps(value, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _read(path: Path) -> dict[str, Answer]:
    """The answers of a file, which is made if it is not there. A last line that was cut off is taken away."""
    with readable_os_errors("read", path):
        if path.exists():
            check_is_file(path)
    with readable_os_errors("read", path), path.open("a+b") as file:
        file.seek(0)
        content = file.read()
        whole = content.rfind(b"\n") + 1
        lines: Sequence[bytes] = content[:whole].splitlines()
        known = dict(_answer(line, f"{path}, line {number}") for number, line in enumerate(lines, 1))
        if whole < len(content):
            if not content[whole:].startswith(b'{"key"'):
                raise SentikitError(f"{path} is not a file of answers: name another file with -O answers=FILE.")
            file.truncate(whole)
    return known


def _answer(line: bytes, where: str) -> tuple[str, Answer]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        record = None
    texts = record.get("answers") if isinstance(record, dict) and record.keys() >= _KEYS else None
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in [record["key"], *texts]):
        raise SentikitError(f"{where}: it is not an answer: name another file with -O answers=FILE.")
    return record["key"], Answer(tuple(texts), bool(record["cut_off"]))
