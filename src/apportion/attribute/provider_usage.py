"""What teams use of each provider: the base on which its support fee is shared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlglot import exp

from apportion.attribute.exact import fractions
from apportion.attribute.totals import sums
from apportion.domain.amounts import Amounts
from apportion.domain.charge import COSTS
from apportion.domain.cost_class import COST_CLASS
from apportion.model.policies import CLASSES
from apportion.store.engine import Engine
from apportion.store.relation import column, sql, table, text

Usage = Mapping[tuple[str, str], Mapping[str, Amounts]]
"""By provider and currency: each team's direct cost, less what is not usage."""

_PROVIDER = ("ServiceProviderName", "ProviderName")


def providers_of(engine: Engine, keys: str) -> tuple[str, ...] | None:
    """The providers of charges that policies are for; None where the keys aren't classed."""
    there = engine.fetch(sql("SELECT * FROM _k AS k LIMIT 0", _k=table(keys))).column_names
    if COST_CLASS not in there:
        return None
    found = engine.fetch(
        sql(
            "SELECT DISTINCT _provider AS Provider FROM _keys AS k WHERE _kinds ORDER BY 1",
            _provider=_provider(),
            _keys=table(keys),
            _kinds=_kinds(),
        )
    )
    return tuple(found.column("Provider").to_pylist())


def provider_usage(engine: Engine, *, attributed: str, keys: str) -> Usage:
    """Each team's direct cost by provider and currency, exact; what is not usage is left out."""
    found = engine.fetch(
        sql(
            """
            SELECT _provider AS Provider, k.BillingCurrency AS Currency, a.Owner AS Team, _sums
            FROM _attributed AS a JOIN _keys AS k ON k.KeyId = a.KeyId
            WHERE a.OwnerKind = 'team' AND NOT _kinds
            GROUP BY _provider, k.BillingCurrency, a.Owner
            """,
            _provider=_provider(),
            _attributed=table(attributed),
            _keys=table(keys),
            _kinds=exp.paren(_kinds()),
            _sums=sums("a"),
        )
    )
    usage: dict[tuple[str, str], dict[str, Amounts]] = defaultdict(dict)
    costs = [fractions(found.column(cost)) for cost in COSTS]
    for row, *amounts in zip(found.to_pylist(), *costs, strict=True):
        usage[row["Provider"], row["Currency"] or ""][row["Team"]] = Amounts(*amounts)
    return usage


def _provider() -> exp.Expr:
    names: Sequence[exp.Expr] = [column(name, "k") for name in _PROVIDER]
    return exp.func("coalesce", *names, text(""))


def _kinds() -> exp.Expr:
    """Whether a key's charges are of a kind that policies are for."""
    known = exp.func("coalesce", column(COST_CLASS, "k"), text(""))
    return exp.In(this=known, expressions=[text(one.value) for one in CLASSES.values()])
