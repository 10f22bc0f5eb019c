"""Loaded charges as relations of an engine, kept between evaluations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from apportion.domain.charge import COSTS
from apportion.domain.period import Period
from apportion.domain.snapshot import Snapshot, Unit
from apportion.errors import NotLoaded
from apportion.model.project import Project
from apportion.store.books import Books
from apportion.store.engine import Engine
from apportion.store.lake import Lake
from apportion.store.relation import columns, sql, table, text

DAILY = ("KeyId", "ChargeDate", "Charges", *COSTS)
MONTHLY = ("KeyId", "FirstDate", "LastDate", "Charges", *COSTS)


@dataclass(frozen=True)
class Charges:
    """Names of the relations that hold some snapshots' charges, and the snapshots."""

    snapshots: tuple[Snapshot, ...]
    keys: str = "keys"
    tags: str = "tags"
    daily: str = "daily"
    monthly: str = "monthly"


class Workspace:
    """A project opened for evaluation: its books, its lake, and an engine.

    What was registered last stays in the engine, so that a changed model is
    evaluated without reading the lake again.
    """

    def __init__(self, project: Project, books: Books, lake: Lake, engine: Engine) -> None:
        self.project = project
        self.books = books
        self.lake = lake
        self.engine = engine
        self._held: Charges | None = None

    def charges(self, periods: Sequence[Period]) -> Charges:
        """Register the current snapshots of billing periods as relations.

        Raises NotLoaded where a period has no charges.
        """
        snapshots: list[Snapshot] = []
        for period in periods:
            found = self.books.current(period=period)
            if not found:
                raise NotLoaded(
                    f"no charges are loaded for {period}",
                    hint="load a bill that covers it: `apportion load`",
                )
            snapshots.extend(found)
        return self.register(snapshots)

    def register(self, snapshots: Iterable[Snapshot]) -> Charges:
        """Register given snapshots, be they current or not."""
        wanted = Charges(tuple(sorted(snapshots, key=lambda s: (s.source, s.period))))
        if self._held is None or [s.id for s in self._held.snapshots] != [
            s.id for s in wanted.snapshots
        ]:
            self._held = None
            self._register(wanted)
            self._held = wanted
        return wanted

    def _register(self, charges: Charges) -> None:
        units = list({u.id: u for snapshot in charges.snapshots for u in snapshot.units}.values())
        self.engine.create(charges.keys, self._keys(units))
        self.engine.create(charges.tags, self._tags(units))
        self.engine.view(charges.daily, self._facts(charges.snapshots, "daily", DAILY))
        self.engine.create(charges.monthly, self._facts(charges.snapshots, "monthly", MONTHLY))

    def _keys(self, units: Sequence[Unit]) -> exp.Query:
        """All charge keys once; an ``x_`` column that a unit wasn't folded with is null there."""
        self._files("keys_read", units, "keys")
        if len(units) == 1:
            return sql("SELECT * FROM _k", _k=table("keys_read"))
        return sql("SELECT DISTINCT * FROM _k", _k=table("keys_read"))

    def _tags(self, units: Sequence[Unit]) -> exp.Query:
        self._files("tags_read", units, "tags")
        return sql("SELECT DISTINCT TagSetId, TagKey, TagValue FROM _t", _t=table("tags_read"))

    def _facts(self, snapshots: Sequence[Snapshot], role: str, names: Sequence[str]) -> exp.Query:
        parts: list[exp.Query] = []
        for number, snapshot in enumerate(snapshots):
            name = f"{role}_{number}"
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
        self.engine.files(name, [self.lake.path(file) for file in files])


def _union(parts: Sequence[exp.Query]) -> exp.Query:
    whole = parts[0]
    for part in parts[1:]:
        whole = exp.union(whole, part, distinct=False)
    return whole
