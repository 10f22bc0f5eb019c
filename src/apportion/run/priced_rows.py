"""Usage of a month at its prices, with who used it, and of what kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from sqlglot import exp

from apportion.domain.owner import UNALLOCATED
from apportion.domain.period import Period
from apportion.model.project import Model
from apportion.model.terms.usage_cost import UsageCost
from apportion.run.usage_desk import source_ranks
from apportion.run.workspace import Workspace
from apportion.store.relation import column, columns, sql, table, text

TOKEN_TYPES: Mapping[str, str] = {
    "uncached_input_tokens": "input",
    "input_audio_tokens": "input",
    "input_image_tokens": "input",
    "cache_read_tokens": "cache_read",
    "cache_read_audio_tokens": "cache_read",
    "cache_write_5m_tokens": "cache_write_5m",
    "cache_write_1h_tokens": "cache_write_1h",
    "output_tokens": "output",
    "output_audio_tokens": "output",
    "output_image_tokens": "output",
}
"""What bills call each class of tokens (the column x_TokenType)."""

NATIVE_TYPES: Mapping[str, str] = {
    **TOKEN_TYPES,
    "cache_read_input_tokens": "cache_read",
    "cache_creation.ephemeral_5m_input_tokens": "cache_write_5m",
    "cache_creation.ephemeral_1h_input_tokens": "cache_write_1h",
}
"""The same by what a provider's own report calls it (the column x_NativeTokenType): Anthropic's
names, and ours. Without it a bill of cache reads would be split by all use of its day."""

_NAMED: Mapping[str, str] = {
    "project": "ProjectId",
    "workspace": "WorkspaceId",
    "account": "AccountId",
    "region": "RegionId",
    "api_key": "ApiKeyId",
    "user": "UserId",
    "tier": "ServiceTier",
    "model": "ModelId",
}


@dataclass(frozen=True)
class PricedRow:
    """What an owner used of one meter on a day, and what that would cost.

    `kind` says what it was, as far as the source does, by the names that splits match by; `key`
    is the usage key, where each by itself was asked for.
    """

    day: date
    owner: str
    provider: str
    kind: Mapping[str, str]
    meter: str
    quantity: Fraction
    cost: Fraction
    currency: str
    priced: bool
    is_team: bool = True
    key: str = ""


LeftOut = Mapping[tuple[str, str, str], Fraction]
"""By source, provider and day: records for which another source stood."""


def priced_rows(
    workspace: Workspace,
    model: Model,
    period: Period,
    terms: UsageCost,
    *,
    by_key: bool = False,
) -> tuple[tuple[PricedRow, ...], dict[tuple[str, str, str], Fraction]]:
    """The usage that a split goes by, each provider's day from the first source that tells of it.

    Second, what was left out for that: by source, provider and day, the records.
    """
    used = workspace.usage.priced(model, period)
    if used is None:
        return (), {}
    engine = workspace.engine
    ranks = f"{used.owned}.ranks.priced"
    engine.rows(ranks, source_ranks(terms.sources, used.snapshots))
    first = f"{used.owned}.first"
    conditions = [
        exp.In(this=column(name, "k"), expressions=[text(value) for value in values])
        for name, values in terms.where
    ]
    engine.create(
        first,
        sql(
            """
            SELECT d.KeyId, d.UsageDate, k.Source, k.ProviderName, max(d.Records) AS Records,
                   min(s.SourceRank) AS SourceRank,
                   min(min(s.SourceRank)) OVER (
                       PARTITION BY lower(coalesce(k.ProviderName, '')), d.UsageDate) AS FirstRank
            FROM _daily AS d
            JOIN _keys AS k ON k.KeyId = d.KeyId
            JOIN _ranks AS s ON s.Source = k.Source
            WHERE _where
            GROUP BY d.KeyId, d.UsageDate, k.Source, k.ProviderName
            """,
            _daily=table(used.daily),
            _keys=table(used.keys),
            _ranks=table(ranks),
            _where=exp.and_(*conditions) if conditions else exp.true(),
        ),
    )
    found = engine.fetch(
        sql(
            """
            SELECT p.UsageDate, o.Owner, o.OwnerKind, k.ProviderName, _names,
                   p.Meter, p.Per, p.Divisor, p.Currency, p.IsPriced, sum(p.Quantity) AS Quantity,
                   sum(p.Amount) AS Amount
            FROM _priced AS p
            JOIN _first AS f ON f.KeyId = p.KeyId AND f.UsageDate = p.UsageDate
            JOIN _keys AS k ON k.KeyId = p.KeyId
            JOIN _owned AS o ON o.KeyId = p.KeyId AND o.UsageDate = p.UsageDate
            WHERE f.SourceRank = f.FirstRank
            GROUP BY p.UsageDate, o.Owner, o.OwnerKind, k.ProviderName, _names,
                     p.Meter, p.Per, p.Divisor, p.Currency, p.IsPriced
            """,
            _names=[*columns(_NAMED.values(), "k"), *([column("KeyId", "p")] if by_key else [])],
            _priced=table(used.priced),
            _first=table(first),
            _keys=table(used.keys),
            _owned=table(used.owned),
        )
    )
    return tuple(_row(row) for row in found.to_pylist()), _left_out(workspace, first)


def _row(row: Mapping[str, Any]) -> PricedRow:
    kind = {name: str(row[held]) for name, held in _NAMED.items() if row[held]}
    if row["Meter"] in TOKEN_TYPES:
        kind["token_type"] = TOKEN_TYPES[row["Meter"]]
    return PricedRow(
        day=row["UsageDate"],
        owner=row["Owner"] or UNALLOCATED.name,
        provider=row["ProviderName"] or "",
        kind=kind,
        meter=row["Meter"],
        quantity=Fraction(row["Quantity"]) / row["Per"],
        cost=Fraction(row["Amount"] or 0) / (row["Divisor"] or 1),
        currency=row["Currency"] or "",
        priced=row["IsPriced"],
        is_team=row["OwnerKind"] == "team",
        key=row.get("KeyId", ""),
    )


def _left_out(workspace: Workspace, first: str) -> dict[tuple[str, str, str], Fraction]:
    found = workspace.engine.fetch(
        sql(
            """
            SELECT f.Source, coalesce(f.ProviderName, '') AS Provider, f.UsageDate,
                   sum(f.Records) AS Records
            FROM _first AS f WHERE f.SourceRank <> f.FirstRank
            GROUP BY f.Source, coalesce(f.ProviderName, ''), f.UsageDate
            """,
            _first=table(first),
        )
    )
    return {
        (row["Source"], row["Provider"], str(row["UsageDate"])): Fraction(row["Records"])
        for row in found.to_pylist()
    }
