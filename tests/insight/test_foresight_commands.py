"""Forecast, anomalies, burn and spike of a small project, as commands and in Python."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from textwrap import dedent

import pytest

import apportion as package
from apportion.domain.period import Period
from bills import row, write_bill
from commands import apportion

PROJECT = """
name: Small
currency: USD
basis: BilledCost
anomalies: {least: 50}
sources:
  cloud: {format: focus, path: bills}
"""

MODEL = """
organisation:
  - {name: shop, kind: product}
  - {name: nlp, kind: team, parent: shop, owner: nlp@example.com}
  - {name: cv, kind: team, parent: shop}
rules:
  - {name: by tag, team_from_tag: team}
pools:
  - {name: shared, service: Shared, split: {by: even}}
budgets:
  - {team: nlp, amount: "4000", currency: USD}
"""

FIRST, LAST = date(2026, 6, 1), date(2026, 10, 20)
SPIKE = date(2026, 10, 12)


def charge(day: date, cost: str, team: str, **more: str) -> dict[str, str]:
    period = Period.of(day)
    times = {
        "BillingPeriodStart": f"{period.start}T00:00:00Z",
        "BillingPeriodEnd": f"{period.until}T00:00:00Z",
        "ChargePeriodStart": f"{day}T00:00:00Z",
        "ChargePeriodEnd": f"{day + timedelta(days=1)}T00:00:00Z",
    }
    return row(cost, {"team": team} if team else {}, **{**times, **more})


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five months, 100 a day and team and 20 a day shared; on 12 October a sweep of 900 begins."""
    root = tmp_path_factory.mktemp("small")
    (root / "apportion.yaml").write_text(PROJECT)
    (root / "model").mkdir()
    (root / "model" / "model.yaml").write_text(dedent(MODEL))
    rows, day = [], FIRST
    while day <= LAST:
        rows += [charge(day, "100", team, ResourceName=f"server {team}") for team in ("nlp", "cv")]
        rows.append(charge(day, "20", "", ServiceName="Shared"))
        if day >= SPIKE:
            rows.append(charge(day, "900", "nlp", ResourceName="sweep"))
        day += timedelta(days=1)
    write_bill(root / "bills/bill.csv", rows)
    apportion(root, "load")
    return root


def test_the_forecast_of_a_steady_team_is_its_days(project: Path) -> None:
    made = apportion(project, "forecast", "--team", "cv", "--months", "2", "--json")
    (cv,) = made["forecasts"]
    assert (made["period"], made["as_of"]) == ("2026-10", "2026-10-20")
    assert cv["month_end"]["spent"] == "2200.00"
    assert Decimal(cv["month_end"]["forecast"]) == pytest.approx(Decimal(3410), rel=Decimal("0.02"))
    assert [one["period"] for one in cv["months"]] == ["2026-11", "2026-12"]
    assert [one["code"] for one in made["findings"]] == ["forecast-no-season"]


def test_the_forecast_of_everything_has_teams_pools_and_products(project: Path) -> None:
    made = apportion(project, "forecast", "--months", "1", "--json")
    kinds = [(one["kind"], one["name"]) for one in made["forecasts"]]
    assert kinds == [
        ("all", "all"), ("product", "shop"), ("pool", "shared"), ("team", "cv"), ("team", "nlp"),
    ]  # fmt: skip


def test_a_budget_is_used_up_on_a_day(project: Path) -> None:
    """By the 11th 1,210 are spent; then 1,010 a day: the third of those days passes 4,000."""
    (nlp,) = apportion(project, "forecast", "--team", "nlp", "--json")["forecasts"]
    assert nlp["budget"]["used_up_on"] == "2026-10-14"


def test_the_table_for_people_tells_the_formulas(project: Path) -> None:
    said = apportion(project, "forecast", "--team", "cv", "--months", "1")
    assert "Σ|forecast - actual| ÷ Σ actual" in said


def test_as_issued_needs_runs(project: Path) -> None:
    said = apportion(project, "forecast", "--as-issued", expect=2)
    assert "no month can be told" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["forecast", "--team", "nobody"], "no team is called 'nobody'"),
        (["forecast", "--team", "cv", "--pool", "shared"], "a team, a pool or a product"),
        (["forecast", "--period", "2020-01"], "no charges are loaded for 2020-01"),
        (["forecast", "--as-of", "20.10.2026"], "is no day"),
        (["forecast", "--as-of", "2026-09-20"], "is no day of 2026-10"),
        (["burn", "--team", "cv"], "cv has no budget in 2026-10"),
        (["burn", "--period", "2020-01"], "no charges are loaded for 2020-01"),
        (["anomalies", "list", "--period", "2020-01"], "no charges are loaded for 2020-01"),
        (["anomalies", "list", "--until", "2020-01-01"], "lies before"),
        (["spike", "zzz"], "no anomaly begins with 'zzz'"),
        (["anomalies", "ack", "zzz", "--because", "x"], "no anomaly begins with 'zzz'"),
        (["anomalies", "ack", "zzz", "--because", "x", "--state", "gone"], "no state"),
    ],
)
def test_what_cannot_be_is_said_in_plain_words(
    project: Path, arguments: list[str], said: str
) -> None:
    assert said in apportion(project, *arguments, expect=2)


def test_a_spike_from_alert_to_summary(project: Path) -> None:
    (one,) = apportion(project, "anomalies", "list", "--json")["anomalies"]
    assert (one["team"], one["first"], one["noticed"]) == ("nlp", "2026-10-12", "2026-10-12")
    assert one["extra_cost"] == "8100.00"
    assert one["drivers"][0]["name"] == "sweep"
    assert (one["state"], one["owner"], one["running"]) == ("open", "nlp@example.com", True)
    told = apportion(
        project, "anomalies", "ack", one["id"][:5], "--because", "INC-7 | *who*", "--json"
    )
    assert told["state"] == "acknowledged"
    shown = apportion(project, "anomalies", "show", one["id"], "--json")
    assert shown["state"] == "acknowledged"
    # Eleven days are left, at 900 a day.
    assert shown["extra_by_month_end"] == "18000.00"
    assert shown["budget"] == "4000.00"
    summary = apportion(project, "spike", one["id"])
    assert "# Spike" in summary
    assert "blameless" in summary
    assert "18,000.00 USD" in summary
    assert r"INC-7 \| \*who\*" in summary
    assert "a budget of 4,000.00 USD a month" in summary
    log = apportion(project, "audit", "log", "--json")["audit"]
    assert log[-1]["action"] == "anomaly"
    assert log[-1]["detail"]["before"] == "open"


def test_the_budget_of_the_team_burns(project: Path) -> None:
    made = apportion(project, "burn", "--json", expect=1)
    (nlp,) = made["budgets"]
    assert nlp["alerts"][0] == "budget-burn-fast"
    assert nlp["spent"] == "10300.00"


def test_an_approved_budget_counts_in_place_of_the_models_and_forecasts_are_kept_against_it(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The approved budget of cv is 3,000 in October: 110 a day pass it on the 28th."""
    project = Path(shutil.copytree(project, tmp_path / "own"))
    plan = "owner,month,amount\nteam:cv,2026-10,3000.00\nteam:cv,2026-11,3000.00\n"
    (project / "plan.csv").write_text(plan)
    name = ("--name", "2026")
    apportion(project, "budget", "import", str(project / "plan.csv"), *name, "--because", "plan")
    apportion(project, "budget", "submit", *name)
    monkeypatch.setenv("APPORTION_ACTOR", "ben")
    apportion(project, "budget", "approve", *name)
    asked = ("forecast", "--team", "cv", "--months", "1", "--keep", "2026", "--json")
    (cv,) = apportion(project, *asked)["forecasts"]
    assert cv["budget"]["budget"] == "3000.00"
    assert cv["budget"]["used_up_on"] == "2026-10-28"
    kept = apportion(project, "budget", "forecast", "list", *name, "--json")
    assert "ben" in str(kept)


def test_an_empty_reason_is_refused(project: Path) -> None:
    (one,) = apportion(project, "anomalies", "list", "--json")["anomalies"]
    said = apportion(project, "anomalies", "ack", one["id"], "--because", " ", expect=2)
    assert "isn't answered without a reason" in said


def test_the_same_in_python(project: Path) -> None:
    with package.open_project(project) as opened:
        found = opened.anomalies("2026-10", team="nlp").to_pylist()
        ahead = opened.forecast(months=2).to_pylist()
    assert [(one["driver"], one["extra_cost"]) for one in found] == [("sweep", Decimal(8100))]
    cv = [one for one in ahead if one["name"] == "cv"]
    assert [one["kind_of_month"] for one in cv] == ["running", "ahead", "ahead"]


def test_without_statsmodels_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    from apportion.errors import UsageError
    from apportion.insight.forecast.methods import smoothed

    monkeypatch.setitem(sys.modules, "statsmodels.tsa", None)
    with pytest.raises(UsageError, match="statsmodels"):
        smoothed([1.0, 2.0, 3.0, 4.0])


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("anomalies: {least: -5}", "amount of 0 or more"),
        ("anomalies: {sensitivity: extreme}", "sensitivity"),
        ("anomalies: {most: 5}", "most"),
    ],
)
def test_a_wrong_setting_is_told_at_its_line(tmp_path: Path, setting: str, said: str) -> None:
    text = f"name: Small\ncurrency: USD\n{setting}\nsources: {{}}\n"
    (tmp_path / "apportion.yaml").write_text(text)
    told = apportion(tmp_path, "sources", expect=2)
    assert "apportion.yaml:3:" in told
    assert said in told
