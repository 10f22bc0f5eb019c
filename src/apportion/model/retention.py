"""Retention: how long a project keeps what, and what a legal hold keeps for longer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from apportion.model import marked_yaml as y
from apportion.model.values import text_of, texts_of

_AGE = re.compile(r"(\d{1,5}) (day|month|year)s?", re.ASCII)

KINDS = ("journals", "audit", "snapshots", "usage")
"""What has an age of its own. Journals and the audit log are never removed by apportion."""


@dataclass(frozen=True)
class Age:
    """How long something is kept, counted by the calendar.

    >>> Age.parse("25 months").before(date(2026, 11, 30)), Age.parse("90 days").days
    (datetime.date(2024, 10, 30), 90)
    """

    months: int = 0
    days: int = 0

    @classmethod
    def parse(cls, text: str) -> Age:
        """Read ``10 years``, ``25 months`` or ``90 days``; raises ValueError."""
        found = _AGE.fullmatch(text.strip())
        if not found:
            raise ValueError("an age is written as 10 years, 25 months or 90 days")
        number, unit = int(found[1]), found[2]
        if unit == "day":
            return cls(days=number)
        months = number * (12 if unit == "year" else 1)
        if months > 12 * 200:
            raise ValueError("it lies beyond 200 years")
        return cls(months=months)

    def before(self, today: date) -> date:
        """The day that this age reaches back to; what is of an earlier one is older."""
        count = today.year * 12 + today.month - 1 - self.months
        first = date(max(count // 12, 1), count % 12 + 1, 1)
        after = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
        last = after - timedelta(days=1)
        return first.replace(day=min(today.day, last.day)) - timedelta(days=self.days)

    def __str__(self) -> str:
        return f"{self.months} months" if self.months else f"{self.days} days"


@dataclass(frozen=True)
class Retention:
    """Ages by kind, and names that nothing may be removed of: sources, months, snapshots."""

    ages: Mapping[str, Age] = field(default_factory=dict)
    legal_hold: tuple[str, ...] = ()


def read_retention(node: y.Node | None) -> Retention:
    """The section `retention` of apportion.yaml, whose shape has been checked."""
    if not isinstance(node, y.Mapping):
        return Retention()
    ages = {kind: Age.parse(text) for kind in KINDS if (text := text_of(node, kind))}
    return Retention(ages, tuple(texts_of(node.entries.get("legal_hold"))))
