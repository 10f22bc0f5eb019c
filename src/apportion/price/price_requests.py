"""Price each record by itself, where its price depends on the size of the prompt or on the time.

Records are put into the cell of their day, time and size by a join, and what falls into one
cell is summed: a price multiplies, so that this is what pricing each and adding up would give.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from sqlglot import exp

from apportion.domain.period import Span
from apportion.domain.usage import INPUT_TOKENS
from apportion.price.usage_class import DAY
from apportion.price.usage_relations import (
    CELLS,
    KEY_CLASSES,
    PRICES,
    VARYING,
    UsageRelations,
    amount,
)
from apportion.store.relation import column, columns, day, number, sql, table, text

SUMS = "usage sums by price"


def sum_by_cell(usage: UsageRelations, meters: Sequence[str], span: Span) -> exp.Query:
    """The relation SUMS: meters by key, day and cell.

    A record of several requests tells only their sum. It goes by their average, and is marked
    Assumed unless even the sum lies below the first bound. One that doesn't say how
    many requests it tells of is taken for one.
    """
    return sql(
        """
        SELECT s.KeyNumber, s.UsageDate, s.CellId, s.Assumed, _sums
        FROM (
            SELECT r.*, c.CellId, coalesce(r.Requests <> 1, TRUE)
                                  AND coalesce(r.Size >= c.Certain, FALSE) AS Assumed
            FROM (
                SELECT k.KeyNumber, k.ClassId, CAST(e.UsageStart AS DATE) AS UsageDate,
                       epoch_us(e.UsageStart) % _day AS Moment, _size AS Size,
                       e.requests AS Requests, greatest(coalesce(e.requests, 1), 1) AS Times,
                       _meters
                FROM _e AS e JOIN _k AS k ON k.KeyId = e.KeyId
                WHERE e.UsageStart >= CAST(_start AS TIMESTAMP)
                  AND e.UsageStart < CAST(_until AS TIMESTAMP)
            ) AS r
            JOIN _c AS c
              ON c.ClassId = r.ClassId AND r.UsageDate >= c.StartsOn AND r.UsageDate < c.EndsBefore
             AND r.Moment >= c.Since AND r.Moment < c.Before AND r.Size >= c.Least * r.Times
             AND (c.Below IS NULL OR r.Size < c.Below * r.Times)
        ) AS s
        GROUP BY s.KeyNumber, s.UsageDate, s.CellId, s.Assumed
        """,
        _sums=[exp.alias_(exp.func("sum", column(one, "s")), one, quoted=True) for one in meters],
        _size=_size(),
        _day=number(DAY),
        _meters=columns(meters, "e"),
        _e=table(usage.events),
        _k=table(KEY_CLASSES),
        _c=table(CELLS),
        _start=day(span.start),
        _until=day(span.until),
    )


def _size() -> exp.Expr:
    """The size of a prompt: all classes of its tokens, cached or not."""
    parts: list[exp.Expr] = [
        exp.func("coalesce", column(name, "e"), number(0)) for name in INPUT_TOKENS
    ]
    return reduce(lambda total, part: exp.Add(this=total, expression=part), parts)


def price_requests(meter: str) -> exp.Query:
    """The sums of one meter at the price of their cell, with or without one.

    Invariant: the quantities are those of the records, on days on which the price differs.
    """
    return sql(
        """
        SELECT k.KeyId, s.UsageDate, _meter AS Meter,
               CAST(_quantity AS DECIMAL(38, 12)) AS Quantity, CAST(1 AS BIGINT) AS Per,
               p.PriceId, _amount AS Amount, coalesce(p.Divisor, 1) AS Divisor,
               p.Currency, k.ClassId, s.Assumed
        FROM _s AS s JOIN _k AS k ON k.KeyNumber = s.KeyNumber
        JOIN _v AS v ON v.ClassId = k.ClassId AND v.Meter = _meter
         AND s.UsageDate >= v.StartsOn AND s.UsageDate < v.EndsBefore
        LEFT JOIN _p AS p ON p.CellId = s.CellId AND p.Meter = _meter
        WHERE _quantity IS NOT NULL
        """,
        _meter=text(meter),
        _quantity=column(meter, "s"),
        _amount=amount(column(meter, "s")),
        _s=table(SUMS),
        _k=table(KEY_CLASSES),
        _v=table(VARYING),
        _p=table(PRICES),
    )
