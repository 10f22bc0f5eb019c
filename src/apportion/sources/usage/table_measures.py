"""How much the rows of a table measure: wide, long, totals, and meters without a column.

Long rows are wide ones in which each row fills another column. `gpu_hours` and the like, and the
user's own meters, have no column in a record: they become records of their own, which say what
the source itself reckoned.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from apportion.domain.usage import METERS, OWN_METER, QUANTITIES
from apportion.sources.usage import table_texts
from apportion.sources.usage.table_faults import TableFaults
from apportion.sources.usage.table_texts import Read
from apportion.sources.usage.usage_rows import SCHEMA

METER, QUANTITY, UNIT = OWN_METER

_NO_TEXT = pa.scalar(None, pa.string())


class TableMeasures:
    """What rows measure: `meters` have columns, `own` become records, `long` are own meters
    whose name stands beside the quantity.
    """

    def __init__(self, faults: TableFaults) -> None:
        self._faults = faults
        self.meters: dict[str, Any] = {}
        self.own: dict[str, Any] = {}
        self.long: dict[str, Any] = {}
        self._wide()
        self._totals()
        self._named()
        self._check()

    def _wide(self) -> None:
        for name in self._faults.columns.meters:
            if (texts := self._faults.texts(name)) is not None:
                self.meters[name] = self._faults.keep(name, _meter(name, texts))
        for name in self._faults.columns.quantities:
            if (texts := self._faults.texts(name)) is not None:
                self.own[name] = self._faults.keep(name, table_texts.quantities(texts))

    def _totals(self) -> None:
        """What is left of a whole prompt when its cached parts are taken out."""
        read = {
            name: self._faults.keep(name, table_texts.whole_numbers(texts))
            for name in self._faults.columns.totals
            if (texts := self._faults.texts(name)) is not None
        }
        cached, written = read.get("cached_tokens"), read.get("cache_write_tokens")
        if cached is not None:
            self._put("cache_read_tokens", cached)
        if written is not None:
            self._put("cache_write_5m_tokens", written)
        if "input_tokens" in read:
            left = read["input_tokens"]
            for part in ("cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens"):
                if part in self.meters:
                    left = pc.subtract(left, pc.fill_null(self.meters[part], 0))
            self._put("uncached_input_tokens", left)

    def _put(self, name: str, values: Any) -> None:
        held = self.meters.get(name)
        self.meters[name] = values if held is None else pc.coalesce(held, values)

    def _named(self) -> None:
        """Quantities whose meter stands beside them."""
        keep, meters = self._faults.keep, self._faults.texts(METER)
        texts, units = self._faults.texts(QUANTITY), self._faults.texts(UNIT)
        if meters is None or texts is None:
            return
        known = pc.is_in(meters, pa.array(list(METERS)))
        for name in pc.unique(pc.filter(meters, known)).to_pylist():
            here = pc.if_else(pc.equal(meters, name), texts, "")
            self._put(name, keep(QUANTITY, _meter(name, here)))
        if units is not None:
            keep(UNIT, Read(None, _wrong_units(meters, units)))
        own = pc.and_(pc.invert(known), pc.not_equal(meters, ""))
        if pc.any(own).as_py():
            quantities = table_texts.quantities(pc.if_else(own, texts, ""))
            self.long = {
                METER: pc.if_else(own, meters, _NO_TEXT),
                QUANTITY: keep(QUANTITY, quantities),
                UNIT: pc.if_else(own, _units(meters, units), _NO_TEXT),
            }

    def _check(self) -> None:
        """A row that says nothing of how much can't be counted."""
        some = any_of([self.in_columns(), *map(pc.is_valid, self.own.values())])
        for at in pc.indices_nonzero(pc.invert(some)).to_pylist():
            hint = "export how much was used; what was none is written as 0"
            self._faults.add(at, "", "no column says how much was used", hint)

    def in_columns(self) -> Any:
        """Which rows measure something that is no record of its own."""
        there = [pc.is_valid(one) for one in self.meters.values()]
        if self.long:
            there.append(pc.is_valid(self.long[QUANTITY]))
        return any_of([*there, pa.array([False] * self._faults.count)])


def any_of(masks: list[Any]) -> Any:
    """Where any mask is true."""
    return reduce(pc.or_, masks)


def _wrong_units(meters: Any, units: Any) -> dict[int, str]:
    """A known meter is counted in its own unit: a million tokens is none."""
    wrong = {}
    for at, (name, unit) in enumerate(zip(meters.to_pylist(), units.to_pylist(), strict=True)):
        known = QUANTITIES.get(name) or METERS.get(name)
        if unit and known and unit.lower() not in {known.unit.lower(), name.lower()}:
            wrong[at] = f"{name} is counted in {known.unit}, not in {unit!r}"
    return wrong


def _units(meters: Any, units: Any) -> Any:
    """The unit that is said, else that of the meter's name."""
    names = pc.unique(meters)
    usual = [QUANTITIES[one].unit if one in QUANTITIES else one for one in names.to_pylist()]
    default = pa.array(usual, pa.string()).take(pc.index_in(meters, names))
    return default if units is None else pc.if_else(pc.equal(units, ""), default, units)


def _meter(name: str, texts: Any) -> Read:
    whole = pa.types.is_int64(SCHEMA[name])
    return table_texts.whole_numbers(texts) if whole else table_texts.decimals(texts)
