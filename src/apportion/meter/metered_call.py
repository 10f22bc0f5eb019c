"""A call while it is served: what of it is counted, and who made it.

The code of a service adds what only it knows, from wherever it is::

    this_call().count(feature_reads=len(rows))
    this_call().describe(ResourceId="customer_7d")

Outside of a metered call both do nothing, so that the same code runs in tests and jobs.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from apportion.domain.usage import COUNTS, DESCRIPTIONS, STATUSES
from apportion.errors import UsageError
from apportion.meter.consumer import Caller, Consumer

_COUNTED = frozenset(meter.name for meter in COUNTS)
_OURS = frozenset(("requests", "failed_requests", "bytes_in", "bytes_out", "busy_seconds"))


class MeteredCall:
    """One call: its caller, bytes, meters and descriptions, until it is recorded once."""

    __slots__ = (
        "asked",
        "attributes",
        "began_ns",
        "bytes_in",
        "bytes_out",
        "caller",
        "consumer",
        "described",
        "failure",
        "meters",
        "recorded",
        "response_headers",
        "ticks",
    )

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.consumer: Consumer | None = None
        self.began_ns = time.time_ns()
        self.ticks = time.perf_counter()
        self.bytes_in = 0
        self.bytes_out = 0
        self.meters: dict[str, int] = {}
        self.described: dict[str, str] = {}
        self.attributes: dict[str, str] = {}
        self.response_headers: Mapping[str, str] = {}
        self.asked: object = None  # what a reader of the service's protocol read of the request
        self.failure = ""
        self.recorded = False

    def count(self, **meters: int) -> None:
        """Add to counts such as `feature_reads` or `items`; raises UsageError for no such meter."""
        for name, quantity in meters.items():
            must_be_counted(name)
            if isinstance(quantity, bool) or not isinstance(quantity, int) or quantity < 0:
                raise UsageError(f"{name} must be a whole number from 0, not {quantity!r}")
            self.meters[name] = self.meters.get(name, 0) + quantity

    def describe(self, **columns: str) -> None:
        """Say what was used: `ModelId`, `ResourceId`, `Operation` …; raises UsageError."""
        for name, value in columns.items():
            if name not in DESCRIPTIONS or (name == "Status" and value not in STATUSES):
                raise UsageError(
                    f"{name}={value!r} describes nothing that was used",
                    hint=f"one of {', '.join(DESCRIPTIONS)}",
                )
            self.described[name] = value

    def made_by(self, consumer: Consumer) -> None:
        """Say who calls, where the service knows better than headers, keys and claims."""
        self.consumer = consumer


def must_be_counted(meter: str) -> None:
    """Raise UsageError unless a service counts this meter itself."""
    if meter not in _COUNTED or meter in _OURS:
        raise UsageError(
            f"{meter!r} is nothing that a service counts",
            hint=f"one of {', '.join(sorted(_COUNTED - _OURS))}",
        )


class _NoCall:
    """Stands in where nothing is metered."""

    def count(self, **meters: int) -> None:
        pass

    def describe(self, **columns: str) -> None:
        pass

    def made_by(self, consumer: Consumer) -> None:
        pass


NO_CALL = _NoCall()
CURRENT: ContextVar[Any] = ContextVar("apportion_metered_call", default=NO_CALL)


def this_call() -> MeteredCall | _NoCall:
    """The call that is being served, in this task or thread."""
    found: MeteredCall | _NoCall = CURRENT.get()
    return found
