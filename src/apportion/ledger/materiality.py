"""Whether a correction is material: then somebody else has to agree before it is booked."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import Connection

from apportion.domain.approval import ApprovalState
from apportion.domain.journal import Assignment, DocumentKind, JournalDocument
from apportion.domain.money import from_units, minor_digits
from apportion.domain.period import Period
from apportion.model.close_spec import Materiality
from apportion.store.books.approvals import approvals_of
from apportion.store.books.audit import read_entries


@dataclass(frozen=True)
class Moved:
    """What a correction moves in one entity and currency, beside what the month was closed with.

    `amount` is the sum of its debits, which is that of its credits: money that leaves one cost
    centre for another counts as much as money that is new. `since` is the same with all
    corrections that nobody agreed to, back to the close or the last one that was approved:
    slices count together.
    """

    entity: str
    currency: str
    amount: Decimal
    closed: Decimal
    since: Decimal
    material: bool

    @property
    def percent(self) -> Fraction | None:
        """Of what was closed; None where nothing was."""
        return Fraction(self.amount) * 100 / Fraction(self.closed) if self.closed else None


def moved_by(
    documents: Iterable[JournalDocument],
    booked: Iterable[JournalDocument],
    setting: Materiality,
    pending: Iterable[JournalDocument] = (),
) -> tuple[Moved, ...]:
    """What each document of a correction moves, and whether that is material.

    The total of the closed month is that of its own journal, without corrections since.
    `pending` are those before it that nobody agreed to.

    Source: materiality, IAS 8 (5).
    """
    closed: dict[tuple[str, str], int] = {}
    for one in booked:
        if one.kind is DocumentKind.CHARGEBACK:
            total = sum(line.signed for line in one.lines if line.signed > 0)
            key = one.entity, one.currency
            closed[key] = closed.get(key, 0) + total
    before_it = tuple(pending)
    found = []
    for one in documents:
        digits = minor_digits(one.currency)
        before = from_units(closed.get((one.entity, one.currency), 0), digits)
        amount = one.amount(one.total)
        since = one.amount(_net(one, before_it))
        material = _is_material(max(amount, since), before, setting)
        found.append(Moved(one.entity, one.currency, amount, before, since, material))
    return tuple(found)


def _net(document: JournalDocument, pending: Iterable[JournalDocument]) -> int:
    """The debits of a document and of those before it, taken together place by place."""
    sums: dict[Assignment, int] = defaultdict(int)
    for one in (document, *pending):
        if (one.entity, one.currency) == (document.entity, document.currency):
            for line in one.lines:
                sums[line.at] += line.signed
    return sum(units for units in sums.values() if units > 0)


def not_agreed(
    connection: Connection, original: Period, booked: Iterable[JournalDocument]
) -> tuple[JournalDocument, ...]:
    """The corrections of a month since its close, or since the last that somebody approved.

    What the audit log doesn't know of an approved one counts, too.
    """
    held = {one.id: one for one in booked}
    asked = approvals_of(connection, f"correct {original}")
    agreed = {one.request.content for one in asked if one.state is ApprovalState.APPROVED}
    passed: set[str] = set()
    settled: set[str] = set()
    for entry in read_entries(connection, subject=str(original), action="correct"):
        names = [name for name in entry.detail.get("by", "").split(", ") if name in held]
        passed.update(names)
        if content_of(held[name] for name in names) in agreed:
            settled |= passed
    corrections = [one for one in held.values() if one.kind is DocumentKind.CORRECTION]
    own = {one.id for one in corrections} - settled
    return tuple(one for one in held.values() if one.id in own or one.reverses in own)


def content_of(documents: Iterable[JournalDocument]) -> str:
    """A digest of what a correction would book: an approval holds for this and nothing else.

    The ids are part of it, so that an approval isn't one of the same amount booked again.
    """
    said = sorted(f"{one.id} {one.content}" for one in documents)
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def _is_material(amount: Decimal, closed: Decimal, setting: Materiality) -> bool:
    if setting.amount is not None and amount >= setting.amount:
        return True
    if setting.percent is None:
        return False
    return Fraction(amount) * 100 >= Fraction(setting.percent) * Fraction(closed)
