"""The review of a month by those who carry it: until a day they accept, or say what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from apportion.domain.period import Period


@dataclass(frozen=True)
class ReviewWindow:
    """Teams may look at a month up to and with the day `until`; silence is acceptance then."""

    period: Period
    until: date
    run: str
    actor: str
    because: str
    at: datetime
    id: int = 0

    def has_passed(self, today: date) -> bool:
        """Whether the last day is over.

        >>> from datetime import UTC
        >>> one = ReviewWindow(
        ...     Period(2026, 10), date(2026, 11, 5), "", "ann", "", datetime.now(UTC))
        >>> one.has_passed(date(2026, 11, 5)), one.has_passed(date(2026, 11, 6))
        (False, True)
        """
        return today > self.until


ON_BEHALF = "on behalf of the team"
"""What the reason of an answer begins with that somebody else gave."""


@dataclass(frozen=True)
class ReviewAnswer:
    """A team accepted its statement: by a word of somebody, or `silent` at the deadline."""

    team: str
    silent: bool
    actor: str
    because: str
    at: datetime

    @property
    def on_behalf(self) -> bool:
        """Whether somebody accepted who doesn't lead the team."""
        return not self.silent and self.because.startswith(ON_BEHALF)

    @property
    def how(self) -> str:
        """By silence, by word, or on behalf."""
        return "by silence" if self.silent else "on behalf" if self.on_behalf else "by word"


@dataclass(frozen=True)
class Review:
    """A window with the answers so far; `teams` are those whose statements it is about."""

    window: ReviewWindow
    teams: tuple[str, ...]
    answers: Mapping[str, ReviewAnswer] = field(default_factory=dict)

    @property
    def waiting(self) -> tuple[str, ...]:
        """Teams that haven't said anything yet."""
        return tuple(team for team in self.teams if team not in self.answers)
