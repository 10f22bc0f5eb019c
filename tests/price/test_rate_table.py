"""Rates looked up, against figures worked by hand."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from apportion.domain.period import Period
from apportion.domain.rate import RateType
from apportion.model.rates import RateRow
from apportion.price.rate_table import RateTable

OCTOBER = Period(2026, 10)


def daily(day: int, value: str, into: str = "USD", currency: str = "EUR") -> RateRow:
    at = date(2026, 10, day)
    return RateRow(currency, into, Fraction(value), RateType.DAILY, "own", at)


def stated(value: str, kind: RateType, into: str = "USD", source: str = "") -> RateRow:
    return RateRow("EUR", into, Fraction(value), kind, "own", period=OCTOBER, source=source)


def test_a_weekend_takes_the_last_known_rate_until_it_is_too_old() -> None:
    table = RateTable([daily(2, "1.25")], last_known=3)
    found = table.on("EUR", "USD", date(2026, 10, 5))
    assert found is not None
    assert found.value == Fraction("1.25")
    assert [(q.day.day, q.quoted.day) for q in found.quotes] == [(5, 2)]
    assert table.on("EUR", "USD", date(2026, 10, 6)) is None
    assert table.on("EUR", "USD", date(2026, 10, 1)) is None


def test_a_rate_the_other_way_round_is_one_over_it() -> None:
    found = RateTable([daily(2, "3")], last_known=0).on("USD", "EUR", date(2026, 10, 2))
    assert found is not None
    assert found.value == Fraction(1, 3)


def test_currencies_meet_by_the_euro_and_nowhere_else() -> None:
    rows = [daily(2, "1.2"), daily(2, "150", "JPY"), daily(2, "7", "CNY", currency="USD")]
    table = RateTable(rows, last_known=0)
    found = table.on("JPY", "USD", date(2026, 10, 2))
    assert found is not None
    assert found.value == Fraction(12, 10) / 150
    assert table.on("JPY", "CNY", date(2026, 10, 2)) is None


def test_an_average_is_the_mean_of_the_quotes_then_turned() -> None:
    table = RateTable([daily(1, "1"), daily(15, "1.5"), daily(30, "2")], last_known=7)
    found = table.average("USD", "EUR", OCTOBER)
    assert found is not None
    assert found.value == Fraction(2, 3)  # not the mean of 1, 2/3 and 1/2
    assert len(found.quotes) == 3


def test_half_a_month_has_no_average() -> None:
    first_half = [daily(day, "1.1") for day in (1, 5, 12)]
    assert RateTable(first_half, last_known=7).average("EUR", "USD", OCTOBER) is None
    last_half = [daily(day, "1.1") for day in (15, 20, 30)]
    assert RateTable(last_half, last_known=7).average("EUR", "USD", OCTOBER) is None


def test_what_is_stated_for_the_month_wins_over_its_days() -> None:
    rows = [daily(1, "1"), daily(30, "1"), stated("1.5", RateType.MONTH_AVERAGE)]
    table = RateTable([*rows, stated("1.75", RateType.CLOSING)], last_known=31)
    average, closing = (find("EUR", "USD", OCTOBER) for find in (table.average, table.closing))
    assert average is not None
    assert closing is not None
    assert (average.value, closing.value) == (Fraction("1.5"), Fraction("1.75"))


def test_the_closing_rate_is_the_last_one_known_on_the_last_day() -> None:
    table = RateTable([daily(15, "1"), daily(30, "2")], last_known=1)
    found = table.closing("EUR", "USD", OCTOBER)
    assert found is not None
    assert found.value == 2


def test_an_invoice_speaks_for_its_own_source_only() -> None:
    table = RateTable([stated("1.1", RateType.INVOICE, source="aws")], last_known=0)
    assert table.invoice("aws", "USD", "EUR", OCTOBER) is not None
    assert table.invoice("gcp", "USD", "EUR", OCTOBER) is None
    assert table.average("EUR", "USD", OCTOBER) is None


def test_of_two_origins_the_first_wins() -> None:
    table = RateTable([daily(2, "1.5")], [daily(2, "1.1"), daily(2, "150", "JPY")], last_known=0)
    own, other = (table.on("EUR", code, date(2026, 10, 2)) for code in ("USD", "JPY"))
    assert own is not None
    assert other is not None
    assert (own.value, other.value) == (Fraction("1.5"), Fraction(150))
