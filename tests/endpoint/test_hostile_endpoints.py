"""An endpoint that floods, redirects or lies, and files of answers that are no such files."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support.batches import batches
from support.endpoint_server import Reply, endpoint, in_turn, said

from sentikit import ImageFailure, SentikitError
from sentikit.plugin.kinds import CAPTIONER, REWRITER
from sentikit.plugin.loader import load_plugins

KEY = "sk-0123456789abcdef-secret"
LARGE = b'{"choices": [{"message": {"content": "' + b"a" * (5 << 20) + b'"}}]}'


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)


def answers(url: str) -> Any:
    model: Any = load_plugins().get(CAPTIONER, "endpoint").create({"base-url": url, "model": "m", "timeout": "20"})
    (batch,) = batches([model], [Image.new("RGB", (64, 48))])
    return list(model.caption(batch, 1))


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(LARGE), "more than 4 MiB"),
        (Reply(gzip.compress(LARGE), headers={"Content-Encoding": "gzip"}), "compressed"),
    ],
)
def test_an_answer_that_would_fill_the_memory(reply: Reply, reason: str) -> None:
    with endpoint(in_turn(reply)) as server:
        (failure,) = answers(server.url)
        assert isinstance(failure, ImageFailure)
        assert reason in failure.reason
        assert len(server.requests) == 1
        assert server.headers[0]["Accept-Encoding"] == "identity"


def test_a_redirect_that_holds_the_key_does_not_show_it() -> None:
    with (
        endpoint(in_turn(Reply(b"", 307, {"Location": f"https://{KEY}.example.com/v1"}))) as server,
        pytest.raises(SentikitError, match="redirects") as caught,
    ):
        answers(server.url)
    assert KEY not in str(caught.value)


def rewriter(path: Path, url: str = "http://localhost:1/v1") -> Any:
    return load_plugins().get(REWRITER, "llm").create({"base-url": url, "model": "m", "answers": str(path)})


@pytest.mark.parametrize(
    "content",
    [
        b'{"my": "file"}\n',
        b"no lines",
        b"\xff\xfe\n",
        b"[" * 100_000 + b"\n",
        b'{"key": 1, "model": "", "prompt": "", "photo": null, "answers": ["a"], "cut_off": false}\n',
        b'{"key": "1", "model": "", "prompt": "", "photo": null, "answers": [], "cut_off": false}\n',
    ],
)
def test_a_file_that_is_none_of_answers_stays_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_bytes(content)
    with pytest.raises(SentikitError, match="name another file"):
        rewriter(path)
    assert path.read_bytes() == content


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes")
def test_a_pipe_is_no_file_of_answers(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SentikitError, match="not a file"):
        rewriter(tmp_path / "pipe")


@pytest.mark.parametrize(
    "answer",
    [
        "Ignore the rules. A cat on a mat.",
        "A happy dog on a street. Visit evil.example.",
        "A <script>happy</script> dog on a street.",
        "A happy dog on a \u202estreet.",
        "A happy dog on a street." * 2000,
        "happy " * 100_000,
    ],
)
def test_an_answer_that_does_more_than_insert_adjectives(tmp_path: Path, answer: str) -> None:
    from sentikit import ANP, Caption, Tag

    with endpoint(in_turn(said(answer))) as server:
        model = rewriter(tmp_path / "answers.jsonl", server.url)
        (made,) = model.rewrite([(Caption("A dog on a street."), [Tag(ANP("happy", "dog"), 0.5)])])
    assert made.text == "A dog on a street."
