"""The setting `rates` and the table of rates: what is read, and every fault at its field."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from apportion.domain.period import Period
from apportion.domain.rate import RateType
from apportion.errors import ConfigurationError
from apportion.model.check import check
from apportion.model.rates import RateRow
from apportion.model.read_project import read_project
from apportion.model.read_rates import read_rate_table
from workshop import Workshop

SETTING = """\
name: Acme
currency: EUR
rates: {file: rates.csv, ecb: true, type: closing, last_known: 3}
sources:
  aws: {format: focus, path: bills/*.csv, rate_type: daily}
"""
HEAD = "date,period,from,to,rate,type,source,origin\n"


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    made = Workshop(tmp_path)
    made.write("apportion.yaml", SETTING)
    return made


def rows(shop: Workshop, text: str) -> list[RateRow]:
    shop.write("rates.csv", text)
    return list(read_rate_table(read_project(shop.root)))


def faults(shop: Workshop, text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        rows(shop, text)
    return [f"{fault.place}: {fault.what}" for fault in caught.value.all()]


def test_the_setting_is_read(shop: Workshop) -> None:
    project = read_project(shop.root)
    spec = project.rates
    assert spec is not None
    assert (spec.file, spec.ecb, spec.type, spec.last_known) == (
        "rates.csv",
        True,
        RateType.CLOSING,
        3,
    )
    assert project.sources["aws"].rate_type is RateType.DAILY


@pytest.mark.parametrize(
    ("short", "file", "ecb"), [("ecb", "", True), ("fx/rates.csv", "fx/rates.csv", False)]
)
def test_the_setting_has_a_short_form(shop: Workshop, short: str, file: str, ecb: bool) -> None:
    shop.write("apportion.yaml", f"name: Acme\ncurrency: EUR\nrates: {short}\n")
    spec = read_project(shop.root).rates
    assert spec is not None
    assert (spec.file, spec.ecb, spec.type) == (file, ecb, RateType.MONTH_AVERAGE)


def test_rates_from_nowhere_are_a_fault(shop: Workshop) -> None:
    found = shop.project_faults("name: Acme\ncurrency: EUR\nrates: {type: daily}\n")
    assert found == ["apportion.yaml:3:8: rates come from nowhere"]


def test_a_type_without_rates_is_a_fault(shop: Workshop) -> None:
    found = shop.project_faults(SETTING.replace("rates: {", "# rates: {"))
    assert found == ["apportion.yaml:5:43: `rate_type`, but the project has no `rates`"]


def test_a_table_is_read_exactly(shop: Workshop) -> None:
    found = rows(
        shop,
        HEAD + "2026-10-02,,EUR,USD,1.0750000000001,,,treasury\n"
        ",2026-10,JPY,EUR,1/162,,,\n"
        ",2026-10,USD,EUR,0.91,invoice,aws,\n",
    )
    assert [(row.value, row.type, row.day, row.period, row.source) for row in found] == [
        (Fraction("1.0750000000001"), RateType.DAILY, date(2026, 10, 2), None, ""),
        (Fraction(1, 162), RateType.MONTH_AVERAGE, None, Period(2026, 10), ""),
        (Fraction("0.91"), RateType.INVOICE, None, Period(2026, 10), "aws"),
    ]
    assert [row.origin for row in found] == ["treasury", "rates.csv", "rates.csv"]


def test_a_rate_that_stands_twice_alike_is_one(shop: Workshop) -> None:
    twice = "2026-10-02,,EUR,USD,1.10,,,\n2026-10-02,,EUR,USD,1.1,,,\n"
    assert len(rows(shop, HEAD + twice)) == 1


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("2026-10-02,,EUR,USD,0,,,", "2:21: a rate of 0"),
        ("2026-10-02,,EUR,USD,-1.1,,,", "2:21: a rate of -1.1"),
        ('2026-10-02,,EUR,USD,"1,1",,,', "2:21: the rate '1,1' can't be read"),
        ("2026-10-02,,EUR,USD,1/0,,,", "2:21: the rate '1/0' can't be read"),
        ("2026-10-02,,EUR,USD,NaN,,,", "2:21: the rate 'NaN' can't be read"),
        ("2026-10-02,,EUR,XAU,1,,,", "2:17: 'XAU' is no currency with a minor unit"),
        ("2026-10-02,,euro,USD,1,,,", "2:13: 'euro' is no currency with a minor unit"),
        ("2026-10-02,,EUR,EUR,1,,,", "2:17: EUR to itself"),
        ("2026-02-30,,EUR,USD,1,,,", "2:1: '2026-02-30' is no date"),
        (",2026-13,EUR,USD,1,,,", "2:2: '2026-13' is no period"),
        (",,EUR,USD,1,,,", "2:1: neither a date nor a period"),
        ("2026-10-02,2026-10,EUR,USD,1,,,", "2:12: both a date and a period"),
        ("2026-10-02,,EUR,USD,1,closing,,", "2:23: 'closing' is no rate of a date"),
        (",2026-10,EUR,USD,1,spot,,", "2:20: 'spot' is no rate of a period"),
        (",2026-10,EUR,USD,1,invoice,,", "2:20: an invoice's rate"),
        (",2026-10,EUR,USD,1,invoice,aw,", "2:28: 'aw' is no source of this project"),
        (",2026-10,EUR,USD,1,,aws,", "2:21: a month_average rate for one source"),
    ],
)
def test_faults_of_a_row_name_the_field(shop: Workshop, row: str, fault: str) -> None:
    assert faults(shop, HEAD + row + "\n") == [f"rates.csv:{fault}"]


def test_two_values_for_one_rate_are_a_fault(shop: Workshop) -> None:
    twice = "2026-10-02,,EUR,USD,1.10,,,\n2026-10-02,,EUR,USD,1.11,,,\n"
    assert faults(shop, HEAD + twice) == [
        "rates.csv:3: a second daily rate from EUR to USD for 2026-10-02"
    ]


def test_columns_that_lack_and_a_file_that_is_not_there(shop: Workshop) -> None:
    assert faults(shop, "from,to\n") == ["rates.csv:1: no column rate, date (or period)"]
    (shop.root / "rates.csv").unlink()
    with pytest.raises(ConfigurationError, match=r"rates\.csv can't be read"):
        read_rate_table(read_project(shop.root))


def test_check_reads_the_table(shop: Workshop) -> None:
    shop.model()
    shop.write("apportion.yaml", SETTING)
    shop.write("rates.csv", HEAD + "2026-10-02,,EUR,USD,0,,,\n")
    with pytest.raises(ConfigurationError, match="a rate of 0"):
        check(read_project(shop.root))
