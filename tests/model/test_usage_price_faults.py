"""Prices of usage: what the model says of them, and what it can't say, at which line and column."""

# ruff: noqa: E501
# Tables read best with one case in a line.

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from apportion.model.usage_prices import RESOURCE_ATTRIBUTES, attributes_of
from workshop import Workshop


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


FAULTS = [
    ("- {meter: output_tokens, price: 1, until: 2026-03-01}\n  - {meter: output_tokens, price: 2, from: 2026-02-28}", ["3:5: two entries for the same hold from 2026-02-28"]),
    ("- {meter: output_tokens, price: 1}\n  - {meter: output_tokens, price: 2}", ["3:5: two entries for the same hold from the beginning"]),
    ("- {model: A, meter: output_tokens, price: 1, until: 2026-03-01}\n  - {model: a, meter: output_tokens, price: 2, from: 2026-03-02}", ["3:5: no entry holds from 2026-03-01 until 2026-03-02"]),
    ("- {discount: 5%, until: 2026-03-01}\n  - {discount: 6%, from: 2026-04-01}", ["3:5: no entry holds from 2026-03-01 until 2026-04-01"]),
    ("- {meter: output_tokens, price: 1, from: 2026-03-01, until: 2026-02-01}", ["2:63: `from` isn't before `until`"]),
    ("- {price: 1}", ["2:5: a price says for which `meter`"]),
    ("- {meter: output_token, price: 1}", ["2:13: no meter is called 'output_token'"]),
    ("- {meter: output_tokens, price: -1}", ["2:35: '-1' is not an amount of 0 or more"]),
    ("- {meter: output_tokens, price: NaN}", ["2:35: 'NaN' is not an amount of 0 or more"]),
    ("- {meter: output_tokens, price: 1, per: 0}", ["2:43: a price for 0 units"]),
    ("- {meter: output_tokens, price: 1, currency: dollars}", ["2:48: 'dollars' is no currency"]),
    ("- {meter: gpu_hours, price: 1.2345678}", ["2:31: 1.2345678 has more than 6 decimal places"]),
    ("- {meter: gpu_hours, price: 1, min_input: 5}", ["2:34: `min_input` for gpu_hours"]),
    ("- {discount: 15}", ["2:16: '15' is not a percentage"]),
    ("- {discount: 101%}", ["2:16: '101%' is not a percentage"]),
    ("- {discount: 5%, per: 5}", ["2:20: `per` is for a `price`"]),
    ("- {model: x, same_as: gpt-4o}", ["2:25: 'gpt-4o' is not a name of the catalogue"]),
    ("- {model: x, same_as: openai/gpt-4o, meter: output_tokens}", ["2:40: `meter` beside `same_as`"]),
    ("- {discount: 5%, price: 5}", ["2:6: a usage price says both 'price' and 'discount'"]),
    ("- {model: x}", ["2:5: a usage price has none of price, discount, same_as, file, rate_card"]),
    ("- {discount: 5%, by: gpu_model}", ["2:20: `by` is for a rate card"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "faults"), FAULTS)
def test_faults_stand_at_their_place(shop: Workshop, text: str, faults: list[str]) -> None:
    assert shop.faults(prices=f"prices:\n  {text}\n") == [f"model/prices.yaml:{f}" for f in faults]


def test_rows_of_a_file_are_entries_and_faults_name_their_line(shop: Workshop) -> None:
    shop.write(
        "model/p.csv",
        "provider,model,meter,price,per,from,until\n"
        "openai,gpt-4*,output_tokens,0.0085,1000,,2026-10-15\n"
        "openai,gpt-4*,output_tokens,8,,2026-10-15,\n"
        ",,requests,0.01,1000,,\n",
    )
    text = "prices:\n  - {file: p.csv, currency: EUR, because: contract 7}\n"
    first, second, third = shop.model(prices=text).prices
    assert (first.per, second.per, third.per) == (1_000, 1_000_000, 1_000)
    assert {one.currency for one in (first, second, third)} == {"EUR"}
    assert str(second.place) == "model/p.csv:3:1"
    assert third.because == "contract 7"
    shop.write("model/p.csv", "model,meter,price,until\na,output_tokens,1,soon\na,steps,x,\n")
    assert shop.faults(prices=text) == [
        "model/p.csv:2:19: 'soon' is not a day",
        "model/p.csv:3:9: 'x' is not an amount of 0 or more",
    ]
    shop.write("model/p.csv", "model,metre,price\na,output_tokens,1\n")
    assert shop.faults(prices=text) == ["model/p.csv:1: unknown column 'metre' in a file of prices"]


def test_a_rate_card_needs_its_columns(shop: Workshop) -> None:
    shop.write("model/c.csv", "# remark, with a comma\n# another\ncloud,price\naws,1\n")
    faults = shop.faults(prices="prices:\n  - {rate_card: c.csv}\n")
    assert faults == [
        "model/c.csv:3: a rate card has no column for instance_type, gpu_model, count"
    ]


@pytest.mark.parametrize(
    "card",
    [
        "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,Price,SpotPrice,Region,AvailabilityZone\nm8,H100,8.0,192,2048,55.04,19.2,us-east-1,z1\n",
        "instance_name,location,price,cpu,memory,gpu_count,gpu_name,gpu_memory,spot,disk_size\nm8,us-east-1,55.04,192,2048,8,H100,80,False,\nm8,us-east-1,19.2,192,2048,8,H100,80,True,\n",
    ],
)
def test_cards_of_skypilot_and_gpuhunt(shop: Workshop, card: str) -> None:
    shop.write("model/c.csv", card)
    (price,) = shop.model(prices="prices:\n  - {rate_card: c.csv}\n").prices
    assert price.price is not None
    assert (Fraction(price.price) / price.per, price.currency) == (Fraction("6.88"), "USD")
    assert (price.kind.resource, price.kind.region) == ("m8", "us-east-1")
    assert attributes_of([price]) == frozenset(RESOURCE_ATTRIBUTES)
