"""Read the tags of a file: each distinct text once, into its canonical form.

The charges keep their tags as the bill writes them. The keys have them in
canonical form, which this map gives them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pyarrow as pa
from sqlglot import exp

from apportion.domain.finding import Finding, Level
from apportion.errors import Place
from apportion.load.key_shape import TAGS
from apportion.load.stage import STAGED, Staged
from apportion.load.workbench import CANONICAL_TAGS, Workbench
from apportion.sources.tags import Remark, TagReader
from apportion.store.relation import column, sql, table

TAG_MAP = "tag_map"
"""A relation of the workbench: Written, Canonical; one row for each distinct text."""

_ODD = "odd_tags"


def map_tags(bench: Workbench, staged: Staged) -> tuple[Finding, ...]:
    """Make the relation TAG_MAP for a staged file with tags, and tell what is odd about them."""
    if not staged.reading.has(TAGS):
        return ()
    reader = TagReader(null_is_absent=staged.reading.tags_are_records)
    bench.lend_tags(reader)
    distinct = sql(
        """
        SELECT d.Tags AS Written, _canonical AS Canonical
        FROM (SELECT DISTINCT s.Tags FROM _staged AS s WHERE s.Tags IS NOT NULL) AS d
        """,
        _canonical=exp.Anonymous(this=CANONICAL_TAGS, expressions=[column(TAGS, "d")]),
        _staged=table(STAGED),
    )
    bench.create(TAG_MAP, distinct)
    return _findings(bench, staged, reader.odd) if reader.odd else ()


def with_canonical_tags(charges: str) -> exp.Query:
    """The charges of a relation with their tags in the form that the map gives them."""
    return sql(
        """
        SELECT c.* EXCLUDE (Tags), m.Canonical AS Tags
        FROM _charges AS c LEFT JOIN _map AS m ON c.Tags = m.Written
        """,
        _charges=table(charges),
        _map=table(TAG_MAP),
    )


def _findings(
    bench: Workbench, staged: Staged, odd: Mapping[str, frozenset[Remark]]
) -> tuple[Finding, ...]:
    texts = list(odd)
    bench.connection.register(_ODD, pa.table({"Written": pa.array(texts, pa.string())}))
    query = sql(
        """
        SELECT o.Written, count(*) AS Rows FROM _staged AS s JOIN _odd AS o ON s.Tags = o.Written
        GROUP BY o.Written ORDER BY o.Written
        """,
        _staged=table(STAGED),
        _odd=table(_ODD),
    )
    rows: Counter[Remark] = Counter()
    example: dict[Remark, str] = {}
    for found in bench.rows(query):
        for remark in odd[found["Written"]]:
            rows[remark] += found["Rows"]
            example.setdefault(remark, found["Written"][:80])
    bench.connection.unregister(_ODD)
    return tuple(_finding(staged, one, rows[one], example[one]) for one in sorted(rows))


def _finding(staged: Staged, remark: Remark, rows: int, example: str) -> Finding:
    message, hint = _MEANING[remark]
    return Finding(
        str(remark),
        Level.NOTE if remark is Remark.DOUBLE else Level.WARNING,
        message.format(rows=rows, example=example),
        Place(staged.file),
        hint,
        rows,
    )


_MEANING = {
    Remark.UNREADABLE: (
        "Tags can't be read as JSON in {rows:,} rows, say {example!r}: these rows have no tags",
        "write tags as a JSON object",
    ),
    Remark.BRACELESS: (
        "Tags lack their braces in {rows:,} rows, say {example!r}: these rows have no tags",
        "Azure's own exports write them so: declare `format: azure`, or wrap the text in braces",
    ),
    Remark.DOUBLE: (
        "a tag key comes twice in {rows:,} rows, say {example!r}: the last value counts",
        "give each resource one value for each key",
    ),
    Remark.CLEANED: (
        "tags hold control characters in {rows:,} rows: each became U+FFFD",
        "remove them at the resource",
    ),
}
