"""Starts an example service on loopback, and ends it gently or not."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

EXAMPLES = Path(__file__).parents[1] / "examples"


class Service:
    """An example service in processes of its own, which can be killed and started again."""

    def __init__(self, name: str, settings: Mapping[str, str], *, workers: int = 1) -> None:
        self._name = name
        self._settings = dict(settings)
        self._workers = workers
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = ["uvicorn", "--app-dir", str(EXAMPLES / self._name), "server:app"]
        options = ["--port", str(self.port), "--workers", str(self._workers)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", *command, *options, "--log-level", "warning"],
            env={**os.environ, **self._settings, "PYTHONPATH": os.pathsep.join(sys.path)},
            start_new_session=True,
        )
        self._until_it_answers()

    def _until_it_answers(self) -> None:
        assert self._process is not None
        until = time.monotonic() + 30
        while time.monotonic() < until and self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError(f"{self._name} doesn't answer")

    def kill(self) -> None:
        """End every process of the service at once, as a machine does that runs out of memory."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end, as a deployment does."""
        assert self._process is not None
        self._process.terminate()
        self._process.wait(30)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, how)
            self._process.wait(30)

    def __enter__(self) -> Service:
        self.start()
        return self

    def __exit__(self, *fault: object) -> None:
        self.kill()
