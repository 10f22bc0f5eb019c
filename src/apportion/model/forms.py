"""What the YAML forms are made of: kinds of values, dates and reasons, and conditions."""

from __future__ import annotations

from apportion.domain.charge import KEY_COLUMNS
from apportion.domain.mode import Mode
from apportion.model.shape import Choice, Either, Form, Items, Key, Pattern, Shape, Table, Text
from apportion.model.values import (
    as_amount,
    as_day,
    as_flag,
    as_month,
    as_part,
    as_quantity,
    as_tag,
    as_whole,
)

NAME = Text("a name", name=True)
WORDS = Text("a text", words=True)
VALUE = Text("a value")
DAY = Pattern(
    "a day",
    as_day,
    {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
    hint="write it as YYYY-MM-DD, say 2026-10-15",
)
MONTH = Pattern(
    "a month",
    as_month,
    {"type": "string", "pattern": r"^\d{4}-(0[1-9]|1[0-2])$"},
    hint="write it as YYYY-MM, say 2026-10",
)
AMOUNT = Pattern(
    "an amount of 0 or more",
    as_quantity,
    {"type": ["string", "number"], "pattern": r"^\+?[0-9.]+([eE][+-]?\d{1,3})?$"},
    hint="write it with a decimal point and no thousands separator, say 12000.50",
)
TOTAL = Pattern(
    "an amount",
    as_amount,
    {"type": ["string", "number"], "pattern": r"^[+-]?[0-9.]+([eE][+-]?\d{1,3})?$"},
    hint="write it with a decimal point and no thousands separator, say 12000.50",
)
PART = Pattern(
    "a part of a whole",
    as_part,
    {"type": ["string", "number"], "pattern": r"^[0-9.]+([eE][+-]?\d{1,3})?\s*%?$|^\d+/\d+$"},
    hint="write it as 40, 0.4 or 1/3",
)
FACTOR = Pattern(
    "a factor",
    as_part,
    {"type": ["string", "number"], "pattern": r"^[0-9.]+([eE][+-]?\d{1,3})?\s*%?$|^\d+/\d+$"},
    hint="write what it is multiplied by, from 0: say 2, 0.5 or 1/3",
)
WHOLE = Pattern(
    "a whole number", as_whole, {"type": ["integer", "string"], "pattern": r"^\d{1,9}$"}
)
FLAG = Pattern("true or false", as_flag, {"type": "boolean"}, hint="write true or false")


def one_or_many(shape: Shape, expected: str) -> Either:
    """A single value, or a list of them."""
    return Either(scalar=shape, items=Items(shape), expected=expected)


TAG_NAME = Pattern("a tag key", as_tag, {"type": "string", "pattern": r"\S"})
VALUES = one_or_many(VALUE, "a value or a list of values")
NAMES = Items(NAME, "a list of names")

FROM = Key(DAY, "First day on which this holds; from the beginning when left out.")
UNTIL = Key(DAY, "First day on which this no longer holds; open-ended when left out.")
BECAUSE = Key(
    WORDS, "Why this is so: a ticket, a decision, a mail. Shown beside every cent it moves."
)
RESPONSIBLE = Key(WORDS, "Who answers for this, say a mail address.")


MODE = Choice(tuple(one.value for one in Mode), "a mode")


def dated(shape: Shape, expected: str) -> Either:
    """A value for good, or a list of values with the days on which each holds."""
    entry = Form(
        f"a dated {expected}",
        {"value": Key(shape, "The value.", needed=True), "from": FROM, "until": UNTIL},
    )
    return Either(scalar=shape, items=Items(entry), expected=f"{expected}, or a list of dated ones")


SHORT_COLUMNS = {
    "account": "SubAccountId",
    "billing_account": "BillingAccountId",
    "service": "ServiceName",
    "service_category": "ServiceCategory",
    "region": "RegionId",
    "resource": "ResourceId",
    "resource_type": "ResourceType",
    "resource_name": "ResourceName",
}
"""Short names of the columns that rules ask for most. `provider` stands for two columns."""

_SHORT = {
    "account": "Sub-account (SubAccountId): AWS account, Azure subscription, Google project.",
    "billing_account": "Billing account (BillingAccountId).",
    "service": "Service (ServiceName).",
    "service_category": "Service category (ServiceCategory).",
    "region": "Region (RegionId).",
    "resource": "Resource (ResourceId).",
    "resource_type": "Resource type (ResourceType).",
    "resource_name": "Resource name (ResourceName), usually with * and ? as wildcards.",
    "provider": "Provider: ServiceProviderName, or ProviderName in bills before FOCUS 1.3.",
}

CONDITION = {
    "tag": Key(
        Table(TAG_NAME, VALUES, "a mapping from tag keys to values"),
        "Tags that the charge must carry: key to value, or to a list of values.",
    ),
    **{name: Key(VALUES, doc) for name, doc in _SHORT.items()},
    "where": Key(
        VALUE, "A further condition: an SQL boolean over FOCUS columns, x_ columns and tag.KEY."
    ),
}
"""The short forms of a condition. All that are given must hold (AND)."""

_KEY_COLUMNS = frozenset(KEY_COLUMNS)


def column_shape(name: str) -> Shape | None:
    """The shape of a condition on a column by its own name; None for what isn't visible."""
    return VALUES if name in _KEY_COLUMNS or (name.startswith("x_") and name != "x_") else None


COLUMN_PATTERN = f"^(x_.+|{'|'.join(KEY_COLUMNS)})$"
