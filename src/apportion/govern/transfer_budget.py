"""A transfer: budget moves from one owner to another, and the sum of all stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from fractions import Fraction

from apportion.domain.budget import BudgetDocument, BudgetKind, BudgetLine, BudgetOwner
from apportion.domain.money import largest_remainder, minor_digits
from apportion.domain.period import Period
from apportion.domain.phase import even, phase
from apportion.errors import UsageError
from apportion.govern.budgets import approved_version, check_covered, check_owners
from apportion.run.compare import compare
from apportion.run.compare_values import Comparison
from apportion.run.open_project import OpenProject
from apportion.run.other_model import read_other_model
from apportion.store.books.budgets import add_budget, lines_in_force, next_number

Moves = Sequence[tuple[BudgetOwner, Period, int]]
"""What owners get (above zero) and give (below) in months, in minor units."""


def move(giver: BudgetOwner, receiver: BudgetOwner, units: int, months: Sequence[Period]) -> Moves:
    """An amount from one owner to another, spread evenly over months to the last minor unit."""
    if giver == receiver:
        raise UsageError(f"{giver} can't give budget to itself", hint="name two owners")
    if units <= 0:
        raise UsageError("a transfer needs an amount above zero", hint="turn --from and --to round")
    parts = phase(units, months, even(months))
    return [
        (owner, month, sign * part)
        for month, part in parts.items()
        for owner, sign in ((giver, -1), (receiver, 1))
    ]


def draft_transfer(
    project: OpenProject, name: str, moves: Moves, *, actor: str, because: str
) -> BudgetDocument:
    """Keep a transfer within the approved version of a budget, as a draft.

    Raises UsageError without a reason, where it doesn't balance in each month, where an owner
    has less than it gives; NotLoaded where no version is approved.
    """
    if not because.strip():
        raise UsageError("a transfer needs a reason", hint="say --because")
    check_owners(project.model, [owner for owner, _, _ in moves])
    with project.books.writing() as connection:
        version = approved_version(connection, name)
        lines = tuple(BudgetLine(owner, month, units) for owner, month, units in moves if units)
        if not lines:
            raise UsageError("nothing moves by this transfer", hint="name an amount")
        check_covered(lines_in_force(connection, version), lines, version.currency)
        kind = BudgetKind.TRANSFER
        made = BudgetDocument(
            name=name,
            kind=kind,
            number=next_number(connection, name, kind, version.number),
            currency=version.currency,
            lines=tuple(sorted(lines)),
            author=actor,
            because=because,
            at=datetime.now(UTC),
            amends=version.number,
        )
        add_budget(connection, made)
    return made


def follow(
    found: Comparison,
    products: dict[str, str],
    months: Sequence[Period],
    digits: int,
) -> Moves:
    """Moves equal to the cost that goes from central pools to product lines by another model.

    `found` compares the two models on one month: what stays in pools, or is unallocated, by
    the old and not by the new one is the cost that moves. Each central owner gives its part,
    and each product (or team without one, by `products`) gets its part of it, in each month.
    What teams merely pass among themselves moves no budget.
    """
    gives: dict[BudgetOwner, int] = {}
    gets: dict[BudgetOwner, int] = {}
    for one in found.owners:
        units = int(one.difference.scaleb(digits))
        name = one.owner.name
        if one.owner.kind == "team":
            line = products.get(name, "")
            owner = BudgetOwner.parse(f"product:{line}" if line else f"team:{name}")
            gets[owner] = gets.get(owner, 0) + units
        else:
            owner = BudgetOwner.parse(f"central:{name}")
            gives[owner] = gives.get(owner, 0) - units
    given, got = _above_zero(gives), _above_zero(gets)
    moved = min(sum(given.values()), sum(got.values()))
    out, back = _parts(given, moved), _parts(got, moved)
    return [
        (owner, month, units)
        for month in months
        for owner, units in (*((o, -u) for o, u in out.items()), *back.items())
    ]


def _above_zero(found: dict[BudgetOwner, int]) -> dict[BudgetOwner, int]:
    return {owner: units for owner, units in found.items() if units > 0}


def _parts(found: dict[BudgetOwner, int], total: int) -> dict[BudgetOwner, int]:
    """Parts of a total in proportion, in whole units that sum to it."""
    whole = sum(found.values())
    if not whole:
        return {}
    parts = {owner: Fraction(total * units, whole) for owner, units in found.items()}
    return largest_remainder(total, parts, {owner: str(owner) for owner in parts})


def follow_model(
    project: OpenProject, name: str, period: Period, before: str, months: Sequence[Period]
) -> Moves:
    """The moves by which budget follows what the project's model moved since another one.

    `before` names that model: a folder or a commit. Raises UsageError where no cost went from
    central pools to products.
    """
    with project.books.reading() as connection:
        currency = approved_version(connection, name).currency
    old = read_other_model(project.settings, before)
    compared = compare(project.workspace, old, project.model, [period]).periods[0]
    found = [one for one in compared.comparisons if one.currency == currency]
    products = {team.team: team.product for team in compared.new_run.teams}
    moves = follow(found[0], products, months, minor_digits(currency)) if found else []
    if not any(units for _, _, units in moves):
        raise UsageError(
            f"no cost of {period} in {currency} went from central pools to products",
            hint="see `apportion compare`: --with names the model before the change",
        )
    return moves
