"""Who stands behind usage: from raw identities to owners, day by day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from fnmatch import translate
from re import compile as compile_pattern

import pyarrow as pa
from sqlglot import exp

from apportion.domain.owner import Owner, OwnerKind
from apportion.domain.usage import IDENTITIES
from apportion.model.dated import Validity
from apportion.model.identities import ATTRIBUTE, IdentityMap
from apportion.store.engine import Engine
from apportion.store.relation import column, sql, table, text

MAPS = "identities"
UNKNOWN = ""
"""The owner of usage whose identity the model doesn't know."""

_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2200, 1, 1)


def identify(
    engine: Engine,
    maps: Sequence[IdentityMap],
    teams: Iterable[str],
    *,
    keys: str,
    days: str,
    into: str,
) -> None:
    """Make the relation `into`: KeyId, UsageDate, Owner, OwnerKind, Identity of usage.

    `keys` holds usage keys with the column Source, `days` (KeyId, UsageDate, …) the days
    on which each was used. Of several identities of one record the most specific that the
    model knows decides: a run before a key, a key before an attribute, an attribute before a
    user, a user before a namespace … (:data:`apportion.domain.usage.IDENTITIES`). Exact
    values come before patterns, and these in the order of the model. What the source
    itself calls a team belongs to the team of that name, where no map says otherwise.

    Invariant: each key and day has exactly one row; where nobody is known, Owner is empty.
    `Identity` is the place of what decided, as file:line.
    """
    names = engine.fetch(sql("SELECT * FROM _k AS k LIMIT 0", _k=table(keys))).column_names
    columns = [name for name in _precedence(names) if name in names]
    ranked = list(_ranked(engine, maps, teams, keys, columns))
    engine.rows(MAPS, _as_table(ranked))
    found = [_matches(keys, name) for name in columns]
    whole = found[0]
    for one in found[1:]:
        whole = exp.union(whole, one, distinct=False)
    engine.create(f"{into}.matches", whole)
    engine.create(
        into,
        sql(
            """
            SELECT w.KeyId, w.UsageDate, coalesce(i.Owner, '') AS Owner,
                   coalesce(i.OwnerKind, '') AS OwnerKind, coalesce(i.Place, '') AS Identity
            FROM (
                SELECT d.KeyId, d.UsageDate, min(m.MapRank) AS MapRank
                FROM (SELECT DISTINCT KeyId, UsageDate FROM _days AS d) AS d
                LEFT JOIN _matches AS m ON m.KeyId = d.KeyId
                    AND m.FirstDay <= d.UsageDate AND d.UsageDate < m.UntilDay
                GROUP BY d.KeyId, d.UsageDate
            ) AS w
            LEFT JOIN _maps AS i ON i.MapRank = w.MapRank
            """,
            _days=table(days),
            _matches=table(f"{into}.matches"),
            _maps=table(MAPS),
        ),
    )


def _precedence(names: Iterable[str]) -> list[str]:
    """The columns of identities, the one that decides first in front."""
    attributes = sorted(name for name in names if name.startswith(ATTRIBUTE))
    at = IDENTITIES.index("UserId")
    return [*IDENTITIES[:at], *attributes, *IDENTITIES[at:]]


def _ranked(
    engine: Engine,
    maps: Sequence[IdentityMap],
    teams: Iterable[str],
    keys: str,
    columns: Sequence[str],
) -> Iterator[IdentityMap]:
    """Maps of exact values in the order in which they decide; patterns as what they match."""
    by_column: dict[str, list[IdentityMap]] = defaultdict(list)
    for one in maps:
        by_column[one.column].append(one)
    for name in columns:
        own = by_column.get(name, [])
        yield from (one for one in own if not one.is_pattern)
        patterns = [(one, compile_pattern(translate(one.value))) for one in own if one.is_pattern]
        if patterns:
            for value in _values(engine, keys, name):
                for one, pattern in patterns:
                    if pattern.fullmatch(value):
                        yield IdentityMap(**{**vars(one), "value": value})
    if "TeamLabel" in columns:
        yield from (_by_label(team) for team in sorted(teams))


def _by_label(team: str) -> IdentityMap:
    from apportion.errors import Place

    return IdentityMap(
        team, "TeamLabel", team, Owner(OwnerKind.TEAM, team), Place("the source's own label")
    )


def _values(engine: Engine, keys: str, name: str) -> list[str]:
    query = sql(
        "SELECT DISTINCT _c AS Value FROM _k AS k WHERE _c IS NOT NULL ORDER BY 1",
        _c=column(name, "k"),
        _k=table(keys),
    )
    found: list[str] = engine.fetch(query).column("Value").to_pylist()
    return found


def _as_table(maps: Sequence[IdentityMap]) -> pa.Table:
    def days(valid: Validity) -> tuple[date, date]:
        return valid.start or _FIRST_DAY, valid.until or _LAST_DAY

    return pa.table(
        {
            "MapRank": pa.array(range(len(maps)), pa.int64()),
            "MapColumn": pa.array([one.column for one in maps], pa.string()),
            "Value": pa.array([one.value for one in maps], pa.string()),
            "ForSource": pa.array([one.source for one in maps], pa.string()),
            "FirstDay": pa.array([days(one.valid)[0] for one in maps], pa.date32()),
            "UntilDay": pa.array([days(one.valid)[1] for one in maps], pa.date32()),
            "Owner": pa.array([one.owner.name for one in maps], pa.string()),
            "OwnerKind": pa.array([str(one.owner.kind) for one in maps], pa.string()),
            "Place": pa.array([str(one.place) for one in maps], pa.string()),
        }
    )


def _matches(keys: str, name: str) -> exp.Query:
    return sql(
        """
        SELECT k.KeyId, i.MapRank, i.FirstDay, i.UntilDay
        FROM _k AS k JOIN _maps AS i ON i.Value = _c
        WHERE i.MapColumn = _name AND (i.ForSource = '' OR i.ForSource = k.Source)
        """,
        _k=table(keys),
        _maps=table(MAPS),
        _c=column(name, "k"),
        _name=text(name),
    )
