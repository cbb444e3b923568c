"""A hub on this machine: the few answers that fetching a repository takes, and a cache made by hand."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

COMMIT = "0123456789abcdef0123456789abcdef01234567"
REPOSITORY = "me/mine"


class FakeHub:
    """What is served, and what was asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = ""
        self.asked: list[str] = []

    @property
    def fetched(self) -> set[str]:
        """The files whose content was asked for."""
        return {path.rpartition("/")[2] for path in self.asked if path.startswith(f"GET /{REPOSITORY}/resolve/")}

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body."""
        path = path.partition("?")[0]
        if path.startswith("/api/models/me/secret/"):
            return 403, {"X-Error-Code": "GatedRepo"}, b"{}"
        if path in (f"/api/models/{REPOSITORY}/revision/{name}" for name in ("main", "v1", COMMIT)):
            files = [{"rfilename": file.name} for file in self.folder.iterdir()]
            return json_of({"id": REPOSITORY, "modelId": REPOSITORY, "sha": COMMIT, "tags": [], "siblings": files})
        if path == f"/api/models/{REPOSITORY}/tree/{COMMIT}":
            return json_of(
                [
                    {"type": "file", "path": file.name, "size": file.stat().st_size, "oid": oid(file)}
                    for file in self.folder.iterdir()
                ]
            )
        if path.startswith(f"/{REPOSITORY}/resolve/{COMMIT}/"):
            file = self.folder / path.rpartition("/")[2]
            return 200, {"X-Repo-Commit": COMMIT, "ETag": f'"{oid(file)}"'}, file.read_bytes()
        code = "RevisionNotFound" if path.startswith(f"/api/models/{REPOSITORY}/") else "RepoNotFound"
        return 404, {"X-Error-Code": code}, b"{}"


def json_of(value: Any) -> tuple[int, dict[str, str], bytes]:
    return 200, {"Content-Type": "application/json"}, json.dumps(value).encode()


def oid(file: Path) -> str:
    return hashlib.sha1(file.read_bytes()).hexdigest()


@contextmanager
def serving(folder: Path) -> Iterator[FakeHub]:
    """Serves the files of a folder as the repository `REPOSITORY`, on loopback."""
    hub = FakeHub(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hub.asked.append(f"{self.command} {self.path}")
            status, headers, body = hub.answer(self.path)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()


def cache_by_hand(cache: Path, folder: Path, links: bool = True) -> Path:
    """The hub's cache as it would be after fetching the files of a folder; the snapshot's folder."""
    home = cache / "models--me--mine"
    snapshot = home / "snapshots" / COMMIT
    for part in (snapshot, home / "blobs", home / "refs"):
        part.mkdir(parents=True)
    (home / "refs" / "main").write_text(COMMIT)
    for file in folder.iterdir():
        blob = home / "blobs" / oid(file)
        blob.write_bytes(file.read_bytes())
        if links:
            (snapshot / file.name).symlink_to(os.path.join("..", "..", "blobs", blob.name))
        else:
            (snapshot / file.name).write_bytes(file.read_bytes())
    return snapshot
