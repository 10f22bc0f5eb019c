"""What the owners of budgets really cost in a month."""

from __future__ import annotations

from collections import defaultdict

from apportion.domain.budget import BudgetOwner, BudgetOwnerKind
from apportion.domain.money import minor_digits
from apportion.domain.owner import OwnerKind
from apportion.domain.period import Period
from apportion.run.open_project import OpenProject
from apportion.run.saved import latest_run
from apportion.run.statement import Statement, draw_statements

TEAM, PRODUCT = BudgetOwnerKind.TEAM, BudgetOwnerKind.PRODUCT
POOL, CENTRAL = BudgetOwnerKind.POOL, BudgetOwnerKind.CENTRAL


def actuals_of(project: OpenProject, period: Period, currency: str) -> dict[BudgetOwner, int]:
    """The cost of each owner in a month by its statement, in minor units of a currency.

    A team's and a product's is what they carry; a pool's all that went through it; a central
    one's what stays in the pool of that name, or is unallocated. Raises NotLoaded where the
    month has no run.
    """
    run = latest_run(project.books, period)
    drawn = draw_statements(run, project.settings.currency)
    own = next((one for one in drawn if one.currency == currency), None)
    return {} if own is None else dict(_actuals(own))


def _actuals(statement: Statement) -> dict[BudgetOwner, int]:
    digits = minor_digits(statement.currency)
    found: dict[BudgetOwner, int] = defaultdict(int)
    for team in statement.teams:
        units = int(team.total.scaleb(digits))
        found[BudgetOwner(TEAM, team.facts.team)] += units
        if team.facts.product:
            found[BudgetOwner(PRODUCT, team.facts.product)] += units
    for line in statement.lines:
        if line.pool:
            found[BudgetOwner(POOL, line.pool)] += int(line.amount.scaleb(digits))
    for name, amount in statement.kept:
        found[BudgetOwner(CENTRAL, name)] += int(amount.scaleb(digits))
    if statement.unallocated:
        nobody = BudgetOwner(CENTRAL, str(OwnerKind.UNALLOCATED))
        found[nobody] += int(statement.unallocated.scaleb(digits))
    return found
