"""The accounting side of the model: entities, accounts, and which line is booked where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fnmatch import fnmatchcase
from fractions import Fraction

from apportion.errors import Place
from apportion.model.dated import ALWAYS, Dated, Validity, on


class AccountKind(StrEnum):
    """What an account is for; an ERP has the number, this says what may be booked on it."""

    EXPENSE = "expense"
    COST_OF_REVENUE = "cost_of_revenue"
    ASSET = "asset"
    RECOVERY = "recovery"
    RECEIVABLE = "receivable"
    PAYABLE = "payable"
    INCOME = "income"
    ACCRUAL = "accrual"
    CLEARING = "clearing"


@dataclass(frozen=True)
class Entity:
    """A legal entity: whose books a document belongs to. `code` is what the ERP calls it."""

    name: str
    title: str
    code: str
    place: Place


@dataclass(frozen=True)
class Account:
    """An account of the chart, by its number in the ERP."""

    name: str
    title: str
    kind: AccountKind
    place: Place


@dataclass(frozen=True)
class Posting:
    """Which account the lines of a statement are booked on that fit; the first that fits decides.

    `teams`, `pools`, `kinds` (direct, shared, idle …), `services` (with wildcards), `stages`
    (of the team's product: research, production …), `entities` and `classes` (of cost) are
    what a line must be one of; empty means any. A line of several classes is booked in parts.
    `project` is booked beside the account.
    """

    name: str
    position: int
    account: str
    place: Place
    teams: tuple[str, ...] = ()
    pools: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    project: str = ""
    valid: Validity = ALWAYS
    because: str = ""

    def is_for(self, team: str, entity: str, stage: str) -> bool:
        """Whether lines of a team may be booked by this entry."""
        return (
            (not self.teams or team in self.teams)
            and (not self.stages or stage in self.stages)
            and (not self.entities or entity in self.entities)
        )

    def takes(self, kind: str, pool: str, service: str, cost_class: str) -> bool:
        """Whether a line of such a team is booked by this entry."""
        return (
            (not self.kinds or kind in self.kinds)
            and (not self.pools or pool in self.pools)
            and (not self.classes or cost_class in self.classes)
            and (
                not self.services
                or any(fnmatchcase(service.lower(), one.lower()) for one in self.services)
            )
        )


@dataclass(frozen=True)
class Sender:
    """Who is relieved of what teams carry: the entity and cost centre that paid the bills.

    `recovery` is the account of that relief. To teams of other entities `receivable` and
    `payable` are the intercompany accounts of the two sides; `markup` is added to what they
    carry and is income on the account `income`.
    """

    entity: str
    cost_center: str
    recovery: str
    place: Place
    profit_center: str = ""
    receivable: str = ""
    payable: str = ""
    markup: Fraction = Fraction(0)
    income: str = ""
    tax_code: str = ""


@dataclass(frozen=True)
class Accounting:
    """Everything that journals are drawn by; empty where the model books nothing."""

    entities: Mapping[str, Entity] = field(default_factory=dict)
    accounts: Mapping[str, Account] = field(default_factory=dict)
    postings: tuple[Posting, ...] = ()
    senders: tuple[Dated[Sender], ...] = ()

    @property
    def by_class(self) -> bool:
        """Whether any line is booked by its cost class."""
        return any(one.classes for one in self.postings)

    def code_of(self, entity: str) -> str:
        """What an entity goes by in ids of documents: its code.

        One that the model no longer has goes by its name, never by what is another's code.
        """
        known = self.entities.get(entity)
        if known:
            return known.code
        taken = {one.code for one in self.entities.values()}
        return f"{entity}-former" if entity in taken else entity

    def sender(self, day: date) -> Sender | None:
        """Who is relieved on a day."""
        return on(self.senders, day)
