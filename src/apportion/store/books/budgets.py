"""Budgets in the books: versions and transfers are added, and so are the steps they go through."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from apportion.domain.budget import (
    BudgetDocument,
    BudgetKind,
    BudgetLine,
    BudgetOwner,
    BudgetOwnerKind,
    BudgetState,
    BudgetStep,
    KeptBudget,
    with_transfers,
)
from apportion.domain.period import Period
from apportion.errors import NotLoaded, UsageError
from apportion.store.books.audit import AuditEntry, add_entry
from apportion.store.books.rows import write_rows
from apportion.store.books.schema import budget_lines, budget_steps, budgets


def add_budget(connection: Connection, document: BudgetDocument) -> None:
    """Keep a draft, within a writing transaction, with a line in the audit log."""
    row = {
        "id": document.id,
        "name": document.name,
        "kind": str(document.kind),
        "number": document.number,
        "amends": document.amends,
        "currency": document.currency,
        "author": document.author,
        "because": document.because,
        "at": document.at,
    }
    connection.execute(budgets.insert(), row)
    lines = [
        {
            "budget": document.id,
            "position": position,
            "owner_kind": str(line.owner.kind),
            "owner": line.owner.name,
            "month": line.month,
            "units": line.units,
            "allowance": line.allowance,
        }
        for position, line in enumerate(document.lines)
    ]
    write_rows(connection, budget_lines, lines)
    said = {"lines": str(len(lines)), "currency": document.currency, "because": document.because}
    entry = AuditEntry(document.at, document.author, "draft-budget", document.title, said)
    add_entry(connection, entry)


def next_number(connection: Connection, name: str, kind: BudgetKind, amends: int = 0) -> int:
    """The number of the next version of a budget, or of the next transfer within a version."""
    held = (budgets.c.name == name) & (budgets.c.kind == str(kind)) & (budgets.c.amends == amends)
    return 1 + max(connection.execute(select(budgets.c.number).where(held)).scalars(), default=0)


def add_step(connection: Connection, document: BudgetDocument, step: BudgetStep) -> None:
    """Take a budget document to a state; raises UsageError where it may not go there."""
    kept = read_budget(connection, document.id)
    if not kept.state.may_become(step.state):
        raise UsageError(
            f"{document.title} is {kept.state}: it can't become {step.state}",
            hint="see `apportion budget list`",
        )
    row = {
        "budget": document.id,
        "state": str(step.state),
        "actor": step.actor,
        "because": step.because,
        "at": step.at,
    }
    connection.execute(budget_steps.insert(), row)
    said = {"before": str(kept.state), "after": str(step.state), "because": step.because}
    add_entry(connection, AuditEntry(step.at, step.actor, "budget", document.title, said))


def read_budgets(connection: Connection, name: str | None = None) -> tuple[KeptBudget, ...]:
    """Versions and transfers of a budget, or of all, in the order in which they were made."""
    wanted = select(budgets).order_by(budgets.c.at, budgets.c.id)
    if name is not None:
        wanted = wanted.where(budgets.c.name == name)
    rows = connection.execute(wanted).all()
    lines = _lines(connection, [row.id for row in rows])
    steps = _steps(connection)
    return tuple(
        KeptBudget(
            BudgetDocument(
                row.name,
                BudgetKind(row.kind),
                row.number,
                row.currency,
                tuple(lines.get(row.id, ())),
                row.author,
                row.because,
                row.at,
                row.amends,
            ),
            tuple(steps.get(row.id, ())),
        )
        for row in rows
    )


def read_budget(connection: Connection, budget: str) -> KeptBudget:
    """One document by its id; raises NotLoaded with those that there are."""
    found = {one.document.id: one for one in read_budgets(connection)}
    if budget not in found:
        raise NotLoaded(
            f"no budget is called {budget!r}",
            hint=f"there are: {', '.join(found)}"
            if found
            else "make one: `apportion budget import`",
        )
    return found[budget]


def budget_in_force(
    connection: Connection, month: Period, at: datetime | None = None
) -> tuple[BudgetDocument, tuple[BudgetLine, ...]] | None:
    """The approved version that counts for a month, and its lines of it after transfers.

    That is the one approved last; `at` asks which one it was then. Drafts never count.
    """
    kept = read_budgets(connection)
    approved = [one for one in kept if _counts(one, at)]
    versions = [
        one
        for one in approved
        if one.document.kind is BudgetKind.VERSION and month in one.document.months
    ]
    if not versions:
        return None
    newest = max(versions, key=lambda one: (one.approved_at, one.document.number)).document
    moved = [one.document for one in approved if _within(one.document, newest)]
    lines = tuple(one for one in with_transfers(newest, moved) if one.month == month)
    return newest, lines


def lines_in_force(
    connection: Connection, version: BudgetDocument, at: datetime | None = None
) -> tuple[BudgetLine, ...]:
    """A version's lines of all months after the transfers that were approved within it."""
    kept = read_budgets(connection, version.name)
    moved = [one.document for one in kept if _counts(one, at) and _within(one.document, version)]
    return with_transfers(version, moved)


def _within(document: BudgetDocument, version: BudgetDocument) -> bool:
    return (
        document.kind is BudgetKind.TRANSFER
        and document.name == version.name
        and document.amends == version.number
    )


def _counts(kept: KeptBudget, at: datetime | None) -> bool:
    """Whether a document is approved, or was at a moment; a superseded one was, until it was."""
    approved = kept.approved_at
    if at is not None:
        return approved is not None and approved <= at
    return kept.state is BudgetState.APPROVED


def _lines(connection: Connection, ids: Sequence[str]) -> dict[str, list[BudgetLine]]:
    found: dict[str, list[BudgetLine]] = {}
    if not ids:
        return found
    wanted = select(budget_lines).order_by(budget_lines.c.budget, budget_lines.c.position)
    for row in connection.execute(wanted):
        owner = BudgetOwner(BudgetOwnerKind(row.owner_kind), row.owner)
        line = BudgetLine(owner, row.month, row.units, row.allowance)
        found.setdefault(row.budget, []).append(line)
    return found


def _steps(connection: Connection) -> dict[str, list[BudgetStep]]:
    found: dict[str, list[BudgetStep]] = {}
    for row in connection.execute(select(budget_steps).order_by(budget_steps.c.id)):
        step = BudgetStep(BudgetState(row.state), row.actor, row.because, row.at)
        found.setdefault(row.budget, []).append(step)
    return found
