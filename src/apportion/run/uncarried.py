"""Money that a statement can't show, because the bill doesn't say it on that cost basis."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from apportion.domain.charge import COSTS
from apportion.domain.finding import Finding, Level
from apportion.domain.money import WIDE
from apportion.domain.snapshot import Snapshot, Unit
from apportion.errors import Place


@dataclass(frozen=True)
class Uncarried:
    """A file of a source that doesn't carry a cost basis, and what it bills on another."""

    source: str
    file: str
    currency: str
    basis: str
    other: str
    amount: Decimal

    def finding(self) -> Finding:
        amount = f"{self.amount.normalize(WIDE):,f} {self.currency}"
        return Finding(
            "basis-not-carried",
            Level.WARNING,
            f"source {self.source} carries no {self.basis} here: {self.other} of {amount} "
            f"is missing in every statement on {self.basis}",
            Place(self.file),
            f"load an export that has {self.basis}, or show another basis "
            "(`basis:` in apportion.yaml, `--basis`)",
        )


def uncarried(snapshots: Iterable[Snapshot], basis: str) -> Iterator[Uncarried]:
    """The files of some snapshots that carry money, but not on this basis."""
    for snapshot in snapshots:
        for unit in snapshot.units:
            if basis in unit.bases or is_completed(unit, snapshot, basis):
                continue
            for totals in unit.totals:
                known = [name for name in COSTS if totals.loaded.get(name)]
                if known:
                    amount = totals.loaded[known[0]]
                    yield Uncarried(
                        snapshot.source, unit.input, totals.currency, basis, known[0], amount
                    )


def is_completed(unit: Unit, snapshot: Snapshot, basis: str) -> bool:
    """Whether another export of the same charges carries what this one doesn't.

    Azure's exports of actual and of amortised cost are such a pair: they have no basis in common.
    """
    return any(
        basis in other.bases and set(other.bases).isdisjoint(unit.bases) for other in snapshot.units
    )
