"""The single records behind usage keys: what a report names by itself, job by job."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa
from sqlglot import exp

from apportion.run.usage_desk import Usage, files_of
from apportion.run.workspace import Workspace
from apportion.store.relation import column, columns, sql, table, text


def attribute_of_runs(workspace: Workspace, used: Usage, names: Sequence[str]) -> dict[str, str]:
    """By key of a run, the first of some attributes that any record of it has."""
    made: dict[str, str] = {}
    for number, snapshot in enumerate(used.snapshots):
        read = f"{used.daily}.named.{number}"
        workspace.engine.files(read, [workspace.lake.checked(file)
                                 for file in files_of(snapshot, "usage")])  # fmt: skip
        there = workspace.engine.fetch(sql("SELECT * FROM _r LIMIT 0", _r=table(read))).column_names
        if not {"RunId", "Attributes"} <= {*there}:
            continue
        said = exp.func(
            "coalesce",
            *(
                exp.Anonymous(
                    this="list_extract",
                    expressions=[
                        exp.Anonymous(
                            this="map_extract",
                            expressions=[column("Attributes", "r"), text(name)],
                        ),
                        exp.Literal.number(1),
                    ],
                )
                for name in names
            ),
        )
        query = sql(
            "SELECT r.KeyId, min(_said) AS Said FROM _r AS r "
            "WHERE r.RunId IS NOT NULL GROUP BY r.KeyId",
            _said=said,
            _r=table(read),
        )
        for row in workspace.engine.fetch(query).to_pylist():
            if row["Said"]:
                made[f"{snapshot.source} {row['KeyId']}"] = row["Said"]
    return made


def records_of(workspace: Workspace, used: Usage, keys: Iterable[str]) -> list[dict[str, Any]]:
    """The records of some keys as their sources told them, with the key as KeyId."""
    wanted = sorted(set(keys))
    found: list[dict[str, Any]] = []
    names = ("UsageId", "RunId", "UsageStart", "UsageEnd", "ResourceId", "Status", "Attributes")
    for number, snapshot in enumerate(used.snapshots):
        ids = {key.partition(" ")[2]: key for key in wanted if _of_source(key, snapshot.source)}
        if not ids:
            continue
        read = f"{used.daily}.records.{number}"
        workspace.engine.rows(f"{read}.wanted", pa.table({"KeyId": pa.array(ids, pa.string())}))
        workspace.engine.files(read, [workspace.lake.checked(file)
                                 for file in files_of(snapshot, "usage")])  # fmt: skip
        there = workspace.engine.fetch(sql("SELECT * FROM _r LIMIT 0", _r=table(read))).column_names
        query = sql(
            "SELECT r.KeyId, _names FROM _r AS r JOIN _w AS w ON w.KeyId = r.KeyId "
            "ORDER BY r.UsageStart, r.UsageId",
            _names=columns([name for name in names if name in there], "r"),
            _r=table(read),
            _w=table(f"{read}.wanted"),
        )
        found += (
            {
                **row,
                "KeyId": ids[row["KeyId"]],
                "Source": snapshot.source,
                "Attributes": dict(row.get("Attributes") or ()),
            }
            for row in workspace.engine.fetch(query).to_pylist()
        )
    return found


def _of_source(key: str, source: str) -> bool:
    """Whether a key of the month is one of a source: its id begins with the source's name."""
    return key.startswith(f"{source} ")
