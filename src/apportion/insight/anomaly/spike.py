"""All that is known of one spike: what, which job or key, cost so far and by the month's end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from apportion.domain.anomaly_state import AnomalyNote
from apportion.domain.period import Period
from apportion.insight.anomaly.anomalies import Anomalies, Standing
from apportion.insight.month_budgets import month_budgets
from apportion.model.project import Model
from apportion.run.workspace import Workspace
from apportion.store.books.anomalies import read_anomaly_notes


@dataclass(frozen=True)
class Spike:
    """What a summary of a spike says.

    `projected` is the extra cost by the end of the month if it goes on as in its last days;
    the extra so far where it is over. `budget` is the owner's of the month, zero without one.
    """

    standing: Standing
    until: date
    projected: float
    budget: float
    notes: tuple[AnomalyNote, ...]

    @property
    def prevented_by(self) -> tuple[str, ...]:
        """What was set that could have stopped or told it."""
        one = self.standing.anomaly
        if not self.budget:
            return ("no budget was set for this owner", "no limit on this service is known here")
        return (
            f"a budget of {self.budget:,.2f} {one.currency} a month: it tells, and stops nothing",
            "no limit on this service is known here",
        )


def find_spike(workspace: Workspace, model: Model, found: Anomalies, name: str) -> Spike:
    """Gather what is known of the anomaly whose id begins with `name`; raises NotLoaded."""
    standing = found.named(name)
    one = standing.anomaly
    with workspace.books.reading() as connection:
        notes = read_anomaly_notes(connection, standing.note.anomaly if standing.note else one.id)
    until = min(found.until, max(one.last, one.noticed)) if not one.running else found.until
    budgets = month_budgets(workspace.books, model, Period.of(one.noticed))
    budget = budgets.team(one.owner, one.currency)
    return Spike(
        standing, until, _projected(one.by_day, one.extra, until, one.running), budget, notes
    )


def _projected(by_day: Sequence[float], extra: float, until: date, running: bool) -> float:
    """On at the median of the last three days, to the end of the month."""
    if not running:
        return extra
    end = Period.of(until).until - timedelta(days=1)
    return extra + median(by_day[-3:]) * (end - until).days
