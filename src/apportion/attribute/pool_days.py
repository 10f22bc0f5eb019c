"""The cost of pools day by day, for those that are split by the quantities of each day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from apportion.attribute.exact import fractions
from apportion.attribute.key_spans import key_spans
from apportion.attribute.totals import sums
from apportion.domain.amounts import Amounts
from apportion.domain.charge import COSTS
from apportion.domain.owner import Evidence, OwnerKind
from apportion.store.engine import Engine
from apportion.store.relation import sql, table, text


def pool_days(
    engine: Engine, pools: Collection[str], *, attributed: str, daily: str, keys: str
) -> dict[tuple[str, str, Evidence], dict[date, Amounts]]:
    """By currency, pool and strength of evidence, what was charged to it on each day; exact.

    `attributed` has a row for each key and span of days, and a day belongs to
    the last span of its key that began by then. One query, however many pools.
    """
    found = engine.fetch(
        sql(
            """
            SELECT k.BillingCurrency AS Currency, a.Owner AS Owner, a.Evidence AS Evidence,
                   d.ChargeDate AS ChargeDate, _sums
            FROM _spans AS a
            JOIN _daily AS d ON d.Source = a.Source AND d.KeyId = a.KeyId
            JOIN _keys AS k ON k.KeyId = a.KeyId
            WHERE a.OwnerKind = _pool AND a.Owner IN (_names)
              AND (a.SpanUntil IS NULL OR d.ChargeDate < a.SpanUntil)
              AND d.ChargeDate >= a.SpanStart
            GROUP BY k.BillingCurrency, a.Owner, a.Evidence, d.ChargeDate
            """,
            _sums=sums("d"),
            _spans=key_spans(attributed, "OwnerKind", "Owner", "Evidence"),
            _daily=table(daily),
            _keys=table(keys),
            _pool=text(OwnerKind.POOL.value),
            _names=[text(name) for name in sorted(pools)],
        )
    )
    columns = ("Currency", "Owner", "Evidence", "ChargeDate")
    names = [found.column(name).to_pylist() for name in columns]
    costs = (fractions(found.column(cost)) for cost in COSTS)
    made: dict[tuple[str, str, Evidence], dict[date, Amounts]] = defaultdict(dict)
    for currency, pool, evidence, day, *amounts in zip(*names, *costs, strict=True):
        made[currency or "", pool, Evidence(evidence)][day] = Amounts(*amounts)
    return dict(made)
