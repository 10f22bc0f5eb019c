"""What teams carry, and the usage that it is for: the numerators and denominators of unit costs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from sqlglot import exp

from apportion.domain.result import Line, Run
from apportion.domain.usage import INPUT_TOKENS, OUTPUT_TOKENS
from apportion.insight.trace_lines import Piece, Tracer
from apportion.model.project import Model
from apportion.run.in_one_currency import in_one_currency
from apportion.run.workspace import Workspace
from apportion.store.relation import column, sql, table, text

ZERO = Fraction(0)

TOKEN_METERS = (*INPUT_TOKENS, *OUTPUT_TOKENS)
"""Disjoint classes of tokens."""

KeyDay = tuple[str, date]
"""A usage key and a day."""


@dataclass(frozen=True)
class Carried:
    """The lines of a run in pieces. Invariant: the pieces of a line sum to it, exactly.

    Amounts are in the reporting currency where the run has one, on its basis. `keys` says what
    a usage key is made of, `quantities` what was used of each meter, `units` in which unit.
    """

    run: Run
    pieces: tuple[Piece, ...]
    keys: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    quantities: Mapping[KeyDay, Mapping[str, Fraction]] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    costs: Mapping[KeyDay, Mapping[str, Fraction]] = field(default_factory=dict)
    """What tokens would cost at their prices; empty where no usage has tokens."""

    def about(self, key: str, name: str) -> str:
        """What a usage key says of itself in a column; empty where it says nothing."""
        return self.keys.get(key, {}).get(name, "")


def carried(workspace: Workspace, model: Model, run: Run) -> Carried:
    """Trace a run's lines to usage.

    Raises UsageError where the model has changed since the run, as far as usage decides.
    """
    tracer = Tracer(workspace, model, run)
    pieces = tuple(piece for line in in_reporting(run) for piece in tracer.pieces(line))
    keys, quantities, units = _usage(workspace, model, run)
    costs: Mapping[KeyDay, Mapping[str, Fraction]] = {}
    if any(name in TOKEN_METERS for name in units):
        costs = _costs(workspace, model, run)
    return Carried(run, pieces, keys, quantities, units, costs)


def in_reporting(run: Run) -> tuple[Line, ...]:
    """A run's lines in the reporting currency, and those that no rate converts."""
    if not run.currency:
        return run.lines
    found = in_one_currency(run)
    return (*found.lines, *found.left)


def _usage(
    workspace: Workspace, model: Model, run: Run
) -> tuple[dict[str, dict[str, str]], dict[KeyDay, dict[str, Fraction]], dict[str, str]]:
    """What keys are made of, what each used of each meter on a day, and the meters' units."""
    used = workspace.usage.usage(model, run.period)
    if used is None:
        return {}, {}, {}
    engine = workspace.engine
    keys = {
        row["KeyId"]: {name: str(value) for name, value in row.items() if value is not None}
        for row in engine.fetch(sql("SELECT * FROM _k AS k", _k=table(used.keys))).to_pylist()
    }
    for row in engine.fetch(
        sql("SELECT o.KeyId, o.Owner FROM _o AS o ORDER BY o.UsageDate", _o=table(used.owned))
    ).to_pylist():
        keys[row["KeyId"]]["Owner"] = row["Owner"] or "unallocated"
    quantities: dict[KeyDay, dict[str, Fraction]] = defaultdict(dict)
    units: dict[str, str] = {}
    daily = sql(
        "SELECT d.KeyId, d.UsageDate, d.Meter, d.Unit, d.Quantity, d.Per FROM _d AS d",
        _d=table(used.daily),
    )
    for row in engine.fetch(daily).to_pylist():
        own = quantities[row["KeyId"], row["UsageDate"]]
        value = Fraction(row["Quantity"]) / row["Per"]
        own[row["Meter"]] = own.get(row["Meter"], ZERO) + value
        units.setdefault(row["Meter"], row["Unit"])
    return keys, dict(quantities), units


def _costs(workspace: Workspace, model: Model, run: Run) -> dict[KeyDay, dict[str, Fraction]]:
    """What the tokens of each key and day would cost, by meter."""
    used = workspace.usage.priced(model, run.period)
    found: dict[KeyDay, dict[str, Fraction]] = defaultdict(dict)
    if used is None:
        return found
    query = sql(
        """
        SELECT p.KeyId, p.UsageDate, p.Meter, p.Divisor, sum(p.Amount) AS Amount
        FROM _p AS p WHERE p.IsPriced AND _tokens
        GROUP BY p.KeyId, p.UsageDate, p.Meter, p.Divisor
        """,
        _p=table(used.priced),
        _tokens=exp.In(this=column("Meter", "p"), expressions=[text(m) for m in TOKEN_METERS]),
    )
    for row in workspace.engine.fetch(query).to_pylist():
        own = found[row["KeyId"], row["UsageDate"]]
        amount = Fraction(row["Amount"]) / row["Divisor"]
        own[row["Meter"]] = own.get(row["Meter"], ZERO) + amount
    return found
