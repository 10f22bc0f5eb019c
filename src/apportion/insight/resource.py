"""A resource as a period's bill shows it: what it cost, how it is tagged, and whose it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from apportion.domain.owner import Owner

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


@dataclass(frozen=True)
class Votes:
    """How resources whose owner is known spread over owners: how many, and at what cost."""

    resources: Mapping[Owner, int]
    cost: Mapping[Owner, Fraction]

    def share(self, owner: Owner) -> Fraction:
        """An owner's part: by number or by cost, whichever is smaller. Nothing gives 0."""
        number = sum(self.resources.values())
        if not number:
            return Fraction(0)
        by_number = Fraction(self.resources.get(owner, 0), number)
        cost = sum(self.cost.values(), Fraction(0))
        return min(by_number, self.cost.get(owner, Fraction(0)) / cost) if cost else by_number

    def cost_share(self, owner: Owner) -> Fraction | None:
        """An owner's part by cost; None where nothing was spent."""
        cost = sum(self.cost.values(), Fraction(0))
        return self.cost.get(owner, Fraction(0)) / cost if cost else None

    def of(self, owner: Owner) -> int:
        return self.resources.get(owner, 0)


def count_votes(found: Iterable[tuple[Owner, int, Decimal]]) -> Votes:
    """Add up owners, numbers of resources and cost; what is negative counts as no cost.

    >>> from apportion.domain.owner import OwnerKind
    >>> nlp = Owner(OwnerKind.TEAM, "nlp")
    >>> count_votes([(nlp, 2, Decimal(5)), (nlp, 1, Decimal(-1))]).resources[nlp]
    3
    """
    resources: dict[Owner, int] = {}
    cost: dict[Owner, Fraction] = {}
    for owner, number, amount in found:
        resources[owner] = resources.get(owner, 0) + number
        cost[owner] = cost.get(owner, Fraction(0)) + Fraction(max(amount, Decimal(0)))
    return Votes(resources, cost)
