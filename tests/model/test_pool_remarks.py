"""What is refused or remarked of pools: names that stand twice, teams that are pools."""

from __future__ import annotations

from pathlib import Path

import pytest

from apportion.domain.finding import Finding
from apportion.model.check import REMARKS
from workshop import Workshop


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def remarks(shop: Workshop, pools: str) -> list[Finding]:
    made = shop.model(pools)
    found = (one for remark in REMARKS for one in remark(made))
    return [one for one in found if one.code.startswith("pool-team")]


@pytest.mark.parametrize("key", ["among", "excluding"])
def test_a_name_stands_once_among_receivers(shop: Workshop, key: str) -> None:
    text = f"pools:\n  - {{name: p, service: x, split: {{by: even, {key}: [nlp, vision, nlp]}}}}\n"
    (fault,) = shop.faults(text)
    assert f"'nlp' stands twice in `{key}`" in fault
    assert fault.startswith("model/rules.yaml:2:")


def test_a_multiplier_below_zero_is_no_factor(shop: Workshop) -> None:
    split = "{by: even, multipliers: {teams: {nlp: -2}}}"
    (fault,) = shop.faults(f"pools:\n  - {{name: p, service: x, split: {split}}}\n")
    assert "'-2' is not a factor" in fault
    (hint,) = shop.hints(f"pools:\n  - {{name: p, service: x, split: {split}}}\n")
    assert "2, 0.5 or 1/3" in hint


POOLS = """\
pools:
  - {name: p, from_team: platform, split: {by: even%s}}
  - {name: q, service: x, split: {by: even%s}}
"""


def test_a_team_that_is_a_pool_and_shares_it_is_told(shop: Workshop) -> None:
    (own, others) = remarks(shop, POOLS % ("", ""))
    assert own.code == "pool-team-shares-it"
    assert "'platform' carries a part of the pool 'p', into which its cost falls" in own.message
    assert others.code == "pool-team-shares-others"
    assert "'platform' shares the pool 'q'" in others.message
    out = ", excluding: [platform]"
    assert [one.code for one in remarks(shop, POOLS % (out, ""))] == ["pool-team-shares-others"]
    assert remarks(shop, POOLS % (out, out)) == []
