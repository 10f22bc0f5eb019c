"""The figures by which allocation is judged, each with its formula: FinOps KPIs of a run."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from apportion.allocate.origins import final_shares
from apportion.domain.money import from_units, to_units
from apportion.domain.owner import OwnerKind
from apportion.domain.result import LineKind, Run
from apportion.insight.compliance import FORMULA, draw_compliance
from apportion.insight.lay_out_charges import lay_out_charges
from apportion.model.project import Model
from apportion.run.charges import attributed_anew
from apportion.run.workspace import Workspace

ZERO = Fraction(0)


@dataclass(frozen=True)
class Kpi:
    """A share in percent: numerator ÷ denominator × 100, both exact and in `currency`.

    `percent` is None (n/a) where the denominator is zero.
    """

    name: str
    currency: str
    formula: str
    numerator: Fraction
    denominator: Fraction

    @property
    def percent(self) -> Decimal | None:
        if not self.denominator:
            return None
        return from_units(to_units(self.numerator / self.denominator * 100, 2), 2)


def find_kpis(workspace: Workspace, model: Model, run: Run) -> tuple[Kpi, ...]:
    """The KPIs of a run on its cost basis, for each currency that was billed.

    Raises UsageError where the model has changed since the run, since tags are
    then judged by other rules.

    Source: FinOps Framework, Allocation; KPI library: % allocated, % unallocated, tag
    compliance, % shared cost distributed, idle %.
    """
    found: list[Kpi] = []
    charges, attribution = attributed_anew(workspace, model, run)
    laid = lay_out_charges(
        workspace.engine, model.taxonomy, charges, attributed=attribution.relation, basis=run.basis
    )
    for currency in currencies_of(run):
        found += kpis_of_run(run, model, currency)
        tags = draw_compliance(workspace.engine, laid, model.taxonomy, currency)
        judged = (tags.compliant, tags.taggable) if tags.keys else (ZERO, ZERO)
        found.append(Kpi("tag compliance", currency, FORMULA, *map(Fraction, judged)))
    workspace.engine.drop(laid.charges, laid.normalised)
    return tuple(found)


def currencies_of(run: Run) -> tuple[str, ...]:
    """The currencies in which a run's charges were billed."""
    return tuple(sorted({part.currency for part in run.attributed}))


def kpis_of_run(run: Run, model: Model, currency: str) -> Iterator[Kpi]:
    """The KPIs that a saved run tells by itself, without its charges: all but tag compliance."""
    yield from _of_attribution(run, currency)
    yield from _of_pools(run, currency, {pool.name for pool in model.pools})


def _of_attribution(run: Run, currency: str) -> Iterator[Kpi]:
    """Three that sum to 100: direct, by rule, not allocated (suspense has no owner yet)."""
    costs = dict.fromkeys(OwnerKind, ZERO)
    for part in run.attributed:
        if part.currency == currency:
            kind = OwnerKind.UNALLOCATED if part.meant else part.owner.kind
            costs[kind] += part.amounts.of(run.basis)
    whole = sum(costs.values(), ZERO)
    for name, kind, what in (
        ("allocated direct", OwnerKind.TEAM, "cost that rules gave to a team"),
        ("allocated by rule", OwnerKind.POOL, "cost of shared pools"),
        ("not allocated", OwnerKind.UNALLOCATED, "cost without an owner, and in suspense"),
    ):
        yield Kpi(name, currency, f"= {what} ÷ all cost", costs[kind], whole)


def _of_pools(run: Run, currency: str, stated: Collection[str]) -> Iterator[Kpi]:
    """How much of the pools' cost reached teams, and how much of capacity was idle.

    Pools that a policy keeps, and suspense, aren't meant to be shared.
    """
    own: dict[str, Fraction] = {}
    for part in run.attributed:
        pool = part.owner.kind is OwnerKind.POOL and part.owner.name in stated
        if part.currency == currency and pool and not part.meant:
            before = own.get(part.owner.name, ZERO)
            own[part.owner.name] = before + part.amounts.of(run.basis)
    shares = [share for share in final_shares(run.shares) if share.currency == currency]
    reached = sum(
        (
            own.get(share.pool, ZERO) * share.fraction
            for share in shares
            if share.receiver.kind is OwnerKind.TEAM
        ),
        ZERO,
    )
    yield Kpi(
        "shared cost distributed",
        currency,
        "= cost of pools that teams carry, idle capacity included ÷ cost of pools",
        reached,
        sum(own.values(), ZERO),
    )
    lines = [line for line in run.lines if line.currency == currency]
    idle = [line for line in lines if line.kind is LineKind.IDLE]
    pools = {line.pool for line in idle}
    capacity = [line for line in lines if line.pool in pools]
    yield Kpi(
        "idle share",
        currency,
        "= cost of idle capacity ÷ full cost of the pools that tell it apart",
        sum((line.amounts.of(run.basis) for line in idle), ZERO),
        sum((line.amounts.of(run.basis) for line in capacity), ZERO),
    )
