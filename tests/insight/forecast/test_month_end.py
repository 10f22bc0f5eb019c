"""The running month: by hand, and what must hold for any days."""

from __future__ import annotations

import random
from datetime import date

import pytest

from apportion.domain.period import Period
from apportion.insight.forecast.month_end import DayMonth, month_end
from apportion.insight.forecast.time_to_limit import time_to_limit

OCTOBER = Period(2026, 10)


def even(period: Period, cost: float = 10.0) -> DayMonth:
    return DayMonth(period, (cost,) * period.span.days)


def before(count: int) -> list[DayMonth]:
    months: list[DayMonth] = []
    period = OCTOBER
    for _ in range(count):
        period = period.previous()
        months.insert(0, even(period))
    return months


def test_even_days_go_on_as_they_are() -> None:
    found = month_end(before(5), even(OCTOBER).until(10), 310.0)
    assert found.spent == 100
    assert found.value == pytest.approx(310)
    assert found.as_of == date(2026, 10, 10)
    assert sum(found.path) == pytest.approx(210)


def test_fees_of_the_first_are_not_taken_for_a_daily_rate() -> None:
    def month(period: Period) -> DayMonth:
        return DayMonth(period, (500.0, *[10.0] * (period.span.days - 1)))

    earlier = [month(one.period) for one in before(5)]
    found = month_end(earlier, month(OCTOBER).until(3), None)
    assert found.value == pytest.approx(800, rel=0.02)


def test_what_is_spent_is_the_least() -> None:
    found = month_end(before(3), DayMonth(OCTOBER, (10.0,) * 9 + (5000.0,)), 310.0)
    assert found.low_95 >= found.spent


def test_days_times_k_give_a_month_times_k() -> None:
    luck = random.Random(3)
    months = [
        DayMonth(one.period, tuple(luck.uniform(5, 15) for _ in one.period.span))
        for one in before(6)
    ]
    now = DayMonth(OCTOBER, tuple(luck.uniform(5, 15) for _ in range(12)))
    plain = month_end(months, now, 300.0)
    scaled = month_end(
        [DayMonth(one.period, tuple(7 * day for day in one.days)) for one in months],
        DayMonth(OCTOBER, tuple(7 * day for day in now.days)),
        2100.0,
    )
    assert scaled.value == pytest.approx(7 * plain.value)
    assert scaled.high_80 == pytest.approx(7 * plain.high_80)


def test_the_day_on_which_a_budget_is_used_up() -> None:
    """10 a day: 100 are spent by the 10th, and the 25th is the first day above 240."""
    now = even(OCTOBER).until(10)
    found = time_to_limit(240, now, month_end(before(5), now, 310.0))
    assert found.day == date(2026, 10, 25)
    assert found.earliest is not None
    assert found.earliest <= found.day
    assert found.spent == pytest.approx(100 / 240)


def test_a_budget_that_lasts_has_no_day() -> None:
    now = even(OCTOBER).until(10)
    assert time_to_limit(400, now, month_end(before(5), now, 310.0)).day is None


def test_a_budget_that_is_used_up_already_says_when() -> None:
    now = even(OCTOBER).until(10)
    assert time_to_limit(55, now, month_end(before(5), now, 310.0)).day == date(2026, 10, 6)
