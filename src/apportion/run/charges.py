"""The charges behind a team's statement, read back from the lake."""

from __future__ import annotations

from apportion.domain.result import Run
from apportion.errors import UsageError
from apportion.model.project import Model
from apportion.run.workspace import Workspace
from apportion.store.relation import column, number, sql, table, text


def largest_charges(
    workspace: Workspace, model: Model, run: Run, team: str, most: int
) -> list[dict[str, object]]:
    """The charge keys that carry most of a team's direct cost in a run, largest first.

    They are attributed anew on the run's own snapshots. Raises UsageError when
    the model has changed since: then rule names would not be the run's.
    """
    if model.hash != run.model:
        raise UsageError(
            "the model has changed since this run",
            why="the charges would be listed by other rules than the statement's",
            hint=f"run again (`apportion run --period {run.period}`), or check out the older model",
        )
    charges = workspace.register([workspace.books.snapshot(name) for name in run.snapshots])
    attribution = workspace.desk(charges).attribute(model, run.span)
    found = workspace.engine.fetch(
        sql(
            """
            SELECT a.Source AS source, k.BillingCurrency AS currency, k.ServiceName AS service,
                   coalesce(k.ResourceName, k.ResourceId) AS resource, k.Tags AS tags,
                   a.Rule AS rule, a.Evidence AS evidence, k.KeyId AS key,
                   CAST(sum(_cost) AS VARCHAR) AS amount
            FROM _attributed AS a JOIN _keys AS k ON k.KeyId = a.KeyId
            WHERE a.OwnerKind = 'team' AND a.Owner = _team
            GROUP BY a.Source, k.BillingCurrency, k.ServiceName,
                     coalesce(k.ResourceName, k.ResourceId), k.Tags, a.Rule, a.Evidence, k.KeyId
            ORDER BY sum(_cost) DESC, k.KeyId
            LIMIT _most
            """,
            _cost=column(run.basis, "a"),
            _attributed=table(attribution.relation),
            _keys=table(charges.keys),
            _team=text(team),
            _most=number(most),
        )
    )
    rows: list[dict[str, object]] = found.to_pylist()
    return rows
