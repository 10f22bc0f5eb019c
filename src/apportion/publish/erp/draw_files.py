"""The files of a run in one format, and what stands against writing them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from apportion.domain.finding import Finding, Level
from apportion.domain.result import Run
from apportion.errors import UsageError
from apportion.ledger.draw_activities import draw_activities
from apportion.ledger.draw_journal import Journal
from apportion.model.faults import did_you_mean
from apportion.model.project import Model, Project
from apportion.publish.erp import sap_activity
from apportion.publish.erp.settings import ErpSettings, no_settings
from apportion.publish.erp.target import Files
from apportion.publish.erp.targets import TARGETS

FORMATS = tuple(sorted((*TARGETS, sap_activity.NAME)))


@dataclass(frozen=True)
class Drawn:
    """Files by name, empty where a finding is an error, and how many documents they hold."""

    files: Files
    findings: tuple[Finding, ...]
    documents: int

    @property
    def may_be_written(self) -> bool:
        return not _wrong(self.findings)


def erp_settings(project: Project, model: Model, name: str) -> ErpSettings:
    """A format's settings in a project. Raises UsageError for a format that isn't known."""
    if name not in FORMATS:
        raise UsageError(
            f"no format of journals is called {name!r}",
            hint=did_you_mean(name, FORMATS, f"known: {', '.join(FORMATS)}"),
        )
    return ErpSettings(project.erp.get(name) or no_settings(name), model.accounting)


def draw_files(run: Run | None, model: Model, journal: Journal, settings: ErpSettings) -> Drawn:
    """The files of a journal; or of a run's quantities, where the format asks for these.

    A month without a run has no quantities.
    """
    name = settings.spec.format
    if name == sap_activity.NAME:
        if run is None:
            return Drawn({}, (), 0)
        found = draw_activities(run, model, tuple(settings.pairs("activity_types")))
        told = (*found.findings, *sap_activity.check(found.activities, settings))
        files = (
            {}
            if _wrong(told) or not found.activities
            else sap_activity.write(found.activities, settings)
        )
        return Drawn(files, told, len({one.pool for one in found.activities}))
    target = TARGETS[name]
    fitted = target.fit(journal.documents, settings)
    told = (*journal.findings, *fitted.findings)
    wanted = fitted.parts and not _wrong(told)
    files = target.render(fitted.parts, settings) if wanted else {}
    return Drawn(files, told, len(fitted.parts))


def as_draft(drawn: Drawn) -> Drawn:
    """The same files under names that say that nothing of it is booked for good."""
    return replace(drawn, files={f"draft-{name}": text for name, text in drawn.files.items()})


def _wrong(findings: Iterable[Finding]) -> bool:
    return any(one.level is Level.ERROR for one in findings)


def refuse(findings: Iterable[Finding]) -> None:
    """Raise UsageError with the reasons where a finding is an error."""
    wrong = [one for one in findings if one.level is Level.ERROR]
    if wrong:
        raise UsageError(
            "the journal may not be posted",
            why="; ".join(one.message for one in wrong[:5]),
            hint=wrong[0].hint,
        )
