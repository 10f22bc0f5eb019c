"""The environment of the peer that needs one of its own, made by the benchmark itself."""

from __future__ import annotations

import functools
import subprocess
import sys
from pathlib import Path

from generate import WORK

NEEDS = Path(__file__).parent / "peers" / "requirements-cloud-cost-allocation.txt"


@functools.cache
def cloud_cost_allocation() -> Path | None:
    """The Python that can import cloud-cost-allocation, or None where it can't be installed."""
    folder = WORK / "cca"
    python = folder / "bin" / "python"
    ready = folder / "installed"
    if ready.exists():
        return python
    print("making an environment for cloud-cost-allocation …", file=sys.stderr)
    try:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run(
            [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", NEEDS],
            check=True,
        )
    except subprocess.CalledProcessError as fault:
        print(f"left out: {fault}", file=sys.stderr)
        return None
    ready.touch()
    return python
