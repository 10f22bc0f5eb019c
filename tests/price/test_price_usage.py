"""Usage at its prices: by request, by day, by contract; and what is never guessed."""

# ruff: noqa: E501
# Tables read best with one case in a line.

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from apportion.errors import ConfigurationError
from apportion.model.dated import Validity
from apportion.price.catalogue import Catalogue
from apportion.price.pricing_findings import pricing_findings
from priced import OCTOBER, Priced, key_of, listed_cost, random_requests, request
from workshop import Workshop

DAY = "2026-10-20T12:00:00"
MODELS = (
    ("openai", "gpt-5.4"),
    ("openai", "gpt-4.1-mini"),
    ("openai", "gpt-realtime"),
    ("openai", "gpt-image-1-mini"),
    ("anthropic", "claude-sonnet-4-5"),
    ("anthropic", "claude-haiku-5-5"),
    ("google", "gemini-2.5-pro"),
    ("google", "gemini-2.5-flash"),
    ("azure", "gpt-4o"),
    ("aws", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
    ("x-ai", "grok-4.20"),
    ("deepseek", "deepseek-v4-pro"),
    ("mistral", "mistral-large-latest"),
    ("perplexity", "sonar-deep-research"),
)


def exact(text: str) -> Fraction:
    return Fraction(Decimal(text))


def test_one_long_prompt_costs_more_than_ten_short_ones_of_the_same_tokens() -> None:
    """The sum that docs/how-to/price-usage.md works by hand."""
    long = request(DAY, "openai", "gpt-5.4", uncached_input_tokens=300_000, output_tokens=1_000)
    short = {**long, "uncached_input_tokens": 30_000, "output_tokens": 100}
    assert Priced([long]).cost() == exact("1.5225")
    assert Priced([short] * 10).cost() == exact("0.765")
    both = Priced([long, *[short] * 10])
    assert both.cost() == exact("2.2875")
    assert not both.unpriced


@pytest.mark.parametrize(("tokens", "price"), [(272_000, "2.5"), (272_001, "5")])
def test_a_bracket_begins_above_its_start(tokens: int, price: str) -> None:
    made = Priced([request(DAY, "openai", "gpt-5.4", uncached_input_tokens=tokens)])
    assert made.cost() == tokens * exact(price) / 1_000_000


def test_all_input_counts_for_the_bracket_cached_or_not() -> None:
    made = Priced(
        [request(DAY, "openai", "gpt-5.4", cache_read_tokens=272_000, uncached_input_tokens=1)]
    )
    assert made.cost(Meter="uncached_input_tokens") == exact("0.000005")


def test_every_request_costs_what_the_catalogue_says() -> None:
    records = [
        {**record, "ApiKeyId": None, "ResourceId": str(number)}
        for number, record in enumerate(random_requests(11, 2_000, MODELS))
    ]
    ours: dict[str, Fraction] = {}
    for line in (made := Priced(records)).lines:
        key = line["KeyId"]
        ours[key] = ours.get(key, Fraction(0)) + Fraction(line["Amount"]) / line["Divisor"]
    for record in records:
        assert ours.get(key_of(record), 0) == Fraction(listed_cost(record)), record
    assert all(line["Meter"] == "web_searches" for line in made.unpriced)


@pytest.mark.parametrize(
    ("provider", "model", "tier", "context"),
    [
        ("openai", "gpt-4.1", "batch", {"processing": "batch"}),
        ("openai", "gpt-4.1", "Priority", {"service_tier": "priority"}),
        ("openai", "gpt-5.4", "flex", {"service_tier": "flex"}),
        ("anthropic", "claude-opus-5", "fast", {"speed": "fast"}),
        ("google", "gemini-2.5-flash", "batch", {"processing": "batch"}),
        ("openai", "gpt-4.1", "default", {"service_tier": "default"}),
        ("anthropic", "claude-opus-5", "standard", {}),
    ],
)
def test_a_service_tier_has_the_price_of_its_context(
    provider: str, model: str, tier: str, context: dict[str, str]
) -> None:
    made = request(
        DAY, provider, model, tier=tier, uncached_input_tokens=900, cache_read_tokens=7,
        input_audio_tokens=3, output_tokens=40,
    )  # fmt: skip
    assert Priced([made]).cost() == Fraction(listed_cost(made, context))


@pytest.mark.parametrize(
    ("provider", "model", "tier", "reason"),
    [
        ("openai", "gpt-4.1", "scale", "the catalogue lists no price for scale"),
        ("azure", "gpt-4o", "priority", "the catalogue lists no price for priority"),
        ("openai", "gpt-99", "", "the catalogue knows no model gpt-99 of openai"),
        ("nobody", "gpt-4o", "", "the catalogue knows no model gpt-4o of nobody"),
        ("azure", "chat-prod", "", "the catalogue knows no model chat-prod of azure"),
        ("openai", None, "", "the usage names no model"),
    ],
)
def test_what_is_not_known_is_listed_with_its_tokens_and_never_priced(
    provider: str, model: str, tier: str, reason: str
) -> None:
    made = Priced([request(DAY, provider, model, tier=tier, output_tokens=123_456)])
    assert not made.lines
    assert made.reasons() == {reason}
    (found,) = pricing_findings(made.engine, made.result)
    assert found.code == "usage-unpriced"
    assert "123,456 output_tokens" in found.message
    assert reason in found.message


def test_batch_before_the_catalogue_knows_it_is_not_charged_in_full() -> None:
    """genai-prices gives the standard price there, twice too much, without a word."""
    early = request(
        "2026-10-13T23:59:59", "openai", "gpt-4.1", tier="batch", output_tokens=1_000_000
    )
    late = {**early, "UsageStart": early["UsageStart"].replace(day=14)}
    made = Priced([early, late])
    assert made.cost() == 4
    assert [line["UsageDate"] for line in made.unpriced] == [date(2026, 10, 13)]
    assert made.reasons() == {"the catalogue lists batch only from 2026-10-14"}


def test_prices_by_the_time_of_the_day() -> None:
    at = [request(f"2026-10-05T{t}", "deepseek", "deepseek-v4-pro", output_tokens=1_000_000)
          for t in ("00:59:59.999999", "01:00:00", "03:59:59", "04:00:00")]  # fmt: skip
    assert [Priced([one]).cost() for one in at] == [
        exact(t) for t in ("1.98", "3.96", "3.96", "1.98")
    ]


def test_a_bucket_goes_by_its_context_window() -> None:
    bucket: dict[str, Any] = {"uncached_input_tokens": 5_000_000, "requests": None}
    model = ("google", "gemini-2.5-pro")
    short, long = (request(DAY, *model, window=w, **bucket) for w in ("0-200k", "200k-1M"))
    assert Priced([short]).cost() * 2 == Priced([long]).cost()
    assert not any(line["Assumed"] for line in Priced([short, long]).lines)


def test_a_bucket_without_its_window_goes_by_the_average_and_says_so() -> None:
    many = request(DAY, "google", "gemini-2.5-pro", uncached_input_tokens=400_000, requests=2)
    made = Priced([many])
    assert made.cost() == exact("0.5")
    (found,) = pricing_findings(made.engine, made.result)
    assert found.code == "usage-bracket-assumed"
    small = {**many, "uncached_input_tokens": 150_000}
    assert not any(line["Assumed"] for line in Priced([small]).lines)


def test_a_request_of_a_hundred_million_tokens() -> None:
    made = Priced([request(DAY, "openai", "gpt-5.4", uncached_input_tokens=100_000_000)])
    assert made.cost() == 500


@pytest.mark.parametrize(
    ("provider", "model", "known"),
    [
        ("Azure OpenAI", "gpt-4o", ("azure", "gpt-4o")),
        ("azure", "azure/gpt-4.1-mini", ("azure", "gpt-4.1-mini")),
        ("bedrock", "eu.amazon.nova-lite-v1:0", ("aws", "amazon.nova-lite-v1:0")),
        (
            "Amazon Bedrock",
            "arn:aws:bedrock:us-east-1:1:inference-profile/global.anthropic.claude-haiku-4-5-20251001-v1:0",
            ("aws", "global.anthropic.claude-haiku-4-5-20251001-v1:0"),
        ),
        ("vertex_ai-anthropic_models", "claude-opus-4@20250514", ("google", "claude-4-opus")),
        (
            "gcp.vertex_ai",
            "publishers/google/models/gemini-2.5-flash",
            ("google", "gemini-2.5-flash"),
        ),
        ("", "bedrock/amazon.nova-lite-v1:0", ("aws", "amazon.nova-lite-v1:0")),
        ("litellm", "azure/gpt-4o", ("azure", "gpt-4o")),
    ],
)
def test_spellings_of_clouds_and_gateways(
    provider: str, model: str, known: tuple[str, str]
) -> None:
    found = Catalogue().find(provider, model)
    assert found is not None
    assert (found[0].id, found[1].id) == known


def test_nothing_that_was_fetched_in_this_process_becomes_a_price() -> None:
    from genai_prices.data_snapshot import DataSnapshot, set_custom_snapshot

    set_custom_snapshot(DataSnapshot(providers=[], from_auto_update=True))
    try:
        assert Catalogue().find("openai", "gpt-4o")
    finally:
        set_custom_snapshot(None)


# Prices of the model.

TERMS = """\
prices:
  - {provider: openai, model: gpt-5.4*, meter: output_tokens, price: 12, until: 2026-10-15}
  - {provider: openai, model: gpt-5.4*, meter: output_tokens, price: 9, currency: EUR, from: 2026-10-15}
  - {provider: openai, model: gpt-5.4*, meter: output_tokens, price: 20, min_input: 100000, from: 2026-10-15}
  - {provider: openai, model: gpt-5.4*, service_tier: priority, meter: output_tokens, price: 30}
  - {provider: azure, model: chat-prod, same_as: azure/gpt-4o}
  - {provider: anthropic, discount: 15%}
  - {provider: google, region: eu-*, discount: -10%}
  - {model: llama-own, meter: output_tokens, price: 0.2}
  - {meter: pages, price: 1.25, per: 3}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def test_a_price_that_changes_in_mid_month(shop: Workshop) -> None:
    prices = shop.model(prices=TERMS).prices
    days = [request(f"2026-10-{day}T23:00:00", "openai", "gpt-5.4", output_tokens=1_000_000)
            for day in (14, 15)]  # fmt: skip
    made = Priced(days, prices)
    assert [(line["Amount"], line["Currency"]) for line in made.lines] == [(12, "USD"), (9, "EUR")]
    assert made.origins() == {"model/prices.yaml:2:5", "model/prices.yaml:3:5"}


def test_a_stated_price_for_large_prompts(shop: Workshop) -> None:
    prices = shop.model(prices=TERMS).prices
    sizes = [request(DAY, "openai", "gpt-5.4", uncached_input_tokens=size, output_tokens=1_000_000)
             for size in (99_999, 100_000)]  # fmt: skip
    made = Priced(sizes, prices)
    assert made.cost(Meter="output_tokens") == 29
    assert made.cost(Meter="uncached_input_tokens") == exact("199999") * exact("0.0000025")


def test_a_stated_price_without_a_tier_is_for_standard_alone(shop: Workshop) -> None:
    prices = shop.model(prices=TERMS).prices
    tiers = {tier: Priced([request(DAY, "openai", "gpt-5.4", tier=tier, output_tokens=1_000_000)], prices)
             for tier in ("standard", "priority", "batch", "scale")}  # fmt: skip
    assert [tiers[t].cost() for t in ("standard", "priority", "batch", "scale")] == [
        9, 30, exact("7.5"), 0,
    ]  # fmt: skip
    assert tiers["scale"].unpriced


def test_discounts_surcharges_and_names_of_deployments(shop: Workshop) -> None:
    prices = shop.model(prices=TERMS).prices
    asked = request(DAY, "Anthropic", "claude-sonnet-4-5", output_tokens=1_000, cache_read_tokens=7)
    made = Priced([asked], prices)
    assert made.cost() == Fraction(listed_cost(asked)) * Fraction(85, 100)
    assert all("less 15% by model/prices.yaml:7:5" in origin for origin in made.origins())
    europe = request(DAY, "google", "gemini-2.5-flash", region="eu-west1", output_tokens=1_000)
    assert Priced([europe], prices).cost() == Fraction(listed_cost(europe)) * Fraction(11, 10)
    deployed = request(DAY, "azure", "chat-prod", output_tokens=1_000)
    assert Priced([deployed], prices).cost() == Fraction(
        listed_cost({**deployed, "ModelId": "gpt-4o"})
    )
    own = request(DAY, "vllm", "llama-own", output_tokens=10)
    assert Priced([own], prices).cost() == exact("0.000002")


def test_a_discount_that_would_not_be_exact(shop: Workshop) -> None:
    prices = shop.model(prices="prices:\n  - {discount: 0.12345678901234567%}\n").prices
    with pytest.raises(ConfigurationError, match="more than 18 places"):
        Priced([request(DAY, "openai", "gpt-5.4", output_tokens=1)], prices)


CARD = """\
# a remark of who wrote the card
cloud,instance_type,gpu,gpu_count,on_demand_usd_h,region
aws,p5.48xlarge,H100,8,55.04,us-east-1
aws,p5.48xlarge,H100,8,55.04,us-east-1
aws,p5.48xlarge,H100,8,71.552,eu-west-2
aws,c6id.metal,,0,6.4512,us-east-1
lambda,gpu_8x_v100_n,V100,8,6.32,us-east-1
"""


def test_gpu_hours_by_a_rate_card(shop: Workshop) -> None:
    shop.write("model/card.csv", CARD)
    prices = shop.model(
        prices="prices:\n  - {rate_card: card.csv}\n"
        "  - {rate_card: card.csv, provider: lambda, region: us-east-1, by: gpu_model}\n"
    ).prices
    machine = {"gpus": Decimal(3), "instance_type": "p5.48xlarge"}
    made = Priced([request(DAY, "aws", "", region="eu-west-2", **machine)], prices)
    assert made.cost() == 3 * Fraction("71.552") / 8
    by_model = request(DAY, "", "", gpus=Decimal("0.142857142857"), gpu_model="v100")
    assert Priced([by_model], prices).cost() == Fraction("0.142857142857") * Fraction("6.32") / 8
    nowhere = Priced([request(DAY, "aws", "", **machine)], prices)
    assert [line["Meter"] for line in nowhere.unpriced] == ["gpu_hours"]


def test_two_machines_with_one_gpu_must_agree_on_its_price(shop: Workshop) -> None:
    shop.write("model/card.csv", CARD)
    card = "prices:\n  - {rate_card: card.csv, provider: aws, by: gpu_model}\n"
    shop.write("model/card.csv", CARD + "aws,p5.4xlarge,H100,1,7.00,us-east-1\n")
    assert shop.faults(prices=card) == ["model/card.csv:8: a second price of a GPU hour of 'H100'"]


def test_prices_stand_in_the_book_with_their_days(shop: Workshop) -> None:
    prices = shop.model(prices=TERMS).prices
    made = Priced([request(DAY, "openai", "gpt-5.4", output_tokens=1)], prices)
    table = made.result.book.price_table().to_pylist()
    told = {(r["StartsOn"], r["EndsBefore"], r["MinInput"], r["Price"]) for r in table
            if r["Meter"] == "output_tokens"}  # fmt: skip
    assert (date(2026, 10, 1), date(2026, 10, 15), 0, Decimal(12)) in told
    assert (date(2026, 10, 15), OCTOBER.until, 100_000, Decimal(20)) in told
    assert prices[0].valid == Validity(None, date(2026, 10, 15))
