"""Unit costs of a run: what one of each thing costs, with the formula and both its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from apportion.domain.amounts import sum_of
from apportion.domain.period import Period
from apportion.domain.result import Run
from apportion.errors import NotLoaded
from apportion.insight.business_costs import business_costs
from apportion.insight.call_costs import call_costs
from apportion.insight.carried import carried
from apportion.insight.hour_costs import driver_costs, hour_costs
from apportion.insight.run_costs import progress_costs, run_costs
from apportion.insight.token_savings import Saving, token_savings
from apportion.insight.unit_cost_values import Scope, UnitCost
from apportion.model.project import Model
from apportion.run.saved import latest_run
from apportion.run.workspace import Workspace


@dataclass(frozen=True)
class UnitCosts:
    """The unit costs of a period, what caches and batches saved, and what couldn't be joined.

    `whole` is, by currency, all cost in question; `traced` the part of it that usage tells of.
    `unjoined` are runs that a tracker tells of and no job's cost is known for, each with why.
    """

    run: Run
    team: str
    by: str
    costs: tuple[UnitCost, ...]
    savings: tuple[Saving, ...]
    unjoined: tuple[tuple[str, str], ...]
    whole: dict[str, Fraction]
    traced: dict[str, Fraction]


def find_unit_costs(
    workspace: Workspace, model: Model, run: Run, *, team: str = "", by: str = ""
) -> UnitCosts:
    """The unit costs of a run, of one team or of all; nothing is written.

    Raises NotLoaded where the run has no such team, UsageError for what usage can't be told
    apart by, or where the model has changed since the run.

    Source: FinOps for AI, cost per unit of work (FinOps Foundation); denominator levels and
    rates of activity-based costing, Horngren, Cost Accounting, ch. 5 and 9.
    """
    names = [facts.team for facts in run.teams]
    if team and team not in names:
        hint = f"the teams are {', '.join(names)}"
        raise NotLoaded(f"no team is called {team!r} in {run.period}", hint=hint)
    scope = Scope(carried(workspace, model, run), team, by)
    progress, joined = progress_costs(scope, workspace, model)
    costs = [*call_costs(scope), *run_costs(scope), *progress]
    if not by:  # what has no part for each group
        costs[0:0] = hour_costs(scope, model)
        costs += [*driver_costs(scope, model), *business_costs(scope, model)]
    pieces = tuple(scope.pieces)
    currencies = sorted({one.line.currency for one in pieces})
    whole = {
        code: sum_of(one.amount for one in pieces if one.line.currency == code)
        for code in currencies
    }
    traced = {
        code: sum_of(one.amount for one in pieces if one.line.currency == code and one.key)
        for code in currencies
    }
    savings = token_savings(scope, model)
    return UnitCosts(run, team, by, tuple(costs), savings, joined.unjoined, whole, traced)


def trend(
    workspace: Workspace, model: Model, last: Period, months: int, *, team: str, by: str
) -> tuple[Sequence[UnitCosts], tuple[Period, ...]]:
    """The unit costs of some months up to the last, each by its saved run; and months without.

    A month that was run under another model can't be traced by this one: it counts as missing.
    """
    found: list[UnitCosts] = []
    missing: list[Period] = []
    periods = [last]
    while len(periods) < months:
        periods.insert(0, periods[0].previous())
    for period in periods[:-1]:
        run = workspace.books.run(period)
        known = run is not None and (not team or team in {facts.team for facts in run.teams})
        if run is None or not known or run.model != model.hash:
            missing.append(period)
        else:
            found.append(find_unit_costs(workspace, model, run, team=team, by=by))
    run = latest_run(workspace.books, last)
    found.append(find_unit_costs(workspace, model, run, team=team, by=by))
    return found, tuple(missing)
