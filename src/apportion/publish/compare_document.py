"""A comparison of two models as a JSON document. Keys may be added, never renamed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction

from apportion.domain.comment import Comment
from apportion.domain.period import Period
from apportion.model.diff import Change
from apportion.publish.documents import Document, amount, exact, finding_document
from apportion.run.compare import Compared
from apportion.run.compare_values import (
    Comparison,
    Difference,
    Effect,
    LineDifference,
    OwnerDifference,
    PeriodComparison,
)
from apportion.run.explain import rounded

Comments = Mapping[tuple[Period, str], tuple[Comment, ...]]
"""What teams have said, by period and line."""


def by_line(comments: Iterable[Comment]) -> Comments:
    """Comments in the order in which they were made."""
    found: dict[tuple[Period, str], list[Comment]] = defaultdict(list)
    for comment in comments:
        found[comment.period, comment.line].append(comment)
    return {key: tuple(own) for key, own in found.items()}


def compare_document(
    compared: Compared, *, team: str = "", comments: Iterable[Comment] = ()
) -> Document:
    """A comparison; with `team` only that team's part is listed, the totals stay whole."""
    said = by_line(comments)
    return {
        "old_model": compared.old,
        "new_model": compared.new,
        "changes": [_change(change) for change in compared.changes],
        "periods": [_period(one, team, said) for one in compared.periods],
        "months": [
            {
                "currency": one.currency,
                "total": amount(one.total),
                "owners": [
                    {**_owner_head(own), **_amounts(own)}
                    for own in one.owners
                    if team in {"", own.owner.name}
                ],
            }
            for one in compared.together
        ],
    }


def _change(change: Change) -> Document:
    return {
        "section": change.section,
        "name": change.name,
        "kind": str(change.kind),
        "title": change.title,
        "place": str(change.place) if change.place else None,
    }


def _period(found: PeriodComparison, team: str, said: Comments) -> Document:
    return {
        "period": str(found.period),
        "snapshots": list(found.old_run.snapshots),
        "causes": [
            {
                "cause": cause.number,
                "title": cause.title,
                "changes": [
                    {"section": change.section, "name": change.name} for change in cause.changes
                ],
            }
            for cause in found.causes
        ],
        "exact": found.exact,
        "bound": None if found.exact else str(rounded(found.bound)),
        "findings": [finding_document(one) for one in found.findings],
        "currencies": [_comparison(one, found, team, said) for one in found.comparisons],
    }


def _comparison(one: Comparison, found: PeriodComparison, team: str, said: Comments) -> Document:
    return {
        "currency": one.currency,
        "basis": one.basis,
        "old_total": amount(one.total),
        "new_total": amount(one.new_total),
        "owners": [
            {
                **_owner_head(own),
                **_amounts(own),
                "causes": _effects(own.effects),
                "lines": [_line(line, found, said) for line in own.lines],
            }
            for own in one.owners
            if team in {"", own.owner.name}
        ],
    }


def _owner_head(own: OwnerDifference) -> Document:
    return {"kind": str(own.owner.kind), "owner": own.owner.name, "name": own.title}


def _amounts(one: Difference) -> Document:
    return {
        "old": amount(one.old),
        "new": amount(one.new),
        "difference": amount(one.difference),
        "exact_difference": exact(one.exact),
        "percent": percent(one.percent),
    }


def percent(value: Fraction | None) -> str | None:
    """A percentage to two places; None where there was nothing before."""
    return None if value is None else format(rounded(value), "f")


def _effects(effects: Iterable[Effect]) -> list[Document]:
    return [
        {"cause": one.cause, "amount": amount(one.amount), "exact": exact(one.exact)}
        for one in effects
    ]


def _line(one: LineDifference, found: PeriodComparison, said: Comments) -> Document:
    line = one.line
    return {
        "id": line.id,
        "kind": str(line.kind),
        "pool": line.pool or None,
        "service": line.service or None,
        **_amounts(one),
        "causes": _effects(one.effects),
        "comments": [comment_document(each) for each in said.get((found.period, line.id), ())],
    }


def comment_document(comment: Comment) -> Document:
    """What somebody said of a line."""
    return {
        "period": str(comment.period),
        "team": comment.team,
        "line": comment.line,
        "text": comment.text,
        "by": comment.author,
        "at": comment.at.isoformat(),
    }


def signed(value: Decimal) -> str:
    """A difference for people, with its sign.

    >>> signed(Decimal("1234.5")), signed(Decimal("0.00"))
    ('+1,234.5', '0.00')
    """
    return f"{value:+,f}" if value else f"{abs(value):,f}"
