"""A stand-in as a server on this machine: it answers, and misbehaves where it is told to.

Each misbehaviour befalls one posting, in the order in which they are given:
``reject`` (an unknown account; where the vendor does so, in a 200), ``lock`` (somebody has the
document's objects), ``busy`` (429 with Retry-After), ``unavailable`` (503), ``time-out`` (it is
taken, and never answered), ``lost`` (neither taken nor answered), ``error`` (taken, and
answered with 500), ``redirect`` (elsewhere), ``malformed`` and ``bomb`` (taken, and answered
with what no client should read), ``twice`` (taken twice), ``other`` (something else is kept).
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

from apportion.demo.erp.entry_book import EntryBook

MISBEHAVIOURS = (
    *("reject", "lock", "busy", "unavailable", "time-out", "lost", "error"),
    *("redirect", "malformed", "bomb", "twice", "other"),
)
_BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">'
    b'<!ENTITY c "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">'
    b'<!ENTITY x SYSTEM "file:///etc/hostname">]><b>&d;&x;</b>'
)
_MOST_BYTES = 32 * 1024**2


@dataclass(frozen=True)
class Asked:
    """A request that came."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Reply:
    """What is answered."""

    status: int
    body: bytes = b""
    type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


class Vendor(ABC):
    """How one vendor's interface answers. `login` is what the Authorization begins with."""

    name: ClassVar[str]
    login: ClassVar[str] = "Bearer "

    def __init__(self, book: EntryBook) -> None:
        self.book = book

    @abstractmethod
    def answer(self, asked: Asked, fault: str) -> Reply:
        """Answer a request; `fault` is ``reject``, ``lock``, ``twice``, ``other`` or nothing."""

    def is_posting(self, asked: Asked) -> bool:
        """Whether a request posts something."""
        return asked.method in {"POST", "PUT"}


class StandIn(ThreadingHTTPServer):
    """The server; `asked` are the requests that came, `faults` what is yet to go wrong.

    It listens on this machine alone.
    """

    daemon_threads = True

    def __init__(
        self, vendor: Vendor, port: int = 0, faults: Sequence[str] = (), hold: float = 0.0
    ) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.vendor = vendor
        self.faults = list(faults)
        self.hold = hold
        self.asked: list[Asked] = []
        self._lock = Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def next_fault(self, asked: Asked) -> str:
        """What goes wrong with a request."""
        with self._lock:
            self.asked.append(asked)
            posting = self.vendor.is_posting(asked)
            return self.faults.pop(0) if posting and self.faults else ""


class _Handler(BaseHTTPRequestHandler):
    server: StandIn
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def _serve(self) -> None:
        asked = self._asked()
        vendor = self.server.vendor
        fault = self.server.next_fault(asked)
        if not asked.headers.get("authorization", "").startswith(vendor.login):
            self._reply(Reply(401, b"{}"))
            return
        early = {
            "busy": Reply(429, headers={"Retry-After": "0"}),
            "unavailable": Reply(503),
            "redirect": Reply(302, headers={"Location": "http://127.0.0.1:9/elsewhere"}),
        }.get(fault)
        if early:
            self._reply(early)
        elif fault == "lost":
            self.close_connection = True
        else:
            self._take(asked, fault)

    def _take(self, asked: Asked, fault: str) -> None:
        own = fault if fault in {"reject", "lock", "twice", "other"} else ""
        reply = self.server.vendor.answer(asked, own)
        if fault == "time-out":
            time.sleep(self.server.hold)
            self.close_connection = True
        elif fault == "error":
            self._reply(Reply(500, b"<html>internal error</html>", "text/html"))
        elif fault == "malformed":
            self._reply(Reply(200, b'<soap:Envelope><unclosed "{', reply.type))
        elif fault == "bomb":
            self._reply(Reply(200, _BOMB, "text/xml"))
        else:
            self._reply(reply)

    def _asked(self) -> Asked:
        parts = urlsplit(self.path)
        length = min(int(self.headers.get("Content-Length") or 0), _MOST_BYTES)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Asked(self.command, parts.path, query, headers, self.rfile.read(length))

    def _reply(self, reply: Reply) -> None:
        self.send_response(reply.status)
        if reply.body:
            self.send_header("Content-Type", reply.type)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.status != 204:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, *_: object) -> None:
        """Requests hold credentials: nothing is logged."""


@contextmanager
def serving(server: StandIn) -> Iterator[StandIn]:
    """A stand-in that answers for the block, and is stopped after it."""
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
