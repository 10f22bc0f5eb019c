"""Budgets drawn up, submitted and approved: the newest approved version is the one that counts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection

from apportion.domain.budget import (
    BudgetDocument,
    BudgetKind,
    BudgetLine,
    BudgetOwner,
    BudgetOwnerKind,
    BudgetState,
    BudgetStep,
    KeptBudget,
)
from apportion.domain.money import from_units, minor_digits
from apportion.domain.role import Role, Roles
from apportion.errors import NotAllowed, NotLoaded, UsageError
from apportion.model.faults import did_you_mean
from apportion.model.organisation import UnitKind
from apportion.model.project import Model
from apportion.run.open_project import OpenProject
from apportion.store.books.budgets import (
    add_budget,
    add_step,
    lines_in_force,
    next_number,
    read_budget,
    read_budgets,
)
from apportion.store.books.roles import read_roles

_NAME = re.compile(r"\w[\w.-]{0,39}")


def draft_budget(
    project: OpenProject,
    name: str,
    lines: Sequence[BudgetLine],
    *,
    actor: str,
    because: str = "",
    currency: str = "",
) -> BudgetDocument:
    """Keep the next version of a budget as a draft: it counts once somebody else approves it.

    Raises UsageError for an owner that the model doesn't know, and where there is nothing in it.
    """
    check_name(name)
    if not lines:
        raise UsageError(f"budget {name} has no lines", hint="give each owner an amount a month")
    check_owners(project.model, [line.owner for line in lines])
    with project.books.writing() as connection:
        made = BudgetDocument(
            name=name,
            kind=BudgetKind.VERSION,
            number=next_number(connection, name, BudgetKind.VERSION),
            currency=currency or project.settings.currency,
            lines=tuple(sorted(lines)),
            author=actor,
            because=because,
            at=datetime.now(UTC),
        )
        add_budget(connection, made)
    return made


def check_name(name: str) -> None:
    """Refuse a name that is no single word; raises UsageError."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is no name for a budget",
            hint="letters, digits, points and dashes: 2027, or 2027-reorganised",
        )


def check_owners(model: Model, owners: Sequence[BudgetOwner]) -> None:
    """Refuse owners that the model doesn't have; any name may be a central one's."""
    units = model.organisation.units.values()
    known = {
        BudgetOwnerKind.TEAM: {one.name for one in units if one.kind is UnitKind.TEAM},
        BudgetOwnerKind.PRODUCT: {one.name for one in units if one.kind is UnitKind.PRODUCT},
        BudgetOwnerKind.POOL: {pool.name for pool in model.pools},
    }
    for owner in owners:
        if owner.kind in known and owner.name not in known[owner.kind]:
            raise UsageError(
                f"no {owner.kind} is called {owner.name!r}",
                hint=did_you_mean(owner.name, known[owner.kind], f"add the {owner.kind} first"),
            )


def submit_budget(
    project: OpenProject, budget: str, *, actor: str, because: str = ""
) -> KeptBudget:
    """Ask for approval of a draft, named by its id (``2027 v1``)."""
    return _take(project, budget, BudgetState.SUBMITTED, actor, because)


def reject_budget(project: OpenProject, budget: str, *, actor: str, because: str) -> KeptBudget:
    """Refuse a submitted budget or transfer, with a reason; it never counts."""
    if not because.strip():
        raise UsageError("a rejection needs a reason", hint="say --because")
    return _take(project, budget, BudgetState.REJECTED, actor, because)


def approve_budget(
    project: OpenProject, budget: str, *, actor: str, because: str = ""
) -> KeptBudget:
    """Approve a submitted budget or transfer: from now on it counts.

    An approved version supersedes the one before it, whose transfers go with it. Raises
    NotAllowed for its author, for whoever leads a team that a transfer gives to, and where
    the project is governed for whoever is neither approver nor finance.
    """
    return _take(project, budget, BudgetState.APPROVED, actor, because)


def _take(
    project: OpenProject, budget: str, state: BudgetState, actor: str, because: str
) -> KeptBudget:
    step = BudgetStep(state, actor, because, datetime.now(UTC))
    with project.books.writing() as connection:
        kept = read_budget(connection, budget)
        document = kept.document
        if state in {BudgetState.APPROVED, BudgetState.REJECTED}:
            _may_decide(read_roles(connection), kept, actor)
        if state is BudgetState.APPROVED:
            _make_way(connection, document, step)
        add_step(connection, document, step)
        return read_budget(connection, budget)


def _may_decide(roles: Roles, kept: KeptBudget, actor: str) -> None:
    document = kept.document
    asked = {step.actor for step in kept.steps if step.state is BudgetState.SUBMITTED}
    if actor in {document.author, *asked}:
        raise NotAllowed(
            f"{actor} drew up {document.title}, and can't decide on it",
            hint="let somebody else decide",
        )
    if not roles.has(actor, Role.APPROVER, Role.FINANCE):
        raise NotAllowed(f"{actor} doesn't approve budgets", hint="ask an approver or finance")
    gets = {
        line.owner.name
        for line in document.lines
        if line.units > 0 and line.owner.kind is BudgetOwnerKind.TEAM
    }
    if mine := sorted(roles.teams(actor) & gets):
        raise NotAllowed(
            f"{actor} leads {mine[0]}, which {document.title} gives budget to",
            hint="let somebody decide who doesn't benefit",
        )


def _make_way(connection: Connection, document: BudgetDocument, step: BudgetStep) -> None:
    """A newer version supersedes the approved one; a transfer needs its version to count."""
    kept = read_budgets(connection, document.name)
    approved = [
        one
        for one in kept
        if one.document.kind is BudgetKind.VERSION and one.state is BudgetState.APPROVED
    ]
    if document.kind is BudgetKind.TRANSFER:
        if document.amends not in {one.document.number for one in approved}:
            raise UsageError(
                f"{document.title} is of a version that doesn't count any more",
                hint="draw the transfer up anew",
            )
        held = lines_in_force(connection, approved[-1].document)
        check_covered(held, document.lines, document.currency)
        return
    for one in approved:
        said = BudgetStep(BudgetState.SUPERSEDED, step.actor, f"by v{document.number}", step.at)
        add_step(connection, one.document, said)


def check_covered(held: Sequence[BudgetLine], moved: Sequence[BudgetLine], currency: str) -> None:
    """Refuse to take from an owner more than its budget of a month; raises UsageError."""
    has = {(line.owner, line.month): line.units for line in held if not line.allowance}
    digits = minor_digits(currency)
    for line in moved:
        if line.units < 0 and has.get((line.owner, line.month), 0) + line.units < 0:
            given = from_units(has.get((line.owner, line.month), 0), digits)
            raise UsageError(
                f"{line.owner} has less budget in {line.month} than the transfer takes",
                why=f"{given} {currency} against {from_units(-line.units, digits)} {currency}",
                hint="move less, or give it a budget first",
            )


def approved_version(connection: Connection, name: str) -> BudgetDocument:
    """The version of a budget that counts; raises NotLoaded where none is approved."""
    for one in read_budgets(connection, name):
        if one.document.kind is BudgetKind.VERSION and one.state is BudgetState.APPROVED:
            return one.document
    raise NotLoaded(
        f"no version of budget {name!r} is approved",
        hint=f"`apportion budget submit {name} --version 1`, and let somebody approve it",
    )
