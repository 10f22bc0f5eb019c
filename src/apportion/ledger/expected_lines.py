"""The lines of an estimate: those of runs, each source counted so many times, and of usage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from fractions import Fraction
from hashlib import sha256
from typing import TYPE_CHECKING

from apportion.domain.amounts import Amounts
from apportion.domain.owner import UNALLOCATED, Owner, OwnerKind
from apportion.domain.period import Period
from apportion.domain.result import Attributed, Line, LineKind, Run
from apportion.ledger.class_weights import Weights, class_weights
from apportion.run.awaited import Awaited
from apportion.run.in_one_currency import Parts
from apportion.run.team_facts import team_facts

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject


@dataclass(frozen=True)
class Weighed:
    """A run whose sources count so many times: the month's own, or one of the months before."""

    run: Run
    factors: Mapping[str, Fraction]


def in_reporting(run: Run, part: Attributed) -> tuple[str, Amounts]:
    """A part in the reporting currency where the run has a rate for it, else in its own."""
    if run.currency and part.converted is not None:
        return run.currency, part.converted
    return part.currency, part.amounts


def expected_lines(
    project: OpenProject, period: Period, weighed: Iterable[Weighed], awaited: Iterable[Awaited]
) -> tuple[Line, ...]:
    """All lines, those that are the same added up; teams that are gone leave theirs to nobody."""
    there = {one.team for one in team_facts(project.model, period.span)}
    sums: dict[tuple[str, str], Line] = {}
    found = [*(line for one in weighed for line in _lines(one)), *_used(project, period, awaited)]
    for line in found:
        own = line
        if line.owner.kind is OwnerKind.TEAM and line.owner.name not in there:
            own = replace(line, owner=UNALLOCATED, kind=LineKind.UNALLOCATED, mode="")
        key = own.currency, own.id
        if key in sums:
            own = replace(sums[key], amounts=sums[key].amounts + own.amounts)
        sums[key] = own
    order = sorted(sums.values(), key=lambda one: (one.currency, one.owner, one.kind, one.id))
    return tuple(one for one in order if not one.amounts.is_zero)


def expected_weights(weighed: Iterable[Weighed]) -> Mapping[str, Weights]:
    """Of which cost classes each line is made, each source counted as often as it counts."""
    found: dict[str, dict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for one in weighed:
        for line, classes in class_weights(_counted(one)).items():
            for name, cost in classes.items():
                found[line][name] += cost
    return {line: dict(classes) for line, classes in found.items()}


def _counted(weighed: Weighed) -> Run:
    """A run with the charges of each source so many times; its lines stay."""
    factors = weighed.factors
    return replace(
        weighed.run,
        attributed=tuple(
            replace(
                one,
                amounts=one.amounts.times(factors[one.source]),
                converted=one.converted.times(factors[one.source]) if one.converted else None,
            )
            for one in weighed.run.attributed
            if one.source in factors
        ),
        classes=tuple(
            replace(one, amounts=one.amounts.times(factors[one.source]))
            for one in weighed.run.classes
            if one.source in factors
        ),
    )


def _lines(weighed: Weighed) -> Iterator[Line]:
    """A run's lines with each source's part so many times, in the reporting currency."""
    run, parts = weighed.run, Parts.of(weighed.run)
    for line in run.lines:
        sums: dict[str, Amounts] = {}
        for weight, part in parts.of_line(line):
            factor = weighed.factors.get(part.source)
            if factor is None:
                continue
            currency, amounts = in_reporting(run, part)
            sums[currency] = sums.get(currency, Amounts()) + amounts.times(weight * factor)
        for currency, amounts in sums.items():
            yield replace(line, currency=currency, amounts=amounts)


def _used(project: OpenProject, period: Period, awaited: Iterable[Awaited]) -> Iterator[Line]:
    """Lines of pools whose bill is awaited: usage at its prices, by team."""
    model, day = project.model, period.start
    teams = {one.team for one in team_facts(model, period.span)}
    for one in awaited:
        for (name, currency), amount in sorted(one.amounts.items()):
            known = name in teams
            owner = Owner(OwnerKind.TEAM, name) if known else UNALLOCATED
            named = f"{currency}\n{owner.kind}\n{owner.name}\nusage\n{one.pool}"
            yield Line(
                id=sha256(named.encode()).hexdigest()[:12],
                currency=currency,
                owner=owner,
                kind=LineKind.SHARED if known else LineKind.UNALLOCATED,
                pool=one.pool,
                service="",
                amounts=Amounts(amount, amount, amount, amount),
                mode=str(model.line_mode(name, one.pool, day)) if known else "",
            )


def as_run(project: OpenProject, period: Period, lines: tuple[Line, ...]) -> Run:
    """Lines in the form of a run, so that statements and journals are drawn as of any other."""
    model = project.model
    return Run(
        id="",
        period=period,
        span=period.span,
        model=model.hash,
        basis=project.settings.basis,
        snapshots=(),
        made_at=datetime.combine(period.start, time(), UTC),
        teams=team_facts(model, period.span),
        attributed=(),
        shares=(),
        lines=lines,
        proofs=(),
    )
