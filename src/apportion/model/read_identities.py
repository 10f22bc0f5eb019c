"""Identities: from YAML entries and CSV files to dated maps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from apportion.domain.owner import Owner, OwnerKind
from apportion.errors import Place
from apportion.model import marked_yaml as y
from apportion.model.dated import Validity
from apportion.model.faults import Faults, did_you_mean
from apportion.model.identities import ATTRIBUTE, KINDS, IdentityMap
from apportion.model.names import Names
from apportion.model.read_organisation import read_validity
from apportion.model.receivers import Receivers
from apportion.model.resource_list import read_row_validity
from apportion.model.text_file import CsvFile, CsvRow
from apportion.model.values import text_of, texts_of


@dataclass(frozen=True)
class IdentityReading:
    """What identities may name, and how their files are opened."""

    teams: Names
    pools: Names
    receivers: Receivers
    sources: Collection[str]
    open_csv: Callable[[y.Node], CsvFile | None]
    faults: Faults


def read_identities(
    nodes: Sequence[y.Mapping], reading: IdentityReading
) -> tuple[IdentityMap, ...]:
    """Entries whose shapes have been checked, in their order.

    One identity of two owners on the same day is a fault that names both places.
    """
    made = tuple(one for node in nodes for one in _of_node(node, reading))
    _check_twice(made, reading.faults)
    return made


def _of_node(node: y.Mapping, reading: IdentityReading) -> Iterator[IdentityMap]:
    if "file" in node.entries:
        _refuse_beside_file(node, reading.faults)
        found = reading.open_csv(node.entries["file"])
        if found:
            yield from _of_file(found, reading)
        return
    owner = _owner(node, reading)
    kind = next((kind for kind in KINDS if kind in node.entries), "attribute")
    if kind == "attribute" and "value" not in node.entries:
        reading.faults.add(node, "an attribute without `value`", hint="say which value is meant")
    if owner is None:
        return
    source = text_of(node, "source")
    if source and source not in reading.sources:
        _unknown_source(source, node.entries["source"].place, reading)
    column = KINDS.get(kind) or ATTRIBUTE + text_of(node, "attribute")
    values = node.entries.get(kind if kind in KINDS else "value")
    valid = read_validity(node, reading.faults)
    for value in texts_of(values):
        yield _map(column, value, owner, node.place, source, valid, text_of(node, "because"))


def _map(  # noqa: PLR0913, PLR0917 -- the fields of a map, in their order
    column: str,
    value: str,
    owner: Owner,
    place: Place,
    source: str,
    valid: Validity,
    because: str = "",
) -> IdentityMap:
    dated = f" from {valid.start}" if valid.start else ""
    of = f" of {source}" if source else ""
    return IdentityMap(
        f"{column} {value}{of}{dated}", column, value, owner, place, source, valid, because
    )


def _refuse_beside_file(node: y.Mapping, faults: Faults) -> None:
    for key in ("team", "pool", "source", "from", "until", "value"):
        if key in node.entries:
            faults.add(
                node.keys[key],
                f"`{key}` beside `file`",
                hint=f"the file has a column {key} of its own",
            )


def _owner(node: y.Mapping, reading: IdentityReading) -> Owner | None:
    team, pool = node.entries.get("team"), node.entries.get("pool")
    if (team is None) == (pool is None):
        what = "both a team and a pool" if team else "neither a team nor a pool"
        reading.faults.add(node, what, hint="name exactly one")
        return None
    names, found = (reading.teams, team) if team else (reading.pools, pool)
    assert isinstance(found, y.Scalar)
    if not names.knows(found.text, found, reading.faults):
        return None
    if pool and not reading.receivers.one(found.text, found, reading.faults):
        return None
    return Owner(OwnerKind.TEAM if team else OwnerKind.POOL, found.text)


def _unknown_source(source: str, place: Place, reading: IdentityReading) -> None:
    reading.faults.add(
        place,
        f"no usage is called {source!r}",
        hint=did_you_mean(source, reading.sources, "see `usage` in apportion.yaml"),
    )


def _of_file(found: CsvFile, reading: IdentityReading) -> Iterator[IdentityMap]:
    lacking = [name for name in ("kind", "id") if name not in found.columns]
    if "team" not in found.columns and "pool" not in found.columns:
        lacking.append("team")
    if lacking:
        reading.faults.add(
            found.place,
            f"no column {', '.join(lacking)}",
            hint="a file of identities has kind, id and team",
        )
        return
    for row in found.rows:
        made = _of_row(row, reading)
        if made is not None:
            yield made


def _of_row(row: CsvRow, reading: IdentityReading) -> IdentityMap | None:
    faults, kind, team, pool = reading.faults, row["kind"], row["team"], row["pool"]
    if kind not in KINDS and not kind.startswith(ATTRIBUTE):
        hint = did_you_mean(kind, KINDS, f"use {', '.join(KINDS)} or attribute.NAME")
        faults.add(row.field("kind"), f"no identity is of the kind {kind!r}", hint=hint)
        return None
    if not row["id"]:
        faults.add(row.field("id"), "no id", hint="give one, or remove the row")
        return None
    if bool(team) == bool(pool):
        what = "both a team and a pool" if team else "neither a team nor a pool"
        faults.add(row.field("team"), f"{what} for {row['id']!r}", hint="name exactly one")
        return None
    names, name = (reading.teams, team) if team else (reading.pools, pool)
    at = row.field("team" if team else "pool")
    known = names.knows(name, at, faults)
    if known and pool:
        known = reading.receivers.one(name, at, faults)
    valid = read_row_validity(row, faults)
    source = row["source"]
    if source and source not in reading.sources:
        _unknown_source(source, row.field("source").place, reading)
    if not known or valid is None:
        return None
    owner = Owner(OwnerKind.TEAM if team else OwnerKind.POOL, name)
    return _map(KINDS.get(kind, kind), row["id"], owner, row.place, source, valid)


def _check_twice(made: Sequence[IdentityMap], faults: Faults) -> None:
    by_value: dict[tuple[str, str], list[IdentityMap]] = defaultdict(list)
    for one in made:
        others = by_value[one.column, one.value]
        for other in others:
            same_source = not one.source or not other.source or one.source == other.source
            if same_source and one.owner != other.owner and one.valid.meet(other.valid):
                faults.add(
                    one.place,
                    f"{one.value!r} belongs to {one.owner} and to {other.owner} on the same days",
                    why=f"the other is at {other.place}",
                    hint="keep one, or end the earlier with `until`",
                )
                break
        others.append(one)
