"""The meter of a shared service: begins a call, ends it, and writes its record.

Metering must never harm the service: whatever fails here is told in the log, and the call
goes on.
"""

from __future__ import annotations

import itertools
import logging
import os
import socket
import time
import uuid
from collections.abc import Callable, Mapping, Sequence

from apportion.errors import UsageError
from apportion.meter.consumer import Caller, Identify, who_calls
from apportion.meter.metered_call import MeteredCall, must_be_counted
from apportion.meter.spool import Spool
from apportion.meter.usage_event import UsageEvent, rfc3339

_LOG = logging.getLogger("apportion.meter")

_SECRET = ("authorization", "proxy-authorization", "cookie", "x-api-key", "api-key")

Counting = Callable[[MeteredCall], Mapping[str, int]]
"""Counts of a call that its headers tell, looked at when it ends."""


def counted_by_header(header: str, meter: str) -> Counting:
    """A count that the service gives in a header of its response: ``x-rows: 30``."""
    name = header.lower()
    must_be_counted(meter)

    def counted(call: MeteredCall) -> Mapping[str, int]:
        told = call.response_headers.get(name, "")
        return {meter: int(told)} if told.isdecimal() else {}

    return counted


class ServiceMeter:
    """Meters the callers of one service into a spool.

    `service` names it (the provider, in a record), `instance` tells its replicas apart.
    `who` are the ways to learn who calls, in the order in which they are asked. `keep` says
    which header becomes which attribute of a record (``{"x-request-id": "request_id"}``);
    never name one that holds a secret.
    """

    def __init__(
        self,
        service: str,
        spool: Spool,
        *,
        who: Sequence[Identify],
        instance: str = "",
        keep: Mapping[str, str] | None = None,
        counts: Sequence[Counting] = (),
    ) -> None:
        self.service = service
        self.spool = spool
        self._source = f"/{service}/{instance or socket.gethostname()}"
        self._who = tuple(who)
        for header in keep or {}:
            if header.lower() in _SECRET:
                raise UsageError(f"the header {header!r} holds a secret", hint="keep another one")
        self._keep = {header.lower(): name for header, name in (keep or {}).items()}
        self._counts = tuple(counts)
        self._ids = _Ids()

    def begin(self, caller: Caller) -> MeteredCall:
        return MeteredCall(caller)

    def end(self, call: MeteredCall, status: str) -> int:
        """Record a call, once; the ticket with which the spool can be asked to sync it."""
        if call.recorded:
            return 0
        call.recorded = True
        try:
            return self.spool.append(self._event(call, call.described.get("Status") or status))
        except Exception as fault:
            _LOG.warning("a call could not be metered: %s", type(fault).__name__)
            return 0

    def close(self) -> None:
        """Close the spool's file, so that it can be read."""
        self.spool.close()

    def _event(self, call: MeteredCall, status: str) -> UsageEvent:
        busy = time.perf_counter() - call.ticks
        consumer = who_calls(self._who, call.caller)
        if call.consumer is not None:
            consumer = call.consumer.filled_from(consumer)
        data: dict[str, object] = {
            "UsageStart": rfc3339(call.began_ns),
            "UsageEnd": rfc3339(call.began_ns + int(busy * 1e9)),
            **consumer.columns(),
            "ProviderName": self.service,
            **call.described,
            "Status": status,
        }
        attributes = self._attributes(call)
        if attributes:
            data["Attributes"] = attributes
        data["requests"] = 1
        if status == "failed":
            data["failed_requests"] = 1
        self._count(call)
        data.update(call.meters)
        data["bytes_in"] = call.bytes_in
        data["bytes_out"] = call.bytes_out
        data["busy_seconds"] = round(busy, 6)
        return UsageEvent(self._source, self._ids.new(), consumer.subject, data)

    def _count(self, call: MeteredCall) -> None:
        for counted in self._counts:
            try:
                call.count(**counted(call))
            except Exception as fault:
                _LOG.warning("a count of a call failed: %s", type(fault).__name__)

    def _attributes(self, call: MeteredCall) -> dict[str, str]:
        kept = {}
        for header, name in self._keep.items():
            told = call.caller.headers.get(header)
            if told:
                kept[name] = told[:200]
        if call.failure:
            kept["failure"] = call.failure
        return {**kept, **call.attributes}


class _Ids:
    """Ids that no other process and no other start of this one gives."""

    def __init__(self) -> None:
        self._anew()
        os.register_at_fork(after_in_child=self._anew)

    def _anew(self) -> None:
        self._start = uuid.uuid4().hex
        self._numbers = itertools.count(1)

    def new(self) -> str:
        return f"{self._start}-{next(self._numbers)}"
