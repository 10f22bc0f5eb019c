"""The prices of all classes of some usage, as relations that a pass can join."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING

from apportion.domain.money import SCALE, places
from apportion.errors import Place
from apportion.model.usage_prices import is_whole
from apportion.price.usage_class import Cell, MeterPrice, PricedClass

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class BookedPrice:
    """A price of the book by its number, for a class, days and a size of prompts.

    `by_request` says that it differs within a day: by the size of the prompt or the time.
    """

    id: int
    class_id: int
    meter: str
    price: MeterPrice
    start: date
    until: date
    cell: int | None = None

    @property
    def by_request(self) -> bool:
        return self.cell is not None

    @property
    def exact(self) -> tuple[Decimal, int]:
        """A factor and a divisor: quantity x factor is exact in 18 places, and ÷ divisor the cost.

        The divisor is 1 where the price of a single unit has that many places, which is
        almost always so for tokens.
        """
        price, per = self.price.price, str(self.price.per)
        unit = price.scaleb(1 - len(per))
        if is_whole(self.meter) and per.rstrip("0") == "1" and places(unit) <= SCALE:
            return unit, 1
        return price, self.price.per


class PriceBook:
    """The classes in order, their prices by number, and the cells of those that differ by request.

    `varying` names for each class the meters that differ within its days.
    """

    def __init__(self, classes: Sequence[PricedClass]) -> None:
        self.classes = tuple(classes)
        self.prices: list[BookedPrice] = []
        self.cells: list[tuple[int, Cell]] = []
        self.varying: list[tuple[int, str, date, date]] = []
        for number, one in enumerate(self.classes):
            self._take(number, one)

    def _take(self, number: int, one: PricedClass) -> None:
        last: dict[str, int] = {}
        for (start, until), held in groupby(one.cells, key=lambda cell: (cell.start, cell.until)):
            cells = list(held)
            same, differ = _compare(cells)
            for meter, price in same.items():
                last[meter] = self._go_on(last.get(meter), number, meter, price, start, until)
            self.varying += [(number, meter, start, until) for meter in differ]
            for cell in cells if differ else ():
                self.cells.append((number, cell))
                for meter in differ:
                    if found := cell.prices.get(meter):
                        self._add(number, meter, found, start, until, len(self.cells) - 1)

    def _go_on(
        self, before: int | None, number: int, meter: str, price: MeterPrice, *days: date
    ) -> int:
        """A price that holds on is the same price."""
        start, until = days
        if before is not None:
            known = self.prices[before]
            if known.price == price and known.until == start:
                self.prices[before] = BookedPrice(
                    known.id, number, meter, price, known.start, until
                )
                return before
        return self._add(number, meter, price, start, until)

    def _add(
        self, number: int, meter: str, price: MeterPrice, start: date, until: date,
        cell: int | None = None,
    ) -> int:  # fmt: skip
        made = BookedPrice(len(self.prices), number, meter, price, start, until, cell)
        self.prices.append(made)
        return made.id

    @property
    def meters(self) -> frozenset[str]:
        """Meters that have a price anywhere."""
        return frozenset(one.meter for one in self.prices)

    @property
    def varying_meters(self) -> tuple[str, ...]:
        return tuple(sorted({meter for _, meter, _, _ in self.varying}))

    def price_table(self) -> pa.Table:
        """PriceId and all that is known of a price, those that vary with their cell."""
        import pyarrow as pa

        columns: Mapping[str, tuple[pa.DataType, Iterable[object]]] = {
            "PriceId": (pa.int64(), (one.id for one in self.prices)),
            "ClassId": (pa.int64(), (one.class_id for one in self.prices)),
            "CellId": (pa.int64(), (one.cell for one in self.prices)),
            "Meter": (pa.string(), (one.meter for one in self.prices)),
            "StartsOn": (pa.date32(), (one.start for one in self.prices)),
            "EndsBefore": (pa.date32(), (one.until for one in self.prices)),
            "MinInput": (pa.int64(), (self._least(one) for one in self.prices)),
            "Price": (pa.decimal128(38, 18), (one.price.price for one in self.prices)),
            "PricePer": (pa.int64(), (one.price.per for one in self.prices)),
            "IsWhole": (pa.bool_(), (is_whole(one.meter) for one in self.prices)),
            "Factor": (pa.decimal128(38, 18), (one.exact[0] for one in self.prices)),
            "Divisor": (pa.int64(), (one.exact[1] for one in self.prices)),
            "Currency": (pa.string(), (one.price.currency for one in self.prices)),
            "Origin": (pa.string(), (one.price.origin for one in self.prices)),
        }
        return _table(columns)

    def _least(self, price: BookedPrice) -> int:
        return self.cells[price.cell][1].least if price.cell is not None else 0

    def cell_table(self) -> pa.Table:
        import pyarrow as pa

        cells = [cell for _, cell in self.cells]
        firsts = self._first_bounds()
        columns: Mapping[str, tuple[pa.DataType, Iterable[object]]] = {
            "CellId": (pa.int64(), range(len(cells))),
            "ClassId": (pa.int64(), (number for number, _ in self.cells)),
            "StartsOn": (pa.date32(), (cell.start for cell in cells)),
            "EndsBefore": (pa.date32(), (cell.until for cell in cells)),
            "Since": (pa.int64(), (cell.since for cell in cells)),
            "Before": (pa.int64(), (cell.before for cell in cells)),
            "Least": (pa.int64(), (cell.least for cell in cells)),
            "Below": (pa.int64(), (cell.below for cell in cells)),
            "Certain": (pa.int64(), (firsts.get((n, c.start)) for n, c in self.cells)),
        }
        return _table(columns)

    def _first_bounds(self) -> dict[tuple[int, date], int]:
        """The size below which no request of a record can be in another bracket."""
        made: dict[tuple[int, date], int] = {}
        for number, cell in self.cells:
            if cell.below is not None:
                key = (number, cell.start)
                made[key] = min(cell.below, made.get(key, cell.below))
        return made

    def varying_table(self) -> pa.Table:
        import pyarrow as pa

        columns: Mapping[str, tuple[pa.DataType, Iterable[object]]] = {
            "ClassId": (pa.int64(), (row[0] for row in self.varying)),
            "Meter": (pa.string(), (row[1] for row in self.varying)),
            "StartsOn": (pa.date32(), (row[2] for row in self.varying)),
            "EndsBefore": (pa.date32(), (row[3] for row in self.varying)),
        }
        return _table(columns)

    def places(self) -> Iterator[Place]:
        """Where the model states prices that are used."""
        yield from dict.fromkeys(one.price.place for one in self.prices if one.price.place)


def _compare(cells: Sequence[Cell]) -> tuple[dict[str, MeterPrice], tuple[str, ...]]:
    """Meters with one price in all cells of some days, and those that differ between them."""
    first = cells[0].prices
    same = {
        meter: price
        for meter, price in first.items()
        if all(cell.prices.get(meter) == price for cell in cells)
    }
    meters = {meter for cell in cells for meter in cell.prices}
    return same, tuple(sorted(meters - same.keys()))


def _table(columns: Mapping[str, tuple[pa.DataType, Iterable[object]]]) -> pa.Table:
    import pyarrow as pa

    return pa.table({name: pa.array(list(held), kind) for name, (kind, held) in columns.items()})
