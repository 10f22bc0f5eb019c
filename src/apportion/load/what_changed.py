"""What a restated period moves: by service and account, in money."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from sqlglot import exp

from apportion.domain.charge import COSTS
from apportion.domain.snapshot import LakeFile, Snapshot, Unit
from apportion.load.report import Moved
from apportion.load.workbench import Workbench
from apportion.store.lake import Lake
from apportion.store.relation import column, number, sql, table


def what_changed(
    bench: Workbench, lake: Lake, former: Snapshot, new: Snapshot
) -> tuple[Moved, ...]:
    """Services and accounts whose cost isn't what it was, the largest movement first.

    On billed cost where both carry it, else on effective cost. The movements of
    a currency sum to its change.
    """
    sides = list(_sides(bench, lake, former, new))
    basis = _basis(former, new)
    if not sides or basis is None:
        return ()
    whole = sides[0]
    for side in sides[1:]:
        whole = exp.union(whole, side, distinct=False)
    rows = bench.rows(
        sql(
            """
            SELECT Currency, Service, Account, sum(Sign * _cost) AS Amount
            FROM _sides AS s GROUP BY 1, 2, 3 HAVING sum(Sign * _cost) <> 0
            ORDER BY abs(sum(Sign * _cost)) DESC, 1, 2, 3
            """,
            _sides=whole,
            _cost=column(basis, "s"),
        )
    )
    return tuple(
        Moved(row["Currency"], basis, row["Service"], row["Account"], Decimal(row["Amount"]))
        for row in rows
    )


def _basis(former: Snapshot, new: Snapshot) -> str | None:
    """The first basis that some file of either side carries."""
    carried = [{basis for unit in side.units for basis in unit.bases} for side in (former, new)]
    common = set.intersection(*carried) if all(carried) else set.union(*carried)
    return next((basis for basis in COSTS if basis in common), None)


def _sides(bench: Workbench, lake: Lake, former: Snapshot, new: Snapshot) -> Iterator[exp.Query]:
    """The cost of each unit that only one of the two has, by service and account."""
    both = {unit.id for unit in former.units} & {unit.id for unit in new.units}
    for sign, snapshot in ((-1, former), (1, new)):
        for unit in snapshot.units:
            if unit.id not in both:
                yield _side(bench, lake, unit, sign)


def _side(bench: Workbench, lake: Lake, unit: Unit, sign: int) -> exp.Query:
    keys, monthly = f"keys {sign} {unit.id}", f"monthly {sign} {unit.id}"
    bench.parquet(keys, [lake.checked(_file(unit, "keys"))])
    bench.parquet(monthly, [lake.checked(_file(unit, "monthly"))])
    return sql(
        """
        SELECT CAST(_sign AS INTEGER) AS Sign, k.BillingCurrency AS Currency,
               coalesce(k.ServiceName, '') AS Service, coalesce(k.SubAccountId, '') AS Account,
               m.BilledCost AS BilledCost, m.EffectiveCost AS EffectiveCost,
               m.ListCost AS ListCost, m.ContractedCost AS ContractedCost
        FROM _monthly AS m JOIN _keys AS k ON k.KeyId = m.KeyId
        """,
        _sign=number(sign),
        _monthly=table(monthly),
        _keys=table(keys),
    )


def _file(unit: Unit, role: str) -> LakeFile:
    return next(file for file in unit.files if file.role == role)
