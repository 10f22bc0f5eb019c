"""Quantities of teams that don't exist when they are used: nobody's to carry, so the pool's."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
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


def absent_in(driver: Driver) -> frozenset[str]:
    """The names of absent teams of which a driver has quantities."""
    return frozenset(row.team for row in driver.rows if row.team.endswith(_ABSENT))


def keep_absent(question: Question, answer: Answer) -> Answer:
    """What goes to absent teams stays in the pool, whatever its cost is; a finding says whose."""
    if not question.absent:
        return answer
    told = tuple(_gone(question))
    kept = _kept(question, answer)
    return replace(kept, findings=(*kept.findings, *told))


def _kept(question: Question, answer: Answer) -> Answer:
    parts = {name: answer.fractions.get(name, Fraction(0)) for name in question.absent}
    gaps = (
        Gap(part, f"what {really(name)} used while it doesn't exist", final=True)
        for name, part in parts.items()
        if part
    )
    return replace(
        answer,
        fractions=_existing(parts, answer.fractions),
        uses=_existing(parts, answer.uses),
        notes=_existing(parts, answer.notes),
        gaps=(*answer.gaps, *gaps),
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
    return replace(one, charged=_kept(question, one.charged), left=_kept(question, one.left))


def _gone(question: Question) -> Iterator[Finding]:
    """For each driver and absent team, its quantity and days, at the first row of them."""
    for name in dict.fromkeys(question.split.driver_names):
        driver = question.drivers[name]
        found: dict[str, list[DriverRow]] = {}
        for row in driver.rows:
            if (
                row.team in question.absent
                and row.quantity
                and question.span.overlap(Span(row.start, row.until))
            ):
                found.setdefault(row.team, []).append(row)
        for team, rows in sorted(found.items()):
            quantity = sum_of(Fraction(row.quantity) for row in rows)
            yield Finding(
                "driver-team-gone",
                Level.WARNING,
                f"{shown(quantity)} {driver.unit} of {name} for team {really(team)} on "
                f"{_days(rows)}, when the team doesn't exist: pool {question.pool} keeps what "
                "goes by it",
                rows[0].place,
                "correct the quantities or the days of the team; or exclude it from the split",
            )


_SHOWN = 3


def _days(rows: list[DriverRow]) -> str:
    texts = [_when(row) for row in sorted(rows, key=lambda row: row.start)]
    if len(texts) > _SHOWN + 1:
        return f"{', '.join(texts[:_SHOWN])} and {len(texts) - _SHOWN} more"
    return ", ".join(texts)


def _when(row: DriverRow) -> str:
    return f"{row.start}" if (row.until - row.start).days == 1 else f"{row.start:%Y-%m}"
