"""Budgets: what each team may spend, month by month."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from apportion.domain.money import is_currency
from apportion.model import marked_yaml as y
from apportion.model.dated import Validity
from apportion.model.faults import Faults
from apportion.model.names import Names
from apportion.model.project import Budget
from apportion.model.read_organisation import read_validity
from apportion.model.values import as_month, as_quantity, text_of


def read_budgets(
    nodes: Sequence[y.Mapping], teams: Names, currency: str, faults: Faults
) -> tuple[Budget, ...]:
    """Budgets whose shapes have been checked; no team has two for one month and currency."""
    made: list[Budget] = []
    by_team: dict[tuple[str, str], list[Budget]] = {}
    for node in nodes:
        for budget in _budgets(node, teams, currency, faults):
            others = by_team.setdefault((budget.team, budget.currency), [])
            before = next((other for other in others if other.valid.meet(budget.valid)), None)
            if before:
                faults.add(
                    budget.place,
                    f"two budgets in {budget.currency} for {budget.team!r} hold on the same days",
                    why=f"the other is at {before.place}",
                    hint="end the earlier with `until`, or add the two up",
                )
            others.append(budget)
            made.append(budget)
    return tuple(made)


def _budgets(node: y.Mapping, teams: Names, default: str, faults: Faults) -> Iterator[Budget]:
    team = node.entries["team"]
    currency = node.entries.get("currency")
    assert isinstance(team, y.Scalar)
    if isinstance(currency, y.Scalar) and not is_currency(currency.text):
        faults.add(currency, f"{currency.text!r} is no currency", hint="say USD or EUR")
    if not teams.knows(team.text, team, faults):
        return
    code = text_of(node, "currency") or default
    amount, amounts = node.entries.get("amount"), node.entries.get("amounts")
    if isinstance(amount, y.Scalar):
        valid = read_validity(node, faults)
        yield Budget(team.text, as_quantity(amount.text), code, valid, amount.place)
    elif isinstance(amounts, y.Mapping):
        for key in ("from", "until"):
            if key in node.entries:
                faults.add(node.keys[key], f"`{key}` beside `amounts`", hint="leave it out")
        for period, value in amounts.entries.items():
            assert isinstance(value, y.Scalar)
            month = as_month(period)
            valid = Validity(month.start, month.until)
            yield Budget(team.text, as_quantity(value.text), code, valid, value.place)
