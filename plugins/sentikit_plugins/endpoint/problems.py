"""What went wrong with a request: whether to try again, and how a sentence says it. No sentence holds the key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

LONGEST_WAIT = 120.0
"""Seconds. An endpoint that asks for a longer wait has no time for this run."""
_BUSY = (408, 409, 429)
_REFUSED = (401, 403)
_LONGEST_MESSAGE = 200


class Problem(NamedTuple):
    """Why a request failed.

    reason: the end of a sentence. again: another try may succeed. fatal: no other request will succeed either.
    wait: seconds that the endpoint asks to wait.
    """

    reason: str
    again: bool = False
    fatal: bool = False
    wait: float | None = None


def problem_of(error: Exception, key: str | None, timeout: float) -> Problem:
    """What an exception of the openai client, or of reading its answer, means. `key`: what no sentence may hold."""
    import openai

    if isinstance(error, openai.APIStatusError):
        return _of_status(error.status_code, error.response.headers, _said(error.body, key), key)
    if isinstance(error, (TimeoutError, openai.APITimeoutError)):
        return Problem(f"the endpoint gave no answer within {timeout:g} s", again=True)
    if isinstance(error, openai.APIConnectionError):
        cause = error.__cause__
        if isinstance(cause, UnusableAnswer):
            return Problem(str(cause))
        if type(cause).__name__ == "ConnectError":
            return Problem(f"the endpoint cannot be reached ({_cleaned(str(cause), key)})", again=True, fatal=True)
        return Problem(f"the connection to the endpoint broke ({_cleaned(str(cause or error), key)})", again=True)
    if isinstance(error, UnusableAnswer):
        return Problem(_cleaned(str(error), key))
    return Problem(f"the endpoint's answer cannot be read ({type(error).__name__})", again=True)


class UnusableAnswer(Exception):
    """An answer that is not what was asked for. The message is the end of a sentence."""


def _of_status(status: int, headers: Mapping[str, str], said: str, key: str | None) -> Problem:
    answered = f"the endpoint answered {status}{f' ({said})' if said else ''}"
    if 300 <= status < 400:
        return Problem(
            f"the endpoint redirects to {_place(headers.get('location', ''), key)}, which is not asked", fatal=True
        )
    if status in _REFUSED:
        return Problem(f"{answered}: it wants a key, or another one", fatal=True)
    if status == 404:
        return Problem(f"{answered}: look at base-url, which often ends in /v1, and at model", fatal=True)
    if status == 429 and "quota" in said.lower():
        return Problem(answered, fatal=True)
    if status in _BUSY or status >= 500:
        wait = _retry_after(headers.get("retry-after"))
        if wait is not None and wait > LONGEST_WAIT:
            return Problem(f"{answered} and wants to be left alone for {wait:,.0f} s")
        return Problem(answered, again=True, wait=wait)
    return Problem(answered)


def _place(location: str, key: str | None) -> str:
    """Scheme and host of a redirect's target."""
    try:
        parts = urlsplit(location)
    except ValueError:
        return "somewhere else"
    host = parts.netloc.rpartition("@")[2]
    return _cleaned(f"{parts.scheme}://{host}", key) if host else "another path"


def _retry_after(value: str | None) -> float | None:
    """The seconds of a Retry-After header, which is a number or a date; None without a sensible one."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError, OverflowError):
            return None
    return max(seconds, 0.0) if seconds == seconds else None


def _said(body: Any, key: str | None) -> str:
    """The message of an error's body, if it has one."""
    inner = body.get("error", body) if isinstance(body, dict) else body
    for name in ("message", "detail", "code"):
        if isinstance(inner, dict) and isinstance(inner.get(name), str):
            return _cleaned(inner[name], key)
    return _cleaned(inner, key) if isinstance(inner, str) and not inner.lstrip().startswith("<") else ""


def _cleaned(text: str, key: str | None) -> str:
    """On one line, of bounded length, without the key."""
    if key:
        text = text.replace(key, "[key]")
    text = " ".join(text.split()).rstrip(".")
    return text if len(text) <= _LONGEST_MESSAGE else f"{text[: _LONGEST_MESSAGE - 3]}..."
