"""Packs on the Hugging Face hub: `hf://owner/name`, fetched once and kept in the hub's own cache.

Only the files that a pack consists of are fetched: JSON, safetensors, the model card and the licence.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from ..errors import MissingExtraError, SentikitError, UsageError

_FILES = ("*.json", "*.safetensors", "README.md", "MODEL_CARD.md", "LICENSE")
_PREFIX = re.compile(r"hf:/{1,2}(?!/)")
"""With one slash in what was a path."""
_REPOSITORY = re.compile(r"(?P<repository>[\w.-]+/[\w.-]+)(?:@(?P<revision>[\w.][\w./-]*))?", re.ASCII)
_log = logging.getLogger("sentikit.packs")


class HubName(NamedTuple):
    """A pack on the hub."""

    repository: str
    revision: str | None
    """A branch, a tag or a commit; None: the newest."""

    def __str__(self) -> str:
        return f"hf://{self.repository}{f'@{self.revision}' if self.revision else ''}"


def is_hub_name(named: str | os.PathLike[str]) -> bool:
    """Whether it begins as ``hf://`` does."""
    return _PREFIX.match(_text(named)) is not None


def hub_name(named: str | os.PathLike[str]) -> HubName:
    """The parts of ``hf://owner/name`` or ``hf://owner/name@revision``. Raises UsageError if it is neither."""
    text = _PREFIX.sub("", _text(named), count=1)
    found = _REPOSITORY.fullmatch(text)
    if found is None:
        raise UsageError(f"hf://{text} is no pack on the hub: write hf://OWNER/NAME or hf://OWNER/NAME@REVISION.")
    return HubName(found["repository"], found["revision"])


def _text(named: str | os.PathLike[str]) -> str:
    return os.fspath(named).replace("\\", "/")


def hub_folder(name: HubName) -> Path:
    """The pack's folder in the hub's cache. What is not there yet is fetched, unless HF_HUB_OFFLINE is set.

    Raises SentikitError if it cannot be had.
    """
    try:
        from huggingface_hub import constants, snapshot_download
    except ImportError:
        raise MissingExtraError(f"The pack {name}", "hub") from None
    with _explained(name), _quiet_bars():
        if not constants.HF_HUB_OFFLINE:
            _log.info("Looking for %s on the Hugging Face hub.", name)
        folder = snapshot_download(
            name.repository, revision=name.revision, allow_patterns=list(_FILES), library_name="sentikit"
        )
        return Path(folder)


@contextmanager
def _quiet_bars() -> Iterator[None]:
    """The hub's progress bars are shown on terminals alone."""
    from huggingface_hub.utils.tqdm import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    if sys.stderr.isatty() or are_progress_bars_disabled():
        yield
        return
    disable_progress_bars()
    try:
        yield
    finally:
        enable_progress_bars()


@contextmanager
def _explained(name: HubName) -> Iterator[None]:
    """Inside, what goes wrong becomes a sentence that tells what to do."""
    from huggingface_hub import constants, errors

    try:
        yield
    except errors.GatedRepoError as error:
        raise SentikitError(f"{name} is only for those who were given access: ask for it on its page on the hub, then "
                            "log in with 'hf auth login'.") from error  # fmt: skip
    except errors.RepositoryNotFoundError as error:
        raise SentikitError(f"There is no {name} on the hub, or it is private: check the name, or log in with 'hf auth "
                            "login'.") from error  # fmt: skip
    except errors.RevisionNotFoundError as error:
        raise SentikitError(f"{name} is not on the hub: its repository has no such revision.") from error
    except errors.LocalEntryNotFoundError as error:
        if constants.HF_HUB_OFFLINE:
            todo = "HF_HUB_OFFLINE is set: use it once without that, or name the folder of a pack"
        else:
            todo = "the hub cannot be reached: check this machine's network, or name the folder of a pack"
        raise SentikitError(f"{name} is not, or not wholly, in the hub's cache, and {todo}.") from error
    except errors.HFValidationError as error:
        raise UsageError(f"{name} cannot be the name of a pack on the hub: {_first_line(error)}.") from error
    except SentikitError:
        raise
    except Exception as error:  # the hub's library raises those of several others
        raise SentikitError(f"{name} could not be fetched from the hub: {_first_line(error)}.") from error


def _first_line(error: Exception) -> str:
    text = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return text.removesuffix(".")
