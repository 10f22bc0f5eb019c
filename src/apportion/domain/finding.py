"""A data fault as a value: what is wrong in a bill or a model, where, and what to do.

Findings are collected and shown beside what was loaded; they never stop a load
by themselves. The style is beancount's: every stage returns its result *and*
what it found.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from apportion.errors import Place


class Level(StrEnum):
    """How much a finding matters: `error` keeps money out, `warning` may move it, `note` tells."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        return list(Level).index(self)


MOVED_MONEY = frozenset(
    {
        "account-without-team",
        "basis-not-carried",
        "fixed-above-cost",
        "limits-applied",
        "policy-default",
        "pool-kept",
        "pools-contested",
        "rate-missing",
        "rows-set-aside",
        "split-grandfathered",
        "team-exempted",
        "usage-without-owner",
        "use-above-capacity",
        "variance-kept",
    }
)
"""Codes of what moved or kept money, whatever their level: people read these first."""


@dataclass(frozen=True)
class Finding:
    """One fault or remark about the data, with the rows it touches.

    `code` is a stable kebab-case name (documented in the reference); `rows` is
    how many rows it speaks of.

    >>> Finding("cost-unreadable", Level.ERROR, "'1,5' is no number", Place("b.csv", 3)).code
    'cost-unreadable'
    """

    code: str
    level: Level
    message: str
    place: Place | None = None
    hint: str = ""
    rows: int = 1
