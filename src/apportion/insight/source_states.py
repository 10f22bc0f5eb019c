"""How each source stands: how fresh, how much, what is set aside, and what is still to come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pyarrow.parquet as pq
from sqlglot import exp

from apportion.domain.period import Period
from apportion.domain.snapshot import LakeFile, Snapshot, Totals, Unit
from apportion.load.report import add_totals
from apportion.model.project import SourceSpec
from apportion.run.workspace import Workspace
from apportion.store.relation import column, sql, table, text

UNRECOGNISED = "ai_not_recognised"


class Finality(StrEnum):
    """Whether a period may still change: the provider, the user, or nobody says that it won't."""

    PROVISIONAL = "provisional"
    INVOICED = "final: invoiced"
    DECLARED = "final: declared"


@dataclass(frozen=True)
class SourceState:
    """What is loaded of one source for one billing period.

    `newest` is the last day that was charged. `controlled` are the currencies
    and bases for which the project gives an outside total. `unrecognised` is AI
    cost of which no pattern knows what it is, by currency, on effective cost.
    """

    source: str
    format: str
    period: Period
    loaded_at: datetime
    newest: date | None
    totals: tuple[Totals, ...]
    finality: Finality
    controlled: frozenset[tuple[str, str]]
    unrecognised: Mapping[str, Decimal]

    @property
    def quarantined_rows(self) -> int:
        return sum(one.quarantined_rows for one in self.totals)


def source_states(
    workspace: Workspace, periods: Iterable[Period] = (), sources: Iterable[str] = ()
) -> tuple[SourceState, ...]:
    """The state of every loaded source and period, or of those asked for."""
    asked, named = set(periods), set(sources)
    return tuple(
        _state(workspace, snapshot)
        for snapshot in sorted(
            workspace.books.current(quarantined=False), key=lambda one: (one.source, one.period)
        )
        if (not asked or snapshot.period in asked) and (not named or snapshot.source in named)
    )


def _state(workspace: Workspace, snapshot: Snapshot) -> SourceState:
    spec = workspace.project.sources.get(snapshot.source)
    rows = list(_looked_up(workspace, snapshot))
    period = str(snapshot.period)
    controls = [one for one in (spec.control if spec else ()) if one.period == period]
    return SourceState(
        source=snapshot.source,
        format=spec.format if spec else "",
        period=snapshot.period,
        loaded_at=snapshot.loaded_at,
        newest=max((row["Newest"] for row in rows), default=None),
        totals=add_totals(snapshot.units),
        finality=_finality(spec, snapshot.period, sum(row["Open"] for row in rows), bool(rows)),
        controlled=frozenset((one.currency, one.basis) for one in controls),
        unrecognised={row["Currency"]: row["Unknown"] for row in rows if row["Unknown"]},
    )


def _finality(spec: SourceSpec | None, period: Period, without: int, there: bool) -> Finality:
    """A provider says that a month is final by putting an invoice on all of its charges."""
    if spec and spec.final_until and str(period) <= spec.final_until:
        return Finality.DECLARED
    return Finality.INVOICED if there and not without else Finality.PROVISIONAL


def _looked_up(workspace: Workspace, snapshot: Snapshot) -> Iterator[dict[str, Any]]:
    """By currency: the newest day, how many keys bear no invoice, and unrecognised AI cost."""
    for number, unit in enumerate(snapshot.units):
        engine, names = workspace.engine, {}
        for role in ("keys", "monthly"):
            names[role] = f"state.{role}.{number}"
            files = [one for one in unit.files if one.role == role]
            engine.files(names[role], [workspace.lake.checked(one) for one in files])
        known = "x_CostClass" in pq.read_schema(workspace.lake.path(_keys(unit))).names
        query = sql(
            """
            SELECT k.BillingCurrency AS Currency, max(m.LastDate) AS Newest,
                   CAST(count(CASE WHEN k.InvoiceId IS NULL THEN 1 END) AS BIGINT) AS Open,
                   CAST(sum(CASE WHEN _class = _unknown THEN m.EffectiveCost ELSE _zero END)
                        AS DECIMAL(38, 18)) AS Unknown
            FROM _monthly AS m JOIN _keys AS k ON k.KeyId = m.KeyId
            GROUP BY k.BillingCurrency
            """,
            _class=column("x_CostClass", "k") if known else text(""),
            _unknown=text(UNRECOGNISED),
            _zero=exp.cast(exp.Literal.number(0), "DECIMAL(38, 18)"),
            _monthly=table(names["monthly"]),
            _keys=table(names["keys"]),
        )
        yield from engine.fetch(query).to_pylist()
        engine.drop(*names.values())


def _keys(unit: Unit) -> LakeFile:
    return next(file for file in unit.files if file.role == "keys")
