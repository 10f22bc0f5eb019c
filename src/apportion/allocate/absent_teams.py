"""Quantities of teams that don't exist when they are used: nobody's to carry, so the pool's."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TypeVar

from apportion.allocate.question import Answer, Gap, Priced, Question, Rest
from apportion.allocate.shown import shown
from apportion.domain.amounts import sum_of
from apportion.domain.finding import Finding, Level
from apportion.domain.period import Span
from apportion.model.dated import ALWAYS
from apportion.model.organisation import Organisation
from apportion.model.pools import Driver, DriverRow

T = TypeVar("T")

# A no-break space: no declared name holds one, since names are visible.
_ABSENT = "\u00a0(doesn't exist)"


def absent(team: str) -> str:
    """The name under which quantities of a team stand while it doesn't exist."""
    return f"{team}{_ABSENT}"


def really(name: str) -> str:
    """The team whose quantities stand under a name, whether it exists or not."""
    return name.removesuffix(_ABSENT)


def while_existing(driver: Driver, organisation: Organisation) -> Driver:
    """A driver of which each row counts for the days on which its team exists.

    A month's quantity counts whole for those of its days; where there are none, and on
    single days without the team, it stands under the name of the absent team.
    """
    dated = {team.name: team.valid for team in organisation.teams if team.valid != ALWAYS}
    if not dated or not any(row.team in dated for row in driver.rows):
        return driver
    rows: list[DriverRow] = []
    for row in driver.rows:
        valid = dated.get(row.team)
        if valid is None:
            rows.append(row)
            continue
        start = max(row.start, valid.start or row.start)
        until = min(row.until, valid.until or row.until)
        if start < until:
            rows.append(replace(row, start=start, until=until))
        else:
            rows.append(replace(row, team=absent(row.team)))
    return replace(driver, rows=tuple(rows))


AbsentRows = Mapping[str, Sequence[DriverRow]]
"""Rows of a driver by the name of an absent team."""


def absent_rows(driver: Driver) -> AbsentRows:
    """The rows of a driver that count for nobody, since their teams don't exist."""
    found: dict[str, list[DriverRow]] = {}
    for row in driver.rows:
        if row.team.endswith(_ABSENT):
            found.setdefault(row.team, []).append(row)
    return found


def keep_absent(question: Question, answer: Answer) -> Answer:
    """What goes to absent teams stays in the pool, whatever its cost is."""
    if not question.absent:
        return answer
    parts = {name: answer.fractions.get(name, Fraction(0)) for name in question.absent}
    whole = sum_of(parts.values())
    gaps = answer.gaps
    if whole:
        names = [really(name) for name, part in parts.items() if part]
        gaps = (*gaps, Gap(whole, f"used by {_listed(names)} when not in existence", final=True))
    return replace(
        answer,
        fractions=_existing(parts, answer.fractions),
        uses=_existing(parts, answer.uses),
        notes=_existing(parts, answer.notes),
        gaps=gaps,
        rests=tuple(_rest(one, parts) for one in answer.rests),
        priced=tuple(_priced(question, one) for one in answer.priced),
    )


def _existing(absent: Collection[str], of: Mapping[str, T]) -> dict[str, T]:
    return {name: value for name, value in of.items() if name not in absent}


def _rest(rest: Rest, parts: Mapping[str, Fraction]) -> Rest:
    if rest.team not in parts:
        return rest
    return replace(rest, team="", reason=f"{rest.reason}, by {really(rest.team)}")


def _priced(question: Question, one: Priced) -> Priced:
    charged, left = keep_absent(question, one.charged), keep_absent(question, one.left)
    return replace(one, charged=charged, left=left)


def team_gone(driver: Driver, name: str, rows: Sequence[DriverRow], span: Span) -> Finding | None:
    """What a driver has of an absent team on some days; the first of its rows is the place."""
    there = [row for row in rows if row.quantity and span.overlap(Span(row.start, row.until))]
    if not there:
        return None
    quantity = sum_of(Fraction(row.quantity) for row in there)
    days = _listed([_when(row) for row in sorted(there, key=lambda row: row.start)])
    return Finding(
        "driver-team-gone",
        Level.WARNING,
        f"{shown(quantity)} {driver.unit} of {driver.name} for team {really(name)} on {days}, when "
        "the team doesn't exist: pools that are split by it keep that part",
        there[0].place,
        "correct the quantities or the days of the team; or exclude it from the splits",
    )


_SHOWN = 3


def _listed(texts: Sequence[str]) -> str:
    if len(texts) > _SHOWN + 1:
        return f"{', '.join(texts[:_SHOWN])} and {len(texts) - _SHOWN} more"
    return ", ".join(texts)


def _when(row: DriverRow) -> str:
    return f"{row.start}" if (row.until - row.start).days == 1 else f"{row.start:%Y-%m}"
