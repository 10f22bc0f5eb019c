"""The prices of one class of usage over some days: cut where a price changes, and no finer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from apportion.domain.period import Span
from apportion.model.usage_prices import UsagePrice
from apportion.price.catalogue import Catalogue, Listed
from apportion.price.service_tiers import tier_of
from apportion.price.stated_prices import Named, StatedPrices, price_of
from apportion.price.usage_class import DAY, Cell, MeterPrice, PricedClass, UsageClass

_WINDOW = re.compile(r"(\d+)(k|m)?-(\d+)(k|m)?", re.ASCII)
_UNITS = {None: 1, "k": 1_000, "m": 1_000_000}


@dataclass(frozen=True)
class _Book:
    stated: StatedPrices
    catalogue: Catalogue
    usage: UsageClass


def price_class(
    usage: UsageClass, stated: StatedPrices, catalogue: Catalogue, span: Span
) -> PricedClass:
    """The cells of a class: days, times of the day and sizes of prompts with one price each."""
    book = _Book(stated, catalogue, usage)
    bare = Named(usage, frozenset({usage.provider}), frozenset({usage.model}))
    aliases = stated.aliases(bare)
    candidates = [_listed(book, ""), *(_listed(book, one.same_as) for one in aliases)]
    cuts = {span.start, span.until}
    for listed in candidates:
        if listed:
            cuts |= catalogue.cuts(listed)
        cuts |= {d for one in stated.fitting(_named(bare, listed)) for d in one.valid.cuts}
    cuts |= {day for one in aliases for day in one.valid.cuts}
    days = sorted(day for day in cuts if span.start <= day <= span.until)
    cells: list[Cell] = []
    reasons: dict[str, None] = {}
    for start, until in pairwise(days):
        alias = next((one.same_as for one in aliases if one.valid.covers(start)), "")
        listed = _listed(book, alias)
        fitting = stated.fitting(_named(bare, listed))
        found, reason = _of_days(book, listed, fitting, start, until)
        cells += found
        if reason:
            reasons[reason] = None
    return PricedClass(usage, tuple(cells), tuple(reasons))


def _listed(book: _Book, alias: str) -> Listed | None:
    usage = book.usage
    provider, _, model = alias.partition("/") if alias else (usage.provider, "", usage.model)
    found = book.catalogue.find(provider, model)
    return Listed(*found, tier_of(usage.service_tier)) if found else None


def _named(bare: Named, listed: Listed | None) -> Named:
    if listed is None:
        return bare
    providers, models = {listed.provider.id}, {listed.model.id}
    return Named(bare.usage, bare.providers | providers, bare.models | models)


def _of_days(
    book: _Book, listed: Listed | None, fitting: Sequence[UsagePrice], start: date, until: date
) -> tuple[list[Cell], str]:
    """The cells of days on which nothing begins or ends, and why the catalogue says nothing."""
    reason = "" if listed else _unknown(book.usage)
    times = book.catalogue.times(listed) if listed else (0, DAY)
    made: list[Cell] = []
    for since, before in pairwise(times):
        price = None
        if listed:
            price, reason = book.catalogue.prices(listed, start, since)
        sizes = {one.min_input for one in fitting if one.valid.covers(start)} | {0}
        if price is not None:
            sizes |= book.catalogue.starts(price)
        for least, below in _brackets(sizes, book.usage.context_window):
            by_meter: Mapping[str, MeterPrice] = {}
            if listed and price is not None:
                try:
                    by_meter = book.catalogue.meter_prices(price, least, listed.title)
                except ValueError as fault:
                    reason = f"the catalogue's prices of {listed.title} can't be applied: {fault}"
            prices = dict(_over(by_meter, fitting, start, least))
            made.append(Cell(start, until, prices, since, before, least, below))
    return list(_merged(made)), reason


def _over(
    listed: Mapping[str, MeterPrice], fitting: Sequence[UsagePrice], day: date, size: int
) -> Iterator[tuple[str, MeterPrice]]:
    meters = {*listed, *(one.meter for one in fitting if one.price is not None)}
    for meter in sorted(meters):
        if found := price_of(meter, listed.get(meter), fitting, day, size):
            yield meter, found


def _unknown(usage: UsageClass) -> str:
    if not usage.model:
        return "the usage names no model"
    return f"the catalogue knows no model {usage.model} of {usage.provider or 'any provider'}"


def _brackets(sizes: Iterable[int], window: str) -> list[tuple[int, int | None]]:
    """Sizes of prompts from, and below which; of a window that lies in one of them, that alone.

    >>> _brackets({0, 200_001}, ""), _brackets({0, 200_001}, "200k-1M")
    ([(0, 200001), (200001, None)], [(200001, None)])
    """
    starts = sorted(sizes)
    made: list[tuple[int, int | None]] = [*pairwise(starts), (starts[-1], None)]
    if found := _WINDOW.fullmatch(window.strip().lower()):
        low, high = (int(found[n]) * _UNITS[found[n + 1]] for n in (1, 3))
        least = low + 1 if low else 0
        for least_of, below in made:
            if least_of <= least and (below is None or high < below):
                return [(least_of, None)]
    return made


def _merged(cells: Sequence[Cell]) -> Iterator[Cell]:
    """One cell where all say the same, which is most often so."""
    if cells and all(cell.prices == cells[0].prices for cell in cells):
        yield Cell(cells[0].start, cells[0].until, cells[0].prices)
    else:
        yield from cells
