"""Attributed charges in the reporting currency, exactly: each amount once, by its own rate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from apportion.domain.amounts import Amounts
from apportion.domain.owner import Owner
from apportion.domain.rate import Rate, RateType
from apportion.domain.result import Attributed
from apportion.errors import ProofError

Part = tuple[str, str, Owner, str, str, str]
"""Source, currency, owner, rule, evidence and service: what an attributed part is known by."""

Days = Mapping[Part, Sequence[tuple[date, Amounts]]]
"""What attributed parts consist of, day by day."""


def convert(
    attributed: Iterable[Attributed], rates: Iterable[Rate], days: Days
) -> tuple[Attributed, ...]:
    """Give each part its amounts in the reporting currency beside its own, which never change.

    A part without a rate, or already in that currency, has none. A daily rate
    multiplies each day's amounts. Raises ProofError if the days of a part
    didn't add up to it (a fault of the program).
    """
    by = {(rate.source, rate.currency): rate for rate in rates if not rate.missing}
    return tuple(
        replace(part, converted=_converted(part, rate, days))
        if (rate := by.get((part.source, part.currency)))
        else part
        for part in attributed
    )


def _converted(part: Attributed, rate: Rate, days: Days) -> Amounts:
    if rate.type is not RateType.DAILY:
        assert rate.value is not None
        return part.amounts.times(rate.value)
    own = days.get(name_of(part), ())
    if Amounts.total(amounts for _, amounts in own) != part.amounts:
        raise ProofError(
            f"the days of {part.service} ({part.source}, {part.currency}) don't add up to it",
            hint="this is a fault of apportion: please report it; nothing was saved",
        )
    each = rate.by_day
    return Amounts.total(amounts.times(each[day]) for day, amounts in own)


def name_of(part: Attributed) -> Part:
    """What a part is known by."""
    return (part.source, part.currency, part.owner, part.rule, str(part.evidence), part.service)
