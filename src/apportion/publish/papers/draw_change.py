"""Why a team's cost changed: a waterfall by cause, and what moved most."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction

from apportion.domain.money import from_units, largest_remainder, minor_digits, to_units
from apportion.insight.mover_values import ItemMove, top
from apportion.insight.price_volume_mix import Effects, summed
from apportion.publish.documents import Document, amount
from apportion.publish.papers.facts import PaperFacts
from apportion.publish.papers.words import count_words, month_words, signed_words
from apportion.run.explain import rounded
from apportion.run.statement import Statement, TeamStatement

CAUSES = {
    "price": ("price", "the same things became dearer or cheaper"),
    "volume": ("volume", "more or less of the same was used"),
    "mix": ("mix", "other kinds of it were used, dearer or cheaper ones"),
    "rule": ("rules", "the allocation model or its drivers changed: who carries how much"),
    "one_off": ("one-off", "one-time charges, and what was there in one of the two months only"),
}

MOST_MOVERS = 8
MOST_UNITS_OFF = 4
FULL = 1000
"""Positions in the chart are thousandths of its width."""


def draw_change(facts: PaperFacts, statement: Statement, team: TeamStatement) -> Document:
    """The change on the month before by cause, to the cent, with the chart's positions.

    `why_not` says why the causes can't be told; there is no chart then.
    """
    none: Document = {"causes": [], "bars": [], "alt": "", "why_not": facts.moved_why, "movers": []}
    if team.previous is None or team.change is None:
        before = facts.run.period.previous()
        why = facts.moved_why or f"the team has no statement of {before} in {statement.currency}"
        return none | {"why_not": why}
    if facts.moved is None:
        return none
    moves = facts.moves.get((team.facts.team, statement.currency))
    if moves is None:
        return none | {"why_not": "no line of the two months can be compared"}
    effects = summed(one.effects for one in moves.lines)
    parts = _in_cents(team.change, effects, statement.currency)
    if parts is None:
        return none | {"why_not": "the month before was billed or drawn in another way since"}
    bars = list(_bars(facts, team, parts))
    return {
        "causes": [
            {
                "cause": words,
                "amount": amount(parts[name]),
                "shown": signed_words(parts[name]),
                "words": meaning,
            }
            for name, (words, meaning) in CAUSES.items()
        ],
        "bars": bars,
        "alt": _alt(bars, statement.currency),
        "why_not": "",
        "movers": list(_movers(moves.items, statement.currency)),
    }


def _in_cents(change: Decimal, effects: Effects, currency: str) -> dict[str, Decimal] | None:
    """The effects rounded so that they add up to the change that is shown.

    Both months are rounded as parts of a whole bill, so that their difference may be some units
    off the exact one: those go to the largest cause. None where rounding can't explain it.
    """
    digits = minor_digits(currency)
    exact = {name: getattr(effects, name) * 10**digits for name in CAUSES}
    whole = sum(exact.values(), Fraction(0))
    units = to_units(whole, 0)
    off = to_units(Fraction(change), digits) - units
    if abs(off) > MOST_UNITS_OFF:
        return None
    found = largest_remainder(units, exact, {name: name for name in exact})
    found[max(exact, key=lambda name: (abs(exact[name]), name))] += off
    return {name: from_units(part, digits) for name, part in found.items()}


def _bars(facts: PaperFacts, team: TeamStatement, parts: dict[str, Decimal]) -> Iterator[Document]:
    """From the month before over each cause to this month."""
    previous = team.previous
    assert previous is not None
    steps: list[tuple[str, str, Decimal, Decimal]] = []
    at = previous
    zero = previous - previous
    steps.append((month_words(str(facts.run.period.previous())), "whole", zero, previous))
    for name, (words, _) in CAUSES.items():
        kind = "more" if parts[name] > 0 else "less" if parts[name] < 0 else "same"
        steps.append((words, kind, at, at + parts[name]))
        at += parts[name]
    steps.append((month_words(str(facts.run.period)), "whole", zero, team.total))
    low = min(min(start, end) for _, _, start, end in steps)
    high = max(max(start, end) for _, _, start, end in steps)
    for label, kind, start, end in steps:
        left, right = (_place(one, low, high) for one in sorted((start, end)))
        shown = signed_words(end - start) if kind != "whole" else f"{end:,f}"
        yield {"label": label, "kind": kind, "from": left, "width": right - left, "shown": shown}


def _place(value: Decimal, low: Decimal, high: Decimal) -> int:
    return int((value - low) * FULL / (high - low)) if high > low else 0


def _alt(bars: Iterable[Document], currency: str) -> str:
    told = ", ".join(f"{bar['label']} {bar['shown']}" for bar in bars)
    return f"Waterfall chart of the change in {currency}: {told}."


def _movers(moved: Iterable[ItemMove], currency: str) -> Iterator[Document]:
    """What changed most within the team's lines: jobs, keys, machines."""
    items = [one for one in moved if one.change]
    shown, rest, count = top(items, MOST_MOVERS)
    digits = minor_digits(currency)
    for one in shown:
        change = rounded(one.change, digits)
        yield {
            "name": one.name,
            "line": one.line.pool or one.line.service,
            "amount": amount(change),
            "shown": signed_words(change),
            "words": _item_words(one),
        }
    if count:
        change = rounded(rest, digits)
        yield {
            "name": f"{count:,} others",
            "line": "",
            "amount": amount(change),
            "shown": signed_words(change),
            "words": "",
        }


_EFFECTS = {"new": "new this month", "gone": "no longer there", "one_off": "one-off"}


def _item_words(one: ItemMove) -> str:
    told = [_EFFECTS[one.effect]] if one.effect in _EFFECTS else []
    if one.quantity_before != one.quantity_after:
        before, after = count_words(one.quantity_before, 2), count_words(one.quantity_after, 2)
        told.append(f"{before} → {after} {one.unit}".strip())
    if 0 < len(one.who) <= 3:
        told.append(", ".join(one.who))
    return "; ".join(told)
