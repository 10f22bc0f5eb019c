"""Pools that serve each other: how fast, how exact, beside a peer that breaks cycles."""

from __future__ import annotations

from fractions import Fraction

import environment
from answer import Answer, Bound, seconds
from graphs import Graph, chain, cyclic, hierarchy, textbook
from measure import HERE, Failed, Measured, measure, peer
from settings import Settings

BESIDE = """\
Allocation alone, on costs and quantities that are given; seconds without reading.
cloud-cost-allocation allocates one cost basis in binary floats, ours four, exactly. It breaks each
cycle at the first service of a list; it was given all pools in their order, and as many breaks as
it wants. Its error is that of a team's charge."""
LARGE = """\
Fractions: each method asked, driver quantities summed. Solved: the full cost of every pool.
Totals: what each team carries of all pools, on four cost bases, summed by the benchmark in whole
numbers, without a line for each. The sum is checked against the bill."""


def allocation(settings: Settings) -> list[Answer]:
    """Ours beside cloud-cost-allocation on graphs; then large models, ours alone."""
    return [_beside(settings), _large(settings)]


def _beside(settings: Settings) -> Answer:
    answer = Answer(
        "Pools that serve each other, beside cloud-cost-allocation",
        ["graph", "edges", "ours, s", "MB", "it, s", "MB", "its largest error"],
        notes=[BESIDE],
    )
    small = settings.keys_in_a_month < 10_000
    graphs = [textbook(), chain(50, 200), hierarchy(5, 20, 200), cyclic(10, 50)]
    graphs += [] if small else [chain(500, 200), hierarchy(10, 60, 1000), cyclic(40, 200)]
    for graph in graphs:
        answer.rows.append(_row(graph))
    return answer


def _row(graph: Graph) -> list[str]:
    path = graph.write()
    own = _ours("graph", str(path))
    cells = [graph.name, f"{len(graph.edges):,}", seconds(own.stages["allocate"])]
    cells.append(f"{own.peak_mb:.0f}")
    python = environment.cloud_cost_allocation()
    if python is None:
        return [*cells, "", "", "not installed"]
    try:
        other = peer("cloud_cost_allocation_graph", path, python=python)
    except Failed as fault:
        return [*cells, "", "", str(fault).strip().rpartition("\n")[2].partition(":")[0]]
    if not other.report.get("totals"):
        return [*cells, seconds(other.stages["allocate"]), f"{other.peak_mb:.0f}", "refused"]
    error = f"{_error(own, other):.2g} %"
    return [*cells, seconds(other.stages["allocate"]), f"{other.peak_mb:.0f}", error]


def _error(own: Measured, other: Measured) -> float:
    exact = {team: Fraction(amount) for team, amount in own.report["totals"].items()}
    found = {team: Fraction(amount) for team, amount in other.report["totals"].items()}
    return max(
        float(abs(found.get(team, Fraction(0)) - amount) / amount * 100)
        for team, amount in exact.items()
        if amount
    )


def _large(settings: Settings) -> Answer:
    answer = Answer(
        "Large allocations, four cost bases, exact",
        ["model", "fractions", "solved", "totals by team", "peak MB"],
        notes=[LARGE],
    )
    part = 10 if settings.keys_in_a_month < 10_000 else 1
    found = {}
    for kind, pools, teams in (
        ("reciprocal", 200 // part, 1000 // part),
        ("even", 2000 // part, 2000 // part),
        ("chain", 50 // part, 1000 // part),
        ("chain", 2000 // part, 100 // part),
    ):
        name = f"{pools:,} pools, {kind}, {teams:,} teams"
        made = _ours(kind, str(pools), str(teams))
        if not made.report["whole"]:
            raise Failed(f"{name}: the sum isn't the bill")
        stages = made.stages
        found[kind, pools] = stages
        cells = [seconds(stages[stage]) for stage in ("fractions", "solved", "totals")]
        answer.rows.append([name, *cells, f"{made.peak_mb:.0f}"])
    large = found["reciprocal", 200 // part]
    spread = found["even", 2000 // part]
    answer.bounds += [
        Bound(
            "200 reciprocal pools, 1,000 teams, four bases: solved and charged",
            1.0,
            large["solved"] + large["totals"],
            "s",
        ),
        Bound(
            "2,000 pools × 2,000 teams, even",
            2.0,
            sum(spread[stage] for stage in ("fractions", "solved", "totals")),
            "s",
        ),
    ]
    return answer


def _ours(*arguments: str) -> Measured:
    return measure([environment.apportion(), HERE / "allocation_ours.py", *arguments])
