"""Tokens of an OpenAI-compatible server, as disjoint meters, streamed or not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apportion.domain.usage import INPUT_TOKENS, OUTPUT_TOKENS
from apportion.meter import AsgiMeter, ModelServer
from apportion.meter.asgi import App, Receive, Scope, Send
from apportion.meter.openai_answer import WHOLE
from apportion.meter.openai_usage import meters_of_usage
from metering import Answered, call, chunk, events, meter, sse

USAGE = {
    "prompt_tokens": 100,
    "completion_tokens": 20,
    "total_tokens": 120,
    "prompt_tokens_details": {"cached_tokens": 60},
    "completion_tokens_details": {"reasoning_tokens": 5},
}
METERS = {
    "uncached_input_tokens": 40,
    "cache_read_tokens": 60,
    "output_tokens": 20,
    "reasoning_tokens": 5,
}


class Server:
    """Answers what it is told to, in the parts that it is told."""

    def __init__(self, parts: Iterable[bytes], kind: str = "application/json", **more: Any) -> None:
        self.parts = list(parts)
        self.headers = [(b"content-type", kind.encode())]
        self.headers += [(k.encode(), v.encode()) for k, v in more.get("headers", {}).items()]
        self.status = more.get("status", 200)
        self.asked = b""
        self.length = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        more = True
        while more:
            message = await receive()
            self.asked += message.get("body", b"")
            more = message.get("more_body", False)
        self.length = dict(scope["headers"]).get(b"content-length", b"").decode()
        start = {"type": "http.response.start", "status": self.status, "headers": self.headers}
        await send(start)
        for number, part in enumerate(self.parts, start=1):
            more = number < len(self.parts)
            await send({"type": "http.response.body", "body": part, "more_body": more})
            await asyncio.sleep(0)


def serve(
    server: App, folder: Path, asked: Any = None, path: str = "/v1/chat/completions", **more: Any
) -> tuple[Answered, dict[str, Any]]:
    metered = meter(folder)
    app = AsgiMeter(server, metered, reader=ModelServer(**more))
    body = asked if isinstance(asked, bytes) else json.dumps(asked or {}).encode()
    headers = {"content-type": "application/json", "content-length": str(len(body))}
    half = len(body) // 2
    answered = call(app, path, headers=headers, body=[body[:half], body[half:]])
    metered.close()
    (one,) = events(folder)
    return answered, one["data"]


def tokens(data: dict[str, Any]) -> dict[str, int]:
    return {name: data[name] for name in data if name.endswith("_tokens")}


# ── the usage object ─────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("usage", "meters"),
    [
        (USAGE, METERS),
        ({"prompt_tokens": 8, "total_tokens": 8}, {"uncached_input_tokens": 8}),
        (
            {
                "input_tokens": 50,
                "input_tokens_details": {"cached_tokens": 10, "cache_write_tokens": 15},
                "output_tokens": 9,
                "output_tokens_details": {"reasoning_tokens": 4},
            },
            {
                "uncached_input_tokens": 25,
                "cache_read_tokens": 10,
                "cache_write_5m_tokens": 15,
                "output_tokens": 9,
                "reasoning_tokens": 4,
            },
        ),
        (
            {
                "prompt_tokens": 100,
                "completion_tokens": 30,
                "prompt_tokens_details": {"audio_tokens": 70, "cached_tokens": 50},
                "completion_tokens_details": {"audio_tokens": 25},
            },
            # 120 of 100: at least 20 are both.
            {
                "cache_read_tokens": 30,
                "cache_read_audio_tokens": 20,
                "input_audio_tokens": 50,
                "output_tokens": 5,
                "output_audio_tokens": 25,
            },
        ),
        (
            {
                "prompt_tokens": 100,
                "completion_tokens": 0,
                "prompt_tokens_details": {
                    "audio_tokens": 40,
                    "cached_tokens": 50,
                    "cached_tokens_details": {"audio_tokens": 40},
                },
            },
            {
                "uncached_input_tokens": 50,
                "cache_read_tokens": 10,
                "cache_read_audio_tokens": 40,
            },
        ),
        (
            {"prompt_tokens": 5, "prompt_tokens_details": {"cached_tokens": 9}},
            {"uncached_input_tokens": -4, "cache_read_tokens": 9},
        ),
        ({"prompt_tokens": 3, "prompt_tokens_details": None}, {"uncached_input_tokens": 3}),
        ({"prompt_tokens": True}, {}),
        ({"prompt_tokens": "3"}, {}),
        ({}, {}),
    ],
)
def test_meters_of_usage(usage: dict[str, object], meters: dict[str, int]) -> None:
    assert meters_of_usage(usage) == meters


counts = st.integers(0, 10**8)


@given(counts, counts, counts, counts, counts, counts)
def test_classes_are_disjoint(
    total: int, cached: int, written: int, audio: int, image: int, out: int
) -> None:
    """Whatever the details say, the classes of a prompt and an answer sum to what was reported."""
    details = {"cached_tokens": cached, "cache_write_tokens": written, "image_tokens": image}
    usage = {
        "prompt_tokens": total,
        "completion_tokens": out,
        "prompt_tokens_details": {**details, "audio_tokens": audio},
    }
    found = meters_of_usage(usage)
    assert sum(found.get(name, 0) for name in INPUT_TOKENS) == total
    assert sum(found.get(name, 0) for name in OUTPUT_TOKENS) == out


# ── whole answers ────────────────────────────────────────────────────────────────────────────
def test_a_whole_answer(tmp_path: Path) -> None:
    document = {"model": "echo-1-0925", "service_tier": "flex", "choices": [], "usage": USAGE}
    body = json.dumps(document).encode()
    answered, data = serve(Server([body[:30], body[30:]]), tmp_path, {"model": "echo-1"})
    assert answered.body == body
    assert tokens(data) == METERS
    assert (data["ModelId"], data["ServiceTier"]) == ("echo-1-0925", "flex")
    assert "Attributes" not in data
    assert data["requests"] == 1


def test_a_large_answer_is_read_at_its_ends(tmp_path: Path) -> None:
    """Its usage is found although a text in it looks like one, and little of it is kept."""
    vector = [0.123456789] * (WHOLE // 4)
    trap = 'a text: "usage":{"prompt_tokens":1}, "model": "trap"'
    document = {
        "object": "list",
        "model": "embed-1",
        "data": [{"embedding": vector}, trap],
        "usage": {"prompt_tokens": 8, "total_tokens": 8},
    }
    body = json.dumps(document).encode()
    parts = [body[i : i + 5_000] for i in range(0, len(body), 5_000)]
    answered, data = serve(Server(parts), tmp_path, {"model": "e"}, path="/v1/embeddings")
    assert answered.body == body
    assert tokens(data) == {"uncached_input_tokens": 8}
    assert data["ModelId"] == "embed-1"


def test_an_answer_without_usage_is_not_free(tmp_path: Path) -> None:
    _, data = serve(Server([b'{"model":"echo-1"}']), tmp_path)
    assert tokens(data) == {}
    assert data["Attributes"] == {"usage": "missing"}


def test_an_answer_that_is_packed_cannot_be_read(tmp_path: Path) -> None:
    packed = Server([b"\x1f\x8b"], headers={"content-encoding": "gzip"})
    _, data = serve(packed, tmp_path, {"model": "echo-1"})
    assert data["Attributes"] == {"usage": "missing"}
    assert data["ModelId"] == "echo-1"


def test_a_refused_request_keeps_its_model(tmp_path: Path) -> None:
    refused = Server([b'{"error":{"message":"no"}}'], status=429)
    _, data = serve(refused, tmp_path, {"model": "echo-1"})
    assert (data["Status"], data["failed_requests"]) == ("failed", 1)
    assert data["ModelId"] == "echo-1"
    assert data["Attributes"] == {"failure": "429"}


def test_other_paths_have_no_tokens(tmp_path: Path) -> None:
    server = Server([b'{"data":[]}'])
    _, data = serve(server, tmp_path, b"no json", path="/v1/models")
    assert server.asked == b"no json"
    assert "Attributes" not in data


# ── streams ──────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("size", [1, 7, 100, 100_000])
def test_a_stream_that_the_caller_asked_to_tell(tmp_path: Path, size: int) -> None:
    stream = sse(chunk("a", usage=None), chunk("b"), {**chunk(""), "choices": [], "usage": USAGE})
    parts = [stream[i : i + size] for i in range(0, len(stream), size)]
    asked = {"model": "echo", "stream": True, "stream_options": {"include_usage": True}}
    server = Server(parts, "text/event-stream; charset=utf-8")
    answered, data = serve(server, tmp_path, asked)
    assert json.loads(server.asked) == asked
    assert answered.parts == parts
    assert tokens(data) == METERS
    assert data["ModelId"] == "echo-1"


@pytest.mark.parametrize("size", [1, 7, 100, 100_000])
@pytest.mark.parametrize("end", [b"\n\n", b"\r\n\r\n"])
def test_a_caller_who_did_not_ask_gets_what_it_would_have_got(
    tmp_path: Path, size: int, end: bytes
) -> None:
    first, last = sse(chunk("a"), chunk("b"))[:-14], b"data: [DONE]\n\n"
    told = b"data: " + json.dumps({**chunk(""), "choices": [], "usage": USAGE}).encode() + b"\n\n"
    stream = (first + told + last).replace(b"\n\n", end)
    parts = [stream[i : i + size] for i in range(0, len(stream), size)]
    asked = {"model": "echo", "stream": True, "messages": [{"role": "user", "content": "é"}]}
    server = Server(parts, "text/event-stream")
    answered, data = serve(server, tmp_path, asked)
    assert json.loads(server.asked) == {**asked, "stream_options": {"include_usage": True}}
    assert server.length == str(len(server.asked))
    assert answered.body == (first + last).replace(b"\n\n", end)
    assert tokens(data) == METERS
    assert data["bytes_in"] == len(json.dumps(asked))
    assert data["bytes_out"] == len(answered.body)


def test_a_stream_is_not_asked_where_the_service_does_not_want_it(tmp_path: Path) -> None:
    server = Server([sse(chunk("a"))], "text/event-stream")
    asked = {"model": "echo-1", "stream": True}
    _, data = serve(server, tmp_path, asked, ask_for_usage=False)
    assert json.loads(server.asked) == asked
    assert data["Attributes"] == {"usage": "missing"}
    assert data["ModelId"] == "echo-1"


def test_numbers_of_a_request_keep_their_spelling(tmp_path: Path) -> None:
    server = Server([sse(chunk("a"))], "text/event-stream")
    serve(server, tmp_path, b' {"stream":true, "seed": 1e400, "temperature":0.10}')
    assert server.asked == (
        b'{"stream_options":{"include_usage":true},'
        b'"stream":true, "seed": 1e400, "temperature":0.10}'
    )


@pytest.mark.parametrize("options", [None, {}, {"include_usage": False, "x": 1}])
def test_options_that_are_there_stay(tmp_path: Path, options: Any) -> None:
    server = Server([sse(chunk("a"))], "text/event-stream")
    serve(server, tmp_path, {"stream": True, "stream_options": options})
    assert json.loads(server.asked)["stream_options"] == {**(options or {}), "include_usage": True}


def test_a_stream_whose_length_is_told_is_not_made_shorter(tmp_path: Path) -> None:
    stream = sse(chunk("a"), {**chunk(""), "choices": [], "usage": USAGE})
    server = Server([stream], "text/event-stream", headers={"content-length": str(len(stream))})
    answered, data = serve(server, tmp_path, {"stream": True})
    assert answered.body == stream
    assert tokens(data) == METERS


@pytest.mark.parametrize("asked", [b"", b"[]", b"\xff", b'{"stream":true,"stream_options":3}'])
def test_a_request_that_is_wrong_is_the_servers_to_refuse(tmp_path: Path, asked: bytes) -> None:
    server = Server([b"{}"])
    serve(server, tmp_path, asked)
    assert server.asked == asked


def test_a_large_request_passes_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apportion.meter.openai_request.LARGEST", 40)
    asked = json.dumps({"stream": True, "model": "echo-1", "prompt": "x" * 100}).encode()
    server = Server([sse(chunk("a"))], "text/event-stream")
    _, data = serve(server, tmp_path, asked)
    assert server.asked == asked
    assert data["bytes_in"] == len(asked)


def test_the_responses_api(tmp_path: Path) -> None:
    done = {
        "type": "response.completed",
        "response": {
            "model": "echo-1",
            "output": [{"content": "x" * 50_000}],
            "usage": {"input_tokens": 11, "output_tokens": 4},
        },
    }
    stream = b"event: response.created\n" + sse({"type": "response.created"}, done)
    server = Server([stream[i : i + 999] for i in range(0, len(stream), 999)], "text/event-stream")
    asked = {"model": "echo-1", "stream": True}
    answered, data = serve(server, tmp_path, asked, path="/v1/responses")
    assert json.loads(server.asked) == asked
    assert answered.body == stream
    assert tokens(data) == {"uncached_input_tokens": 11, "output_tokens": 4}


def test_usage_that_a_stream_tells_again_and_again_counts_once(tmp_path: Path) -> None:
    running = [{"prompt_tokens": 100, "completion_tokens": n} for n in (1, 2, 3)]
    stream = sse(*(chunk("a", usage=usage) for usage in running))
    asked = {"stream": True, "stream_options": {"include_usage": True}}
    _, data = serve(Server([stream], "text/event-stream"), tmp_path, asked)
    assert tokens(data) == {"uncached_input_tokens": 100, "output_tokens": 3}


def test_a_stream_that_ends_with_an_error_has_failed(tmp_path: Path) -> None:
    stream = sse(chunk("a"), {"error": {"message": "out of memory", "code": 500}})
    _, data = serve(Server([stream], "text/event-stream"), tmp_path, {"stream": True})
    assert (data["Status"], data["failed_requests"]) == ("failed", 1)
    assert data["Attributes"]["failure"] == "error in the answer"


def test_a_stream_that_ends_without_its_last_line(tmp_path: Path) -> None:
    told = {**chunk(""), "choices": [], "usage": USAGE}
    stream = sse(chunk("a"))[:-14] + b"data: " + json.dumps(told).encode()
    _, data = serve(Server([stream], "text/event-stream"), tmp_path, {"stream": True})
    assert tokens(data) == METERS


@given(st.binary(max_size=300), st.integers(1, 50))
def test_any_bytes_pass_unchanged(body: bytes, size: int) -> None:
    from apportion.meter import Caller, MeteredCall
    from apportion.meter.openai_answer import StreamedAnswer, WholeAnswer

    for reader in (
        StreamedAnswer(MeteredCall(Caller({}, {})), withhold=True),
        StreamedAnswer(MeteredCall(Caller({}, {})), withhold=False),
        WholeAnswer(MeteredCall(Caller({}, {}))),
    ):
        parts = [body[i : i + size] for i in range(0, len(body), size)] or [b""]
        passed = [reader.part(p, last=n == len(parts)) for n, p in enumerate(parts, start=1)]
        assert b"".join(passed) == body


def test_text_of_a_call_is_in_no_record(tmp_path: Path) -> None:
    document = {"model": "echo-1", "choices": [{"message": "the answer"}], "usage": USAGE}
    asked = {"model": "echo-1", "messages": [{"content": "the question"}]}
    serve(Server([json.dumps(document).encode()]), tmp_path, asked)
    text = json.dumps(events(tmp_path))
    assert "the question" not in text
    assert "the answer" not in text
