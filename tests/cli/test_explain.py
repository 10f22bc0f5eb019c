"""From a statement line back to the rows of the bill, in every currency."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bills import row, write_bill, write_project
from walk import apportion

MODEL = """\
organisation:
  - {name: nlp, kind: team}
  - {name: cv, kind: team, until: 2026-10-16}
  - {name: vision, kind: team, from: 2026-10-16}
rules:
  - {name: team tag, team_from_tag: team}
  - {name: early, account: "22", team: cv, until: 2026-10-16}
  - {name: late, account: "22", team: vision, from: 2026-10-16}
pools:
  - {name: platform, tag: {service: platform}, split: {by: fixed, percentages: {nlp: 100}}}
"""
EURO = {"BillingCurrency": "EUR", "ServiceName": "Storage"}
LATER = {"ChargePeriodStart": "2026-10-20T00:00:00Z", "ChargePeriodEnd": "2026-10-21T00:00:00Z"}
ROWS = [
    row("60.005", {"team": "nlp"}),
    row("-5.5", {"team": "nlp"}, ResourceName="refund"),
    row("87560.76", {"team": "nlp"}, **EURO),
    row("25.01", {"service": "platform"}, ResourceName="gateway"),
    row("7", {}, SubAccountId="22"),
    row("9", {}, SubAccountId="22", **LATER),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = write_project(tmp_path / "company", ROWS, model=MODEL)
    run(made, "load")
    run(made, "run", "--period", "2026-10")
    return made


def run(folder: Path, *words: str, expect: int = 0) -> str:
    code, output, errors = apportion(folder, *words)
    assert code == expect, output + errors
    return output + errors


def explain(folder: Path, team: str, *words: str) -> dict[str, Any]:
    found = run(folder, "explain", "--period", "2026-10", "--team", team, *words, "--json")
    made: dict[str, Any] = json.loads(found)
    return made


def test_lines_of_every_currency_are_explained(folder: Path) -> None:
    lines = explain(folder, "nlp")["lines"]
    assert [(line["currency"], line["amount"]) for line in lines] == [
        ("USD", "54.51"),
        ("USD", "25.01"),
        ("EUR", "87560.76"),
    ]
    shown = run(folder, "explain", "--period", "2026-10", "--team", "nlp")
    assert "Storage: 87,560.76 EUR" in shown


def test_one_currency_or_one_line_may_be_asked_for(folder: Path) -> None:
    (euro,) = explain(folder, "nlp", "--currency", "EUR")["lines"]
    assert explain(folder, "nlp", "--line", euro["id"])["lines"] == [euro]
    said = run(folder, "explain", "--period=2026-10", "--team=nlp", "--currency=JPY", expect=2)
    assert "there is USD, EUR" in said


def test_charges_name_their_currency_and_print_like_all_else(folder: Path) -> None:
    found = explain(folder, "nlp", "--charges", "2")["charges"]
    assert [(one["currency"], one["amount"]) for one in found] == [
        ("USD", "60.005"),
        ("USD", "-5.5"),
        ("EUR", "87560.76"),
    ]
    shown = run(folder, "explain", "--period", "2026-10", "--team", "nlp", "--charges", "2")
    assert "87,560.76" in shown
    assert "60.005" in shown
    assert "000000" not in shown


def test_rows_of_the_bill_stand_behind_each_line(folder: Path) -> None:
    direct, shared, euro = explain(folder, "nlp", "--rows", "1")["lines"]
    # 60.005 - 5.5 = 54.505; the larger of the two rows is the first one below the header.
    assert direct["bill_rows"] == {
        "of": 2,
        "total": "54.505",
        "shown": "60.005",
        "rows": [
            {
                "day": "2026-10-05",
                "source": "cloud",
                "file": "bills/2026-10.csv",
                "row": 1,
                "resource": "machine-1",
                "service": "Compute",
                "rule": "team tag",
                "amount": "60.005",
                "pool": None,
                "weight": "1",
                "carried": "60.005",
            }
        ],
    }
    (gateway,) = shared["bill_rows"]["rows"]
    assert (gateway["row"], gateway["resource"], gateway["rule"]) == (4, "gateway", "platform")
    assert euro["bill_rows"]["total"] == "87560.76"
    shown = run(folder, "explain", "--period=2026-10", "--team=nlp", "--rows=1")
    assert "shown 1 of 2 rows: 60.005 of 54.505 USD" in shown
    assert "bill rows of pool platform" in shown


def test_a_resource_that_changes_hands_shows_each_team_its_own_days(folder: Path) -> None:
    for team, day, amount in (("cv", "2026-10-05", "7"), ("vision", "2026-10-20", "9")):
        (line,) = explain(folder, team, "--rows", "9")["lines"]
        found = [(one["day"], one["amount"]) for one in line["bill_rows"]["rows"]]
        assert found == [(day, amount)]


def test_rows_have_no_number_where_rows_of_the_file_were_set_aside(folder: Path) -> None:
    write_bill(folder / "bills" / "2026-10.csv", [row("1,5", {}), *ROWS])
    run(folder, "load", expect=1)
    run(folder, "run", "--period", "2026-10")
    lines = explain(folder, "nlp", "--rows", "9")["lines"]
    rows = [one for line in lines for one in line["bill_rows"]["rows"]]
    assert {one["row"] for one in rows} == {None}
    assert sum(Decimal(one["amount"]) for one in rows if one["service"] == "Compute") == Decimal(
        "79.515"
    )


def test_rows_of_an_older_rule_are_not_told(folder: Path) -> None:
    model = folder / "model" / "model.yaml"
    model.write_text(model.read_text().replace("name: team tag", "name: by tag"))
    said = run(folder, "explain", "--period=2026-10", "--team=nlp", "--rows=1", expect=2)
    assert "the model has changed since this run" in said


def test_all_rows_and_charge_keys_sum_to_the_line(folder: Path) -> None:
    for line in explain(folder, "nlp", "--all-rows", "--charges", "9")["lines"]:
        for listed, name in ((line["bill_rows"], "rows"), (line["charge_keys"], "keys")):
            assert listed["of"] == len(listed[name])
            assert sum(Decimal(one["carried"]) for one in listed[name]) == Decimal(line["exact"])


def test_a_changed_model_is_told_and_its_places_are_not(folder: Path) -> None:
    before = explain(folder, "nlp")
    assert before["model"]["same"]
    rule = before["lines"][0]["tree"]["parts"][0]
    assert rule["said"][0]["place"].startswith("model/model.yaml:6")
    model = folder / "model" / "model.yaml"
    model.write_text(model.read_text().replace("name: team tag", "name: by tag"))
    after = explain(folder, "nlp")
    assert not after["model"]["same"]
    assert after["lines"][0]["tree"]["parts"][0]["said"] == []
    said = run(folder, "explain", "--period", "2026-10", "--team", "nlp")
    assert f"model {after['model']['version'][:12]}, which has changed since" in said
    model.write_text("nonsense: true")
    assert explain(folder, "nlp")["model"]["current"] is None


def test_lines_of_nobody_are_explained_without_a_team(folder: Path) -> None:
    bill = [*ROWS, row("3", {})]
    write_bill(folder / "bills" / "2026-10.csv", bill)
    run(folder, "load")
    run(folder, "run", "--period", "2026-10")
    found = run(folder, "explain", "--period", "2026-10", "--rows", "1", "--json")
    (line,) = json.loads(found)["lines"]
    assert (line["kind"], line["amount"], line["team"]) == ("unallocated", "3.00", None)
    assert line["bill_rows"]["total"] == "3"
    (own,) = explain(folder, "cv")["lines"]
    alone = run(folder, "explain", "--period", "2026-10", "--line", own["id"], "--json")
    assert json.loads(alone)["lines"] == [own]


CONVERTED = """\
name: Test company
currency: USD
rates: rates.csv
sources:
  cloud: {format: focus, path: bills}
"""
CENTS = [
    *(row("10.004", {"team": "nlp"}, ServiceName=name) for name in ("A", "B", "C")),
    *(row("10.004", {"team": "nlp"}, **{**EURO, "ServiceName": name}) for name in ("D", "E")),
    row("100", {"service": "platform"}),
]
MODES = """\
organisation:
  - {name: nlp, kind: team, mode: chargeback}
  - {name: cv, kind: team}
rules:
  - {name: team tag, team_from_tag: team}
pools:
  - name: platform
    tag: {service: platform}
    mode: shadow
    split:
      - {by: even, until: 2026-10-16, because: the first try, owner: finops@example.org}
      - {by: fixed, percentages: {nlp: 100}, from: 2026-10-16, because: ticket 7}
"""


@pytest.fixture
def converted(tmp_path: Path) -> Path:
    made = write_project(tmp_path / "company", CENTS, settings=CONVERTED, model=MODES)
    (made / "rates.csv").write_text(
        "period,from,to,rate,type\n2026-10,EUR,USD,1.1013,month_average\n"
    )
    run(made, "load")
    run(made, "run", "--period", "2026-10")
    return made


def test_explained_lines_add_up_to_the_statement(converted: Path) -> None:
    (team, *_) = json.loads(
        run(converted, "statement", "--period", "2026-10", "--team", "nlp", "--json")
    )["teams"]
    lines = explain(converted, "nlp")["lines"]
    stated = [one for line in lines for one in line["stated"]]
    assert {one["currency"] for one in stated} == {"USD"}
    assert sum(Decimal(one["amount"]) for one in stated) == Decimal(team["total"])
    assert {line["id"]: line["stated"][0]["amount"] for line in lines} == {
        line["id"]: line["amount"] for line in team["lines"]
    }
    shown = run(converted, "explain", "--period", "2026-10", "--team", "nlp")
    (euro, *_) = [line for line in lines if line["currency"] == "EUR"]
    amount = euro["stated"][0]["amount"]
    assert f"D: {euro['amount']} EUR, {amount} USD on the statement   line" in shown


def test_a_line_in_another_mode_than_its_team_says_so(converted: Path) -> None:
    shown = run(converted, "explain", "--period", "2026-10", "--team", "nlp")
    assert "share of platform (shadow): " in shown
    assert "A (chargeback)" not in shown
    shown = run(converted, "statement", "--period", "2026-10", "--team", "nlp")
    assert " share of platform (shadow) " in shown


def test_a_dated_split_says_why_on_its_days(converted: Path) -> None:
    shown = run(converted, "explain", "--period", "2026-10", "--team", "cv")
    assert "until 2026-10-16, because: the first try, answered for by finops@example.org" in shown
    assert "from 2026-10-16, because: ticket 7" in shown
