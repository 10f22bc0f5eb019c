"""The YAML forms of prices of usage; the rows of a CSV of prices have the same keys."""

from __future__ import annotations

import re
from fractions import Fraction

from apportion.domain.money import parse_amount
from apportion.model.forms import (
    AMOUNT,
    BECAUSE,
    FROM,
    NAME,
    RESPONSIBLE,
    UNTIL,
    VALUE,
    WHOLE,
    WORDS,
)
from apportion.model.shape import Choice, Form, Key, Pattern
from apportion.model.usage_prices import GPU_MODEL, INSTANCE_TYPE


def as_discount(text: str) -> Fraction:
    """A percentage as a part of one; raises ValueError. Below zero it is a surcharge.

    >>> as_discount("15%"), as_discount("-10 %")
    (Fraction(3, 20), Fraction(-1, 10))
    """
    bare = text.strip()
    if not bare.endswith("%"):
        raise ValueError("it has no % sign")
    part = Fraction(parse_amount(bare[:-1])) / 100
    if part > 1:
        raise ValueError("no discount is more than 100%")
    return part


def as_same(text: str) -> str:
    """The name that a model has in the catalogue, PROVIDER/MODEL; raises ValueError."""
    if not re.fullmatch(r"[^\s/]+/\S+", text):
        raise ValueError("it names no provider and model")
    return text


DISCOUNT = Pattern(
    "a percentage",
    as_discount,
    {"type": "string", "pattern": r"^[+-]?[0-9.]+ ?%$"},
    hint="write it as 15%; -10% is a surcharge",
)
SAME_AS = Pattern(
    "a name of the catalogue",
    as_same,
    {"type": "string", "pattern": r"^[^\s/]+/\S+$"},
    hint="write it as PROVIDER/MODEL, say openai/gpt-4o",
)

WHAT = {
    "provider": Key(VALUE, "Provider; `*` and `?` are wildcards, case is free; any when left out."),
    "model": Key(VALUE, "Model or deployment, with wildcards; any when left out."),
    "service_tier": Key(
        VALUE,
        "Service tier: standard, batch, flex, priority …; `*` is any. When left out, a price is "
        "for standard and a discount for all.",
    ),
    "region": Key(VALUE, "Region, with wildcards; any when left out."),
    "resource": Key(
        VALUE,
        "GPU model, instance type (attributes `gpu_model`, `gpu_type`, `instance_type`) or "
        "ResourceId, with wildcards; any when left out.",
    ),
}
ROW_KEYS = {
    **WHAT,
    "meter": Key(NAME, "The meter that is priced, say output_tokens or gpu_hours."),
    "price": Key(AMOUNT, "The price of `per` units."),
    "discount": Key(
        DISCOUNT, "Percent off the catalogue's price, of every meter when none is named."
    ),
    "same_as": Key(SAME_AS, "What a deployment's own name is in the catalogue: PROVIDER/MODEL."),
    "per": Key(
        WHOLE, "Units that the price is for: 1000000 for tokens and 1 otherwise, when left out."
    ),
    "currency": Key(NAME, "Currency of the price; the project's when left out."),
    "min_input": Key(WHOLE, "The least number of input tokens of a request that pays this price."),
    "from": FROM,
    "until": UNTIL,
    "because": BECAUSE,
    "owner": RESPONSIBLE,
}
PRICE_ROW = Form("a row of prices", ROW_KEYS, one_of=("price", "discount", "same_as"))
PRICE = Form(
    "a usage price",
    {
        **ROW_KEYS,
        "file": Key(
            WORDS,
            "A CSV beside the model with these keys as columns; what the entry itself says holds "
            "for all its rows.",
        ),
        "rate_card": Key(
            WORDS,
            "A CSV of machines in the columns of gpuhunt or SkyPilot: the price of a GPU hour is "
            "that of the machine by its GPUs. `provider` and `region` choose rows then.",
        ),
        "by": Key(
            Choice((INSTANCE_TYPE, GPU_MODEL), "instance_type or gpu_model"),
            "For a rate card: what `resource` is; instance_type when left out.",
        ),
    },
    one_of=("price", "discount", "same_as", "file", "rate_card"),
)
