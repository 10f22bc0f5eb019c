"""What is worth an alert, as apportion.yaml says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

SPREADS: Mapping[str, float] = {"low": 8.0, "normal": 6.0, "high": 4.5}
"""By sensitivity: how many robust standard deviations beyond the usual an alert begins."""

SENSITIVITIES = tuple(SPREADS)


@dataclass(frozen=True)
class AnomalySpec:
    """The least extra cost of an alert, in the reporting currency, and how sensitive it is."""

    least: Decimal = Decimal(100)
    sensitivity: str = "normal"

    @property
    def spreads(self) -> float:
        return SPREADS[self.sensitivity]
