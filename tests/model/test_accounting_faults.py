"""Faults in the accounting side of a model: what is said, and at which line and column."""

# ruff: noqa: E501
# Tables read best with one case in a line.

from __future__ import annotations

import pytest

from workshop import Workshop

TEXT = """entities: [{name: DE, code: "1010"}]
accounts: [{name: "65", kind: expense}, {name: "66", kind: recovery}]
postings: [{name: all, account: "65"}]
senders: [{entity: DE, cost_center: CC-9, recovery: "66"}]
"""
CASES = [
    ('code: "1010"', 'code: "=1010"', "1:29: '=1010' can't be an entity's code of an ERP"),
    ("name: DE,", "name: DE€,", "1:19: 'DE€' can't be an entity of an ERP"),
    ('name: "65"', 'name: "+65"', "2:19: '+65' can't be an account of an ERP"),
    ("CC-9", '"@CC"', "4:37: '@CC' can't be a cost centre of an ERP"),
    ("CC-9", "CC-🚀", "4:37: 'CC-🚀' can't be a cost centre of an ERP"),
    ("CC-9", "C" * 41, "4:37: "),
    ('all, account: "65"', 'all, account: "99"', "3:33: no account is called '99'"),
    ('recovery: "66"', 'recovery: "67"', "4:53: no account is called '67'"),
    ('recovery: "66"', 'recovery: "66", markup: 5', "4:67: a mark-up without `income`"),
    ('recovery: "66"', 'recovery: "66", payable: "65"', "4:11: `receivable` and `payable` belong together"),
    ('account: "65"', 'account: "65", classes: [gpu]', "3:49: 'gpu' is not a cost class"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "told"), CASES)
def test_faults_of_the_accounting_side(shop: Workshop, right: str, wrong: str, told: str) -> None:
    shop.model(TEXT)
    assert right in TEXT
    found = shop.faults(TEXT.replace(right, wrong, 1))
    assert any(fault.startswith(f"model/rules.yaml:{told}") for fault in found), found


@pytest.mark.parametrize("center", ["=1+1", "-4", "+1", "@x", "CC\\t1", "كلفة", "C" * 41])
def test_a_team_has_a_cost_centre_that_an_erp_takes(shop: Workshop, center: str) -> None:
    text = f'organisation:\n  - {{name: nlp, kind: team, cost_center: "{center}"}}\n'
    (fault,) = shop.faults(organisation=text)
    assert fault.startswith("model/organisation.yaml:2:42: ")
    assert "can't be a cost centre of an ERP" in fault


def test_a_dated_profit_centre_is_looked_at_too(shop: Workshop) -> None:
    text = """organisation:
      - name: nlp
        kind: team
        profit_center: [{value: P-1, until: 2026-02-01}, {value: "=P", from: 2026-02-01}]
    """
    (fault,) = shop.faults(organisation=text)
    assert "'=P' can't be a profit centre of an ERP" in fault
