"""An OpenAI-compatible model server whose model echoes, and which meters its callers' tokens.

    uvicorn --app-dir examples/model-server server:app

A word is a token. The model answers with the last message; the first message (a system
prompt) that was seen before comes from the cache.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from apportion.meter import AsgiMeter, KeyMap, ModelServer, ServiceMeter, Spool, by_header, by_key

HERE = Path(__file__).parent
MODEL = "echo-1"
SECONDS_PER_TOKEN = float(os.environ.get("ECHO_SECONDS_PER_TOKEN", "0.002"))
seen_prompts: set[str] = set()


async def chat(request: Request) -> Response:
    """Answer a chat, at once or as a stream."""
    asked = await request.json()
    if asked.get("model") != MODEL:
        told = {"message": f"the model is {MODEL}", "type": "invalid_request_error"}
        return JSONResponse({"error": told}, status_code=404)
    words = asked["messages"][-1]["content"].split()
    usage = usage_of(asked["messages"], words)
    if asked.get("stream"):
        tells = (asked.get("stream_options") or {}).get("include_usage", False)
        events = streamed(words, usage if tells else None)
        return StreamingResponse(events, media_type="text/event-stream")
    await asyncio.sleep(SECONDS_PER_TOKEN * len(words))
    message = {"role": "assistant", "content": " ".join(words)}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return JSONResponse({**head("chat.completion"), "choices": [choice], "usage": usage})


async def streamed(words: list[str], usage: dict[str, Any] | None) -> AsyncIterator[bytes]:
    """The answer word by word; then its usage, for those who asked for it."""
    start = head("chat.completion.chunk")
    for word in words:
        await asyncio.sleep(SECONDS_PER_TOKEN)
        choice = {"index": 0, "delta": {"content": f"{word} "}, "finish_reason": None}
        yield event({**start, "choices": [choice]})
    stop = {"index": 0, "delta": {}, "finish_reason": "stop"}
    yield event({**start, "choices": [stop]})
    if usage is not None:
        yield event({**start, "choices": [], "usage": usage})
    yield b"data: [DONE]\n\n"


def usage_of(messages: list[dict[str, str]], words: list[str]) -> dict[str, Any]:
    """As OpenAI reports it: `prompt_tokens` include those that came from the cache."""
    first = messages[0]["content"]
    cached = len(first.split()) if first in seen_prompts and len(messages) > 1 else 0
    seen_prompts.add(first)
    prompt = sum(len(message["content"].split()) for message in messages)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": len(words),
        "total_tokens": prompt + len(words),
        "prompt_tokens_details": {"cached_tokens": cached},
    }


def head(kind: str) -> dict[str, Any]:
    made = int(time.time())
    return {"id": f"chatcmpl-{uuid4().hex}", "object": kind, "created": made, "model": MODEL}


def event(document: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(document).encode() + b"\n\n"


async def models(request: Request) -> Response:
    return JSONResponse({"object": "list", "data": [{"id": MODEL, "object": "model"}]})


service = Starlette(
    routes=[
        Route("/v1/chat/completions", chat, methods=["POST"]),
        Route("/v1/models", models),
    ]
)

meter = ServiceMeter(
    "model-server",
    Spool(os.environ.get("MODELS_SPOOL", HERE / "spool")),
    who=[by_key(KeyMap.from_file(HERE / "keys.json")), by_header(team="")],
    keep={"x-request-id": "request_id"},
)
app = AsgiMeter(service, meter, skip=["/v1/models"], reader=ModelServer())
