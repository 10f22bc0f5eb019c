"""Two versions of a budget, line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from apportion.domain.budget import BudgetDocument, BudgetLine, BudgetOwner
from apportion.domain.period import Period
from apportion.errors import UsageError

Version = tuple[BudgetDocument, Sequence[BudgetLine]]


@dataclass(frozen=True)
class BudgetDifference:
    """What an owner has in a month by both versions, in minor units; nothing counts as zero."""

    owner: BudgetOwner
    month: Period
    allowance: bool
    old: int
    new: int


def compare_budgets(old: Version, new: Version) -> tuple[BudgetDifference, ...]:
    """Lines that differ between two versions; raises UsageError for two currencies."""
    if old[0].currency != new[0].currency:
        raise UsageError(
            f"one version is in {old[0].currency}, the other in {new[0].currency}",
            hint="compare versions of one currency",
        )
    before, after = (
        {(line.owner, line.month, line.allowance): line.units for line in lines}
        for _, lines in (old, new)
    )
    return tuple(
        BudgetDifference(*key, before.get(key, 0), after.get(key, 0))
        for key in sorted(before.keys() | after.keys())
        if before.get(key, 0) != after.get(key, 0)
    )
