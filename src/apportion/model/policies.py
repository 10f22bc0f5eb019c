"""Policies: what becomes of charges that are not usage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from apportion.domain.cost_class import COST_CLASS, CostClass
from apportion.domain.owner import Owner
from apportion.errors import Place
from apportion.model.dated import ALWAYS, Validity
from apportion.model.rules import Condition, Rule


class PolicyKind(StrEnum):
    """Charges that a policy is for, as the model names them."""

    TAX = "tax"
    PROMOTIONAL_CREDITS = "promotional_credits"
    CREDITS = "credits"
    REFUNDS = "refunds"
    SUPPORT = "support"
    ROUNDING = "rounding"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ")


CLASSES: Mapping[PolicyKind, CostClass] = {
    PolicyKind.TAX: CostClass.TAX,
    PolicyKind.PROMOTIONAL_CREDITS: CostClass.PROMOTIONAL_CREDIT,
    PolicyKind.CREDITS: CostClass.CREDIT,
    PolicyKind.REFUNDS: CostClass.REFUND,
    PolicyKind.SUPPORT: CostClass.SUPPORT,
    PolicyKind.ROUNDING: CostClass.ROUNDING,
}


class Action(StrEnum):
    """central: kept, on a line of its own. follow: rules decide as for usage. share: in proportion
    to what each team uses of the same provider. owner: a team or a pool that is named.
    """

    CENTRAL = "central"
    FOLLOW = "follow"
    SHARE = "share"
    OWNER = "owner"


DEFAULTS: Mapping[PolicyKind, Action] = {
    PolicyKind.TAX: Action.CENTRAL,
    PolicyKind.PROMOTIONAL_CREDITS: Action.CENTRAL,
    PolicyKind.CREDITS: Action.FOLLOW,
    PolicyKind.REFUNDS: Action.FOLLOW,
    PolicyKind.SUPPORT: Action.SHARE,
    PolicyKind.ROUNDING: Action.CENTRAL,
}
"""What holds where the model states nothing."""


@dataclass(frozen=True)
class Policy:
    """What becomes of a kind of charges, or of those that meet a condition besides.

    `owner` belongs to Action.OWNER; `on` is the cost basis by which a share weighs.
    """

    kind: PolicyKind
    position: int
    place: Place
    action: Action
    owner: Owner | None = None
    on: str = "EffectiveCost"
    condition: Condition | None = None
    valid: Validity = ALWAYS
    because: str = ""
    responsible: str = ""


@dataclass(frozen=True)
class PolicyPool:
    """Where a policy puts charges: one line that is kept, or what the teams of a provider share."""

    name: str
    kind: PolicyKind
    place: Place
    shared: bool = False
    provider: str = ""
    on: str = "EffectiveCost"
    default: bool = False


DEFAULT_PLACE = Place("default policies")

_SAID = {
    PolicyKind.TAX: {"Tax"},
    PolicyKind.PROMOTIONAL_CREDITS: {"Credit", "PROMOTION"},
    PolicyKind.CREDITS: {"Credit"},
    PolicyKind.REFUNDS: {"Refund"},
    PolicyKind.ROUNDING: {"rounding_error"},
}
_SAID_IN = frozenset({"ChargeCategory", COST_CLASS, "x_LineItemType", "x_CostType", "x_CreditType"})


def spoken_for(rules: tuple[Rule, ...]) -> frozenset[PolicyKind]:
    """Kinds of charges that rules single out by name: there a default policy steps aside."""
    said = {value for rule in rules for value in _values(rule.condition)}
    return frozenset(
        kind for kind in PolicyKind if said & {CLASSES[kind].value, *_SAID.get(kind, set())}
    )


def _values(condition: Condition) -> Iterator[str]:
    """The values that a condition asks of columns which say what a charge is."""
    if _SAID_IN.isdisjoint(condition.columns):
        return
    for column, values in (*condition.equals, *condition.patterns):
        if column in _SAID_IN:
            yield from values
    if condition.where is not None:
        from sqlglot import exp

        yield from (str(one.this) for one in condition.where.find_all(exp.Literal))
