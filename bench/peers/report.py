"""What every measured script prints: seconds, peak memory, and a figure to compare results by.

Standard library only: scripts in an environment of their own import it too.
"""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Mapping

START = time.perf_counter()
"""When this was imported: the interpreter's start and heavy imports mostly lie before."""

_LAPS: dict[str, float] = {}


def lap(name: str) -> None:
    """Note that a stage has just ended."""
    _LAPS[name] = round(time.perf_counter() - START - sum(_LAPS.values()), 4)


def peak_mb() -> float:
    """The most memory that this process has held so far."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def report(peer: str, totals: Mapping[str, object] | None = None, **more: object) -> None:
    """Print the result as one line of JSON; `totals` are the teams' amounts."""
    found = {
        "peer": peer,
        "seconds": round(time.perf_counter() - START, 4),
        "peak_mb": peak_mb(),
        "stages": _LAPS,
    }
    if totals is not None:
        found["totals"] = {name: str(amount) for name, amount in sorted(totals.items())}
    print(json.dumps(found | more))
