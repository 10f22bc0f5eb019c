"""A statement as a document: all that its PDF, workbook and page show, in the same words."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from apportion.domain.mode import Mode
from apportion.domain.result import LineKind
from apportion.publish.documents import Document, amount, exact
from apportion.publish.papers.draw_beside import draw_beside
from apportion.publish.papers.draw_change import draw_change
from apportion.publish.papers.draw_lines import draw_lines
from apportion.publish.papers.facts import PaperFacts, parts_of
from apportion.publish.papers.tips import draw_tips
from apportion.publish.papers.words import (
    BASES,
    count_words,
    money_words,
    month_words,
    price_words,
    signed_words,
)
from apportion.run.explain import Explanation
from apportion.run.statement import Statement, TeamStatement, one_team

FORM = "apportion-statement/1"

MODES = {
    Mode.SHADOW: "Shadow: for information, tried out. Nothing of it is booked.",
    Mode.SHOWBACK: "Showback: it shows what you cost. Nothing of it is booked to your cost centre.",
    Mode.CHARGEBACK: "Chargeback: it is booked to your cost centre when the month is closed.",
}


def draw_paper(facts: PaperFacts, team: str) -> Document:
    """A team's statement. Amounts are decimal text; what is `shown` is made for reading.

    Nothing in it is mark-up: what sets it treats every value as text. Raises NotLoaded where
    the run has no such team.
    """
    own = one_team(facts.statements[0], team)
    period = str(facts.run.period)
    title = own.facts.title or own.facts.team
    return {
        "form": FORM,
        "title": f"Statement of {title}, {month_words(period)}",
        "project": facts.project,
        "period": period,
        "month": month_words(period),
        "team": {
            "name": own.facts.team,
            "title": title,
            "cost_center": own.facts.cost_center,
            "product": own.facts.product,
            "business_unit": own.facts.business_unit,
        },
        "basis": facts.run.basis,
        "basis_words": BASES.get(facts.run.basis, facts.run.basis),
        "version": _version(facts),
        "notices": [one.message for one in facts.notices],
        "how_to_read": list(_how_to_read(facts)),
        "parts": [
            _part(facts, found, team, explained) for found, explained in parts_of(facts, team)
        ],
        "unit_costs": list(_unit_costs(facts, team)),
        "unit_costs_why": facts.costs_why,
        "beside": list(draw_beside(facts, team)),
        "comments": _comments(facts, team),
        "what_to_do": list(_what_to_do(facts, own)),
        "proof": list(_proof(facts)),
    }


def _version(facts: PaperFacts) -> Document:
    """Which statement of the month this is."""
    version, run = facts.version, facts.run
    issue = version.issue
    if issue:
        words = f"Statement no. {issue.number} of {month_words(str(run.period))}"
        words += f", issued on {issue.at:%Y-%m-%d}"
    else:
        words = "Draft: not issued yet"
    closed = version.state.is_closed
    return {
        "number": issue.number if issue else None,
        "words": words,
        "issued_at": issue.at.isoformat() if issue else "",
        "state": str(version.state),
        "closed": closed,
        "state_words": (
            "The month is closed: these figures are final, and what changes later is a correction."
            if closed
            else "The month isn't closed yet: these figures may still change."
        ),
        "run": run.id,
        "made_at": run.made_at.isoformat(),
        "model": run.model,
        "snapshots": list(run.snapshots),
        "audit_head": version.audit_head,
    }


def _how_to_read(facts: PaperFacts) -> Iterator[str]:
    yield (
        "Direct cost is what your own resources and keys cost. Shared cost is your part of pools "
        "that several teams use: it says which part, by which quantities, and who decided the rule."
    )
    yield (
        f"All amounts are {BASES.get(facts.run.basis, facts.run.basis)}. They are rounded once, so "
        "that all lines of all teams add up to the rounded bill."
    )
    if facts.run.currency:
        yield f"Other currencies are converted to {facts.run.currency} by the rates of the run."
    yield (
        "Each line has an id. With it, apportion explain shows the rules, the driver "
        "quantities and the rows of the bills behind it."
    )


def _part(
    facts: PaperFacts, statement: Statement, team: str, explained: tuple[Explanation, ...]
) -> Document:
    """All that is in one currency."""
    own = one_team(statement, team)
    return {
        "currency": statement.currency,
        "total": amount(own.total),
        "shown": money_words(own.total),
        "figures": list(_figures(own)),
        "direct_total": money_words(own.sum_of(LineKind.DIRECT)),
        "shared_total": money_words(own.total - own.sum_of(LineKind.DIRECT)),
        **draw_lines(own, explained, facts.said),
        "change": draw_change(facts, statement, own),
        "tips": draw_tips(facts, statement, own, explained),
        "modes": _modes(own),
        "rates": list(dict.fromkeys(_rates(statement))),
    }


def _figures(own: TeamStatement) -> Iterator[Document]:
    """The figures below the title, those that there are."""
    named: list[tuple[str, Decimal | None, bool]] = [
        ("Total", own.total, False),
        ("Direct", own.sum_of(LineKind.DIRECT), False),
        ("Shared", own.sum_of(LineKind.SHARED), False),
        *((name, own.sum_of(kind) or None, False) for kind, name in _KINDS.items()),
        ("Budget", own.budget, False),
        ("Against budget", own.variance, True),
        ("Month before", own.previous, False),
        ("Change", own.change, True),
    ]
    for name, value, with_sign in named:
        if value is not None:
            shown = signed_words(value) if with_sign else money_words(value)
            yield {"name": name, "amount": amount(value), "shown": shown}


_KINDS = {
    LineKind.IDLE: "Idle capacity",
    LineKind.LOST: "Lost use",
    LineKind.VARIANCE: "Rate variance",
}


def _modes(own: TeamStatement) -> list[Document]:
    return [
        {"mode": mode, "shown": money_words(carried), "words": MODES[Mode(mode)]}
        for mode, carried in own.sum_by_mode().items()
    ]


def _rates(statement: Statement) -> Iterator[str]:
    for rate in statement.rates:
        if rate.missing:
            yield f"{rate.currency} has no rate to {rate.into}: it is no part of this total"
        elif rate.value is not None:
            days = f"{rate.first} to {rate.last}" if rate.first != rate.last else f"{rate.first}"
            yield (
                f"1 {rate.currency} = {price_words(rate.value)} {rate.into} "
                f"({str(rate.type).replace('_', ' ')}, {days}"
                f"{f', {rate.origin}' if rate.origin else ''})"
            )


def _unit_costs(facts: PaperFacts, team: str) -> Iterator[Document]:
    for one in facts.costs.costs if facts.costs else ():
        if one.group == team and one.figure is not None:
            yield {
                "measure": one.measure,
                "of": one.of,
                "currency": one.currency,
                "shown": price_words(one.figure),
                "exact": exact(one.figure),
                "formula": one.formula,
                "count": count_words(one.count, 2) if one.count is not None else "",
                "unit": one.unit,
                "note": one.note,
            }


def _comments(facts: PaperFacts, team: str) -> list[Document]:
    """What the team said of its lines, until the statement was issued."""
    issue = facts.version.issue
    said = facts.comments.get(team, ())
    return [
        {"line": one.line, "text": one.text, "author": one.author, "day": f"{one.at:%Y-%m-%d}"}
        for one in said
        if issue is None or one.at <= issue.at
    ]


def _what_to_do(facts: PaperFacts, own: TeamStatement) -> Iterator[str]:
    period, team = facts.run.period, own.facts.team
    yield (
        "Something isn't yours, or a quantity is wrong? Dispute the line: apportion dispute open "
        f"--period {period} --team {team} --line ID --reason-code CODE --because WHY"
    )
    yield f"To say something of a line: apportion comment --period {period} --team {team} --line ID"
    yield f"To see where a line comes from: apportion explain --period {period} --line ID"
    if facts.version.state.is_closed:
        yield "The month is closed: what is put right now comes as a correction in a later month."
    else:
        yield "Until the month is closed, what is put right changes this statement."


def _proof(facts: PaperFacts) -> Iterator[Document]:
    """The proof of the run's own cost basis, source by source."""
    found = facts.reconciled
    for proof in found.proofs:
        if proof.basis != facts.run.basis:
            continue
        complete = found.is_complete(proof)
        state = "holds" if proof.ok and complete else "incomplete" if proof.ok else "FAILS"
        yield {
            "source": proof.source,
            "currency": proof.currency,
            "state": state,
            "words": (
                f"{proof.source}: the proof {state}, proven to {proof.proven_to}. Read "
                f"{money_words(_short(proof.read))} {proof.currency} = loaded "
                f"{money_words(_short(proof.loaded))} + set aside "
                f"{money_words(_short(proof.quarantined))}; difference "
                f"{money_words(_short(proof.difference))}."
            ),
        }


def _short(value: Decimal) -> Decimal:
    """An amount without zeros that say nothing, but with two places at least."""
    from apportion.domain.money import WIDE

    plain, cents = value.normalize(WIDE), value.quantize(Decimal("0.01"), context=WIDE)
    return cents if cents == plain else plain
