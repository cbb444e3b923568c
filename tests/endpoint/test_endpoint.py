"""The captioner `endpoint` against a server that answers well, late, wrongly or not at all."""

from __future__ import annotations

import base64
import io
import json
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sentikit_plugins.endpoint.photos import photo_part
from support.batches import batches
from support.endpoint_server import Reply, Server, endpoint, failed, in_turn, said
from support.looking_models import save_photos

from sentikit import Caption, Captioner, ImageFailure, Photo, PipelinedCaptioner, SentikitError, UsageError
from sentikit.cli import run
from sentikit.images import ImageRef
from sentikit.pipelines.caption import CaptionModels, caption_images
from sentikit.pipelines.image_models import Named
from sentikit.pipelines.run_models import RunSettings
from sentikit.pipelines.tag_filter import TagFilter
from sentikit.plugin.kinds import CAPTIONER
from sentikit.plugin.loader import load_plugins

KEY = "sk-0123456789abcdef-secret"
PHOTO = Image.new("RGB", (64, 48), (200, 30, 30))


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)


def captioner(url: str, **options: str) -> Any:
    given = {"base-url": url, "model": "m", "retries": "1", "timeout": "5"} | options
    return load_plugins().get(CAPTIONER, "endpoint").create(given)


def answers(server: Server, images: int = 1, n: int = 1, **options: str) -> Any:
    model = captioner(server.url, **options)
    (batch,) = batches([model], [PHOTO] * images)
    return model.caption(batch, n), model.counts


def cli(server: Server, *arguments: object, **options: str) -> int:
    given = {"base-url": server.url, "model": "m", "retries": "0"} | options
    flags = [flag for name, value in given.items() for flag in ("-O", f"{name}={value}")]
    return run(["caption", *map(str, arguments), "--captioner", "endpoint", "--combiner", "none", *flags])


# What is sent


def test_it_is_a_captioner_that_works_ahead() -> None:
    model = captioner("http://localhost:1/v1", concurrency="5")
    assert isinstance(model, Captioner)
    assert isinstance(model, PipelinedCaptioner)
    assert model.in_flight == 5


def test_the_photograph_and_the_prompt_are_sent_and_the_caption_comes_back() -> None:
    with endpoint(lambda request: said('"A red\n wall."')) as server:
        found, counts = answers(server, prompt="What is it?", **{"image-size": "32"})
    assert found == [[Caption("A red wall.")]]
    assert dict(counts) == {"requests": 1, "prompt tokens": 7, "completion tokens": 3}
    (request,) = server.requests
    assert (request["model"], request["max_tokens"], request["temperature"]) == ("m", 100, 0)
    assert "n" not in request
    photo, prompt = request["messages"][0]["content"]
    assert prompt["text"] == "What is it?"
    header, _, data = photo["image_url"]["url"].partition(",")
    assert header == "data:image/jpeg;base64"
    assert Image.open(io.BytesIO(base64.b64decode(data))).size == (32, 24)
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"


def test_no_metadata_is_sent(tmp_path: Path) -> None:
    exif = PHOTO.getexif()
    exif[0x010E] = "secret place"
    PHOTO.save(tmp_path / "1.jpg", exif=exif, comment=b"secret comment", dpi=(300, 300))
    assert b"secret place" in (tmp_path / "1.jpg").read_bytes()
    opened = Image.open(tmp_path / "1.jpg")
    part = photo_part(Photo("1.jpg", opened.size, lambda: opened), 1024)
    assert b"secret" not in base64.b64decode(part["image_url"]["url"].partition(",")[2])


def test_without_a_key_none_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    with endpoint(lambda request: said("A wall.")) as server:
        answers(server)
    assert "authorization" not in {name.lower() for name in server.headers[0]}


def test_another_variable_can_hold_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "other")
    with endpoint(lambda request: said("A wall.")) as server:
        answers(server, **{"key-env": "MY_KEY"})
    assert server.headers[0]["authorization"] == "Bearer other"


def test_extra_fields_are_added_and_null_removes_one() -> None:
    with endpoint(lambda request: said("A wall.")) as server:
        answers(server, extra='{"seed": 3, "temperature": null}')
    assert server.requests[0]["seed"] == 3
    assert "temperature" not in server.requests[0]


def test_several_captions_are_asked_for_and_fewer_are_taken() -> None:
    with endpoint(lambda request: said("A wall.", "A red wall.", "A wall.")) as server:
        found, _ = answers(server, n=5)
    assert server.requests[0]["n"] == 5
    assert found == [[Caption("A wall."), Caption("A red wall.")]]


# What comes back


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (failed(500, f"broken, {KEY}"), "the endpoint answered 500 (broken, [key])"),
        (failed(429, "busy"), "the endpoint answered 429 (busy)"),
        (failed(429, "busy", Retry_After="3600"), "the endpoint answered 429 (busy) and wants to be left alone"),
        (failed(400, "too large"), "the endpoint answered 400 (too large)"),
        (Reply(b"<html>503</html>", 503, kind="text/html"), "the endpoint answered 503"),
        (said("late", latency=2), "the endpoint gave no answer within 0.2 s"),
        (Reply(b'{"id": "1"', length=5000), "the connection to the endpoint broke"),
        (Reply(b'{"id": "1", "choices": []}', length=10), "the endpoint's answer cannot be read (JSONDecodeError)"),
        (Reply(b"{oops"), "the endpoint's answer cannot be read (JSONDecodeError)"),
        (Reply(b"[1]"), "the endpoint's answer is no chat completion"),
        (Reply(b"null"), "the endpoint's answer is no chat completion"),
        (Reply(b"<html>", kind="text/html"), "the endpoint's answer is no chat completion"),
        (Reply(b'{"choices": [null]}'), "the endpoint's answer has no text"),
        (said(None), "the endpoint's answer has no text"),
        (said({"text": "a"}), "the endpoint's answer has no text"),
        (said("  \n"), "the endpoint's answer has no text"),
        (said("<think>a dog or", finish="length"), "the endpoint's answer has no text before its limit"),
        (said("A dog in a", finish="length"), "the endpoint's caption was cut off at its limit"),
    ],
)
def test_a_wrong_answer_is_a_failure_with_its_reason(reply: Reply, reason: str) -> None:
    with endpoint(lambda request: reply) as server:
        (found,), _ = answers(server, retries="0", timeout="0.2" if reply.latency else "5")
    assert isinstance(found, ImageFailure)
    assert found.reason.startswith(reason)
    assert KEY not in found.reason


@pytest.mark.parametrize(
    ("text", "finish", "caption"),
    [
        ("A dog. It is in a", "length", "A dog."),
        ("<think>A cat?</think>\nA dog.", "stop", "A dog."),
        ("“A dog.”", "stop", "A dog."),
        ('"A" and "B"', "stop", '"A" and "B"'),
    ],
)
def test_an_answer_becomes_a_caption(text: str, finish: str, caption: str) -> None:
    with endpoint(lambda request: said(text, finish=finish)) as server:
        assert answers(server)[0] == [[Caption(caption)]]


@pytest.mark.parametrize("wrong", [failed(500), failed(429, Retry_After="0.3"), Reply(b"{", length=99), Reply(b"{")])
def test_it_tries_again(wrong: Reply) -> None:
    with endpoint(in_turn(wrong, said("A dog."))) as server:
        began = time.monotonic()
        found, counts = answers(server)
    assert found == [[Caption("A dog.")]]
    assert (counts["requests"], counts["tries again"]) == (2, 1)
    assert time.monotonic() - began >= float(wrong.headers.get("Retry-After", 0.25))


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        (failed(401, f"bad {KEY}"), "The endpoint answered 401 (bad [key]): it wants a key, or another one."),
        (failed(404, "no m"), "The endpoint answered 404 (no m): look at base-url, which often ends in /v1, and at"),
        (
            failed(429, "You exceeded your current quota"),
            "The endpoint answered 429 (You exceeded your current quota).",
        ),
    ],
)
def test_what_no_request_can_mend_stops_the_run(reply: Reply, sentence: str) -> None:
    with endpoint(lambda request: reply) as server, pytest.raises(SentikitError) as caught:
        answers(server, retries="3")
    assert str(caught.value).startswith(sentence)
    assert len(server.requests) == 1


def test_a_redirect_is_not_followed() -> None:
    with endpoint(lambda request: said("A trap.")) as other:
        location = other.url.replace("127.0.0.1", "localhost")
        there = Reply(b"", 307, {"Location": f"{location}/chat/completions?key=1"})
        with endpoint(lambda request: there) as server, pytest.raises(SentikitError) as caught:
            answers(server)
    assert str(caught.value) == f"The endpoint redirects to {location.removesuffix('/v1')}, which is not asked."
    assert not other.requests


def test_an_endpoint_that_is_not_there_is_named() -> None:
    with endpoint(lambda request: said("A dog.")) as server:
        pass
    with pytest.raises(SentikitError, match="The endpoint cannot be reached"):
        answers(server, retries="0")


# Settings


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"base-url": ""}, "has no address"),
        ({"model": ""}, "has no name"),
        ({"base-url": "ftp://localhost/v1"}, "is an address such as"),
        ({"base-url": "http://[::1"}, "is an address such as"),
        ({"base-url": "localhost:8000"}, "is an address such as"),
        ({"base-url": "http://localhost:x/v1"}, "is an address such as"),
        ({"base-url": f"https://me:{KEY}@host/v1"}, "must not hold a name, a password or a query"),
        ({"base-url": f"https://host/v1?key={KEY}"}, "must not hold a name, a password or a query"),
        ({"base-url": "http://10.0.0.1/v1"}, "is asked over http"),
        ({"base-url": "http://localhost.example/v1"}, "is asked over http"),
        ({"key-env": "NOT_SET_ANYWHERE"}, "'NOT_SET_ANYWHERE' of -O key-env is not set"),
        ({"extra": "[1]"}, "is a JSON object"),
        ({"concurrency": "0"}, "at least 1"),
    ],
)
def test_what_makes_no_sense_or_is_not_safe_is_refused(options: dict[str, str], part: str) -> None:
    with pytest.raises(UsageError, match=part.replace("'", ".")) as caught:
        captioner("http://localhost:1/v1", **options)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    "options",
    [
        {"base-url": "https://host/v1"},
        {"base-url": "http://127.0.0.2:1/v1"},
        {"base-url": "http://[::1]:1/v1"},
        {"base-url": "http://10.0.0.1/v1", "insecure": "true"},
    ],
)
def test_https_and_this_machine_are_allowed(options: dict[str, str]) -> None:
    captioner("", **options)


# Whole runs


def test_a_photograph_that_fails_is_one_failure_and_a_run_continues(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    save_photos(tmp_path / "photos")
    lines, failures = tmp_path / "captions.jsonl", tmp_path / "failures.jsonl"
    arguments = (tmp_path / "photos", "--jsonl", lines, "--failures", failures, "--batch-size", 2)
    with endpoint(in_turn(said("A dog."), failed(500, f"broken {KEY}"), said("A cat."))) as server:
        assert cli(server, *arguments, concurrency="1") == 0
        first = capfd.readouterr().err
        assert len(lines.read_text().splitlines()) == 1 + 2
        assert "broken [key]" in failures.read_text()
        assert "counted requests: 3, prompt tokens: 14, completion tokens: 6" in first
    with endpoint(lambda request: said("A cow.")) as server:  # another address and concurrency: the run goes on
        assert cli(server, *arguments, concurrency="4") == 0
        captions = [json.loads(line).get("caption") for line in lines.read_text().splitlines()]
        assert sorted(filter(None, captions)) == ["A cat.", "A cow.", "A dog."]
        assert len(server.requests) == 1
        assert cli(server, *arguments, model="other") == 1
    everything = "".join(path.read_text() for path in tmp_path.rglob("*.jsonl")) + first + "".join(capfd.readouterr())
    assert KEY not in everything
    assert json.loads(lines.read_text().splitlines()[0])


def test_a_run_that_is_stopped_keeps_what_it_has(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    save_photos(tmp_path / "photos")
    lines = tmp_path / "captions.jsonl"
    with endpoint(in_turn(said("A dog."), failed(401))) as server:
        assert cli(server, tmp_path / "photos", "--jsonl", lines, "--batch-size", 1, concurrency="1") == 1
    assert "go on with: sentikit" in capfd.readouterr().err
    assert len(lines.read_text().splitlines()) == 2


def test_debugging_and_tracebacks_do_not_show_the_key(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (photo,) = save_photos(tmp_path, ["1.png"])
    with endpoint(lambda request: failed(401, f"bad {KEY}")) as server:
        flags = ["-O", f"base-url={server.url}", "-O", "model=m"]
        assert run(["--debug", "caption", str(photo), "--captioner", "endpoint", "--combiner", "none", *flags]) == 1
    assert KEY not in "".join(capfd.readouterr())


def test_a_missing_extra_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "openai", None)
    with pytest.raises(SentikitError) as caught:
        captioner("http://localhost:1/v1")
    assert str(caught.value) == (
        "The captioner 'endpoint' needs the extra 'endpoint': pip install 'sentikit-captions[endpoint]'."
    )


# Speed


def seconds(server: Server, photos: int, batch_size: int, concurrency: int) -> float:
    """How long the photographs take, after a first one that opens the connection."""
    model = captioner(server.url, concurrency=str(concurrency))
    models = CaptionModels(Named("The captioner 'endpoint'", model), TagFilter())

    def caption(number: int) -> float:
        refs = [ImageRef(Path(f"{n}.png"), n, f"{n}.png", PHOTO) for n in range(number)]
        began = time.perf_counter()
        done = [
            result
            for outcome in caption_images(refs, models, RunSettings("cpu", batch_size))
            for result in outcome.results
        ]
        assert len(done) == number
        return time.perf_counter() - began

    caption(1)
    return caption(photos)


@pytest.mark.parametrize("batch_size", [16, 3])
def test_as_many_requests_are_in_flight_as_the_user_wants(batch_size: int) -> None:
    latency, concurrency, photos = 0.5, 8, 32
    possible = latency * photos / concurrency
    with endpoint(lambda request: said("A dog.", latency=latency)) as server:
        tries = (seconds(server, photos, batch_size, concurrency) for _ in range(3))  # other programs may be in the way
        assert any(0.9 * taken <= possible for taken in tries)
    assert server.most == concurrency
