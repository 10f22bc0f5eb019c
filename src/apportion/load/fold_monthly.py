"""Fold daily facts into a monthly roll-up: what each key cost over the billing period."""

from __future__ import annotations

from sqlglot import exp

from apportion.store.relation import sql


def fold_monthly(daily: exp.Table) -> exp.Query:
    """KeyId, its first and last day, Charges, the four sums and the quantities, by key.

    `daily` is what :func:`fold_daily` made. Invariant: the sums over all rows
    are those over `daily`.
    """
    return sql(
        """
        SELECT d.KeyId, min(d.ChargeDate) AS FirstDate, max(d.ChargeDate) AS LastDate,
               CAST(sum(d.Charges) AS BIGINT) AS Charges,
               CAST(sum(d.BilledCost) AS DECIMAL(38, 18)) AS BilledCost,
               CAST(sum(d.EffectiveCost) AS DECIMAL(38, 18)) AS EffectiveCost,
               CAST(sum(d.ListCost) AS DECIMAL(38, 18)) AS ListCost,
               CAST(sum(d.ContractedCost) AS DECIMAL(38, 18)) AS ContractedCost,
               CAST(sum(d.PricingQuantity) AS DECIMAL(38, 18)) AS PricingQuantity,
               CAST(sum(d.ConsumedQuantity) AS DECIMAL(38, 18)) AS ConsumedQuantity
        FROM _daily AS d
        GROUP BY d.KeyId
        ORDER BY d.KeyId
        """,
        _daily=daily,
    )
