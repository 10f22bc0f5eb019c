"""Beside the passes: charges that two pools claim; the order decided, and it is told."""

from __future__ import annotations

from dataclasses import replace

from apportion.attribute.claims import Claim, Claims
from apportion.attribute.match_rules import match_rules
from apportion.attribute.moments import Moments
from apportion.attribute.scratch import Scratch
from apportion.attribute.shapes import Shapes, shapes_of
from apportion.attribute.spans import Spans
from apportion.domain.finding import Finding, Level
from apportion.domain.owner import OwnerKind
from apportion.store.engine import Engine
from apportion.store.relation import sql, table


def backwards(claims: Claims, spans: Spans) -> Shapes | None:
    """The claims of pools in reverse order, so that the last that claims a charge comes first.

    None where fewer than two pools claim by a condition: nothing can be contested.
    """
    pools = [
        claim for claim in claims.claims if claim.demand is not None and _of_pool(claim, claims)
    ]
    if len(pools) < 2:
        return None
    turned = tuple(replace(claim, default=False) for claim in reversed(pools))
    return shapes_of(replace(claims, claims=turned, inherit=(), takeovers=()), spans)


def contested_pools(  # noqa: PLR0913
    engine: Engine,
    claims: Claims,
    turned: Shapes,
    *,
    moments: Moments,
    matched: str,
    charges: str,
    into: str,
) -> tuple[Finding, ...]:
    """A warning for each pair of pools that claim the same charges, with how many.

    A charge is contested where the first pool that claims it isn't the last. The
    first in the order of the model has it; the finding names the first and the
    last that would. Invariant: what was decided stays as it is.
    """
    with Scratch(engine, into) as scratch:
        last = scratch.name("last")
        match_rules(engine, turned, moments=moments, into=last)
        found = engine.fetch(
            sql(
                """
                SELECT m.Claim AS First, l.Claim AS Last, sum(c.Charges) AS Charges
                FROM _charges AS c
                JOIN _matched AS m ON m.KeyNo = c.KeyNo AND m.Span = c.Span
                JOIN _last AS l ON l.KeyNo = c.KeyNo AND l.Span = c.Span
                WHERE m.Claim < l.Claim
                GROUP BY m.Claim, l.Claim
                """,
                _charges=table(charges),
                _matched=table(matched),
                _last=table(last),
            )
        )
    rows = sorted(found.to_pylist(), key=lambda row: (row["First"], row["Last"]))
    return tuple(_finding(claims, row["First"], row["Last"], int(row["Charges"])) for row in rows)


def _finding(claims: Claims, first: int, last: int, count: int) -> Finding:
    (name, place), (other, there) = claims.named(first), claims.named(last)
    return Finding(
        "pools-contested",
        Level.WARNING,
        f"the pools {name!r} and {other!r} both claim {count:,} charges; {name!r} comes first "
        "and has them",
        there,
        f"narrow one of the conditions, or put the pool that is meant first ({name!r} is at "
        f"{place})",
        rows=count,
    )


def _of_pool(claim: Claim, claims: Claims) -> bool:
    owners = {claims.owners[grant.owner] for grant in claim.grants}
    return any(owner.kind is OwnerKind.POOL and owner.name == claim.name for owner in owners)
