"""The relations of priced usage by name, and the one multiplication in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from apportion.sources.expression import expression

CLASSES, KEY_CLASSES = "usage classes", "usage classes of keys"
PRICES, CELLS, VARYING = "usage prices", "usage price cells", "usage prices by request"
JUDGED, PRICED, UNPRICED = "usage judged by price", "usage priced", "usage unpriced"


@dataclass(frozen=True)
class UsageRelations:
    """The relations of loaded usage, by name: its keys, its quantities by day (as the load
    folds them) and its records. `attributes` are those that the keys have.
    """

    keys: str
    daily: str
    events: str
    attributes: Sequence[str] = ()


def amount(quantity: exp.Expr) -> exp.Expr:
    """A quantity times the factor of the price `p`, exactly.

    Whole quantities meet 18 decimal places, others, which have 12, meet 6: both make 18.
    Beyond 38 digits the engine raises.
    """
    return expression(
        """
        SELECT CASE WHEN p.IsWhole
                    THEN CAST(CAST(_quantity AS DECIMAL(20, 0)) * p.Factor AS DECIMAL(38, 18))
                    ELSE CAST(CAST(_quantity AS DECIMAL(38, 12))
                              * CAST(p.Factor AS DECIMAL(18, 6)) AS DECIMAL(38, 18)) END
        """,
        _quantity=quantity,
    )
