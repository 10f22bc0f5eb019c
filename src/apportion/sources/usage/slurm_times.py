"""When a Slurm job began and ended, in UTC, from the cluster's local clock.

`sacct` prints local times without a zone. In the hour that a clock shows twice, a text
stands for two instants; which one is meant follows from how long the job took
(ElapsedRaw + Suspended). Exported with ``SLURM_TIME_FORMAT=%s`` times are seconds
since 1970 and there is no such doubt; ``%Y-%m-%dT%H:%M:%S%z`` says its zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from apportion.sources.usage.usage_texts import utc

NEVER = ("", "Unknown", "None", "N/A")
"""What stands where there is no such time: not begun, or not ended."""

_SECONDS = pa.timestamp("s")
_QUARTER = 900
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 -- a clock's reading, counted in seconds


@dataclass(frozen=True)
class Instants:
    """A column of times: the first and the second instant that each text can stand for.

    They are the same array where no clock change is near. `wrong` is True for what is no time.
    """

    first: Any
    second: Any
    wrong: Any

    @property
    def doubtful(self) -> bool:
        return self.first is not self.second


def read_times(texts: Any, zone: ZoneInfo | None) -> Instants:
    """The instants of a column of texts, null where there is none."""
    said = pc.if_else(pc.is_in(texts, pa.array(NEVER)), pa.scalar(None, pa.string()), texts)
    local = pc.strptime(said, format="%Y-%m-%dT%H:%M:%S", unit="s", error_is_null=True)
    first, second = _in_utc(local, zone)
    odd = pc.and_(pc.is_valid(said), pc.is_null(local))
    if not pc.any(odd).as_py():
        return Instants(first, second, odd)
    known, wrong = _other_forms(pc.if_else(odd, said, pa.scalar(None, pa.string())), zone)
    same = first is second
    first = pc.coalesce(first, known)
    return Instants(first, first if same else pc.coalesce(second, known), wrong)


def _in_utc(local: Any, zone: ZoneInfo | None) -> tuple[Any, Any]:
    """Both instants of a clock's reading, by the offsets of the quarter hours that occur."""
    if zone is None:
        return local, local
    seconds = local.cast(pa.int64())
    quarters = pc.divide(seconds, _QUARTER).dictionary_encode()
    times = [_EPOCH + timedelta(seconds=one * _QUARTER) for one in quarters.dictionary.to_pylist()]
    early, late = ([_offset(time, zone, fold) for time in times] for fold in (0, 1))
    first = pc.subtract(seconds, pa.array(early, pa.int64()).take(quarters.indices)).cast(_SECONDS)
    if early == late:
        return first, first
    second = pc.subtract(seconds, pa.array(late, pa.int64()).take(quarters.indices)).cast(_SECONDS)
    return first, second


def _offset(time: datetime, zone: ZoneInfo, fold: int) -> int:
    offset = time.replace(fold=fold, tzinfo=zone).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


def _other_forms(texts: Any, zone: ZoneInfo | None) -> tuple[Any, Any]:
    """Seconds since 1970 at once, and each distinct other text by itself."""
    digits = pc.fill_null(pc.match_substring_regex(texts, r"^[0-9]{1,11}$"), False)
    unix = pc.if_else(digits, texts, pa.scalar(None, pa.string())).cast(pa.int64()).cast(_SECONDS)
    rest = pc.if_else(digits, pa.scalar(None, pa.string()), texts).dictionary_encode()
    times = pa.array([_time(text, zone) for text in rest.dictionary.to_pylist()], _SECONDS)
    other = times.take(rest.indices)
    wrong = pc.and_(pc.is_valid(rest.indices), pc.is_null(other))
    return pc.coalesce(unix, other), wrong


def _time(text: str, zone: ZoneInfo | None) -> datetime | None:
    try:
        return utc(text, zone)
    except (ValueError, OverflowError):
        return None


def settle(start: Instants, end: Instants, took: Any) -> tuple[Any, Any]:
    """Start and end, where a clock change leaves a choice the pair that lasted `took` seconds.

    Without a duration that fits, the first pair in which the end isn't before the start.
    """
    if not start.doubtful and not end.doubtful:
        return start.first, end.first
    begins, ends = start.first, end.first
    settled = pc.fill_null(pc.equal(_lasted(begins, ends), took), False)
    sound = pc.fill_null(pc.greater_equal(_lasted(begins, ends), 0), True)
    pairs = [
        (start.first, end.second),
        (start.second, end.second),
        (start.second, end.first),
    ]
    for first, last in pairs:
        fits = pc.fill_null(pc.equal(_lasted(first, last), took), False)
        better = pc.or_(pc.and_not(fits, settled), pc.and_not(pc.invert(sound), settled))
        begins, ends = pc.if_else(better, first, begins), pc.if_else(better, last, ends)
        settled = pc.or_(settled, fits)
        sound = pc.or_(sound, pc.fill_null(pc.greater_equal(_lasted(first, last), 0), True))
    return begins, ends


def _lasted(start: Any, end: Any) -> Any:
    return pc.subtract(end.cast(pa.int64()), start.cast(pa.int64()))


def seconds_of(text: str) -> int | None:
    """A length of time as Slurm writes it, ``[DD-[HH:]]MM:SS``; None for what is none.

    >>> seconds_of("1-02:03:04"), seconds_of("00:10:00"), seconds_of("")
    (93784, 600, None)
    """
    days, dash, clock = text.rpartition("-")
    parts = clock.split(":")
    if len(parts) not in {2, 3} or not all(part.isdigit() for part in (*parts, days or "0")):
        return None
    seconds = 0
    for part in parts:
        seconds = seconds * 60 + int(part)
    return seconds + (int(days) * 86400 if dash else 0)
