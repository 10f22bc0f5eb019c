"""Charge keys of a run with who carries them, on which days: the way to their rows in the bill."""

from __future__ import annotations

import pyarrow as pa
from sqlglot import exp

from apportion.attribute.key_spans import key_spans
from apportion.domain.result import Run
from apportion.model.project import Model
from apportion.run.charges import attributed_anew
from apportion.run.workspace import Workspace
from apportion.store.relation import sql, table


def owned_keys(
    workspace: Workspace, model: Model, run: Run, wanted: exp.Expr | None = None
) -> pa.Table:
    """One row for each key and owner, with what tells rows of bills apart (see `key_rows`).

    `wanted` is a condition on attributed keys (``a``); all of them otherwise.
    Raises UsageError when the model has changed since the run.
    """
    charges, attribution = attributed_anew(workspace, model, run)
    return workspace.engine.fetch(
        sql(
            """
            SELECT a.Source AS Source, a.KeyId AS KeyId, a.SpanStart AS SpanStart,
                   a.SpanUntil AS SpanUntil, a.OwnerKind AS OwnerKind, a.Owner AS Owner,
                   a.Rule AS Rule, k.BillingCurrency AS BillingCurrency,
                   k.ServiceName AS ServiceName, k.SubAccountId AS SubAccountId,
                   k.ResourceId AS ResourceId
            FROM _spans AS a
            JOIN _keys AS k ON k.KeyId = a.KeyId
            WHERE _wanted
            """,
            _spans=key_spans(attribution.relation, "OwnerKind", "Owner", "Rule"),
            _keys=table(charges.keys),
            _wanted=exp.true() if wanted is None else exp.paren(wanted),
        )
    )
