"""Public traces, charged. Which team a queue, a client or a namespace belongs to is ours, as is
every price and bill: the traces have names without meaning, and no money.

Each charge is worked out again here from the trace's own rows, in plain Python.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from pathlib import Path

import pytest

from apportion.domain.result import LineKind, Run
from traces import (
    BASES,
    COST,
    OCP,
    TEAMS,
    TRACES,
    UNKNOWN,
    Charged,
    helios,
    hours_of_helios,
    hours_of_servegen,
    servegen,
    team_of,
)
from usage_readers import SHARED

there = pytest.mark.skipif(not SHARED.exists(), reason="the shared traces aren't on this machine")


def of_pool(run: Run, pool: str) -> dict[tuple[str, LineKind], Fraction]:
    """What each carries of a pool; what the pool keeps is carried by it."""
    found: dict[tuple[str, LineKind], Fraction] = defaultdict(Fraction)
    for line in run.lines:
        if line.pool == pool:
            found[line.owner.name, line.kind] += line.amounts.of("EffectiveCost")
    return {name: amount for name, amount in found.items() if amount}


def in_proportion(cost: str, weights: Mapping[str, Fraction]) -> dict[str, Fraction]:
    whole = sum(weights.values())
    return {name: Fraction(cost) * weight / whole for name, weight in weights.items() if weight}


def by_team(
    rows: Iterable[Mapping[str, str]],
    teams: Mapping[str, str],
    name: str,
    quantity: Callable[[Mapping[str, str]], Fraction],
) -> dict[str, Fraction]:
    found: dict[str, Fraction] = defaultdict(Fraction)
    for one in rows:
        found[teams[one[name]]] += quantity(one)
    return dict(found)


IDLE = ("central", "reserver", "use", "{to: quota, quota: quota}", "{to: central, account: ads}")


@there
@pytest.mark.parametrize("idle", IDLE)
def test_a_month_of_sixteen_virtual_clusters_is_charged_whole(tmp_path: Path, idle: str) -> None:
    """The Helios trace (May 2020): team charges and idle cost add up to the pool on each basis."""
    rows = hours_of_helios()
    project, teams = helios(tmp_path, rows, idle)
    assert len(teams) == 16
    run = project.run()
    assert all(proof.ok for proof in run.proofs)
    capacity = sum(Fraction(one["total_gpu_num"]) for one in rows)
    for basis, quantity in BASES.items():
        carried = of_pool(run, basis)
        assert sum(carried.values()) == Fraction(COST), basis
        used = by_team(rows, teams, "vc", quantity)
        rate = Fraction(COST) / max(capacity, sum(used.values()))
        for team, hours in used.items():
            kind = LineKind.UNALLOCATED if team == UNKNOWN else LineKind.SHARED
            assert carried[team, kind] == rate * hours, (basis, team)
        left = sum(own for (_, kind), own in carried.items() if kind is LineKind.IDLE)
        kept = Fraction(COST) - rate * sum(used.values())
        assert left == kept, basis


PRICES = {"in": Fraction(2, 10**6), "out": Fraction(8, 10**6)}


@there
def test_421_clients_are_priced_and_charged(tmp_path: Path) -> None:
    """ServeGen: hours of clients of five models. Where hours tell requests and no tokens, that is
    said, and isn't zero cost: by requests those clients pay their part."""
    rows = hours_of_servegen()
    project, clients = servegen(tmp_path, rows)
    assert len(clients) == 421
    run = project.run()
    costs = by_team(
        rows,
        clients,
        "client",
        lambda one: int(one["tin"]) * PRICES["in"] + int(one["tout"]) * PRICES["out"],
    )
    requests = by_team(rows, clients, "client", lambda one: Fraction(one["req"]))
    carried = {name: own for (name, _), own in of_pool(run, "by price").items()}
    assert carried == in_proportion("50000.01", costs)
    carried = {name: own for (name, _), own in of_pool(run, "by request").items()}
    assert carried == in_proportion("1000.00", requests)
    priced = of_pool(run, "at price")
    assert sum(priced.values()) == Fraction("9000000.00")
    for team in TEAMS:
        assert priced[team, LineKind.SHARED] == costs[team]
    silent = [one for one in rows if one["tin"] == one["tout"] == "0" and one["req"] != "0"]
    assert len(silent) > 10_000
    (told,) = (one for one in project.loads[0].findings if one.code == "usage-without-tokens")
    assert told.rows == len(silent)
    assert f"{sum(int(one['req']) for one in silent):,} requests" in told.message


@there
def test_every_request_has_the_price_of_its_own_size(tmp_path: Path) -> None:
    """Azure's trace of conversations: prompts of 2,000 tokens and more cost twice as much."""
    with (TRACES / "AzureLLMInferenceTrace_conv.csv").open() as file:
        rows = [
            {**one, "team": TEAMS[number % len(TEAMS)]}
            for number, one in enumerate(csv.DictReader(file))
        ]
    with (tmp_path / "calls.csv").open("w") as out:
        table = csv.DictWriter(out, [*rows[0], "provider", "model"])
        table.writeheader()
        table.writerows({**one, "provider": "ours", "model": "chat"} for one in rows)
    project = Charged(tmp_path, "2023-11")
    project.bill({"chat": "100.00"})
    project.declare(
        "  calls: {format: csv, path: calls.csv, columns: {UsageStart: TIMESTAMP,\n"
        "    uncached_input_tokens: ContextTokens, output_tokens: GeneratedTokens}}\n",
        """
        pools:
          - {name: chat, service: chat, split: {by: driver, driver: cost}}
        drivers:
          - {name: cost, unit: USD, usage: {meter: cost}}
        prices:
          - {provider: ours, model: chat, meter: uncached_input_tokens, price: 1}
          - {provider: ours, model: chat, meter: uncached_input_tokens, price: 2, min_input: 2000}
          - {provider: ours, model: chat, meter: output_tokens, price: 4}
        """,
        "project",
        {},
    )
    run = project.run()
    (loaded,) = project.loads[0].periods
    assert loaded.accepted == len(rows) == 19_366
    costs: dict[str, Fraction] = defaultdict(Fraction)
    for one in rows:
        prompt = int(one["ContextTokens"])
        rate = 2 if prompt >= 2000 else 1
        costs[one["team"]] += Fraction(prompt * rate + 4 * int(one["GeneratedTokens"]), 10**6)
    assert any(int(one["ContextTokens"]) >= 2000 for one in rows)
    carried = {name: own for (name, _), own in of_pool(run, "chat").items()}
    assert carried == in_proportion("100.00", costs)


@there
def test_pods_and_gpus_are_charged_by_namespace(tmp_path: Path) -> None:
    """A generated OpenShift cluster: CPUs by the larger of request and use, GPUs by time held."""
    name = "October-2026-ai-cluster-1-ocp_{}_usage.csv"
    pods, gpus = (_rows(OCP / name.format(report)) for report in ("pod", "gpu"))
    teams = team_of({one["namespace"] for one in (*pods, *gpus)})
    project = Charged(tmp_path, "2026-10")
    project.bill({"CPUs": "777.77", "GPUs": "4321.09"})
    project.declare(
        "".join(
            f"  {report}: {{format: openshift-{report}, "
            f"path: {(OCP / name.format(file)).resolve()}}}\n"
            for report, file in (("pods", "pod"), ("gpus", "gpu"))
        ),
        """
        pools:
          - {name: cpus, service: CPUs, split: {by: driver, driver: cpus}}
          - {name: gpus, service: GPUs, split: {by: driver, driver: gpus}}
        drivers:
          - {name: cpus, unit: CPU hours, usage: {meter: cpu_hours, sources: [pods]}}
          - {name: gpus, unit: GPU hours, usage: {meter: gpu_hours, sources: [gpus]}}
        """,
        "namespace",
        teams,
    )
    run = project.run()
    cpus = by_team(
        pods,
        teams,
        "namespace",
        lambda one: max(
            Fraction(one[f"pod_{which}_cpu_core_seconds"] or 0) for which in ("request", "usage")
        ),
    )
    held = by_team(gpus, teams, "namespace", lambda one: Fraction(one["gpu_pod_uptime"]))
    for pool, cost, weights in (("cpus", "777.77", cpus), ("gpus", "4321.09", held)):
        carried = {name: own for (name, _), own in of_pool(run, pool).items()}
        assert sum(carried.values()) == Fraction(cost)
        wanted = in_proportion(cost, weights)
        assert set(carried) == set(wanted)
        for team, amount in wanted.items():
            # Levels have twelve places: a GPU held for 860 of 3,600 seconds is cut there.
            assert abs(carried[team] - amount) < Fraction(1, 10**6)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))
