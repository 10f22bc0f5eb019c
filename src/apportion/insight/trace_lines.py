"""Statement lines traced to the usage that they are for.

A statement line of a pool rests on the quantities of drivers. Where usage made them, the line
is carried by the keys whose usage it is, each in proportion to its quantity; where a pool is
split by priced usage, by the keys that its charges of that day and kind fell on. Nothing is
estimated: what goes by no usage stays a piece of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from apportion.allocate.usage_cost import AT_PRICES, DRIVER
from apportion.domain.amounts import sum_of
from apportion.domain.result import DriverUse, Line, LineKind, PoolShare, Run
from apportion.domain.usage_cells import PoolUsage, UsageCell, UsageCells
from apportion.model.metered import Metered
from apportion.model.project import Model
from apportion.model.terms.usage_cost import UsageCost, holds_usage
from apportion.run.charges import attributed_anew
from apportion.run.in_currency import in_currency
from apportion.run.priced_rows import PricedRow, priced_rows
from apportion.run.same_models import SameModels
from apportion.run.usage_cells import usage_cells
from apportion.run.usage_desk import CountedUse
from apportion.run.workspace import Workspace


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


Place = tuple[str, str]
"""A currency and a pool."""


class Tracer:
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
            terms, same = _terms(self.model, place[1]), SameModels(self._used(place).models)
            found, _ = priced_rows(self.workspace, self.model, self.run.period, terms, by_key=True)
            own = [same.used(row) for row in found]
            self.rows[place] = tuple(in_currency(self.workspace, self.run.period, own, place[0]))
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
        agree = self._made[names].get((cell.day, *(kind[name].casefold() for name in names)), [])
        found = [row for row in agree if not any(name in row.kind for name in cell.untold)]
        priced = any(row.cost for row in found)
        return [(row, row.cost if priced else row.quantity) for row in found]


def _terms(model: Model, pool: str) -> UsageCost:
    found = next(one for one in model.pools if one.name == pool and holds_usage(one))
    terms = [s.terms for dated in found.splits for s in dated.value.nested]
    # As `usage_cells` does: the terms that are stated last.
    return [one for one in terms if isinstance(one, UsageCost)][-1]


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
