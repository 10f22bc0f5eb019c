"""What pools' charges are for, held against who used it: cells of a day and a kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from sqlglot import exp

from apportion.attribute.exact import fractions
from apportion.attribute.key_spans import key_spans
from apportion.attribute.totals import sums
from apportion.domain.amounts import Amounts
from apportion.domain.charge import COSTS
from apportion.domain.owner import OwnerKind
from apportion.domain.period import Period
from apportion.domain.usage_cells import PoolUsage, PricedKind, UsageCell, UsageCells
from apportion.model.project import Model
from apportion.model.terms.usage_cost import BILLED, MATCHES, SOFT, UsageCost
from apportion.run.in_currency import in_currency
from apportion.run.priced_rows import NATIVE_TYPES, PricedRow, priced_rows
from apportion.run.same_models import same_models
from apportion.run.workspace import Charges, Workspace
from apportion.store.relation import column, sql, table, text


def usage_cells(
    workspace: Workspace, model: Model, period: Period, charges: Charges, attributed: str
) -> UsageCells:
    """For each pool that is split by priced usage, its charges by day and kind, and who used them.

    Reads nothing where no pool is split so. `attributed` is the relation of the period's
    attributed charges.
    """
    terms = dict(_terms(model))
    if not terms:
        return {}
    cells = _charges(workspace, charges, attributed, terms)
    found: dict[tuple[str, str], PoolUsage] = {}
    for (currency, pool), own in cells.items():
        used, left_out = priced_rows(workspace, model, period, terms[pool])
        same = same_models(own_models(own), used)
        rows = in_currency(workspace, period, [same.used(row) for row in used], currency)
        billed = [replace(one, kind=same.billed(one.kind)) for one in own]
        made = _pool(billed, rows, terms[pool].match, currency, left_out)
        found[currency, pool] = replace(made, models=same.names)
    return found


def _terms(model: Model) -> Iterator[tuple[str, UsageCost]]:
    for pool in model.pools:
        for dated in pool.splits:
            for split in dated.value.nested:
                if isinstance(split.terms, UsageCost):
                    yield pool.name, split.terms


def own_models(own: Iterable[_Billed]) -> frozenset[str]:
    """The models that charges name."""
    return frozenset(one.kind["model"] for one in own if "model" in one.kind)


@dataclass(frozen=True)
class _Billed:
    day: date
    kind: Mapping[str, str]
    cost: Amounts


def _charges(
    workspace: Workspace, charges: Charges, attributed: str, pools: Iterable[str]
) -> dict[tuple[str, str], list[_Billed]]:
    """The charges of pools by day and what they say they are for."""
    engine = workspace.engine
    there = engine.fetch(sql("SELECT * FROM _k LIMIT 0", _k=table(charges.keys))).column_names
    kinds = {
        name: columns for name, wanted in BILLED.items()
        if (columns := [one for one in wanted if one in there])
    }  # fmt: skip
    values = [
        exp.alias_(exp.func("coalesce", *(column(one, "k") for one in columns)), name, quoted=True)
        for name, columns in kinds.items()
    ]
    found = engine.fetch(
        sql(
            """
            SELECT w.Currency, w.Owner, w.ChargeDate, _names, _sums
            FROM (
                SELECT k.BillingCurrency AS Currency, a.Owner AS Owner, d.*, _kinds
                FROM _spans AS a
                JOIN _daily AS d ON d.Source = a.Source AND d.KeyId = a.KeyId
                JOIN _keys AS k ON k.KeyId = a.KeyId
                WHERE a.OwnerKind = _pool AND a.Owner IN (_pools)
                  AND (a.SpanUntil IS NULL OR d.ChargeDate < a.SpanUntil)
                  AND d.ChargeDate >= a.SpanStart
            ) AS w
            GROUP BY w.Currency, w.Owner, w.ChargeDate, _names
            """,
            _names=[column(name, "w") for name in kinds],
            _kinds=values,
            _sums=sums("w"),
            _spans=key_spans(attributed, "OwnerKind", "Owner"),
            _daily=table(charges.daily),
            _keys=table(charges.keys),
            _pool=text(OwnerKind.POOL.value),
            _pools=[text(name) for name in sorted(pools)],
        )
    )
    amounts = zip(*(fractions(found.column(cost)) for cost in COSTS), strict=True)
    made: dict[tuple[str, str], list[_Billed]] = defaultdict(list)
    for row, costs in zip(found.drop_columns(list(COSTS)).to_pylist(), amounts, strict=True):
        kind = {name: row[name] for name in kinds if row[name]}
        if native := kind.get("token_type"):
            kind["token_type"] = NATIVE_TYPES.get(native.casefold(), native)
        billed = _Billed(row["ChargeDate"], kind, Amounts(*costs))
        made[row["Currency"] or "", row["Owner"]].append(billed)
    return dict(made)


def _pool(
    own: Sequence[_Billed],
    rows: Sequence[PricedRow],
    match: Sequence[str],
    currency: str,
    left_out: Mapping[tuple[str, str, str], Fraction],
) -> PoolUsage:
    said = _comparable(own, rows, match)
    lookup = _Lookup(rows)
    cells = tuple(
        _cell(one, lookup, [name for name in said if name in one.kind])
        for one in sorted(own, key=lambda one: (one.day, sorted(one.kind.items())))
    )
    priced: dict[str, Fraction] = defaultdict(Fraction)
    kinds: dict[tuple[str, str], list[PricedRow]] = defaultdict(list)
    for row in rows:
        priced[row.owner] += row.cost
        kinds[row.provider, row.kind.get("model", "")].append(row)
    others = {row.currency for row in rows if row.cost} - {currency}
    return PoolUsage(
        cells,
        dict(priced),
        tuple(_kind(*name, found) for name, found in sorted(kinds.items())),
        min(others, default=""),
        left_out,
        frozenset(row.owner for row in rows if row.is_team),
    )


def _comparable(
    own: Sequence[_Billed], rows: Sequence[PricedRow], match: Sequence[str]
) -> list[str]:
    """What both sides ever say: a project that no usage names can't be asked of it.

    A charge's sub-account is a project, a workspace or an account: whichever usage names.
    """
    billed = {name for one in own for name in one.kind}
    used = {name for row in rows for name in row.kind}
    return [name for name in MATCHES if name in match and name in billed and name in used]


class _Lookup:
    """Usage of a day by any set of what is to match, summed once for each set."""

    def __init__(self, rows: Sequence[PricedRow]) -> None:
        self.rows = rows
        self._made: dict[tuple[_Names, _Names, _Names], _Sums] = {}
        self._told: dict[_Names, list[_Names]] = {}

    def told(self, hard: _Names) -> list[_Names]:
        """What rows tell of `hard`, those that tell most first."""
        if hard not in self._told:
            found = {_told(row, hard) for row in self.rows}
            self._told[hard] = sorted(found, key=lambda one: (-len(one), one))
        return self._told[hard]

    def find(
        self, day: date, kind: Mapping[str, str], hard: _Names, told: _Names, soft: _Names
    ) -> Mapping[str, Fraction]:
        """By owner: what it would cost, or where nothing has a price, the quantity.

        Of rows that tell just `told` of `hard`, and agree in that and in `soft`.
        """
        key = (hard, told, soft)
        if key not in self._made:
            self._made[key] = self._sum(*key)
        return self._made[key].get((day, *(kind[name].casefold() for name in told + soft)), {})

    def _sum(self, hard: _Names, told: _Names, soft: _Names) -> _Sums:
        costs: dict[tuple[object, ...], dict[str, Fraction]] = defaultdict(dict)
        plain: dict[tuple[object, ...], dict[str, Fraction]] = defaultdict(dict)
        for row in self.rows:
            if _told(row, hard) != told:
                continue
            at = (row.day, *(row.kind.get(name, "").casefold() for name in told + soft))
            for into, value in ((costs, row.cost), (plain, row.quantity)):
                if value:
                    into[at][row.owner] = into[at].get(row.owner, Fraction(0)) + value
        return {**plain, **costs}


_Names = tuple[str, ...]
_Sums = Mapping[tuple[object, ...], Mapping[str, Fraction]]


def _told(row: PricedRow, names: _Names) -> _Names:
    return tuple(name for name in names if name in row.kind)


def _cell(one: _Billed, lookup: _Lookup, names: Sequence[str]) -> UsageCell:
    """A cell with the usage that agrees with it, in all but what may be given up.

    Usage of another project or model is never meant; usage that doesn't tell its project is
    where none tells this one.
    """
    soft = tuple(name for name in SOFT if name in names)
    hard = tuple(name for name in names if name not in soft)
    kind = tuple(sorted(one.kind.items()))
    for told in lookup.told(hard):
        for start in range(len(soft) + 1):
            if weights := lookup.find(one.day, one.kind, hard, told, soft[start:]):
                matched = tuple(name for name in names if name in told + soft[start:])
                untold = tuple(name for name in hard if name not in told)
                return UsageCell(one.day, kind, one.cost, matched, weights, soft[:start], untold)
    return UsageCell(one.day, kind, one.cost)


def _kind(provider: str, model: str, rows: Sequence[PricedRow]) -> PricedKind:
    unpriced: dict[str, Fraction] = defaultdict(Fraction)
    for row in rows:
        if not row.priced:
            unpriced[row.meter] += row.quantity
    by_day: dict[date, Fraction] = defaultdict(Fraction)
    for row in rows:
        by_day[row.day] += row.cost
    cost = sum(by_day.values(), Fraction(0))
    return PricedKind(provider, model, cost, dict(unpriced), dict(by_day))
