"""What metering costs a service: requests a second with and without it, in one run.

    python bench/meter_overhead.py            8 callers, 15 rounds of 1 second each
    python bench/meter_overhead.py --quick    to see that it works

The service is the smallest that uvicorn serves: one coroutine that answers 100 bytes, so that
all but nothing hides the meter. Rounds with and without it alternate, and ratios are those
within a round, so that what else the machine does falls on all alike. CPU time per request is
the server's own, from the kernel; callers have a process of their own. Beside it stands what
the meter takes in a process, without a socket.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from apportion.meter import AsgiMeter, ServiceMeter, Spool, by_header
from apportion.meter.asgi import App, Message, Receive, Scope, Send

HERE = Path(__file__).parent
KINDS = ("plain", "metered", "metered, synced")
BODY = b"x" * 100
REQUEST = (
    b"POST /read HTTP/1.1\r\nHost: bench\r\nX-Team: search\r\nX-Product: ranking\r\n"
    b"X-Request-Id: 0123456789abcdef\r\nContent-Length: 100\r\n\r\n" + BODY
)


async def service(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 100 bytes."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body", False):
        pass
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"100")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": BODY})


def app() -> App:
    """The service, metered as the environment says."""
    kind = os.environ["BENCH_METER"]
    return service if kind == "plain" else metered(Path(os.environ["BENCH_SPOOL"]), kind)


def metered(folder: Path, kind: str) -> AsgiMeter:
    spool = Spool(folder, fsync="always" if "synced" in kind else "interval")
    keep = {"x-request-id": "request_id"}
    return AsgiMeter(service, ServiceMeter("bench", spool, who=[by_header()], keep=keep))


# ── with uvicorn ─────────────────────────────────────────────────────────────────────────────
@contextlib.contextmanager
def served(kind: str, folder: Path) -> Iterator[tuple[int, int]]:
    """A server on loopback: its port and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "--factory", "meter_overhead:app"]
    options = ["--app-dir", str(HERE), "--port", str(port), "--log-level", "error"]
    settings = {"BENCH_METER": kind, "BENCH_SPOOL": str(folder)}
    server = subprocess.Popen(
        [*command, *options, "--no-access-log"], env={**os.environ, **settings}
    )
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.05)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait()


async def called(port: int, seconds: float, callers: int) -> int:
    """Requests that callers at once had answered in some seconds, each on one connection."""
    until = time.monotonic() + seconds

    async def calling() -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        done = 0
        while time.monotonic() < until:
            writer.write(REQUEST)
            await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(100)
            done += 1
        writer.close()
        return done

    return sum(await asyncio.gather(*(calling() for _ in range(callers))))


def cpu_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def over_http(rounds: int, seconds: float, callers: int) -> dict[str, dict[str, float]]:
    rates: dict[str, list[float]] = {kind: [] for kind in KINDS}
    cpu: dict[str, list[float]] = {kind: [] for kind in KINDS}
    with tempfile.TemporaryDirectory() as work, contextlib.ExitStack() as stack:
        folders = {kind: Path(work) / kind.replace(", ", "-") for kind in KINDS}
        servers = {kind: stack.enter_context(served(kind, folders[kind])) for kind in KINDS}
        calls = dict.fromkeys(KINDS, 0)
        for kind, (port, _) in servers.items():
            calls[kind] += asyncio.run(called(port, seconds, callers))
        for _ in range(rounds):
            for kind, (port, process) in servers.items():
                before, began = cpu_seconds(process), time.monotonic()
                done = asyncio.run(called(port, seconds, callers))
                calls[kind] += done
                rates[kind].append(done / (time.monotonic() - began))
                cpu[kind].append((cpu_seconds(process) - before) / done * 1e6)
        stack.close()
        for kind in KINDS[1:]:
            lines = sum(p.read_bytes().count(b"\n") for p in folders[kind].glob("*.jsonl"))
            assert lines == calls[kind], f"{lines} records of {calls[kind]} calls"
    return {
        kind: {
            "requests_per_second": statistics.median(rates[kind]),
            "server_cpu_us_per_request": statistics.median(cpu[kind]),
            "ratio": statistics.median(
                rate / bare for rate, bare in zip(rates[kind], rates["plain"], strict=True)
            ),
        }
        for kind in KINDS
    }


# ── in a process ─────────────────────────────────────────────────────────────────────────────
async def _in_process(called_app: App, calls: int) -> float:
    async def receive() -> Message:
        return {"type": "http.request", "body": BODY}

    async def send(message: Message) -> None:
        pass

    headers = [
        (b"host", b"bench"),
        (b"x-team", b"search"),
        (b"x-product", b"ranking"),
        (b"x-request-id", b"0123456789abcdef"),
        (b"content-length", b"100"),
    ]
    began = time.perf_counter()
    for _ in range(calls):
        scope: dict[str, Any] = {
            "type": "http",
            "method": "POST",
            "path": "/read",
            "headers": headers,
        }
        await called_app(scope, receive, send)
    return (time.perf_counter() - began) / calls * 1e6


def in_process(calls: int) -> float:
    """Microseconds that the meter adds to a request."""
    with tempfile.TemporaryDirectory() as work:
        app_ = metered(Path(work), "metered")
        bare = asyncio.run(_in_process(service, calls))
        with_meter = asyncio.run(_in_process(app_, calls))
        app_._meter.close()  # noqa: SLF001
    return with_meter - bare


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--callers", type=int, default=8)
    asked = parser.parse_args()
    rounds, seconds, calls = (1, 0.5, 2_000) if asked.quick else (15, 1.0, 50_000)
    told: dict[str, Any] = {
        "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "callers": asked.callers,
        **over_http(rounds, seconds, asked.callers),
        "meter_us_per_request_in_process": in_process(calls),
    }
    print(json.dumps(told, indent=2, default=str))


if __name__ == "__main__":
    main()
