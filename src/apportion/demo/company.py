"""Who the sample company is: its accounts, its teams, and what happened to it.

Everything here is invented. Account numbers belong to nobody, prices are near
public list prices of 2026 but are not anybody's, and the vendor doesn't exist.
"""

from __future__ import annotations

from dataclasses import dataclass

from apportion.domain.period import Period

NLP, CV, REC, SEARCH, FRAUD, PLATFORM = "nlp", "cv", "rec", "search", "fraud", "platform"

FEATURE_STORE = "feature-store"
TRAINING_DATA = "training-data"
NETWORK = "network"

FIRST = Period(2024, 9)
"""Growth is counted from here, so that a month looks the same however many are written."""

RUNAWAY = Period(2026, 5)
"""The month in which NLP forgot a hyper-parameter sweep on eight eight-GPU machines."""


@dataclass(frozen=True)
class Account:
    """A sub account of the cloud bill."""

    id: str
    name: str


PAYER = Account("999900000001", "Sample company payer")
ML_SHARED = Account("111100000001", "ml-shared")
FEATURES = Account("111100000002", "feature-platform")
PLATFORM_SERVICES = Account("111100000003", "platform-services")
SEARCH_ACCOUNT = Account("111100000004", "search-prod")
FRAUD_ACCOUNT = Account("111100000005", "fraud-prod")


def month_index(period: Period) -> int:
    """How many months a period lies after the first one; negative before it.

    >>> month_index(Period(2025, 1))
    4
    """
    return (period.year - FIRST.year) * 12 + period.month - FIRST.month
