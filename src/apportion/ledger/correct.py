"""Corrections: what changes of a closed month is booked in an open one, and names the original."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from apportion.domain.adjustment import AdjustmentState
from apportion.domain.approval import Approval, ApprovalRequest
from apportion.domain.finding import Finding, Level
from apportion.domain.journal import JournalDocument
from apportion.domain.period import Period
from apportion.domain.restatement import Restatement, View
from apportion.domain.result import Run
from apportion.domain.role import Role
from apportion.errors import NotLoaded, PeriodClosed, UsageError
from apportion.ledger import review
from apportion.ledger.draw_correction import draw_correction
from apportion.ledger.draw_journal import draw_journal
from apportion.ledger.freeze_inputs import freeze_inputs
from apportion.ledger.materiality import Moved, content_of, moved_by, not_agreed
from apportion.ledger.open_matters import refuse_approver
from apportion.ledger.unproven import unproven
from apportion.ledger.views import booked_in, standing_run_id
from apportion.ledger.who_benefits import benefiting_teams
from apportion.run.evaluate import evaluate
from apportion.run.reconcile import reconcile
from apportion.store.books.adjustments import read_adjustments
from apportion.store.books.approvals import ask, need_approval
from apportion.store.books.audit import AuditEntry, add_entry, now
from apportion.store.books.journals import write_documents
from apportion.store.books.period_steps import open_month, state_in
from apportion.store.books.restatements import add_restatement, read_restatements
from apportion.store.books.run_inputs import keep_inputs

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject


@dataclass(frozen=True)
class Correction:
    """What a closed month would say now less what is booked of it; empty where that is the same.

    `restates` says that another run stands for the month since; `moved` how much each document
    moves, and whether that is material, `seen` what it was held against: ids of documents and
    moments of restatements.
    """

    original: Period
    into: Period
    run: Run
    documents: tuple[JournalDocument, ...]
    seen: tuple[str, ...] = ()
    restates: bool = False
    moved: tuple[Moved, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def material(self) -> bool:
        return any(one.material for one in self.moved)

    @property
    def subject(self) -> str:
        """What an approval of it is of."""
        return f"correct {self.original}"

    @property
    def content(self) -> str:
        """A digest of what it would book: an approval holds for this and nothing else."""
        return content_of(self.documents)


def prepare_correction(project: OpenProject, original: Period, into: Period) -> Correction:
    """Hold what a closed month would be now against all that is booked of it; changes nothing.

    Booked is its own journal and every correction of it since, so that a correction of a
    correction is no special case, and the same restatement again is empty. Raises
    PeriodClosed where the month isn't closed, `into` is or is far off, NotLoaded where neither
    bills nor model have changed, where the proof isn't complete, and where a line has no account.

    Source: prior-period adjustment; FOCUS ChargeClass = Correction.
    """
    if not project.books.state(original).is_closed:
        raise PeriodClosed(
            f"{original} is {project.books.state(original)}: it needs no correction",
            hint=f"run it again: `apportion run --period {original}`",
        )
    if into <= original or project.books.state(into).is_closed:
        raise PeriodClosed(
            f"{into} can't take a correction of {original}",
            why="a correction is booked in a later month that is open",
            hint="name one with --into",
        )
    _refuse_far(project, original, into)
    with project.books.reading() as connection:
        booked, seen = booked_in(connection, original), _seen(connection, original)
    run = evaluate(project.workspace, project.model, original)
    journal = draw_journal(run, project.model, project.settings.currency)
    against = [
        *unproven(reconcile(project.settings, project.books, run)),
        *(one for one in journal.findings if one.level is Level.ERROR),
    ]
    if against:
        raise NotLoaded(
            f"the correction of {original} can't be drawn",
            why="; ".join(one.message for one in against),
            hint=against[0].hint,
        )
    standing = standing_run_id(project, original, View.AS_RESTATED)
    corrected = any(one.original == str(original) for one in booked)
    if run.id == standing and not corrected:
        raise NotLoaded(
            f"nothing has changed since {original} was closed",
            hint="load what is new, or change the model, and correct it then",
        )
    documents = tuple(draw_correction(project.model, into, run, journal.documents, booked))
    with project.books.reading() as connection:
        pending = not_agreed(connection, original, booked)
    moved = moved_by(documents, booked, project.settings.close.materiality, pending)
    told = tuple(_standing(project, original, run))
    return Correction(original, into, run, documents, seen, run.id != standing, moved, told)


def correct(
    project: OpenProject, original: Period, into: Period, *, actor: str, because: str
) -> Correction:
    """Book the correction of a closed month in an open one; nothing where nothing changed.

    What its run was made of is frozen with it, so that the month as restated can be reproduced
    like the month as issued. Raises NotAllowed for a material one that nobody approved, and
    where the one who books it approved it; PeriodClosed where somebody corrected the month, or
    closed the other, meanwhile.
    """
    if not because.strip():
        raise PeriodClosed("a correction needs a reason", hint="say --because")
    found = prepare_correction(project, original, into)
    if not found.documents and not found.restates:
        return found
    project.books.save_run(found.run)
    frozen = freeze_inputs(project, found.run)
    with project.books.writing() as connection:
        if state_in(connection, into).is_closed:
            raise PeriodClosed(
                f"{into} was closed meanwhile", hint="correct it in a later month: --into"
            )
        if _seen(connection, original) != found.seen:
            raise _meanwhile(original)
        if found.material:
            need_approval(connection, found.subject, found.content)
            refuse_approver(connection, found.subject, found.content, actor)
        keep_inputs(connection, found.run.id, frozen)
        booked = write_documents(connection, found.documents, actor)
        if len(booked) != len(found.documents):
            raise _meanwhile(original)
        at = now()
        add_restatement(connection, Restatement(original, into, found.run.id, actor, because, at))
        named = ", ".join(one.id for one in found.documents)
        said = {"because": because, "by": named} if named else {"because": because}
        add_entry(connection, AuditEntry(at, actor, "correct", str(original), said))
    return found


def _refuse_far(project: OpenProject, original: Period, into: Period) -> None:
    """A month so late that what is booked in it would lie unseen for good; one is given."""
    with project.books.reading() as connection:
        first = open_month(connection, original)
    last = max(first, Period.of(review.today())).next()
    if into > last:
        raise PeriodClosed(
            f"{into} is too far off to take a correction of {original}",
            why=f"the first open month after it is {first}, and nobody would see it until {into}",
            hint=f"name a month up to {last} with --into",
        )


def _seen(connection: Connection, original: Period) -> tuple[str, ...]:
    """What is booked of a month and how it was restated, in a form that can be compared."""
    held = [one.id for one in booked_in(connection, original)]
    return (*held, *(str(one.at) for one in read_restatements(connection, original)))


def _meanwhile(original: Period) -> PeriodClosed:
    return PeriodClosed(
        f"{original} was corrected meanwhile",
        why="what is booked of it is no longer what this correction was held against",
        hint="run it again: only what still differs is booked then",
    )


def _standing(project: OpenProject, original: Period, run: Run) -> Iterator[Finding]:
    """Adjustments that would count twice, if the model has come to say the same since."""
    with project.books.reading() as connection:
        found = read_adjustments(connection, original)
    for one in found:
        if one.state is AdjustmentState.APPLIED and one.model != run.model:
            yield Finding(
                "adjustment-stands",
                Level.WARNING,
                f"adjustment {one.id} of {original} ({one.amount} {one.currency} from {one.giver} "
                f"to {one.taker}) stands beside this correction, and the model has changed since",
                hint="if the model says the same now, it counts twice: "
                f"`apportion adjust supersede {one.id}`",
            )


def ask_for_correction(
    project: OpenProject, original: Period, into: Period, *, actor: str, because: str
) -> Approval:
    """Ask finance's approver to agree to a correction, as it would be booked now.

    Raises UsageError where it isn't material: then it needs nobody's agreement.
    """
    found = prepare_correction(project, original, into)
    if not found.material:
        raise UsageError(
            f"the correction of {original} isn't material: it needs no approval",
            hint="book it: `apportion correct`",
        )
    request = ApprovalRequest(
        subject=found.subject,
        content=found.content,
        asker=actor,
        because=because,
        at=datetime.now(UTC),
        needed=(Role.APPROVER,),
        benefits=benefiting_teams(found.documents, found.run.teams),
        says=", ".join(f"{one.entity} {one.amount} {one.currency}" for one in found.moved),
    )
    with project.books.writing() as connection:
        return ask(connection, request)
