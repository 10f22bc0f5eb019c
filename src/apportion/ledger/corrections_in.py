"""Corrections of closed months that an open month carries, each naming the month that it is of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from apportion.domain.journal import DocumentKind
from apportion.domain.period import Period
from apportion.domain.result import Run

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject

CHARGE_CLASS = "Correction"
"""What FOCUS calls it: a charge that corrects one of a billing period that was invoiced before."""


@dataclass(frozen=True)
class CorrectionLine:
    """What a correction moves on one cost centre; `teams` are those that it is of.

    It is booked in `period` and no part of what that month itself came to.

    Source: FOCUS 1.2, ChargeClass.
    """

    period: Period
    original: str
    document: str
    currency: str
    cost_center: str
    teams: tuple[str, ...]
    amount: Decimal


def corrections_in(project: OpenProject, period: Period, run: Run) -> tuple[CorrectionLine, ...]:
    """The corrections that a month carries, by document and cost centre of a team."""
    teams: dict[str, list[str]] = defaultdict(list)
    for facts in run.teams:
        if facts.cost_center:
            teams[facts.cost_center].append(facts.team)
    return tuple(_lines(project, period, teams))


def _lines(
    project: OpenProject, period: Period, teams: dict[str, list[str]]
) -> Iterator[CorrectionLine]:
    for document in project.books.journal(period):
        if document.kind is not DocumentKind.CORRECTION:
            continue
        sums: dict[str, int] = defaultdict(int)
        for line in document.lines:
            if line.at.cost_center in teams:
                sums[line.at.cost_center] += line.signed
        for center, units in sorted(sums.items()):
            if units:
                yield CorrectionLine(
                    period,
                    document.original,
                    document.id,
                    document.currency,
                    center,
                    tuple(sorted(teams[center])),
                    document.amount(units),
                )
