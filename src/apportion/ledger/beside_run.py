"""What stands beside a month's run: applied adjustments, and disputes on which nobody decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from apportion.domain.adjustment import Adjustment, AdjustmentState
from apportion.domain.dispute import Dispute, Hold
from apportion.domain.finding import Finding, Level
from apportion.domain.money import from_units, minor_digits, to_units
from apportion.domain.owner import OwnerKind
from apportion.domain.period import Period
from apportion.domain.result import Run
from apportion.errors import PeriodClosed
from apportion.ledger.draw_journal import Journal
from apportion.ledger.draw_moves import MoveDesk
from apportion.store.books.adjustments import read_adjustments
from apportion.store.books.disputes import undecided

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject


@dataclass(frozen=True)
class Beside:
    """The adjustments that a close books with the month, and its undecided disputes."""

    adjustments: tuple[Adjustment, ...]
    disputes: tuple[Dispute, ...]

    @property
    def what(self) -> tuple[tuple[str, int], ...]:
        """By which a close sees that something was decided since it looked."""
        return (
            *(("adjustment", one.id) for one in self.adjustments),
            *(("dispute", one.id) for one in self.disputes),
        )


def beside_run(connection: Connection, period: Period) -> Beside:
    """What stands beside the run of an open month."""
    applied = tuple(
        one
        for one in read_adjustments(connection, period)
        if one.state is AdjustmentState.APPLIED and one.into == str(period)
    )
    return Beside(applied, undecided(connection, period))


def check_same(connection: Connection, period: Period, seen: Beside) -> None:
    """Raise PeriodClosed where somebody decided since a close looked, within its transaction."""
    if beside_run(connection, period).what != seen.what:
        raise PeriodClosed(
            f"{period} isn't closed: a dispute or an adjustment of it was decided meanwhile",
            hint="look at it, and close again",
        )


def draw_beside(project: OpenProject, run: Run, found: Beside) -> Journal:
    """The documents that a close books beside the run's own journal."""
    terms = project.settings.disputes
    if not found.adjustments and not (found.disputes and terms.hold is Hold.SUSPENSE):
        return Journal(())
    desk = MoveDesk.of(run, project.model, project.settings.currency, run.period)
    moved = desk.adjustments(found.adjustments)
    if terms.hold is not Hold.SUSPENSE:
        return moved
    held = desk.suspense(found.disputes, terms)
    return Journal((*moved.documents, *held.documents), (*moved.findings, *held.findings))


def standing_against(project: OpenProject, period: Period) -> tuple[Finding, ...]:
    """What disputes of a month say against closing it: each on which nobody has decided.

    A warning where the policy is that the charge stands meanwhile, else an error: who accepts
    it closes the month with the disputed amount in suspense. Of adjustments that aren't applied
    yet a warning: they will be booked in the next open month.
    """
    with project.books.reading() as connection:
        found = undecided(connection, period)
        waiting = [one for one in read_adjustments(connection, period) if one.state.is_pending]
    return (*_standing(project, found), *map(_waiting, waiting))


def _waiting(one: Adjustment) -> Finding:
    return Finding(
        "adjustment-waiting",
        Level.WARNING,
        f"adjustment {one.id} ({one.amount} {one.currency} from {one.giver} to {one.taker}) is "
        f"{one.state}: after a close it is booked in the next month",
        hint=f"decide and apply it first, if it belongs here: `apportion adjust show {one.id}`",
    )


def _standing(project: OpenProject, found: tuple[Dispute, ...]) -> Iterator[Finding]:
    stands = project.settings.disputes.hold is Hold.STANDS
    for one in found:
        yield Finding(
            "dispute-open",
            Level.WARNING if stands else Level.ERROR,
            f"dispute {one.id} of team {one.team}: {one.title}, {one.amount} {one.currency}, "
            f"is to be decided by {one.decide_by}",
            hint=f"decide it: `apportion dispute decide {one.id}`"
            + ("" if stands else "; or accept it, and the amount waits in suspense"),
        )


def beyond_lines(project: OpenProject, run: Run, found: Beside) -> Iterator[Finding]:
    """Adjustments of which the line has shrunk since, or gone: they would move more than it."""
    desk = MoveDesk.of(run, project.model, project.settings.currency, run.period)
    for one in found.adjustments:
        if not one.line or one.beyond or one.giver.kind is not OwnerKind.TEAM:
            continue
        digits = minor_digits(one.currency)
        line = desk.line(one.currency, one.line)
        carried = to_units(Fraction(line.amount), digits) if line else 0
        taken = sum(other.units for other in found.adjustments if other.line == one.line)
        if abs(taken) > abs(carried) or taken * carried < 0:
            yield Finding(
                "adjustment-beyond-line",
                Level.ERROR,
                f"adjustment {one.id} moves {one.amount} {one.currency}, and its line is "
                f"{from_units(carried, digits)} now",
                hint=f"take it back (`apportion adjust supersede {one.id}`), propose what is right",
            )
