"""How far a forecast was off on its own past, and what interval follows from that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import log, sqrt

PRIOR, WEIGHT = 0.12, 3
"""Before a history has shown how far it is off, it is taken to be off by 12 % a month: what that
weighs, in months of the past."""

GROWTH = (0.0, 0.25, 0.5)
"""How errors grow with the months ahead: as a power of them. 0.5 is that of a random walk."""


@dataclass
class Errors:
    """Errors of months that were forecast as a test, each relative to its forecast."""

    relative: list[tuple[int, float]] = field(default_factory=list)
    off: float = 0.0
    truth: float = 0.0
    count: int = 0

    def add(self, said: Sequence[float], truth: Sequence[float], usual: float) -> None:
        """Take in what was said from one origin, and what came; `usual` is the size of history."""
        for at, (one, came) in enumerate(zip(said, truth, strict=True)):
            self.off += abs(came - one)
            self.truth += abs(came)
            self.relative.append((at + 1, (came - one) / max(abs(one), 0.1 * usual, 1e-12)))
        self.count += 1

    @property
    def wape(self) -> float:
        """Σ|actual - forecast| ÷ Σ|actual|."""
        return self.off / self.truth if self.truth else (1.0 if self.off else 0.0)

    def scale(self, ahead: int) -> float:
        """The standard deviation of the error some months ahead, relative to the forecast."""
        if not self.relative:
            return PRIOR * sqrt(ahead)
        power, own = min((self._fit(one) for one in GROWTH), key=lambda fit: fit[2])[:2]
        part = self.count / (self.count + WEIGHT)
        return float(sqrt(part * own**2 + (1 - part) * PRIOR**2) * ahead**power)

    def _fit(self, power: float) -> tuple[float, float, float]:
        """A power, the scale that goes with it, and how badly the two fit the errors."""
        own = [(h, one / h**power) for h, one in self.relative]
        # Each month ahead weighs alike, though more origins tell of the near ones.
        scale = sqrt(sum(one * one for _, one in own) / len(own)) or 1e-9
        badness = len(own) * log(scale) + sum(power * log(h) for h, _ in own)
        return power, scale, badness


def band(value: float, size: float, errors: Errors, ahead: int, level: int) -> tuple[float, float]:
    """The interval around a forecast that holds the truth with `level` per cent.

    `size` is what errors are relative to. By Student's t with as many degrees as months were
    tested.
    """
    wide = errors.scale(ahead) * quantile(level, errors.count + WEIGHT - 1) * size
    return value - wide, value + wide


def quantile(level: int, free: int) -> float:
    """The two-sided quantile of Student's t."""
    from scipy.stats import t

    return float(t.ppf(0.5 + level / 200, free))
