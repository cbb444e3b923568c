"""The options of everything that asks an OpenAI-compatible endpoint, and what they may be."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

from sentikit import UsageError, check_options, option

DEFAULT_KEY = "OPENAI_API_KEY"
PROMPT = "Describe the photograph in one short, factual sentence. Answer with the sentence alone."


@dataclass(frozen=True)
class EndpointSettings:
    """Where the endpoint is and how it is asked. Raises UsageError if a value makes no sense or is not safe."""

    base_url: str | None = option(
        None, "address of the endpoint, such as http://localhost:8000/v1; https, or this machine", recorded=False
    )
    model: str | None = option(None, "name of the model at the endpoint")
    max_tokens: int = option(100, "maximum tokens of an answer", at_least=1)
    temperature: float = option(0.0, "0 for the same answer every time, as far as the endpoint can", at_least=0)
    image_size: int = option(1024, "photographs with a longer side are reduced to it, in pixels", at_least=32)
    extra: str | None = option(None, "further fields of the request, as a JSON object; null removes a field")
    concurrency: int = option(8, "requests at the same time", at_least=1, at_most=1024, recorded=False)
    timeout: float = option(60.0, "seconds that a request may take", above=0, recorded=False)
    retries: int = option(4, "tries after the first if the endpoint is busy or fails", at_least=0, recorded=False)
    key_env: str = option(DEFAULT_KEY, "environment variable that holds the key", recorded=False)
    insecure: bool = option(
        False, "allow http to another machine: anyone between can read key and photographs", recorded=False
    )

    def __post_init__(self) -> None:
        check_options(self)
        if not self.base_url:
            raise UsageError("The endpoint has no address: give one with -O base-url=http://localhost:8000/v1.")
        if not self.model:
            raise UsageError("The endpoint's model has no name: give one with -O model=NAME.")
        _check_address(self.base_url, self.insecure)
        self.extra_fields()
        self.key()

    def key(self) -> str | None:
        """The key; None if the usual variable is not set. Raises UsageError if one that is named is not."""
        key = os.environ.get(self.key_env, "").strip()
        if not key and self.key_env != DEFAULT_KEY:
            raise UsageError(f"The environment variable {self.key_env!r} of -O key-env is not set.")
        if key and not (key.isascii() and key.isprintable()):
            raise UsageError(f"The key in the environment variable {self.key_env!r} has characters that no key has.")
        return key or None

    def extra_fields(self) -> Mapping[str, Any]:
        """The further fields of a request. Raises UsageError if they are no JSON object."""
        try:
            fields = json.loads(self.extra or "{}")
        except ValueError:
            fields = None
        if not isinstance(fields, dict):
            raise UsageError("The option 'extra' is a JSON object, such as {\"seed\": 1}.")
        return fields

    def is_local(self) -> bool:
        """Whether the endpoint is on this machine."""
        return _is_loopback(urlsplit(self.base_url or "").hostname or "")


@dataclass(frozen=True)
class CaptionSettings(EndpointSettings):
    """The options of the captioner."""

    prompt: str | None = option(None, "another question than for one short, factual sentence")


def _check_address(address: str, insecure: bool) -> None:
    parts = _parts(address)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError("The option 'base-url' is an address such as https://host/v1 or http://localhost:8000/v1.")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise UsageError(
            "The option 'base-url' must not hold a name, a password or a query, as outputs and messages can show it: "
            f"put the key into the environment variable {DEFAULT_KEY}."
        )
    if parts.scheme == "http" and not insecure and not _is_loopback(parts.hostname):
        raise UsageError(
            f"The endpoint at {parts.hostname} is asked over http, so anyone between can read key and photographs: use "
            "https, or allow it with -O insecure=true."
        )


def _parts(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 - raises ValueError for a port that is none
    except ValueError:
        return None
    return parts


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"
