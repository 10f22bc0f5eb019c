"""A server on this machine that speaks like the providers of reports, with their faults on demand.

Days have a bucket each; pages hold a few of them, and cursors are opaque. What it is asked is
recorded. Faults are given by the number of the request that they befall.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pages import anthropic_bucket, openai_bucket

Json = dict[str, Any]
Fault = Callable[["Handler"], None]

KEY = "sk-admin-Zq81-this-must-never-show"
PER_PAGE = 3


class Reports(ThreadingHTTPServer):
    """The server; `results` says what a report's day holds."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, dict[str, list[str]]]] = []
        self.faults: dict[int, Fault] = {}
        self.always: Fault | None = None
        self.results: Callable[[str, date], list[Json]] = lambda report, day: []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: Reports
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        self.server.asked.append((parts.path, query))
        fault = self.server.faults.get(len(self.server.asked)) or self.server.always
        if fault:
            fault(self)
        elif self._has_key(parts.path):
            self.answer(200, self._document(parts.path, query))
        else:
            said = f"Incorrect API key provided: {self.headers.get('Authorization')}"
            self.answer(401, {"error": {"message": said}})

    def _has_key(self, path: str) -> bool:
        if path.startswith("/v1/organizations/"):
            right = self.headers.get("anthropic-version") == "2023-06-01"
            return right and self.headers.get("x-api-key") == KEY
        return self.headers.get("Authorization") == f"Bearer {KEY}"

    def _document(self, path: str, query: dict[str, list[str]]) -> Json:
        report = path.rsplit("/", 1)[1]
        if report == "activity":
            day = date.fromisoformat(query["date"][0])
            return {"data": self.server.results(report, day)}
        start, until = (_day(query, names) for names in (_STARTS, _ENDS))
        days = [start + timedelta(n) for n in range((until - start).days)]
        at = int(query["page"][0].removeprefix("cursor_")) if "page" in query else 0
        bucket = anthropic_bucket if path.startswith("/v1/organizations/") else openai_bucket
        more = at + PER_PAGE < len(days)
        return {
            "object": "page",
            "data": [
                bucket(str(day), *self.server.results(report, day))
                for day in days[at : at + PER_PAGE]
            ],
            "has_more": more,
            "next_page": f"cursor_{at + PER_PAGE}" if more else None,
        }

    def answer(self, status: int, document: Json, **headers: str) -> None:
        body = json.dumps(document, indent=2).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


_STARTS, _ENDS = ("start_time", "starting_at"), ("end_time", "ending_at")


def _day(query: dict[str, list[str]], names: tuple[str, str]) -> date:
    if names[0] in query:
        return datetime.fromtimestamp(int(query[names[0]][0]), UTC).date()
    return datetime.fromisoformat(query[names[1]][0]).date()


def status(code: int, message: str = "busy", **headers: str) -> Fault:
    """Answer with a status, as providers do."""
    return lambda handler: handler.answer(code, {"error": {"message": message}}, **headers)


def cut(handler: Handler) -> None:
    """Break off in the middle of a page."""
    handler.send_response(200)
    handler.send_header("Content-Length", "4000")
    handler.end_headers()
    handler.wfile.write(b'{"object": "page", "data": [')
    handler.close_connection = True


def cut_without_length(handler: Handler) -> None:
    """Break off in the middle of a page whose length wasn't told: it looks like its end."""
    handler.send_response(200)
    handler.send_header("Connection", "close")
    handler.end_headers()
    handler.wfile.write(b'{"object": "page", "data": [')
    handler.close_connection = True


@contextmanager
def serve() -> Iterator[Reports]:
    """A server that is there for the block, and stopped after it."""
    server = Reports()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
