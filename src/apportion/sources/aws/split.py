"""Split cost allocation of EKS and ECS: what pods and tasks carry is taken off their instance.

AWS adds a row for each pod and hour beside the row of the instance that it ran
on: with no unblended cost, and with its part of the instance's amortised cost
as split cost and unused cost. Both rows counted, the instance would be paid
twice. So the pods' rows carry their part, and for each instance and hour
charges that look like the instance's own take exactly as much off it again.
The bill's total stays what it was, and what no pod carries stays with the
instance. They are charges of their own, since pods and instance may lie in
different files of a delivery.

Where the instance isn't in the bill, its pods carry nothing.

Source: AWS Data Exports user guide, "Understanding split cost allocation data"
and "Split line item columns".
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from apportion.sources.aws.line_items import LINE_ITEMS
from apportion.sources.completion import DELIVERY, Completion
from apportion.sources.expression import expression
from apportion.store.relation import column, sql, table
from apportion.store.relation import text as literal

PARENT = "x_SplitParentResourceId"

CARRIED = "Carried by pods and tasks (split cost allocation)"
ORPHAN = "Split cost whose instance is not in the bill"

_NO_HOURS = "Bytes|CPUCredits|EBSOptimized"
"""Usage types of an instance that are no hours of it: pods get no part of them."""

_MONEY = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")
_QUANTITIES = ("PricingQuantity", "ConsumedQuantity")


def split_charges(names: Sequence[str]) -> exp.Query:
    """The charges that take pods' cost off their instances, over the columns of the delivery.

    The rows of one instance and hour (part of it covered by a commitment, part
    not) are lowered one after another, the dearest first, none below zero but
    the last, so that the whole is met exactly. Invariant: the charges sum to
    the negative of what the pods' rows carry, on each basis.
    """
    return sql(
        """
        WITH pods AS (
            SELECT PodParent AS Parent, ChargePeriodStart AS Start, BillingCurrency AS Currency,
                   sum(EffectiveCost) AS Effective, sum(coalesce(ListCost, 0)) AS List
            FROM (SELECT d.*, _parent AS PodParent FROM _delivery AS d) AS p
            WHERE PodParent IS NOT NULL
            GROUP BY 1, 2, 3
        ),
        instances AS (
            SELECT d.*, p.Effective, p.List,
                   row_number() OVER one AS Place, count(*) OVER every AS Places,
                   coalesce(sum(d.EffectiveCost) OVER former, 0) AS EffectiveBefore,
                   coalesce(sum(coalesce(d.ListCost, 0)) OVER former, 0) AS ListBefore
            FROM _delivery AS d JOIN pods AS p
              ON d.ResourceId = p.Parent AND d.ChargePeriodStart = p.Start
             AND d.BillingCurrency = p.Currency
            WHERE _parent IS NULL AND d.EffectiveCost >= 0 AND d.x_LineItemType IN (_types)
              AND coalesce(starts_with(d.x_Operation, 'RunInstances'), TRUE)
              AND coalesce(NOT regexp_matches(d.x_UsageType, _no_hours), TRUE)
            WINDOW every AS (
                PARTITION BY d.ResourceId, d.ChargePeriodStart, d.BillingCurrency
            ),
            one AS (
                PARTITION BY d.ResourceId, d.ChargePeriodStart, d.BillingCurrency
                ORDER BY d.EffectiveCost DESC, d.x_LineItemType, d.x_LineItemId
            ),
            former AS (
                PARTITION BY d.ResourceId, d.ChargePeriodStart, d.BillingCurrency
                ORDER BY d.EffectiveCost DESC, d.x_LineItemType, d.x_LineItemId
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            )
        ),
        orphans AS (
            SELECT d.* FROM _delivery AS d
            WHERE _parent IS NOT NULL AND (d.EffectiveCost <> 0 OR d.ListCost <> 0)
              AND NOT EXISTS (
                SELECT 1 FROM instances AS i
                WHERE i.ResourceId = _parent AND i.ChargePeriodStart = d.ChargePeriodStart
                  AND i.BillingCurrency = d.BillingCurrency
              )
        )
        SELECT _carried FROM instances WHERE Effective <> 0 OR List <> 0
        UNION ALL
        SELECT _orphaned FROM orphans
        ORDER BY ResourceId, ChargePeriodStart, x_LineItemType, x_LineItemId
        """,
        _delivery=table(DELIVERY),
        _parent=column(PARENT, "d"),
        _types=[literal(item.type) for item in LINE_ITEMS if item.category == "Usage"],
        _no_hours=literal(_NO_HOURS),
        _carried=_columns(names, CARRIED, _taken("Effective"), _taken("List")),
        _orphaned=_columns(
            names,
            ORPHAN,
            expression("SELECT -EffectiveCost"),
            expression("SELECT -coalesce(ListCost, 0)"),
        ),
    )


def _taken(basis: str) -> exp.Expr:
    """What one row of an instance gives up: all it has, until the pods' part is met."""
    return expression(
        """
        SELECT -CASE WHEN Place < Places THEN least(_own, greatest(_whole - _before, 0))
                     ELSE _whole - greatest(least(_whole, _before), 0) END
        """,
        _own=expression("SELECT coalesce(_cost, 0)", _cost=column(f"{basis}Cost")),
        _whole=column(basis),
        _before=column(f"{basis}Before"),
    )


def _columns(
    names: Sequence[str], description: str, effective: exp.Expr, listed: exp.Expr
) -> list[exp.Expr]:
    """The columns of a charge like another one, with costs and a description of its own."""
    nothing = expression("SELECT CAST(0 AS DECIMAL(38, 18))")
    own = {
        **dict.fromkeys(_MONEY, nothing),
        **dict.fromkeys(_QUANTITIES, expression("SELECT CAST(NULL AS DECIMAL(38, 18))")),
        "EffectiveCost": expression("SELECT CAST(_v AS DECIMAL(38, 18))", _v=effective),
        "ListCost": expression("SELECT CAST(_v AS DECIMAL(38, 18))", _v=listed),
        "ChargeDescription": literal(description),
    }
    return [exp.alias_(own.get(name, column(name)), name, quoted=True) for name in names]


SPLIT = Completion(
    name="split cost allocation",
    needed=PARENT,
    charges=split_charges,
    doubt=ORPHAN,
    code="split-without-instance",
    message="{rows:,} rows of pods or tasks name an instance whose hour is not in the bill: they "
    "carry no cost",
    hint="load all files of the delivery, with resource ids; the bill's total is not touched",
)
