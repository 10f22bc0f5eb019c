"""Pricing loses nothing: parts add up, splits change nothing, each request costs its own."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from hypothesis import given, settings
from hypothesis import strategies as st

from apportion.domain.usage import INPUT_TOKENS, OUTPUT_TOKENS
from apportion.errors import Place
from apportion.model.dated import Validity
from apportion.model.usage_price_forms import as_discount
from apportion.model.usage_prices import UsageKind, UsagePrice
from apportion.price.usage_class import PRICEABLE
from apportion.store.engine import Engine, open_engine
from priced import Priced, Record, key_of, listed_cost

MODELS = (
    ("openai", "gpt-5.4", ""),
    ("openai", "gpt-4.1", "batch"),
    ("openai", "gpt-realtime", ""),
    ("anthropic", "claude-haiku-5-5", ""),
    ("google", "gemini-2.5-flash", "batch"),
    ("deepseek", "deepseek-v4-pro", ""),
    ("x-ai", "grok-4.20", "batch"),
    ("openai", "gpt-99", ""),
    ("azure", "gpt-4o", "priority"),
)
HERE = Place("prices.yaml", 1, 1)
CUT = date(2026, 10, 11)
PRICES = (
    UsagePrice(UsageKind(model="gpt-99"), 0, HERE, "output_tokens", Decimal("3.5"), 1000, "EUR",
               valid=Validity(None, CUT)),
    UsagePrice(UsageKind(model="gpt-99"), 1, HERE, "output_tokens", Decimal(4), 1000, "EUR",
               valid=Validity(CUT, None)),
    UsagePrice(UsageKind(provider="x-ai"), 2, HERE, discount=as_discount("12.5%")),
)  # fmt: skip
TOKENS = st.one_of(st.none(), st.integers(0, 10), st.integers(0, 400_000), st.just(200_000))


@st.composite
def records(draw: st.DrawFn) -> Record:
    provider, model, tier = draw(st.sampled_from(MODELS))
    moment = timedelta(microseconds=draw(st.integers(0, 31 * 86_400_000_000 - 1)))
    counts = {name: draw(TOKENS) for name in (*INPUT_TOKENS, *OUTPUT_TOKENS)}
    return {
        "UsageStart": datetime(2026, 10, 1) + moment,  # noqa: DTZ001
        "ProviderName": provider,
        "ModelId": model,
        "ServiceTier": tier,
        "requests": 1,
        **counts,
    }


MANY = st.lists(records(), min_size=1, max_size=12)


@lru_cache(maxsize=1)
def engine() -> Engine:
    """One engine for all examples: opening one takes longer than pricing."""
    return open_engine()


Sums = dict[tuple[object, ...], Fraction]


def joined(parts: Iterable[Sums]) -> Sums:
    made: Sums = defaultdict(Fraction)
    for part in parts:
        for key, value in part.items():
            made[key] += value
    return made


def totals(priced: Priced) -> tuple[Sums, Sums]:
    """Cost, and quantities with and without a price, by all that tells lines apart."""
    cost: Sums = defaultdict(Fraction)
    quantity: Sums = defaultdict(Fraction)
    for line in priced.lines:
        price = priced.result.book.prices[line["PriceId"]].price
        cost[line["KeyId"], line["UsageDate"], line["Meter"], price] += (
            Fraction(line["Amount"]) / line["Divisor"]
        )
        quantity[line["KeyId"], line["UsageDate"], line["Meter"], True] += Fraction(
            line["Quantity"]
        )
    for line in priced.unpriced:
        quantity[line["KeyId"], line["UsageDate"], line["Meter"], False] += Fraction(
            line["Quantity"]
        )
    return cost, quantity


@settings(max_examples=40, deadline=None)
@given(MANY)
def test_what_is_priced_and_what_is_not_are_all_that_was_used(used: list[Record]) -> None:
    made = Priced(used, PRICES, engine=engine())
    found: Counter[str] = Counter()
    for line in (*made.lines, *made.unpriced):
        if line["Meter"] in PRICEABLE:
            found[line["Meter"]] += line["Quantity"]
    wanted = Counter({name: sum(one.get(name) or 0 for one in used) for name in PRICEABLE})
    assert +found == +wanted
    for line in made.lines:
        price = made.result.book.prices[line["PriceId"]].price
        cost = Fraction(line["Amount"]) / line["Divisor"]
        assert cost == Fraction(line["Quantity"]) * Fraction(price.price) / price.per


@settings(max_examples=25, deadline=None)
@given(MANY, st.integers(0, 12))
def test_two_halves_cost_what_the_whole_does(used: list[Record], at: int) -> None:
    whole, *halves = (
        totals(Priced(part, PRICES, engine=engine())) for part in (used, used[:at], used[at:])
    )
    for number in (0, 1):
        assert whole[number] == joined(half[number] for half in halves)


@settings(max_examples=40, deadline=None)
@given(MANY)
def test_each_request_costs_what_the_catalogue_says_wherever_it_knows(used: list[Record]) -> None:
    known = [one for one in used if one["ModelId"] != "gpt-99" and one["ProviderName"] != "x-ai"]
    own: Sequence[Record] = [{**one, "ResourceId": str(n)} for n, one in enumerate(known)]
    made = Priced(own, PRICES, engine=engine())
    found: dict[str, Fraction] = defaultdict(Fraction)
    for line in made.lines:
        found[line["KeyId"]] += Fraction(line["Amount"]) / line["Divisor"]
    without = {line["KeyId"] for line in made.unpriced}
    for one in own:
        context = {"processing": "batch"} if one["ServiceTier"] == "batch" else None
        key = key_of(one)
        early = context and one["UsageStart"] < datetime(2026, 10, 14)  # noqa: DTZ001
        if early or one["ServiceTier"] == "priority":
            assert not found[key]
            assert key in without or not any(one[name] for name in PRICEABLE[:-2])
        else:
            assert found[key] == Fraction(listed_cost(one, context))
