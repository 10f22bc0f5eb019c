"""Attributed charges taken apart by cost class, for what goes by it: the account of a journal."""

from __future__ import annotations

from apportion.attribute.exact import fractions
from apportion.attribute.totals import sums
from apportion.domain.amounts import Amounts
from apportion.domain.charge import COSTS
from apportion.domain.cost_class import COST_CLASS
from apportion.domain.owner import Evidence, Owner, OwnerKind
from apportion.domain.result import ClassCost
from apportion.store.engine import Engine
from apportion.store.relation import column, sql, table, text


def by_class(engine: Engine, *, attributed: str, keys: str) -> tuple[ClassCost, ...]:
    """The amounts of attributed parts by cost class, exact, in a stable order.

    A charge that was never classed has an empty class. Invariant: the classes of a part
    sum to it.
    """
    there = engine.fetch(sql("SELECT * FROM _k AS k LIMIT 0", _k=table(keys))).column_names
    classed = column(COST_CLASS, "k") if COST_CLASS in there else text("")
    found = engine.fetch(
        sql(
            """
            SELECT a.Source AS Source, k.BillingCurrency AS Currency, a.OwnerKind AS OwnerKind,
                   a.Owner AS Owner, a.Rule AS Rule, a.Evidence AS Evidence,
                   k.ServiceName AS Service, _class AS CostClass, _sums
            FROM _attributed AS a JOIN _keys AS k ON k.KeyId = a.KeyId
            GROUP BY a.Source, k.BillingCurrency, a.OwnerKind, a.Owner, a.Rule, a.Evidence,
                     k.ServiceName, _class
            """,
            _attributed=table(attributed),
            _keys=table(keys),
            _class=classed,
            _sums=sums("a"),
        )
    )
    names = "Source Currency OwnerKind Owner Rule Evidence Service CostClass".split()
    columns = [found.column(name).to_pylist() for name in names]
    costs = (fractions(found.column(cost)) for cost in COSTS)
    parts = [
        ClassCost(
            source,
            currency or "",
            Owner(OwnerKind(kind), owner),
            rule,
            Evidence(evidence),
            service or "",
            cost_class or "",
            Amounts(*amounts),
        )
        for source, currency, kind, owner, rule, evidence, service, cost_class, *amounts in zip(
            *columns, *costs, strict=True
        )
    ]
    return tuple(sorted(parts, key=_order))


def _order(one: ClassCost) -> tuple[str, ...]:
    owner = (one.owner.kind.value, one.owner.name)
    return (one.source, one.currency, *owner, one.rule, one.evidence, one.service, one.cost_class)
