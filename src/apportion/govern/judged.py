"""What a policy of governance came to: its figure, and what breaks it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from apportion.domain.finding import Finding, Level
from apportion.model.governance import GovernancePolicy

if TYPE_CHECKING:
    from apportion.domain.result import Run
    from apportion.run.open_project import OpenProject


@dataclass(frozen=True)
class Figure:
    """What was measured, in percent; `percent` is None where there was nothing to measure by."""

    currency: str
    percent: Decimal | None


@dataclass(frozen=True)
class Judged:
    """A policy, what was measured, and the findings against it.

    `looked` is False where there was nothing to look at: no run was made yet, or by another model.
    """

    policy: GovernancePolicy
    figures: tuple[Figure, ...] = ()
    findings: tuple[Finding, ...] = ()
    looked: bool = True

    @property
    def kept(self) -> bool:
        """Whether nothing breaks it; what is told ahead doesn't."""
        return all(one.code in NO_BREACH for one in self.findings)

    @property
    def fails(self) -> bool:
        """Whether it is broken, and demands rather than advises."""
        return any(one.level is Level.ERROR for one in self.findings)


NO_BREACH = frozenset({"exemption-ends-soon", "model-changed"})
"""Codes of what breaks no policy: what is told ahead, and why nothing could be measured."""


@dataclass(frozen=True)
class Question:
    """What a policy is held against: a project, its run of a period, and a day.

    `run` is None where none was made.
    """

    project: OpenProject
    run: Run | None
    today: date
