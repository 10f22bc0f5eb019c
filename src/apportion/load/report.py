"""What a load tells: how far it is, and what it brought."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from apportion.domain.finding import Finding
from apportion.domain.money import WIDE
from apportion.domain.period import Period
from apportion.domain.snapshot import Totals, Unit


@dataclass(frozen=True)
class Progress:
    """How far a load is: `share` of the step is done; `rows` were read before this file.

    >>> print(Progress("aws", "bills/oct.csv", "reading", 1, 2, 0.5, 1_000_000, 4.0))
    aws: reading bills/oct.csv (1 of 2) 50 %, 250,000 rows/s
    """

    source: str
    file: str
    step: str
    number: int
    files: int
    share: float
    rows: int
    seconds: float

    def __str__(self) -> str:
        speed = f", {self.rows / self.seconds:,.0f} rows/s" if self.rows and self.seconds else ""
        done = f" {self.share:.0%}".replace("%", " %")
        return (
            f"{self.source}: {self.step} {self.file} ({self.number} of {self.files}){done}{speed}"
        )


class State(StrEnum):
    """What became of a period: its first snapshot, another one than before, or the same."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Moved:
    """By how much a service in an account costs more than it did before the load."""

    currency: str
    basis: str
    service: str
    account: str
    amount: Decimal


@dataclass(frozen=True)
class PeriodLoad:
    """What a source has for one billing period after a load.

    `totals` are of the whole period, by currency. `change` is what was loaded
    less what the former snapshot had, by currency and cost basis; empty when
    nothing changed. `moved` tells the same by service and account.
    """

    period: Period
    snapshot: str
    state: State
    totals: tuple[Totals, ...]
    change: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    moved: tuple[Moved, ...] = ()

    @property
    def read_rows(self) -> int:
        return sum(one.read_rows for one in self.totals)

    @property
    def loaded_rows(self) -> int:
        return sum(one.loaded_rows for one in self.totals)

    @property
    def quarantined_rows(self) -> int:
        return sum(one.quarantined_rows for one in self.totals)


@dataclass(frozen=True)
class SourceLoad:
    """What a load did for one source.

    `files_known` were folded before and not read again; `files_duplicate` have
    the same content as another file and count once; `files_fetched` came from an
    object store now. `rows` were read now, in `seconds`. `periods` lists every
    period of the files matched now.
    """

    source: str
    files_read: int
    files_known: int
    files_duplicate: int
    periods: tuple[PeriodLoad, ...]
    rows: int
    seconds: float
    files_fetched: int = 0
    remarks: tuple[Finding, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All that was found, of the load and of each period, each once, the gravest first."""
        every = [*self.remarks, *(one for period in self.periods for one in period.findings)]
        return tuple(sorted(dict.fromkeys(every), key=lambda found: found.level.rank))

    @property
    def rows_per_second(self) -> float:
        return self.rows / self.seconds if self.seconds else 0.0


def add_totals(units: Iterable[Unit]) -> tuple[Totals, ...]:
    """The totals of a period's units together, by currency."""
    members: dict[str, list[Totals]] = defaultdict(list)
    for unit in units:
        for one in unit.totals:
            members[one.currency].append(one)
    return tuple(_together(currency, many) for currency, many in sorted(members.items()))


def _together(currency: str, many: list[Totals]) -> Totals:
    unread: dict[str, int] = defaultdict(int)
    for one in many:
        for basis, rows in one.unread.items():
            unread[basis] += rows
    return Totals(
        currency=currency,
        read_rows=sum(one.read_rows for one in many),
        loaded_rows=sum(one.loaded_rows for one in many),
        quarantined_rows=sum(one.quarantined_rows for one in many),
        read=_sums(one.read for one in many),
        loaded=_sums(one.loaded for one in many),
        quarantined=_sums(one.quarantined for one in many),
        unread=dict(unread),
    )


def _sums(parts: Iterable[Mapping[str, Decimal]]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for part in parts:
        for basis, amount in part.items():
            found[basis] = WIDE.add(found.get(basis, Decimal(0)), amount)
    return found


def change_between(
    before: Iterable[Totals], after: Iterable[Totals]
) -> dict[tuple[str, str], Decimal]:
    """What was loaded after less what was before, by currency and basis."""
    found: dict[tuple[str, str], Decimal] = {}
    for sign, totals in ((-1, before), (1, after)):
        for one in totals:
            for basis, amount in one.loaded.items():
                key = (one.currency, basis)
                found[key] = WIDE.add(found.get(key, Decimal(0)), sign * amount)
    return found
