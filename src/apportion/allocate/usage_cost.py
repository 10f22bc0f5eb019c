"""Split what a provider bills by who used that very thing, at its price."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from fractions import Fraction

from apportion.allocate.question import (
    Answer,
    Gap,
    Priced,
    Question,
    in_proportion,
    no_answer,
    noted,
)
from apportion.allocate.shown import shown
from apportion.allocate.variance import variance
from apportion.domain.amounts import sum_of
from apportion.domain.finding import Finding, Level
from apportion.domain.result import DriverUse
from apportion.domain.usage_cells import UsageCell
from apportion.model.terms.usage_cost import Difference, UsageCost

DRIVER = "usage of the same day and kind"
AT_PRICES = "priced usage"


def usage_cost(question: Question) -> Answer:
    """Each day's charges are carried in proportion to what usage of the same kind would cost.

    A charge says what it is for: a project, a model, a kind of token. It is split by the
    usage of that day which agrees in all of it; where there is none, the kind of token, the
    tier and the region may be given up, which is told. So a team that reads from the cache
    carries cache reads, and nobody pays for another's project or model. What has no such
    usage on its day is left to `when_missing`.

    With `difference: keep` teams carry what their usage would cost at list and negotiated
    prices, and the pool keeps what the bill differs by, as a variance.

    Source: showback of shared API accounts, FinOps for AI (FinOps Foundation); direct tracing
    before allocation, Horngren, Cost Accounting, ch. 4.
    """
    terms = question.split.terms
    assert isinstance(terms, UsageCost)
    cells = [one for one in question.usage.cells if _within(question, one)]
    if not cells:
        return no_answer("the pool has no charges with a day in the period")
    split = _by_cells(question, cells)
    if terms.difference is Difference.SPREAD:
        return split
    return _at_prices(question, split)


def _within(question: Question, cell: UsageCell) -> bool:
    return question.span.start <= cell.day < question.span.until


def _by_cells(question: Question, cells: list[UsageCell]) -> Answer:
    """All cells as one answer; each weighs by its cost on the run's basis."""
    costs = [one.cost.of(question.basis) for one in cells]
    if not sum_of(costs):
        costs = [one.cost.of("BilledCost") for one in cells]
    total = sum_of(costs)
    if not total:
        return no_answer("its charges add up to nothing")
    fractions: dict[str, Fraction] = defaultdict(Fraction)
    gone: dict[str, Fraction] = defaultdict(Fraction)
    missing = Fraction(0)
    for cell, cost in zip(cells, costs, strict=True):
        own = {name: part for name, part in cell.weights.items() if _counts(question, name)}
        whole = sum_of(own.values())
        if not whole:
            missing += cost
            continue
        for name, weight in own.items():
            into = fractions if name in question.names else gone
            into[name] += cost / total * weight / whole
    uses = {
        name: (DriverUse(DRIVER, question.currency, part * total, total),)
        for name, part in fractions.items()
    }
    gaps = tuple(_gaps(cells, missing / total, gone))
    findings = tuple(_loosely(question, cells))
    answer = Answer(dict(fractions), uses, gaps, findings=findings)
    return noted(answer, dict(_notes(question, fractions)))


def _counts(question: Question, name: str) -> bool:
    """Whether use by somebody counts: by receivers, and by teams that have gone since."""
    if name in question.names:
        return True
    split = question.split
    named = not split.named or name in split.named
    return name in question.usage.teams and named and name not in split.excluding


def _gaps(cells: list[UsageCell], missing: Fraction, gone: Mapping[str, Fraction]) -> Iterator[Gap]:
    if missing:
        yield Gap(missing, f"no usage of what is billed on {_days(cells)}")
    if gone:
        who = ", ".join(sorted(gone))
        yield Gap(sum_of(gone.values()), f"used by {who} when not in existence", final=True)


def _loosely(question: Question, cells: list[UsageCell]) -> Iterator[Finding]:
    """Charges of a kind that no usage of their model and day is of."""
    by: dict[tuple[str, ...], list[UsageCell]] = defaultdict(list)
    for cell in cells:
        if cell.given_up:
            by[cell.given_up].append(cell)
    for given_up, found in sorted(by.items()):
        amount = sum_of(one.cost.of("BilledCost") for one in found)
        yield Finding(
            "usage-matched-loosely",
            Level.NOTE,
            f"pool {question.pool}: {shown(amount)} {question.currency} is billed for what no "
            f"usage of its day agrees in by {', '.join(given_up)}; it goes by other usage of the "
            "same model",
            question.split.place,
            "see whether the usage is whole, and calls kinds as the bill does",
        )


def _notes(question: Question, fractions: Mapping[str, Fraction]) -> Iterator[tuple[str, str]]:
    priced = question.usage.priced
    for name in fractions:
        if name in priced:
            money = question.usage.foreign or question.currency
            yield name, f"its usage would cost {shown(priced[name])} {money} at prices"


def _days(cells: list[UsageCell]) -> str:
    days = sorted({one.day for one in cells if not one.weights})
    if len(days) > 3:
        return f"{days[0]} and {len(days) - 1} more days"
    return ", ".join(map(str, days))


def _at_prices(question: Question, split: Answer) -> Answer:
    usage = question.usage
    own = {name: usage.priced.get(name, Fraction(0)) for name in question.names}
    total = sum_of(own.values())
    if usage.foreign:
        return no_answer(f"usage is priced in {usage.foreign}, and billed in {question.currency}")
    if not total:
        return split
    charged = in_proportion(AT_PRICES, question.currency, own)
    left = variance(question, "what the bill differs from usage at its prices")
    return Answer(priced=(Priced(Fraction(1), total, charged, left),))
