"""Notice use that Azure's actual export tells and its amortised one doesn't, or the reverse.

The two tell the same use, each on its own cost basis. Where one of them ends
earlier, or lacks a part, the cost of what is missing is missing on its basis,
and each file by itself is whole. What only one of them can have is left out: what
was bought, refunded, or left unused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from apportion.domain.finding import Finding, Level
from apportion.domain.money import WIDE, plain_text
from apportion.domain.period import Period
from apportion.domain.snapshot import Unit
from apportion.errors import Place
from apportion.load.workbench import Workbench
from apportion.store.lake import Lake
from apportion.store.relation import column, sql, table

_ACTUAL, _AMORTIZED = "BilledCost", "EffectiveCost"
_CALLED = {_ACTUAL: "actual", _AMORTIZED: "amortised"}

Days = dict[tuple[str, date], "Used"]


@dataclass(frozen=True)
class Used:
    """The use of a day in a currency, as one export tells it.

    `plain` counts charges without a commitment, which cost the same in both
    exports: `cost`. `covered` counts those that commitments cover.
    """

    plain: int = 0
    covered: int = 0
    cost: Decimal = Decimal(0)

    def lacks(self, other: Used) -> bool:
        """Whether the other export tells use of the day that isn't here."""
        return self.plain < other.plain or (other.covered > 0 and self.covered == 0)


def find_one_sided(
    bench: Workbench, lake: Lake, period: Period, units: Sequence[Unit]
) -> tuple[Finding, ...]:
    """A warning for each of the two exports that lacks use which the other one tells."""
    sides = {
        basis: [unit for unit in units if basis in unit.bases and other not in unit.bases]
        for basis, other in ((_ACTUAL, _AMORTIZED), (_AMORTIZED, _ACTUAL))
    }
    told = {basis: _days(bench, lake, basis, held) for basis, held in sides.items()}
    return tuple(
        finding
        for lacking, having in ((_AMORTIZED, _ACTUAL), (_ACTUAL, _AMORTIZED))
        for finding in _missing(
            period, lacking, told[lacking], told[having], sides[lacking] or sides[having]
        )
    )


def _days(bench: Workbench, lake: Lake, basis: str, units: Sequence[Unit]) -> Days:
    """What the files of one export tell, by currency and day."""
    if not units:
        return {}
    for role in ("daily", "keys"):
        bench.parquet(
            f"{role} of one side",
            [lake.checked(file) for unit in units for file in unit.files if file.role == role],
        )
    rows = bench.rows(
        sql(
            """
            SELECT k.BillingCurrency AS Currency, d.ChargeDate AS Day,
                   CAST(sum(CASE WHEN k.Covered THEN 0 ELSE d.Charges END) AS BIGINT) AS Plain,
                   CAST(sum(CASE WHEN k.Covered THEN d.Charges ELSE 0 END) AS BIGINT) AS Covered,
                   sum(CASE WHEN NOT k.Covered THEN _cost END) AS Cost
            FROM _daily AS d
            JOIN (
                SELECT DISTINCT KeyId, BillingCurrency,
                       CommitmentDiscountType IS NOT NULL AS Covered
                FROM _keys AS every
                WHERE ChargeCategory = 'Usage'
                  AND coalesce(CommitmentDiscountStatus, '') <> 'Unused'
            ) AS k ON k.KeyId = d.KeyId
            GROUP BY k.BillingCurrency, d.ChargeDate
            """,
            _cost=column(basis, "d"),
            _daily=table("daily of one side"),
            _keys=table("keys of one side"),
        )
    )
    return {
        (row["Currency"], row["Day"]): Used(row["Plain"], row["Covered"], row["Cost"] or Decimal(0))
        for row in rows
    }


def _missing(
    period: Period, lacking: str, here: Days, there: Days, units: Sequence[Unit]
) -> Iterator[Finding]:
    """A finding for each currency in which an export lacks use that the other one tells."""
    for currency in sorted({currency for currency, _ in there}):
        days = {
            day: (here.get((name, day), Used()), used)
            for (name, day), used in sorted(there.items())
            if name == currency and here.get((name, day), Used()).lacks(used)
        }
        if days:
            yield _finding(period, lacking, currency, days, units[0].input)


def _finding(
    period: Period,
    lacking: str,
    currency: str,
    days: dict[date, tuple[Used, Used]],
    file: str,
) -> Finding:
    having = _ACTUAL if lacking == _AMORTIZED else _AMORTIZED
    cost = Decimal(0)
    for here, there in days.values():
        cost = WIDE.add(cost, WIDE.subtract(there.cost, here.cost))
    plain = sum(there.plain - here.plain for here, there in days.values())
    covered = sum(max(0, there.covered - here.covered) for here, there in days.values())
    return Finding(
        "exports-differ",
        Level.WARNING,
        f"the {_CALLED[lacking]} export of {period} lacks use of {_told(sorted(days))} that the "
        f"{_CALLED[having]} one has: {_counted(plain, covered)}. "
        f"{_lost(lacking, f'{plain_text(cost)} {currency}' if plain else '', covered)} is missing",
        Place(file),
        f"export {_CALLED[lacking]} cost anew for the same days and load again, or accept it by "
        "`apportion acknowledge`",
        plain + covered,
    )


def _told(days: Sequence[date]) -> str:
    """2026-10-31, or 2 days from 2026-10-30 to 2026-10-31."""
    if len(days) == 1:
        return str(days[0])
    return f"{len(days)} days from {days[0]} to {days[-1]}"


def _counted(plain: int, covered: int) -> str:
    parts = []
    if plain:
        parts.append(f"{plain:,} charge{'' if plain == 1 else 's'}")
    if covered:
        parts.append(f"{covered:,} charge{'' if covered == 1 else 's'} that commitments cover")
    return " and ".join(parts)


def _lost(lacking: str, cost: str, covered: int) -> str:
    """What is missing; the cost of covered use stands in the amortised export alone."""
    if not covered or lacking == _ACTUAL:
        return f"{lacking} of {cost or '0'}"
    return f"{lacking} of {cost}, and what the covered ones cost," if cost else "What they cost"
