"""Read prices of usage: entries of the model, rows of CSV files, machines of rate cards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from apportion.domain.money import is_currency, places
from apportion.domain.usage import QUANTITIES
from apportion.model import marked_yaml as y
from apportion.model.faults import Faults, did_you_mean
from apportion.model.read_organisation import read_validity
from apportion.model.read_rate_card import read_rate_card
from apportion.model.text_file import CsvFile, CsvRow
from apportion.model.usage_price_forms import PRICE_ROW, ROW_KEYS, as_discount
from apportion.model.usage_prices import (
    ANY,
    LEVEL_PLACES,
    STANDARD,
    UsageKind,
    UsagePrice,
    is_whole,
    usual_per,
)
from apportion.model.values import as_quantity, as_whole, text_of

OpenCsv = Callable[[y.Node], CsvFile | None]


@dataclass(frozen=True)
class PriceReading:
    """What reading prices needs beside the entries themselves."""

    currency: str
    open_csv: OpenCsv
    faults: Faults


def read_usage_prices(nodes: Sequence[y.Mapping], reading: PriceReading) -> tuple[UsagePrice, ...]:
    """Prices in the order of the model; overlaps and gaps of days are faults with both places."""
    made: list[UsagePrice] = []
    for node in nodes:
        for row in _rows(node, reading):
            if (price := _price(row, len(made), reading)) is not None:
                made.append(price)
    _check_days(made, reading.faults)
    return tuple(made)


def _rows(node: y.Mapping, reading: PriceReading) -> Iterator[y.Mapping]:
    """The entries that one entry stands for, each with keys of a row."""
    _refuse_stray(node, reading.faults)
    if "rate_card" in node.entries:
        if found := reading.open_csv(node.entries["rate_card"]):
            yield from read_rate_card(node, found, reading.faults)
    elif "file" in node.entries:
        if found := reading.open_csv(node.entries["file"]):
            yield from _of_csv(node, found, reading.faults)
    else:
        yield node


def _refuse_stray(node: y.Mapping, faults: Faults) -> None:
    if "by" in node.entries and "rate_card" not in node.entries:
        faults.add(node.keys["by"], "`by` is for a rate card", hint="remove it")


def _of_csv(node: y.Mapping, found: CsvFile, faults: Faults) -> Iterator[y.Mapping]:
    unknown = [name for name in found.columns if name not in ROW_KEYS]
    if unknown:
        faults.add(
            found.place,
            f"unknown column {unknown[0]!r} in a file of prices",
            hint=did_you_mean(unknown[0], ROW_KEYS, f"known: {', '.join(ROW_KEYS)}"),
        )
        return
    for row in found.rows:
        made = row_node(row, {name: row[name] for name in found.columns}, node)
        if PRICE_ROW.check(made, faults):
            yield made


def row_node(row: CsvRow, fields: dict[str, str], node: y.Mapping) -> y.Mapping:
    """A row of a CSV as an entry: its fields with their places, over what the entry says."""
    made = y.Mapping(row.file, row.line, 1)
    for name, key in node.keys.items():
        if name in ROW_KEYS:
            made.entries[name], made.keys[name] = node.entries[name], key
    for name, text in fields.items():
        if text:
            column = row.place_of(name).column or 1
            made.entries[name] = y.Scalar(text, row.file, row.line, column, plain=False)
            made.keys[name] = y.Scalar(name, row.file, row.line, column)
    return made


def _price(node: y.Mapping, position: int, reading: PriceReading) -> UsagePrice | None:
    faults, meter = reading.faults, text_of(node, "meter")
    priced, discount = text_of(node, "price"), text_of(node, "discount")
    if not _sound(node, meter, faults):
        return None
    per = as_whole(text_of(node, "per")) if "per" in node.entries else usual_per(meter)
    price = as_quantity(priced) if priced else None
    if price is not None and not _exact(node, meter, price, faults):
        return None
    tier = text_of(node, "service_tier") or (STANDARD if priced else ANY)
    return UsagePrice(
        kind=UsageKind(
            provider=text_of(node, "provider") or ANY,
            model=text_of(node, "model") or ANY,
            service_tier=tier,
            region=text_of(node, "region") or ANY,
            resource=text_of(node, "resource") or ANY,
        ),
        position=position,
        place=node.place,
        meter=meter,
        price=price,
        per=per,
        currency=(text_of(node, "currency") or reading.currency) if priced else "",
        min_input=int(text_of(node, "min_input") or 0),
        discount=as_discount(discount) if discount else None,
        same_as=text_of(node, "same_as"),
        valid=read_validity(node, faults),
        because=text_of(node, "because"),
        responsible=text_of(node, "owner"),
    )


def _sound(node: y.Mapping, meter: str, faults: Faults) -> bool:
    before = len(faults.found)
    entries, keys = node.entries, node.keys
    if "price" in entries and not meter:
        faults.add(node, "a price says for which `meter`", hint="say meter: output_tokens")
    for name in ("per", "currency", "min_input"):
        if name in entries and "price" not in entries:
            faults.add(keys[name], f"`{name}` is for a `price`", hint="remove it")
    if "min_input" in entries and not is_whole(meter):
        faults.add(keys["min_input"], f"`min_input` for {meter}", hint="it is for tokens")
    if "same_as" in entries and meter:
        faults.add(keys["meter"], "`meter` beside `same_as`", hint="remove it")
    if text_of(node, "per") == "0":
        faults.add(entries["per"], "a price for 0 units", hint="say per: 1000000")
    if (code := text_of(node, "currency")) and not is_currency(code):
        faults.add(entries["currency"], f"{code!r} is no currency", hint="say USD or EUR")
    close = did_you_mean(meter, QUANTITIES) if meter and meter not in QUANTITIES else ""
    if close.startswith("did"):  # any other name may be a meter of the user's own
        faults.add(entries["meter"], f"no meter is called {meter!r}", hint=close)
    return len(faults.found) == before


def _exact(node: y.Mapping, meter: str, price: Decimal, faults: Faults) -> bool:
    """Whether cost can be exact: the digits of price and quantity must fit into 38."""
    if is_whole(meter) or places(price) <= LEVEL_PLACES:
        return True
    faults.add(
        node.entries["price"],
        f"{price} has more than {LEVEL_PLACES} decimal places",
        why=f"the cost of {meter} would not be exact in 38 digits",
        hint="state the price of more units, with a larger `per`",
    )
    return False


def _check_days(prices: Iterable[UsagePrice], faults: Faults) -> None:
    """No two entries for the same hold on one day, and none leaves days out between others."""
    subjects: dict[tuple[str, ...], list[UsagePrice]] = {}
    for price in prices:
        subjects.setdefault(price.subject, []).append(price)
    for held in subjects.values():
        held.sort(key=lambda price: price.valid.start or date.min)
        for number, later in enumerate(held[1:], start=1):
            earlier = held[number - 1]
            _check_pair(earlier, later, faults)


def _check_pair(earlier: UsagePrice, later: UsagePrice, faults: Faults) -> None:
    if met := earlier.valid.meet(later.valid):
        faults.add(
            later.place,
            f"two entries for the same hold from {met.start or 'the beginning'}",
            why=f"the other is at {earlier.place}",
            hint="end the earlier with `until` on the day that the later begins",
        )
    elif earlier.valid.until != later.valid.start:
        faults.add(
            later.place,
            f"no entry holds from {earlier.valid.until} until {later.valid.start}",
            why=f"the one before is at {earlier.place}, and the catalogue would decide between",
            hint="close the gap; `discount: 0%` says that the catalogue holds",
        )
