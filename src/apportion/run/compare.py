"""Two models on the same charges: who carries more, who less, and which change makes it so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apportion.domain.period import Period
from apportion.errors import ProofError
from apportion.model.diff import Change
from apportion.model.mix import Mix
from apportion.model.project import Model
from apportion.run.causes import find_causes
from apportion.run.compare_values import Comparison, PeriodComparison, together
from apportion.run.draw_comparison import draw_comparison
from apportion.run.group_changes import Cause, group_changes
from apportion.run.statement import Statement, draw_statements
from apportion.run.trials import Trials
from apportion.run.workspace import Workspace


@dataclass(frozen=True)
class Compared:
    """Two models compared over some periods; `changes` are all that they say differently."""

    old: str
    new: str
    changes: tuple[Change, ...]
    periods: tuple[PeriodComparison, ...]

    @property
    def together(self) -> tuple[Comparison, ...]:
        """All periods as one, by currency."""
        return together(self.periods)


def compare(workspace: Workspace, old: Model, new: Model, periods: Sequence[Period]) -> Compared:
    """Evaluate two models on the charges of each period, and explain the difference.

    Amounts are on the project's cost basis. Raises NotLoaded where a period has
    no charges, ConfigurationError where one of the models can't be evaluated,
    ProofError if the two didn't carry the same total.
    """
    mix = Mix(old, new)
    causes = group_changes(mix.changes, old, new)
    made = tuple(compare_period(workspace, mix, causes, period) for period in periods)
    return Compared(old.hash, new.hash, mix.changes, made)


def compare_period(
    workspace: Workspace, mix: Mix, causes: tuple[Cause, ...], period: Period
) -> PeriodComparison:
    """One period of a comparison."""
    trials = Trials(workspace, mix, causes, period)
    old, new = trials.runs
    caused, trials = find_causes(trials, causes)
    preferred = workspace.project.currency
    before = {drawn.currency: drawn for drawn in draw_statements(old, preferred)}
    after = {drawn.currency: drawn for drawn in draw_statements(new, preferred)}
    _check_totals(period, before, after)
    made = tuple(draw_comparison(before[code], after[code], trials, caused) for code in before)
    known = set(old.findings)
    return PeriodComparison(
        period=period,
        old_run=old,
        new_run=new,
        comparisons=made,
        causes=caused.causes,
        exact=caused.exact,
        bound=caused.bound,
        findings=tuple(one for one in new.findings if one not in known),
    )


def _check_totals(
    period: Period, old: Mapping[str, Statement], new: Mapping[str, Statement]
) -> None:
    """Raise ProofError unless both models carry the same total in each currency."""
    for code in sorted(old.keys() | new.keys()):
        totals = [found[code].total if code in found else None for found in (old, new)]
        if totals[0] != totals[1]:
            raise ProofError(
                f"the two models don't carry the same total in {period}: "
                f"{totals[0]} and {totals[1]} {code}",
                why="the same charges must give the same total, whoever carries them",
                hint="this is a fault of apportion: please report it with both models",
            )
