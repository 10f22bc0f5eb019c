"""Bills that haven't come: what the usage that is there would cost, until they do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from apportion.allocate.shown import shown
from apportion.domain.finding import Finding, Level
from apportion.domain.owner import OwnerKind
from apportion.domain.period import Period
from apportion.domain.result import Attributed
from apportion.errors import Place
from apportion.model.project import Model
from apportion.model.terms.usage_cost import UsageCost
from apportion.run.priced_rows import priced_rows
from apportion.run.workspace import Workspace


@dataclass(frozen=True)
class Awaited:
    """A pool without charges in a period whose usage is known: an estimate by team.

    `amounts` are by team and currency, at list and negotiated prices. When the bill
    comes, the next run charges it, and no estimate is left.
    """

    pool: str
    place: Place
    amounts: dict[tuple[str, str], Fraction]

    def finding(self) -> Finding:
        by_currency: dict[str, list[str]] = defaultdict(list)
        for (team, currency), amount in sorted(self.amounts.items(), key=lambda one: -one[1]):
            by_currency[currency].append(f"{team} {shown(amount)} {currency}")
        told = "; ".join(", ".join(parts) for parts in by_currency.values())
        return Finding(
            "bill-awaited",
            Level.WARNING,
            f"pool {self.pool}: its bill isn't loaded; by usage at its prices it would be {told}",
            self.place,
            "load the bill when it comes, and run again: it is charged in place of this estimate",
        )


def awaited_bills(
    workspace: Workspace, model: Model, period: Period, attributed: Iterable[Attributed]
) -> Iterator[Awaited]:
    """Pools that go by priced usage, whose usage is loaded and whose bill isn't."""
    charged = {one.owner.name for one in attributed if one.owner.kind is OwnerKind.POOL}
    for pool in model.pools:
        terms = next(
            (one.value.terms for one in pool.splits if isinstance(one.value.terms, UsageCost)),
            None,
        )
        if not isinstance(terms, UsageCost) or pool.name in charged:
            continue
        rows, _ = priced_rows(workspace, model, period, terms)
        amounts: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
        for row in rows:
            if row.cost:
                amounts[row.owner, row.currency] += row.cost
        if amounts:
            yield Awaited(pool.name, pool.place, dict(amounts))
