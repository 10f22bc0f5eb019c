"""The true-up: what a month came to less what was accrued of it, assignment by assignment.

An accrued month's estimate is taken back on day one of the next period, and its actual cost is
posted there, too: what both make together is the true-up. The month itself keeps the estimate.

Source: accrual accounting, reversing entries (Kieso, Intermediate Accounting, ch. 3).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from apportion.domain.journal import Assignment, DocumentKind, JournalDocument
from apportion.domain.period import Period
from apportion.store.books.accruals import read_accruals

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject


@dataclass(frozen=True)
class TrueUp:
    """What was accrued on one assignment and what it came to, in minor units, debits above zero."""

    entity: str
    currency: str
    at: Assignment
    accrued: int
    actual: int

    @property
    def difference(self) -> int:
        return self.actual - self.accrued


def as_posted(
    project: OpenProject, period: Period, documents: tuple[JournalDocument, ...]
) -> tuple[JournalDocument, ...]:
    """A month's actual documents: of an accrued one on the day on which its estimate goes."""
    with project.books.reading() as connection:
        accrued = bool(read_accruals(connection, period))
    if not accrued:
        return documents
    return tuple(replace(one, posted_on=period.until) for one in documents)


def standing_accrual(project: OpenProject, period: Period) -> tuple[JournalDocument, ...]:
    """The documents of the estimate that stands for a month; those before were taken back."""
    with project.books.reading() as connection:
        made = read_accruals(connection, period)
    if not made:
        return ()
    return tuple(
        one
        for one in project.books.journal(period)
        if one.kind is DocumentKind.ACCRUAL and one.run == made[-1].id
    )


def true_ups(project: OpenProject, period: Period) -> tuple[TrueUp, ...]:
    """Actual less accrued of a month, once it is closed; none where nothing was accrued."""
    estimate = standing_accrual(project, period)
    if not estimate or not project.books.state(period).is_closed:
        return ()
    actual = [one for one in project.books.journal(period) if one.kind is DocumentKind.CHARGEBACK]
    before, now = _sums(estimate), _sums(actual)
    return tuple(
        TrueUp(*key, before.get(key, 0), now.get(key, 0)) for key in sorted({*before, *now})
    )


def _sums(documents: Iterable[JournalDocument]) -> Mapping[tuple[str, str, Assignment], int]:
    found: dict[tuple[str, str, Assignment], int] = defaultdict(int)
    for one in documents:
        for line in one.lines:
            found[one.entity, one.currency, line.at] += line.signed
    return found
