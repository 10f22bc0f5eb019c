"""Usage decides: who used what is billed carries it, by the day, and nothing is guessed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from apportion.domain.owner import UNALLOCATED
from apportion.domain.period import Period
from apportion.domain.result import LineKind, Run
from apportion.run.bring_in import bring_in, bring_in_usage
from apportion.run.evaluate import evaluate
from apportion.run.open_project import OpenProject
from apportion.run.statement import draw_statement
from bills import row, write_bill
from usages import use_test_format

OCTOBER = Period(2026, 10)
PROJECT = """\
name: Usage
currency: USD
sources:
  cloud: {format: focus, path: bills}
usage:
  cluster: {format: csv, path: usage/cluster}
  gateway: {format: csv, path: usage/gateway}
"""
TEAMS = """\
organisation:
  - {name: nlp, kind: team}
  - {name: cv, kind: team}
  - {name: platform, kind: team}
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    use_test_format(monkeypatch)
    return Place(tmp_path)


class Place:
    """A project with a bill, usage, and a model."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "model").mkdir()
        (root / "apportion.yaml").write_text(PROJECT)
        (root / "model" / "organisation.yaml").write_text(TEAMS)
        for name in ("cluster", "gateway"):
            self.use(name, {"UsageId": "-", "UsageStart": "2026-10-01T00:00:00"})

    def bill(self, *rows: dict[str, str]) -> None:
        write_bill(self.root / "bills/bill.csv", rows)

    def use(self, source: str, *records: dict[str, Any]) -> None:
        path = self.root / "usage" / source / "a.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(one) + "\n" for one in records))

    def model(self, text: str) -> None:
        (self.root / "model" / "model.yaml").write_text(dedent(text))

    def run(self) -> Run:
        with OpenProject(self.root) as project:
            bring_in(project)
            bring_in_usage(project)
            made = evaluate(project.workspace, project.model, OCTOBER)
            project.books.save_run(made)
            return made


def carried(run: Run) -> dict[tuple[str, str], Fraction]:
    found: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for line in run.lines:
        found[line.owner.name, str(line.kind)] += line.amounts.of("EffectiveCost")
    return dict(found)


def job(name: str, account: str, hours: int, day: int = 5, **more: Any) -> dict[str, Any]:
    return {
        "UsageId": name,
        "UsageStart": f"2026-10-{day:02d}T00:00:00",
        "UsageEnd": f"2026-10-{day:02d}T{hours:02d}:00:00",
        "AccountId": account,
        "gpus": 1,
        **more,
    }


CLUSTER = """
pools:
  - {name: gpus, service: Compute, split: {by: driver, driver: gpu_hours}}
drivers:
  - {name: gpu_hours, unit: GPU hours, usage: {meter: gpu_hours, sources: [cluster]}}
identities:
  - {account: nlp-research, team: nlp}
  - {account: "cv-*", team: cv}
"""


def test_a_pool_is_split_by_metered_hours_and_unknown_use_stays_unallocated(place: Place) -> None:
    place.bill(row("100"))
    place.use(
        "cluster", job("1", "nlp-research", 6), job("2", "cv-labs", 3), job("3", "who-is-it", 1)
    )
    place.model(CLUSTER)
    run = place.run()
    assert carried(run) == {
        ("nlp", "shared"): 60,
        ("cv", "shared"): 30,
        ("unallocated", "unallocated"): 10,
    }
    (unknown,) = (one for one in run.shares if one.kind is LineKind.UNALLOCATED)
    assert "doesn't know" in unknown.note
    assert all(proof.ok for proof in run.proofs)
    assert len(run.snapshots) == 3


def test_what_failed_is_a_line_of_its_own(place: Place) -> None:
    place.bill(row("100"))
    place.use(
        "cluster",
        job("1", "nlp-research", 5, Status="success"),
        job("2", "nlp-research", 3, Status="failed"),
        job("3", "cv-labs", 2, Status="cancelled"),
    )
    place.model(CLUSTER)
    run = place.run()
    assert carried(run) == {("nlp", "shared"): 50, ("nlp", "lost"): 30, ("cv", "lost"): 20}
    (share,) = (
        one for one in run.shares if one.kind is LineKind.LOST and one.receiver.name == "nlp"
    )
    assert share.note == "failed: 3 GPU hours"


def test_what_failed_of_nobody_known_is_no_team_s(place: Place) -> None:
    place.bill(row("100"))
    place.use("cluster", job("1", "nlp-research", 6), job("2", "who-is-it", 4, Status="failed"))
    place.model(CLUSTER)
    run = place.run()
    assert carried(run) == {("nlp", "shared"): 60, ("unallocated", "lost"): 40}
    assert {one.owner for one in run.lines if one.kind is LineKind.LOST} == {UNALLOCATED}
    statement = draw_statement(run, "USD")
    assert statement.unallocated == 40
    assert sum(team.total for team in statement.teams) + statement.unallocated == statement.total


def test_an_identity_that_moves_in_mid_month_is_split_by_the_day(place: Place) -> None:
    place.bill(row("100"))
    place.use("cluster", job("1", "shared", 4, day=10), job("2", "shared", 6, day=20))
    place.model(
        CLUSTER
        + """\
  - {account: shared, team: nlp, until: 2026-10-15}
  - {account: shared, team: cv, from: 2026-10-15}
"""
    )
    assert carried(place.run()) == {("nlp", "shared"): 40, ("cv", "shared"): 60}


def test_several_sources_of_one_use_count_once(place: Place) -> None:
    place.bill(row("100"))
    call = {"UsageStart": "2026-10-05T01:00:00", "ProviderName": "openai", "output_tokens": 10}
    place.use("gateway", {**call, "UsageId": "g1", "TeamLabel": "nlp"})
    place.use(
        "cluster",
        {**call, "UsageId": "p1", "TeamLabel": "cv", "ProviderName": "OpenAI", "output_tokens": 30},
        {**call, "UsageId": "p2", "TeamLabel": "cv", "UsageStart": "2026-10-06T01:00:00"},
    )
    place.model(
        """
        pools:
          - {name: api, service: Compute, split: {by: driver, driver: tokens}}
        drivers:
          - {name: tokens, unit: tokens,
             usage: {meter: output_tokens, sources: [gateway, cluster], once: true}}
        """
    )
    assert carried(place.run()) == {("nlp", "shared"): 50, ("cv", "shared"): 50}


def charges() -> Iterable[dict[str, str]]:
    def charge(cost: str, kind: str, model: str = "gpt-4o", day: int = 5) -> dict[str, str]:
        return row(
            cost,
            ServiceName="OpenAI API",
            ChargeDescription=f"{model}, {kind}",
            ChargePeriodStart=f"2026-10-{day:02d}T00:00:00Z",
            ChargePeriodEnd=f"2026-10-{day + 1:02d}T00:00:00Z",
            x_ModelId=model,
            x_NativeTokenType=kind,
        )

    yield charge("20", "input")
    yield charge("40", "output")
    yield charge("10", "cache_read")
    yield charge("30", "output", day=6)


API = """
pools:
  - {name: api, service: OpenAI API,
     split: {by: usage_cost, usage: [gateway], when_missing: keep}}
"""


def api_call(name: str, team: str, day: int = 5, **meters: Any) -> dict[str, Any]:
    return {
        "UsageId": name,
        "UsageStart": f"2026-10-{day:02d}T01:00:00",
        "ProviderName": "openai",
        "ModelId": "gpt-4o",
        "TeamLabel": team,
        "requests": 1,
        **meters,
    }


def test_each_kind_of_token_is_carried_by_who_used_that_kind(place: Place) -> None:
    place.bill(*charges())
    place.use(
        "gateway",
        api_call("1", "nlp", uncached_input_tokens=3_000_000, output_tokens=1_000_000),
        api_call("2", "cv", uncached_input_tokens=1_000_000, cache_read_tokens=500_000),
        api_call("3", "cv", output_tokens=3_000_000),
    )
    place.model(API)
    run = place.run()
    assert carried(run) == {
        ("nlp", "shared"): 15 + 10,
        ("cv", "shared"): 5 + 30 + 10,
        ("api", "kept"): 30,
    }
    (kept,) = (one for one in run.shares if one.kind is LineKind.KEPT)
    assert "no usage of what is billed on 2026-10-06" in kept.note


def test_the_pool_keeps_what_the_bill_differs_by(place: Place) -> None:
    """gpt-4o: 2.50 and 10.00 for a million; nlp used 2.50 + 10.00, the bill says 60."""
    place.bill(*list(charges())[:2])
    place.use("gateway", api_call("1", "nlp", uncached_input_tokens=10**6, output_tokens=10**6))
    place.model(API.replace("when_missing: keep", "difference: keep"))
    run = place.run()
    assert carried(run) == {
        ("nlp", "shared"): Fraction(Decimal("12.5")),
        ("api", "variance"): Fraction(Decimal("47.5")),
    }


def test_of_a_gateway_s_usage_each_pool_takes_that_of_its_provider(place: Place) -> None:
    """Both bills say no model; gpt-4o costs 10.00 for a million out, claude-sonnet-4-5 15.00."""
    other: dict[str, Any] = {"ProviderName": "anthropic", "ModelId": "claude-sonnet-4-5"}
    place.bill(row("12", ServiceName="OpenAI API"), row("30", ServiceName="Claude API"))
    place.use(
        "gateway",
        api_call("1", "nlp", output_tokens=10**6),
        api_call("2", "cv", output_tokens=10**6, **other),
    )
    place.model(
        """
        pools:
          - {name: openai, service: OpenAI API, split: {by: usage_cost, usage: [gateway],
             where: {ProviderName: openai}, difference: keep}}
          - {name: claude, service: Claude API, split: {by: usage_cost, usage: [gateway],
             where: {ProviderName: anthropic}}}
        """
    )
    run = place.run()
    assert carried(run) == {("nlp", "shared"): 10, ("openai", "variance"): 2, ("cv", "shared"): 30}


def test_a_model_without_a_price_weighs_by_tokens_and_is_told(place: Place) -> None:
    place.bill(*({**one, "x_ModelId": "never-heard-of"} for one in list(charges())[:2]))
    place.use(
        "gateway",
        *(
            api_call(name, name, ModelId="never-heard-of", output_tokens=tokens)
            for name, tokens in (("nlp", 100), ("cv", 300))
        ),
    )
    place.model(API)
    run = place.run()
    assert carried(run) == {("nlp", "shared"): 15, ("cv", "shared"): 45}
    (told,) = (one for one in run.findings if one.code == "usage-unpriced")
    assert "never-heard-of" in told.message
    assert "400 output_tokens" in told.message


def test_one_spend_on_three_bills_counts_once(place: Place) -> None:
    """The provider's own report, a Marketplace row and a gateway's bill tell of the same 60."""
    own = row("60", ServiceName="Claude API", ProviderName="Anthropic")
    market = row("60", ServiceName="Claude (Marketplace)", ProviderName="AWS")
    gateway = row("58", ServiceName="Gateway tokens", ProviderName="Gateway")
    place.bill(own, market, gateway, row("40"))
    place.model(
        """
        rules:
          - {name: claude, service: [Claude API, Claude (Marketplace), Gateway tokens], team: nlp}
          - {name: machines, service: Compute, team: cv}
        same_spend:
          - name: Claude
            views: [{service: Claude (Marketplace)}, {provider: Anthropic}, {provider: Gateway}]
            because: the Marketplace row is what we pay
        """
    )
    run = place.run()
    assert carried(run) == {("nlp", "direct"): 60, ("cv", "direct"): 40}
    (proof,) = (one for one in run.proofs if one.basis == "BilledCost")
    assert proof.ok
    assert (proof.loaded, proof.left_out) == (Decimal(218), Decimal(118))
    (told,) = (one for one in run.findings if one.code == "spend-left-out")
    assert "2 charges of cloud, billed 118 USD, are left out" in told.message
    assert "the Marketplace row is what we pay" in told.message


def test_the_next_view_counts_in_a_month_without_the_first(place: Place) -> None:
    place.bill(row("60", ServiceName="Claude API", ProviderName="Anthropic"))
    place.model(
        """
        rules: [{name: claude, provider: Anthropic, team: nlp}]
        same_spend:
          - {name: Claude, views: [{service: Claude (Marketplace)}, {provider: Anthropic}]}
        """
    )
    assert carried(place.run()) == {("nlp", "direct"): 60}


def test_a_bill_that_has_not_come_is_estimated_and_charged_when_it_comes(place: Place) -> None:
    """A million tokens of gpt-4o cost 2.50 going in and 10.00 coming out."""
    place.bill(row("7"))
    place.use("gateway", api_call("1", "nlp", uncached_input_tokens=10**6, output_tokens=10**6))
    place.model(API)
    (told,) = (one for one in place.run().findings if one.code == "bill-awaited")
    assert "nlp 12.5 USD" in told.message
    place.bill(row("7"), *list(charges())[:2])
    run = place.run()
    assert carried(run)["nlp", "shared"] == 60
    assert "bill-awaited" not in {one.code for one in run.findings}


def test_nobody_pays_for_usage_of_another_model(place: Place) -> None:
    """What gpt-4o cost isn't known from who used gpt-4o-mini: the pool keeps it."""
    place.bill(*list(charges())[:2])
    place.use("gateway", api_call("1", "nlp", ModelId="gpt-4o-mini", output_tokens=10**6))
    place.model(API)
    assert carried(place.run()) == {("api", "kept"): 60}


def test_usage_that_tells_no_model_is_used_where_none_tells_it(place: Place) -> None:
    place.bill(*list(charges())[:2])
    place.use("gateway", api_call("1", "nlp", ModelId="", output_tokens=10**6))
    place.model(API)
    assert carried(place.run()) == {("nlp", "shared"): 60}


def test_a_dated_name_and_its_alias_are_one_model(place: Place) -> None:
    place.bill(*({**one, "x_ModelId": "gpt-4o-2024-08-06"} for one in list(charges())[:2]))
    place.use("gateway", api_call("1", "nlp", uncached_input_tokens=10, output_tokens=10**6))
    place.model(API)
    assert carried(place.run()) == {("nlp", "shared"): 60}


def test_without_usage_of_a_kind_that_of_its_model_stands_in_and_is_told(place: Place) -> None:
    """10 are billed for reading the cache, and no record tells of it: input and output decide."""
    place.bill(*list(charges())[:3])
    place.use(
        "gateway",
        api_call("1", "nlp", uncached_input_tokens=10**6),
        api_call("2", "cv", output_tokens=10**6),
    )
    place.model(API)
    run = place.run()
    assert carried(run) == {("nlp", "shared"): 20 + 2, ("cv", "shared"): 40 + 8}
    (told,) = (one for one in run.findings if one.code == "usage-matched-loosely")
    assert "token_type" in told.message


def test_unallocated_usage_can_be_left_out_of_a_pool(place: Place) -> None:
    place.bill(*list(charges())[:2])
    place.use(
        "gateway",
        api_call("1", "nlp", uncached_input_tokens=10, output_tokens=10),
        api_call("2", "", uncached_input_tokens=10, output_tokens=10),
    )
    place.model(API)
    assert carried(place.run()) == {("nlp", "shared"): 30, ("unallocated", "unallocated"): 30}
    place.model(API.replace("usage: [gateway],", "usage: [gateway], excluding: [unallocated],"))
    assert carried(place.run()) == {("nlp", "shared"): 60}
