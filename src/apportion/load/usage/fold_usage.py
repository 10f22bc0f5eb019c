"""Fold the counted records of a month into distinct keys, and quantities by key and day."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlglot import exp

from apportion.domain.period import Period
from apportion.domain.usage import COUNTS, LEVELS, Meter
from apportion.load.usage.count_usage import COUNTED
from apportion.load.usage.take_usage import KEY_COLUMNS
from apportion.load.workbench import Workbench
from apportion.store.relation import column, columns, day, number, sql, table, text

DAYS = "usage by day"
SUMS = "usage sums by day"

PER_HOUR = 3_600_000_000
"""A level's quantity is summed in microseconds, exactly; this many are an hour."""


def fold_usage(
    bench: Workbench, attributes: tuple[str, ...], month: Period, folder: Path
) -> dict[str, tuple[Path, int]]:
    """Write ``usage_keys`` and ``usage_daily`` of the relation COUNTED: paths and rows by role.

    ``usage_keys``: KeyId and what it is made of. ``usage_daily``: KeyId, UsageDate, Meter,
    Unit, Quantity, Per, Records: Quantity ÷ Per is in Unit. Invariant: for each count, the
    quantities of the month add up to those of the records that begin in it; for each level,
    to its time within the month.
    """
    keys, daily = folder / "usage_keys.parquet", folder / "usage_daily.parquet"
    names = [*KEY_COLUMNS, *(f"attribute.{name}" for name in attributes)]
    distinct = sql(
        "SELECT DISTINCT c.KeyId, _names FROM _c AS c ORDER BY c.KeyId",
        _names=columns(names, "c"),
        _c=table(COUNTED),
    )
    made = {"usage_keys": (keys, bench.write(distinct, keys))}
    meters = _measured(bench)
    bench.create(SUMS, _sums(month, meters))
    return {**made, "usage_daily": (daily, bench.write(_long(meters), daily))}


def _measured(bench: Workbench) -> tuple[Meter, ...]:
    """The meters that any record of the month has a quantity of: a source has few of them."""
    meters = (*COUNTS, *LEVELS)
    there = [
        exp.alias_(exp.func("count", column(one.name, "c")), one.name, quoted=True)
        for one in meters
    ]
    (found,) = bench.rows(sql("SELECT _there FROM _c AS c", _there=there, _c=table(COUNTED)))
    return tuple(one for one in meters if found[one.name])


def _sums(month: Period, meters: Sequence[Meter]) -> exp.Query:
    """A row for each key and day, a column for each meter; own meters by their names."""
    span = month.span
    return sql(
        """
        SELECT d.KeyId, d.UsageDate, d.Meter, d.Unit, count(*) FILTER (WHERE d.Begins) AS Records,
               sum(d.Quantity) FILTER (WHERE d.Begins) AS Quantity, _quantities
        FROM (
            SELECT c.*, CAST(Day AS DATE) AS UsageDate,
                   Day = date_trunc('day', c.UsageStart) AS Begins,
                   CAST(greatest(0, epoch_us(least(c.UsageEnd, Day + INTERVAL 1 DAY))
                            - epoch_us(greatest(c.UsageStart, Day))) AS DECIMAL(12, 0)) AS Held
            FROM (
                SELECT c.*, unnest(generate_series(
                    greatest(date_trunc('day', c.UsageStart), CAST(_start AS TIMESTAMP)),
                    least(greatest(c.UsageEnd - INTERVAL 1 MICROSECOND, c.UsageStart),
                          CAST(_until AS TIMESTAMP) - INTERVAL 1 MICROSECOND),
                    INTERVAL 1 DAY)) AS Day
                FROM _c AS c
            ) AS c
        ) AS d
        GROUP BY d.KeyId, d.UsageDate, d.Meter, d.Unit
        ORDER BY d.UsageDate, d.KeyId, d.Meter, d.Unit
        """,
        _quantities=[
            exp.alias_(_time_of(one) if one.is_level else _sum_of(one), one.name, quoted=True)
            for one in meters
        ],
        _start=day(span.start),
        _until=day(span.until),
        _c=table(COUNTED),
    )


def _sum_of(meter: Meter) -> exp.Expr:
    """A count, of the records that begin on the day."""
    return exp.Filter(
        this=exp.func("sum", column(meter.name, "d")),
        expression=exp.Where(this=column("Begins", "d")),
    )


def _time_of(level: Meter) -> exp.Expr:
    held = exp.cast(column(level.name, "d"), exp.DataType.build("DECIMAL(26, 12)"))
    return exp.func("sum", exp.Mul(this=held, expression=column("Held", "d")))


def _long(meters: Sequence[Meter]) -> exp.Query:
    """A row for each key, day and meter that has a quantity, meter by meter."""
    parts: list[exp.Query] = [
        sql(
            """
            SELECT KeyId, UsageDate, Meter, coalesce(Unit, '') AS Unit,
                   CAST(Quantity AS DECIMAL(38, 12)) AS Quantity, CAST(1 AS BIGINT) AS Per, Records
            FROM _s AS s WHERE Quantity IS NOT NULL
            """,
            _s=table(SUMS),
        )
    ]
    for one in meters:
        part = sql(
            """
            SELECT KeyId, UsageDate, _meter AS Meter, _unit AS Unit,
                   CAST(_quantity AS DECIMAL(38, 12)) AS Quantity, CAST(_per AS BIGINT) AS Per,
                   Records
            FROM _s AS s WHERE _quantity IS NOT NULL
            """,
            _meter=text(one.quantity or one.name),
            _unit=text(one.unit),
            _quantity=column(one.name),
            _per=number(PER_HOUR if one.is_level else 1),
            _s=table(SUMS),
        )
        parts.append(part)
    whole = parts[0]
    for part in parts[1:]:
        whole = exp.union(whole, part, distinct=False)
    return whole
