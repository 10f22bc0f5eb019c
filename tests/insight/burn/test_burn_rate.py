"""Burn rates by hand: 310 for October, ten a day."""

from __future__ import annotations

import pytest

from apportion.domain.period import Period
from apportion.insight.burn.burn_rate import allowances, burn
from apportion.insight.forecast.month_end import DayMonth

SEPTEMBER, OCTOBER = Period(2026, 9), Period(2026, 10)
EVEN = DayMonth(SEPTEMBER, (10.0,) * 30)


def test_a_rate_of_one_lasts_to_the_end_of_the_month() -> None:
    found = burn(300, [EVEN], DayMonth(OCTOBER, (10.0,) * 12))
    assert found.rates[7] == pytest.approx(300 / 300, rel=0.05)
    assert found.fired == ()


def test_one_bad_day_is_no_alert_and_three_are() -> None:
    day = burn(310, [EVEN], DayMonth(OCTOBER, (10.0,) * 11 + (40.0,)))
    three = burn(310, [EVEN], DayMonth(OCTOBER, (10.0,) * 9 + (40.0,) * 3))
    assert "budget-burn-fast" not in [rule.code for rule in day.fired]
    assert three.fired[0].code == "budget-burn-fast"


def test_what_is_over_tells_no_more() -> None:
    found = burn(310, [EVEN], DayMonth(OCTOBER, (10.0,) * 6 + (60.0,) * 4 + (10.0,)))
    assert found.rates[7] > 1.25
    assert found.fired == ()


def test_a_little_too_much_for_a_week_is_slow() -> None:
    found = burn(310, [EVEN], DayMonth(OCTOBER, (14.0,) * 10))
    assert [rule.code for rule in found.fired] == ["budget-burn-slow"]


def test_a_fee_on_the_first_is_allowed_where_it_always_falls_there() -> None:
    fees = DayMonth(SEPTEMBER, (290.0, *[10.0] * 29))
    found = burn(600, [fees], DayMonth(OCTOBER, (295.0, 10.0, 10.0, 10.0)))
    assert found.fired == ()


def test_allowances_sum_to_the_budget() -> None:
    assert sum(allowances(1234.5, [EVEN], DayMonth(OCTOBER, ()))) == pytest.approx(1234.5)
    assert sum(allowances(1234.5, [], DayMonth(OCTOBER, ()))) == pytest.approx(1234.5)
