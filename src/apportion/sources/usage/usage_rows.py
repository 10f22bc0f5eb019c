"""Records of usage on their way from Python values to columns.

A reader adds the records of a file one by one, or rejects them, and yields a batch
whenever enough have come together. A format with very many records may make its
columns itself, as long as they have the types of :data:`SCHEMA`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

import pyarrow as pa

from apportion.domain.usage import (
    ATTRIBUTES,
    DESCRIPTIONS,
    IDENTITIES,
    METERS,
    OWN_METER,
    USAGE_END,
    USAGE_ID,
    USAGE_START,
    Meter,
)
from apportion.sources.usage.usage_format import Rejected, UsageBatch

LINE = "SourceLine"
BATCH = 50_000

_LEVEL_PLACES = Decimal("1E-12")
_WIDE = Context(prec=60, rounding=ROUND_HALF_EVEN)


def _arrow_type(meter: Meter) -> pa.DataType:
    return pa.int64() if meter.sql_type == "BIGINT" else pa.decimal128(28, 12)


SCHEMA: Mapping[str, pa.DataType] = {
    USAGE_ID: pa.string(),
    USAGE_START: pa.timestamp("us"),
    USAGE_END: pa.timestamp("us"),
    **dict.fromkeys((*IDENTITIES, *DESCRIPTIONS), pa.string()),
    ATTRIBUTES: pa.map_(pa.string(), pa.string()),
    **{name: _arrow_type(meter) for name, meter in METERS.items()},
    OWN_METER[0]: pa.string(),
    OWN_METER[1]: pa.decimal128(38, 18),
    OWN_METER[2]: pa.string(),
    "ReportedCost": pa.decimal128(38, 18),
    "ReportedCurrency": pa.string(),
    LINE: pa.int64(),
}
"""Every column that a record may have, with its type. Times are UTC, without zone.

`ReportedCost` is what the source itself says it cost: kept for comparison, never charged.
"""


class UsageRows:
    """Collects the records of a file; a column that no record names isn't made.

    >>> from datetime import datetime
    >>> rows = UsageRows()
    >>> rows.add(2, UsageId="r1", UsageStart=datetime(2026, 10, 1), requests=1)
    >>> rows.reject(3, "time", "'soon' is no time", "write it as 2026-10-01T00:00:00Z", {})
    >>> batch = rows.batch()
    >>> batch.rows.num_rows, len(batch.rejected)
    (1, 1)
    """

    def __init__(self) -> None:
        self._columns: dict[str, list[object]] = {}
        self._rows = 0
        self._rejected: list[Rejected] = []
        self._skipped = 0

    def add(self, line: int | None, **values: object) -> None:
        """Add a record. Values are texts, whole numbers, Decimals or Fractions, and times in UTC.

        None and empty texts are the same. A level is rounded to 12 places; of a count
        that must be whole, a part of one is refused (ValueError).
        """
        columns, rows = self._columns, self._rows
        whole = {name: _held(name, value) for name, value in values.items()}
        whole[LINE] = line
        for name, value in whole.items():
            held = columns.get(name)
            if held is None:
                held = columns[name] = [None] * rows
            held.append(value)
        self._rows = rows + 1
        for held in columns.values():
            if len(held) == rows:
                held.append(None)

    def reject(
        self, line: int | None, column: str, reason: str, hint: str, row: Mapping[str, object]
    ) -> None:
        """Set a record aside: it is counted, shown, and charged to nobody."""
        texts = {name: "" if value is None else str(value) for name, value in row.items()}
        self._rejected.append(Rejected(line, column, reason, hint, texts))

    def skip(self, records: int = 1) -> None:
        """Count records that are no usage of their own: roll-ups, totals, steps of a job."""
        self._skipped += records

    @property
    def full(self) -> bool:
        return self._rows >= BATCH or len(self._rejected) >= BATCH

    def batch(self) -> UsageBatch:
        """What has come together since the last batch."""
        arrays = {
            name: pa.array(values, type=SCHEMA[name]) for name, values in self._columns.items()
        }
        made = UsageBatch(pa.table(arrays), tuple(self._rejected), self._skipped)
        self.__init__()  # type: ignore[misc]
        return made

    def batches(self, *, last: bool = False) -> Iterator[UsageBatch]:
        """The batch that is full; at the end of a file, whatever is left."""
        if self.full or (last and (self._rows or self._rejected or self._skipped)):
            yield self.batch()


def _held(name: str, value: object) -> object:
    return None if value is None or value == "" else _HOLD[name](name, value)


def _time(_: str, value: object) -> datetime:
    assert isinstance(value, datetime)
    assert value.tzinfo is None, "times are UTC, without zone"
    return value


def _pairs(_: str, value: object) -> list[tuple[str, str]] | None:
    assert isinstance(value, Mapping)
    return sorted((str(k), str(v)) for k, v in value.items() if v is not None) or None


def _text(_: str, value: object) -> str:
    return str(value)


def _whole(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal, Fraction)):
        raise TypeError(f"{name} must be a number, not {value!r}")
    if value != int(value):
        raise ValueError(f"{name} must be a whole number, not {value}")
    return int(value)


def _decimal(name: str, value: object) -> Decimal:
    if isinstance(value, Fraction):
        value = _WIDE.divide(Decimal(value.numerator), Decimal(value.denominator))
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise TypeError(f"{name} must be a number, not {value!r}")
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError(f"{name} must be a finite number, not {value}")
    if name in METERS:
        return number.quantize(_LEVEL_PLACES, context=_WIDE)
    return number


def _holder(name: str, kind: pa.DataType) -> Callable[[str, object], object]:
    if pa.types.is_decimal(kind):
        return _decimal
    if pa.types.is_timestamp(kind):
        return _time
    if name == ATTRIBUTES:
        return _pairs
    return _whole if pa.types.is_int64(kind) else _text


_HOLD = {name: _holder(name, kind) for name, kind in SCHEMA.items()}
"""How each column holds a value: decided once, not for each of millions."""
