"""Which change of the model causes which part of a difference, whatever their order.

Changes that only share some pools another way can't meddle with other pools.
So the question falls into parts: one for what decides owners, and one for each
set of pools; each is small, and all of them are answered from the same few trials.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from apportion.errors import ConfigurationError
from apportion.run.group_changes import (
    Cause,
    allocation_or_not,
    in_force,
    together,
)
from apportion.run.shapley import EXACT, sampled, shapley
from apportion.run.trials import Figure, Trials

Effects = Mapping[Figure, Mapping[int, Fraction]]
"""By line and the number of a cause, what it adds to the line, exactly."""


@dataclass(frozen=True)
class Caused:
    """The causes of all differences of a period, and what each adds to each line.

    Where there are too many causes for every order of them, `exact` is false
    and `bound` says how far a part may be off; the sum is exact all the same.
    """

    causes: tuple[Cause, ...] = ()
    effects: Effects = field(default_factory=dict)
    exact: bool = True
    bound: Fraction = Fraction(0)


def find_causes(trials: Trials, causes: Sequence[Cause]) -> tuple[Caused, Trials]:
    """Attribute the differences between two models to the changes that lead from one to the other.

    Invariants: the effects on a line sum to its difference; they don't depend on
    the order in which changes are listed. Where a model between the two can't
    be evaluated, the changes that can't be told apart are one cause, and other trials are made.
    """
    mix = trials.mix
    for coarser in (None, allocation_or_not, _all):
        if coarser is not None:
            causes = together(causes, mix.old, mix.new, coarser)
            trials = Trials(trials.workspace, mix, causes, trials.period)
        try:
            return _find(trials, causes), trials
        except ConfigurationError:
            if len(causes) <= 1:
                raise
    raise AssertionError("a single cause needs no model between the two")


def _all(_change: object) -> object:
    return None


@dataclass(frozen=True)
class _Part:
    """Causes that meddle with the lines of some pools; `pools` None: with all lines left over."""

    causes: tuple[int, ...]
    pools: frozenset[str] | None


def _find(trials: Trials, causes: Sequence[Cause]) -> Caused:
    span = trials.period.span
    active = [cause for cause in causes if in_force(cause, span)]
    idle = frozenset(cause.number for cause in causes) - {cause.number for cause in active}
    common = tuple(cause.number for cause in active if cause.pools is None)
    apart = _apart(active)
    taken_elsewhere = frozenset(name for _, pools in apart for name in pools)
    parts = [_Part(common, None), *(_Part((*common, *own), pools) for own, pools in apart)]
    effects: dict[Figure, dict[int, Fraction]] = {}
    bound, exact = Fraction(0), True
    joint = _Joint(trials, common, tuple(own for own, _ in apart), idle)
    joint.try_all([part.causes for part in parts if len(part.causes) <= EXACT])
    for part in parts:
        belongs = _belongs(trials, part.pools, taken_elsewhere)
        worth = joint.worth(part.causes, belongs)
        if len(part.causes) <= EXACT:
            found = shapley(part.causes, worth)
        else:
            found, off = sampled(part.causes, worth, _seed(causes, part))
            bound, exact = max(bound, off), False
        for number, own in found.items():
            for figure, amount in own.items():
                effects.setdefault(figure, {})[number] = amount
    return Caused(tuple(causes), effects, exact, bound)


def _seed(causes: Sequence[Cause], part: _Part) -> str:
    """Of what the causes are, so that another order of listing them gives the same orders."""
    named = {cause.number: sorted(change.key for change in cause.changes) for cause in causes}
    return repr([named[number] for number in part.causes])


def _apart(active: Iterable[Cause]) -> list[tuple[tuple[int, ...], frozenset[str]]]:
    """Causes that share some pools another way, with those whose pools they have in common."""
    found: list[tuple[tuple[int, ...], frozenset[str]]] = []
    for cause in active:
        if cause.pools is None:
            continue
        own: tuple[int, ...] = (cause.number,)
        pools = cause.pools
        for others, held in [one for one in found if one[1] & pools]:
            found.remove((others, held))
            own, pools = (*others, *own), pools | held
        found.append((tuple(sorted(own)), pools))
    return found


def _belongs(
    trials: Trials, pools: frozenset[str] | None, elsewhere: frozenset[str]
) -> Callable[[Figure], bool]:
    if pools is None:
        return lambda figure: trials.lines[figure].pool not in elsewhere
    return lambda figure: trials.lines[figure].pool in pools


class _Joint:
    """One trial answers for all parts at once: each part takes its own causes in it."""

    def __init__(
        self,
        trials: Trials,
        common: tuple[int, ...],
        apart: tuple[tuple[int, ...], ...],
        idle: frozenset[int],
    ) -> None:
        self.trials, self.common, self.apart, self.idle = trials, frozenset(common), apart, idle
        self.full = max(((1 << len(own)) - 1 for own in apart), default=0)

    def worth(
        self, causes: Sequence[int], belongs: Callable[[Figure], bool]
    ) -> Callable[[frozenset[int]], Mapping[Figure, Fraction]]:
        """The lines of a part with some of its causes."""
        own = tuple(number for number in causes if number not in self.common)

        def found(taken: frozenset[int]) -> Mapping[Figure, Fraction]:
            amounts = self.trials.amounts(self.joint(taken, own))
            return {figure: amount for figure, amount in amounts.items() if belongs(figure)}

        return found

    def joint(self, taken: frozenset[int], own: Sequence[int]) -> frozenset[int]:
        """The trial that shows what a part does with some of its causes.

        The other parts' pools don't matter, so all of them take as much as they
        can of the same number: eight pools changed apart need two trials, not 256.
        """
        mask = sum(1 << n for n, number in enumerate(own) if number in taken)
        if mask == (1 << len(own)) - 1:
            mask = self.full
        made = set(taken & self.common)
        for others in self.apart:
            held = taken if tuple(others) == tuple(own) else None
            part = min(mask, (1 << len(others)) - 1)
            made.update(
                number
                for n, number in enumerate(others)
                if (number in held if held is not None else part >> n & 1)
            )
        everything = self.common.union(*self.apart)
        return frozenset(made) | (self.idle if made == everything else frozenset())

    def try_all(self, parts: Iterable[Sequence[int]]) -> None:
        """Make the trials that exact answers need, those of one attribution after each other."""
        wanted: set[frozenset[int]] = set()
        for causes in parts:
            own = tuple(number for number in causes if number not in self.common)
            for mask in range(1 << len(causes)):
                taken = frozenset(n for place, n in enumerate(causes) if mask >> place & 1)
                wanted.add(self.joint(taken, own))
        for taken in sorted(wanted, key=lambda one: (self.trials.order(one), sorted(one))):
            self.trials.amounts(taken)
