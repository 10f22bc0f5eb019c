"""What teams carry, traced to the usage that it is for: the numerators of unit costs.

A statement line of a pool rests on the quantities of drivers. Where usage made them, the line
is carried by the keys whose usage it is, each in proportion to its quantity; where a pool is
split by priced usage, by the keys that its charges of that day and kind fell on. Nothing is
estimated: what goes by no usage stays a piece of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from sqlglot import exp

from apportion.allocate.usage_cost import AT_PRICES, DRIVER
from apportion.domain.amounts import sum_of
from apportion.domain.result import DriverUse, Line, LineKind, PoolShare, Run
from apportion.domain.usage import INPUT_TOKENS, OUTPUT_TOKENS
from apportion.domain.usage_cells import PoolUsage, UsageCell, UsageCells
from apportion.model.metered import Metered
from apportion.model.project import Model
from apportion.model.terms.usage_cost import UsageCost, holds_usage
from apportion.run.charges import attributed_anew
from apportion.run.in_one_currency import in_one_currency
from apportion.run.priced_rows import PricedRow, priced_rows
from apportion.run.usage_cells import usage_cells
from apportion.run.usage_desk import CountedUse
from apportion.run.workspace import Workspace
from apportion.store.relation import column, sql, table, text

ZERO = Fraction(0)

TOKEN_METERS = (*INPUT_TOKENS, *OUTPUT_TOKENS)
"""Disjoint classes of tokens."""

KeyDay = tuple[str, date]
"""A usage key and a day."""


class Piece(NamedTuple):
    """A part of a statement line, and what it is for.

    `driver` is what it goes by, `unit` and `quantity` how much of that; empty and None where
    it goes by nothing that is counted. `key`, `day` and `meter` are the usage; empty where no
    usage tells of it.
    """

    line: Line
    amount: Fraction
    driver: str = ""
    unit: str = ""
    quantity: Fraction | None = None
    key: str = ""
    day: date | None = None
    meter: str = ""


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
    rows: Mapping[tuple[str, str], tuple[PricedRow, ...]] = field(default_factory=dict)
    """By currency and pool, the priced usage of pools that are split by it."""

    def about(self, key: str, name: str) -> str:
        """What a usage key says of itself in a column; empty where it says nothing."""
        return self.keys.get(key, {}).get(name, "")


def carried(workspace: Workspace, model: Model, run: Run) -> Carried:
    """Trace a run's lines to usage.

    Raises UsageError where the model has changed since the run, as far as usage decides.
    """
    tracer = _Tracer(workspace, model, run)
    pieces = tuple(piece for line in in_reporting(run) for piece in tracer.pieces(line))
    keys, quantities, units = _usage(workspace, model, run)
    costs: Mapping[KeyDay, Mapping[str, Fraction]] = {}
    if any(name in TOKEN_METERS for name in units):
        costs = _costs(workspace, model, run)
    return Carried(run, pieces, keys, quantities, units, costs, tracer.rows)


def in_reporting(run: Run) -> tuple[Line, ...]:
    """A run's lines in the reporting currency, and those that no rate converts."""
    if not run.currency:
        return run.lines
    found = in_one_currency(run)
    return (*found.lines, *found.left)


Place = tuple[str, str]
"""A currency and a pool."""


class _Tracer:
    """The shares of a run, and the usage behind them, read once for each driver and pool."""

    def __init__(self, workspace: Workspace, model: Model, run: Run) -> None:
        self.workspace, self.model, self.run = workspace, model, run
        self.shares = shares_of(run)
        self.billed = {line.id: line.currency for line in run.lines}
        self.lossy = {
            (line.currency, line.pool, line.owner)
            for line in run.lines
            if line.kind is LineKind.LOST
        }
        self._counted: dict[str, dict[str, list[CountedUse]]] = {}
        self._cells: UsageCells | None = None
        self.rows: dict[Place, tuple[PricedRow, ...]] = {}

    def pieces(self, line: Line) -> Iterator[Piece]:
        amount = line.amounts.of(self.run.basis)
        share = self.shares.get(line.id)
        parts = list(parts_of(share.uses)) if share else []
        whole = sum_of(part for _, part in parts)
        if not whole:
            yield Piece(line, amount)
            return
        for use, part in parts:
            yield from self._of_use(line, use, amount * part / whole)

    def _of_use(self, line: Line, use: DriverUse, amount: Fraction) -> Iterator[Piece]:
        if use.driver in {DRIVER, AT_PRICES}:
            weights: list[tuple[PricedRow, Fraction]] = list(self._priced(line, use.driver))
            whole = sum_of(weight for _, weight in weights)
            for row, weight in weights if whole else ():
                unit = use.driver
                yield Piece(line, amount * weight / whole, unit, row.meter, row.quantity,
                            row.key, row.day, row.meter)  # fmt: skip
            if whole:
                return
        driver = self.model.drivers.get(use.driver)
        if driver and driver.metered:
            found = [one for one in self._uses(use.driver, driver.metered, line) if one.quantity]
            whole = sum_of(one.quantity for one in found)
            for one in found if whole else ():
                yield Piece(line, amount * one.quantity / whole, use.driver, use.unit,
                            one.quantity, one.key, one.day, driver.metered.meter)  # fmt: skip
            if whole:
                return
        yield Piece(line, amount, use.driver, use.unit, use.quantity)

    def _uses(self, name: str, metered: Metered, line: Line) -> Iterator[CountedUse]:
        """What the line's team used: what was lost, in the line of that; the rest, in the other."""
        if name not in self._counted:
            by_owner: dict[str, list[CountedUse]] = defaultdict(list)
            for one in self.workspace.usage.counted_use(self.model, metered, self.run.period):
                by_owner[one.owner].append(one)
            self._counted[name] = by_owner
        found = self._counted[name].get(line.owner.name, ())
        if (self.billed[line.id], line.pool, line.owner) not in self.lossy:
            yield from found
            return
        lost = line.kind is LineKind.LOST
        yield from (one for one in found if bool(one.outcome) is lost)

    def _priced(self, line: Line, driver: str) -> Iterator[tuple[PricedRow, Fraction]]:
        """Rows of the team's usage with what of the line falls on each."""
        place = (self.billed[line.id], line.pool)
        rows, used = self._rows(place), self._used(place)
        own = [row for row in rows if row.owner == line.owner.name]
        if driver == AT_PRICES:
            yield from ((row, row.cost) for row in own)
            return
        lookup = _Rows(rows)
        on_basis = any(cell.cost.of(self.run.basis) for cell in used.cells)
        for cell in used.cells:
            cost = cell.cost.of(self.run.basis if on_basis else "BilledCost")
            if cell.weights and line.owner.name in cell.weights:
                whole = sum_of(cell.weights.values())
                for row, weight in lookup.of(cell):
                    if row.owner == line.owner.name:
                        yield row, cost * weight / whole

    def _used(self, place: Place) -> PoolUsage:
        if self._cells is None:
            charges, attribution = attributed_anew(self.workspace, self.model, self.run)
            self._cells = usage_cells(
                self.workspace, self.model, self.run.period, charges, attribution.relation
            )
        return self._cells.get(place, PoolUsage())

    def _rows(self, place: Place) -> tuple[PricedRow, ...]:
        if place not in self.rows:
            sources = _sources(self.model, place[1])
            found, _ = priced_rows(
                self.workspace, self.model, self.run.period, sources, by_key=True
            )
            self.rows[place] = found
        return self.rows[place]


class _Rows:
    """Priced usage by what a pool's charges are matched by."""

    def __init__(self, rows: Sequence[PricedRow]) -> None:
        self.rows = rows
        self._made: dict[tuple[str, ...], dict[tuple[object, ...], list[PricedRow]]] = {}

    def of(self, cell: UsageCell) -> list[tuple[PricedRow, Fraction]]:
        """The usage that a cell fell on: by cost, or where nothing has a price, by quantity."""
        names, kind = cell.matched, dict(cell.kind)
        if names not in self._made:
            index: dict[tuple[object, ...], list[PricedRow]] = defaultdict(list)
            for row in self.rows:
                index[row.day, *(row.kind.get(name, "").casefold() for name in names)].append(row)
            self._made[names] = index
        found = self._made[names].get((cell.day, *(kind[name].casefold() for name in names)), [])
        priced = any(row.cost for row in found)
        return [(row, row.cost if priced else row.quantity) for row in found]


def _sources(model: Model, pool: str) -> tuple[str, ...]:
    found = next(one for one in model.pools if one.name == pool and holds_usage(one))
    terms = [s.terms for dated in found.splits for s in dated.value.nested]
    # As `usage_cells` does: the terms that are stated last.
    return [one for one in terms if isinstance(one, UsageCost)][-1].sources


def shares_of(run: Run) -> dict[str, PoolShare]:
    """By line, the share of a pool that it stands for."""
    shares = {(s.currency, s.receiver, s.pool, s.kind): s for s in run.shares}
    keys = {
        line.id: (line.currency, line.owner, line.pool, line.kind)
        for line in run.lines
        if line.pool
    }
    return {line: shares[key] for line, key in keys.items() if key in shares}


def parts_of(uses: Iterable[DriverUse]) -> Iterator[tuple[DriverUse, Fraction]]:
    """Each driver of a share once, with the part of the pool that its quantity stands for."""
    merged: dict[str, list[DriverUse]] = defaultdict(list)
    for use in uses:
        merged[use.driver].append(use)
    for own in merged.values():
        part = sum_of(use.weight * use.quantity / use.total for use in own if use.total)
        first = own[0]
        quantity = sum_of(use.quantity for use in own)
        yield DriverUse(first.driver, first.unit, quantity, first.total, first.weight), part


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


__all__ = ["TOKEN_METERS", "Carried", "Piece", "carried", "in_reporting", "parts_of", "shares_of"]
