"""Denials: teams that said a resource isn't theirs, so that it isn't proposed to them again.

They stand in model/denials.csv, which people can read and mend: a row that is
removed lets the proposal be made again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from apportion.errors import ConfigurationError
from apportion.insight.assignment_file import shown_path
from apportion.insight.edited_csv import append_rows, not_a_formula, read_edited
from apportion.model.project import Project
from apportion.model.values import as_day

FILE = "denials.csv"
COLUMNS = ("resource", "team", "on", "by", "because")


@dataclass(frozen=True)
class Denial:
    """A team said on a day, by somebody, that a resource isn't its own."""

    resource: str
    team: str
    on: date
    by: str
    because: str = ""


def read_denials(project: Project) -> tuple[Denial, ...]:
    """All denials; raises ConfigurationError at the line of a row that can't be read."""
    held = read_edited(project.model_folder / FILE, _shown(project))
    found = []
    for row in held.rows:
        if not row["resource"] or not row["team"]:
            raise ConfigurationError(
                "a denial names a resource and a team", place=row.place, hint="remove the row"
            )
        try:
            on = as_day(row["on"])
        except ValueError as why:
            raise ConfigurationError(
                f"`on`: {row['on']!r} is not a day", place=row.place, why=str(why)
            ) from why
        found.append(Denial(row["resource"], row["team"], on, row["by"], row["because"]))
    return tuple(found)


def denied_teams(denials: Iterable[Denial]) -> dict[str, frozenset[str]]:
    """The teams that denied each resource."""
    found: dict[str, set[str]] = {}
    for denial in denials:
        found.setdefault(denial.resource, set()).add(denial.team)
    return {resource: frozenset(teams) for resource, teams in found.items()}


def add_denials(project: Project, wanted: Iterable[Denial]) -> tuple[Denial, ...]:
    """Write denials, all or none, and return those that weren't there yet."""
    known = {(denial.resource, denial.team) for denial in read_denials(project)}
    new: dict[tuple[str, str], Denial] = {}
    for denial in wanted:
        if (denial.resource, denial.team) not in known:
            new.setdefault((denial.resource, denial.team), denial)
    if new:
        held = read_edited(project.model_folder / FILE, _shown(project))
        append_rows(held, COLUMNS, [_fields(denial) for denial in new.values()])
    return tuple(new.values())


def _fields(denial: Denial) -> dict[str, str]:
    return {
        "resource": denial.resource,
        "team": denial.team,
        "on": denial.on.isoformat(),
        "by": not_a_formula(denial.by),
        "because": not_a_formula(" ".join(denial.because.split())),
    }


def _shown(project: Project) -> str:
    return shown_path(project.model_folder / FILE, project)
