"""Any span of days, evaluated on the spot over days of usage: provisional, never saved."""

from __future__ import annotations

from datetime import UTC, date, datetime

from apportion.allocate import allocate
from apportion.allocate.policy_pools import Policies
from apportion.allocate.suspend_weak import suspend_days, suspend_weak
from apportion.attribute import Desk
from apportion.attribute.would_be_owners import would_be_owners
from apportion.domain.period import Period, Span
from apportion.domain.result import Run
from apportion.errors import NotLoaded
from apportion.model.project import Model
from apportion.run.evaluate import run_id
from apportion.run.left_out import with_counted_views
from apportion.run.metered_model import metered_model
from apportion.run.pool_costs import days_of_pools
from apportion.run.team_facts import team_facts
from apportion.run.workspace import Workspace
from apportion.store.relation import day, sql, table

WITHIN = "daily_within"


def evaluate_span(workspace: Workspace, model: Model, start: date, until: date) -> Run:
    """Evaluate the charges whose usage lies in a span, whichever bill they came on.

    It has no proof: bills are whole months. Raises NotLoaded where no charge
    lies in the span.
    """
    span = Span(start, until)
    charges = workspace.register(workspace.books.current())
    workspace.engine.view(
        WITHIN,
        sql(
            "SELECT * FROM _daily AS d WHERE ChargeDate >= _start AND ChargeDate < _until",
            _daily=table(charges.daily),
            _start=day(start),
            _until=day(until),
        ),
    )
    laid = {"keys": charges.keys, "tags": charges.tags, "daily": WITHIN}
    with Desk(workspace.engine, **laid, monthly=None, spare=()) as desk:
        model = with_counted_views(desk, model, span)
        attribution = desk.attribute(model, span)
        commitments = would_be_owners(
            desk, workspace.engine, model, span, attribution, keys=charges.keys
        )
    if not attribution.summary:
        raise NotLoaded(f"no charge lies between {start} and {until}")
    policies = Policies.of(attribution.policies, attribution.usage)
    model = metered_model(workspace, model, span)
    attributed = suspend_weak(attribution.summary, model, span)
    allocation = allocate(
        attributed,
        model,
        span,
        policies,
        basis=workspace.project.basis,
        by_day=suspend_days(days_of_pools(workspace, charges, attribution, model), model, span),
        commitments=commitments,
    )
    return Run(
        id=run_id(workspace, model, span, (one.id for one in charges.snapshots)),
        period=Period.of(start),
        span=span,
        model=model.hash,
        basis=workspace.project.basis,
        snapshots=tuple(snapshot.id for snapshot in charges.snapshots),
        made_at=datetime.now(UTC),
        teams=team_facts(model, span),
        attributed=attributed,
        shares=allocation.shares,
        lines=allocation.lines,
        proofs=(),
        findings=(*attribution.findings, *allocation.findings),
        provisional=True,
    )
