"""Up to which day of a month each source's bills are loaded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from apportion.domain.period import Period
from apportion.store.relation import sql, table

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject


@dataclass(frozen=True)
class Covered:
    """A source's bill covers a month from its first day to the last that it charges.

    A day without a charge in between counts: nothing was used on it. `final` says that the
    month won't be restated any more, so that nothing is to be added.

    >>> found = Covered(date(2026, 10, 10), 10, 31, False)
    >>> found.factor, found.is_whole
    (Fraction(31, 10), False)
    """

    last: date
    days: int
    of: int
    final: bool

    @property
    def is_whole(self) -> bool:
        return self.final or self.days >= self.of

    @property
    def factor(self) -> Fraction:
        """Days of the month ÷ days that are covered."""
        return Fraction(self.of, self.days)

    @property
    def why(self) -> str:
        return "declared final" if self.final else "the month is covered"


def covered_days(project: OpenProject, period: Period) -> dict[str, Covered]:
    """By source, the days of a month that its current bills cover."""
    workspace = project.workspace
    charges = workspace.charges([period])
    found = workspace.engine.fetch(
        sql(
            "SELECT m.Source, max(m.LastDate) AS LastDate FROM _m AS m GROUP BY m.Source",
            _m=table(charges.monthly),
        )
    )
    final = {one.source for one in project.books.declared_final() if one.period == period}
    final |= {
        name
        for name, spec in project.settings.sources.items()
        if spec.final_until and str(period) <= spec.final_until
    }
    made = {}
    for row in found.to_pylist():
        last = min(max(row["LastDate"], period.start), period.until - timedelta(days=1))
        days = (last - period.start).days + 1
        made[row["Source"]] = Covered(last, days, period.span.days, row["Source"] in final)
    return made
