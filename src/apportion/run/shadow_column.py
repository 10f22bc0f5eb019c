"""What a shadow model makes of a statement: a column for information, in no total."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from apportion.domain.result import Run
from apportion.run.statement import Statement, StatementLine, draw_statements


@dataclass(frozen=True)
class ShadowColumn:
    """A shadow model's amounts beside a statement, by team and by line.

    `only` are lines of a team that the statement doesn't have.
    """

    run: str
    label: str
    totals: Mapping[str, Decimal] = field(default_factory=dict)
    lines: Mapping[str, Decimal] = field(default_factory=dict)
    only: Mapping[str, tuple[StatementLine, ...]] = field(default_factory=dict)


def shadow_column(statement: Statement, shadow: Run, label: str) -> ShadowColumn:
    """Draw a shadow run as a column of a statement, in its currency and on its basis."""
    drawn = (
        one
        for one in draw_statements(shadow, statement.currency, basis=statement.basis)
        if one.currency == statement.currency
    )
    found = next(drawn, None)
    if found is None or found.converted != statement.converted:
        return ShadowColumn(shadow.id, label)
    known = {line.id for team in statement.teams for line in team.lines}
    return ShadowColumn(
        shadow.id,
        label,
        {team.facts.team: team.total for team in found.teams},
        {line.id: line.amount for team in found.teams for line in team.lines},
        {
            team.facts.team: tuple(line for line in team.lines if line.id not in known)
            for team in found.teams
        },
    )
