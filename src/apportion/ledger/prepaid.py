"""The roll-forward of what is prepaid: opening, bought, amortised, unused, closing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from apportion.domain.bridge import Step
from apportion.domain.finding import Finding, Level
from apportion.domain.invoice import PrepaidOpening
from apportion.domain.money import plain_text
from apportion.domain.period import Period
from apportion.domain.prepaid import PrepaidMonth
from apportion.errors import NotLoaded
from apportion.ledger.bridge import bills_of, groups_of
from apportion.ledger.bridge_step import BilledGroup, moves
from apportion.run.prove import as_decimal
from apportion.store.books.invoices import read_openings

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject

ZERO = Fraction(0)

_Key = tuple[str, str, str]
"""Source, commitment and currency."""


@dataclass(frozen=True)
class Prepaid:
    """Each commitment month by month, and what is doubtful of it."""

    months: tuple[PrepaidMonth, ...]
    findings: tuple[Finding, ...] = ()


def prepaid(project: OpenProject, period: Period, months: int = 1, source: str = "") -> Prepaid:
    """The roll-forward of the last `months` months up to a period.

    It begins at the first month that is loaded, or where an opening balance was entered, and
    goes on month by month, so that each closes where the next one opens. Raises NotLoaded
    where nothing is loaded up to the period.
    """
    loaded = {one.period for one in project.books.current() if one.period <= period}
    with project.books.reading() as connection:
        openings = read_openings(connection)
    held = {key: one for key, one in openings.items() if source in {"", one.source}}
    starts = [*loaded, *(one.period for one in held.values() if one.period <= period)]
    if not starts:
        raise NotLoaded(f"nothing is loaded up to {period}", hint="`apportion load`")
    groups: list[BilledGroup] = []
    for month in sorted(loaded):
        bills = bills_of(project, month, project.books.run(month, ()))
        groups += groups_of(project, [one for one in bills if source in {"", one.source}])
    rolled = roll_forward(groups, held, min(starts), period)
    first = period
    for _ in range(months - 1):
        first = first.previous()
    shown = tuple(one for one in rolled if one.period >= first)
    return Prepaid(shown, tuple(_overdrawn(shown)))


@dataclass
class _Moved:
    bought: Fraction = ZERO
    amortised: Fraction = ZERO
    unused: Fraction = ZERO


def roll_forward(
    groups: Iterable[BilledGroup],
    openings: Mapping[_Key, PrepaidOpening],
    start: Period,
    until: Period,
) -> tuple[PrepaidMonth, ...]:
    """Each commitment from a month until another, as long as anything is prepaid or moves.

    Invariant: a month's bought is the bridge's purchases, and its amortised and unused are the
    bridge's amortisation, summed over commitments.
    """
    moved: dict[_Key, dict[str, _Moved]] = defaultdict(lambda: defaultdict(_Moved))
    titles: dict[_Key, str] = {}
    for group in groups:
        found = moves(group, recoverable=True)
        bought, used = -found.get(Step.PURCHASES, ZERO), found.get(Step.AMORTISATION, ZERO)
        if not (bought or used):
            continue
        key = (group.source, group.commitment, group.currency)
        month = moved[key][group.period]
        month.bought += bought
        if group.facts["CommitmentDiscountStatus"] == "Unused":
            month.unused += used
        else:
            month.amortised += used
        titles[key] = titles.get(key) or group.facts["CommitmentDiscountName"]
    return tuple(
        one
        for key in sorted({*moved, *openings})
        for one in _months(key, titles.get(key, ""), moved[key], openings.get(key), start, until)
    )


def _months(
    key: _Key,
    title: str,
    moved: Mapping[str, _Moved],
    opening: PrepaidOpening | None,
    start: Period,
    until: Period,
) -> Iterator[PrepaidMonth]:
    """What came before an opening balance that was entered is contained in it."""
    balance = Fraction(opening.amount) if opening else ZERO
    month = max(start, opening.period) if opening else start
    source, commitment, currency = key
    while month <= until:
        own = moved.get(str(month)) or _Moved()
        made = PrepaidMonth(
            source, commitment, title, month, currency, balance, own.bought, own.amortised,
            own.unused,
        )  # fmt: skip
        if any((made.opening, made.bought, made.amortised, made.unused)):
            yield made
        balance, month = made.closing, month.next()


def _overdrawn(months: Iterable[PrepaidMonth]) -> Iterator[Finding]:
    """A commitment can't use more than was paid: its purchase lies before the first bill."""
    last = {(one.source, one.commitment, one.currency): one for one in months}
    for one in last.values():
        if one.closing < 0:
            yield Finding(
                "prepaid-overdrawn",
                Level.WARNING,
                f"source {one.source}: {one.commitment} has used "
                f"{plain_text(as_decimal(-one.closing))} {one.currency} more by {one.period} than "
                "was bought",
                hint="it was bought before the first bill that is loaded: enter what was left with "
                "`apportion invoices opening`",
            )
