"""Remarks on pools and drivers: nobody to share, nothing to share by, drivers left over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from apportion.domain.finding import Finding, Level
from apportion.model.dated import Validity
from apportion.model.organisation import OrgUnit
from apportion.model.pools import DriverRow, Method, Pool, Split
from apportion.model.project import Model


def _splits(model: Model) -> Iterator[tuple[Pool, Split, Validity]]:
    """Every split with the days on which it holds; fallbacks and previous splits as well."""
    for pool in model.pools:
        for dated in pool.splits:
            if valid := dated.valid.meet(pool.valid):
                yield from ((pool, split, valid) for split in _with_others(dated.value))


def _with_others(split: Split) -> Iterator[Split]:
    yield split
    for other in (split.fallback, split.previous):
        if other is not None:
            yield from _with_others(other)


def _receivers(split: Split, valid: Validity, model: Model) -> list[OrgUnit]:
    named = split.named
    return [
        team
        for team in model.organisation.teams
        if (not named or team.name in named)
        and team.name not in split.excluding
        and team.valid.meet(valid) is not None
    ]


def pools_without_receivers(model: Model) -> Iterator[Finding]:
    """Splits among nobody: each team is excluded, or exists on other days only."""
    for pool, split, valid in _splits(model):
        if not _receivers(split, valid, model):
            yield Finding(
                "pool-without-receivers",
                Level.WARNING,
                f"nobody shares the pool {pool.name!r}: no team is left on the days of this split",
                split.place,
                hint="correct `among` and `excluding`, or the days",
            )


def days_without_split(model: Model) -> Iterator[Finding]:
    """Days of a pool between its splits, or at an end that it states, on which no split holds."""
    for pool in model.pools:
        met = (one.valid.meet(pool.valid) for one in pool.splits)
        held = sorted(filter(None, met), key=lambda valid: valid.start or date.min)
        for start, until in _uncovered(pool.valid, held):
            yield Finding(
                "split-gap",
                Level.WARNING,
                f"no split of the pool {pool.name!r} holds from {start} until {until}: it keeps "
                "its cost of these days",
                pool.splits[0].value.place,
                hint="let one split end on the day on which the next begins",
            )


def _uncovered(whole: Validity, held: list[Validity]) -> Iterator[tuple[date, date]]:
    """Days that nothing covers, those before the first and after the last only to a stated end."""
    covered = whole.start
    for valid in held:
        if covered and valid.start and covered < valid.start:
            yield covered, valid.start
        if valid.until is None:
            return
        covered = max(covered, valid.until) if covered else valid.until
    if covered and whole.until and covered < whole.until:
        yield covered, whole.until


def missing_head_counts(model: Model) -> Iterator[Finding]:
    """Teams that a split by head count passes over, because nobody says how many they are."""
    for pool, split, valid in _splits(model):
        if split.method is Method.HEAD_COUNT:
            for team in _receivers(split, valid, model):
                if not any(count.valid.meet(valid) for count in team.head_count):
                    yield Finding(
                        "team-without-head-count",
                        Level.WARNING,
                        f"the pool {pool.name!r} is split by head count, "
                        f"and the team {team.name!r} has none",
                        team.place,
                        hint="add `head_count: …`, or exclude the team",
                    )


def pools_of_one_team(model: Model) -> Iterator[Finding]:
    """Two pools that both claim all of one team's cost on the same days."""
    seen: dict[str, list[Pool]] = {}
    for pool in model.pools:
        if not pool.from_team:
            continue
        others = seen.setdefault(pool.from_team, [])
        for other in others:
            if other.valid.meet(pool.valid):
                yield Finding(
                    "pools-of-one-team",
                    Level.WARNING,
                    f"the pools {other.name!r} and {pool.name!r} both take the cost of "
                    f"{pool.from_team!r}; the first gets it",
                    pool.place,
                    hint="date them, or keep one",
                )
                break
        others.append(pool)


def pools_of_their_own_teams(model: Model) -> Iterator[Finding]:
    """Teams all of whose cost falls into a pool, and which carry a part of pools all the same."""
    for pool in model.pools:
        if not pool.from_team:
            continue
        shared = {other.name: other for other, split, valid in _splits(model)
                  if _carries(pool.from_team, split, valid, model)}  # fmt: skip
        if shared.pop(pool.name, None):
            yield Finding(
                "pool-team-shares-it",
                Level.WARNING,
                f"{pool.from_team!r} carries a part of the pool {pool.name!r}, into which its "
                "cost falls",
                pool.place,
                hint=f"exclude it: `excluding: [{pool.from_team}]`",
            )
        if shared:
            named = ", ".join(map(repr, shared))
            yield Finding(
                "pool-team-shares-others",
                Level.NOTE,
                f"{pool.from_team!r} shares the pool{'s' * (len(shared) > 1)} {named}: what it "
                f"carries of them stays with it, and doesn't fall into {pool.name!r}",
                pool.place,
                hint=f"exclude it there, or name the pool {pool.name!r} as a receiver",
            )


def _carries(team: str, split: Split, valid: Validity, model: Model) -> bool:
    """Whether a team may carry a part: it is among the receivers, and drivers know it."""
    if team not in {unit.name for unit in _receivers(split, valid, model)}:
        return False
    drivers = [model.drivers[name] for name in split.driver_names if name in model.drivers]
    return not drivers or any(row.team == team for one in drivers for row in one.rows)


def unused_drivers(model: Model) -> Iterator[Finding]:
    """Drivers that no split asks for."""
    used = {name for _, split, _ in _splits(model) for name in split.driver_names}
    used |= {pool.behaviour.driver for pool in model.pools if pool.behaviour}
    for driver in model.drivers.values():
        if driver.name not in used:
            yield Finding(
                "driver-unused",
                Level.NOTE,
                f"no pool is split by the driver {driver.name!r}",
                driver.place,
                hint="use it in a split, or take it out",
            )


def unknown_stages(model: Model) -> Iterator[Finding]:
    """Multipliers of a stage that no product is ever in: a slip of the pen multiplies nothing."""
    known = {stage.value for unit in model.organisation.units.values() for stage in unit.stage}
    for pool, split, _ in _splits(model):
        stages = split.counting.stages if split.counting else ()
        for stage in sorted({name for name, _ in stages} - known):
            yield Finding(
                "multiplier-without-stage",
                Level.WARNING,
                f"the pool {pool.name!r} multiplies by the stage {stage!r}, which no product has",
                split.place,
                hint=f"stages are: {', '.join(sorted(known))}" if known else "add `stage: …`",
            )


def empty_drivers(model: Model) -> Iterator[Finding]:
    """Drivers whose file has a header and no row."""
    for driver in model.drivers.values():
        if not driver.rows and not driver.metered:
            yield Finding(
                "driver-empty",
                Level.WARNING,
                f"the driver {driver.name!r} has no quantities ({driver.file})",
                driver.place,
                hint="add rows: team, period, quantity",
            )


def drivers_counted_twice(model: Model) -> Iterator[Finding]:
    """Quantities of a team for a month and for days within it: both count."""
    for driver in model.drivers.values():
        months = {(row.team, row.start.year, row.start.month): row
                  for row in driver.rows if not _is_day(row)}  # fmt: skip
        seen: set[DriverRow] = set()
        for row in driver.rows:
            month = months.get((row.team, row.start.year, row.start.month))
            if month and _is_day(row) and month not in seen:
                seen.add(month)
                yield Finding(
                    "driver-counted-twice",
                    Level.WARNING,
                    f"the driver {driver.name!r} has quantities of {row.team!r} for "
                    f"{month.start:%Y-%m} as a whole and for days of it; they add up",
                    row.place,
                    hint="keep the month or the days",
                )


def _is_day(row: DriverRow) -> bool:
    return (row.until - row.start).days == 1
