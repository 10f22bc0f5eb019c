"""What tests of the meter share: a spool to read, and an ASGI service to call without a socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from apportion.meter import Consumer, ServiceMeter, Spool, by_header
from apportion.meter.asgi import App, Message, Receive, Scope, Send
from apportion.meter.usage_event import UsageEvent

TEAM = {"X-Team": "search", "X-Product": "ranking", "X-Request-Id": "r-1"}


def event(number: int, *, team: str = "search", reads: int = 1) -> UsageEvent:
    data: dict[str, object] = {
        "UsageStart": "2026-10-01T00:00:00.000000Z",
        "UsageEnd": "2026-10-01T00:00:01.000000Z",
        **Consumer(team=team).columns(),
        "ProviderName": "features",
        "Status": "success",
        "requests": 1,
        "feature_reads": reads,
    }
    return UsageEvent("/features/test", str(number), team, data)


def events(folder: Path) -> list[dict[str, Any]]:
    """Every record of the closed files of a spool."""
    return [
        json.loads(line)
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_bytes().splitlines()
    ]


def meter(folder: Path, **more: Any) -> ServiceMeter:
    return ServiceMeter("features", Spool(folder), **{"who": [by_header()], **more})


class Answered:
    """What a caller got."""

    def __init__(self) -> None:
        self.status = 0
        self.parts: list[bytes] = []

    @property
    def body(self) -> bytes:
        return b"".join(self.parts)


def call(
    app: App,
    path: str = "/features",
    *,
    headers: dict[str, str] | None = None,
    body: Iterable[bytes] = (b"",),
    state: dict[str, Any] | None = None,
    leaves_after: int | None = None,
) -> Answered:
    """Send a request to a service and take its answer; a caller may leave after some parts."""
    return asyncio.run(_call(app, path, headers or {}, list(body), state, leaves_after))


async def _call(
    app: App,
    path: str,
    headers: dict[str, str],
    body: list[bytes],
    state: dict[str, Any] | None,
    leaves_after: int | None,
) -> Answered:
    answered = Answered()
    left = asyncio.Event()
    parts = list(body)

    async def receive() -> Message:
        if parts:
            part = parts.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(parts)}
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answered.status = message["status"]
        elif message["type"] == "http.response.body":
            answered.parts.append(message.get("body", b""))
            if leaves_after is not None and len(answered.parts) >= leaves_after:
                left.set()
                await asyncio.sleep(0.01)

    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }
    if state is not None:
        scope["state"] = state
    await app(scope, receive, send)
    return answered


# ── services ─────────────────────────────────────────────────────────────────────────────────
async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer each part of the request with itself."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"X-Rows", b"3")]})
    more = True
    while more:
        message = await receive()
        more = message.get("more_body", False)
        await send({"type": "http.response.body", "body": message["body"], "more_body": more})


def sse(*documents: Any) -> bytes:
    lines = [b"data: " + json.dumps(document).encode() + b"\n\n" for document in documents]
    return b"".join(lines) + b"data: [DONE]\n\n"


def chunk(text: str, **more: Any) -> dict[str, Any]:
    choices = [{"index": 0, "delta": {"content": text}}]
    return {"object": "chat.completion.chunk", "model": "echo-1", "choices": choices, **more}
