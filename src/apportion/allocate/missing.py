"""Why a driver's quantities can't split a pool: where the fault lies, and what to do about it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from fractions import Fraction

from apportion.allocate.absent_teams import really
from apportion.allocate.question import Gap
from apportion.domain.period import Span
from apportion.model.pools import Driver

_ALL = Fraction(1)


def no_quantities(driver: Driver) -> Gap:
    """A driver without a row that touches the days."""
    return Gap(
        _ALL,
        f"driver {driver.name} has no quantities in the period ({driver.file})",
        hint=f"add its rows to {driver.file}",
    )


def below_zero(
    driver: Driver, measured: Mapping[str, Fraction], names: Iterable[str], span: Span
) -> Gap | None:
    """Receivers whose quantity is below zero, at the first row that is; None without any."""
    below = sorted(name for name in names if measured.get(name, 0) < 0)
    if not below:
        return None
    rows = (
        row
        for row in driver.rows
        if row.team in below and row.quantity < 0 and span.overlap(Span(row.start, row.until))
    )
    bad = next(rows, None)
    return Gap(
        _ALL,
        f"{driver.name} is negative for {', '.join(below)}",
        place=bad.place if bad else None,
        hint="correct the quantity: nobody uses less than nothing",
    )


def nobody_used(driver: Driver, measured: Mapping[str, Fraction], names: Collection[str]) -> Gap:
    """Zero for every receiver; whoever has used any isn't one of them."""
    others = sorted({really(who) for who, used in measured.items() if used and who not in names})
    if not others:
        zero = f"{driver.name} is zero for every receiver"
        return Gap(_ALL, zero, hint=f"see whether the quantities in {driver.file} are right")
    return Gap(
        _ALL,
        f"{driver.name} is zero for every receiver; {', '.join(others)} used all of it, and "
        "shares nothing of the pool (or has closed before it)",
        hint="let those who used it share the pool, or close it before them (`order`)",
    )
