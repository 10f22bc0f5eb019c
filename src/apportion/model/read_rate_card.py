"""Rate cards of machines with GPUs, in the columns that gpuhunt and SkyPilot write.

A machine of eight GPUs at 55.04 an hour makes a GPU hour cost 55.04 for 8: the two are
kept apart, so that nothing is rounded. Spot prices are quotes of a moment and are never
taken from a card; a machine without GPUs has no price of a GPU hour.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from apportion.domain.money import parse_amount
from apportion.model import marked_yaml as y
from apportion.model.faults import Faults
from apportion.model.text_file import CsvFile, CsvRow
from apportion.model.usage_price_forms import ROW_KEYS
from apportion.model.usage_prices import GPU_MODEL, INSTANCE_TYPE
from apportion.model.values import text_of

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "provider": ("provider", "cloud"),
    "region": ("region", "location"),
    INSTANCE_TYPE: ("instancetype", "instance_type", "instance_name"),
    GPU_MODEL: ("acceleratorname", "gpu_name", "gpu"),
    "count": ("acceleratorcount", "gpu_count"),
    "price": ("price", "on_demand_usd_h"),
    "spot": ("spot",),
}
"""What a card says, and the columns that say it: SkyPilot's, gpuhunt's, and short ones."""

_NEEDED = (INSTANCE_TYPE, GPU_MODEL, "count", "price")
_CURRENCY = "USD"


def read_rate_card(node: y.Mapping, found: CsvFile, faults: Faults) -> Iterator[y.Mapping]:
    """A price of a GPU hour for each machine of a card, as entries of the model.

    The entry's `provider` and `region` choose rows, and usage needn't name what was
    chosen. Rows that say the same again (zones of a region) are one; two prices for the
    same are a fault.
    """
    names = {name.lower(): name for name in found.columns}
    known = {what: names[one] for what, ones in COLUMNS.items() for one in ones if one in names}
    lacking = [what for what in _NEEDED if what not in known]
    if lacking:
        faults.add(
            found.place,
            f"a rate card has no column for {', '.join(lacking)}",
            hint="use the columns of gpuhunt or SkyPilot, in the first line",
        )
        return
    by = text_of(node, "by") or INSTANCE_TYPE
    seen: dict[tuple[str, ...], tuple[Decimal, int, CsvRow]] = {}
    for row in found.rows:
        yield from _machine(_Machine(row, known, by), node, seen, faults)


class _Machine:
    """One row of a card."""

    def __init__(self, row: CsvRow, known: Mapping[str, str], by: str) -> None:
        self.row = row
        self.known = known
        self.resource = self[by]

    def __getitem__(self, what: str) -> str:
        return self.row[self.known[what]] if what in self.known else ""

    def chosen(self, node: y.Mapping) -> bool:
        return all(
            text_of(node, what).casefold() in {"", self[what].casefold()}
            for what in ("provider", "region")
        )


def _machine(
    machine: _Machine,
    node: y.Mapping,
    seen: dict[tuple[str, ...], tuple[Decimal, int, CsvRow]],
    faults: Faults,
) -> Iterator[y.Mapping]:
    row = machine.row
    if machine["spot"].lower() == "true" or not machine.chosen(node) or not machine["price"]:
        return
    try:
        count, price = parse_amount(machine["count"] or "0"), parse_amount(machine["price"])
    except ValueError as why:
        faults.add(row.place, "a machine's price or count of GPUs can't be read", why=str(why))
        return
    if count <= 0 or not machine.resource:
        return
    if count != int(count):
        faults.add(row.place, f"{count} GPUs in one machine", hint="give a whole number")
        return
    what = ("" if text_of(node, "provider") else machine["provider"], _region(machine, node))
    key = (*what, machine.resource.casefold())
    if before := seen.get(key):
        if price * before[1] != before[0] * count:
            faults.add(
                row.place,
                f"a second price of a GPU hour of {machine.resource!r}",
                why=f"the other is at {before[2].place}",
                hint="choose rows with `provider` and `region`, or keep one of them",
            )
        return
    seen[key] = (price, int(count), row)
    yield _entry(machine, node, what, f"{int(count)}")


def _region(machine: _Machine, node: y.Mapping) -> str:
    return "" if text_of(node, "region") else machine["region"]


def _entry(machine: _Machine, node: y.Mapping, what: tuple[str, str], count: str) -> y.Mapping:
    row = machine.row
    fields = {
        "provider": what[0],
        "region": what[1],
        "resource": machine.resource,
        "meter": "gpu_hours",
        "price": machine["price"],
        "per": count,
        "currency": text_of(node, "currency") or _CURRENCY,
    }
    made = y.Mapping(row.file, row.line, 1)
    kept = ROW_KEYS.keys() - {"provider", "region", "service_tier"}
    for name in kept & node.keys.keys():
        made.entries[name], made.keys[name] = node.entries[name], node.keys[name]
    for name, text in fields.items():
        if text:
            made.entries[name] = y.Scalar(text, row.file, row.line, 1, plain=False)
            made.keys[name] = y.Scalar(name, row.file, row.line, 1)
    return made
