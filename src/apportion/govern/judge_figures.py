"""Policies on figures of a run: coverage, idle capacity, weak evidence."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from apportion.domain.finding import Finding
from apportion.domain.owner import Evidence, OwnerKind
from apportion.domain.result import Run
from apportion.govern.judged import Figure, Judged, Question
from apportion.insight.kpis import currencies_of, kpis_of_run
from apportion.model.governance import GovernancePolicy
from apportion.model.project import Model

ZERO = Fraction(0)
_STRENGTH = {evidence: place for place, evidence in enumerate(Evidence)}

Shares = dict[str, Fraction | None]
"""By currency a share from 0 to 1; None where there is nothing to measure it by."""


def judge_coverage(policy: GovernancePolicy, question: Question) -> Judged:
    """Cost with an owner, direct or by rule: at least so many percent of all cost.

    Source: FinOps KPI % allocated.
    """
    run = question.run
    if run is None:
        return Judged(policy, looked=False)
    without = _kpi(run, question.project.model, "not allocated")
    shares: Shares = {
        currency: None if share is None else 1 - share for currency, share in without.items()
    }
    wanted = (policy.at_least or ZERO) / 100
    broken = [
        Finding(
            "coverage-below-policy",
            policy.level,
            f"{currency}: {percent(share)} % of cost has an owner; policy {policy.name!r} demands "
            f"{percent(wanted)} %",
            policy.place,
            hint="see whose it may be: `apportion untagged`",
        )
        for currency, share in _known(shares)
        if share < wanted
    ]
    return Judged(policy, _figures(shares), tuple(broken))


def judge_idle(policy: GovernancePolicy, question: Question) -> Judged:
    """Idle capacity: at most so many percent of what the pools that tell it apart cost.

    Source: FinOps KPI idle %, idle ÷ capacity cost.
    """
    run = question.run
    if run is None:
        return Judged(policy, looked=False)
    shares = _kpi(run, question.project.model, "idle share")
    wanted = (policy.at_most or ZERO) / 100
    broken = [
        Finding(
            "idle-above-policy",
            policy.level,
            f"{currency}: {percent(share, up=True)} % of the cost of capacity is idle; policy "
            f"{policy.name!r} allows {percent(wanted)} %",
            policy.place,
            hint="see which pool: `apportion statement`, `apportion usage --hourly`",
        )
        for currency, share in _known(shares)
        if share > wanted
    ]
    return Judged(policy, _figures(shares, up=True), tuple(broken))


def judge_weak_evidence(policy: GovernancePolicy, question: Question) -> Judged:
    """Owned cost on evidence weaker than demanded: at most so many percent of it."""
    run = question.run
    if run is None:
        return Judged(policy, looked=False)
    shares = {one: _weak(run, one, policy.least_evidence) for one in currencies_of(run)}
    wanted = (policy.at_most or ZERO) / 100
    broken = [
        Finding(
            "weak-evidence-above-policy",
            policy.level,
            f"{currency}: {percent(share, up=True)} % of owned cost rests on less than "
            f"{policy.least_evidence} evidence; policy {policy.name!r} allows {percent(wanted)} %",
            policy.place,
            hint="tag it, or have its owners confirm it: `apportion ask`",
        )
        for currency, share in _known(shares)
        if share > wanted
    ]
    return Judged(policy, _figures(shares, up=True), tuple(broken))


def percent(share: Fraction, *, up: bool = False) -> Decimal:
    """A share in percent to two places, cut (or rounded `up`): never printed as a limit it misses.

    >>> percent(Fraction(89999, 100000)), percent(Fraction(20001, 100000), up=True)
    (Decimal('89.99'), Decimal('20.01'))
    """
    top, bottom = (share * 10_000).as_integer_ratio()
    hundredths = -(-top // bottom) if up else top // bottom
    return Decimal(hundredths).scaleb(-2)


def _kpi(run: Run, model: Model, name: str) -> Shares:
    """A KPI of a run by currency, exactly."""
    return {
        currency: one.numerator / one.denominator if one.denominator else None
        for currency in currencies_of(run)
        for one in kpis_of_run(run, model, currency)
        if one.name == name
    }


def _weak(run: Run, currency: str, least: Evidence) -> Fraction | None:
    """The part of owned cost whose evidence is weaker than `least`; suspense isn't owned yet."""
    owned = weak = ZERO
    for part in run.attributed:
        has_owner = part.owner.kind in {OwnerKind.TEAM, OwnerKind.POOL} and not part.meant
        if part.currency == currency and has_owner:
            cost = part.amounts.of(run.basis)
            owned += cost
            weak += cost if _STRENGTH[part.evidence] > _STRENGTH[least] else ZERO
    return weak / owned if owned else None


def _known(shares: Shares) -> Iterator[tuple[str, Fraction]]:
    return ((currency, share) for currency, share in shares.items() if share is not None)


def _figures(shares: Shares, *, up: bool = False) -> tuple[Figure, ...]:
    return tuple(
        Figure(currency, None if share is None else percent(share, up=up))
        for currency, share in shares.items()
    )
