"""What an ERP's answer to a posting means. That it answered 200 means nothing by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

HeldLine: TypeAlias = tuple[str, Decimal]
"""An account in the ERP's words, and an amount: debit above zero."""


@dataclass(frozen=True)
class Accepted:
    """It is in the ERP, under this number."""

    number: str


@dataclass(frozen=True)
class Rejected:
    """Nothing of it is in the ERP.

    `locked` says that a lock entry was in the way, for which there is one more try. `stop`
    says that all others would be refused, too.
    """

    reasons: tuple[str, ...]
    locked: bool = False
    stop: bool = False


@dataclass(frozen=True)
class Busy:
    """The ERP didn't look at it: it asks for another time, in `wait` seconds where it says so."""

    reasons: tuple[str, ...]
    wait: float | None = None


@dataclass(frozen=True)
class Unknown:
    """It may be in the ERP or not: only reading it back tells."""

    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Exists:
    """The ERP says that it has something under this id already."""

    reasons: tuple[str, ...]


Outcome: TypeAlias = Accepted | Rejected | Busy | Unknown | Exists


@dataclass(frozen=True)
class Held:
    """A document that an ERP has under our id.

    `waits` says what it waits for where it isn't in the ledger yet: an approval, say.
    """

    number: str
    lines: tuple[HeldLine, ...]
    waits: str = ""


class NotRead(Exception):
    """What the ERP holds couldn't be read; nothing follows from that."""


@dataclass(frozen=True)
class Totals:
    """Debits, credits and lines of a document: what is reconciled.

    >>> Totals.of([("1", Decimal(7)), ("2", Decimal(-3)), ("3", Decimal(-4))])
    Totals(debits=Decimal('7'), credits=Decimal('7'), lines=3)
    """

    debits: Decimal
    credits: Decimal
    lines: int

    @classmethod
    def of(cls, lines: Sequence[HeldLine]) -> Totals:
        debits = sum((amount for _, amount in lines if amount > 0), Decimal())
        credits_ = sum((-amount for _, amount in lines if amount < 0), Decimal())
        return cls(debits, credits_, len(lines))

    def __str__(self) -> str:
        return f"debits {self.debits:f}, credits {self.credits:f}, {self.lines} lines"


_MOST_TOLD = 20
"""Accounts that are told of one posting."""


def differences(sent: Sequence[HeldLine], held: Sequence[HeldLine]) -> tuple[str, ...]:
    """How what an ERP holds departs from what was sent, in words; nothing where it doesn't.

    >>> one, two, three = ("1", Decimal(5)), ("2", Decimal(-5)), ("3", Decimal(5))
    >>> differences([one, two], [two, one])
    ()
    >>> differences([one, two], [three, two])
    ('account 1: 5 was sent, 0 is there', 'account 3: 0 was sent, 5 is there')
    """
    ours, theirs = Totals.of(sent), Totals.of(held)
    if ours != theirs:
        return (f"sent: {ours}; there: {theirs}",)
    wanted, found = _by_account(sent), _by_account(held)
    found_out = [
        f"account {one}: {wanted.get(one, Decimal()):f} was sent, "
        f"{found.get(one, Decimal()):f} is there"
        for one in sorted({*wanted, *found})
        if wanted.get(one, Decimal()) != found.get(one, Decimal())
    ]
    more = len(found_out) - _MOST_TOLD
    return (*found_out[:_MOST_TOLD], *((f"and {more} accounts more",) if more > 0 else ()))


def _by_account(lines: Sequence[HeldLine]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for account, amount in lines:
        sums[account] = sums.get(account, Decimal()) + amount
    return sums


@dataclass(frozen=True)
class Words:
    r"""What a server says, made fit to be kept: short, on one line, without secrets.

    >>> Words(("s3cret",)).of("token s3cret\nis wrong")
    'token [hidden] is wrong'
    """

    secrets: tuple[str, ...] = field(default=(), repr=False)
    most: int = 300

    def of(self, text: object) -> str:
        plain = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
        for secret in self.secrets:
            plain = plain.replace(secret, "[hidden]")
        return plain[: self.most]
