"""Notice two files that tell the same charges: both would count, and double the bill.

They are a restatement beside its original, exports whose days overlap, or one
month by hours and by days.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from apportion.domain.finding import Finding, Level
from apportion.domain.snapshot import LakeFile, Unit
from apportion.errors import Place
from apportion.load.workbench import Workbench
from apportion.store.lake import Lake
from apportion.store.relation import number, sql, table

SHARE = Fraction(1, 2)
"""Two files that have more than this share of the smaller one in common are reported."""


def find_overlaps(bench: Workbench, lake: Lake, units: Sequence[Unit]) -> tuple[Finding, ...]:
    """A warning for each two files of one period that seem to tell the same charges.

    Two files share a day of a key when both have charges of it on that day, and
    as many or at the same cost: a day's 24 hours are one row in a report by days.
    Parts of one bill, which tell different charges of one key, rarely do so for
    most of their keys and days. Files that have no cost basis in common tell
    different costs of the same charges, and nothing counts twice.
    """
    if len(units) < 2:
        return ()
    for position, unit in enumerate(units):
        bench.parquet(f"part{position}", [lake.checked(_daily(unit))])
    parts = [
        sql(
            "SELECT _n AS Part, KeyId, ChargeDate, Charges, BilledCost, EffectiveCost FROM _part",
            _n=number(position),
            _part=table(f"part{position}"),
        )
        for position in range(len(units))
    ]
    whole = parts[0]
    for part in parts[1:]:
        whole = whole.union(part, distinct=False)
    found = bench.rows(
        sql(
            """
            SELECT a.Part AS A, b.Part AS B, count(*) AS Days
            FROM _parts AS a JOIN _parts AS b
              ON a.KeyId = b.KeyId AND a.ChargeDate = b.ChargeDate AND a.Part < b.Part
             AND (a.Charges = b.Charges
                  OR a.BilledCost = b.BilledCost AND a.BilledCost <> 0
                  OR a.EffectiveCost = b.EffectiveCost AND a.EffectiveCost <> 0)
            GROUP BY a.Part, b.Part ORDER BY a.Part, b.Part
            """,
            _parts=whole,
        )
    )
    return tuple(
        _finding(units[row["A"]], units[row["B"]], row["Days"])
        for row in found
        if row["Days"] > SHARE * _days(units[row["A"]], units[row["B"]])
        and set(units[row["A"]].bases) & set(units[row["B"]].bases)
    )


def _days(one: Unit, other: Unit) -> int:
    return min(_daily(one).rows, _daily(other).rows)


def _daily(unit: Unit) -> LakeFile:
    return next(file for file in unit.files if file.role == "daily")


def _finding(one: Unit, other: Unit, days: int) -> Finding:
    return Finding(
        "overlapping-files",
        Level.WARNING,
        f"{one.input} and {other.input} tell the same charges of {one.period}: "
        f"{Fraction(100 * days, _days(one, other)).__floor__()} % of the smaller one. Both count",
        Place(other.input),
        hint="remove one of the two and load again, or accept that both count by "
        "`apportion acknowledge`",
    )
