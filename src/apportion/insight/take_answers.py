"""Take answers in: accepted resources become assignments, denied ones are remembered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from apportion.errors import NotLoaded, UsageError
from apportion.insight.assignment_file import assignment_file, clash, write_assignments
from apportion.insight.denials import Denial, add_denials
from apportion.insight.loaded_resources import LoadedResource, find_loaded
from apportion.insight.questions import Answer, AnswerFile
from apportion.model.assignments import Assignment
from apportion.model.faults import Faults, did_you_mean
from apportion.model.project import Model
from apportion.run.workspace import Workspace

ACCEPT, DENY = "accept", "deny"


@dataclass(frozen=True)
class Taken:
    """What came of some answer files; `open` counts questions without an answer."""

    assigned: tuple[Assignment, ...]
    denied: tuple[Denial, ...]
    changed: int
    open: int


def take_answers(
    workspace: Workspace, model: Model, files: Iterable[AnswerFile], *, actor: str, today: date
) -> Taken:
    """Turn answers into assignments (from the first day of their period) and denials.

    All files are checked before anything is written. Naming another team denies
    the one that was asked. Taking the same answers again changes nothing.

    Raises ConfigurationError with the line and column of every answer that
    can't be taken.
    """
    held = tuple(files)
    reading = _Reading(workspace, model, held)
    for file in held:
        for answer in file.answers:
            if answer.answer:
                reading.read(answer, file, actor, today)
    reading.faults.raise_all()
    changed = write_assignments(workspace.project, reading.assigned) if reading.assigned else 0
    new = add_denials(workspace.project, reading.denied)
    left = sum(not answer.answer for file in held for answer in file.answers)
    return Taken(tuple(reading.assigned), new, changed, left)


class _Reading:
    """Answers as they are read: what they come to, and the faults among them."""

    def __init__(self, workspace: Workspace, model: Model, files: tuple[AnswerFile, ...]) -> None:
        self.faults = Faults()
        self.assigned: list[Assignment] = []
        self.denied: list[Denial] = []
        self._teams = {unit.name for unit in model.organisation.teams}
        self._list = assignment_file(workspace.project)
        asked = [a.resource for file in files for a in file.answers if a.answer]
        self._loaded = find_loaded(workspace, asked) if asked else {}
        self._said: dict[str, Answer] = {}

    def read(self, answer: Answer, file: AnswerFile, actor: str, today: date) -> None:
        team = self._team(answer, file)
        resource = self._resource(answer)
        if team is None or not resource or not self._is_first(answer):
            return
        if team != file.team:
            note = answer.because or (f"it is {team}'s" if team else "")
            self.denied.append(Denial(answer.resource, file.team, today, actor, note))
        if team:
            because = answer.because or f"{file.team} answered {answer.answer} for {file.period}"
            start = file.period.start
            one = Assignment(resource, team, start, because=because, by=f"{actor} {today}")
            if why := clash(self._list, one):
                hint = "settle it in that file, or take the answer back"
                self.faults.add(answer.place, f"{resource} can't be {team}'s", why=why, hint=hint)
            self.assigned.append(one)

    def _team(self, answer: Answer, file: AnswerFile) -> str | None:
        """The team that the answer names; an empty text for a denial, None at a fault."""
        given = answer.answer.casefold()
        if given == DENY:
            return ""
        team = file.team if given == ACCEPT else answer.answer
        if team in self._teams:
            return team
        known = [ACCEPT, DENY, *sorted(self._teams)]
        what = f"{team!r} is no answer, nor a team"
        self.faults.add(answer.place, what, hint=did_you_mean(team, known))
        return None

    def _resource(self, answer: Answer) -> str:
        """What the assignment file calls the resource; an empty text at a fault."""
        found = self._loaded[answer.resource]
        try:
            if not isinstance(found, LoadedResource):
                raise found
            return found.value(self._list.column)
        except (NotLoaded, UsageError) as fault:
            self.faults.add(answer.place, fault.what, why=fault.why, hint=fault.hint)
            return ""

    def _is_first(self, answer: Answer) -> bool:
        """Whether nothing else was answered about the resource; the same answer twice is fine."""
        before = self._said.setdefault(answer.resource, answer)
        if before.answer != answer.answer:
            why = f"{before.answer!r} at {before.place}"
            what = f"{answer.resource} is answered twice, and otherwise"
            self.faults.add(answer.place, what, why=why, hint="keep one")
        return before is answer
