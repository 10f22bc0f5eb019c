"""Parts of a whole scaled together within bounds: water-filling, exact."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from apportion.domain.amounts import sum_of

ZERO = Fraction(0)


@dataclass(frozen=True)
class Bounds:
    """By receiver, the least and the most of the whole that it carries.

    Nobody's least is above its most, and the least of all sum to no more than the whole.
    """

    least: Mapping[str, Fraction]
    most: Mapping[str, Fraction]

    def holds(self, parts: Mapping[str, Fraction]) -> bool:
        """Whether parts lie within the bounds as they are."""
        return all(part >= self.least.get(who, ZERO) for who, part in parts.items()) and all(
            parts[who] <= most for who, most in self.most.items() if who in parts
        )


def water_fill(parts: Mapping[str, Fraction], bounds: Bounds) -> dict[str, Fraction]:
    """Parts scaled together within bounds, so that their sum stays, as far as caps let it.

    What a part x becomes is λ·x, or the bound that this would overstep, with the one λ
    for which the sum is what it was. The sum rises with λ, and is linear between the
    values of λ at which a part meets a bound, so λ is found among these by halving: it
    always ends. Who has no part gets its least, and no more. Where all are at their
    most, less than the whole is carried.

    >>> bounds = Bounds({}, {"a": Fraction(1, 2)})
    >>> water_fill({"a": Fraction(3, 4), "b": Fraction(1, 8), "c": Fraction(1, 8)}, bounds)
    {'a': Fraction(1, 2), 'b': Fraction(1, 4), 'c': Fraction(1, 4)}

    Source: proportional allocation within bounds, known as water-filling
    (Boyd and Vandenberghe, Convex Optimization, 2004, section 5.5.3).
    """
    whole = sum_of(parts.values())
    if bounds.holds(parts):
        return dict(parts)
    if all(who in bounds.most for who, part in parts.items() if part):
        highest = {
            who: bounds.most[who] if part else bounds.least.get(who, ZERO)
            for who, part in parts.items()
        }
        if sum_of(highest.values()) <= whole:
            return highest
    turns = sorted(set(_turns(parts, bounds)))
    above = bisect_left(turns, whole, key=lambda scale: sum_of(_at(parts, bounds, scale).values()))
    low = turns[above - 1] if above else ZERO
    return _at(parts, bounds, _scale(parts, bounds, low, whole))


def _turns(parts: Mapping[str, Fraction], bounds: Bounds) -> Iterator[Fraction]:
    """The scales at which a part meets a bound."""
    for table in (bounds.least, bounds.most):
        for who, bound in table.items():
            if part := parts.get(who):
                yield bound / part


def _at(parts: Mapping[str, Fraction], bounds: Bounds, scale: Fraction) -> dict[str, Fraction]:
    found = {}
    for who, part in parts.items():
        raised = max(bounds.least.get(who, ZERO), scale * part)
        most = bounds.most.get(who)
        found[who] = raised if most is None else min(most, raised)
    return found


def _scale(
    parts: Mapping[str, Fraction], bounds: Bounds, low: Fraction, whole: Fraction
) -> Fraction:
    """The scale just above `low` for which the parts sum to the whole: it is linear there."""
    fixed, moving = [], []
    for who, part in parts.items():
        least, most = bounds.least.get(who, ZERO), bounds.most.get(who)
        if not part or low * part < least:
            fixed.append(least)
        elif most is not None and low * part >= most:
            fixed.append(most)
        else:
            moving.append(part)
    return (whole - sum_of(fixed)) / sum_of(moving) if moving else low
