"""Models between two others, tried on one period's charges."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from fractions import Fraction
from functools import cached_property

from apportion.domain.period import Period
from apportion.domain.result import Line, Run
from apportion.model.cache import collector_paused
from apportion.model.diff import Change
from apportion.model.mix import Mix
from apportion.model.project import Model
from apportion.run.evaluate import Decided, carry, decide, prove_run
from apportion.run.group_changes import Cause
from apportion.run.in_one_currency import in_one_currency
from apportion.run.team_facts import team_facts
from apportion.run.workspace import Workspace

Figure = tuple[str, str]
"""A line of a statement: its currency there, and its id."""

KEPT = 6
"""How many attributions are kept at once: those of a large bill take megabytes."""


class Trials:
    """What each line is with some of the causes. What was tried once is kept.

    Most changes don't touch who owns a charge: then attribution isn't done anew,
    and only pools are shared again.
    """

    def __init__(
        self, workspace: Workspace, mix: Mix, causes: Iterable[Cause], period: Period
    ) -> None:
        self.workspace, self.mix, self.period = workspace, mix, period
        self.basis = workspace.project.basis
        self.causes = {cause.number: cause for cause in causes}
        self.lines: dict[Figure, Line] = {}
        self.count = 0
        self._found: dict[frozenset[int], Mapping[Figure, Fraction]] = {}
        self._decided: OrderedDict[frozenset[int], Decided] = OrderedDict()

    @cached_property
    def runs(self) -> tuple[Run, Run]:
        """The runs of the old and of the new model, each proven."""
        with collector_paused():
            everything = frozenset(self.causes)
            made = []
            for model, taken in ((self.mix.old, frozenset[int]()), (self.mix.new, everything)):
                run = prove_run(self.workspace, model, self.period, self._decide(model, taken))
                self._found.setdefault(taken, self._amounts(run))
                made.append(run)
            return made[0], made[1]

    def amounts(self, taken: frozenset[int]) -> Mapping[Figure, Fraction]:
        """Each line's exact amount by the old model with the causes that are `taken`.

        Raises ConfigurationError where such a model can't be evaluated.
        """
        found = self._found.get(taken)
        if found is None:
            with collector_paused():
                found = self._found[taken] = self._amounts(self._try(taken))
            self.count += 1
        return found

    def order(self, taken: frozenset[int]) -> tuple[int, ...]:
        """A key to try subsets by, so that those of one attribution follow each other."""
        return tuple(sorted(self._deciding(taken)))

    def _try(self, taken: frozenset[int]) -> Run:
        changes = [change for number in taken for change in self.causes[number].changes]
        model = self.mix.of(self._with_the_rest(changes, taken))
        decided = self._decide(model, taken)
        made = decided.conversion
        attributed, allocation = carry(self.workspace, model, self.period, decided)
        return Run(
            id="",
            period=self.period,
            span=self.period.span,
            model="",
            basis=self.basis,
            snapshots=(),
            made_at=datetime.now(UTC),
            teams=(),
            attributed=attributed if made.currency else (),
            shares=allocation.shares if made.currency else (),
            lines=allocation.lines,
            proofs=(),
            currency=made.currency,
            rates=made.rates,
        )

    def _with_the_rest(self, changes: list[Change], taken: frozenset[int]) -> list[Change]:
        """Changes that are nobody's cause move no money; they come with the last one."""
        return [*self.mix.changes] if len(taken) == len(self.causes) else changes

    def _decide(self, model: Model, taken: frozenset[int]) -> Decided:
        key = self._deciding(taken)
        found = self._decided.pop(key, None)
        if found is None or not self._converts_alike(model):
            others = (self.mix.old, self.mix.new)
            found = decide(self.workspace, model, self.period, others)
        self._decided[key] = found
        if len(self._decided) > KEPT:
            self._decided.popitem(last=False)
        return found

    def _deciding(self, taken: frozenset[int]) -> frozenset[int]:
        return frozenset(number for number in taken if self.causes[number].decides)

    def _converts_alike(self, model: Model) -> bool:
        """Whether budgets need the same rates as those of the old model."""
        return self.workspace.project.rates is None or _currencies(model, self.period) == (
            _currencies(self.mix.old, self.period)
        )

    def _amounts(self, run: Run) -> Mapping[Figure, Fraction]:
        if run.currency:
            shown = in_one_currency(run)
            lines = (*shown.lines, *shown.left)
        else:
            lines = run.lines
        for line in lines:
            self.lines.setdefault((line.currency, line.id), line)
        return {(line.currency, line.id): line.amounts.of(self.basis) for line in lines}


def _currencies(model: Model, period: Period) -> frozenset[str]:
    return frozenset(facts.budget_currency for facts in team_facts(model, period.span))
