"""What a statement is: all teams of a period in one currency, rounded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from apportion.domain.mode import Mode
from apportion.domain.rate import Rate
from apportion.domain.result import LineKind, TeamFacts
from apportion.errors import NotLoaded
from apportion.run.in_one_currency import Original


@dataclass(frozen=True)
class StatementLine:
    """A rounded line; `share` is the exact fraction of the pool that a shared line stands for.

    A converted line has the originals that it was converted from. `mode` is shadow,
    showback or chargeback. `note` is what the method has to say of the line.
    """

    id: str
    kind: LineKind
    pool: str
    service: str
    amount: Decimal
    share: Fraction | None = None
    originals: tuple[Original, ...] = ()
    mode: str = ""
    note: str = ""

    @property
    def title(self) -> str:
        """What the line is, in words."""
        if not self.pool:
            return self.service or "(no service named)"
        return f"{_OF_POOL.get(self.kind, 'share of')} {self.pool}"


_OF_POOL = {
    LineKind.IDLE: "unused part of",
    LineKind.LOST: "lost use of",
    LineKind.UNALLOCATED: "used by nobody known:",
    LineKind.VARIANCE: "variance of",
    LineKind.KEPT: "kept in pool",
}


def main_mode(modes: Iterable[str]) -> str:
    """The greatest of some modes.

    >>> main_mode(["showback", "chargeback", "shadow"])
    'chargeback'
    """
    order = [str(mode) for mode in Mode]
    return max(modes, key=lambda mode: order.index(mode) if mode in order else -1, default="")


@dataclass(frozen=True)
class TeamStatement:
    """What one team carries in a period.

    `variance` is total minus budget: positive is over budget. `previous` is the
    total of the month before, where that month has a run.
    """

    facts: TeamFacts
    total: Decimal
    budget: Decimal | None
    previous: Decimal | None
    lines: tuple[StatementLine, ...]

    @property
    def variance(self) -> Decimal | None:
        return None if self.budget is None else self.total - self.budget

    @property
    def change(self) -> Decimal | None:
        return None if self.previous is None else self.total - self.previous

    def sum_by_mode(self) -> dict[str, Decimal]:
        """What the team carries in each mode that its lines are in, in the order of the modes."""
        found: dict[str, Decimal] = {}
        for mode in Mode:
            amounts = [line.amount for line in self.lines if line.mode == mode]
            if amounts:
                found[str(mode)] = sum(amounts, self.total - self.total)
        return found

    @property
    def mode(self) -> str:
        """The team's own mode: lines have it, or a lesser one of their pool."""
        return main_mode(line.mode for line in self.lines)

    def sum_of(self, kind: LineKind) -> Decimal:
        """What the team carries in lines of a kind."""
        nothing = self.total - self.total
        return sum((line.amount for line in self.lines if line.kind is kind), nothing)


@dataclass(frozen=True)
class Statement:
    """All teams of a period in one currency on one cost basis.

    total = teams + unallocated + kept, and total = exact bill + rounding. `kept_lines`
    tell apart what pools keep: idle capacity, variance, and what nobody carries. A
    converted statement holds all currencies that have a rate; `left` are statements
    of what has none, each in its own currency, and no part of the total.
    """

    period: str
    currency: str
    basis: str
    run: str
    provisional: bool
    total: Decimal
    unallocated: Decimal
    rounding: Decimal
    teams: tuple[TeamStatement, ...]
    kept: tuple[tuple[str, Decimal], ...]
    unallocated_lines: tuple[StatementLine, ...]
    kept_lines: tuple[StatementLine, ...] = ()
    converted: bool = False
    rates: tuple[Rate, ...] = ()
    left: tuple[Statement, ...] = ()

    @property
    def lines(self) -> tuple[StatementLine, ...]:
        """All lines: those of teams, of pools, and of what nobody owns."""
        own = (line for team in self.teams for line in team.lines)
        return (*own, *self.kept_lines, *self.unallocated_lines)


def one_team(statement: Statement, team: str) -> TeamStatement:
    """A team's part of a statement; raises NotLoaded with the nearest names if there is none."""
    from difflib import get_close_matches

    found = next((t for t in statement.teams if t.facts.team == team), None)
    if found is None:
        names = [t.facts.team for t in statement.teams]
        near = get_close_matches(team, names, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"the teams are {', '.join(names)}"
        raise NotLoaded(f"no team is called {team!r} in {statement.period}", hint=hint)
    return found
