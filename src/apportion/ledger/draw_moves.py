"""Documents beside a run: cost that a decision moves, and disputed cost that waits in suspense.

No run says them, so no correction undoes them (see :attr:`DocumentKind.is_beside`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from apportion.domain.adjustment import Adjustment
from apportion.domain.dispute import Dispute, DisputeTerms
from apportion.domain.finding import Finding, Level
from apportion.domain.journal import Assignment, DocumentKind, JournalDocument, lines_of
from apportion.domain.mode import Mode
from apportion.domain.owner import Owner, OwnerKind
from apportion.domain.period import Period
from apportion.domain.result import LineKind, Run
from apportion.ledger.choose_account import AccountDesk
from apportion.ledger.class_weights import class_weights
from apportion.ledger.draw_journal import (
    Booked,
    Journal,
    between_entities,
    place_of,
    split_by_class,
    sums_by_entity,
)
from apportion.model.project import Model
from apportion.run.statement import Statement, StatementLine, TeamStatement, draw_statements

ADJUSTMENT, SUSPENSE = "adj", "sus"
"""What the external ids of these documents begin with."""

_NO_LINE = StatementLine("", LineKind.ADJUSTMENT, "", "", Decimal(0))


@dataclass(frozen=True)
class MoveDesk:
    """A run with its statements, from which moves of its lines are booked in the month `into`."""

    run: Run
    model: Model
    statements: Sequence[Statement]
    into: Period

    @classmethod
    def of(cls, run: Run, model: Model, preferred: str, into: Period) -> MoveDesk:
        return cls(run, model, tuple(draw_statements(run, preferred)), into)

    def adjustments(self, found: Iterable[Adjustment]) -> Journal:
        """The documents of adjustments: each sums to zero, by entity and currency.

        A team in chargeback is debited or credited on the account that the line is booked on;
        what goes to nobody, to a pool, or to a team that isn't charged back is no longer
        recovered by the sender. Between entities it is owed, as in the month's own journal.
        """
        documents: list[JournalDocument] = []
        findings: list[Finding] = []
        for one in found:
            documents += self._adjustment(one, findings)
        return Journal(tuple(documents), tuple(findings))

    def suspense(self, found: Iterable[Dispute], terms: DisputeTerms) -> Journal:
        """The documents that put disputed charges on the account of suspense, in their entity."""
        documents: list[JournalDocument] = []
        findings: list[Finding] = []
        known = self.model.accounting.accounts
        for one in found:
            if known and terms.suspense not in known:
                findings.append(_unknown(terms.suspense))
                break
            documents += self._suspense(one, terms.suspense, findings)
        return Journal(tuple(documents), tuple(findings))

    def line(self, currency: str, line: str) -> StatementLine | None:
        """A statement's line by its id."""
        return next(
            (
                own
                for one in self.statements
                if one.currency == currency
                for own in one.lines
                if own.id == line
            ),
            None,
        )

    def _adjustment(self, one: Adjustment, findings: list[Finding]) -> Iterator[JournalDocument]:
        day = self.run.span.until - timedelta(days=1)
        sender = self.model.accounting.sender(day)
        booked = [
            part
            for owner, units in one.moves()
            for part in self._side(owner, units, one.currency, one.line, findings)
        ]
        if not booked or sender is None:
            return
        if not sender.receivable and any(part.entity != sender.entity for part in booked):
            findings.append(between_entities(booked, sender))
            return
        of = f" (dispute {one.dispute})" if one.dispute else ""
        text = f"AI cost {one.period} adjustment {one.id}{of}"
        sums = sums_by_entity(booked, sender, one.currency)
        for entity, signed in sums.items():
            yield from self._document(
                ADJUSTMENT, DocumentKind.ADJUSTMENT, entity, one, text, signed
            )

    def _suspense(
        self, one: Dispute, account: str, findings: list[Finding]
    ) -> Iterator[JournalDocument]:
        owner = Owner(OwnerKind.TEAM, one.team)
        booked = list(self._side(owner, -one.units, one.currency, one.line, findings))
        sums: dict[Assignment, int] = {}
        for part in booked:
            sums[part.at] = sums.get(part.at, 0) + part.units
            held = Assignment(account, profit_center=part.at.profit_center)
            sums[held] = sums.get(held, 0) - part.units
        if booked:
            text = f"AI cost {one.period} dispute {one.id} in suspense"
            entity = booked[0].entity
            yield from self._document(SUSPENSE, DocumentKind.SUSPENSE, entity, one, text, sums)

    def _side(
        self, owner: Owner, units: int, currency: str, line: str, findings: list[Finding]
    ) -> Iterator[Booked]:
        """What of a move is booked for one owner: nothing but for a team in chargeback."""
        if owner.kind is not OwnerKind.TEAM or not units:
            return
        facts = next((one for one in self.run.teams if one.team == owner.name), None)
        shown = self.line(currency, line) or _NO_LINE
        if facts is None or not self._charged(owner, shown):
            return
        team = TeamStatement(facts, shown.amount, None, None, (shown,))
        day = self.run.span.until - timedelta(days=1)
        place = place_of(team, self.model, day, findings)
        if place is None:
            return
        entity, profit_center = place
        weights = class_weights(self.run).get(shown.id, {})
        postings = AccountDesk(self.model, day).postings_of(owner.name, entity)
        for cost_class, part in split_by_class(units, weights).items():
            found = postings.choose(str(shown.kind), shown.pool, shown.service, cost_class)
            if found is None:
                findings.append(_unmapped(owner, shown))
                continue
            center = facts.cost_center
            at = Assignment(found.account, center, profit_center, found.project)
            yield Booked(entity, at, part)

    def _charged(self, owner: Owner, shown: StatementLine) -> bool:
        """By the mode of the line where the owner carries it, else as it would be for them."""
        held = any(
            line.id == shown.id and line.owner == owner for line in self.run.lines if shown.id
        )
        if held:
            return shown.mode == Mode.CHARGEBACK
        start = self.run.span.start
        return self.model.line_mode(owner.name, shown.pool, start) is Mode.CHARGEBACK

    def _document(
        self,
        prefix: str,
        kind: DocumentKind,
        entity: str,
        of: Adjustment | Dispute,
        text: str,
        sums: dict[Assignment, int],
    ) -> Iterator[JournalDocument]:
        code = self.model.accounting.code_of(entity)
        lines = lines_of(sums, dict.fromkeys(sums, text))
        if not lines:
            return
        yield JournalDocument(
            id=document_id(prefix, code, self.into, of),
            entity=entity,
            period=self.into,
            posted_on=self.into.until - timedelta(days=1),
            currency=of.currency,
            kind=kind,
            text=text,
            lines=lines,
            run=self.run.id,
            original="" if of.period == self.into else str(of.period),
        )


def document_id(prefix: str, code: str, into: Period, of: Adjustment | Dispute) -> str:
    """The external id of a document of an adjustment or a dispute."""
    return f"{prefix}-{code}-{into}-{of.currency}-{of.id}"


def is_of(document: JournalDocument, prefix: str, of: Adjustment | Dispute) -> bool:
    """Whether a document is one of an adjustment or a dispute."""
    kind = DocumentKind.ADJUSTMENT if prefix == ADJUSTMENT else DocumentKind.SUSPENSE
    return document.kind is kind and document.id.endswith(f"-{of.currency}-{of.id}")


def _unmapped(owner: Owner, shown: StatementLine) -> Finding:
    what = shown.title if shown.id else "an adjustment"
    return Finding(
        "posting-missing",
        Level.ERROR,
        f"{owner}: {what} is on no account",
        hint="add a posting that fits, or one without conditions at the end of `postings`",
    )


def _unknown(account: str) -> Finding:
    return Finding(
        "suspense-account-unknown",
        Level.ERROR,
        f"disputed charges wait on account {account!r}, which the model doesn't have",
        hint="add it to `accounts`, or correct `disputes: {suspense: …}` in apportion.yaml",
    )
