"""What is asked of others and what they decided, in the books: added, never changed.

Whoever needs an agreement before an act asks for it with :func:`ask`, and does the act only
where :func:`need_approval` finds it, both within the transaction that they belong to.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, select

from apportion.domain.approval import (
    Approval,
    ApprovalRequest,
    ApprovalState,
    Decision,
    counted_for,
    with_decisions,
)
from apportion.domain.role import Role
from apportion.errors import NotAllowed, UsageError
from apportion.store.books.audit import AuditEntry, add_entry, now
from apportion.store.books.audit_rows import rows_said
from apportion.store.books.roles import read_roles
from apportion.store.books.schema import approval_decisions, approval_requests, approval_uses


def approvals_of(
    connection: Connection, subject: str = "", content: str = ""
) -> tuple[Approval, ...]:
    """What was asked of a subject (or of all), and decided, the oldest first.

    With `content`, only what was asked of exactly that content.
    """
    table = approval_requests
    wanted = select(table).order_by(table.c.id)
    if subject:
        wanted = wanted.where(table.c.subject == subject)
    if content:
        wanted = wanted.where(table.c.content == content)
    requests = [
        ApprovalRequest(
            subject=row.subject,
            content=row.content,
            asker=row.asker,
            because=row.because,
            at=row.at,
            needed=tuple(Role(role) for role in row.needed),
            reviewers=tuple(row.reviewers),
            authors=tuple(row.authors),
            benefits=tuple(row.benefits),
            says=row.says,
            id=row.id,
        )
        for row in connection.execute(wanted)
    ]
    if not requests:
        return ()
    said = select(approval_decisions).order_by(approval_decisions.c.id)
    if subject:
        said = said.where(approval_decisions.c.request.in_([one.id for one in requests]))
    decisions = [
        Decision(
            row.request,
            row.actor,
            row.approved,
            row.because,
            row.at,
            tuple(Role(role) for role in row.counts_for),
        )
        for row in connection.execute(said)
    ]
    used = {row.request: row.at for row in connection.execute(select(approval_uses))}
    return with_decisions(requests, decisions, used)


def approved(connection: Connection, subject: str, content: str) -> Approval | None:
    """The agreement to exactly this content of a subject, or None where there is none (yet).

    One that was used counts no more: the same again has to be agreed to again.
    """
    found = approvals_of(connection, subject, content)
    return found[-1] if found and found[-1].approved and not found[-1].used else None


def need_approval(connection: Connection, subject: str, content: str) -> Approval:
    """The agreement without which an act may not be done; raises NotAllowed where it lacks.

    It is used by this, within the writing transaction of the act: it counts once.
    """
    if agreed := approved(connection, subject, content):
        moment = now()
        use = {"request": agreed.request.id, "at": moment}
        connection.execute(approval_uses.insert(), use)
        return replace(agreed, used=moment)
    raise NotAllowed(
        f"{subject!r} isn't approved", why=_lacks(connection, subject, content), hint=_APPROVE
    )


_APPROVE = "see what waits: `apportion approvals`; decide: `apportion approve SUBJECT`"


def _lacks(connection: Connection, subject: str, content: str) -> str:
    """Why an agreement lacks."""
    asked = approvals_of(connection, subject)
    if not asked:
        return "nobody has asked for it yet"
    same = [one for one in asked if one.request.content == content]
    if not same:
        return "what was asked for has changed since: it has to be asked for again"
    newest = same[-1]
    if newest.state is ApprovalState.REJECTED:
        no = newest.decisions[-1]
        return f"{no.actor} rejected it: {no.because}"
    if newest.used:
        return f"its approval was used on {newest.used:%Y-%m-%d}: the same again is asked for again"
    return f"it waits for: {newest.waits_for}"


def ask(connection: Connection, request: ApprovalRequest) -> Approval:
    """Ask others to agree, within a writing transaction, with a line in the audit log.

    Where the very same is asked already, nobody rejected it and it wasn't used yet, nothing is
    added. Of a subject that is asked again with another content, the earlier request is void.
    Raises UsageError without a subject, a content, or anybody who could decide.
    """
    if not request.subject.strip() or not request.content:
        raise UsageError("what is asked for has no name, or no content")
    if not request.needed and not request.reviewers:
        raise UsageError(f"nobody is asked to decide on {request.subject!r}")
    before = approvals_of(connection, request.subject)
    if before and _is_same(before[-1], request):
        return before[-1]
    row = {
        "subject": request.subject,
        "content": request.content,
        "says": request.says,
        "asker": request.asker,
        "needed": [str(role) for role in request.needed],
        "reviewers": list(request.reviewers),
        "authors": list(request.authors),
        "benefits": list(request.benefits),
        "because": request.because,
        "at": request.at,
    }
    added = connection.execute(approval_requests.insert(), row).inserted_primary_key
    assert added is not None
    said = {"content": request.content, "says": request.says, "because": request.because}
    kept = {name: value for name, value in said.items() if value}
    kept |= rows_said(connection, (approval_requests, added))
    add_entry(connection, AuditEntry(request.at, request.asker, "ask", request.subject, kept))
    return Approval(replace(request, id=added[0]))


def _is_same(before: Approval, request: ApprovalRequest) -> bool:
    asked = replace(before.request, id=0, at=request.at, asker=request.asker, says=request.says)
    same = replace(asked, because=request.because) == replace(request, id=0)
    return same and before.state is not ApprovalState.REJECTED and not before.used


def decide(connection: Connection, subject: str, decision: Decision, content: str = "") -> Approval:
    """Say yes or no to what is asked of a subject, within a writing transaction.

    With `content`, only where that is what is asked for now. Raises NotAllowed where the
    decider lacks the role or asked for it, made it or benefits from it; UsageError where
    nothing is asked, it is decided already, or no reason is given.
    """
    if not decision.because.strip():
        raise UsageError("a decision needs a reason", hint="say --because")
    asked = approvals_of(connection, subject)
    if not asked:
        raise UsageError(
            f"nobody asked for {subject!r}", hint="see what waits: `apportion approvals`"
        )
    newest = asked[-1]
    if content and newest.request.content != content:
        raise UsageError(
            f"{subject!r} has changed: what is asked for now is {newest.request.content[:12]}",
            hint="look at it again, and decide then",
        )
    if newest.state is not ApprovalState.OPEN:
        last = newest.decisions[-1]
        raise UsageError(
            f"{subject!r} is {newest.state} already, by {last.actor}",
            hint="what has changed since is asked for anew",
        )
    counted = counted_for(newest, decision.actor, read_roles(connection))
    made = replace(decision, request=newest.request.id, counts_for=counted)
    _write(connection, newest.request, made)
    return replace(newest, decisions=(*newest.decisions, made))


def _write(connection: Connection, request: ApprovalRequest, decision: Decision) -> None:
    row = {
        "request": decision.request,
        "actor": decision.actor,
        "approved": decision.approved,
        "counts_for": [str(role) for role in decision.counts_for],
        "because": decision.because,
        "at": decision.at,
    }
    added = connection.execute(approval_decisions.insert(), row).inserted_primary_key
    assert added is not None
    said = {"content": request.content, "because": decision.because}
    said |= rows_said(connection, (approval_decisions, added))
    act = "approve" if decision.approved else "reject"
    add_entry(connection, AuditEntry(decision.at, decision.actor, act, request.subject, said))
