"""Fold charges into daily facts: what each key cost on each day."""

from __future__ import annotations

from sqlglot import exp

from apportion.load.key_shape import KeyShape
from apportion.store.relation import sql


def fold_daily(
    charges: exp.Table,
    keys: exp.Table,
    shape: KeyShape,
    helper: exp.Expr | None = None,
) -> exp.Query:
    """KeyId, ChargeDate, Charges and the four sums, in the order of key and day.

    `keys` is what :func:`fold_keys` made with the same helper. An amount that
    the input doesn't have counts as zero. Invariant: the sums over all rows are
    those over `charges`, and Charges sums to their number.
    """
    return sql(
        """
        SELECT k.KeyId, f.ChargeDate, f.Charges,
               f.BilledCost, f.EffectiveCost, f.ListCost, f.ContractedCost
        FROM (
            SELECT _helper AS Helper,
                   CAST(c.ChargePeriodStart AS DATE) AS ChargeDate,
                   count(*) AS Charges,
                   CAST(sum(coalesce(c.BilledCost, _zero)) AS DECIMAL(38, 18)) AS BilledCost,
                   CAST(sum(coalesce(c.EffectiveCost, _zero)) AS DECIMAL(38, 18)) AS EffectiveCost,
                   CAST(sum(coalesce(c.ListCost, _zero)) AS DECIMAL(38, 18)) AS ListCost,
                   CAST(sum(coalesce(c.ContractedCost, _zero)) AS DECIMAL(38, 18))
                       AS ContractedCost
            FROM _charges AS c
            GROUP BY 1, 2
        ) AS f
        JOIN _keys AS k ON k.Helper = f.Helper
        ORDER BY k.KeyId, f.ChargeDate
        """,
        _helper=helper if helper is not None else shape.digest(),
        _zero=exp.cast(exp.Literal.number(0), "DECIMAL(38, 18)"),
        _charges=charges,
        _keys=keys,
    )
