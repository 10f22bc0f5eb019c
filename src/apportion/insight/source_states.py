"""How each source stands: how fresh, how much, what is set aside, and what is still to come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pyarrow.parquet as pq
from sqlglot import exp

from apportion.domain.money import WIDE
from apportion.domain.period import Period
from apportion.domain.snapshot import Declaration, LakeFile, Snapshot, Totals, Unit
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

    `newest` is the last day that was charged. `controls` are the outside totals
    that the project gives, by currency and basis. By currency, `unrecognised` is
    AI cost of which no pattern knows what it is, on effective cost, and
    `corrections` what charges of ChargeClass Correction come to, on billed cost.
    `declared` says who declared the month final, if it was by `apportion final`.
    """

    source: str
    format: str
    period: Period
    loaded_at: datetime
    newest: date | None
    totals: tuple[Totals, ...]
    finality: Finality
    controls: Mapping[tuple[str, str], Decimal]
    unrecognised: Mapping[str, Decimal]
    corrections: Mapping[str, Decimal]
    declared: Declaration | None = None

    @property
    def quarantined_rows(self) -> int:
        return sum(one.quarantined_rows for one in self.totals)

    def differences(self, totals: Totals) -> dict[str, Decimal]:
        """Outside totals of a currency less what was read, by basis; zero where they hold."""
        return {
            basis: WIDE.subtract(control, totals.read.get(basis, Decimal(0)))
            for (currency, basis), control in self.controls.items()
            if currency == totals.currency
        }

    def proven_to(self, totals: Totals) -> str:
        """``invoice`` where every outside total holds, ``file`` where none is given; else empty.

        Money that can't be read leaves it open. Whether all of it was charged is
        for a run's proof to say (`apportion reconcile`).
        """
        if any(totals.unread.values()):
            return ""
        differences = self.differences(totals)
        if not differences:
            return "file"
        return "" if any(differences.values()) else "invoice"


def source_states(
    workspace: Workspace, periods: Iterable[Period] = (), sources: Iterable[str] = ()
) -> tuple[SourceState, ...]:
    """The state of every loaded source and period, or of those asked for."""
    asked, named = set(periods), set(sources)
    declared = {(one.source, one.period): one for one in workspace.books.declared_final()}
    return tuple(
        _state(workspace, snapshot, declared.get((snapshot.source, snapshot.period)))
        for snapshot in sorted(
            workspace.books.current(quarantined=False), key=lambda one: (one.source, one.period)
        )
        if (not asked or snapshot.period in asked) and (not named or snapshot.source in named)
    )


def _state(workspace: Workspace, snapshot: Snapshot, declared: Declaration | None) -> SourceState:
    spec = workspace.project.sources.get(snapshot.source)
    rows = list(_looked_up(workspace, snapshot))
    return SourceState(
        source=snapshot.source,
        format=spec.format if spec else "",
        period=snapshot.period,
        loaded_at=snapshot.loaded_at,
        newest=max((row["Newest"] for row in rows), default=None),
        totals=add_totals(snapshot.units),
        finality=_finality(spec, snapshot.period, declared, rows),
        controls=_controls(spec, snapshot.period),
        unrecognised=_by_currency(rows, "Unknown"),
        corrections=_by_currency(rows, "Corrected"),
        declared=declared,
    )


def _controls(spec: SourceSpec | None, period: Period) -> dict[tuple[str, str], Decimal]:
    found: dict[tuple[str, str], Decimal] = {}
    for one in spec.control if spec else ():
        if one.period == str(period):
            key = (one.currency, one.basis)
            found[key] = WIDE.add(found.get(key, Decimal(0)), one.amount)
    return found


def _by_currency(rows: Iterable[Mapping[str, Any]], name: str) -> dict[str, Decimal]:
    """The sums of a measure over all files of a period, without those that are zero."""
    found: dict[str, Decimal] = {}
    for row in rows:
        amount = row[name] or Decimal(0)
        found[row["Currency"]] = WIDE.add(found.get(row["Currency"], Decimal(0)), amount)
    return {currency: amount for currency, amount in found.items() if amount}


def _finality(
    spec: SourceSpec | None,
    period: Period,
    declared: Declaration | None,
    rows: Sequence[Mapping[str, Any]],
) -> Finality:
    """A provider says that a month is final by putting an invoice on all of its charges."""
    if declared or (spec and spec.final_until and str(period) <= spec.final_until):
        return Finality.DECLARED
    without = sum(row["Open"] for row in rows)
    return Finality.INVOICED if rows and not without else Finality.PROVISIONAL


def _looked_up(workspace: Workspace, snapshot: Snapshot) -> Iterator[dict[str, Any]]:
    """By file and currency: the newest day, keys without an invoice, and what is to be told."""
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
                        AS DECIMAL(38, 18)) AS Unknown,
                   CAST(sum(CASE WHEN k.ChargeClass = 'Correction' THEN m.BilledCost ELSE _zero END)
                        AS DECIMAL(38, 18)) AS Corrected
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
