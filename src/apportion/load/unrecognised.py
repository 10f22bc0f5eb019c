"""Tell of AI cost that no pattern recognises: an amount to see, never a guess."""

from __future__ import annotations

from apportion.domain.cost_class import CostClass
from apportion.domain.finding import Finding, Level
from apportion.errors import Place
from apportion.load.fold import KEYS, MONTHLY
from apportion.load.workbench import Workbench
from apportion.store.relation import sql, table
from apportion.store.relation import text as literal


def unrecognised(bench: Workbench, file: str) -> tuple[Finding, ...]:
    """A warning for each currency with such cost in what was just folded, the dearest named."""
    query = sql(
        """
        SELECT k.BillingCurrency AS Currency, CAST(sum(m.Charges) AS BIGINT) AS Charges,
               CAST(sum(m.EffectiveCost) AS VARCHAR) AS Cost,
               max_by(concat_ws(': ', k.ServiceName, coalesce(k.SkuMeter, k.ChargeDescription)),
                      abs(m.EffectiveCost)) AS Example
        FROM _keys AS k JOIN _monthly AS m ON m.KeyId = k.KeyId
        WHERE k.x_CostClass = _unknown
        GROUP BY k.BillingCurrency ORDER BY k.BillingCurrency
        """,
        _keys=table(KEYS),
        _monthly=table(MONTHLY),
        _unknown=literal(CostClass.AI_NOT_RECOGNISED),
    )
    return tuple(
        Finding(
            "ai-not-recognised",
            Level.WARNING,
            f"AI cost of {_plain(row['Cost'])} {row['Currency']} is by no pattern that is known, "
            f"say {row['Example'][:80]!r}",
            Place(file),
            "add a pattern under `classes` in the model, so that its unit price can be told",
            row["Charges"],
        )
        for row in bench.rows(query)
    )


def _plain(amount: str) -> str:
    return amount.rstrip("0").rstrip(".") or "0"
