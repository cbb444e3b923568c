"""Photographs a second through the captioner `endpoint`, against requests in flight / latency.

python -m scripts.benchmarks endpoint [--latency SECONDS] [--photographs N]

The server is a process of its own that answers every request after the same time, however many there are. The
photographs are the demo's files: decoding, resizing and encoding them is part of the time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import re
import time
from itertools import cycle, islice
from multiprocessing.connection import Connection
from pathlib import Path

from sentikit.images import ImageRef
from sentikit.pipelines.caption import CaptionModels, caption_images
from sentikit.pipelines.image_models import Named
from sentikit.pipelines.run_models import RunSettings
from sentikit.pipelines.tag_filter import TagFilter
from sentikit.plugin.kinds import CAPTIONER
from sentikit.plugin.loader import load_plugins

IN_FLIGHT = (1, 8, 32, 64)
BATCH_SIZE = 16
PHOTOGRAPHS = sorted(Path(__file__).parents[2].glob("examples/demo/images/*.jpg"))
COMPLETION = {
    "id": "1",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "A dog."}}],
    "usage": {"prompt_tokens": 300, "completion_tokens": 3, "total_tokens": 303},
}


def serve(latency: float, port: Connection) -> None:
    """Answer every request after `latency` seconds."""
    body = json.dumps(COMPLETION).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await _head(reader):
            length = re.search(rb"content-length: *(\d+)", request, re.IGNORECASE)
            await reader.readexactly(int(length[1]) if length else 0)
            await asyncio.sleep(latency)
            writer.write(head + body)
            await writer.drain()
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=1024)
        port.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


async def _head(reader: asyncio.StreamReader) -> bytes:
    """The head of the next request; nothing if the client is gone."""
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""


def seconds(url: str, in_flight: int, refs: list[ImageRef]) -> float:
    """How long the photographs take, after a first one that loads the client."""
    options = {"base-url": url, "model": "m", "concurrency": str(in_flight)}
    model = load_plugins().get(CAPTIONER, "endpoint").create(options)
    models = CaptionModels(Named("The captioner 'endpoint'", model), TagFilter())
    taken = 0.0
    for some in (refs[:1], refs):
        began = time.perf_counter()
        done = sum(len(outcome.results) for outcome in caption_images(some, models, RunSettings("cpu", BATCH_SIZE)))
        taken = time.perf_counter() - began
        assert done == len(some)
    return taken


def main() -> None:
    """Print the throughput for each number of requests in flight."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--latency", type=float, default=0.5)
    parser.add_argument("--photographs", type=int, default=20, help="for each request in flight")
    arguments = parser.parse_args()
    os.environ.pop("OPENAI_API_KEY", None)
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(arguments.latency, theirs), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{ours.recv()}/v1"
    try:
        for in_flight in IN_FLIGHT:
            paths = islice(cycle(PHOTOGRAPHS), arguments.photographs * in_flight)
            refs = [ImageRef(path, number, path.name) for number, path in enumerate(paths)]
            found = len(refs) / seconds(url, in_flight, refs)
            possible = in_flight / arguments.latency
            share = found / possible
            print(f"{in_flight:3} in flight: {found:6.1f} photographs/s, {possible:6.1f} possible, {share:.2f}")
    finally:
        server.terminate()


if __name__ == "__main__":
    main()
