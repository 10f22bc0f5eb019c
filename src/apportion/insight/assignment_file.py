"""Where people's decisions stand: the dated resource list that a rule of manual evidence reads.

Where the model has no such rule yet, one is written beside it
(model/assignments.yaml, which is read before rules.yaml, so that what a person
decided comes first).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from apportion.domain.owner import Evidence
from apportion.errors import ConfigurationError, Place, UsageError
from apportion.insight.edited_csv import not_a_formula, read_edited
from apportion.model import marked_yaml as y
from apportion.model.assignments import FILE, Assignment, append_assignments
from apportion.model.dated import Validity
from apportion.model.faults import Faults
from apportion.model.model_files import ModelFiles
from apportion.model.project import Project
from apportion.model.text_file import CsvRow, write_atomically
from apportion.model.values import as_day, text_of

RULE_FILE = "assignments.yaml"
RULE = f"""\
# What people decided, by `apportion assign` and `apportion answer`. It comes before other rules.
rules:
  - {{name: accepted proposals, resources: {FILE}, evidence: manual}}
"""


@dataclass(frozen=True)
class AssignmentFile:
    """The list, the column that it goes by, and whether a rule of the model reads it."""

    path: Path
    shown: str
    column: str
    has_rule: bool


def assignment_file(project: Project) -> AssignmentFile:
    """Find the resource list of the first rule whose evidence is manual, or the place for one.

    Raises ConfigurationError where its column is neither ResourceId nor ResourceName.
    """
    named = next(_manual_lists(project), "")
    path = (project.model_folder / (named or FILE)).resolve()
    shown = shown_path(path, project)
    columns = read_edited(path, shown).columns
    column = next((name for name in ("ResourceId", "ResourceName") if name in columns), "")
    if columns and not column:
        raise ConfigurationError(
            "assignments are written by resource, and this list isn't",
            place=Place(shown, 1),
            hint="begin its header with ResourceId, or keep accounts in a list of their own",
        )
    return AssignmentFile(path, shown, column or "ResourceId", bool(named))


def _manual_lists(project: Project) -> Iterator[str]:
    """Lists of rules whose evidence is manual, in the order of the model."""
    faults = Faults()
    for shown, text in ModelFiles(project, faults).texts():
        node = y.parse_yaml(text, shown, faults)
        rules = node.entries.get("rules") if isinstance(node, y.Mapping) else None
        for rule in rules.items if isinstance(rules, y.Sequence) else ():
            if isinstance(rule, y.Mapping) and text_of(rule, "evidence") == Evidence.MANUAL:
                yield from filter(None, [text_of(rule, "resources")])


def write_assignments(project: Project, wanted: Iterable[Assignment]) -> int:
    """Write decisions, all or none; return how many lines are new or changed, 0 where all held.

    Raises UsageError where another team has a resource on the same days, and
    where no rule would read the file and none can be added.
    """
    file = assignment_file(project)
    rule = project.model_folder / RULE_FILE
    if not file.has_rule and rule.exists():
        raise UsageError(
            f"no rule reads {file.shown}",
            place=Place(shown_path(rule, project)),
            hint=f"add this to its rules: {RULE.splitlines()[-1].strip()}",
        )
    # Notes may be opened in a spreadsheet; ids stay exactly as the bill has them.
    noted = [
        replace(one, because=_note(one.because), by=_note(one.by)) for one in dict.fromkeys(wanted)
    ]
    changed = append_assignments(file.path, noted, file.column)
    if changed and not file.has_rule:
        write_atomically(rule, RULE.encode())
    return changed


def clash(file: AssignmentFile, one: Assignment) -> str:
    """Why a decision can't stand beside those that are written, or an empty text.

    One that begins later than an open-ended one ends it; any other overlap
    with another team is a clash.
    """
    for row, valid in _rows(file, one.resource):
        later = one.start is not None and (valid.start is None or valid.start < one.start)
        ends = later and valid.until is None
        if row["team"] != one.team and valid.meet(one.valid) and not ends:
            return f"it is {row['team'] or row['pool']}'s on the same days, by {row.place}"
    return ""


def assigned_on(project: Project, resource: str, day: date) -> Assignment | None:
    """The decision that holds for a resource on a day, where there is one."""
    for row, valid in _rows(assignment_file(project), resource):
        if row["team"] and valid.covers(day):
            days = valid.start, valid.until
            return Assignment(resource, row["team"], *days, row["because"], row["by"])
    return None


def _rows(file: AssignmentFile, resource: str) -> Iterator[tuple[CsvRow, Validity]]:
    """What is written about a resource, with the days on which it holds."""
    for row in read_edited(file.path, file.shown).rows:
        if row[file.column] == resource:
            start, until = (as_day(row[name]) if row[name] else None for name in ("from", "until"))
            yield row, Validity(start, until)


def _note(text: str) -> str:
    return not_a_formula(" ".join(text.split()))


def shown_path(path: Path, project: Project) -> str:
    """A path as messages show it: relative to the project where it lies within."""
    root = project.root
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
