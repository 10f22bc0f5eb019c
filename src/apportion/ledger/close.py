"""Close a month: what it says stands for good, and its journal is booked with it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from apportion.domain.approval import Approval, ApprovalRequest
from apportion.domain.finding import Finding, Level
from apportion.domain.journal import JournalDocument
from apportion.domain.money import plain_text
from apportion.domain.period import Period
from apportion.domain.period_life import PeriodState, PeriodStep
from apportion.domain.result import Run
from apportion.domain.role import Role
from apportion.errors import PeriodClosed, UsageError
from apportion.ledger import review
from apportion.ledger.beside_run import (
    Beside,
    beside_run,
    beyond_lines,
    check_same,
    draw_beside,
    standing_against,
)
from apportion.ledger.draw_journal import Journal, draw_journal
from apportion.ledger.freeze_inputs import freeze_inputs
from apportion.ledger.invoice_gate import against_invoices
from apportion.ledger.open_matters import MATTERS_OF_OTHERS, open_matters, refuse_approver
from apportion.ledger.out_of_turn import out_of_turn
from apportion.ledger.review import settle_silence
from apportion.ledger.true_up import as_posted
from apportion.ledger.unproven import unproven
from apportion.run.notices import stale
from apportion.run.reconcile import reconcile
from apportion.run.saved import latest_run
from apportion.run.statement import draw_statements
from apportion.store.books.approvals import ask
from apportion.store.books.journals import write_documents
from apportion.store.books.period_steps import refuse_step, take_step
from apportion.store.books.run_inputs import keep_inputs
from apportion.store.books.runs import latest_run as latest_run_id
from apportion.store.books.snapshots import current_ids

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject

UNBOOKED = frozenset(
    {"posting-missing", "team-not-bookable", "intercompany-missing", "sender-missing"}
)
"""Codes of cost that statements say and the journal wouldn't."""

FIRM = frozenset({"proof-fails", "proof-incomplete"}) | UNBOOKED | MATTERS_OF_OTHERS
"""Codes of what nobody can answer for with a reason alone."""


@dataclass(frozen=True)
class Close:
    """What a close rests on, and what stands against it; nothing was booked yet.

    `stands` are the run and the bills and usage that are current, which must be the same when
    it is booked.
    """

    run: Run
    journal: Journal
    against: tuple[Finding, ...]
    beside: Beside
    stands: tuple[str, ...] = ()

    @property
    def content(self) -> str:
        """A digest of what would be booked: an approval holds for this and nothing else."""
        said = [self.run.id, *sorted(one.content for one in self.journal.documents)]
        return hashlib.sha256("\n".join(said).encode()).hexdigest()


def prepare_close(
    project: OpenProject,
    period: Period,
    level: Level | None = None,
    on: date | None = None,
    *,
    on_accrual: bool = False,
) -> Close:
    """Look at a month with the eyes of whoever has to close it; books nothing.

    Against it stand: a proof that fails or is incomplete, bills or a model newer than the
    run, findings of the run at `level` or above (that of the setting `close` when left out),
    lines that no account takes, disputes on which nobody decided, invoices that don't match,
    a team whose total is out of all proportion to its closed months, a month that runs on the
    day `on`, or an earlier one that is open, a review that runs then, and approvals that are
    missing. Applied adjustments are booked with it.
    Raises NotLoaded where the month has no run.

    `on_accrual` closes an accrued month before its invoices are there: these aren't asked
    then, and what they say otherwise is a correction. Raises PeriodClosed where the month
    isn't accrued.
    """
    state = project.books.state(period)
    if on_accrual and state is not PeriodState.ACCRUED:
        raise PeriodClosed(
            f"{period} is {state}: it can't be closed on its accrual",
            hint="accrue it first, or close it without --on-accrual",
        )
    with project.books.reading() as connection:
        stands = _stands(connection, period)
    run = latest_run(project.books, period)
    own = draw_journal(run, project.model, project.settings.currency)
    with project.books.reading() as connection:
        beside = beside_run(connection, period)
    moved = draw_beside(project, run, beside)
    documents = as_posted(project, period, (*own.documents, *moved.documents))
    journal = Journal(documents, (*own.findings, *moved.findings))
    least = level or Level(project.settings.close.level)
    against = [*_against(project, run, journal, least), *_decided(project, run, beside, least)]
    day = on or review.today()
    turn = out_of_turn(project, period, day)
    against += [one for one in turn if one.level.rank <= least.rank]
    if not on_accrual:
        against += against_invoices(project, period)
    found = Close(run, journal, tuple(against), beside, stands)
    matters = open_matters(project, run, found.content, day)
    return replace(found, against=(*found.against, *matters))


def _things(against: Sequence[Finding]) -> str:
    one = len(against) == 1
    return "1 thing stands against it" if one else f"{len(against)} things stand against it"


def close(  # noqa: PLR0913 -- all that one may say of a close
    project: OpenProject,
    period: Period,
    *,
    actor: str,
    because: str = "",
    level: Level | None = None,
    accepted: frozenset[str] = frozenset(),
    on_accrual: bool = False,
    on: date | None = None,
) -> tuple[JournalDocument, ...]:
    """Close a month and book its journal, in one transaction; gives the documents.

    What the run was made of is frozen with it: model, settings, lists and rates, by content.
    `accepted` are codes of findings that somebody answers for: they don't stand against
    it, and the audit log has them with the reason; a proof, a line that isn't booked, a review
    and an approval can't be accepted away. A `level` that is laxer than the setting's needs a
    reason, too. Raises PeriodClosed, with all that stands against it, and where somebody closed
    it, ran it or loaded it again meanwhile; NotAllowed where the one who closes is one of those
    who approved it.
    """
    if (state := project.books.state(period)).is_closed:
        with project.books.reading() as connection:
            refuse_step(connection, period, state, PeriodState.CLOSED)
    settle_silence(project, period, on)
    found = prepare_close(project, period, level, on, on_accrual=on_accrual)
    against = [one for one in found.against if one.code in FIRM or one.code not in accepted]
    if against:
        raise PeriodClosed(
            f"{period} can't be closed yet: {_things(against)}",
            why="; ".join(one.message for one in against[:5]),
            hint=against[0].hint or "settle them, run again, and close",
        )
    said = _said(because, accepted, _laxer(project, level), on_accrual=on_accrual)
    frozen = freeze_inputs(project, found.run)
    step = PeriodStep(period, PeriodState.CLOSED, found.run.id, actor, said, datetime.now(UTC))
    with project.books.writing() as connection:
        take_step(connection, step)
        _check_stands(connection, period, found)
        check_same(connection, period, found.beside)
        refuse_approver(connection, f"close {period}", found.content, actor)
        keep_inputs(connection, found.run.id, frozen)
        write_documents(connection, found.journal.documents, actor)
    return found.journal.documents


def _check_stands(connection: Connection, period: Period, found: Close) -> None:
    if _stands(connection, period) != found.stands:
        raise PeriodClosed(
            f"{period} was run or loaded again meanwhile",
            why="what would be closed is no longer what stands for the month",
            hint="look at it again, and close",
        )


def _laxer(project: OpenProject, level: Level | None) -> str:
    """What is asked less of this close than the project's setting asks; nothing as a rule."""
    asked = Level(project.settings.close.level)
    return f"level {level} where {asked} is set" if level and level.rank < asked.rank else ""


def _said(because: str, accepted: frozenset[str], laxer: str, *, on_accrual: bool) -> str:
    """The reason as it is kept, with what was asked less than usual."""
    answered = [f"accepted: {', '.join(sorted(accepted))}"] if accepted else []
    answered += [laxer] if laxer else []
    if answered and not because.strip():
        what = "what is accepted" if accepted else "a laxer --level than the setting's"
        raise PeriodClosed(f"{what} needs a reason", hint="say --because, for the audit log")
    aside = [*answered, *(["on accrual"] if on_accrual else [])]
    return " ".join([because, *(f"({one})" for one in aside)]).strip()


def _stands(connection: Connection, period: Period) -> tuple[str, ...]:
    """The run that stands for a month, and what is loaded: none may change under a close."""
    return latest_run_id(connection, period) or "", *current_ids(connection, period)


def ask_for_close(project: OpenProject, period: Period, *, actor: str, because: str) -> Approval:
    """Ask others to agree to a close, as it would be booked now.

    Whoever asks doesn't decide. Raises UsageError where the project asks for no approvals.
    """
    needed = project.settings.close.approvals
    if not needed:
        raise UsageError(
            "closes need no approvals here",
            hint="set `close: {approvals: 1}` in apportion.yaml, or close",
        )
    found = prepare_close(project, period)
    total = ", ".join(
        f"{one.entity} {one.amount(one.total)} {one.currency}" for one in found.journal.documents
    )
    request = ApprovalRequest(
        subject=f"close {period}",
        content=found.content,
        asker=actor,
        because=because,
        at=datetime.now(UTC),
        needed=(Role.APPROVER,) * needed,
        says=f"run {found.run.id}: {total or 'nothing is charged back'}",
    )
    with project.books.writing() as connection:
        return ask(connection, request)


def _against(project: OpenProject, run: Run, journal: Journal, level: Level) -> Iterator[Finding]:
    proven = reconcile(project.settings, project.books, run)
    yield from unproven(proven)
    yield from stale(project, proven)
    yield from (one for one in run.findings if one.level.rank <= level.rank)
    yield from (one for one in journal.findings if one.level is Level.ERROR)
    yield from _out_of_bounds(project, run)


def _decided(project: OpenProject, run: Run, beside: Beside, level: Level) -> Iterator[Finding]:
    """What disputes and adjustments say against it."""
    found = standing_against(project, run.period)
    yield from (one for one in found if one.level.rank <= level.rank)
    yield from beyond_lines(project, run, beside)


def _out_of_bounds(project: OpenProject, run: Run) -> Iterator[Finding]:
    """Teams whose total is more than so many times the median of their closed months."""
    bound = project.settings.close.bound
    norms = _norms(project, run.period)
    for statement in draw_statements(run, project.settings.currency):
        for team in statement.teams:
            held = norms.get((team.facts.team, statement.currency), [])
            if len(held) < 3:
                continue
            norm = median(held)
            if norm > 0 and abs(team.total) > bound * norm:
                yield Finding(
                    "out-of-bounds",
                    Level.ERROR,
                    f"team {team.facts.team}: {plain_text(team.total)} {statement.currency} is "
                    f"more than {bound} times its usual {plain_text(norm)}",
                    hint="see what moved (`apportion movers`), or accept it with a reason",
                )


def _norms(project: OpenProject, period: Period) -> dict[tuple[str, str], list[Decimal]]:
    """The totals of each team in the closed months before, by currency."""
    found: dict[tuple[str, str], list[Decimal]] = {}
    earlier = period
    for _ in range(project.settings.close.norm_months):
        earlier = earlier.previous()
        if not project.books.state(earlier).is_closed:
            continue
        for statement in draw_statements(
            latest_run(project.books, earlier), project.settings.currency
        ):
            for team in statement.teams:
                key = (team.facts.team, statement.currency)
                found.setdefault(key, []).append(team.total)
    return found
