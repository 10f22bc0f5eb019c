"""One evaluation of a model on loaded charges: attribute, allocate, prove."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256

from apportion.allocate import Allocation, allocate
from apportion.allocate.origins import final_shares
from apportion.allocate.policy_pools import Policies
from apportion.allocate.suspend_weak import (
    SUSPENSE,
    DaysByEvidence,
    suspend_days,
    suspend_weak,
)
from apportion.attribute import Attribution
from apportion.attribute.by_class import by_class
from apportion.attribute.would_be_owners import would_be_owners
from apportion.domain.commitments import CommitmentUse
from apportion.domain.period import Period, Span
from apportion.domain.result import Attributed, ClassCost, Run
from apportion.errors import ProofError
from apportion.model.cache import collector_paused
from apportion.model.project import Model
from apportion.run.awaited import awaited_bills
from apportion.run.convert_run import Conversion, convert_run
from apportion.run.in_one_currency import prove_conversion
from apportion.run.left_out import left_out, with_counted_views
from apportion.run.metered_model import metered_model, usage_findings, usage_snapshots
from apportion.run.pool_costs import days_of_pools, with_splits_of
from apportion.run.prove import prove
from apportion.run.team_facts import team_facts
from apportion.run.usage_cells import usage_cells
from apportion.run.workspace import Charges, Workspace
from apportion.version import __version__


def evaluate(workspace: Workspace, model: Model, period: Period) -> Run:
    """Evaluate a billing period; the same inputs always give the same run.

    Raises NotLoaded where the period has no charges, ConfigurationError where
    a pool can't be split, ProofError where what was charged isn't what was
    loaded (a fault of the program; nothing is saved then).
    """
    # Ten thousand rules and their amounts are many objects, of which none is garbage.
    with collector_paused():
        return _evaluated(workspace, model, period)


@dataclass(frozen=True)
class Decided:
    """What attribution made of a period's charges: the part of a run that pools don't change.

    `by_day` is the daily cost of pools whose split goes by the day, `commitments` what
    pools that share commitments need to know.
    """

    charges: Charges
    attribution: Attribution
    conversion: Conversion
    by_day: DaysByEvidence
    commitments: CommitmentUse

    @property
    def policies(self) -> Policies:
        return Policies.of(self.attribution.policies, self.attribution.usage)


def decide(
    workspace: Workspace, model: Model, period: Period, others: Iterable[Model] = ()
) -> Decided:
    """Attribute a period's charges and convert them; raises NotLoaded where there are none.

    `others` are models that decide the same, and may split pools by the day, or share
    commitments.
    """
    others = tuple(others)
    charges = workspace.charges([period])
    desk = workspace.desk(charges)
    model = with_counted_views(desk, model, period.span)
    attribution = desk.attribute(model, period.span)
    attribution = replace(
        attribution,
        findings=(*attribution.findings, *left_out(model, attribution.summary)),
    )
    commitments = would_be_owners(
        desk,
        workspace.engine,
        with_splits_of(model, others),
        period.span,
        attribution,
        keys=charges.keys,
    )
    teams = team_facts(model, period.span)
    made = convert_run(workspace, charges, attribution, period, teams)
    by_day = days_of_pools(workspace, charges, attribution, model, *others)
    return Decided(charges, attribution, made, by_day, commitments)


def carry(
    workspace: Workspace, model: Model, period: Period, decided: Decided
) -> tuple[tuple[Attributed, ...], Allocation]:
    """Carry what was decided to the teams, by a model that decides the same.

    What a model may not charge for want of evidence is suspended before.
    """
    model = metered_model(workspace, model, period.span)
    attributed = suspend_weak(decided.conversion.attributed, model, period.span)
    return attributed, allocate(
        attributed,
        model,
        period.span,
        decided.policies,
        reporting=decided.conversion.currency,
        basis=workspace.project.basis,
        by_day=suspend_days(decided.by_day, model, period.span),
        commitments=decided.commitments,
        usage=usage_cells(workspace, model, period, decided.charges, decided.attribution.relation),
    )


def _evaluated(workspace: Workspace, model: Model, period: Period) -> Run:
    return prove_run(workspace, model, period, decide(workspace, model, period))


def prove_run(workspace: Workspace, model: Model, period: Period, decided: Decided) -> Run:
    """The run that follows from what was decided, proven; raises ProofError where it isn't."""
    charges, attribution, made = decided.charges, decided.attribution, decided.conversion
    policies = decided.policies
    attributed, allocation = carry(workspace, model, period, decided)
    own = {pool.name for pool in model.pools}
    proofs = prove(
        charges.snapshots,
        attributed,
        {*policies.central, SUSPENSE} - own,
        final_shares(allocation.shares),
    )
    for proof in proofs:
        if not proof.ok:
            raise ProofError(
                f"source {proof.source}: {proof.basis} in {proof.currency} is off by "
                f"{proof.difference}",
                why=f"read {proof.read}, loaded {proof.loaded}, quarantined "
                f"{proof.quarantined}, charged {proof.spread}",
                hint="this is a fault of apportion: please report it; nothing was saved",
            )
    used = usage_snapshots(workspace, model, period)
    snapshots = (*(snapshot.id for snapshot in charges.snapshots), *used)
    run = Run(
        id=run_id(workspace, model, period.span, snapshots, made),
        period=period,
        span=period.span,
        model=model.hash,
        basis=workspace.project.basis,
        snapshots=snapshots,
        made_at=datetime.now(UTC),
        teams=team_facts(model, period.span),
        attributed=attributed,
        shares=allocation.shares,
        lines=allocation.lines,
        proofs=proofs,
        findings=(
            *attribution.findings,
            *allocation.findings,
            *made.findings,
            *usage_findings(workspace, model, period),
            *(one.finding() for one in awaited_bills(workspace, model, period, attributed)),
        ),
        currency=made.currency,
        rates=made.rates,
        classes=_classes(workspace, model, decided),
    )
    prove_conversion(run)
    return run


def _classes(workspace: Workspace, model: Model, decided: Decided) -> tuple[ClassCost, ...]:
    """What was attributed by cost class, where journals ask for it."""
    if not model.accounting.by_class:
        return ()
    attributed = decided.attribution.relation
    return by_class(workspace.engine, attributed=attributed, keys=decided.charges.keys)


def run_id(
    workspace: Workspace,
    model: Model,
    span: Span,
    snapshots: Iterable[str],
    conversion: Conversion | None = None,
    version: str = __version__,
) -> str:
    """A digest of all that a run depends on, so that equal inputs are one run."""
    parts = [
        version,
        model.hash,
        workspace.project.basis,
        str(span.start),
        str(span.until),
        *sorted(snapshots),
    ]
    if conversion and conversion.currency:
        parts += [conversion.currency, *(repr(rate) for rate in conversion.rates)]
    return sha256("\n".join(parts).encode()).hexdigest()[:20]
