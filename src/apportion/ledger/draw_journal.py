"""From a run's statements to the journal: what each cost centre carries, and who is relieved.

Only what is charged back is booked: lines in showback or shadow inform. Rounding is that of
the statement, so that a journal's lines are those that teams have read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from apportion.domain.finding import Finding, Level
from apportion.domain.journal import Assignment, DocumentKind, JournalDocument, lines_of
from apportion.domain.mode import Mode
from apportion.domain.money import largest_remainder, minor_digits, to_units
from apportion.domain.result import Run
from apportion.ledger.choose_account import AccountDesk
from apportion.ledger.class_weights import Weights, class_weights
from apportion.model.accounting import Sender
from apportion.model.project import Model
from apportion.run.statement import Statement, StatementLine, TeamStatement, draw_statements

PREFIX = "cb"
"""What the external ids of our documents begin with."""

ACCRUED = "ac"
"""The same of estimates."""


@dataclass(frozen=True)
class Journal:
    """The documents of a run, and what keeps some of it from being booked.

    `drafts` are the ids of those that aren't booked, where they stand beside booked ones.
    """

    documents: tuple[JournalDocument, ...]
    findings: tuple[Finding, ...] = ()
    drafts: frozenset[str] = frozenset()

    def state_of(self, document: JournalDocument) -> str:
        """`booked`, or `draft` for what a run would book."""
        return "draft" if document.id in self.drafts else "booked"

    @property
    def may_be_posted(self) -> bool:
        return not any(one.level is Level.ERROR for one in self.findings)


@dataclass(frozen=True)
class Booked:
    """One line on its way into a document: in the receiver's books, in minor units."""

    entity: str
    at: Assignment
    units: int


def draw_journal(
    run: Run,
    model: Model,
    preferred: str,
    kind: DocumentKind = DocumentKind.CHARGEBACK,
    weights: Mapping[str, Weights] | None = None,
) -> Journal:
    """The journal of a run: for each entity and currency one document that sums to zero.

    Debits are what teams in chargeback carry, on the accounts of `postings` and their own
    cost centres; the credit relieves the sender. A team of another entity owes it to the
    sender's entity, with the mark-up: each entity's document balances by itself. A line
    that no posting fits, and a team without an entity or cost centre, are errors.

    `weights` say of which cost classes lines are made, where the run itself can't tell.

    Source: intercompany accounting and internal charging, IFRS 10 B86 (elimination); cost
    recovery by a contra account, Horngren, Cost Accounting, ch. 15.
    """
    day = run.span.until - timedelta(days=1)
    sender, statements = model.accounting.sender(day), tuple(draw_statements(run, preferred))
    if sender is None:
        if not any(_charged(team) for one in statements for team in one.teams):
            return Journal((), ())  # showback: nobody is charged, and nobody relieved
        missing = Finding(
            "sender-missing",
            Level.ERROR,
            f"nobody is relieved of the charges of {run.period}",
            hint="name the sender under `senders` in the model",
        )
        return Journal((), (missing,))
    findings: list[Finding] = []
    desk = AccountDesk(model, day)
    weights = class_weights(run) if weights is None else weights
    documents: list[JournalDocument] = []
    for statement in statements:
        booked = list(_booked(statement, model, desk, weights, findings))
        if not sender.receivable and any(one.entity != sender.entity for one in booked):
            findings.append(between_entities(booked, sender))
            booked = [one for one in booked if one.entity == sender.entity]
        for entity, sums in sums_by_entity(booked, sender, statement.currency).items():
            documents.append(_document(run, model, kind, entity, statement.currency, sums, day))
    return Journal(tuple(one for one in documents if one.lines), tuple(findings))


def _booked(
    statement: Statement,
    model: Model,
    desk: AccountDesk,
    weights: Mapping[str, Weights],
    findings: list[Finding],
) -> Iterator[Booked]:
    """The lines that are charged back, each on its account and cost centre."""
    digits = minor_digits(statement.currency)
    for team in statement.teams:
        charged = _charged(team)
        if not charged:
            continue
        place = place_of(team, model, desk.day, findings)
        if place is None:
            continue
        entity, profit_center = place
        postings = desk.postings_of(team.facts.team, entity)
        for line in charged:
            above, below = line.amount.as_integer_ratio()
            whole = above * 10**digits // below
            for cost_class, units in split_by_class(whole, weights.get(line.id, {})).items():
                if not units:
                    continue
                found = postings.choose(str(line.kind), line.pool, line.service, cost_class)
                if found is None:
                    findings.append(_unmapped(team, line, cost_class))
                    continue
                center = team.facts.cost_center
                at = Assignment(found.account, center, profit_center, found.project)
                yield Booked(entity, at, units)


def split_by_class(units: int, weights: Weights) -> dict[str, int]:
    """A line's minor units by cost class, by largest remainder; whole where it has none.

    Where a line's classes cancel out (a credit as large as the cost), nothing tells how it
    is made up, and it has no class.
    """
    whole = sum(weights.values(), Fraction(0))
    if not whole:
        return {"": units}
    exact = {name: units * part / whole for name, part in weights.items() if part}
    return largest_remainder(units, exact, {name: name for name in exact})


def _charged(team: TeamStatement) -> list[StatementLine]:
    return [one for one in team.lines if one.mode == Mode.CHARGEBACK and one.amount]


def place_of(
    team: TeamStatement, model: Model, day: date, findings: list[Finding]
) -> tuple[str, str] | None:
    """A team's entity and profit centre; an error where it can't be booked."""
    name, organisation = team.facts.team, model.organisation
    entity = organisation.entity(name, day)
    unit = organisation.units.get(name)
    if not entity or entity not in model.accounting.entities or not team.facts.cost_center:
        what = "cost centre" if entity else "legal entity"
        findings.append(
            Finding(
                "team-not-bookable",
                Level.ERROR,
                f"team {name} has no {what}: {team.total} can't be booked",
                unit.place if unit else None,
                f"give it a {what} in `organisation`",
            )
        )
        return None
    return entity, organisation.profit_center(name, day)


def _unmapped(team: TeamStatement, line: StatementLine, cost_class: str) -> Finding:
    of = f" of class {cost_class}" if cost_class else ""
    return Finding(
        "posting-missing",
        Level.ERROR,
        f"team {team.facts.team}: {line.title} ({line.amount}){of} is on no account",
        hint="add a posting that fits, or one without conditions at the end of `postings`",
    )


def between_entities(booked: Sequence[Booked], sender: Sender) -> Finding:
    others = sorted({one.entity for one in booked} - {sender.entity})
    return Finding(
        "intercompany-missing",
        Level.ERROR,
        f"{', '.join(others)} owe {sender.entity} their part, and no accounts are named for it",
        sender.place,
        "name `receivable` and `payable` of the sender",
    )


_Sums = dict[Assignment, int]


def sums_by_entity(booked: Sequence[Booked], sender: Sender, currency: str) -> dict[str, _Sums]:
    """The signed sums of each entity's document; every one of them is zero together."""
    found: dict[str, _Sums] = defaultdict(lambda: defaultdict(int))
    owed: dict[str, int] = defaultdict(int)
    for one in booked:
        found[one.entity][one.at] += one.units
        owed[one.entity] += one.units
    recovery = Assignment(sender.recovery, sender.cost_center, sender.profit_center)
    for entity, units in sorted(owed.items()):
        found[sender.entity][recovery] -= units
        if entity == sender.entity:
            continue
        markup = _markup(units, sender)
        tax = sender.tax_code
        payable = Assignment(sender.payable, partner=sender.entity, tax_code=tax)
        receivable = Assignment(sender.receivable, partner=entity, tax_code=tax)
        found[entity][payable] -= units + markup
        found[sender.entity][receivable] += units + markup
        if markup:
            _spread(found[entity], markup, booked, entity)
            income = Assignment(sender.income, sender.cost_center, sender.profit_center)
            found[sender.entity][income] -= markup
    return {entity: dict(sums) for entity, sums in found.items()}


def _markup(units: int, sender: Sender) -> int:
    """The mark-up in minor units, half away from zero."""
    exact = units * sender.markup
    return to_units(abs(exact), 0) * (1 if exact >= 0 else -1) if exact else 0


def _spread(sums: _Sums, markup: int, booked: Sequence[Booked], entity: str) -> None:
    """The mark-up on the lines that it is for, by largest remainder."""
    own: dict[Assignment, int] = defaultdict(int)
    for one in booked:
        if one.entity == entity:
            own[one.at] += one.units
    whole = sum(own.values())
    exact = {at: Fraction(markup * units, whole) for at, units in own.items()}
    for at, units in largest_remainder(markup, exact, {at: str(at) for at in own}).items():
        sums[at] += units


def _document(  # noqa: PLR0913, PLR0917 -- what a document is made of
    run: Run,
    model: Model,
    kind: DocumentKind,
    entity: str,
    currency: str,
    sums: _Sums,
    day: date,
) -> JournalDocument:
    code = model.accounting.code_of(entity)
    title = f"AI cost {run.period}"
    texts = {at: f"{title} {at.cost_center or at.partner}".strip() for at in sums}
    prefix = ACCRUED if kind is DocumentKind.ACCRUAL else PREFIX
    return JournalDocument(
        id=f"{prefix}-{code}-{run.period}-{currency}-{run.id[:8]}",
        entity=entity,
        period=run.period,
        posted_on=day,
        currency=currency,
        kind=kind,
        text=f"{title} chargeback" if kind is DocumentKind.CHARGEBACK else f"{title} {kind}",
        lines=lines_of(sums, texts),
        run=run.id,
    )
