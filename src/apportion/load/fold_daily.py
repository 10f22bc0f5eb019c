"""Fold charges into daily facts: what each key cost on each day."""

from __future__ import annotations

from sqlglot import exp

from apportion.domain.charge import QUANTITIES
from apportion.load.key_shape import KeyShape
from apportion.store.relation import column, sql


def fold_daily(
    charges: exp.Table,
    keys: exp.Table,
    shape: KeyShape,
    helper: exp.Expr | None = None,
) -> exp.Query:
    """KeyId, ChargeDate, Charges, the four sums and the quantities, in the order of key and day.

    `keys` is what :func:`fold_keys` made with the same helper. An amount that
    the input doesn't have counts as zero. Quantities are NULL where no charge has
    one; all charges of a key have one unit. Invariant: the sums over all rows are
    those over `charges`, and Charges sums to their number.
    """
    return sql(
        """
        SELECT k.KeyId, f.ChargeDate, f.Charges,
               f.BilledCost, f.EffectiveCost, f.ListCost, f.ContractedCost,
               f.PricingQuantity, f.ConsumedQuantity
        FROM (
            SELECT _helper AS Helper,
                   CAST(c.ChargePeriodStart AS DATE) AS ChargeDate,
                   count(*) AS Charges,
                   CAST(sum(coalesce(c.BilledCost, _zero)) AS DECIMAL(38, 18)) AS BilledCost,
                   CAST(sum(coalesce(c.EffectiveCost, _zero)) AS DECIMAL(38, 18)) AS EffectiveCost,
                   CAST(sum(coalesce(c.ListCost, _zero)) AS DECIMAL(38, 18)) AS ListCost,
                   CAST(sum(coalesce(c.ContractedCost, _zero)) AS DECIMAL(38, 18))
                       AS ContractedCost,
                   _quantities
            FROM _charges AS c
            GROUP BY 1, 2
        ) AS f
        JOIN _keys AS k ON k.Helper = f.Helper
        ORDER BY k.KeyId, f.ChargeDate
        """,
        _helper=helper if helper is not None else shape.digest(),
        _zero=exp.cast(exp.Literal.number(0), "DECIMAL(38, 18)"),
        _quantities=[_quantity(name, shape) for name in QUANTITIES],
        _charges=charges,
        _keys=keys,
    )


def _quantity(name: str, shape: KeyShape) -> exp.Expr:
    amount = column(name, "c") if name in shape.present else exp.null()
    total = exp.Sum(this=exp.cast(amount, "DECIMAL(38, 18)"))
    return exp.alias_(exp.cast(total, "DECIMAL(38, 18)"), name, quoted=True)
