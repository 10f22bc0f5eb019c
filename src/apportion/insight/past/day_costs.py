"""What was billed to whom on each day, down to the resource: the facts that alerts rest on."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import NamedTuple

from sqlglot import exp

from apportion.attribute.key_spans import key_spans
from apportion.domain.result import Run
from apportion.model.project import Model
from apportion.run.charges import attributed_anew
from apportion.run.workspace import Workspace
from apportion.store.relation import column, sql, table, text


class DayCost(NamedTuple):
    """Charges of a day to one owner for one thing; amounts are floats, for statistics.

    `kind` and `owner` say who carries it (a team, a pool, or unallocated), `sku` what is
    bought, `item` the resource. `amount` is in the reporting currency where a rate converts it.
    `once` marks a purchase or another charge that isn't for use of that day.
    """

    day: date
    kind: str
    owner: str
    currency: str
    source: str
    service: str
    sku: str
    item: str
    unit: str
    once: bool
    amount: float
    quantity: float | None


def day_costs(workspace: Workspace, model: Model, run: Run) -> tuple[DayCost, ...]:
    """A run's charges by day, owner, service, price and resource, on its cost basis.

    Raises UsageError where the model has changed since the run.
    """
    charges, attribution = attributed_anew(workspace, model, run)
    rates = _rates(run)
    found = workspace.engine.fetch(
        sql(
            """
            SELECT d.ChargeDate AS day, a.OwnerKind AS kind, a.Owner AS owner,
                   coalesce(k.BillingCurrency, '') AS currency, d.Source AS source,
                   coalesce(k.ServiceName, '') AS service, _sku AS sku,
                   coalesce(k.ResourceName, k.ResourceId, '') AS item,
                   coalesce(k.PricingUnit, k.ConsumedUnit, '') AS unit,
                   NOT coalesce(k.ChargeCategory, 'Usage') = 'Usage' AS once,
                   CAST(sum(_cost) AS DOUBLE) AS amount,
                   CAST(sum(coalesce(d.PricingQuantity, d.ConsumedQuantity)) AS DOUBLE)
                       AS quantity
            FROM _spans AS a
            JOIN _daily AS d ON d.Source = a.Source AND d.KeyId = a.KeyId
            JOIN _keys AS k ON k.KeyId = a.KeyId
            WHERE (a.SpanUntil IS NULL OR d.ChargeDate < a.SpanUntil)
              AND d.ChargeDate >= a.SpanStart
            GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
            """,
            _sku=exp.func(
                "coalesce",
                *(column(name, "k") for name in ("SkuId", "SkuMeter", "ChargeDescription")),
                text(""),
            ),
            _cost=column(run.basis, "d"),
            _spans=key_spans(attribution.relation, "OwnerKind", "Owner"),
            _daily=table(workspace.daily_quantities(charges)),
            _keys=table(charges.keys),
        )
    )
    columns = [found.column(name).to_pylist() for name in DayCost._fields]
    return tuple(_converted(DayCost(*row), rates, run) for row in zip(*columns, strict=True))


Rates = dict[tuple[str, str], float]
"""By source and currency: what its charges are worth in the reporting currency."""


def _rates(run: Run) -> Rates:
    sums: dict[tuple[str, str], list[Fraction]] = {}
    for part in run.attributed:
        if part.converted is not None:
            own = sums.setdefault((part.source, part.currency), [Fraction(0), Fraction(0)])
            own[0] += part.amounts.of(run.basis)
            own[1] += part.converted.of(run.basis)
    return {at: float(made / billed) for at, (billed, made) in sums.items() if billed}


def _converted(cost: DayCost, rates: Rates, run: Run) -> DayCost:
    rate = rates.get((cost.source, cost.currency))
    if rate is None:
        return cost
    return cost._replace(currency=run.currency, amount=cost.amount * rate)
