"""Loaded charges as relations of an engine, kept between evaluations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING

from sqlglot import exp

from apportion.attribute import Desk
from apportion.domain.charge import COSTS, QUANTITIES
from apportion.domain.period import Period
from apportion.domain.snapshot import Snapshot, SnapshotKind, Unit
from apportion.errors import NotLoaded
from apportion.model.project import Project
from apportion.store.books import Books
from apportion.store.engine import Engine
from apportion.store.lake import Lake
from apportion.store.relation import column, columns, sql, table, text

if TYPE_CHECKING:
    from apportion.run.usage_desk import UsageDesk

DAILY = ("KeyId", "ChargeDate", "Charges", *COSTS)
MONTHLY = ("KeyId", "FirstDate", "LastDate", "Charges", *COSTS)


MONTHS_HELD = 24
"""How many sets of snapshots stay in the engine at once; the one used longest ago leaves."""


@dataclass(frozen=True)
class Charges:
    """Names of the relations that hold some snapshots' charges, and the snapshots."""

    snapshots: tuple[Snapshot, ...]
    keys: str
    tags: str
    daily: str
    monthly: str


class Workspace:
    """A project opened for evaluation: its books, its lake, and an engine.

    What was registered stays in the engine, laid out for attribution, so that
    a changed model is evaluated without reading the lake again.
    """

    def __init__(self, project: Project, books: Books, lake: Lake, engine: Engine) -> None:
        self.project = project
        self.books = books
        self.lake = lake
        self.engine = engine
        self._held: dict[tuple[str, ...], tuple[Charges, Desk]] = {}
        self._number = count()

    @cached_property
    def usage(self) -> UsageDesk:
        """The project's usage at hand."""
        from apportion.run.usage_desk import UsageDesk

        return UsageDesk(self)

    def current(self, period: Period, kind: SnapshotKind) -> tuple[Snapshot, ...]:
        """The snapshots of a month that are evaluated: those that are current."""
        return self.books.current(period=period, quarantined=False, kind=kind)

    def charges(self, periods: Sequence[Period]) -> Charges:
        """Register the current snapshots of billing periods as relations.

        Raises NotLoaded where a period has no charges.
        """
        snapshots: list[Snapshot] = []
        for period in periods:
            found = self.current(period, SnapshotKind.CHARGES)
            if not found:
                raise NotLoaded(
                    f"no charges are loaded for {period}",
                    hint="load a bill that covers it: `apportion load`",
                )
            snapshots.extend(found)
        return self.register(snapshots)

    def register(self, snapshots: Iterable[Snapshot]) -> Charges:
        """Register given snapshots, be they current or not; done once for the same ones."""
        wanted = tuple(sorted(snapshots, key=lambda s: (s.source, s.period)))
        names = tuple(snapshot.id for snapshot in wanted)
        held = self._held.pop(names, None) or self._register(wanted)
        self._held[names] = held
        if len(self._held) > MONTHS_HELD:
            self._forget(next(iter(self._held)))
        return held[0]

    def desk(self, charges: Charges) -> Desk:
        """Registered charges laid out for attribution."""
        return self._held[tuple(snapshot.id for snapshot in charges.snapshots)][1]

    def quantities(self, charges: Charges) -> str:
        """The monthly facts of registered charges with their quantities: the relation's name.

        Raises NotLoaded where a bill was loaded before quantities were kept.
        """
        return self._with_quantities(charges, charges.monthly, "monthly", MONTHLY)

    def daily_quantities(self, charges: Charges) -> str:
        """The daily facts of registered charges with their quantities: the relation's name.

        Raises NotLoaded where a bill was loaded before quantities were kept.
        """
        return self._with_quantities(charges, charges.daily, "daily", DAILY)

    def _with_quantities(
        self, charges: Charges, relation: str, role: str, names: Sequence[str]
    ) -> str:
        name = f"{relation}.quantities"
        facts = self._facts(name, charges.snapshots, role, (*names, *QUANTITIES))
        for number, snapshot in enumerate(charges.snapshots):
            read = sql("SELECT * FROM _r LIMIT 0", _r=table(f"{name}.read.{number}"))
            if not {*QUANTITIES} <= {*self.engine.fetch(read).column_names}:
                raise NotLoaded(
                    f"source {snapshot.source} was loaded without its quantities",
                    why="an older version of apportion loaded it",
                    hint="load it again: `apportion load`",
                )
        self.engine.view(name, facts)
        return name

    def _register(self, snapshots: tuple[Snapshot, ...]) -> tuple[Charges, Desk]:
        number = next(self._number)
        roles = ("keys", "tags", "daily", "monthly")
        charges = Charges(snapshots, *(f"{role}.{number}" for role in roles))
        units = list({u.id: u for snapshot in snapshots for u in snapshot.units}.values())
        self._files(f"{charges.keys}.read", units, "keys")
        self.engine.create(charges.keys, self._keys_once(f"{charges.keys}.read", units))
        self._files(f"{charges.tags}.read", units, "tags")
        self.engine.create(charges.tags, _once(f"{charges.tags}.read", units))
        self.engine.view(charges.daily, self._facts(charges.daily, snapshots, "daily", DAILY))
        monthly = self._facts(charges.monthly, snapshots, "monthly", MONTHLY)
        self.engine.create(charges.monthly, monthly)
        return charges, Desk(
            self.engine,
            keys=charges.keys,
            tags=charges.tags,
            daily=charges.daily,
            monthly=charges.monthly,
            spare=(),
        )

    def _keys_once(self, relation: str, units: Sequence[Unit]) -> exp.Query:
        """Each key once. Two months may class it differently: then the later one counts."""
        if len(units) == 1:
            return _once(relation, units)
        names = self.engine.fetch(sql("SELECT * FROM _r LIMIT 0", _r=table(relation))).column_names
        order = column("ClassedBy" if "ClassedBy" in names else "KeyId", "r")
        return sql(
            """
            SELECT _names FROM (
                SELECT r.*, row_number() OVER (PARTITION BY r.KeyId ORDER BY _order DESC) AS KeyTurn
                FROM _r AS r
            ) AS k WHERE k.KeyTurn = 1
            """,
            _names=columns(names, "k"),
            _order=order,
            _r=table(relation),
        )

    def _forget(self, names: tuple[str, ...]) -> None:
        charges, desk = self._held.pop(names)
        desk.close()
        self.engine.drop(charges.daily, charges.monthly, charges.tags, charges.keys)

    def _facts(
        self, relation: str, snapshots: Sequence[Snapshot], role: str, names: Sequence[str]
    ) -> exp.Query:
        parts: list[exp.Query] = []
        for number, snapshot in enumerate(snapshots):
            name = f"{relation}.read.{number}"
            self._files(name, snapshot.units, role)
            query = sql(
                "SELECT _source AS Source, _period AS Period, _c FROM _f",
                _source=text(snapshot.source),
                _period=text(str(snapshot.period)),
                _c=columns(names),
                _f=table(name),
            )
            parts.append(query)
        return _union(parts)

    def _files(self, name: str, units: Iterable[Unit], role: str) -> None:
        files = (file for unit in units for file in unit.files if file.role == role)
        self.engine.files(name, [self.lake.checked(file) for file in files])


def _once(relation: str, units: Sequence[Unit]) -> exp.Query:
    """Rows that several units may share, once; an ``x_`` column that one lacks is null there."""
    rows = sql("SELECT * FROM _r", _r=table(relation))
    if len(units) == 1:
        return rows
    return sql("SELECT DISTINCT * FROM _r", _r=table(relation))


def _union(parts: Sequence[exp.Query]) -> exp.Query:
    whole = parts[0]
    for part in parts[1:]:
        whole = exp.union(whole, part, distinct=False)
    return whole
