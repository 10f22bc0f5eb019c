"""Which policy takes a charge: conditions, days, rules that are followed, defaults."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

from bills import row, write_project
from walk import apportion

TEAMS = """\
organisation:
  - {name: nlp, kind: team}
  - {name: cv, kind: team}
rules:
  - {name: account, account: ["1", "2"], team: nlp}
"""


def tax(cost: str, account: str = "1", day: int = 5) -> dict[str, str]:
    start = f"2026-10-{day:02}T00:00:00Z"
    return row(cost, ChargeCategory="Tax", SubAccountId=account, ChargePeriodStart=start)


def carried(folder: Path, rows: list[dict[str, str]], model: str) -> dict[str, Decimal]:
    """What each team, each kept pool and nobody carries."""
    write_project(folder, rows, model=TEAMS + model)
    for command in ("load", "run --period 2026-10"):
        code, _, errors = apportion(folder, *command.split())
        assert code == 0, errors
    code, output, _ = apportion(folder, "statement", "--period", "2026-10", "--json")
    assert code == 0
    document = json.loads(output)
    found = {team["team"]: Decimal(team["total"]) for team in document["teams"]}
    found |= {kept["pool"]: Decimal(kept["amount"]) for kept in document["kept"]}
    found["unallocated"] = Decimal(document["unallocated"])
    return {name: amount for name, amount in found.items() if amount}


def test_tax_is_central_though_a_rule_would_take_it(tmp_path: Path) -> None:
    found = carried(tmp_path / "p", [row("10", SubAccountId="1"), tax("3")], "")
    assert found == {"nlp": 10, "central tax": 3}


def test_a_default_steps_aside_where_a_rule_names_the_kind(tmp_path: Path) -> None:
    model = "  - {name: our tax, where: \"ChargeCategory = 'Tax'\", team: cv}\n"
    found = carried(tmp_path / "p", [row("10", SubAccountId="1"), tax("3", "9")], model)
    assert found == {"nlp": 10, "cv": 3}


def test_a_pool_of_the_model_comes_before_policies(tmp_path: Path) -> None:
    model = "pools:\n  - {name: taxes, x_CostClass: tax, split: {by: even}}\n"
    found = carried(tmp_path / "p", [tax("4")], model)
    assert found == {"nlp": 2, "cv": 2}


def test_what_follows_the_rules_may_be_limited_by_account_and_days(tmp_path: Path) -> None:
    model = """\
policies:
  - {charges: tax, policy: follow, account: "1", from: 2026-10-10, until: 2026-10-20, because: x}
  - {charges: tax, team: cv, account: ["2", "3"], because: x}
"""
    rows = [
        tax("1", "1", 5),
        tax("2", "1", 12),
        tax("4", "1", 25),
        tax("8", "2", 12),
        tax("16", "4"),
    ]
    found = carried(tmp_path / "p", rows, model)
    assert found == {"nlp": 2, "cv": 8, "central tax": 1 + 4 + 16}


def test_tax_without_an_account_does_not_follow(tmp_path: Path) -> None:
    model = 'policies:\n  - {charges: tax, policy: follow, account: "1", because: x}\n'
    found = carried(tmp_path / "p", [tax("5", "")], model)
    assert found == {"central tax": 5}


def test_support_is_shared_only_where_no_rule_takes_it(tmp_path: Path) -> None:
    fee = {"ServiceName": "AWS Support (Business)", "ChargeCategory": "Purchase"}
    rows = [row("10", SubAccountId="1"), row("2", SubAccountId="2") | fee]
    rows.append(row("3", SubAccountId="9") | fee)
    assert carried(tmp_path / "p", rows, "") == {"nlp": 15}


def test_support_that_nobody_has_a_base_for_is_kept(tmp_path: Path) -> None:
    fee = {"ServiceName": "AWS Support (Business)", "ProviderName": "AWS"}
    found = carried(tmp_path / "p", [row("3", SubAccountId="9") | fee], "")
    assert found == {"support of AWS": 3}


def test_a_stated_policy_on_support_comes_before_rules(tmp_path: Path) -> None:
    model = "policies:\n  - {charges: support, policy: central, because: x}\n"
    fee = {"ServiceName": "AWS Support (Business)", "ProviderName": "AWS"}
    found = carried(tmp_path / "p", [row("3", SubAccountId="1") | fee], model)
    assert found == {"central support": 3}
