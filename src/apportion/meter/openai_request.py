"""The request to a model server: its model, and whether its stream will tell what it used.

A streamed answer has a `usage` only if the request asks for it (``stream_options:
{"include_usage": true}``), and most callers don't. The meter asks in their place, and holds
back the extra part of the stream from callers who didn't ask.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

ASKABLE = ("/chat/completions", "/completions")
"""Ends of the paths whose streams tell their usage when asked."""

LARGEST = 8 << 20
"""A larger request is passed on as it is."""


class ModelRequest:
    """What a request says: the model that it asks for, and whether we asked for the usage."""

    def __init__(self) -> None:
        self.model = ""
        self.asked_for_usage = False

    async def taken(self, scope: Message, receive: Receive) -> Receive:
        """Read the body of a request, ask for the usage of a stream, and hand all of it on."""
        parts: list[Message] = []
        size = 0
        while size <= LARGEST:
            message = await receive()
            parts.append(message)
            if message["type"] != "http.request":
                break
            size += len(message.get("body", b""))
            if not message.get("more_body", False):
                body = b"".join(part.get("body", b"") for part in parts)
                amended = self._read(scope["path"], body)
                if amended is not body:
                    _say_length(scope, len(amended))
                    parts = [{"type": "http.request", "body": amended, "more_body": False}]
                break
        return _replayed(parts, receive)

    def _read(self, path: str, body: bytes) -> bytes:
        try:
            asked = json.loads(body)
        except ValueError:
            return body
        if not isinstance(asked, dict):
            return body
        if isinstance(asked.get("model"), str):
            self.model = asked["model"]
        if asked.get("stream") is True and path.endswith(ASKABLE):
            return self._asking(asked, body)
        return body

    def _asking(self, asked: dict[str, Any], body: bytes) -> bytes:
        """The request for a stream, so that it asks for the usage, too."""
        options = asked.get("stream_options")
        if options is not None and not isinstance(options, dict):
            return body  # wrong anyway: the server will say so
        if options and options.get("include_usage"):
            return body
        self.asked_for_usage = True
        if "stream_options" not in asked and body.lstrip().startswith(b'{"'):
            # Nothing else of the request changes by a byte: numbers keep their spelling.
            return b'{"stream_options":{"include_usage":true},' + body.lstrip()[1:]
        asked["stream_options"] = {**(options or {}), "include_usage": True}
        return json.dumps(asked, ensure_ascii=False, separators=(",", ":")).encode()


def _say_length(scope: Message, length: int) -> None:
    others = [pair for pair in scope["headers"] if pair[0].lower() != b"content-length"]
    if len(others) < len(scope["headers"]):
        others.append((b"content-length", str(length).encode()))
    scope["headers"] = others


def _replayed(parts: list[Message], receive: Receive) -> Receive:
    left = iter(parts)

    async def replayed() -> Message:
        for part in left:
            return part
        return await receive()

    return replayed
