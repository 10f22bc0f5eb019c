"""Seventh pass: attributed charges by owner, rule, evidence, service and currency."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from apportion.attribute.exact import fractions
from apportion.attribute.outcomes import Outcome, Outcomes
from apportion.attribute.totals import sums
from apportion.domain.amounts import Amounts
from apportion.domain.charge import COSTS
from apportion.domain.result import Attributed
from apportion.store.engine import Engine
from apportion.store.relation import sql, table


@dataclass(frozen=True)
class Summary:
    """What each owner carries, and the numbers of the claims that decided any charge."""

    attributed: tuple[Attributed, ...]
    used: frozenset[int]


def summarise(
    engine: Engine, outcomes: Outcomes, *, charges: str, decided: str, laid: str
) -> Summary:
    """Sum what was decided, by source, currency, owner, rule, evidence and service; exact.

    The order is that of these, as text, whatever the engine gives. Invariant:
    the sums are those of `charges`.
    """
    found = engine.fetch(
        sql(
            """
            SELECT c.Source AS Source, k.BillingCurrency AS BillingCurrency,
                   k.ServiceName AS ServiceName, d.Claim AS Claim, d.Owner AS Owner,
                   d.Strength AS Strength, c.Span AS Span, _sums
            FROM _charges AS c
            JOIN _laid AS k ON k.KeyNo = c.KeyNo
            LEFT JOIN _decided AS d ON d.KeyNo = c.KeyNo AND d.Span = c.Span
            GROUP BY c.Source, k.BillingCurrency, k.ServiceName, d.Claim, d.Owner, d.Strength,
                     c.Span
            """,
            _charges=table(charges),
            _laid=table(laid),
            _decided=table(decided),
            _sums=sums("c"),
        )
    )
    groups: dict[_Key, list[tuple[int, Amounts]]] = defaultdict(list)
    for key, charges_, amounts in _rows(found, outcomes):
        groups[key].append((charges_, amounts))
    ordered = sorted(groups, key=lambda key: (key[0], key[1], key[2].owner, *key[2][1:], key[3]))
    return Summary(
        tuple(_attributed(key, groups[key]) for key in ordered),
        frozenset(claim for claim in set(found.column("Claim").to_pylist()) if claim is not None),
    )


_Key = tuple[str, str, Outcome, str]


def _rows(found: pa.Table, outcomes: Outcomes) -> Iterator[tuple[_Key, int, Amounts]]:
    texts = ("Source", "BillingCurrency", "ServiceName")
    source, currency, service = (found.column(name).to_pylist() for name in texts)
    numbers = ("Claim", "Owner", "Strength", "Span")
    decisions = zip(*(found.column(name).to_pylist() for name in numbers), strict=True)
    money = zip(*(fractions(found.column(cost)) for cost in COSTS), strict=True)
    named = (outcomes.of(decision) for decision in decisions)
    keys = zip(source, (c or "" for c in currency), named, (s or "" for s in service), strict=True)
    counts = found.column("Charges").to_pylist()
    for key, count, amounts in zip(keys, counts, money, strict=True):
        yield key, count, Amounts(*amounts)


def _attributed(key: _Key, parts: list[tuple[int, Amounts]]) -> Attributed:
    source, currency, outcome, service = key
    return Attributed(
        source,
        currency,
        outcome.owner,
        outcome.rule,
        outcome.evidence,
        service,
        sum(count for count, _ in parts),
        parts[0][1] if len(parts) == 1 else Amounts.total(amounts for _, amounts in parts),
    )
