"""Whether a correction is material: then somebody else has to agree before it is booked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from apportion.domain.journal import DocumentKind, JournalDocument
from apportion.domain.money import from_units, minor_digits
from apportion.model.close_spec import Materiality


@dataclass(frozen=True)
class Moved:
    """What a correction moves in one entity and currency, beside what the month was closed with.

    `amount` is the sum of its debits, which is that of its credits: money that leaves one cost
    centre for another counts as much as money that is new.
    """

    entity: str
    currency: str
    amount: Decimal
    closed: Decimal
    material: bool

    @property
    def percent(self) -> Fraction | None:
        """Of what was closed; None where nothing was."""
        return Fraction(self.amount) * 100 / Fraction(self.closed) if self.closed else None


def moved_by(
    documents: Iterable[JournalDocument],
    booked: Iterable[JournalDocument],
    setting: Materiality,
) -> tuple[Moved, ...]:
    """What each document of a correction moves, and whether that is material.

    The total of the closed month is that of its own journal, without corrections since.

    Source: materiality, IAS 8 (5).
    """
    closed: dict[tuple[str, str], int] = {}
    for one in booked:
        if one.kind is DocumentKind.CHARGEBACK:
            total = sum(line.signed for line in one.lines if line.signed > 0)
            key = one.entity, one.currency
            closed[key] = closed.get(key, 0) + total
    found = []
    for one in documents:
        digits = minor_digits(one.currency)
        before = from_units(closed.get((one.entity, one.currency), 0), digits)
        amount = one.amount(one.total)
        material = _is_material(amount, before, setting)
        found.append(Moved(one.entity, one.currency, amount, before, material))
    return tuple(found)


def content_of(documents: Iterable[JournalDocument]) -> str:
    """A digest of what a correction would book: an approval holds for this and nothing else."""
    said = sorted(one.content for one in documents)
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def _is_material(amount: Decimal, closed: Decimal, setting: Materiality) -> bool:
    if setting.amount is not None and amount >= setting.amount:
        return True
    if setting.percent is None:
        return False
    return Fraction(amount) * 100 >= Fraction(setting.percent) * Fraction(closed)
