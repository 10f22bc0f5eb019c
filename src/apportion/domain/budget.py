"""Budgets: who may spend how much in which month, in versions that somebody approves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from apportion.domain.period import Period
from apportion.errors import UsageError


class BudgetOwnerKind(StrEnum):
    """team, pool, product: those of the model. central: cost that is kept, charged to nobody."""

    TEAM = "team"
    POOL = "pool"
    PRODUCT = "product"
    CENTRAL = "central"


@dataclass(frozen=True, order=True)
class BudgetOwner:
    """Whose budget it is, written ``team:nlp``.

    >>> BudgetOwner.parse("central:platform")
    BudgetOwner(kind=<BudgetOwnerKind.CENTRAL: 'central'>, name='platform')
    """

    kind: BudgetOwnerKind
    name: str

    @classmethod
    def parse(cls, text: str) -> BudgetOwner:
        """Read ``kind:name``; raises UsageError with the form that is expected."""
        kind, colon, name = (part.strip() for part in text.partition(":"))
        if not colon or not name or kind not in set(BudgetOwnerKind):
            raise UsageError(
                f"{text!r} is no owner of a budget",
                hint="write team:NAME, pool:NAME, product:NAME or central:NAME",
            )
        return cls(BudgetOwnerKind(kind), name)

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True, order=True)
class BudgetLine:
    """What an owner may spend in a month, in minor units of the budget's currency.

    `allowance`: funded for innovation, and told apart from the budget proper.
    """

    owner: BudgetOwner
    month: Period
    units: int
    allowance: bool = False


class BudgetKind(StrEnum):
    """version: a whole budget. transfer: moves budget between owners; its lines sum to zero."""

    VERSION = "version"
    TRANSFER = "transfer"


class BudgetState(StrEnum):
    """draft: being written. submitted: waits for somebody else. approved: counts. rejected: never
    will. superseded: a newer version was approved.
    """

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"

    def may_become(self, other: BudgetState) -> bool:
        return other in _NEXT[self]


_NEXT = {
    BudgetState.DRAFT: {BudgetState.SUBMITTED},
    BudgetState.SUBMITTED: {BudgetState.APPROVED, BudgetState.REJECTED},
    BudgetState.APPROVED: {BudgetState.SUPERSEDED},
    BudgetState.REJECTED: set[BudgetState](),
    BudgetState.SUPERSEDED: set[BudgetState](),
}


@dataclass(frozen=True)
class BudgetDocument:
    """A version of a budget, or a transfer within one: `amends` is the version it belongs to.

    Raises UsageError where an owner has two lines for one month, or a transfer doesn't
    balance in each month.
    """

    name: str
    kind: BudgetKind
    number: int
    currency: str
    lines: tuple[BudgetLine, ...]
    author: str
    because: str
    at: datetime
    amends: int = 0

    def __post_init__(self) -> None:
        seen: Counter[tuple[BudgetOwner, Period, bool]] = Counter(
            (line.owner, line.month, line.allowance) for line in self.lines
        )
        for (owner, month, _), count in seen.items():
            if count > 1:
                raise UsageError(
                    f"budget {self.name}: {owner} has {count} amounts for {month}",
                    hint="add them up, or mark one as its allowance",
                )
        if self.kind is BudgetKind.TRANSFER:
            self._check_balance()

    def _check_balance(self) -> None:
        for month, units in units_by_month(self.lines).items():
            if units:
                raise UsageError(
                    f"the transfer doesn't balance in {month}: {units} minor units are left",
                    hint="what one owner gives another gets, in the same month",
                )

    @property
    def id(self) -> str:
        """Its key in the books: ``2027 v1``, ``2027 v1 transfer 1``."""
        return self.title.removeprefix("budget ")

    @property
    def title(self) -> str:
        """What it is called in the audit log and for who approves it."""
        if self.kind is BudgetKind.TRANSFER:
            return f"budget {self.name} v{self.amends} transfer {self.number}"
        return f"budget {self.name} v{self.number}"

    @property
    def months(self) -> tuple[Period, ...]:
        return tuple(sorted({line.month for line in self.lines}))

    @property
    def total(self) -> int:
        """The sum of all lines in minor units; nothing for a transfer."""
        return sum(line.units for line in self.lines)


@dataclass(frozen=True)
class BudgetStep:
    """Somebody took a budget document to a state."""

    state: BudgetState
    actor: str
    because: str
    at: datetime


@dataclass(frozen=True)
class KeptBudget:
    """A budget document as the books have it, with the steps that it went through."""

    document: BudgetDocument
    steps: tuple[BudgetStep, ...]

    @property
    def state(self) -> BudgetState:
        return self.steps[-1].state if self.steps else BudgetState.DRAFT

    @property
    def told(self) -> str:
        """Its state, who took it there, and who wrote it."""
        by = self.steps[-1].actor if self.steps else self.document.author
        return f"{self.state}, by {by}" + (
            f" (author: {self.document.author})" if by != self.document.author else ""
        )

    @property
    def approved_at(self) -> datetime | None:
        found = (step.at for step in self.steps if step.state is BudgetState.APPROVED)
        return next(found, None)


def units_by_month(lines: Iterable[BudgetLine]) -> dict[Period, int]:
    """What lines sum to in each month."""
    found: dict[Period, int] = {}
    for line in lines:
        found[line.month] = found.get(line.month, 0) + line.units
    return found


def with_transfers(
    version: BudgetDocument, transfers: Iterable[BudgetDocument]
) -> tuple[BudgetLine, ...]:
    """A version's lines after its transfers: single owners have more or less, the sum is the same.

    >>> team, pool = BudgetOwner.parse("team:nlp"), BudgetOwner.parse("central:platform")
    >>> from datetime import UTC
    >>> made = ("ann", "", datetime(2026, 12, 1, tzinfo=UTC))
    >>> month = Period(2027, 1)
    >>> lines = (BudgetLine(pool, month, 100),)
    >>> version = BudgetDocument("2027", BudgetKind.VERSION, 1, "USD", lines, *made)
    >>> moved = (BudgetLine(pool, month, -30), BudgetLine(team, month, 30))
    >>> transfer = BudgetDocument("2027", BudgetKind.TRANSFER, 1, "USD", moved, *made, amends=1)
    >>> [(str(line.owner), line.units) for line in with_transfers(version, [transfer])]
    [('team:nlp', 30), ('central:platform', 70)]
    """
    found: dict[tuple[BudgetOwner, Period, bool], int] = {}
    for line in (*version.lines, *(line for one in transfers for line in one.lines)):
        key = (line.owner, line.month, line.allowance)
        found[key] = found.get(key, 0) + line.units
    kinds = list(BudgetOwnerKind)
    ordered = sorted(found, key=lambda key: (kinds.index(key[0].kind), *key))
    return tuple(BudgetLine(o, month, found[o, month, extra], extra) for o, month, extra in ordered)
