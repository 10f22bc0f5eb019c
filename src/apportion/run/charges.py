"""The charges behind a team's statement, read back from the lake."""

from __future__ import annotations

from dataclasses import replace

from apportion.attribute import Attribution
from apportion.domain.money import plain_text
from apportion.domain.result import Run
from apportion.domain.snapshot import SnapshotKind
from apportion.errors import UsageError
from apportion.model.project import Model
from apportion.run.suspended import suspended
from apportion.run.workspace import Charges, Workspace
from apportion.store.relation import column, number, sql, table, text


def attributed_anew(workspace: Workspace, model: Model, run: Run) -> tuple[Charges, Attribution]:
    """A run's charges, attributed again on the run's own snapshots, with what it suspended.

    Raises UsageError when the model has changed since: then rules and owners
    would not be the run's.
    """
    if model.hash != run.model:
        raise UsageError(
            "the model has changed since this run",
            why="the charges would be listed by other rules than the statement's",
            hint=f"run again (`apportion run --period {run.period}`), or check out the older model",
        )
    bills = workspace.books.of_kind(run.snapshots, SnapshotKind.CHARGES)
    charges = workspace.register([workspace.books.snapshot(name) for name in bills])
    made = workspace.desk(charges).attribute(model, run.span)
    relation = suspended(workspace.engine, made.relation, model, run.span)
    return charges, replace(made, relation=relation)


def largest_charges(
    workspace: Workspace, model: Model, run: Run, team: str, currency: str, most: int
) -> list[dict[str, object]]:
    """The charge keys that carry most of a team's direct cost in a currency, largest first.

    They are attributed anew on the run's own snapshots; raises UsageError like
    `attributed_anew`.
    """
    charges, attribution = attributed_anew(workspace, model, run)
    found = workspace.engine.fetch(
        sql(
            """
            SELECT a.Source AS source, k.BillingCurrency AS currency, k.ServiceName AS service,
                   coalesce(k.ResourceName, k.ResourceId) AS resource, k.Tags AS tags,
                   a.Rule AS rule, a.Evidence AS evidence, k.KeyId AS key,
                   CAST(sum(_cost) AS DECIMAL(38, 18)) AS amount
            FROM _attributed AS a JOIN _keys AS k ON k.KeyId = a.KeyId
            WHERE a.OwnerKind = 'team' AND a.Owner = _team AND k.BillingCurrency = _currency
            GROUP BY a.Source, k.BillingCurrency, k.ServiceName,
                     coalesce(k.ResourceName, k.ResourceId), k.Tags, a.Rule, a.Evidence, k.KeyId
            ORDER BY sum(_cost) DESC, k.KeyId
            LIMIT _most
            """,
            _cost=column(run.basis, "a"),
            _attributed=table(attribution.relation),
            _keys=table(charges.keys),
            _team=text(team),
            _currency=text(currency),
            _most=number(most),
        )
    )
    return [row | {"amount": plain_text(row["amount"])} for row in found.to_pylist()]
