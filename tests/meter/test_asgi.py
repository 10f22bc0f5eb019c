"""An ASGI service is metered: requests, items, bytes, time and outcome, by team."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from apportion.errors import UsageError
from apportion.meter import AsgiMeter, by_claim, by_header, counted_by_header, this_call
from apportion.meter.asgi import App, Message, Receive, Scope, Send
from metering import TEAM, call, echo, events, meter


def run(app: App, folder: Path, *args: Any, counting: Any = (), **kwargs: Any) -> dict[str, Any]:
    """Serve one request, and give its record."""
    metered = meter(folder, keep={"X-Request-Id": "request_id"}, counts=counting)
    try:
        call(AsgiMeter(app, metered), *args, **kwargs)
    except (RuntimeError, asyncio.CancelledError):
        pass
    finally:
        metered.close()
    (one,) = events(folder)
    data: dict[str, Any] = one["data"]
    return data


def test_a_record_says_who_what_how_much_and_when(tmp_path: Path) -> None:
    data = run(echo, tmp_path, headers=TEAM, body=[b"ab", b"cde"])
    start, end = (datetime.fromisoformat(data.pop(name)) for name in ("UsageStart", "UsageEnd"))
    busy = data.pop("busy_seconds")
    assert 0 <= busy < 1
    assert (end - start).total_seconds() == pytest.approx(busy, abs=2e-6)
    assert data == {
        "TeamLabel": "search",
        "ProjectId": "ranking",
        "ProviderName": "features",
        "Operation": "POST",
        "Status": "success",
        "Attributes": {"request_id": "r-1"},
        "requests": 1,
        "bytes_in": 5,
        "bytes_out": 5,
    }


def test_nobody_known_is_a_record_without_a_team(tmp_path: Path) -> None:
    data = run(echo, tmp_path)
    assert "TeamLabel" not in data
    assert data["requests"] == 1


def test_a_secret_header_is_not_kept(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds a secret"):
        meter(tmp_path, keep={"Authorization": "key"})


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_names_of_teams_in_any_language(tmp_path: Path, encoding: str) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope["headers"] = [(b"x-team", "Überwachung".encode(encoding))]
        await AsgiMeter(echo, metered)(scope, receive, send)

    metered = meter(tmp_path)
    call(app)
    metered.close()
    assert events(tmp_path)[0]["data"]["TeamLabel"] == "Überwachung"


def test_bodies_stream_through(tmp_path: Path) -> None:
    """Each part of an answer leaves before the next part of the request is read."""
    order: list[str] = []

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        async def receiving() -> Message:
            order.append("in")
            return await receive()

        await echo(scope, receiving, send)

    metered = meter(tmp_path)

    async def outer(scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.body":
                order.append("out")
            await send(message)

        await AsgiMeter(watched, metered)(scope, receive, sending)

    assert call(outer, body=[b"a", b"b", b"c"]).body == b"abc"
    assert order == ["in", "out"] * 3
    metered.close()


def test_the_record_is_written_before_the_answer_is_complete(tmp_path: Path) -> None:
    metered = meter(tmp_path)
    written: list[int] = []

    async def outer(scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.body":
                written.append(sum(p.stat().st_size > 0 for p in tmp_path.iterdir()))
            await send(message)

        await AsgiMeter(echo, metered)(scope, receive, sending)

    call(outer, body=[b"a", b"b"])
    assert written == [0, 1]
    metered.close()


def test_always_means_synced_before_the_answer_is_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fdatasync", synced.append)
    metered = meter(tmp_path)
    metered.spool.fsync = "always"

    async def outer(scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            assert (message["type"] != "http.response.body") or len(synced) == 1
            await send(message)

        await AsgiMeter(echo, metered)(scope, receive, sending)

    assert call(outer, body=[b"a"]).body == b"a"
    metered.close()


def test_items_by_a_header_of_the_answer(tmp_path: Path) -> None:
    counting = [counted_by_header("x-rows", "feature_reads")]
    assert run(echo, tmp_path, counting=counting)["feature_reads"] == 3


def test_items_by_the_code_of_the_service(tmp_path: Path) -> None:
    async def reads(scope: Scope, receive: Receive, send: Send) -> None:
        this_call().count(feature_reads=2)
        await asyncio.to_thread(lambda: this_call().count(feature_reads=5, items=1))
        this_call().describe(ResourceId="customer_7d")
        await echo(scope, receive, send)

    data = run(reads, tmp_path)
    assert (data["feature_reads"], data["items"], data["ResourceId"]) == (7, 1, "customer_7d")


def test_counting_outside_of_a_call_does_nothing() -> None:
    this_call().count(feature_reads=2)


@pytest.mark.parametrize(
    "wrong", [{"reads": 1}, {"requests": 1}, {"items": -1}, {"items": 1.5}, {"items": True}]
)
def test_what_is_no_count_is_refused(tmp_path: Path, wrong: dict[str, Any]) -> None:
    refused: list[UsageError] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        with pytest.raises(UsageError) as raised:
            this_call().count(**wrong)
        refused.append(raised.value)
        await echo(scope, receive, send)

    run(app, tmp_path)
    assert len(refused) == 1


@pytest.mark.parametrize(
    ("status", "told"), [(200, "success"), (304, "success"), (404, "failed"), (503, "failed")]
)
def test_the_outcome(tmp_path: Path, status: int, told: str) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await Response(status_code=status)(scope, receive, send)

    data = run(app, tmp_path)
    assert (data["Status"], data["requests"]) == (told, 1)
    assert data.get("failed_requests", 0) == (told == "failed")
    assert data.get("Attributes", {}).get("failure") == (str(status) if status >= 400 else None)


def test_a_service_that_raises(tmp_path: Path) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("secret words")

    data = run(app, tmp_path, headers=TEAM)
    assert (data["Status"], data["TeamLabel"]) == ("failed", "search")
    assert data["Attributes"]["failure"] == "no answer"


def test_a_service_that_breaks_off_in_its_answer(tmp_path: Path) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise RuntimeError

    data = run(app, tmp_path)
    assert (data["Status"], data["bytes_out"]) == ("failed", 4)


def test_a_caller_who_leaves_in_the_middle_of_a_stream(tmp_path: Path) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(1_000):
            yield b"part"
            await asyncio.sleep(0.001)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await StreamingResponse(parts())(scope, receive, send)

    data = run(app, tmp_path, headers=TEAM, leaves_after=3)
    assert (data["Status"], data["TeamLabel"], data["requests"]) == ("cancelled", "search", 1)
    assert 12 <= data["bytes_out"] < 4_000


def test_a_task_that_is_cancelled(tmp_path: Path) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise asyncio.CancelledError

    assert run(app, tmp_path)["Status"] == "cancelled"


def test_health_checks_are_nobodys_use(tmp_path: Path) -> None:
    metered = meter(tmp_path)
    app = AsgiMeter(echo, metered, skip=["/alive"])
    call(app, "/alive")
    call(app, "/other")
    metered.close()
    assert len(events(tmp_path)) == 1


def test_metering_that_fails_leaves_the_call_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    metered = meter(tmp_path)

    def broken(event: object) -> int:
        raise MemoryError

    monkeypatch.setattr(metered.spool, "append", broken)
    assert call(AsgiMeter(echo, metered), body=[b"a"]).body == b"a"
    assert "could not be metered: MemoryError" in caplog.text


# ── with Starlette ───────────────────────────────────────────────────────────────────────────
class SignIn(BaseHTTPMiddleware):
    """Stands for a service's own sign-in, which verifies tokens."""

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        request.state.claims = {"team": "search", "product": "ranking"}
        return await call_next(request)


def starlette(file: Path) -> Starlette:
    async def view(request: Request) -> Response:
        rows = int(request.query_params["rows"])
        this_call().count(feature_reads=rows)
        this_call().describe(ResourceId=request.path_params["view"])
        return JSONResponse({"rows": rows})

    def download(request: Request) -> Response:
        this_call().count(items=1)
        return FileResponse(file)

    app = Starlette(routes=[Route("/views/{view}", view), Route("/file", download)])
    app.add_middleware(SignIn)
    return app


def test_a_starlette_service(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" * 100_000)
    spool = tmp_path / "spool"
    metered = meter(spool, who=[by_claim(), by_header()])
    with TestClient(AsgiMeter(starlette(file), metered)) as client:
        assert client.get("/views/customer_7d?rows=4").json() == {"rows": 4}
        assert len(client.get("/file").content) == 100_000
        assert client.get("/none").status_code == 404
    # The end of the service closed its file.
    view, download, none = (one["data"] for one in events(spool))
    assert [view["TeamLabel"], view["ProjectId"]] == ["search", "ranking"]
    assert view["Operation"] == "GET /views/{view}"
    assert [view["ResourceId"], view["feature_reads"]] == ["customer_7d", 4]
    assert view["bytes_out"] == len(json.dumps({"rows": 4}, separators=(",", ":")))
    assert [download["items"], download["bytes_out"]] == [1, 100_000]
    assert [none["Status"], none["Operation"]] == ["failed", "GET"]


def test_a_service_that_does_not_care_for_its_end_has_its_spool_closed_too(tmp_path: Path) -> None:
    async def careless(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await echo(scope, receive, send)

    with TestClient(AsgiMeter(careless, meter(tmp_path))) as client:
        assert client.post("/", content=b"a").content == b"a"
        assert events(tmp_path) == []
    assert len(events(tmp_path)) == 1


def test_many_calls_at_once(tmp_path: Path) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0.001)
        this_call().count(items=int(scope["path"][1:]))
        await echo(scope, receive, send)

    metered = meter(tmp_path)
    served = AsgiMeter(app, metered)

    async def one(number: int) -> None:
        scope: dict[str, Any] = {
            "type": "http",
            "method": "GET",
            "path": f"/{number}",
            "headers": [(b"x-team", f"team {number}".encode())],
        }

        async def receive() -> Message:
            return {"type": "http.request", "body": b""}

        async def send(message: Message) -> None:
            await asyncio.sleep(0)

        await served(scope, receive, send)

    async def many() -> None:
        await asyncio.gather(*(one(number) for number in range(300)))

    asyncio.run(many())
    metered.close()
    counted = {one["data"]["TeamLabel"]: one["data"].get("items") for one in events(tmp_path)}
    assert counted == {f"team {number}": number for number in range(300)}
    assert len({one["id"] for one in events(tmp_path)}) == 300
