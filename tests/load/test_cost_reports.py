"""Cost reports of OpenAI and Anthropic as bills: exact money, and what tells whose it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from apportion.domain.period import Period
from apportion.errors import SourceError
from loads import OCTOBER, House, codes
from pages import anthropic_bucket, asked, lines, openai_bucket, page
from tables import describe, table_house

Json = dict[str, Any]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = table_house(tmp_path, "format: openai-costs", "USD")
    yield house
    house.books.close()


def cost(value: object, item: str | None = "gpt-small-2026-08-06, input", **over: Any) -> Json:
    made: Json = {"object": "organization.costs.result", "line_item": item}
    made |= {"amount": {"value": value, "currency": "usd"}, "project_id": "proj_nlp"}
    return made | {"quantity": None, "quantity_unit": None} | over


def put(house: House, text: str, name: str = "costs.jsonl") -> None:
    house.put(text, name)


def keys(house: House, column: str = "SkuMeter") -> dict[object, dict[str, object]]:
    return {row[column]: row for row in house.rows("keys")}


def test_floats_of_json_count_by_their_shortest_form_to_the_last_digit(house: House) -> None:
    values = ["0.06", "1.2345678901234567e-05", "0.1", "0.2", "0.30000000000000004", "-0.5"]
    results = ", ".join(
        json.dumps(cost("?", f"item {n}")).replace('"?"', text) for n, text in enumerate(values)
    )
    bucket = json.dumps(openai_bucket("2026-10-03")).replace("[]", f"[{results}]")
    put(house, f'{{"object": "page", "data": [{bucket}], "has_more": false, "next_page": null}}')
    house.load()
    kept = [Decimal(text) for text in values]
    kept[1] = Decimal("0.000012345678901234")  # eighteen places
    assert house.totals().loaded["BilledCost"] == sum(kept)
    assert house.totals().quarantined_rows == 0


def test_amounts_as_texts_are_exact(house: House) -> None:
    put(house, lines(page(openai_bucket("2026-10-03", cost("0.8958740000000000000000")))))
    house.load()
    assert house.totals().loaded["BilledCost"] == Decimal("0.895874")


def test_model_and_kind_of_token_are_read_from_the_line_item_which_is_kept(house: House) -> None:
    items = {
        "gpt-small-2026-08-06, input": ("gpt-small-2026-08-06", "input"),
        "gpt-small-2026-08-06, cached input": ("gpt-small-2026-08-06", "cache_read"),
        "gpt-small-2026-08-06, output": ("gpt-small-2026-08-06", "output"),
        "assistants api | code interpreter": (None, None),
        "Fine-tuning of models": (None, None),
    }
    put(house, lines(page(openai_bucket("2026-10-03", *(cost(1.5, item) for item in items)))))
    house.load()
    found = keys(house, "ChargeDescription")
    told = {item: (found[item]["x_ModelId"], found[item]["x_TokenType"]) for item in items}
    assert told == items
    assert {row["SubAccountId"] for row in found.values()} == {"proj_nlp"}
    assert found["gpt-small-2026-08-06, input"]["x_CostClass"] == "ai_tokens"
    charges = house.rows("charges")
    assert {row["x_LineItem"] for row in charges} == set(items)
    assert {str(row["ChargePeriodStart"]) for row in charges} == {"2026-10-03 00:00:00"}
    assert {str(row["ChargePeriodEnd"]) for row in charges} == {"2026-10-04 00:00:00"}


def test_quantities_are_there_when_grouped_by_line_item(house: House) -> None:
    put(
        house,
        lines(page(openai_bucket("2026-10-03", cost(1, quantity=4000, quantity_unit="tokens")))),
    )
    house.load()
    (row,) = house.rows("charges")
    assert (row["PricingQuantity"], row["PricingUnit"]) == (Decimal(4000), "tokens")
    assert keys(house)["gpt-small-2026-08-06, input"]["x_UnitScale"] == "1"


def test_a_result_without_an_amount_is_set_aside_and_not_free(house: House) -> None:
    bare = cost(1, "gpt-x-1, input")
    del bare["amount"]
    put(house, lines(page(openai_bucket("2026-10-03", bare, cost(2)))))
    house.load()
    (aside,) = house.quarantined()
    assert (aside.line, aside.row["line_item"]) == (1, "gpt-x-1, input")
    assert house.totals().loaded["BilledCost"] == 2


def test_usage_is_no_bill(house: House) -> None:
    usage = {"object": "organization.usage.completions.result", "input_tokens": 3}
    put(house, lines(page(openai_bucket("2026-10-03", usage))))
    with pytest.raises(SourceError, match="no report of cost"):
        house.load()


def test_a_report_that_is_not_whole_is_refused(house: House) -> None:
    put(house, lines(page(openai_bucket("2026-10-03", cost(1)), more="cursor")))
    with pytest.raises(SourceError, match="isn't whole"):
        house.load()


def test_a_month_that_was_pulled_again_is_told_anew(house: House) -> None:
    head = asked("openai-costs", "costs", "project_id", "line_item")
    first = page(openai_bucket("2026-10-03", cost(1)))
    put(house, lines(head, first), "20261010T060000Z_openai-costs_2026-10-01_2026-10-10.jsonl")
    put(
        house,
        lines(head, page(openai_bucket("2026-09-30", cost(7)))),
        "20261010T060000Z_openai-costs_2026-09-01_2026-10-01.jsonl",
    )
    house.load()
    later = page(openai_bucket("2026-10-03", cost(4)), openai_bucket("2026-10-11", cost(8)))
    put(house, lines(head, later), "20261102T060000Z_openai-costs_2026-10-01_2026-11-01.jsonl")
    loaded = house.load()
    assert house.totals().loaded["BilledCost"] == 12
    assert house.totals(period=Period(2026, 9)).loaded["BilledCost"] == 7
    assert "overlapping-files" not in codes(loaded.findings)


def test_a_report_as_the_provider_prints_it(house: House) -> None:
    put(house, json.dumps(page(openai_bucket("2026-10-03", cost(1))), indent=2), "page.json")
    house.load()
    assert house.totals().loaded["BilledCost"] == 1


# --- Anthropic


def token_cost(cents: str | None, kind: str = "uncached_input_tokens", **over: Any) -> Json:
    return {
        "amount": cents,
        "currency": "USD",
        "workspace_id": "wrkspc_1",
        "description": f"Claude Large 5 Usage - {kind}",
        "cost_type": "tokens",
        "model": "claude-large-5-20260801",
        "token_type": kind,
        "service_tier": "standard",
        "context_window": "0-200k",
        "inference_geo": "not_available",
    } | over


@pytest.fixture
def claude(house: House) -> House:
    describe(house, "format: anthropic-costs", "USD")
    return house


def test_cents_are_cents(claude: House) -> None:
    amounts = ["123.45", "0.000000000000001", "-7", "99999999.5"]
    results = [token_cost(cents, context_window=str(n)) for n, cents in enumerate(amounts)]
    put(claude, lines(page(anthropic_bucket("2026-10-03", *results))))
    claude.load()
    assert claude.totals().loaded["BilledCost"] == sum(Decimal(a) for a in amounts) / 100


KINDS = {
    "uncached_input_tokens": "input",
    "cache_read_input_tokens": "cache_read",
    "cache_creation.ephemeral_5m_input_tokens": "cache_write_5m",
    "cache_creation.ephemeral_1h_input_tokens": "cache_write_1h",
    "output_tokens": "output",
}


@pytest.mark.parametrize("tier", ["standard", "batch"])
def test_a_charge_tells_workspace_model_and_kind_of_token(claude: House, tier: str) -> None:
    results = [token_cost("100", kind, service_tier=tier) for kind in KINDS]
    put(claude, lines(page(anthropic_bucket("2026-10-03", *results))))
    claude.load()
    found = {str(row["ChargeDescription"]).split(" - ")[1]: row for row in claude.rows("keys")}
    assert {kind: row["x_TokenType"] for kind, row in found.items()} == KINDS
    for row in found.values():
        assert (row["SkuId"], row["x_AiModel"]) == ("claude-large-5-20260801", "claude-large-5")
        assert row["SubAccountId"] == "wrkspc_1"
        assert row["x_AiBatch"] == ("true" if tier == "batch" else None)
        assert (row["x_CostType"], row["x_ServiceTier"]) == ("tokens", tier)
        assert row["x_ModelId"] == "claude-large-5-20260801"
    assert len({row["SkuPriceId"] for row in found.values()}) == len(KINDS)


def test_context_windows_have_keys_of_their_own(claude: House) -> None:
    results = [token_cost("1", context_window=window) for window in ("0-200k", "200k-1M")]
    put(claude, lines(page(anthropic_bucket("2026-10-03", *results))))
    claude.load()
    assert len(claude.rows("keys")) == 2


@pytest.mark.parametrize(
    ("groups", "workspace"),
    [(("workspace_id", "description"), "default"), (("description",), None)],
)
def test_the_default_workspace(
    claude: House, groups: tuple[str, ...], workspace: str | None
) -> None:
    bucket = anthropic_bucket("2026-10-03", token_cost("1", workspace_id=None))
    put(claude, lines(asked("anthropic-costs", "cost_report", *groups), page(bucket)))
    claude.load()
    (row,) = claude.rows("keys")
    assert row["SubAccountId"] == workspace


def test_tools_are_cost_too(claude: House) -> None:
    none: Json = dict.fromkeys(("model", "token_type", "service_tier", "context_window"))
    search = token_cost("50", description="Web Search Usage", cost_type="web_search", **none)
    code = token_cost("70", description="Code Execution Usage", cost_type="code_execution", **none)
    put(claude, lines(page(anthropic_bucket("2026-10-03", search, code))))
    claude.load()
    assert {row["x_CostClass"] for row in claude.rows("keys")} == {"ai_other"}
    assert claude.totals().loaded["BilledCost"] == Decimal("1.2")


def test_amounts_that_cannot_be_read_are_set_aside(claude: House) -> None:
    put(
        claude,
        lines(page(anthropic_bucket("2026-10-03", token_cost(None), token_cost("1,5")))),
    )
    claude.load()
    assert len(claude.quarantined(OCTOBER)) == 2
