"""What pricing has to say: usage without a price, and prices whose bracket had to be assumed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from apportion.domain.finding import Finding, Level
from apportion.price.price_usage import PricedUsage
from apportion.price.usage_class import UsageClass
from apportion.price.usage_relations import JUDGED
from apportion.store.relation import sql, table

if TYPE_CHECKING:
    from apportion.store.engine import Engine


def pricing_findings(engine: Engine, priced: PricedUsage) -> tuple[Finding, ...]:
    """A finding for each class and meter, largest quantity first, in a stable order."""
    return (*_unpriced(engine, priced), *_assumed(engine, priced))


def _unpriced(engine: Engine, priced: PricedUsage) -> Iterator[Finding]:
    """Never priced by guess: what no price is known of is listed with its quantity."""
    query = sql(
        """
        SELECT j.ClassId, j.Meter, j.Per, sum(j.Quantity) AS Quantity, count(*) AS Lines
        FROM _j AS j WHERE j.PriceId IS NULL AND j.Quantity <> 0
        GROUP BY j.ClassId, j.Meter, j.Per ORDER BY Quantity DESC, j.ClassId, j.Meter
        """,
        _j=table(JUDGED),
    )
    for row in engine.fetch(query).to_pylist():
        known = priced.book.classes[row["ClassId"]]
        quantity = row["Quantity"] / row["Per"]
        why = "; ".join(known.reasons) or f"{priced.catalogue} lists no price for this meter"
        yield Finding(
            "usage-unpriced",
            Level.WARNING,
            f"{quantity:,.0f} {row['Meter']} of {_called(known.usage)} have no price: {why}",
            hint="state a price in `prices`, say `same_as` for a deployment's own name, or install "
            "a newer genai-prices",
            rows=row["Lines"],
        )


def _assumed(engine: Engine, priced: PricedUsage) -> Iterator[Finding]:
    query = sql(
        """
        SELECT j.ClassId, sum(j.Quantity) AS Quantity, count(*) AS Lines
        FROM _j AS j WHERE j.Assumed GROUP BY j.ClassId ORDER BY Quantity DESC, j.ClassId
        """,
        _j=table(JUDGED),
    )
    for row in engine.fetch(query).to_pylist():
        usage = priced.book.classes[row["ClassId"]].usage
        yield Finding(
            "usage-bracket-assumed",
            Level.WARNING,
            f"{row['Quantity']:,.0f} tokens of {_called(usage)} are of records that sum up "
            "requests of unknown size: the price is that of their average",
            hint="fetch the usage by context window or by request; the bill decides in the end",
            rows=row["Lines"],
        )


def _called(usage: UsageClass) -> str:
    about = ", ".join(
        filter(None, (usage.provider, usage.service_tier, usage.region, *usage.resources))
    )
    return f"{usage.model or 'no model'} ({about or 'of no provider'})"
