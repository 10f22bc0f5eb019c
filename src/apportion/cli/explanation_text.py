"""An explanation as text: plain sentences, and a tree whose parts sum to the line."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apportion.domain.result import DriverUse
    from apportion.run.explain import Explanation
    from apportion.run.explain_tree import Node
    from apportion.run.said import Said, Sayings

MOST_RULES = 12
"""Rules that are listed at one place of the tree; `--json` has them all."""


def explanation_text(found: Explanation, said: Sayings) -> Iterator[str]:
    """The lines to print of one explanation, below its heading."""
    if found.share is not None and found.pool_cost is not None:
        yield from _of_pool(found, said)
    elif found.team:
        yield "You carry these charges directly: rules gave them to you."
    else:
        yield "Nobody carries these charges: no rule took them."
    yield f"What it is made of, in {found.currency}:"
    for part in found.tree.parts:
        yield from _node(part, said, _places(found), 1)
    if found.rounding:
        yield f"Rounded to {found.currency} once, so that all lines add up to the rounded bill."


def model_text(said: Sayings) -> str:
    """Which version of the model the run was made with, and whether it is still the project's."""
    from apportion.run.said import SHORT

    version = said.version[:SHORT]
    if said.same:
        return f"model {version}, with which the run was made; places are those of its files"
    now = f"is {said.now[:SHORT]} now" if said.now else "can't be read now"
    return (
        f"the run was made with model {version}, which has changed since (it {now}): "
        "places and reasons of rules aren't told"
    )


def _of_pool(found: Explanation, said: Sayings) -> Iterator[str]:
    places = _places(found)
    whole = f"{_money(found.exact, places)} of {_money(found.pool_cost, places)} {found.currency}"
    part = f"{_percent(found.share)} of the pool {said.title(found.line.pool)}, {whole}"
    yield _verb(found).format(part=part) + (", because of" if found.uses else ".")
    for use in found.uses:
        yield f"  {_use(use, found, said)}"
    total = sum((_part(use) for use in found.uses), Fraction(0))
    if len(found.uses) > 1 and total == found.share:
        yield f"  together {_percent(found.share)}"
    elif found.uses and total != found.share:
        yield f"  further terms of the pool make of this {_percent(found.share)}"
    if found.note:
        yield f"Note: {found.note}."
    if found.received:
        given = (
            f"{_money(one.amount, places)} from {said.title(one.pool)} "
            f"({_percent(one.part)} of its {_money(one.of, places)})"
            for one in found.received
        )
        parts = (f"{_money(found.own_cost, places)} of its own", *given)
        yield f"The pool's {_money(found.pool_cost, places)} are {', '.join(parts)}."
    told = said.of_pool(found.line.pool)
    for one in told:
        yield f"{_said_as(one)}: {_said(one)}"
    if not said.same or "(fallback)" in found.method:
        yield f"Split by: {found.method}"


def _verb(found: Explanation) -> str:
    from apportion.domain.result import LineKind

    if not found.team:
        return "The pool keeps {part}"
    return {
        LineKind.IDLE: "You carry unused capacity: {part}",
        LineKind.LOST: "You carry use that came to nothing: {part}",
        LineKind.VARIANCE: "You carry a variance: {part}",
    }.get(found.line.kind, "You carry {part}")


def _use(use: DriverUse, found: Explanation, said: Sayings) -> str:
    weight = "" if use.weight == 1 else f" × {_percent(use.weight)} weight"
    words = (
        f"{_figure(use.quantity)} of {_figure(use.total)} {use.unit} ({use.driver}){weight}"
        f" = {_percent(_part(use))}"
    )
    origin = said.origin(use, found.owner.name, found.line.pool)
    if origin is None:
        return words
    places = [row.place for row in origin.rows]
    if len(places) > 3:
        return f"{words}; {origin.words}: {len(places)} rows from {places[0]}"
    if places:
        return f"{words}; from {', '.join(places)}"
    return f"{words}; {origin.words}{f' ({origin.place})' if origin.place else ''}"


def _part(use: DriverUse) -> Fraction:
    return use.quantity / use.total * use.weight if use.total else Fraction(0)


def _node(node: Node, said: Sayings, places: int, depth: int) -> Iterator[str]:
    indent = "  " * depth
    yield f"{indent}{_money(node.amount, places)}  {_words(node, said, places)}"
    rules = [part for part in node.parts if part.reason]
    hidden = rules[MOST_RULES:]
    for part in node.parts:
        if part not in hidden:
            yield from _node(part, said, places, depth + 1)
    if hidden:
        rest = sum((part.amount for part in hidden), Fraction(0))
        yield f"{indent}  {_money(rest, places)}  {len(hidden)} more rules (`--json` lists them)"


def _words(node: Node, said: Sayings, places: int) -> str:
    from apportion.run.explain_tree import NodeKind

    of = "" if node.of is None else _money(node.of, places)
    share = "" if node.share is None else _percent(node.share)
    title = said.title(node.name)
    if node.kind is NodeKind.RULE:
        return _rule_words(node, said)
    if node.kind is NodeKind.OWN:
        return f"{share} of {of}, the charges that fell into it"
    passed = "" if node.passed is None else _percent(node.passed)
    if node.kind is NodeKind.LOOP:
        return (
            f"from {title}, {share} of the {of} that it brings into pools which charge each "
            f"other: {passed} of it passes through this pool"
        )
    if node.passed == node.share:
        words = f"{title}: {share} of its {of}"
    else:
        words = f"{title} charges it {passed} of its {of}, so that {share} of it is here"
    return f"{words} (taken apart elsewhere in this tree)" if node.again else words


def _rule_words(node: Node, said: Sayings) -> str:
    from apportion.cli.console import some

    reason = node.reason
    assert reason is not None
    where = ", ".join(part for part in (reason.source, reason.service) if part)
    words = f"rule {node.name}" if node.name else "no rule"
    words += f" ({reason.evidence} evidence): {where}, {some(reason.charges, 'charge')}"
    if reason.meant:
        words += f", meant for {reason.meant} on evidence that is too weak to charge"
    told = said.of_rule(node.name)
    return f"{words}; {'; '.join(_said(one) for one in told)}" if told else words


_NAMES = {"pool": "The pool", "split": "Split", "policy": "Policy"}


def _said_as(one: Said) -> str:
    name = _NAMES.get(one.what, one.what.capitalize())
    return f"{name} by {one.method}" if one.method else name


def _said(one: Said) -> str:
    """Where the model states it, from when, why, and who answers for it."""
    parts = [one.place]
    parts += [f"from {one.valid.start}"] if one.valid.start else []
    parts += [f"until {one.valid.until}"] if one.valid.until else []
    parts += [f"because: {one.because}"] if one.because else []
    parts += [f"answered for by {one.responsible}"] if one.responsible else []
    return ", ".join(part for part in parts if part)


def _places(found: Explanation) -> int:
    return -int(found.line.amount.as_tuple().exponent)


def _percent(share: Fraction | None) -> str:
    """A share for reading: at most four places, with the fraction where that is readable."""
    from apportion.publish.explanation_document import readable
    from apportion.run.explain import percent

    if share is None:
        return ""
    shown = percent(share)
    plain = f"{shown.normalize():f}"
    exact = Fraction(plain) == share * 100
    fraction = "" if exact else readable(share)
    return f"{plain} %{f' ({fraction})' if fraction else ''}"


def _money(value: Fraction | None, places: int) -> str:
    from apportion.cli.console import money
    from apportion.run.explain import rounded

    return money(None if value is None else rounded(value, places))


def _figure(value: Fraction) -> str:
    """A quantity for reading: at most four decimal places."""
    from apportion.run.explain import rounded

    return f"{rounded(value, 4).normalize():,f}"
