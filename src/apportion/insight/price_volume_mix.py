"""Why a cost changed: more of it (volume), other kinds of it (mix), or dearer (price).

The standard formulas of variance analysis, with one convention: volume and mix are valued at
the old prices, price at the new quantities. So nothing is left over, and no order matters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from fractions import Fraction

from apportion.domain.amounts import sum_of

ZERO = Fraction(0)


@dataclass(frozen=True)
class Effects:
    """Parts of a change, exact; together they are the change.

    rule: the same bills by other rules. one_off: one-time charges, and what was there in one
    month only. price, volume, mix: of everything else.
    """

    rule: Fraction = ZERO
    one_off: Fraction = ZERO
    price: Fraction = ZERO
    volume: Fraction = ZERO
    mix: Fraction = ZERO

    @property
    def total(self) -> Fraction:
        """The whole change.

        >>> Effects(price=Fraction(1), mix=Fraction(-3)).total
        Fraction(-2, 1)
        """
        return sum_of(getattr(self, field.name) for field in fields(self))

    def __add__(self, other: Effects) -> Effects:
        return Effects(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


EFFECTS = tuple(field.name for field in fields(Effects))


@dataclass(frozen=True)
class Sold:
    """A quantity of one kind, and what it came to."""

    quantity: Fraction = ZERO
    amount: Fraction = ZERO

    def __add__(self, other: Sold) -> Sold:
        return Sold(self.quantity + other.quantity, self.amount + other.amount)


def price_volume_mix(before: Mapping[str, Sold], after: Mapping[str, Sold]) -> Effects:
    """The effects of one unit's kinds, each with a price of its own.

    With quantities q and prices p = amount ÷ quantity, before (0) and after (1), Q = Σq and
    P0 = Σ q0 p0 ÷ Q0:

    * volume = (Q1 - Q0) × P0
    * mix = Σ q1 p0 - Q1 × P0
    * price = Σ q1 (p1 - p0)

    A kind that is new has no old price: its new one stands for it, so that it is volume and
    mix, never price. Money without a quantity is price. Invariant: the effects sum to the
    difference of the amounts, exactly.

    Source: sales-volume, sales-mix and selling-price variances, Horngren, Cost Accounting,
    ch. 14; here for cost.

    >>> price_volume_mix({"a": Sold(Fraction(10), Fraction(20))},
    ...                  {"a": Sold(Fraction(12), Fraction(36))}).price
    Fraction(12, 1)
    """
    price, old, valued, old_quantity, new_quantity = ZERO, ZERO, ZERO, ZERO, ZERO
    for kind in before.keys() | after.keys():
        was, now = before.get(kind, Sold()), after.get(kind, Sold())
        paid = _price(was, now)
        if paid is None:
            price += now.amount - was.amount
            continue
        price += now.amount - now.quantity * paid
        old += was.amount
        valued += now.quantity * paid
        old_quantity += was.quantity
        new_quantity += now.quantity
    if not old_quantity:
        return Effects(price=price, volume=valued - old)
    mean = old / old_quantity
    return Effects(
        price=price,
        volume=(new_quantity - old_quantity) * mean,
        mix=valued - new_quantity * mean,
    )


def _price(was: Sold, now: Sold) -> Fraction | None:
    """The old price of a kind, the new one of what is new; None where there is none."""
    if was.quantity:
        return was.amount / was.quantity
    if was.amount or not now.quantity:
        return None
    return now.amount / now.quantity


def summed(parts: Iterable[Effects]) -> Effects:
    """Effects added up, each kind by itself."""
    whole = Effects()
    for part in parts:
        whole += part
    return whole
