"""What a relation of charges adds up to, so that each pass can show that it lost nothing."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from sqlglot import exp

from apportion.domain.charge import COSTS
from apportion.domain.money import PRECISION, SCALE
from apportion.errors import ProofError
from apportion.store.engine import Engine
from apportion.store.relation import column, sql, table

MONEY = exp.DataType.build(f"DECIMAL({PRECISION}, {SCALE})")

Totals = Mapping[str, tuple[int | Decimal, ...]]
"""By source: how many charges, and the four costs."""


def sums(of: str | None = None) -> list[exp.Expr]:
    """Charges and the four costs, summed exactly, under their own names."""
    charges = exp.cast(exp.Sum(this=column("Charges", of)), exp.DataType.Type.BIGINT)
    return [
        exp.alias_(charges, "Charges", quoted=True),
        *(
            exp.alias_(exp.cast(exp.Sum(this=column(cost, of)), MONEY.copy()), cost, quoted=True)
            for cost in COSTS
        ),
    ]


def totals(engine: Engine, relation: str) -> Totals:
    """The totals of a relation's charges, source by source."""
    found = engine.fetch(
        sql(
            "SELECT Source, _sums FROM _charges AS c GROUP BY Source",
            _charges=table(relation),
            _sums=sums("c"),
        )
    )
    return {
        row["Source"]: (row["Charges"], *(row[cost] for cost in COSTS)) for row in found.to_pylist()
    }


def same(before: Totals, after: Totals, passed: str) -> None:
    """Raise ProofError unless a pass gave out exactly the charges and costs that went in."""
    if before == after:
        return
    changed = [
        f"{source}: {before.get(source)} in, {after.get(source)} out"
        for source in sorted({*before, *after})
        if before.get(source) != after.get(source)
    ]
    raise ProofError(
        f"{passed} gave out other charges than it was given",
        why="; ".join(changed),
        hint="this is a fault of apportion, or of the lake: please report it with the model",
    )
