"""What caching and batches saved, by the prices that hold: where both prices are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import lru_cache

from apportion.insight.carried import TOKEN_METERS
from apportion.insight.unit_cost_values import Scope, days_of
from apportion.model.project import Model
from apportion.price.catalogue import Catalogue
from apportion.price.price_class import price_class
from apportion.price.service_tiers import tier_of
from apportion.price.stated_prices import StatedPrices
from apportion.price.usage_class import CLASS_COLUMNS, Cell, MeterPrice, UsageClass

CACHE, BATCH = "cache saving", "batch saving"
FORMULAS = {
    CACHE: "tokens read × (price uncached - price read) - tokens written × (price written - "
    "price uncached)",
    BATCH: "tokens in batches × (standard price - batch price)",
}
ZERO = Fraction(0)
UNCACHED = "uncached_input_tokens"
READ = "cache_read_tokens"
WRITTEN = ("cache_write_5m_tokens", "cache_write_1h_tokens")


@dataclass(frozen=True)
class Saving:
    """What was saved in a currency: `gained` less `paid`, and the tokens that it rests on.

    `tokens` were read from the cache, or went in batches; `written` were written to the cache
    and `uncached` are the rest of the prompts. `unknown` are tokens of which the two prices
    aren't both known, or depend on the single request: nothing is guessed of them.
    """

    kind: str
    currency: str
    group: str
    gained: Fraction = Fraction(0)
    paid: Fraction = Fraction(0)
    tokens: Fraction = Fraction(0)
    written: Fraction = Fraction(0)
    uncached: Fraction = Fraction(0)
    unknown: Fraction = Fraction(0)

    @property
    def saving(self) -> Fraction:
        """May be negative: what is written to a cache and never read costs more.

        >>> Saving("cache saving", "USD", "", gained=Fraction(1), paid=Fraction(3)).saving
        Fraction(-2, 1)
        """
        return self.gained - self.paid

    @property
    def hit_rate(self) -> Fraction | None:
        """Of a cache, the part of prompts' tokens that was read from it."""
        whole = self.tokens + self.written + self.uncached
        return self.tokens / whole if self.kind == CACHE and whole else None


def token_savings(scope: Scope, model: Model) -> tuple[Saving, ...]:
    """What caches and batches saved on the usage that the scope's cost was carried for."""
    prices = _Prices(model, scope)
    made: dict[tuple[str, str, str], Saving] = {}
    for (_, group), pieces in scope.grouped(lambda one: bool(one.key and one.day)).items():
        for key, day in days_of(pieces):
            meters = scope.found.quantities.get((key, day), {})
            if not any(meters.get(name) for name in TOKEN_METERS):
                continue
            for one in (_cache(prices, key, day, meters), _batch(prices, key, day, meters)):
                if one:
                    at = one.kind, one.currency, group
                    held = made.get(at, Saving(one.kind, one.currency, group))
                    made[at] = _add(held, one)
    return tuple(_join_unknown(made))


def _add(held: Saving, one: Saving) -> Saving:
    names = ("gained", "paid", "tokens", "written", "uncached", "unknown")
    return replace(held, **{name: getattr(held, name) + getattr(one, name) for name in names})


def _join_unknown(made: Mapping[tuple[str, str, str], Saving]) -> Iterator[Saving]:
    """Tokens without a price have no currency: they stand beside those that have one."""
    lost: dict[tuple[str, str], Saving] = {}
    for (kind, currency, group), one in made.items():
        if not currency:
            lost[kind, group] = one
    for (kind, currency, group), one in sorted(made.items()):
        if currency:
            without = lost.pop((kind, group), None)
            yield _add(one, without) if without else one
    yield from (one for _, one in sorted(lost.items()))


def _cache(prices: _Prices, key: str, day: date, meters: Mapping[str, Fraction]) -> Saving | None:
    """Of one key and day; None where no cache was used."""
    read = meters.get(READ, ZERO)
    written = {name: meters[name] for name in WRITTEN if meters.get(name)}
    if not read and not written:
        return None
    about, costs = prices.usage_class(key), prices.scope.found.costs.get((key, day), {})
    cells = prices.cells(about, day)
    gained = _more(read, costs.get(READ, ZERO), _pairs(cells, cells, READ, UNCACHED))
    paid = {
        name: _more(tokens, costs.get(name, ZERO), _pairs(cells, cells, name, UNCACHED))
        for name, tokens in written.items()
    }
    whole = sum(written.values(), ZERO)
    if gained is None or None in paid.values():
        return Saving(CACHE, "", "", unknown=read + whole)
    less = sum((-one for one in paid.values() if one is not None), ZERO)
    currency = next(one[UNCACHED].currency for one in cells)
    uncached = meters.get(UNCACHED, ZERO)
    return Saving(CACHE, currency, "", gained, less, read, whole, uncached)


def _batch(prices: _Prices, key: str, day: date, meters: Mapping[str, Fraction]) -> Saving | None:
    """Of one key and day; None where it was no batch."""
    about = prices.usage_class(key)
    if tier_of(about.service_tier) != "batch":
        return None
    costs = prices.scope.found.costs.get((key, day), {})
    batch = prices.cells(about, day)
    standard = prices.cells(replace(about, service_tier=""), day)
    gained, tokens, unknown, currencies = ZERO, ZERO, ZERO, set[str]()
    for meter in TOKEN_METERS:
        count = meters.get(meter, ZERO)
        pairs = _pairs(batch, standard, meter, meter)
        more = _more(count, costs.get(meter, ZERO), pairs)
        if more is None:
            unknown += count
        elif count:
            gained, tokens = gained + more, tokens + count
            currencies.add(pairs[0][0].currency)
    if len(currencies) != 1:
        return Saving(BATCH, "", "", unknown=unknown + tokens)
    return Saving(BATCH, currencies.pop(), "", gained, tokens=tokens, unknown=unknown)


Pairs = list[tuple[MeterPrice, MeterPrice]]
"""What tokens cost, and what they would have cost otherwise, for each size of prompt and time."""


def _pairs(cells: Cells, others: Cells, meter: str, other: str) -> Pairs:
    """The two prices in each cell; none where one of them isn't known everywhere."""
    if len(cells) != len(others):
        return []
    found = [(a.get(meter), b.get(other)) for a, b in zip(cells, others, strict=True)]
    known = [(a, b) for a, b in found if a and b and a.currency == b.currency]
    return known if len(known) == len(found) else []


def _more(tokens: Fraction, cost: Fraction, pairs: Pairs) -> Fraction | None:
    """What tokens would have cost more at the other price; None where that can't be told.

    Where prices depend on the request, their ratio must not: then what was paid times the
    ratio is what would have been paid, request by request.
    """
    if not tokens:
        return ZERO
    if not pairs:
        return None
    if len({(each(paid), each(other)) for paid, other in pairs}) == 1:
        paid, other = pairs[0]
        return tokens * (each(other) - each(paid))
    if not all(paid.price for paid, _ in pairs):
        return None
    ratios = {each(other) / each(paid) for paid, other in pairs}
    return cost * (ratios.pop() - 1) if len(ratios) == 1 else None


def each(price: MeterPrice) -> Fraction:
    """The price of one."""
    return Fraction(price.price) / price.per


Cells = list[Mapping[str, MeterPrice]]
"""The prices of a day: one mapping, or one for each size of prompt and time of the day."""


class _Prices:
    """List and negotiated prices of classes of usage, day by day."""

    def __init__(self, model: Model, scope: Scope) -> None:
        self.scope = scope
        self.span = scope.found.run.period.span
        self.stated = StatedPrices(model.prices)
        self._made: dict[UsageClass, tuple[Cell, ...]] = {}

    def usage_class(self, key: str) -> UsageClass:
        provider, model, tier, window, region = (
            self.scope.found.about(key, name) for name in CLASS_COLUMNS
        )
        return UsageClass(provider, model, tier, window, region)

    def cells(self, about: UsageClass, day: date) -> Cells:
        if about not in self._made:
            made = price_class(about, self.stated, _catalogue(), self.span)
            self._made[about] = made.cells
        return [one.prices for one in self._made[about] if one.start <= day < one.until]


@lru_cache(maxsize=1)
def _catalogue() -> Catalogue:
    return Catalogue()
