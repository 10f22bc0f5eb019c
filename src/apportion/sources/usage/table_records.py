"""Usage records from the rows of a table, many at once.

A row without an id is named by what it is about and when. Rows that agree in all of that are
numbered in the order in which they stand, so that two equal requests of one second are two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from apportion.domain.usage import (
    ATTRIBUTES,
    DESCRIPTIONS,
    IDENTITIES,
    QUANTITIES,
    STATUSES,
    USAGE_END,
    USAGE_ID,
    USAGE_START,
)
from apportion.sources.usage import table_texts
from apportion.sources.usage.arrow_columns import attributes, blank_is_null
from apportion.sources.usage.table_columns import DAY, PERIOD, TableColumns
from apportion.sources.usage.table_faults import TableFaults
from apportion.sources.usage.table_measures import METER, QUANTITY, UNIT, TableMeasures
from apportion.sources.usage.table_rows import TextRows
from apportion.sources.usage.table_texts import Read
from apportion.sources.usage.usage_format import UsageBatch
from apportion.sources.usage.usage_rows import LINE, SCHEMA


@dataclass
class TableRecords:
    """Turns rows of a file into records; it remembers which it has named."""

    zone: ZoneInfo | None
    units: Mapping[str, str]
    named: dict[bytes, int] = field(default_factory=dict)

    def batch(self, rows: TextRows, columns: TableColumns) -> UsageBatch:
        """The records of some rows, and those rows that are none."""
        if not len(rows.lines):
            return UsageBatch(pa.table({}), rows.rejected, rows.skipped)
        faults = TableFaults(rows, columns)
        base = {**self._times(faults), **_said(faults), LINE: rows.lines}
        measures = TableMeasures(faults)
        base[USAGE_ID] = self._ids(faults, {**base, **measures.long})
        sound = pa.array(faults.sound(), pa.bool_())
        made = pa.concat_tables(self._tables(base, measures, sound), promote_options="default")
        rejected = (*rows.rejected, *faults.rejected())
        places = columns.places(tuple(rows.columns)) if rows.whole else {}
        return UsageBatch(made, rejected, rows.skipped, places)

    def _times(self, faults: TableFaults) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name in (USAGE_START, USAGE_END):
            if (texts := faults.texts(name)) is not None:
                found[name] = faults.keep(name, table_texts.moments(texts, self.zone))
        for name in (DAY, PERIOD):
            if (texts := faults.texts(name)) is not None:
                begins, ends = table_texts.days(texts, self.zone)
                for bound, values in ((USAGE_START, faults.keep(name, begins)), (USAGE_END, ends)):
                    held = found.get(bound)
                    found[bound] = values if held is None else pc.coalesce(held, values)
        return found

    def _ids(self, faults: TableFaults, known: Mapping[str, Any]) -> Any:
        """The ids that are given; else who, what and when, as JSON, numbered."""
        if (given := faults.texts(USAGE_ID)) is not None:
            return blank_is_null(given)
        names = (USAGE_START, USAGE_END, *IDENTITIES, *DESCRIPTIONS, METER)
        parts = [_quoted(pc.cast(known[name], pa.string())) for name in names if name in known]
        parts += [_quoted(texts) for texts in _others(faults).values()]
        if not parts:
            return pa.nulls(faults.count, pa.string())
        joined = pc.binary_join_element_wise(*parts, '","')
        return self._numbered(pc.binary_join_element_wise('["', joined, '"]', ""))

    def _numbered(self, keys: Any) -> Any:
        found = []
        for key in keys.to_pylist():
            digest = blake2b(key.encode(), digest_size=8).digest()
            times = self.named[digest] = self.named.get(digest, 0) + 1
            found.append(key if times == 1 else f"{key[:-1]},{times}]")
        return pa.array(found, pa.string())

    def _tables(
        self, base: Mapping[str, Any], measures: TableMeasures, sound: Any
    ) -> Iterator[pa.Table]:
        """The records of the sound rows, and those of the meters that have no column."""
        some = pc.and_(sound, measures.in_columns())
        yield _typed({**base, **measures.meters, **measures.long}, some)
        for name, quantities in measures.own.items():
            rows = len(quantities)
            unit = self.units.get(name) or QUANTITIES[name].unit
            one = {
                **base,
                USAGE_ID: pc.binary_join_element_wise(base[USAGE_ID], name, "/"),
                METER: pa.array([name] * rows),
                QUANTITY: quantities,
                UNIT: pa.array([unit] * rows),
            }
            yield _typed(one, pc.and_(sound, pc.is_valid(quantities)))


def _said(faults: TableFaults) -> dict[str, Any]:
    """Who used what, and what the source says that it cost."""
    found = {
        name: blank_is_null(texts)
        for name in (*IDENTITIES, *DESCRIPTIONS, "ReportedCurrency")
        if (texts := faults.texts(name)) is not None
    }
    if "Status" in found:
        found["Status"] = faults.keep("Status", _statuses(found["Status"]))
    if (texts := faults.texts("ReportedCost")) is not None:
        found["ReportedCost"] = faults.keep("ReportedCost", table_texts.money(texts))
    if others := _others(faults):
        found[ATTRIBUTES] = attributes(others, faults.count)
    return found


def _others(faults: TableFaults) -> dict[str, Any]:
    return {name: faults.rows.columns[column] for name, column in faults.columns.attributes.items()}


def _statuses(texts: Any) -> Read:
    small = pc.utf8_lower(texts)
    odd = pc.invert(pc.is_in(pc.fill_null(small, ""), pa.array(STATUSES)))
    places = pc.indices_nonzero(odd).to_pylist()
    return Read(small, {at: f"{texts[at].as_py()!r} is no outcome" for at in places})


def _quoted(texts: Any) -> Any:
    escaped = pc.replace_substring(pc.fill_null(texts, ""), "\\", "\\\\")
    return pc.replace_substring(escaped, '"', '\\"')


def _typed(columns: Mapping[str, Any], kept: Any) -> pa.Table:
    made = pa.table(dict(columns)).filter(kept)
    return made.cast(pa.schema([(name, SCHEMA[name]) for name in made.column_names]))
