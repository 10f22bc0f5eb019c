"""Two statements laid beside each other, line by line, with what each cause adds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from apportion.domain.money import WIDE, from_units, largest_remainder, minor_digits, to_units
from apportion.domain.owner import UNALLOCATED, Owner, OwnerKind
from apportion.domain.result import Line
from apportion.run.causes import Caused
from apportion.run.compare_values import Comparison, Effect, LineDifference, OwnerDifference
from apportion.run.statement import Statement
from apportion.run.trials import Figure, Trials

NOTHING = Fraction(0)


def draw_comparison(old: Statement, new: Statement, trials: Trials, caused: Caused) -> Comparison:
    """Both statements of one currency as differences, those of teams first.

    Invariants: lines sum to their owner and owners to the total, in the old, the
    new and the difference; effects sum to the difference.
    """
    drawing = _Drawing(old.currency, trials, caused)
    before, after = _owners(old), _owners(new)
    everybody = sorted(before.keys() | after.keys(), key=lambda owner: (_RANK[owner.kind], owner))
    owners = (drawing.owner(owner, before.get(owner), after.get(owner)) for owner in everybody)
    return Comparison(
        old.currency,
        old.basis,
        old.total,
        new.total,
        tuple(one for one in owners if one.lines or one.owner.kind is OwnerKind.TEAM),
    )


_RANK = {OwnerKind.TEAM: 0, OwnerKind.POOL: 1, OwnerKind.UNALLOCATED: 2}


class _Carried(NamedTuple):
    """What an owner carries on one statement: its title, its total, and its lines' amounts."""

    title: str
    total: Decimal
    lines: Mapping[str, Decimal]


def _owners(statement: Statement) -> dict[Owner, _Carried]:
    found = {
        Owner(OwnerKind.TEAM, team.facts.team): _Carried(
            team.facts.title, team.total, {line.id: line.amount for line in team.lines}
        )
        for team in statement.teams
    }
    for pool, amount in statement.kept:
        found[Owner(OwnerKind.POOL, pool)] = _Carried("", amount, {})
    rest = {line.id: line.amount for line in statement.unallocated_lines}
    found[UNALLOCATED] = _Carried("", statement.unallocated, rest)
    return found


class _Drawing:
    def __init__(self, currency: str, trials: Trials, caused: Caused) -> None:
        self.currency, self.caused = currency, caused
        self.digits = minor_digits(currency)
        self.zero = from_units(0, self.digits)
        everything = frozenset(trials.causes)
        self.old, self.new = trials.amounts(frozenset()), trials.amounts(everything)
        self.by_owner: dict[Owner, list[Line]] = defaultdict(list)
        for (code, _), line in sorted(trials.lines.items()):
            if code == currency:
                self.by_owner[line.owner].append(line)

    def owner(
        self, owner: Owner, before: _Carried | None, after: _Carried | None
    ) -> OwnerDifference:
        nobody = _Carried("", self.zero, {})
        was, now = before or nobody, after or nobody
        if owner.kind is OwnerKind.POOL:
            was, now = self.kept(owner, was, self.old), self.kept(owner, now, self.new)
        effects: dict[int, Fraction] = defaultdict(Fraction)
        exact = NOTHING
        lines: list[LineDifference] = []
        for line in self.by_owner.get(owner, ()):
            figure = (self.currency, line.id)
            own = self.caused.effects.get(figure, {})
            for number, added in own.items():
                effects[number] += added
            if figure not in self.old and figure not in self.new:
                continue
            moved = self.new.get(figure, NOTHING) - self.old.get(figure, NOTHING)
            exact += moved
            lines.append(self.line(line, was, now, moved, own))
        return OwnerDifference(
            was.total,
            now.total,
            exact,
            self.effects(effects, WIDE.subtract(now.total, was.total)),
            owner,
            now.title or was.title or owner.name,
            tuple(sorted(lines, key=_order)),
        )

    def kept(self, owner: Owner, carried: _Carried, amounts: Mapping[Figure, Fraction]) -> _Carried:
        """The lines of what stays in a pool, which statements show as one amount."""
        scale = Fraction(10) ** self.digits
        exact = {
            line.id: amounts[figure] * scale
            for line in self.by_owner.get(owner, ())
            if (figure := (self.currency, line.id)) in amounts
        }
        total = int(carried.total.scaleb(self.digits, WIDE))
        units = largest_remainder(total, exact, {name: name for name in exact}) if exact else {}
        lines = {name: from_units(count, self.digits) for name, count in units.items()}
        return carried._replace(lines=lines)

    def line(
        self,
        line: Line,
        was: _Carried,
        now: _Carried,
        moved: Fraction,
        own: Mapping[int, Fraction],
    ) -> LineDifference:
        old, new = was.lines.get(line.id, self.zero), now.lines.get(line.id, self.zero)
        return LineDifference(old, new, moved, self.effects(own, WIDE.subtract(new, old)), line)

    def effects(self, exact: Mapping[int, Fraction], difference: Decimal) -> tuple[Effect, ...]:
        """Effects in whole units that sum to a rounded difference, the largest first.

        What rounding leaves over goes to the largest ones, a unit each.
        """
        ranked = sorted(
            ((number, added) for number, added in exact.items() if added),
            key=lambda one: (-abs(one[1]), one[0]),
        )
        units = {number: to_units(added, self.digits) for number, added in ranked}
        left = int(difference.scaleb(self.digits, WIDE)) - sum(units.values())
        if left and not ranked:
            return (Effect(None, NOTHING, from_units(left, self.digits)),)
        step = 1 if left > 0 else -1
        for turn in range(abs(left)):
            units[ranked[turn % len(ranked)][0]] += step
        return tuple(
            Effect(number, added, from_units(units[number], self.digits))
            for number, added in ranked
        )


def _order(one: LineDifference) -> tuple[Fraction, str, str, str]:
    line = one.line
    return (-abs(one.exact), line.pool, line.service, line.id)
