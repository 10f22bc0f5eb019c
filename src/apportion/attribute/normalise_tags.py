"""First pass: tags in the spelling of the taxonomy."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp

from apportion.attribute.scratch import Scratch
from apportion.model.taxonomy import TagKey, Taxonomy
from apportion.store.engine import Engine
from apportion.store.relation import sql, table


def normalise_tags(
    engine: Engine, taxonomy: Taxonomy, *, tags: str, wanted: Collection[str], into: str
) -> None:
    """Write each tag set's `wanted` tags as (TagSetId, Tag, Value).

    A tag of the taxonomy is found under its name or a synonym, compared without
    case and surrounding blanks, and its value brought to the spelling that the
    taxonomy gives it. Where a tag set has several spellings of the key, the
    name goes before the synonyms, these go in their order, and the exact
    spelling goes before others; a blank value says nothing, so that the next
    one counts. Any other tag stands as it is, under exactly its own key.

    Invariant: a tag set has each tag once at most, whatever the order of tags.
    Spellings are compared here in Python, over the distinct keys and values, so
    that every engine agrees.
    """
    known = [key for name, key in taxonomy.keys.items() if name in wanted]
    with Scratch(engine, into) as scratch:
        others = scratch.rows("others", _texts(Tag=sorted(set(wanted) - set(taxonomy.keys))))
        spelt = _spelt_keys(_tag_keys(engine, tags) if known else [], known)
        keys = scratch.rows("keys", spelt)
        values = scratch.rows("values", _spelt_values(engine, tags, keys, taxonomy))
        several = pc.max(spelt.column("Rank")).as_py()  # no second spelling: nothing to choose from
        engine.create(
            into,
            exp.union(
                _foremost(tags, values) if several else _only(tags, values),
                _as_is(tags, others),
                distinct=False,
            ),
        )


def _foremost(tags: str, values: str) -> exp.Query:
    """Of the several spellings of a tag in a tag set, the one of the least rank."""
    return sql(
        """
        SELECT t.TagSetId AS TagSetId, v.Tag AS Tag, arg_min(v.Value, v.Rank) AS Value
        FROM _tags AS t
        JOIN _values AS v ON v.TagKey = t.TagKey AND v.TagValue = t.TagValue
        GROUP BY t.TagSetId, v.Tag
        """,
        _tags=table(tags),
        _values=table(values),
    )


def _only(tags: str, values: str) -> exp.Query:
    return sql(
        """
        SELECT t.TagSetId AS TagSetId, v.Tag AS Tag, v.Value AS Value
        FROM _tags AS t
        JOIN _values AS v ON v.TagKey = t.TagKey AND v.TagValue = t.TagValue
        """,
        _tags=table(tags),
        _values=table(values),
    )


def _as_is(tags: str, others: str) -> exp.Query:
    return sql(
        """
        SELECT t.TagSetId AS TagSetId, t.TagKey AS Tag, t.TagValue AS Value
        FROM _tags AS t JOIN _others AS o ON o.Tag = t.TagKey
        """,
        _tags=table(tags),
        _others=table(others),
    )


def _tag_keys(engine: Engine, tags: str) -> list[str]:
    found = engine.fetch(sql("SELECT DISTINCT TagKey FROM _tags AS t", _tags=table(tags)))
    return [key for key in found.column("TagKey").to_pylist() if key is not None]


def _spelt_keys(found: list[str], known: list[TagKey]) -> pa.Table:
    """Which key of a bill means which tag, and its rank among all keys that mean it."""
    rows = [row for key in known for row in _ranked(key, found)]
    made = _texts(TagKey=[row[0] for row in rows], Tag=[row[1] for row in rows])
    return made.append_column("Rank", pa.array([row[2] for row in rows], pa.int32()))


def _ranked(key: TagKey, found: list[str]) -> Iterator[tuple[str, str, int]]:
    spellings = (key.name, *key.synonyms)
    order: dict[str, int] = {}
    for rank, spelling in enumerate(spellings):
        order.setdefault(_folded(spelling), rank)
    meant = [tag for tag in found if _folded(tag) in order]
    meant.sort(key=lambda tag: (order[_folded(tag)], tag not in spellings, tag))
    return ((tag, key.name, rank) for rank, tag in enumerate(meant))


def _spelt_values(engine: Engine, tags: str, spelt: str, taxonomy: Taxonomy) -> pa.Table:
    """What each value that occurs under such a key stands for; blank values are left out."""
    found = engine.fetch(
        sql(
            """
            SELECT DISTINCT t.TagKey AS TagKey, t.TagValue AS TagValue, k.Tag AS Tag, k.Rank AS Rank
            FROM _tags AS t JOIN _keys AS k ON k.TagKey = t.TagKey
            """,
            _tags=table(tags),
            _keys=table(spelt),
        )
    )
    meant = {name: _Meant(key) for name, key in taxonomy.keys.items()}
    pairs = zip(found.column("Tag").to_pylist(), found.column("TagValue").to_pylist(), strict=True)
    values = [meant[tag][value] if value else "" for tag, value in pairs]
    made = found.append_column("Value", pa.array(values, pa.string()))
    return made.filter(pa.array([bool(value) for value in values], pa.bool_()))


class _Meant(dict[str, str]):
    """Values as they are spelt, and what they stand for, each looked up once."""

    def __init__(self, key: TagKey) -> None:
        super().__init__()
        self._known = {_folded(value): value for value in reversed(key.values)}
        for spelling, value in reversed(tuple(key.aliases.items())):
            self._known[_folded(spelling)] = value

    def __missing__(self, spelling: str) -> str:
        found = self[spelling] = self._known.get(_folded(spelling), spelling.strip())
        return found


def _folded(spelling: str) -> str:
    return spelling.strip().casefold()


def _texts(**columns: list[str]) -> pa.Table:
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
