"""Environments that the benchmark makes for itself: ours as users have it, and the peer's."""

from __future__ import annotations

import functools
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from generate import WORK

ROOT = Path(__file__).parents[1]
NEEDS = Path(__file__).parent / "peers" / "requirements-cloud-cost-allocation.txt"


@functools.cache
def apportion() -> Path:
    """The Python of an environment with apportion and what it needs, and nothing else.

    Where pandas is installed, pyarrow imports it. It is there for a peer, not for us.
    """
    needs = ROOT / "requirements.txt"
    ourselves = ["--no-deps", "--no-build-isolation", "-e", str(ROOT)]
    return _environment("apportion", needs, ["--require-hashes"], ourselves)


@functools.cache
def cloud_cost_allocation() -> Path | None:
    """The Python that can import cloud-cost-allocation, or None where it can't be installed."""
    try:
        return _environment("cca", NEEDS)
    except subprocess.CalledProcessError as fault:
        print(f"left out: {fault}", file=sys.stderr)
        return None


def _environment(
    name: str, needs: Path, options: Sequence[str] = (), more: Sequence[str] = ()
) -> Path:
    """An environment with what a file lists, made anew when the list changes."""
    folder = WORK / name
    python, ready = folder / "bin" / "python", folder / "installed"
    if not ready.exists() or ready.stat().st_mtime < needs.stat().st_mtime:
        print(f"making the environment {name} …", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        for words in ([*options, "-r", str(needs)], more):
            if words:
                subprocess.run([python, "-m", "pip", "install", "-q", *words], check=True)
        ready.touch()
    return python
