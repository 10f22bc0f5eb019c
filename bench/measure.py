"""Run a command as a child and say how long it took and how much memory it held at most."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import environment

HERE = Path(__file__).parent
PYTHON = sys.executable


@dataclass(frozen=True)
class Measured:
    """Wall seconds and peak memory of a whole process, and what it reported about itself."""

    seconds: float
    peak_mb: float
    report: dict[str, Any] = field(default_factory=dict)

    @property
    def stages(self) -> dict[str, float]:
        found: dict[str, float] = self.report.get("stages", {})
        return found


class Failed(RuntimeError):
    """The command ended with another exit code than 0 (or 1, which is done with findings)."""


def measure(command: Sequence[str | Path], *, allowed: Sequence[int] = (0, 1)) -> Measured:
    """Run a command to its end. Its last line of output is its report, if it is JSON."""
    words = [str(word) for word in command]
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        start = time.perf_counter()
        child = subprocess.Popen(words, stdout=output, stderr=errors)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        if child.returncode not in allowed:
            raise Failed(f"{' '.join(words)}: {child.returncode}\n{errors.read()[-2000:]}")
        return Measured(seconds, usage.ru_maxrss / 1024, _report(output.read()))


def _report(output: str) -> dict[str, Any]:
    last = output.strip().rpartition("\n")[2]
    try:
        found = json.loads(last)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def peer(name: str, *arguments: str | Path, python: str | Path = PYTHON) -> Measured:
    """A script of ``peers/``."""
    return measure([python, HERE / "peers" / f"{name}.py", *arguments])


def ours(project: Path, *steps: str) -> Measured:
    """Steps of ours in one process."""
    return measure([environment.apportion(), HERE / "ours.py", project, *steps])


def apportion(project: Path, *arguments: str) -> Measured:
    """A command of ours as a whole process."""
    return measure([environment.apportion(), "-m", "apportion", "--project", project, *arguments])
