"""What is worth saying of a model's rules, once it is known what they decided."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from apportion.attribute.claims import Claims
from apportion.attribute.shapes import Shapes
from apportion.attribute.spans import Spans
from apportion.domain.finding import Finding, Level


def unused(
    claims: Claims, shapes: Shapes, spans: Spans, used: Collection[int]
) -> Iterator[Finding]:
    """A note for each pool, policy or rule that holds on these days and decided nothing.

    Inheritances count as rules; default policies are no statement of the model.
    """
    inherit = enumerate(claims.inherit, start=len(claims.claims) + 1)
    held = shapes.in_force | {number for number, one in inherit if spans.range(one.valid)}
    quiet = {claim.number for claim in claims.claims if claim.default}
    for number in sorted(held.difference(used, quiet)):
        name, place = claims.named(number)
        yield Finding(
            "rule-unused",
            Level.NOTE,
            f"{name!r} decided no charge of these days",
            place,
            "earlier rules may have taken what it matches; or a name in it isn't one of the bill",
            rows=0,
        )


def absent(claims: Claims, missing: Collection[str]) -> Iterator[Finding]:
    """A warning for each column that the model looks at and the loaded charges don't have."""
    for name in sorted(claims.columns.intersection(missing)):
        yield Finding(
            "column-not-loaded",
            Level.WARNING,
            f"the model looks at {name}, which the loaded charges don't carry",
            hint="load the bills again, so that charges are told apart by it; or check the name",
            rows=0,
        )
