"""Months ahead: what must hold for any history, and what a person can check by hand."""

from __future__ import annotations

import random
from math import pi, sin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apportion.domain.period import Period
from apportion.insight.forecast.accuracy import (
    Said,
    drift_rate,
    forecast_accuracy,
    signed_variance,
    wape,
)
from apportion.insight.forecast.methods import drift, seasonal_naive
from apportion.insight.forecast.outlook import look_ahead, sees_no_season
from apportion.insight.forecast.repair import repair
from apportion.insight.forecast.season import season

JANUARY = Period(2024, 1)
costs = st.lists(st.floats(1, 1e6), min_size=1, max_size=30)


def noisy(months: int, growth: float = 0.01, seed: int = 1) -> list[float]:
    luck = random.Random(seed)
    return [1000 * (1 + growth) ** at * luck.uniform(0.97, 1.03) for at in range(months)]


@settings(max_examples=15, deadline=None)
@given(costs, st.floats(0.001, 1000))
def test_all_costs_times_k_give_a_forecast_times_k(values: list[float], k: float) -> None:
    plain = look_ahead(values, JANUARY, 3)
    scaled = look_ahead([k * one for one in values], JANUARY, 3)
    for one, other in zip(plain.points, scaled.points, strict=True):
        assert other.value == pytest.approx(k * one.value, rel=1e-3)
        assert other.high_95 == pytest.approx(k * one.high_95, rel=1e-3)


@settings(max_examples=15, deadline=None)
@given(costs)
def test_wider_intervals_hold_narrower_ones_and_the_forecast(values: list[float]) -> None:
    for point in look_ahead(values, JANUARY, 6).points:
        assert 0 <= point.low_95 <= point.low_80 <= point.value
        assert point.value <= point.high_80 <= point.high_95


def test_months_before_the_first_cost_change_nothing() -> None:
    values = noisy(15)
    late = look_ahead([0.0, 0.0, *values], JANUARY, 4)
    plain = look_ahead(values, Period(2024, 3), 4)
    assert late.points == plain.points
    assert late.months == 15


def test_nothing_goes_on_as_nothing() -> None:
    assert [one.value for one in look_ahead([0.0] * 9, JANUARY, 2).points] == [0.0, 0.0]
    assert look_ahead([], JANUARY, 1).points[0].period == JANUARY


def test_the_first_month_ahead_follows_the_last_known() -> None:
    found = look_ahead(noisy(13), JANUARY, 2)
    assert [one.period for one in found.points] == [Period(2025, 2), Period(2025, 3)]


def test_a_constant_cost_goes_on() -> None:
    for point in look_ahead([500.0] * 14, JANUARY, 12).points:
        assert point.value == pytest.approx(500, rel=0.001)


def test_a_runaway_month_moves_the_forecast_by_little() -> None:
    values = noisy(16)
    spoilt = [*values[:12], 4 * values[12], *values[13:]]
    found = look_ahead(spoilt, JANUARY, 1)
    assert found.one_offs == (Period(2025, 1),)
    assert found.points[0].value == pytest.approx(
        look_ahead(values, JANUARY, 1).points[0].value, rel=0.05
    )


def test_a_new_level_is_where_the_forecast_begins() -> None:
    values = [1000.0 + at % 3 for at in range(14)] + [2000.0 + at % 3 for at in range(5)]
    found = look_ahead(values, JANUARY, 3)
    assert found.step == Period(2025, 3)
    assert found.points[2].value == pytest.approx(2000, rel=0.05)


def test_a_season_is_seen_after_two_years_and_not_before() -> None:
    values = [1000 * (1 + 0.4 * sin(2 * pi * at / 12)) for at in range(36)]
    assert season(values[:23]) == ()
    assert len(season(values)) == 12
    found = look_ahead(values, JANUARY, 12)
    assert found.seen
    for at, point in enumerate(found.points):
        assert point.value == pytest.approx(values[at], rel=0.05)


def test_under_two_years_it_says_that_no_season_can_be_seen() -> None:
    assert sees_no_season(23)
    assert not sees_no_season(24)


def test_a_december_that_is_dear_each_year_is_no_one_off() -> None:
    values = [100.0 + (80 if at % 12 == 11 else 0) + at % 2 for at in range(30)]
    assert repair(values).one_offs == ()


def test_the_baselines_by_hand() -> None:
    assert drift([100, 110, 120], 2) == [130, 140]
    assert seasonal_naive([float(one) for one in range(24)], 2) == [12, 13]


def test_measures_of_accuracy_by_hand() -> None:
    """A team said 90 and it cost 100; another said 330 and it cost 300."""
    small, large = Said(90, 100, before=100), Said(330, 300, before=300)
    assert forecast_accuracy(small) == pytest.approx(0.9)
    assert signed_variance(small) == pytest.approx(10 / 90)
    assert signed_variance(large) == pytest.approx(-30 / 330)
    assert wape([small, large]) == pytest.approx(40 / 400)
    assert drift_rate([small, large]) == pytest.approx((10 + 30) / 400)
    assert forecast_accuracy(Said(5, 0)) is None
    assert wape([]) is None
