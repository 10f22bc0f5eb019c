"""Whether what a source is expected to cost is out of all proportion to its months before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from statistics import median
from typing import TYPE_CHECKING

from apportion.domain.accrual import AccrualPart
from apportion.domain.finding import Finding, Level
from apportion.domain.money import from_units, minor_digits, to_units
from apportion.domain.period import Period
from apportion.ledger.estimate import source_sums
from apportion.ledger.months_before import months_before

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject


def out_of_bounds(
    project: OpenProject, period: Period, parts: Iterable[AccrualPart]
) -> Iterator[Finding]:
    """Estimates of more than `close: bound` times the median of the source's months before.

    A bill that came whole on the first days, taken for that of those days, is the usual cause.
    """
    bound = project.settings.close.bound
    before = months_before(project, period, project.settings.close.norm_months)
    for one in parts:
        runs = before.get(one.name, ())
        held = [source_sums(run, one.name).get(one.currency, Fraction(0)) for run in runs]
        norm = median(held) if held else Fraction(0)
        if norm > 0 and one.amount > bound * norm:
            said, usual = (_text(amount, one.currency) for amount in (one.amount, norm))
            yield Finding(
                "accrual-out-of-bounds",
                Level.WARNING,
                f"{one.name} is estimated at {said} {one.currency} by {one.method}, more than "
                f"{bound} times its usual {usual}",
                hint=f"name its method: `accrual: {{methods: {{{one.name}: loaded}}}}`",
            )


def _text(amount: Fraction, currency: str) -> str:
    digits = minor_digits(currency)
    return str(from_units(to_units(amount, digits), digits))
