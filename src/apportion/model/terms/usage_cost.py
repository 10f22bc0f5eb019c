"""The terms of a split by what was used, at its price, of the very kind that was billed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from apportion.model import marked_yaml as y
from apportion.model.forms import NAMES
from apportion.model.metered import Where, read_where
from apportion.model.metered_forms import WHERE
from apportion.model.pools import Pool, Terms
from apportion.model.shape import Choice, Items, Key
from apportion.model.terms.method_terms import MethodTerms
from apportion.model.values import text_of, texts_of

if TYPE_CHECKING:
    from apportion.model.read_pools import PoolReading


SOFT = ("region", "tier", "token_type")
"""What may be given up where no usage agrees in it, in this order. Whose usage it is, and of
which model, is never given up: nobody pays for another's project or model."""

MATCHES = ("project", "workspace", "account", "region", "api_key", "user", "tier", "model",
           "token_type")  # fmt: skip
"""What charges and usage may have in common besides the day, the last to be given up first."""


BILLED: Mapping[str, tuple[str, ...]] = {
    "project": ("SubAccountId",),
    "workspace": ("SubAccountId",),
    "account": ("SubAccountId",),
    "region": ("RegionId",),
    "api_key": ("x_ApiKeyId",),
    "user": ("x_UserId",),
    "tier": ("x_ServiceTier", "x_AiTier"),
    "model": ("x_ModelId", "x_AiModelRaw", "SkuId"),
    "token_type": ("x_NativeTokenType", "x_TokenType"),
}
"""Where a charge says what it is for: the first of the columns that says anything."""


class Difference(StrEnum):
    """What becomes of the difference between the bill and the usage at its price.

    spread: teams carry the bill, in proportion to what their usage would cost. keep: they
    carry what it would cost, and the pool keeps the difference, as a line with its reason.
    """

    SPREAD = "spread"
    KEEP = "keep"


@dataclass(frozen=True)
class UsageCost(Terms):
    """The usage sources, in the order in which one stands for another, and what must match.

    `where` chooses of their usage that of which the pool has the bill.
    """

    sources: tuple[str, ...]
    match: tuple[str, ...] = MATCHES
    difference: Difference = Difference.SPREAD
    where: Where = ()


def holds_usage(pool: Pool) -> bool:
    """Whether a pool is ever split by what was used of the very thing that was billed."""
    return any(
        isinstance(split.terms, UsageCost) for dated in pool.splits for split in dated.value.nested
    )


def _read(node: y.Mapping, reading: PoolReading) -> UsageCost:
    found = node.entries.get("usage")
    for one in found.items if isinstance(found, y.Sequence) else ():
        assert isinstance(one, y.Scalar)
        reading.usage.knows(one.text, one, reading.faults)
    match = texts_of(node.entries.get("match"))
    return UsageCost(
        sources=texts_of(found),
        match=tuple(one for one in MATCHES if one in match) if match else MATCHES,
        difference=Difference(text_of(node, "difference") or Difference.SPREAD),
        where=read_where(node.entries.get("where")),
    )


USAGE_COST = MethodTerms(
    {
        "usage": Key(
            NAMES,
            "For usage_cost: the usage sources that tell who used it; of two that tell of one "
            "provider's day, the first counts.",
        ),
        "match": Key(
            Items(Choice(MATCHES, "what may match"), "a list"),
            "For usage_cost: what charges and usage must have in common besides the day, as far "
            "as the charge says it; all of it when left out.",
        ),
        "where": Key(
            WHERE.shape,
            "For usage_cost: columns of usage with the value, or the list of values, that counts: "
            "of a gateway's usage, that of the provider that bills the pool.",
        ),
        "difference": Key(
            Choice(tuple(one.value for one in Difference), "spread or keep"),
            "For usage_cost: whether teams carry the difference between the bill and the priced "
            "usage (spread, when left out), or the pool keeps it.",
        ),
    },
    ("usage",),
    _read,
)
