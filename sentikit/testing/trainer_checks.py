"""The contract of trainers."""

from __future__ import annotations

import tempfile
from pathlib import Path

from ..errors import SentikitError
from .subject import Check, Subject, check_of


def it_says_what_it_trains(subject: Subject) -> None:
    """It names its model, the score that selects the best epoch, and the metrics that it needs."""
    task = subject.make()
    for name in ("model", "monitor"):
        value = getattr(task, name)
        assert isinstance(value, str), f"its {name} is {value!r}"
        assert value, f"its {name} is empty"
    assert all(isinstance(name, str) for name in task.metrics), f"its metrics are {task.metrics!r}"


def missing_data_is_a_sentence(subject: Subject) -> None:
    """It refuses data that is not there, and a file that holds something else, with one sentence."""
    with tempfile.TemporaryDirectory() as folder:
        other = Path(folder, "other.json")
        other.write_text('"something else"', "utf-8")
        for path in (Path(folder, "missing.json"), other):
            message = _refusal(subject, path)
            assert message is not None, f"it read {path.name} without an error"
            assert "\n" not in message, f"its error has several lines: {message}"


def _refusal(subject: Subject, path: Path) -> str | None:
    try:
        subject.make().read(path, None, "train")
    except SentikitError as error:
        return str(error)
    return None


TRAINER_CHECKS: tuple[Check, ...] = tuple(map(check_of, (it_says_what_it_trains, missing_data_is_a_sentence)))
