"""Tag compliance: how much of the taggable cost bears every required tag with an allowed value.

Source: FinOps KPI tag compliance; the denominator is stated with the figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from apportion.insight.coverage import percent_of
from apportion.insight.lay_out_charges import EXACT, MISSING, OTHERWISE, STRANGE, LaidOut
from apportion.model.taxonomy import Taxonomy
from apportion.store.engine import Engine
from apportion.store.relation import sql, table, text

FORMULA = (
    "= cost of taggable charges that bear every required tag with an allowed value "
    "÷ cost of taggable charges; taggable are charges of category Usage that name a resource; "
    "a value counts when it, or what its spelling stands for, is allowed; "
    "a required tag without listed values counts with any value, also one that `team_from_tag` "
    "finds no team for"
)


@dataclass(frozen=True)
class KeyCompliance:
    """One required tag: the taggable cost that bears it well, otherwise spelt, wrongly, not at all.

    exact + otherwise + strange + missing = taggable cost.
    """

    key: str
    exact: Decimal
    otherwise: Decimal
    strange: Decimal
    missing: Decimal

    @property
    def compliant(self) -> Decimal:
        return self.exact + self.otherwise

    @property
    def percent(self) -> Decimal | None:
        return percent_of(self.compliant, self.compliant + self.strange + self.missing)


@dataclass(frozen=True)
class Compliance:
    """Compliance over all required tags, and for each; no percentage where nothing is taggable.

    Without any required tag there is nothing to comply with, and no percentage either.
    """

    taggable: Decimal
    compliant: Decimal
    keys: tuple[KeyCompliance, ...]

    @property
    def percent(self) -> Decimal | None:
        return percent_of(self.compliant, self.taggable) if self.keys else None


def draw_compliance(engine: Engine, laid: LaidOut, taxonomy: Taxonomy, currency: str) -> Compliance:
    """Compliance of one currency's charges with the taxonomy's required tags."""
    found = engine.fetch(
        sql(
            """
            SELECT c.States AS States, CAST(sum(c.Cost) AS DECIMAL(38, 18)) AS Cost
            FROM _charges AS c
            WHERE c.Currency = _currency AND c.Taggable = 1
            GROUP BY c.States
            """,
            _charges=table(laid.charges),
            _currency=text(currency),
        )
    )
    costs = {row["States"]: row["Cost"] for row in found.to_pylist()}
    return from_states(costs, tuple(key.name for key in taxonomy.required))


def from_states(costs: dict[str, Decimal], required: tuple[str, ...]) -> Compliance:
    """Add up taggable cost by the states of the required tags.

    >>> found = from_states({"3": Decimal(3), "0": Decimal(1)}, ("team",))
    >>> found.percent, found.keys[0].missing
    (Decimal('75.00'), Decimal('1'))
    """

    def cost(position: int, state: int) -> Decimal:
        return sum((c for s, c in costs.items() if s[position] == str(state)), Decimal(0))

    good = {str(OTHERWISE), str(EXACT)}
    return Compliance(
        taggable=sum(costs.values(), Decimal(0)),
        compliant=sum((c for s, c in costs.items() if set(s) <= good), Decimal(0)),
        keys=tuple(
            KeyCompliance(
                key,
                exact=cost(n, EXACT),
                otherwise=cost(n, OTHERWISE),
                strange=cost(n, STRANGE),
                missing=cost(n, MISSING),
            )
            for n, key in enumerate(required)
        ),
    )
