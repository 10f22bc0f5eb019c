"""What moved between two periods, as values: lines, what they are made of, and pools' charges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from apportion.domain.amounts import sum_of
from apportion.domain.finding import Finding
from apportion.domain.owner import Owner
from apportion.domain.result import Line, Run
from apportion.insight.price_volume_mix import Effects, summed


@dataclass(frozen=True)
class LineMove:
    """A line in both periods. `before` + its effects = `after`, exactly."""

    line: Line
    before: Fraction
    after: Fraction
    effects: Effects

    @property
    def change(self) -> Fraction:
        return self.after - self.before


@dataclass(frozen=True)
class ItemMove:
    """What a line is made of, in both periods: jobs of one name, machines of one family, a key.

    `before` is by the later month's rules. `names` are the single ones (ids of jobs, names of
    machines), `who` the users behind them, `effect` what it counts as: one_off, new, gone or empty.
    """

    line: Line
    name: str
    names: tuple[str, ...]
    who: tuple[str, ...]
    unit: str
    before: Fraction
    after: Fraction
    quantity_before: Fraction
    quantity_after: Fraction
    effect: str

    @property
    def change(self) -> Fraction:
        return self.after - self.before


@dataclass(frozen=True)
class PoolMove:
    """Charges of one name that fell into a pool, in both periods, in the currency of the bill."""

    pool: str
    currency: str
    name: str
    unit: str
    before: Fraction
    after: Fraction
    quantity_before: Fraction
    quantity_after: Fraction

    @property
    def change(self) -> Fraction:
        return self.after - self.before


@dataclass(frozen=True)
class Movers:
    """The change between two runs, in one currency, of one team or of everybody.

    Invariants: the lines' effects sum to the change; the items' changes and the effect of
    rules do, too.
    """

    currency: str
    lines: tuple[LineMove, ...]
    items: tuple[ItemMove, ...]

    @property
    def effects(self) -> Effects:
        return summed(one.effects for one in self.lines)

    @property
    def before(self) -> Fraction:
        return sum_of(one.before for one in self.lines)

    @property
    def after(self) -> Fraction:
        return sum_of(one.after for one in self.lines)

    def by_owner(self) -> dict[Owner, tuple[Fraction, Fraction, Effects]]:
        """Of each owner, what it carried before and after, and the effects."""
        own: dict[Owner, list[LineMove]] = defaultdict(list)
        for one in self.lines:
            own[one.line.owner].append(one)
        return {
            owner: (
                sum_of(one.before for one in moves),
                sum_of(one.after for one in moves),
                summed(one.effects for one in moves),
            )
            for owner, moves in sorted(own.items())
        }


@dataclass(frozen=True)
class Moved:
    """Movers by currency, the two runs, and what must be known of them.

    `charges` are those behind pools, the largest change first: why a share became dearer.
    """

    before: Run
    after: Run
    team: str
    movers: tuple[Movers, ...]
    charges: tuple[PoolMove, ...]
    findings: tuple[Finding, ...]


def top(items: Sequence[ItemMove], most: int) -> tuple[tuple[ItemMove, ...], Fraction, int]:
    """The items that changed most, and what all others changed together, and how many they are."""
    rest = [one for one in items[most:] if one.change]
    return tuple(items[:most]), sum_of(one.change for one in rest), len(rest)
