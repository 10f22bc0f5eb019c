"""Attributed charges taken apart again by day, for what goes by the day: a daily rate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from apportion.attribute.exact import fractions
from apportion.attribute.key_spans import key_spans
from apportion.attribute.totals import sums
from apportion.domain.amounts import Amounts
from apportion.domain.charge import COSTS
from apportion.domain.owner import Owner, OwnerKind
from apportion.price.convert import Part
from apportion.store.engine import Engine
from apportion.store.relation import sql, table, text


def by_day(
    engine: Engine, sources: Collection[str], *, attributed: str, daily: str, keys: str
) -> dict[Part, list[tuple[date, Amounts]]]:
    """The amounts of some sources' attributed parts, day by day, exact.

    `attributed` has a row for each key and span of days, and a day belongs to
    the last span of its key that began by then. Invariant: the days of a part
    sum to it.
    """
    found = engine.fetch(
        sql(
            """
            SELECT a.Source AS Source, k.BillingCurrency AS Currency, k.ServiceName AS Service,
                   a.OwnerKind AS OwnerKind, a.Owner AS Owner, a.Rule AS Rule,
                   a.Evidence AS Evidence, d.ChargeDate AS ChargeDate, _sums
            FROM _spans AS a
            JOIN _daily AS d
              ON d.Source = a.Source AND d.KeyId = a.KeyId
            JOIN _keys AS k ON k.KeyId = a.KeyId
            WHERE a.Source IN (_sources)
              AND (a.SpanUntil IS NULL OR d.ChargeDate < a.SpanUntil)
              AND d.ChargeDate >= a.SpanStart
            GROUP BY a.Source, k.BillingCurrency, k.ServiceName, a.OwnerKind, a.Owner, a.Rule,
                     a.Evidence, d.ChargeDate
            """,
            _spans=key_spans(attributed, "OwnerKind", "Owner", "Rule", "Evidence"),
            _daily=table(daily),
            _keys=table(keys),
            _sources=[text(source) for source in sorted(sources)],
            _sums=sums("d"),
        )
    )
    names = "Source Currency OwnerKind Owner Rule Evidence Service ChargeDate".split()
    columns = [found.column(name).to_pylist() for name in names]
    costs = (fractions(found.column(cost)) for cost in COSTS)
    made: dict[Part, list[tuple[date, Amounts]]] = defaultdict(list)
    for source, currency, kind, owner, rule, evidence, service, day, *amounts in zip(
        *columns, *costs, strict=True
    ):
        part = (source, currency, Owner(OwnerKind(kind), owner), rule, evidence, service or "")
        made[part].append((day, Amounts(*amounts)))
    return dict(made)
