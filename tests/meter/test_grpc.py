"""A gRPC service is metered, in threads and on asyncio, by its metadata, bytes and outcome."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest

from apportion.meter import this_call
from apportion.meter.grpc_asyncio import AioGrpcMeter
from apportion.meter.grpc_threads import GrpcMeter
from metering import events, meter

SERVICE = "features.v1.Features"
TEAM = (("x-team", "search"), ("x-product", "ranking"))
KINDS = {
    "Read": grpc.unary_unary_rpc_method_handler,
    "Scan": grpc.unary_stream_rpc_method_handler,
    "Write": grpc.stream_unary_rpc_method_handler,
    "Chat": grpc.stream_stream_rpc_method_handler,
}


# ── the same service four times: in threads, on asyncio, and the two mixtures ────────────────
def read(request: bytes, context: Any) -> bytes:
    this_call().count(feature_reads=len(request))
    if request == b"missing":
        context.set_code(grpc.StatusCode.NOT_FOUND)
        return b""
    if request == b"refuse":
        context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "too many")
    if request == b"raise":
        raise RuntimeError
    return request * 2


def scan(request: bytes, context: Any) -> Iterator[bytes]:
    if request == b"endless":
        while True:
            yield b"part"
            time.sleep(0.002)
    for number in range(3):
        if number == 2 and request == b"raise":
            raise RuntimeError
        yield request
    this_call().count(feature_reads=3)


def write(requests: Iterator[bytes], context: Any) -> bytes:
    return b"".join(requests)


def chat(requests: Iterator[bytes], context: Any) -> Iterator[bytes]:
    yield from requests


async def aio_read(request: bytes, context: Any) -> bytes:
    if request == b"refuse":
        await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "too many")
    if request == b"slow":
        await asyncio.sleep(10)
    return read(request, context)


async def aio_scan(request: bytes, context: Any) -> AsyncIterator[bytes]:
    while request == b"endless":
        yield b"part"
        await asyncio.sleep(0.002)
    for part in scan(request, context):
        yield part


async def aio_write(requests: AsyncIterator[bytes], context: Any) -> bytes:
    return b"".join([request async for request in requests])


async def aio_chat(requests: AsyncIterator[bytes], context: Any) -> None:
    """A stream that writes to its context."""
    async for request in requests:
        await context.write(request)


THREADS = {"Read": read, "Scan": scan, "Write": write, "Chat": chat}
ASYNCIO = {"Read": aio_read, "Scan": aio_scan, "Write": aio_write, "Chat": aio_chat}


def handlers(served: dict[str, Any]) -> Any:
    made = {name: KINDS[name](behaviour) for name, behaviour in served.items()}
    return grpc.method_handlers_generic_handler(SERVICE, made)


Drive = Callable[[Path, Callable[[Any], None]], list[dict[str, Any]]]


def in_threads(folder: Path, drive: Callable[[Any], None], **more: Any) -> list[dict[str, Any]]:
    metered = meter(folder)
    metered.spool.fsync = more.pop("fsync", "interval")
    server = grpc.server(ThreadPoolExecutor(4), interceptors=[GrpcMeter(metered, **more)])
    server.add_generic_rpc_handlers((handlers(THREADS),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            drive(channel)
    finally:
        server.stop(1).wait()
        metered.close()
    return [one["data"] for one in events(folder)]


def on_asyncio(
    folder: Path, drive: Callable[[Any], None], served: dict[str, Any] = ASYNCIO, **more: Any
) -> list[dict[str, Any]]:
    metered = meter(folder)
    metered.spool.fsync = more.pop("fsync", "interval")

    async def serve() -> None:
        server = grpc.aio.server(
            ThreadPoolExecutor(4), interceptors=[AioGrpcMeter(metered, **more)]
        )
        server.add_generic_rpc_handlers((handlers(served),))
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()

        def driving() -> None:
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                drive(channel)

        try:
            await asyncio.to_thread(driving)
        finally:
            await server.stop(1)

    asyncio.run(serve())
    metered.close()
    return [one["data"] for one in events(folder)]


def mixed(folder: Path, drive: Callable[[Any], None], **more: Any) -> list[dict[str, Any]]:
    return on_asyncio(folder, drive, THREADS, **more)


SERVERS = pytest.mark.parametrize("serve", [in_threads, on_asyncio, mixed])


def stub(channel: Any, name: str) -> Any:
    kind = {
        "Read": channel.unary_unary,
        "Scan": channel.unary_stream,
        "Write": channel.stream_unary,
        "Chat": channel.stream_stream,
    }[name]
    return kind(f"/{SERVICE}/{name}")


@contextmanager
def fails() -> Iterator[None]:
    with pytest.raises(grpc.RpcError):
        yield


@SERVERS
def test_a_record_says_who_what_and_how_much(tmp_path: Path, serve: Any) -> None:
    def drive(channel: Any) -> None:
        assert stub(channel, "Read")(b"abc", metadata=TEAM) == b"abcabc"

    (data,) = serve(tmp_path, drive)
    assert 0 <= data.pop("busy_seconds") < 5
    assert data.pop("UsageStart") <= data.pop("UsageEnd")
    assert data == {
        "TeamLabel": "search",
        "ProjectId": "ranking",
        "ProviderName": "features",
        "Operation": f"/{SERVICE}/Read",
        "Status": "success",
        "requests": 1,
        "feature_reads": 3,
        "bytes_in": 3,
        "bytes_out": 6,
    }


@SERVERS
def test_streams(tmp_path: Path, serve: Any) -> None:
    def drive(channel: Any) -> None:
        assert list(stub(channel, "Scan")(b"ab")) == [b"ab"] * 3
        assert stub(channel, "Write")(iter([b"a", b"bc"])) == b"abc"
        assert list(stub(channel, "Chat")(iter([b"a", b"bc"]))) == [b"a", b"bc"]

    told = [
        (data["Operation"].rpartition("/")[2], data["bytes_in"], data["bytes_out"], data["Status"])
        for data in serve(tmp_path, drive)
    ]
    assert told == [
        ("Scan", 2, 6, "success"),
        ("Write", 3, 3, "success"),
        ("Chat", 3, 3, "success"),
    ]


@SERVERS
def test_outcomes(tmp_path: Path, serve: Any) -> None:
    def drive(channel: Any) -> None:
        for request in (b"missing", b"refuse", b"raise"):
            with fails():
                stub(channel, "Read")(request)
        with fails():
            list(stub(channel, "Scan")(b"raise"))

    told = serve(tmp_path, drive)
    assert [data["Status"] for data in told] == ["failed"] * 4
    assert [data["failed_requests"] for data in told] == [1] * 4
    # On asyncio, a caller may hear of a refusal before its record is written.
    failures = sorted(data["Attributes"]["failure"] for data in told)
    assert failures == ["NOT_FOUND", "RESOURCE_EXHAUSTED", "UNKNOWN", "UNKNOWN"]


@SERVERS
def test_replies_are_counted(tmp_path: Path, serve: Any) -> None:
    def drive(channel: Any) -> None:
        list(stub(channel, "Scan")(b"abcd"))

    (data,) = serve(tmp_path, drive, count_reply=lambda reply: {"items": len(reply)})
    assert data["items"] == 12


@SERVERS
def test_a_counting_that_fails_leaves_the_call_alone(tmp_path: Path, serve: Any) -> None:
    def drive(channel: Any) -> None:
        assert stub(channel, "Read")(b"abc") == b"abcabc"

    (data,) = serve(tmp_path, drive, count_reply=lambda reply: {"nonsense": 1})
    assert data["Status"] == "success"


@pytest.mark.parametrize("serve", [in_threads, on_asyncio])
def test_a_caller_who_leaves_in_the_middle_of_a_stream(tmp_path: Path, serve: Any) -> None:
    def drive(channel: Any) -> None:
        stream = stub(channel, "Scan")(b"endless", metadata=TEAM)
        next(stream)
        stream.cancel()
        time.sleep(0.3)

    (data,) = serve(tmp_path, drive)
    assert (data["Status"], data["TeamLabel"]) == ("cancelled", "search")
    assert data["bytes_out"] >= 4


def test_a_caller_who_does_not_wait(tmp_path: Path) -> None:
    def drive(channel: Any) -> None:
        with fails():
            stub(channel, "Read")(b"slow", timeout=0.1, metadata=TEAM)
        time.sleep(0.3)

    (data,) = on_asyncio(tmp_path, drive)
    assert (data["Status"], data["TeamLabel"]) == ("cancelled", "search")


@SERVERS
def test_always_means_synced(tmp_path: Path, serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fdatasync", synced.append)

    def drive(channel: Any) -> None:
        stub(channel, "Read")(b"a")
        assert len(synced) == 1
        list(stub(channel, "Scan")(b"a"))
        assert len(synced) == 2

    serve(tmp_path, drive, fsync="always")


@SERVERS
def test_what_is_skipped_and_what_is_not_served(tmp_path: Path, serve: Any) -> None:
    def drive(channel: Any) -> None:
        stub(channel, "Read")(b"a")
        with fails():
            channel.unary_unary("/other.Service/None")(b"")

    assert serve(tmp_path, drive, skip=(f"/{SERVICE}/Read",)) == []


@SERVERS
def test_many_calls_at_once(tmp_path: Path, serve: Any) -> None:
    def drive(channel: Any) -> None:
        ask = stub(channel, "Read")
        waiting = [ask.future(b"x" * n, metadata=(("x-team", f"t{n}"),)) for n in range(1, 101)]
        for answer in waiting:
            answer.result()

    counted = {data["TeamLabel"]: data["feature_reads"] for data in serve(tmp_path, drive)}
    assert counted == {f"t{n}": n for n in range(1, 101)}
