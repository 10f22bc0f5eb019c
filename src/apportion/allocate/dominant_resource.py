"""Split a cluster of several resources by each team's dominant share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from apportion.allocate.absent_teams import really
from apportion.allocate.driver import quantities
from apportion.allocate.missing import below_zero, no_quantities
from apportion.allocate.question import Answer, Gap, Question, Rest, no_answer
from apportion.domain.amounts import sum_of
from apportion.domain.finding import Finding, Level
from apportion.domain.result import DriverUse, LineKind
from apportion.model.terms.fair_shares import DominantResource, Left

Demand = Mapping[str, Fraction]
"""By resource, the part of its capacity that a team asks for."""


@dataclass(frozen=True)
class Fair:
    """Of each team's demand the part that is met, and how much of each resource is in use."""

    met: Mapping[str, Fraction]
    used: Mapping[str, Fraction]

    def dominant(self, demands: Mapping[str, Demand]) -> dict[str, Fraction]:
        """Each team's dominant share: the largest part of any one resource that it got."""
        return {name: self.met[name] * _peak(own) for name, own in demands.items()}


def dominant_resource(question: Question) -> Answer:
    """Each team carries a part in proportion to its dominant share of what was allocated.

    Definition, with divisible tasks: team i asks for d_ir of resource r, whose capacity is C_r,
    and gets x_i of all of it, 0 ≤ x_i ≤ 1. Its dominant share is s_i = x_i · max_r d_ir ÷ C_r.
    All s_i rise together (in proportion to weights) from 0; a team stops when it has all that
    it asks (x_i = 1), or when a resource that it asks for is used up. Charge = s_i ÷ Σ s_k of
    what isn't idle; idle is what is left of the most used resource (`left: idle`), or nothing
    (`left: charged`).

    Source: Ghodsi et al., Dominant Resource Fairness, NSDI 2011; with bounded demands and
    teams that don't ask for all resources: Parkes, Procaccia & Shah, Beyond Dominant Resource
    Fairness, 2015.
    """
    terms = question.split.terms
    assert isinstance(terms, DominantResource)
    demands = demands_of(question, terms)
    if isinstance(demands, Gap):
        return no_answer(demands)
    weights = dict(terms.weights)
    fair = fill_dominant(
        demands, {name: weights.get(really(name), Fraction(1)) for name in demands}
    )
    shares = fair.dominant(demands)
    total = sum_of(shares.values())
    if not total:
        return no_answer("nobody asks for any of the resources")
    name, used = max(sorted(fair.used.items()), key=lambda pair: pair[1])
    idle = 1 - used if terms.left is Left.IDLE else Fraction(0)
    told = DriverUse(f"unallocated {name}", "of capacity", 1 - used, Fraction(1))
    return Answer(
        {who: share / total * (1 - idle) for who, share in shares.items()},
        {
            who: (DriverUse("dominant share", _dominated(demands[who]), share, total, 1 - idle),)
            for who, share in shares.items()
        },
        rests=(Rest(idle, LineKind.IDLE, "capacity not asked for", "", (told,)),) if idle else (),
        findings=tuple(_unmet(question, fair)),
    )


def fill_dominant(demands: Mapping[str, Demand], weights: Mapping[str, Fraction]) -> Fair:
    """Progressive filling of dominant shares, exact: in each round a demand is met or a resource
    is used up.

    Invariant: no resource is used beyond its capacity, and every team has all that it asks or
    asks for a resource that is used up (Pareto efficiency).
    """
    met = {name: Fraction(0) for name in demands}
    used = {r: Fraction(0) for own in demands.values() for r in own}
    pace = {name: weights[name] / peak for name, own in demands.items() if (peak := _peak(own))}
    while pace:
        speed = {r: sum_of(pace[name] * demands[name][r] for name in pace) for r in used}
        until = [(1 - met[name]) / own for name, own in pace.items()]
        until += [(1 - used[r]) / speed[r] for r in used if speed[r]]
        step = min(until)
        for name, own in pace.items():
            met[name] += step * own
        for r in used:
            used[r] += step * speed[r]
        full = {r for r, part in used.items() if part == 1}
        pace = {
            name: own
            for name, own in pace.items()
            if met[name] < 1 and not any(demands[name][r] for r in full)
        }
    return Fair(met, used)


def _peak(demand: Demand) -> Fraction:
    return max(demand.values())


def _dominated(demand: Demand) -> str:
    """The resource that a share is of; several that tie are all named."""
    peak = _peak(demand)
    return ", ".join(sorted(r for r, part in demand.items() if part == peak)) if peak else ""


def demands_of(question: Question, terms: DominantResource) -> dict[str, Demand] | Gap:
    """Each receiver's demand as parts of the capacities over the days, or why there is none."""
    found: dict[str, dict[str, Fraction]] = {name: {} for name in sorted(question.names)}
    for resource in terms.resources:
        driver = question.drivers[resource.driver]
        known = quantities(driver, question.span)
        if not known:
            return no_quantities(driver)
        if negative := below_zero(driver, known, found, question.span):
            return negative
        capacity = resource.capacity.over(question.span)
        for name, own in found.items():
            own[resource.name] = known.get(name, Fraction(0)) / capacity
    return dict(found)


def _unmet(question: Question, fair: Fair) -> Iterator[Finding]:
    full = sorted(r for r, part in fair.used.items() if part == 1)
    short = [name for name, part in fair.met.items() if 0 < part < 1]
    if full and short:
        yield Finding(
            "demand-above-capacity",
            Level.NOTE,
            f"pool {question.pool}: {', '.join(full)} is used up from {question.span.start} until "
            f"{question.span.until}; "
            + ", ".join(
                f"{name} gets {float(fair.met[name] * 100):.1f} % of its demand" for name in short
            ),
            question.split.place,
            "nothing; or add capacity",
        )
