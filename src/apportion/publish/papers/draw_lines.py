"""The lines of a statement with their reasons: own charges by rule, shares by pool and driver."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from apportion.domain.money import minor_digits
from apportion.domain.owner import Evidence
from apportion.domain.result import DriverUse, LineKind
from apportion.publish.documents import Document, amount, exact
from apportion.publish.papers.words import count_words, money_words, share_words
from apportion.run.explain import Explanation, Reason, rounded
from apportion.run.said import Said, Sayings
from apportion.run.statement import StatementLine, TeamStatement

MOST_RULES = 6
"""Rules that are told of one line; the others are summed up."""

_KINDS = {
    LineKind.SHARED: "You carry",
    LineKind.IDLE: "You carry capacity that was paid for and not used:",
    LineKind.LOST: "You carry use that came to nothing:",
    LineKind.VARIANCE: "You carry what a standard rate left over:",
}


def draw_lines(
    team: TeamStatement, explained: Iterable[Explanation], said: Sayings
) -> dict[str, list[Document]]:
    """A team's own lines and its shares of pools, the costliest first."""
    found: dict[str, list[Explanation]] = defaultdict(list)
    for one in explained:
        found[one.line.id].append(one)
    lines = sorted(team.lines, key=lambda line: (-abs(line.amount), line.id))
    own = [_line(one, team) | _direct(found[one.id], said) for one in lines if not one.pool]
    shared = [_line(one, team) | _shared(found[one.id], said) for one in lines if one.pool]
    return {"direct": own, "shared": shared}


def _line(line: StatementLine, team: TeamStatement) -> Document:
    return {
        "id": line.id,
        "kind": str(line.kind),
        "title": line.title,
        "pool": line.pool,
        "amount": amount(line.amount),
        "shown": money_words(line.amount),
        "share": "" if line.share is None else exact(line.share),
        "percent": "" if line.share is None else share_words(line.share),
        "mode": line.mode if line.mode not in {"", team.mode} else "",
        "note": line.note,
    }


def _direct(found: Iterable[Explanation], said: Sayings) -> Document:
    return {"why": [words for one in found for words in _rules(one.reasons, one.currency, said)]}


def _rules(reasons: Iterable[Reason], currency: str, said: Sayings) -> Iterator[str]:
    """Which rules gave the charges, by their places and reasons, the largest first."""
    by_rule: dict[tuple[str, Evidence], list[Reason]] = defaultdict(list)
    for one in reasons:
        by_rule[one.rule, one.evidence].append(one)
    order = sorted(by_rule.items(), key=lambda item: -abs(_sum(item[1])))
    for (rule, evidence), own in order[:MOST_RULES]:
        count = sum(one.charges for one in own)
        told = "; ".join(filter(None, map(_said, said.of_rule(rule))))
        yield (
            f"{_money(_sum(own), currency)}: {count:,} {'charge' if count == 1 else 'charges'} "
            f"by {f'rule {rule}' if rule else 'no rule'} ({evidence} evidence)"
            f"{f'; {told}' if told else ''}"
        )
    if rest := order[MOST_RULES:]:
        whole = sum((_sum(own) for _, own in rest), Fraction(0))
        yield f"{_money(whole, currency)} by {len(rest)} more rules"


def _shared(found: list[Explanation], said: Sayings) -> Document:
    return {
        "pool_title": said.title(found[0].line.pool) if found else "",
        "why": [words for one in found for words in _share(one, said)],
        "rule": list(dict.fromkeys(text for one in found for text in _pool_rule(one, said))),
        "drivers": [_driver(use) for one in found for use in one.uses],
    }


def _share(one: Explanation, said: Sayings) -> Iterator[str]:
    """How much of how much, and by which quantities."""
    if one.share is None or one.pool_cost is None:
        return
    yield (
        f"{_KINDS.get(one.line.kind, 'You carry')} {share_words(one.share)} of "
        f"{said.title(one.line.pool)}: {_money(one.exact, one.currency)} of "
        f"{_money(one.pool_cost, one.currency)}."
    )
    for use in one.uses:
        yield f"{_use(use)}."
    total = sum((_part(use) for use in one.uses), Fraction(0))
    if one.uses and total != one.share:
        yield f"Further terms of the pool make of this {share_words(one.share)}."
    for given in one.received:
        yield (
            f"The pool itself carries {share_words(given.part)} of {said.title(given.pool)}: "
            f"{_money(given.amount, one.currency)}."
        )
    if one.note:
        yield f"{one.note[:1].upper()}{one.note[1:]}."


def _pool_rule(one: Explanation, said: Sayings) -> Iterator[str]:
    """What the model says of the pool and its split."""
    for told in said.of_pool(one.line.pool):
        words = _said(told)
        name = f"{told.what} by {told.method}" if told.method else told.what
        yield f"{name[:1].upper()}{name[1:]}{f': {words}' if words else ''}"
    if not said.same or "(fallback)" in one.method:
        yield f"Split by {one.method}"


def _use(use: DriverUse) -> str:
    weight = "" if use.weight == 1 else f", weight {share_words(use.weight)}"
    return (
        f"{count_words(use.quantity)} of {count_words(use.total)} {use.unit} "
        f"({use.driver}){weight}: {share_words(_part(use))}"
    )


def _part(use: DriverUse) -> Fraction:
    return use.quantity / use.total * use.weight if use.total else Fraction(0)


def _driver(use: DriverUse) -> Mapping[str, str]:
    return {
        "driver": use.driver,
        "unit": use.unit,
        "quantity": exact(use.quantity),
        "total": exact(use.total),
        "weight": exact(use.weight),
    }


def _said(one: Said) -> str:
    """Where the model states it, since when, why, and who answers for it."""
    parts = [one.place]
    parts += [f"from {one.valid.start}"] if one.valid.start else []
    parts += [f"until {one.valid.until}"] if one.valid.until else []
    parts += [f"because: {one.because}"] if one.because else []
    parts += [f"answered for by {one.responsible}"] if one.responsible else []
    return ", ".join(part for part in parts if part)


def _sum(reasons: Iterable[Reason]) -> Fraction:
    return sum((one.amount for one in reasons), Fraction(0))


def _money(value: Fraction, currency: str) -> str:
    return f"{money_words(rounded(value, minor_digits(currency)))} {currency}"
