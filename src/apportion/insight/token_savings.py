"""What caching and batches saved, by the prices that hold: where both prices are known."""

from __future__ import annotations

from collections import defaultdict
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
    read = meters.get(READ, Fraction(0))
    written = {name: meters[name] for name in WRITTEN if meters.get(name)}
    if not read and not written:
        return None
    known = prices.of(prices.usage_class(key), day)
    plain = known.get(UNCACHED)
    others = [known.get(name) for name in ([READ] if read else []) + list(written)]
    if plain is None or any(one is None or one.currency != plain.currency for one in others):
        return Saving(CACHE, "", "", unknown=read + sum(written.values()))
    gained = read * (each(plain) - each(known[READ])) if read else Fraction(0)
    paid = sum(
        (tokens * (each(known[name]) - each(plain)) for name, tokens in written.items()),
        Fraction(0),
    )
    uncached = meters.get(UNCACHED, Fraction(0))
    return Saving(CACHE, plain.currency, "", gained, paid, read, sum(written.values(), Fraction(0)),
                  uncached)  # fmt: skip


def _batch(prices: _Prices, key: str, day: date, meters: Mapping[str, Fraction]) -> Saving | None:
    about = prices.usage_class(key)
    if tier_of(about.service_tier) != "batch":
        return None
    batch, standard = prices.of(about, day), prices.of(replace(about, service_tier=""), day)
    currencies = {one.currency for one in batch.values()}
    gained = tokens = unknown = Fraction(0)
    for meter in TOKEN_METERS:
        count = meters.get(meter, Fraction(0))
        low, full = batch.get(meter), standard.get(meter)
        if not count:
            continue
        if low is None or full is None or low.currency != full.currency or len(currencies) > 1:
            unknown += count
            continue
        tokens += count
        gained += count * (each(full) - each(low))
    currency = min(currencies) if tokens else ""
    return Saving(BATCH, currency, "", gained, tokens=tokens, unknown=unknown)


def each(price: MeterPrice) -> Fraction:
    """The price of one."""
    return Fraction(price.price) / price.per


class _Prices:
    """List and negotiated prices of classes of usage, day by day."""

    def __init__(self, model: Model, scope: Scope) -> None:
        self.scope = scope
        self.span = scope.found.run.period.span
        self.stated = StatedPrices(model.prices)
        self._cells: dict[UsageClass, tuple[Cell, ...]] = {}

    def usage_class(self, key: str) -> UsageClass:
        provider, model, tier, window, region = (
            self.scope.found.about(key, name) for name in CLASS_COLUMNS
        )
        return UsageClass(provider, model, tier, window, region)

    def of(self, about: UsageClass, day: date) -> Mapping[str, MeterPrice]:
        """The prices of a day that are the same for every request."""
        found: dict[str, set[MeterPrice | None]] = defaultdict(set)
        if about not in self._cells:
            made = price_class(about, self.stated, _catalogue(), self.span)
            self._cells[about] = made.cells
        cells = [one for one in self._cells[about] if one.start <= day < one.until]
        for meter in TOKEN_METERS:
            found[meter] = {cell.prices.get(meter) for cell in cells}
        return {
            meter: price
            for meter, prices in found.items()
            if len(prices) == 1 and (price := next(iter(prices))) is not None
        }


@lru_cache(maxsize=1)
def _catalogue() -> Catalogue:
    return Catalogue()
