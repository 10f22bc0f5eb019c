"""What a project asks of a close, as apportion.yaml declares it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

ERROR = "error"


@dataclass(frozen=True)
class Materiality:
    """From which amount on a prior-period adjustment needs an approval; none where unset.

    `amount` is in the currency of the journal, `percent` of what the month was closed with.
    Either is enough.

    Source: materiality, IAS 8 (5) and IAS 1 (7).
    """

    amount: Decimal | None = None
    percent: Decimal | None = None

    @property
    def is_set(self) -> bool:
        return self.amount is not None or self.percent is not None


@dataclass(frozen=True)
class CloseSpec:
    """The conditions of a close.

    Findings at `level` or graver stand against it, and so does a team beyond `bound` times
    the median of its `norm_months` closed months. `approvals` have to agree, each another
    person. With `review_required` a review window must have been opened and be over.
    """

    level: str = ERROR
    bound: int = 3
    norm_months: int = 6
    approvals: int = 0
    review_required: bool = False
    materiality: Materiality = field(default_factory=Materiality)


@dataclass(frozen=True)
class AccrualSpec:
    """How months are estimated: over how many `months` a mean goes, and by what method a source.

    A source that isn't named goes by its run-rate once something of it is loaded, else by the
    usage of its pools at its prices, else by its mean.
    """

    months: int = 3
    methods: Mapping[str, str] = field(default_factory=dict)
