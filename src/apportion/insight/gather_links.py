"""What resources without an owner share with others: tags, ``x_`` columns, and votes on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal

from sqlglot import exp

from apportion.domain.owner import Owner, OwnerKind
from apportion.insight.lay_out_charges import LaidOut
from apportion.insight.resource import Link, Votes, count_votes
from apportion.insight.team_names import TeamNames
from apportion.model.rules import TAG
from apportion.store.engine import Engine
from apportion.store.relation import column, sql, table, text


def gather_links(
    engine: Engine, laid: LaidOut, extra: Sequence[str], names: TeamNames, currency: str
) -> tuple[Mapping[str, frozenset[Link]], Mapping[Link, Votes]]:
    """The links of each thing in the gap, by its key; and the votes of known resources by link.

    A link is a tag (normalised) or a column of `extra`, with its value. The
    gap is what nobody carries, or only a pattern gave to somebody.
    """
    found, votes = "untagged.links", "untagged.votes"
    engine.create(
        found,
        sql(
            """
            SELECT DISTINCT c.Thing AS Thing, l.Link AS Link, l.Value AS Value
            FROM _charges AS c JOIN _links AS l ON l.KeyId = c.KeyId
            WHERE c.Currency = _currency AND l.Value <> ''
              AND (c.OwnerKind = 'unallocated' OR c.Evidence = 'pattern')
            """,
            _charges=table(laid.charges),
            _links=_links(laid, extra),
            _currency=text(currency),
        ),
    )
    engine.create(votes, _votes(laid, extra, found, currency))
    links: dict[str, set[Link]] = defaultdict(set)
    for row in engine.fetch(sql("SELECT * FROM _f AS f", _f=table(found))).to_pylist():
        links[row["Thing"]].add((row["Link"], row["Value"]))
    cast: dict[Link, list[tuple[Owner, int, Decimal]]] = defaultdict(list)
    for row in engine.fetch(sql("SELECT * FROM _v AS v", _v=table(votes))).to_pylist():
        owner = names.owner(Owner(OwnerKind(row["OwnerKind"]), row["Owner"]))
        cast[row["Link"], row["Value"]].append((owner, row["Things"], row["Cost"]))
    engine.drop(found, votes)
    return (
        {thing: frozenset(own) for thing, own in links.items()},
        {link: count_votes(own) for link, own in cast.items()},
    )


def _votes(laid: LaidOut, extra: Sequence[str], found: str, currency: str) -> exp.Query:
    """How many known things bear each link of the gap, and at what cost, by owner."""
    return sql(
        """
        SELECT l.Link AS Link, l.Value AS Value, c.OwnerKind AS OwnerKind, c.Owner AS Owner,
               CAST(count(DISTINCT c.Thing) AS BIGINT) AS Things,
               CAST(sum(CASE WHEN c.Cost > 0 THEN c.Cost ELSE 0 END) AS DECIMAL(38, 18)) AS Cost
        FROM _charges AS c
        JOIN _links AS l ON l.KeyId = c.KeyId
        JOIN (SELECT DISTINCT Link, Value FROM _found AS f) AS w
          ON w.Link = l.Link AND w.Value = l.Value
        WHERE c.Currency = _currency AND c.OwnerKind <> 'unallocated' AND c.Evidence <> 'pattern'
        GROUP BY l.Link, l.Value, c.OwnerKind, c.Owner
        """,
        _charges=table(laid.charges),
        _links=_links(laid, extra),
        _found=table(found),
        _currency=text(currency),
    )


def _links(laid: LaidOut, extra: Sequence[str]) -> exp.Query:
    """Every charge key's tags and further columns as (KeyId, Link, Value)."""
    whole: exp.Query = sql(
        """
        SELECT k.KeyId AS KeyId, concat(_tag, n.Tag) AS Link, n.Value AS Value
        FROM _keys AS k JOIN _normalised AS n ON n.TagSetId = k.TagSetId
        """,
        _keys=table(laid.keys),
        _normalised=table(laid.normalised),
        _tag=text(TAG),
    )
    for name in extra:
        part = sql(
            "SELECT k.KeyId AS KeyId, _name AS Link, _value AS Value FROM _keys AS k",
            _keys=table(laid.keys),
            _name=text(name),
            _value=column(name, "k"),
        )
        whole = exp.union(whole, part, distinct=False)
    return whole
