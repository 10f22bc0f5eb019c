"""How near an accrual came: accrued beside actual, by source and by team."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from apportion.domain.accrual import Accrual
from apportion.domain.period import Period
from apportion.domain.restatement import View
from apportion.domain.result import Run
from apportion.ledger.estimate import source_sums
from apportion.ledger.views import standing_run
from apportion.run.statement import draw_statements
from apportion.store.books.accruals import read_accruals

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject


@dataclass(frozen=True)
class Nearness:
    """What was accrued of a source or a team (`kind`) and what it came to.

    `actual` is None while the month isn't closed. The difference is
    actual less accrued: the true-up; the percentage is of what was actual.

    >>> found = Nearness("team", "nlp", "USD", Fraction(90), Fraction(100), "", "")
    >>> found.difference, found.percent
    (Fraction(10, 1), Fraction(10, 1))
    """

    kind: str
    name: str
    currency: str
    accrued: Fraction
    actual: Fraction | None
    method: str
    basis: str

    @property
    def difference(self) -> Fraction | None:
        return None if self.actual is None else self.actual - self.accrued

    @property
    def percent(self) -> Fraction | None:
        """Signed: above zero where less was accrued than the month came to."""
        if self.difference is None or not self.actual:
            return None
        return self.difference * 100 / abs(self.actual)


@dataclass(frozen=True)
class Accuracy:
    """The accrual that stands for a month, beside what the month came to."""

    accrual: Accrual
    closed: bool
    rows: tuple[Nearness, ...]

    def total(self, kind: str, currency: str) -> Nearness:
        """All sources, or all teams, of a currency as one."""
        own = [one for one in self.rows if (one.kind, one.currency) == (kind, currency)]
        actual = sum((one.actual or Fraction(0) for one in own), Fraction(0))
        return Nearness(
            kind,
            "total",
            currency,
            sum((one.accrued for one in own), Fraction(0)),
            actual if self.closed else None,
            "",
            "",
        )

    def mean_absolute_percent(self, kind: str, currency: str) -> Fraction | None:
        """The sum of differences without their signs, in percent of what was actual.

        Source: weighted absolute percentage error (WAPE).
        """
        own = [one for one in self.rows if (one.kind, one.currency) == (kind, currency)]
        actual = sum((abs(one.actual or Fraction(0)) for one in own), Fraction(0))
        if not self.closed or not actual:
            return None
        off = sum((abs(one.difference or Fraction(0)) for one in own), Fraction(0))
        return off * 100 / actual


def accrual_accuracy(project: OpenProject, period: Period | None = None) -> tuple[Accuracy, ...]:
    """Accrued beside actual, of a month or of all that were accrued, the oldest first."""
    with project.books.reading() as connection:
        made = read_accruals(connection, period)
    newest = {one.period: one for one in made}
    return tuple(_accuracy(project, one) for _, one in sorted(newest.items()))


def _accuracy(project: OpenProject, accrual: Accrual) -> Accuracy:
    closed = project.books.state(accrual.period).is_closed
    actual: dict[tuple[str, str, str], Fraction] = {}
    if closed:
        run = standing_run(project, accrual.period, View.AS_ISSUED)
        actual = {**dict(_sources(run)), **dict(_teams(run, project.settings.currency))}
    accrued: dict[tuple[str, str, str], Fraction] = defaultdict(Fraction)
    words = {}
    for part in accrual.parts:
        key = part.kind, part.name, part.currency
        accrued[key] += part.amount
        words[key] = part.method, part.basis
    rows = (
        Nearness(
            *key,
            accrued.get(key, Fraction(0)),
            actual.get(key, Fraction(0)) if closed else None,
            *words.get(key, ("", "")),
        )
        for key in sorted({*accrued, *actual})
    )
    return Accuracy(accrual, closed, tuple(rows))


def _sources(run: Run) -> Iterator[tuple[tuple[str, str, str], Fraction]]:
    for source in {part.source for part in run.attributed}:
        for currency, amount in source_sums(run, source).items():
            yield ("source", source, currency), amount


def _teams(run: Run, preferred: str) -> Iterator[tuple[tuple[str, str, str], Fraction]]:
    for statement in draw_statements(run, preferred):
        for team in statement.teams:
            if team.lines:
                yield ("team", team.facts.team, statement.currency), Fraction(team.total)
