"""What metering costs a service: requests a second with and without it, in one run.

    python bench/meter_overhead.py            8 callers, 15 rounds of 1 second each
    python bench/meter_overhead.py --quick    to see that it works

Two services stand for what a service is: *bare*, the smallest that uvicorn serves, a coroutine
that answers 100 bytes, so that all but nothing hides the meter; and the feature server of the
examples, in Starlette, which reads three features of twenty entities. Rounds with and without
the meter alternate, and ratios are those within a round, so that what else the machine does
falls on all alike. CPU time per request is the server's own, from the kernel; callers have a
process of their own. Beside it stands what the meter takes in a process, without a socket.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import platform
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from apportion.meter import AsgiMeter, ServiceMeter, Spool, by_header
from apportion.meter.asgi import App, Message, Receive, Scope, Send
from apportion.meter.spool import Fsync

HERE = Path(__file__).parent
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
FEATURES = HERE.parent / "examples" / "feature-server"
BODY = b"x" * 100
ASKED = json.dumps({"view": "customer_7d", "entities": list(range(20))}).encode()
HEADERS = (
    b"Host: bench\r\nX-Team: search\r\nX-Product: ranking\r\nX-Api-Key: fs-search-example\r\n"
    b"X-Request-Id: 0123456789abcdef\r\n"
)


@dataclass(frozen=True)
class Served:
    """What uvicorn serves, metered or not, and what callers send."""

    app: str
    path: bytes
    body: bytes
    meter: str = "plain"

    @property
    def request(self) -> bytes:
        length = f"Content-Length: {len(self.body)}\r\n\r\n".encode()
        return b"POST " + self.path + b" HTTP/1.1\r\n" + HEADERS + length + self.body


BARE = Served("meter_overhead:bare", b"/read", BODY)
SERVICES = {
    "bare": BARE,
    "bare, metered": replace(BARE, meter="interval"),
    "bare, metered, synced": replace(BARE, meter="always"),
    "features": Served("server:service", b"/get-online-features", ASKED),
    "features, metered": Served("server:app", b"/get-online-features", ASKED, "interval"),
}


async def service(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 100 bytes."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body", False):
        pass
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"100")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": BODY})


def metered(folder: Path, fsync: Fsync) -> AsgiMeter:
    keep = {"x-request-id": "request_id"}
    spool = Spool(folder, fsync=fsync)
    return AsgiMeter(service, ServiceMeter("bench", spool, who=[by_header()], keep=keep))


def __getattr__(name: str) -> App:
    """The service that uvicorn asks for, metered as the environment says."""
    if name != "bare":
        raise AttributeError(name)
    fsync: Any = os.environ["BENCH_METER"]
    return service if fsync == "plain" else metered(Path(os.environ["FEATURES_SPOOL"]), fsync)


# ── with uvicorn ─────────────────────────────────────────────────────────────────────────────
@contextlib.contextmanager
def served(what: Served, folder: Path) -> Iterator[tuple[int, int]]:
    """A server on loopback: its port and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    where = FEATURES if what.app.startswith("server:") else HERE
    command = [sys.executable, "-m", "uvicorn", what.app, "--app-dir", str(where)]
    options = ["--port", str(port), "--log-level", "error", "--no-access-log"]
    settings = {"BENCH_METER": what.meter, "FEATURES_SPOOL": str(folder)}
    server = subprocess.Popen([*command, *options], env={**os.environ, **settings})
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


async def called(what: Served, port: int, seconds: float, callers: int) -> int:
    """Requests that callers at once had answered in some seconds, each on one connection."""
    until = time.monotonic() + seconds

    async def calling() -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        done = 0
        while time.monotonic() < until:
            writer.write(what.request)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            await reader.readexactly(int(_LENGTH.search(head)[1]))  # type: ignore[index]
            done += 1
        writer.close()
        return done

    return sum(await asyncio.gather(*(calling() for _ in range(callers))))


def cpu_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def over_http(rounds: int, seconds: float, callers: int) -> dict[str, dict[str, float]]:
    rates: dict[str, list[float]] = {name: [] for name in SERVICES}
    cpu: dict[str, list[float]] = {name: [] for name in SERVICES}
    calls = dict.fromkeys(SERVICES, 0)
    with tempfile.TemporaryDirectory() as work, contextlib.ExitStack() as stack:
        folders = {name: Path(work) / str(n) for n, name in enumerate(SERVICES)}
        servers = {
            name: stack.enter_context(served(what, folders[name]))
            for name, what in SERVICES.items()
        }
        for warm in (True, *(False for _ in range(rounds))):
            for name, (port, process) in servers.items():
                before, began = cpu_seconds(process), time.monotonic()
                done = asyncio.run(called(SERVICES[name], port, seconds, callers))
                calls[name] += done
                if not warm:
                    rates[name].append(done / (time.monotonic() - began))
                    cpu[name].append((cpu_seconds(process) - before) / done * 1e6)
        stack.close()
        for name, what in SERVICES.items():
            lines = sum(p.read_bytes().count(b"\n") for p in folders[name].glob("*.jsonl"))
            assert what.meter == "plain" or lines == calls[name], f"{name}: {lines}, {calls}"
    return {
        name: {
            "requests_per_second": round(statistics.median(rates[name])),
            "server_cpu_us_per_request": round(statistics.median(cpu[name])),
            "ratio": round(_ratio(rates[name], rates[name.partition(",")[0]]), 2),
        }
        for name in SERVICES
    }


def _ratio(rates: list[float], plain: list[float]) -> float:
    return statistics.median(rate / bare for rate, bare in zip(rates, plain, strict=True))


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
        app_ = metered(Path(work), "interval")
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
        "meter_us_per_request_in_process": round(in_process(calls)),
    }
    print(json.dumps(told, indent=2, default=str))


if __name__ == "__main__":
    main()
