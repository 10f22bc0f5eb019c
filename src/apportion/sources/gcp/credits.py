"""Google's credits: what each type is, and how the list that comes with a cost is read.

Source: Google Cloud, "Structure of Detailed data export", credits.type. What
lowers the price of usage stays with the usage; what pays for it, or gives it
away, is a credit of its own, which a model may hand to a central owner.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from apportion.sources.nested_text import read_nested

GOOGLE_CREDITS = "google_credits"
"""Name under which loading lends :class:`CreditReader` to the engine."""

UNREADABLE = "?"
"""Stands for credits that can't be read, in the place of their list and of a credit's type.

It marks a row for quarantine and never gets into the lake.
"""


@dataclass(frozen=True)
class CreditType:
    """A type of credit. `stays` says that it has the category of the charge that it lowers.

    `commitment` is the FOCUS category of the commitment discount that it is due to.
    """

    name: str
    stays: bool
    meaning: str
    commitment: str = ""


CREDIT_TYPES = (
    CreditType(
        "COMMITTED_USAGE_DISCOUNT",
        stays=True,
        commitment="Usage",
        meaning="resource-based commitment: the covered usage costs nothing, the fee is a charge",
    ),
    CreditType(
        "COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE",
        stays=True,
        commitment="Spend",
        meaning="spend-based commitment of the model before July 2025: likewise",
    ),
    CreditType(
        "FEE_UTILIZATION_OFFSET",
        stays=True,
        commitment="Spend",
        meaning="spend-based commitment of the model since July 2025: takes the used part of the "
        "fee back, as usage is charged at its discounted price; what is left of the fee is unused",
    ),
    CreditType(
        "SUSTAINED_USAGE_DISCOUNT", stays=True, meaning="for running most of the month, unasked"
    ),
    CreditType("DISCOUNT", stays=True, meaning="by contract, beyond a threshold of spend"),
    CreditType("RESELLER_MARGIN", stays=True, meaning="discount of the reseller programme"),
    CreditType("SUBSCRIPTION_BENEFIT", stays=True, meaning="discount of a long subscription"),
    CreditType("PROMOTION", stays=False, meaning="trial, campaign, milestone: a form of payment"),
    CreditType("FREE_TIER", stays=False, meaning="usage below the free limit of a service"),
)
"""A type that isn't listed, or none, is a credit of its own."""

STAYING = tuple(one.name for one in CREDIT_TYPES if one.stays)
OF_COMMITMENTS = {one.name: one.commitment for one in CREDIT_TYPES if one.commitment}

_AMOUNT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_TEXTS = ("type", "id", "name", "full_name")
_MEMO = 100_000


class CreditReader:
    """Reads columns of credit lists, each distinct text once.

    A list becomes one JSON object for each credit, whose values are texts and
    whose amount is spelled as in the bill. A list that can't be read, or holds
    a credit without an amount, becomes UNREADABLE: what the row costs is
    unknown then.
    """

    def __init__(self) -> None:
        self._seen: dict[str, list[str]] = {}

    def read(self, texts: pa.Array | pa.ChunkedArray) -> pa.Array:
        """A list of credits for each text."""
        if len(self._seen) > _MEMO:
            self._seen.clear()
        return pa.array([self._credits(text) for text in texts.to_pylist()], pa.list_(pa.string()))

    def _credits(self, text: str | None) -> list[str]:
        if text is None:
            return []
        if text not in self._seen:
            try:
                self._seen[text] = [_credit(one) for one in _listed(read_nested(text))]
            except (ValueError, TypeError):
                self._seen[text] = [UNREADABLE]
        return self._seen[text]


def _listed(read: Any) -> list[Any]:
    if read is None:
        return []
    if not isinstance(read, list):
        raise TypeError("credits are no list")
    return read


def _credit(one: Any) -> str:
    if not isinstance(one, dict):
        raise TypeError("a credit is no object")
    amount = one.get("amount")
    if not isinstance(amount, str) or not _AMOUNT.fullmatch(amount):
        raise ValueError("a credit has no amount")
    texts = {name: _as_text(one.get(name)) for name in _TEXTS}
    return json.dumps({"amount": amount, **texts})


def _as_text(value: Any) -> str | None:
    return None if value is None or value == "" else str(value)
