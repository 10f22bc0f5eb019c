"""Read a table's formulas from YAML whose shape has been checked, each fault at its character."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from apportion.domain.charge import BY_NAME, Kind
from apportion.domain.cost_class import CLASS_COLUMNS
from apportion.model import marked_yaml as y
from apportion.model.condition import ConditionFault
from apportion.model.faults import Faults
from apportion.model.formula import NOTHING, NUMBER, TEXT, TIME, Formula
from apportion.model.table import Prices, Spread, TableSpec
from apportion.model.text_place import Sources
from apportion.model.values import text_of, texts_of

_KINDS = {Kind.DECIMAL: NUMBER, Kind.TIME: TIME, Kind.TEXT: TEXT, Kind.JSON: TEXT}
_COMPUTED = (
    "EffectiveCost",
    "ListCost",
    "ContractedCost",
    "BillingPeriodEnd",
    "ChargePeriodStart",
    "ChargePeriodEnd",
)
"""What a spread decides by itself."""


NATIVE = {
    "x_TokenType": "x_NativeTokenType",
    "x_AiModel": "x_ModelId",
    "x_AiModelRaw": "x_ModelId",
    "x_AiTier": "x_ServiceTier",
}
"""What a source itself calls such a thing."""


class TableReader:
    """Reads the formulas of a file's tables; `sources` hold the text of the file."""

    def __init__(self, sources: Sources, faults: Faults) -> None:
        self._sources = sources
        self._faults = faults

    def table(self, node: y.Mapping) -> TableSpec | None:
        """The table of a source, or a ready-made one; None where a formula is at fault."""
        known = len(self._faults.found)
        columns = {
            name: self.formula(written, _KINDS[BY_NAME[name].kind] if name in BY_NAME else TEXT)
            for name, written in _entries(node, "columns").items()
        }
        tags = {key: self.formula(one, TEXT) for key, one in _entries(node, "tags").items()}
        spread, prices = self._spread(node), self._prices(node)
        self._refuse_incomplete(node, spread)
        self._refuse_derived(node)
        if len(self._faults.found) > known:
            return None
        return TableSpec(
            columns={name: one for name, one in columns.items() if one},
            tags={key: one for key, one in tags.items() if one},
            spread=spread,
            prices=prices,
            needs=texts_of(node.entries.get("needs")),
            place=node.place,
            road=text_of(node, "road"),
        )

    def _refuse_derived(self, node: y.Mapping) -> None:
        """Columns that classification finds of itself, and would write over."""
        written = node.entries.get("columns")
        keys = written.keys if isinstance(written, y.Mapping) else {}
        for name in keys.keys() & set(CLASS_COLUMNS):
            native = NATIVE.get(name)
            self._faults.add(
                keys[name],
                f"{name!r} is found by classification, from what a charge says",
                why="it would be written over",
                hint=f"name it `{native}`" if native else "leave it out",
            )

    def formula(self, node: y.Node, kind: str) -> Formula | None:
        """One formula of a kind; None, and a fault, where it can't be."""
        from apportion.model.parse_formula import FormulaReader

        assert isinstance(node, y.Scalar)
        reader = FormulaReader(node.text)
        try:
            found, tree = reader.read(kind)
        except ConditionFault as fault:
            place = self._sources.place_in(node, fault.offset)
            self._faults.add(place, fault.what, why=fault.why, hint=fault.hint)
            return None
        places = {name: self._sources.place_in(node, at) for name, at in reader.columns.items()}
        numbers = tuple(dict.fromkeys(reader.numbers))
        return Formula(node.text, tree, kind if found == NOTHING else found, places, numbers)

    def _spread(self, node: y.Mapping) -> Spread | None:
        written = node.entries.get("spread")
        if not isinstance(written, y.Mapping):
            return None
        over = self.formula(written.entries["over"], NUMBER)
        start = self.formula(written.entries["from"], TIME)
        left = written.entries.get("residual")
        residual = self.formula(left, NUMBER) if left else None
        if not over or not start or (left and not residual):
            return None
        return Spread(over, start, text_of(written, "billed"), residual)

    def _prices(self, node: y.Mapping) -> Prices | None:
        written = node.entries.get("prices")
        if not isinstance(written, y.Mapping):
            return None
        price = self.formula(written.entries["price"], NUMBER)
        when = written.entries.get("at")
        at = self.formula(when, TIME) if when else None
        match = {name: self.formula(one, TEXT) for name, one in _entries(written, "match").items()}
        dated = [key for key in ("start", "until") if key in written.entries]
        if bool(dated) != bool(when):
            self._faults.add(
                written,
                "a price list that is dated needs `at`, and `at` needs `start` or `until`",
                hint="say by which time of the table, and which columns of the list, a price holds",
            )
        if not price:
            return None
        start, until = text_of(written, "start"), text_of(written, "until")
        return Prices(price, {n: one for n, one in match.items() if one}, at, start, until)

    def _refuse_incomplete(self, node: y.Mapping, spread: Spread | None) -> None:
        columns = node.entries.get("columns")
        if not isinstance(columns, y.Mapping):
            return
        entries, faults = columns.entries, self._faults
        if "BilledCost" not in entries:
            faults.add(columns, "there is no BilledCost", hint="say which formula gives the money")
        if spread:
            for name in _COMPUTED:
                if name in columns.keys:
                    faults.add(
                        columns.keys[name], f"{name} is made by `spread`", hint="leave it out"
                    )
        elif not {"BillingPeriodStart", "ChargePeriodStart"} & set(entries):
            faults.add(
                columns,
                "neither BillingPeriodStart nor ChargePeriodStart is there",
                why="a charge belongs to a month",
                hint="say which formula gives one of them",
            )
        if "Tags" in entries and "tags" in node.entries:
            faults.add(columns.keys["Tags"], "tags are given twice", hint="keep Tags or `tags`")


def _entries(node: y.Mapping, key: str) -> Mapping[str, y.Node]:
    found = node.entries.get(key)
    return found.entries if isinstance(found, y.Mapping) else {}


TABLE = "table"
"""The format whose sources say themselves how they become charges."""


def read_source_table(source: y.Mapping, reader: TableReader, faults: Faults) -> TableSpec | None:
    """The table of a source whose format is `table`; its keys are a fault in any other source."""
    if text_of(source, "format") == TABLE:
        if "columns" not in source.entries:
            faults.add(source, "a table has no `columns`", hint="say how they become charges")
            return None
        return reader.table(source)
    for key in ("columns", "tags", "spread"):
        if key in source.keys:
            what = f"`{key}` is for `format: {TABLE}`"
            faults.add(source.keys[key], what, hint="leave it out, or describe the whole table")
    if isinstance(prices := source.entries.get("prices"), y.Mapping):
        hint = "a ready-made table knows its price list: name the path alone"
        faults.add(prices, f"a described price list is for `format: {TABLE}`", hint=hint)
    return None


def price_path(source: y.Mapping, root: Path, faults: Faults) -> str:
    """The path of a source's price list, made absolute; empty where it has none."""
    given = source.entries.get("prices")
    if isinstance(given, y.Scalar) and text_of(source, "format") == TABLE:
        faults.add(given, "a table's price list has no `price`", hint="prices: {path: …, price: …}")
    path = given.entries["path"] if isinstance(given, y.Mapping) else given
    if not isinstance(path, y.Scalar):
        return ""
    found = root / Path(path.text).expanduser()
    if not found.is_file():
        faults.add(path, f"there is no file {path.text}", hint="`prices` is a CSV or Parquet file")
    return str(found)
