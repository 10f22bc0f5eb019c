"""Which resources the loaded bills know: one that is misspelt would silently move nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

import pyarrow as pa

from apportion.errors import NotLoaded, UsageError
from apportion.run.workspace import Workspace
from apportion.store.relation import sql, table, text

LISTED = 20_000
"""Names that a misspelt one is held against."""


@dataclass(frozen=True)
class LoadedResource:
    """A resource of the current bills; the name is empty where bills give none."""

    id: str
    name: str

    def fits(self, column: str) -> bool:
        """Whether a list that goes by a column can hold it: as visible text on one line."""
        value = self._under(column)
        return bool(value) and value.isprintable() and value.strip() == value

    def _under(self, column: str) -> str:
        return self.id if column == "ResourceId" else self.name

    def value(self, column: str) -> str:
        """What a list that goes by a column calls it; raises UsageError where it doesn't fit."""
        value = self._under(column)
        if self.fits(column):
            return value
        label = self.name or self.id
        why = f"it has no {column}" if not value else f"its {column} holds invisible characters"
        raise UsageError(
            f"{label!r} can't stand in a resource list", why=why, hint="write a rule for it instead"
        )


Found = LoadedResource | NotLoaded | UsageError
"""A resource, or the fault that tells why there is none; the caller raises it or reports it."""


def find_loaded(workspace: Workspace, wanted: Iterable[str]) -> dict[str, Found]:
    """Find resources in all current bills, by id, or by a name that only one resource bears.

    What no bill knows is a NotLoaded with the nearest that they know; a name
    that several resources bear is a UsageError. Raises NotLoaded where nothing
    is loaded at all.
    """
    engine, texts = workspace.engine, list(dict.fromkeys(wanted))
    paths = [
        workspace.lake.path(file)
        for snapshot in workspace.books.current(quarantined=False)
        for unit in snapshot.units
        for file in unit.files
        if file.role == "keys"
    ]
    if not paths:
        raise NotLoaded("no charges are loaded", hint="load a bill first: `apportion load`")
    keys, asked = "loaded.keys", "loaded.asked"
    engine.files(keys, paths)
    engine.rows(asked, pa.table({"Asked": pa.array(texts, pa.string())}))
    rows = engine.fetch(
        sql(
            """
            SELECT a.Asked AS Asked, k.ResourceId AS Id, k.ResourceName AS Name
            FROM _asked AS a JOIN _keys AS k ON k.ResourceId = a.Asked
            UNION
            SELECT a.Asked AS Asked, k.ResourceId AS Id, k.ResourceName AS Name
            FROM _asked AS a JOIN _keys AS k ON k.ResourceName = a.Asked
            """,
            _asked=table(asked),
            _keys=table(keys),
        )
    ).to_pylist()
    found: dict[str, list[LoadedResource]] = {}
    for row in rows:
        one = LoadedResource(row["Id"] or "", row["Name"] or "")
        found.setdefault(row["Asked"], []).append(one)
    made = {
        each: _one(each, found[each]) if each in found else _unknown(workspace, each, keys)
        for each in texts
    }
    engine.drop(asked, keys)
    return made


def _one(asked_for: str, found: list[LoadedResource]) -> Found:
    by_id = sorted((one for one in found if one.id == asked_for), key=lambda one: one.name)
    if by_id:
        return by_id[-1]
    ids = sorted({one.id for one in found})
    if len(ids) > 1:
        return UsageError(
            f"{len(ids)} resources are called {asked_for!r}",
            hint=f"give the id of one: {', '.join(ids[:3])}{', …' if len(ids) > 3 else ''}",
        )
    return found[0]


def _unknown(workspace: Workspace, asked_for: str, keys: str) -> NotLoaded:
    rows = workspace.engine.fetch(
        sql(
            """
            SELECT DISTINCT coalesce(k.ResourceName, k.ResourceId) AS Name, k.ResourceId AS Id
            FROM _keys AS k WHERE coalesce(k.ResourceName, k.ResourceId) <> _none
            """,
            _keys=table(keys),
            _none=text(""),
        ).limit(LISTED)
    ).to_pylist()
    names = {value for row in rows for value in (row["Name"], row["Id"]) if value}
    near = get_close_matches(asked_for, sorted(names), 1)
    hint = f"did you mean {near[0]!r}?" if near else "`apportion untagged --json` lists their ids"
    return NotLoaded(f"no loaded bill knows a resource {asked_for!r}", hint=hint)
