"""The figures of the proof for one file and period: read, loaded and quarantined, by currency."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from apportion.domain.charge import COSTS
from apportion.domain.money import WIDE
from apportion.domain.period import Period
from apportion.domain.snapshot import Totals
from apportion.errors import Place, ProofError
from apportion.load.survey import Group
from apportion.load.workbench import Workbench
from apportion.store.relation import sql, table

ZERO = Decimal(0)

Loaded = Mapping[str, tuple[int, Mapping[str, Decimal]]]
"""Rows and money by currency, as the folded files have them."""


def currency_at_home(groups: Iterable[Group], otherwise: str) -> str:
    """Which currency counts the rows that name none: the one most rows name, else `otherwise`.

    Only the rows are counted there. An amount without a currency is no money.
    """
    named: Counter[str] = Counter()
    for group in groups:
        if group.currency:
            named[group.currency] += group.rows
    return min(named, key=lambda currency: (-named[currency], currency), default=otherwise)


def loaded(bench: Workbench, keys: str, monthly: str) -> Loaded:
    """What was folded, summed from the monthly facts, which is what statements are made of."""
    query = sql(
        """
        SELECT k.BillingCurrency AS Currency, CAST(sum(m.Charges) AS BIGINT) AS Rows,
               sum(m.BilledCost) AS BilledCost, sum(m.EffectiveCost) AS EffectiveCost,
               sum(m.ListCost) AS ListCost, sum(m.ContractedCost) AS ContractedCost
        FROM _monthly AS m JOIN _keys AS k ON k.KeyId = m.KeyId
        GROUP BY k.BillingCurrency
        """,
        _monthly=table(monthly),
        _keys=table(keys),
    )
    return {
        row["Currency"]: (row["Rows"], {cost: row[cost] for cost in COSTS})
        for row in bench.rows(query)
    }


def draw_totals(
    file: str,
    groups: Sequence[Group],
    misfits: int,
    found: Loaded,
    bases: Sequence[str],
    currency: str,
) -> tuple[Totals, ...]:
    """Totals by currency for one period's groups of rows; `misfits` were no rows at all.

    `currency` counts the rows that name none. A row that was set aside for
    anything but a cost is unread on every basis, since nobody can say that it
    belongs here. Raises ProofError where read isn't loaded and quarantined: then
    the fold has lost something, and nothing may be loaded.
    """
    members: dict[str, list[Group]] = defaultdict(list)
    for group in groups:
        members[group.currency or currency].append(group)
    if misfits:
        members[currency] += []
    totals = []
    for name in sorted({*members, *found}):
        lost = misfits if name == currency else 0
        totals.append(_totals(name, members[name], lost, found.get(name, (0, {})), bases))
    for one in totals:
        _check(file, one, bases)
    return tuple(totals)


def _totals(
    currency: str,
    groups: Sequence[Group],
    misfits: int,
    found: tuple[int, Mapping[str, Decimal]],
    bases: Sequence[str],
) -> Totals:
    aside = [group for group in groups if group.fault]
    loaded_rows, loaded_money = found
    return Totals(
        currency=currency,
        read_rows=sum(group.rows for group in groups) + misfits,
        loaded_rows=loaded_rows,
        quarantined_rows=sum(group.rows for group in aside) + misfits,
        read={basis: _sum(groups, basis) for basis in bases},
        loaded={basis: loaded_money.get(basis, ZERO) for basis in bases},
        quarantined={basis: _sum(aside, basis) for basis in bases},
        unread={basis: misfits + sum(_unread(group, basis) for group in aside) for basis in bases},
    )


def _unread(group: Group, basis: str) -> int:
    of_a_cost = (group.fault or "").startswith("cost-")
    return group.unread[basis] if of_a_cost else group.rows


def _sum(groups: Iterable[Group], basis: str) -> Decimal:
    total = ZERO
    for group in groups:
        total = WIDE.add(total, group.money.get(basis, ZERO))
    return total


def _check(file: str, totals: Totals, bases: Sequence[str]) -> None:
    whole = totals.read_rows == totals.loaded_rows + totals.quarantined_rows and all(
        totals.read[b] == WIDE.add(totals.loaded[b], totals.quarantined[b]) for b in bases
    )
    if not whole:
        raise ProofError(
            f"what was read in {totals.currency} is not what was loaded and set aside",
            place=Place(file),
            why=f"read {totals.read}, loaded {totals.loaded}, quarantined {totals.quarantined}",
            hint="nothing was loaded; please report this as a fault of apportion",
        )


def of_period(groups: Iterable[Group], period: Period, home: Period) -> tuple[Group, ...]:
    """The groups of one period, with those that name none where they are at home."""
    return tuple(group for group in groups if (group.month or home) == period)
