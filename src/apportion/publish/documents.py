"""JSON documents: the same keys for the command line, files and the API.

Amounts are decimal strings. Keys may be added, never renamed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from apportion.domain.finding import Finding
from apportion.domain.money import SCALE, from_units, plain_text, to_units
from apportion.domain.rate import Rate
from apportion.domain.result import LineKind, Proof, Run
from apportion.domain.snapshot import Acknowledgement, Totals
from apportion.run.in_one_currency import Original
from apportion.run.notices import SHADOW_STALE, STALE
from apportion.run.reconcile import Reconciliation
from apportion.run.shadow_column import ShadowColumn, shadow_column
from apportion.run.statement import Statement, StatementLine, TeamStatement

if TYPE_CHECKING:
    from apportion.load import PeriodLoad, SourceLoad

Document = dict[str, Any]


def amount(value: Decimal | None) -> str | None:
    """An amount as plain decimal text, never in exponent form.

    >>> amount(Decimal("1E+3")), amount(Decimal("-0.000"))
    ('1000', '0.000')
    """
    if value is None:
        return None
    return format(value or abs(value), "f")


def trimmed(value: Decimal | None) -> str | None:
    """An amount to its last digit, without zeros that say nothing; see `plain_text`."""
    return None if value is None else plain_text(value)


def exact(value: Fraction) -> str:
    """A rational as text: a decimal where it has a finite one, else ``n/d``.

    >>> exact(Fraction(1, 8)), exact(Fraction(1, 3))
    ('0.125', '1/3')
    """
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    places = 0
    while (value * 10**places).denominator != 1:
        places += 1
    return format(Decimal((value * 10**places).numerator).scaleb(-places), "f")


def decimal_text(value: Fraction) -> str:
    """A rational as a decimal: to its last digit, or to 18 places where it has no end by then.

    >>> decimal_text(Fraction(1, 8)), decimal_text(Fraction(2, 3))
    ('0.125', '0.666666666666666667')
    """
    text = format(from_units(to_units(value, SCALE), SCALE), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def statement_document(
    statement: Statement,
    *,
    team: str | None = None,
    others: Iterable[Statement] = (),
    findings: Sequence[Finding] = (),
    shadow: tuple[Run, str] | None = None,
) -> Document:
    """A statement; with `team` only that team's part is listed, the totals stay whole.

    `findings` are what must be known of it; `stale` says that the bills or the
    model have changed since the run. `shadow` is a shadow model's run and name: its
    amounts are for information, and in no total.
    """
    beside = shadow_column(statement, *shadow) if shadow else None
    teams = [t for t in statement.teams if team in (None, t.facts.team)]
    document: Document = {
        "period": statement.period,
        "currency": statement.currency,
        "basis": statement.basis,
        "run": statement.run,
        "provisional": statement.provisional,
        "stale": any(one.code in STALE for one in findings),
        "findings": [finding_document(one) for one in findings],
        "total": amount(statement.total),
        "unallocated": amount(statement.unallocated),
        "rounding": amount(statement.rounding),
        "kept": [{"pool": pool, "amount": amount(kept)} for pool, kept in statement.kept],
        "kept_lines": [line_document(line, statement.basis) for line in statement.kept_lines],
        "teams": [_team(found, statement.basis, beside) for found in teams],
        "unallocated_lines": [
            line_document(line, statement.basis) for line in statement.unallocated_lines
        ],
    }
    if statement.converted:
        document["converted"] = _conversion(statement)
    if beside:
        stale = any(one.code == SHADOW_STALE for one in findings)
        document["shadow"] = {"run": beside.run, "model": beside.label, "stale": stale}
    further = [
        statement_document(other, team=team, findings=findings, shadow=shadow) for other in others
    ]
    if further:
        document["other_currencies"] = further
    return document


def _conversion(statement: Statement) -> Document:
    """By which rates a statement was converted, and what stays in other currencies."""
    return {
        "complete": not statement.left,
        "rates": [rate_document(rate) for rate in statement.rates],
        "left": [
            {"currency": other.currency, "amount": amount(other.total)} for other in statement.left
        ],
    }


def rate_document(rate: Rate, *, quotes: bool = False) -> Document:
    """A rate, exact; with `quotes` also what it was made of. A budget's has no source."""
    document: Document = {
        "source": rate.source or None,
        "currency": rate.currency,
        "into": rate.into,
        "type": str(rate.type),
        "rate": None if rate.value is None else exact(rate.value),
        "first": str(rate.first) if rate.first else None,
        "last": str(rate.last) if rate.last else None,
        "origin": rate.origin or None,
        "missing": rate.missing or None,
    }
    if quotes:
        document["quotes"] = [
            {
                "day": str(quote.day),
                "currency": quote.currency,
                "into": quote.into,
                "rate": exact(quote.value),
                "quoted": str(quote.quoted),
                "origin": quote.origin,
            }
            for quote in rate.quotes
        ]
    return document


def original_document(original: Original, basis: str) -> Document:
    """What a part of a converted line was, and its rate; both amounts are exact."""
    return {
        "amount": exact(original.amounts.of(basis)),
        "converted": exact(original.converted.of(basis)),
        **rate_document(original.rate),
    }


def _team(team: TeamStatement, basis: str, beside: ShadowColumn | None) -> Document:
    document: Document = {
        "team": team.facts.team,
        "name": team.facts.title,
        "cost_center": team.facts.cost_center or None,
        "product": team.facts.product or None,
        "business_unit": team.facts.business_unit or None,
        "total": amount(team.total),
        "direct": amount(team.sum_of(LineKind.DIRECT)),
        "shared": amount(team.sum_of(LineKind.SHARED)),
        "by_mode": {mode: amount(money) for mode, money in team.sum_by_mode().items()},
        "idle": amount(team.sum_of(LineKind.IDLE)),
        "lost": amount(team.sum_of(LineKind.LOST)),
        "budget": amount(team.budget),
        "variance": amount(team.variance),
        "previous": amount(team.previous),
        "change": amount(team.change),
        "lines": [line_document(line, basis) for line in team.lines],
    }
    if beside:
        document["shadow_total"] = amount(beside.totals.get(team.facts.team))
        for line, made in zip(team.lines, document["lines"], strict=True):
            made["shadow_amount"] = amount(beside.lines.get(line.id))
        only = beside.only.get(team.facts.team, ())
        document["shadow_lines"] = [line_document(line, basis) for line in only]
    return document


def line_document(line: StatementLine, basis: str) -> Document:
    document: Document = {
        "id": line.id,
        "kind": str(line.kind),
        "pool": line.pool or None,
        "service": line.service or None,
        "amount": amount(line.amount),
        "share": None if line.share is None else exact(line.share),
        "mode": line.mode or None,
        "note": line.note or None,
    }
    if line.originals:
        document["original"] = [original_document(original, basis) for original in line.originals]
    return document


def reconciliation_document(found: Reconciliation) -> Document:
    """The proofs of a period."""
    return {
        "period": str(found.run.period),
        "run": found.run.id,
        "ok": found.ok,
        "complete": found.complete,
        "stale": found.stale,
        "proofs": [_proof(proof, complete=found.is_complete(proof)) for proof in found.proofs],
        "set_aside": [
            {
                "source": aside.source,
                "rows": aside.rows,
                "acknowledged": _acknowledged(aside.acknowledged),
            }
            for aside in found.aside
        ],
        "doubts": [
            {
                "source": one.source,
                "findings": [finding_document(finding) for finding in one.findings],
                "acknowledged": _acknowledged(one.acknowledged),
            }
            for one in found.doubts
        ],
        "findings": [finding_document(finding) for finding in found.findings],
    }


def _acknowledged(found: Iterable[Acknowledgement]) -> list[Document]:
    return [{"by": one.actor, "because": one.because, "at": str(one.at)} for one in found]


def _proof(proof: Proof, *, complete: bool) -> Document:
    money = (
        "control read loaded quarantined direct shared idle unallocated other left_out "
        "difference".split()
    )
    return {
        "source": proof.source,
        "currency": proof.currency,
        "basis": proof.basis,
        "proven_to": proof.proven_to,
        "ok": proof.ok,
        "complete": complete,
        "unread_rows": proof.unread_rows,
    } | {name: trimmed(getattr(proof, name)) for name in money}


def finding_document(finding: Finding) -> Document:
    """A finding."""
    return {
        "code": finding.code,
        "level": str(finding.level),
        "message": finding.message,
        "place": str(finding.place) if finding.place else None,
        "hint": finding.hint or None,
        "rows": finding.rows,
    }


def load_document(found: SourceLoad) -> Document:
    """What a load brought for one source."""
    return {
        "source": found.source,
        "files_read": found.files_read,
        "files_known": found.files_known,
        "files_duplicate": found.files_duplicate,
        "files_fetched": found.files_fetched,
        "rows": found.rows,
        "seconds": round(found.seconds, 3),
        "periods": [_period_load(period) for period in found.periods],
        "findings": [finding_document(finding) for finding in found.findings],
    }


def _period_load(period: PeriodLoad) -> Document:
    return {
        "period": str(period.period),
        "state": str(period.state),
        "snapshot": period.snapshot,
        "totals": [_totals(totals) for totals in period.totals],
        "change": [
            {"currency": currency, "basis": basis, "amount": amount(changed)}
            for (currency, basis), changed in sorted(period.change.items())
        ],
        "moved": [
            {
                "currency": one.currency,
                "basis": one.basis,
                "service": one.service or None,
                "account": one.account or None,
                "amount": trimmed(one.amount),
            }
            for one in period.moved
        ],
    }


def _totals(totals: Totals) -> Document:
    return {
        "currency": totals.currency,
        "rows": {
            "read": totals.read_rows,
            "loaded": totals.loaded_rows,
            "quarantined": totals.quarantined_rows,
        },
        **{
            name: {basis: amount(money) for basis, money in getattr(totals, name).items()}
            for name in ("read", "loaded", "quarantined")
        },
        "unread": dict(totals.unread),
    }
