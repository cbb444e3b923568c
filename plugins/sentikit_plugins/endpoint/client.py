"""Asks an OpenAI-compatible endpoint, many requests at a time, and tries again what may yet succeed."""

from __future__ import annotations

import asyncio
import os
import random
import threading
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import Future
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from sentikit import ImageFailure, MissingExtraError, SentikitError

from .problems import LONGEST_WAIT, UnusableAnswer, problem_of
from .settings import EndpointSettings

if TYPE_CHECKING:
    from openai import AsyncOpenAI

Message = Mapping[str, Any]

REQUESTS, TRIES_AGAIN = "requests", "tries again"
PROMPT_TOKENS, ANSWER_TOKENS = "prompt tokens", "completion tokens"
_FIRST_WAIT = 0.5
_LARGEST = 4 << 20
"""Bytes of an answer."""
_WAITING = 4
"""Requests that wait or run, for each that may run."""


class Answer(NamedTuple):
    """The texts that the model answered. cut_off: the first ended at the limit of tokens."""

    texts: tuple[str, ...]
    cut_off: bool = False


class Endpoint:
    """Sends requests from a thread of its own, at most `concurrency` at a time, and counts requests and tokens.

    The thread starts with the first request, so that worker processes can be forked before.
    """

    def __init__(self, settings: EndpointSettings, what: str) -> None:
        """`what`: how a sentence about its user begins. Raises MissingExtraError if openai is not installed."""
        try:
            import openai  # noqa: F401
        except ImportError:
            raise MissingExtraError(what, "endpoint") from None
        self.settings = settings
        self.counts: Counter[str] = Counter()
        self._key = settings.key()
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._process = 0

    def ask(self, messages: Sequence[Message], n: int = 1) -> Future[Answer | ImageFailure]:
        """Start a request, at once unless many are waiting already.

        The future holds up to `n` texts, or why there is none; it raises SentikitError if no request can succeed.
        """
        loop = self._started()
        room = self._room
        room.acquire()  # requests hold photographs, so that only some may wait
        asked = asyncio.run_coroutine_threadsafe(self._ask(self._request(messages, n)), loop)
        asked.add_done_callback(lambda _: room.release())
        return asked

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None or self._process != os.getpid():
                self._loop, self._process = asyncio.new_event_loop(), os.getpid()
                self._room = threading.Semaphore(_WAITING * self.settings.concurrency)
                self._free = asyncio.Semaphore(self.settings.concurrency)
                self._client = self._make_client()
                # A daemon, so that Ctrl-C does not wait for answers.
                threading.Thread(target=self._loop.run_forever, name="sentikit-endpoint", daemon=True).start()
            return self._loop

    def _make_client(self) -> AsyncOpenAI:
        from openai import AsyncOpenAI, DefaultAsyncHttpxClient

        settings = self.settings
        # No redirect is followed: it would send the photographs, and perhaps the key, to whom nobody named. A proxy is
        # for other machines than this one.
        http = DefaultAsyncHttpxClient(
            follow_redirects=False,
            trust_env=not settings.is_local(),
            headers={"Accept-Encoding": "identity"},
            event_hooks={"response": [_limited]},
        )
        return AsyncOpenAI(
            api_key=self._key or "none",
            base_url=settings.base_url,
            timeout=settings.timeout,
            max_retries=0,
            http_client=http,
        )

    def _request(self, messages: Sequence[Message], n: int) -> dict[str, Any]:
        from openai import omit

        settings = self.settings
        body: dict[str, Any] = {"max_tokens": settings.max_tokens, "temperature": settings.temperature}
        if n > 1:  # many servers refuse a request that has it
            body["n"] = n
        body = {name: value for name, value in {**body, **settings.extra_fields()}.items() if value is not None}
        headers = {} if self._key else {"extra_headers": {"Authorization": omit}}
        return {"model": settings.model, "messages": list(messages), "extra_body": body, **headers}

    async def _ask(self, request: Mapping[str, Any]) -> Answer | ImageFailure:
        async with self._free:
            for tries in range(1, self.settings.retries + 2):
                try:
                    async with asyncio.timeout(self.settings.timeout):
                        self.counts[REQUESTS] += 1
                        completion = await self._client.chat.completions.create(**request)
                    self._count_tokens(completion)
                    return _answer(completion)
                except Exception as error:
                    problem = problem_of(error, self._key, self.settings.timeout)
                last = tries > self.settings.retries or not problem.again
                if last and problem.fatal:
                    raise SentikitError(f"{problem.reason[0].upper()}{problem.reason[1:]}.")
                if last:
                    return ImageFailure(problem.reason + (f" in {tries} tries" if tries > 1 else ""))
                self.counts[TRIES_AGAIN] += 1
                await asyncio.sleep(_wait(tries) if problem.wait is None else problem.wait)
        raise AssertionError("the last try returns or raises")

    def _count_tokens(self, completion: object) -> None:
        usage = getattr(completion, "usage", None)
        for name, field in ((PROMPT_TOKENS, "prompt_tokens"), (ANSWER_TOKENS, "completion_tokens")):
            tokens = getattr(usage, field, None)
            if isinstance(tokens, int) and tokens > 0:
                self.counts[name] += tokens


async def _limited(response: Any) -> None:
    """Let no answer fill the memory: it comes as it is, and ends at a limit."""
    if response.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise UnusableAnswer("the endpoint's answer is compressed, which was not asked for")
    http = import_module(type(response).__module__.partition(".")[0])  # httpx, or what openai has in its place
    response.stream = _limited_stream(response.stream, http.AsyncByteStream)


def _limited_stream(stream: Any, base: Any) -> Any:
    class Limited(base):  # type: ignore[misc]
        async def __aiter__(self) -> AsyncIterator[bytes]:
            size = 0
            async for part in stream:
                size += len(part)
                if size > _LARGEST:
                    raise UnusableAnswer(f"the endpoint's answer has more than {_LARGEST >> 20} MiB")
                yield part

        async def aclose(self) -> None:
            await stream.aclose()

    return Limited()


def _wait(tries: int) -> float:
    """Seconds before the next try: twice as long each time, and not the same for all requests."""
    return min(_FIRST_WAIT * 2.0 ** min(tries - 1, 16), LONGEST_WAIT) * random.uniform(0.5, 1.0)


def _answer(completion: object) -> Answer:
    """The texts of a completion, whatever the server made of it. Raises UnusableAnswer if there is none."""
    choices = getattr(completion, "choices", None)
    if not isinstance(choices, list) or not choices:
        raise UnusableAnswer("the endpoint's answer is no chat completion")
    found = [getattr(getattr(choice, "message", None), "content", None) for choice in choices]
    texts = tuple(text.strip() for text in map(_without_thoughts, found) if text.strip())
    cut_off = getattr(choices[0], "finish_reason", None) == "length"
    if not texts and cut_off:
        raise UnusableAnswer("the endpoint's answer has no text before its limit: raise it with -O max-tokens=N")
    if not texts:
        raise UnusableAnswer("the endpoint's answer has no text")
    return Answer(texts, cut_off)


def _without_thoughts(content: object) -> str:
    """The text after what a model thought aloud."""
    if not isinstance(content, str):
        return ""
    before, end, after = content.rpartition("</think>")
    return after if end else "" if before == "" and content.lstrip().startswith("<think>") else content
