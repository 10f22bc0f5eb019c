"""Limits on what a pool may charge: caps, floors, a minimum fee; and who is exempt from it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from apportion.errors import Place
from apportion.model.dated import Validity


@dataclass(frozen=True)
class Limit:
    """An amount of money for the period, or a percentage of the pool's full cost."""

    figure: Fraction
    of_pool: bool = False

    def part_of(self, cost: Fraction) -> Fraction:
        """The fraction of a pool that it stands for; the pool's cost is above zero.

        >>> Limit(Fraction(30), of_pool=True).part_of(Fraction(1000))
        Fraction(3, 10)
        """
        return self.figure / 100 if self.of_pool else self.figure / cost


@dataclass(frozen=True)
class Limits:
    """What teams pay of a pool at most and at least. Amounts are in `currency`."""

    place: Place
    currency: str
    caps: tuple[tuple[str, Limit], ...] = ()
    floors: tuple[tuple[str, Limit], ...] = ()
    minimum_fee: Limit | None = None
    because: str = ""


@dataclass(frozen=True)
class Exemption:
    """A team that a pool doesn't charge on some days, and why.

    `charge_to` names the team that carries its part instead, say the owner of the
    policy that demands the use; without it the others carry it in proportion.
    """

    team: str
    place: Place
    because: str
    valid: Validity
    charge_to: str = ""
