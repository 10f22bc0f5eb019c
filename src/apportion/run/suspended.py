"""Attributed charge keys as a run carries them: what rests on too little stands with suspense."""

from __future__ import annotations

from sqlglot import exp

from apportion.allocate.suspend_weak import charged_owners, suspense_owner, too_weak
from apportion.attribute.cut_spans import MEASURES
from apportion.domain.owner import OwnerKind
from apportion.domain.period import Span
from apportion.model.project import Model
from apportion.store.engine import Engine
from apportion.store.relation import column, columns, sql, table, text


def suspended(engine: Engine, attributed: str, model: Model, span: Span) -> str:
    """The relation of attributed charges after `suspend_weak`: the same where nothing is suspended.

    Invariant: every row is there once, with its amounts; only owners differ.
    """
    weak, owners = too_weak(model, span), charged_owners(model, span)
    if not weak or not owners:
        return attributed
    to = suspense_owner(model, span)
    kinds = (
        exp.and_(_equal("OwnerKind", [kind.value]), _equal("Owner", names))
        for kind in OwnerKind
        if (names := sorted(owner.name for owner in owners if owner.kind is kind))
    )
    moved = exp.and_(_equal("Evidence", [one.value for one in weak]), exp.or_(*kinds))
    into = f"{attributed}.suspended"
    engine.create(
        into,
        sql(
            """
            SELECT a.Source, a.KeyId, a.SpanStart, _kind AS OwnerKind, _owner AS Owner,
                   a.Rule, a.Evidence, _measures
            FROM _attributed AS a
            """,
            _kind=_instead("OwnerKind", to.kind.value, moved),
            _owner=_instead("Owner", to.name, moved),
            _measures=columns(MEASURES, "a"),
            _attributed=table(attributed),
        ),
    )
    return into


def _equal(name: str, values: list[str]) -> exp.Expr:
    return exp.In(this=column(name, "a"), expressions=[text(value) for value in values])


def _instead(name: str, value: str, moved: exp.Expr) -> exp.Expr:
    return exp.Case(ifs=[exp.If(this=moved.copy(), true=text(value))], default=column(name, "a"))
