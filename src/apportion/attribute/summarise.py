"""Seventh pass: attributed charges by owner, rule, evidence, service and currency."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pyarrow as pa

from apportion.attribute.exact import fractions
from apportion.attribute.outcomes import DECISION, Decision, Outcome, Outcomes
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
    return Summary(
        tuple(_attributed(found, outcomes)),
        frozenset(claim for claim in set(found.column("Claim").to_pylist()) if claim is not None),
    )


_Group = tuple[str, str, int, str]
"""Source, currency, the rank of the outcome, service."""


def _attributed(found: pa.Table, outcomes: Outcomes) -> Iterator[Attributed]:
    decisions = list(zip(*(_values(found, name) for name in DECISION), strict=True))
    ranks, ranked = _ranks(decisions, outcomes)
    groups: dict[_Group, list[tuple[int, Amounts]]] = {}
    known: dict[bytes, Fraction] = {}
    for source, currency, service, decision, count, *costs in zip(
        _values(found, "Source"),
        _values(found, "BillingCurrency"),
        _values(found, "ServiceName"),
        decisions,
        _values(found, "Charges"),
        *(fractions(found.column(cost), known) for cost in COSTS),
        strict=True,
    ):
        group = (source, currency or "", ranks[decision], service or "")
        groups.setdefault(group, []).append((count, Amounts(*costs)))
    for group in sorted(groups):
        source, currency, rank, service = group
        owner, rule, evidence = ranked[rank]
        parts = groups[group]
        count = sum(part[0] for part in parts)
        amounts = parts[0][1] if len(parts) == 1 else Amounts.total(part[1] for part in parts)
        yield Attributed(source, currency, owner, rule, evidence, service, count, amounts)


def _values(found: pa.Table, name: str) -> list[Any]:
    values: list[Any] = found.column(name).to_pylist()
    return values


def _ranks(
    decisions: Iterable[Decision], outcomes: Outcomes
) -> tuple[dict[Decision, int], list[Outcome]]:
    """The place of each decision's outcome in the order of outcomes, and these in order.

    Several decisions may have one outcome: in two spans, say.
    """
    texts = {decision: _text(outcomes.of(decision)) for decision in set(decisions)}
    ranks: dict[Decision, int] = {}
    ranked: list[Outcome] = []
    last: tuple[str, ...] = ()
    for decision in sorted(texts, key=texts.__getitem__):
        if texts[decision] != last:
            last = texts[decision]
            ranked.append(outcomes.of(decision))
        ranks[decision] = len(ranked) - 1
    return ranks, ranked


def _text(outcome: Outcome) -> tuple[str, ...]:
    owner, rule, evidence = outcome
    return (owner.kind.value, owner.name, rule, evidence.value)
