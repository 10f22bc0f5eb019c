"""Price what was used on a day, where the price is the same for every request of that day."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from apportion.domain.period import Span
from apportion.price.usage_relations import KEY_CLASSES, PRICES, VARYING, UsageRelations, amount
from apportion.store.relation import column, day, sql, table, text


def price_days(usage: UsageRelations, billable: Sequence[str], span: Span) -> exp.Query:
    """A row for each key, day and meter with its price; of `billable` meters, also without one.

    Invariant: of each billable meter, the quantities are those of the days, but for classes
    and days on which its price differs by request.
    """
    return sql(
        """
        SELECT d.KeyId, d.UsageDate, d.Meter, CAST(d.Quantity AS DECIMAL(38, 12)) AS Quantity,
               d.Per, p.PriceId, _amount AS Amount, d.Per * coalesce(p.Divisor, 1) AS Divisor,
               p.Currency, k.ClassId, FALSE AS Assumed
        FROM _d AS d JOIN _k AS k ON k.KeyId = d.KeyId
        LEFT JOIN _p AS p
          ON p.ClassId = k.ClassId AND p.Meter = d.Meter AND p.CellId IS NULL
         AND d.UsageDate >= p.StartsOn AND d.UsageDate < p.EndsBefore
        WHERE (p.PriceId IS NOT NULL OR d.Meter IN (_billable))
          AND d.UsageDate >= _start AND d.UsageDate < _until
          AND NOT EXISTS (SELECT 1 FROM _v AS v
                          WHERE v.ClassId = k.ClassId AND v.Meter = d.Meter
                            AND d.UsageDate >= v.StartsOn AND d.UsageDate < v.EndsBefore)
        """,
        _amount=amount(column("Quantity", "d")),
        _billable=[text(one) for one in billable],
        _start=day(span.start),
        _until=day(span.until),
        _d=table(usage.daily),
        _k=table(KEY_CLASSES),
        _p=table(PRICES),
        _v=table(VARYING),
    )
