"""Meter an ASGI service: Starlette, FastAPI, or anything else that speaks ASGI.

    app = AsgiMeter(app, ServiceMeter("feature-server", Spool("/var/spool/usage"), who=[…]))

Mount it outside of whatever answers, and inside of what compresses: it counts the bytes that
pass. Bodies stream through; the record is written before the last part of the answer is
handed on, so that an answer which arrived has its record, whatever happens next.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, MutableMapping
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from apportion.meter.consumer import Caller
from apportion.meter.metered_call import CURRENT, MeteredCall
from apportion.meter.service_meter import ServiceMeter

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Answer(Protocol):
    """Looks at an answer as it passes, and may hold back what the caller didn't ask for."""

    def part(self, body: bytes, *, last: bool) -> bytes: ...


class Reader(Protocol):
    """Reads of a service's own protocol what was used, such as tokens."""

    async def request(self, call: MeteredCall, scope: Scope, receive: Receive) -> Receive: ...

    def answer(self, call: MeteredCall, status: int) -> Answer | None: ...


class AsgiMeter:
    """Records each HTTP request; `skip` are paths that are nobody's use, such as health checks.

    Websockets pass by unmetered.
    """

    def __init__(
        self,
        app: App,
        meter: ServiceMeter,
        *,
        skip: Iterable[str] = ("/health", "/healthz", "/livez", "/readyz", "/metrics"),
        reader: Reader | None = None,
    ) -> None:
        self._app = app
        self._meter = meter
        self._skip = frozenset(skip)
        self._reader = reader

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._life(scope, receive, send)
        elif scope["type"] != "http" or scope["path"] in self._skip:
            await self._app(scope, receive, send)
        else:
            await self._metered(scope, receive, send)

    async def _life(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Close the spool when the service ends, also where it doesn't care for its own end."""
        received, sent = [], []

        async def receiving() -> Message:
            message = await receive()
            received.append(message["type"])
            return message

        async def sending(message: Message) -> None:
            sent.append(message["type"])
            if message["type"].startswith("lifespan.shutdown."):
                self._meter.close()
            await send(message)

        await self._app(scope, receiving, sending)
        if not sent:
            if not received:
                await receiving()
            await sending({"type": "lifespan.startup.complete"})
            await receiving()
            await sending({"type": "lifespan.shutdown.complete"})

    async def _metered(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = _Headers(scope["headers"])
        call = self._meter.begin(Caller(headers, scope.setdefault("state", {})))
        passing = _Passing(self._meter, self._reader, call, scope, receive, send)
        mark = CURRENT.set(call)
        try:
            reading: Receive = passing.receive
            if self._reader is not None:
                reading = await self._reader.request(call, scope, passing.receive)
            await self._app(scope, reading, passing.send)
        except BaseException as fault:
            ended = "failed" if isinstance(fault, Exception) else "cancelled"
            passing.end("cancelled" if passing.gone else ended)
            raise
        finally:
            CURRENT.reset(mark)
            passing.end("cancelled" if passing.gone else "failed")


class _Passing:
    """One request and its answer on their way."""

    def __init__(
        self,
        meter: ServiceMeter,
        reader: Reader | None,
        call: MeteredCall,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        self._meter = meter
        self._reader = reader
        self._call = call
        self._scope = scope
        self._receive = receive
        self._send = send
        self._status = 0
        self._answer: Answer | None = None
        self.gone = False

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._call.bytes_in += len(message.get("body", b""))
        else:
            self.gone = True
        return message

    async def send(self, message: Message) -> None:
        kind = message["type"]
        if kind == "http.response.start":
            self._status = message["status"]
            self._call.response_headers = _Headers(message.get("headers", ()))
            if self._reader is not None:
                self._answer = self._reader.answer(self._call, self._status)
        elif kind == "http.response.body":
            message = await self._body(message)
        elif kind == "http.response.pathsend":
            self._call.bytes_out += Path(message["path"]).stat().st_size
            await self._ended()
        await self._send(message)

    async def _body(self, message: Message) -> Message:
        body, last = message.get("body", b""), not message.get("more_body", False)
        if self._answer is not None:
            passed = self._answer.part(body, last=last)
            if passed is not body:
                message = {**message, "body": passed}
                body = passed
        self._call.bytes_out += len(body)
        if last:
            await self._ended()
        return message

    async def _ended(self) -> None:
        ticket = self.end("success" if self._status < 400 else "failed")
        if ticket and self._meter.spool.fsync == "always":
            await _synced(self._meter, ticket)

    def end(self, status: str) -> int:
        call = self._call
        if call.recorded:
            return 0
        call.described.setdefault("Operation", _operation(self._scope))
        if status == "failed" and not call.failure:
            call.failure = str(self._status or "no answer")
        return self._meter.end(call, "failed" if call.failure else status)


async def _synced(meter: ServiceMeter, ticket: int) -> None:
    """Wait for the sync of a record, no longer than a second, without holding up other calls."""
    import asyncio
    from contextlib import suppress

    loop = asyncio.get_running_loop()
    done = loop.run_in_executor(None, meter.spool.sync, ticket)
    with suppress(TimeoutError, OSError):
        await asyncio.wait_for(asyncio.shield(done), timeout=1.0)


class _Headers(Mapping[str, str]):
    """Headers as texts, by names in small letters; only those that are asked for are decoded."""

    def __init__(self, pairs: Iterable[tuple[bytes, bytes]]) -> None:
        self._pairs = pairs

    @cached_property
    def _raw(self) -> dict[bytes, bytes]:
        return {name.lower(): value for name, value in self._pairs}

    def __getitem__(self, name: str) -> str:
        return _text(self._raw[name.encode("latin-1")])

    def get(self, name: str, default: Any = None) -> Any:
        value = self._raw.get(name.encode("latin-1", "replace"))
        return default if value is None else _text(value)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    def __iter__(self) -> Iterator[str]:
        return (name.decode("latin-1") for name in self._raw)

    def __len__(self) -> int:
        return len(self._raw)


def _text(value: bytes) -> str:
    """The text of a header: names of teams come as UTF-8, whatever the rule says."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _operation(scope: Scope) -> str:
    """The method, and the route where the framework tells it: a path may hold ids of people."""
    path = getattr(scope.get("route"), "path", "")
    return f"{scope['method']} {path}".strip()
