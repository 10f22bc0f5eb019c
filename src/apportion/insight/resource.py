"""A resource as a period's bill shows it: what it cost, how it is tagged, and whose it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from apportion.domain.money import SCALE
from apportion.domain.owner import Owner

MILLION = 1_000_000

Link = tuple[str, str]
"""A column and its value that resources can have in common: ``("tag.cluster", "nlp-01")``."""


@dataclass(frozen=True)
class Thing:
    """Which resource: by its id, else by its name; charges of neither, by service and account.

    >>> Thing("i-1").label, Thing(service="Amazon EC2", account="1111").label
    ('i-1', 'Amazon EC2 in 1111')
    """

    id: str = ""
    name: str = ""
    service: str = ""
    account: str = ""

    @property
    def label(self) -> str:
        """How people call it."""
        if self.name or self.id:
            return self.name or self.id
        return f"{self.service or '(no service)'} in {self.account or '(no account)'}"

    @property
    def is_resource(self) -> bool:
        return bool(self.id or self.name)

    @property
    def key(self) -> str:
        """The one text that the engine knows it by."""
        return f"{self.id}\x1f{self.name}\x1f{self.service}\x1f{self.account}"


@dataclass(frozen=True)
class Resource:
    """One resource's cost in one currency, in one state: carried by an owner, or by nobody.

    `thing` identifies it. `owner` is None for what nobody carries or only the
    look of a name decided. A resource whose tags changed within the period may
    be there twice: with an owner and without. `missing` names required tags
    that it lacks.
    """

    thing: Thing
    name: str
    service: str
    account: str
    account_name: str
    region: str
    cost: Decimal
    charges: int
    owner: Owner | None = None
    pattern: Owner | None = None
    missing: tuple[str, ...] = ()
    links: frozenset[Link] = frozenset()

    @property
    def label(self) -> str:
        """How people call it: by its name, else its id, else its service and account."""
        return self.name or self.thing.label


class Votes:
    """How resources whose owner is known spread over owners: how many, and at what cost.

    Shares and strengths of evidence are whole parts of a million: they are no
    money, and thousands of resources are judged by them.

    >>> from apportion.domain.owner import OwnerKind
    >>> nlp, cv = Owner(OwnerKind.TEAM, "nlp"), Owner(OwnerKind.TEAM, "cv")
    >>> votes = count_votes([(nlp, 2, Decimal(5)), (nlp, 1, Decimal(-1)), (cv, 1, Decimal(3))])
    >>> votes.of(nlp), votes.share(nlp), votes.cost_share(cv)
    (3, 625000, 375000)
    """

    __slots__ = ("_cast", "_whole_cost", "_whole_number")

    def __init__(self) -> None:
        self._cast: dict[Owner, list[int]] = {}
        self._whole_number = 0
        self._whole_cost = 0

    def add(self, owner: Owner, number: int, cost: int) -> None:
        """Count resources of an owner, with their cost in the smallest digits (see `digits_of`)."""
        cast = self._cast.setdefault(owner, [0, 0])
        cast[0] += number
        cast[1] += cost
        self._whole_number += number
        self._whole_cost += cost

    @property
    def owners(self) -> Iterable[Owner]:
        return self._cast

    def of(self, owner: Owner) -> int:
        """How many resources are an owner's."""
        return self._cast[owner][0] if owner in self._cast else 0

    def share(self, owner: Owner) -> int:
        """An owner's part by number or by cost, whichever is smaller; by number at no cost."""
        number = self.of(owner) * MILLION // self._whole_number
        return min(number, self.cost_share(owner) if self._whole_cost else number)

    def cost_share(self, owner: Owner) -> int:
        """An owner's part by cost; 0 where nothing was spent."""
        if owner not in self._cast or not self._whole_cost:
            return 0
        return self._cast[owner][1] * MILLION // self._whole_cost


def digits_of(cost: Decimal) -> int:
    """A cost in units of the last of 18 decimal places; what is negative counts as no cost."""
    return int(cost.scaleb(SCALE)) if cost > 0 else 0


def count_votes(found: Iterable[tuple[Owner, int, Decimal]]) -> Votes:
    """Add up owners, numbers of resources and cost."""
    votes = Votes()
    for owner, number, cost in found:
        votes.add(owner, number, digits_of(cost))
    return votes
