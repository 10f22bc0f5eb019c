"""A record of usage as a CloudEvent, one line of JSON.

CloudEvents 1.0: `source` is the instance of the service and `id` is unique within it, so
that a line which is read twice is counted once. `type` is ``apportion.usage.v1``; `time` is
when the use began; `subject` says who used it, for people. `data` has the columns of a usage
record by their names: identities, descriptions, `UsageStart`, `UsageEnd`, an object of texts
`Attributes`, and the meters as numbers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

EVENT_TYPE = "apportion.usage.v1"

_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True).encode


@dataclass(frozen=True, slots=True)
class UsageEvent:
    """One record, before it is a line."""

    source: str
    id: str
    subject: str
    data: Mapping[str, object]

    def line(self) -> bytes:
        """The event as a line of the spool, its end included.

        >>> UsageEvent("/features/a", "1", "", {"UsageStart": "2026-10-01T00:00:00Z"}).line()[:40]
        b'{"specversion":"1.0","type":"apportion.u'
        """
        event: dict[str, object] = {
            "specversion": "1.0",
            "type": EVENT_TYPE,
            "source": self.source,
            "id": self.id,
            "time": self.data["UsageStart"],
        }
        if self.subject:
            event["subject"] = self.subject
        event["datacontenttype"] = "application/json"
        event["data"] = self.data
        return _encode(event).encode() + b"\n"


def rfc3339(nanoseconds: int) -> str:
    """A time since 1970 as RFC 3339 writes it, in UTC, to the microsecond.

    >>> rfc3339(1_790_812_800_000_001_000)
    '2026-10-01T00:00:00.000001Z'
    """
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    return f"{_second(seconds)}.{rest // 1000:06d}Z"


@lru_cache(maxsize=8)
def _second(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"
