"""What an owner may still give away of what it carries: of a line, or in all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from apportion.domain.adjustment import Adjustment, AdjustmentState
from apportion.domain.money import from_units, minor_digits, to_units
from apportion.domain.owner import UNALLOCATED, OwnerKind
from apportion.domain.period import Period
from apportion.domain.restatement import View
from apportion.domain.result import Run
from apportion.errors import UsageError
from apportion.ledger.views import restatements_of, standing_run
from apportion.run.saved import latest_run
from apportion.run.statement import Statement
from apportion.store.books.adjustments import read_adjustments

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject


def run_as_it_stands(project: OpenProject, period: Period) -> tuple[Run, str]:
    """The run by which owners carry their cost now, and in words which one it is.

    Of a closed month the one as restated, where it was corrected since; of an open one the
    newest.
    """
    if not project.books.state(period).is_closed:
        return latest_run(project.books, period), "by the newest run"
    told = "as restated" if restatements_of(project, period) else "as issued"
    return standing_run(project, period, View.AS_RESTATED), told


@dataclass(frozen=True)
class Room:
    """What an owner carries of a line (or in all) in minor units, and what is `taken` of it.

    `stands` tells of which amount that is: as issued, as restated, by the newest run.

    >>> room = Room("line l1", "USD", held=100_00, taken=60_00, stands="as restated")
    >>> room.left, room.takes(40_00), room.takes(41_00), room.takes(-1_00)
    (4000, True, False, False)
    >>> room.told
    'line l1 is 100.00 USD as restated, less 60.00 in other adjustments'
    """

    what: str
    currency: str
    held: int
    taken: int
    stands: str

    @property
    def left(self) -> int:
        return self.held - self.taken

    @property
    def told(self) -> str:
        digits = minor_digits(self.currency)
        less = f", less {from_units(self.taken, digits)} in other adjustments" if self.taken else ""
        held = f"{from_units(self.held, digits)} {self.currency}"
        return f"{self.what} is {held} {self.stands}{less}"

    def takes(self, units: int) -> bool:
        """Whether so much may go: with the sign of what is carried, and not more than is left."""
        left = self.left
        return units * self.held >= 0 and units * left >= 0 and abs(units) <= abs(left)


def check_room(
    connection: Connection,
    made: Adjustment,
    statement: Statement | None,
    stands: str,
    *,
    applying: bool = False,
) -> None:
    """Refuse to give away more than the giver carries; raises UsageError, naming the amount.

    What others take counts: proposed, approved or applied. When one is `applying`, only what
    is applied does, so that two which no longer fit together don't keep each other back.
    """
    if not made.units:
        raise UsageError("an adjustment of nothing", hint="say how much with --amount")
    if made.beyond:
        return
    counted = [
        one
        for one in read_adjustments(connection, made.period)
        if one.id != made.id
        and one.currency == made.currency
        and (one.state is AdjustmentState.APPLIED if applying else one.state.counts)
    ]
    for room in _rooms(made, statement, stands, counted):
        if not room.takes(made.units):
            left = from_units(room.left, minor_digits(made.currency))
            raise UsageError(
                f"{room.what} has {left} {made.currency} to give, and {made.amount} is asked for",
                why=f"an adjustment moves at most what its owner carries: {room.told}",
                hint="ask for less, or say --beyond for whoever approves it",
            )


def _rooms(
    made: Adjustment, statement: Statement | None, stands: str, counted: Sequence[Adjustment]
) -> Iterable[Room]:
    whole = replace(made, line="")
    of_giver = [one for one in counted if one.giver == made.giver]
    if made.line:
        taken = sum(one.units for one in counted if one.line == made.line)
        held = _units(statement, made)
        yield Room(f"line {made.line}", made.currency, held, taken, stands)
    if not made.line or any(not one.line for one in of_giver):
        # what went of the total may have been this very line
        taken = sum(one.units for one in of_giver)
        yield Room(str(made.giver), made.currency, _units(statement, whole), taken, stands)


def room_of_line(
    connection: Connection, period: Period, line: str, currency: str, held: int, stands: str
) -> Room:
    """What is left of a line to dispute, beside the adjustments of it."""
    taken = sum(
        one.units
        for one in read_adjustments(connection, period)
        if one.line == line and one.currency == currency and one.state.counts
    )
    return Room(f"line {line}", currency, held, taken, stands)


def _units(statement: Statement | None, made: Adjustment) -> int:
    carried = carried_by(statement, made) if statement else Decimal(0)
    return to_units(Fraction(carried), minor_digits(made.currency))


def carried_by(statement: Statement, made: Adjustment) -> Decimal:
    """What the giver carries in the line, or in all of its lines."""
    nothing = Decimal(0)
    if made.giver.kind is OwnerKind.TEAM:
        own = next((t for t in statement.teams if t.facts.team == made.giver.name), None)
        lines = own.lines if own else ()
        total = own.total if own else nothing
    elif made.giver == UNALLOCATED:
        lines, total = statement.unallocated_lines, statement.unallocated
    else:
        lines = tuple(one for one in statement.kept_lines if one.pool == made.giver.name)
        total = sum((one.amount for one in lines), nothing)
    if not made.line:
        return total
    return next((one.amount for one in lines if one.id == made.line), nothing)
