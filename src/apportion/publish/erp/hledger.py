"""hledger and ledger: one plain-text journal that both read, checked strictly.

Accounts, currencies and payees are declared, so that a slip of a name is seen. A currency is
declared without a format: one of few decimals would have hledger forgive what is missing
behind them.
"""

from __future__ import annotations

from collections.abc import Iterator

from apportion.domain.journal import JournalDocument
from apportion.publish.erp.figures import signed
from apportion.publish.erp.ledger_accounts import (
    LIMITS,
    Accounts,
    accounts,
    asks,
    balances,
    by_date,
    day_after,
)
from apportion.publish.erp.settings import ErpSettings
from apportion.publish.erp.target import Files, Parts, Target

_TAGS = ("run", "reverses")
_OF_LINES = ("cost_center", "profit_center", "project", "partner", "tax_code")
_CLEARED = str.maketrans(dict.fromkeys(';|*!()"', " "))
_CHECK = "balances"


def render_hledger(parts: Parts, settings: ErpSettings) -> Files:
    """A journal for hledger; with `assertions`, an entry of balances at the end."""
    asserted = settings.option("assertions") == "true"
    return {"journal.hledger": "".join(_journal(parts, settings, asserted)).encode()}


def render_ledger(parts: Parts, settings: ErpSettings) -> Files:
    """A journal for ledger."""
    return {"journal.ledger": "".join(_journal(parts, settings, asserted=False)).encode()}


def _journal(parts: Parts, settings: ErpSettings, asserted: bool) -> Iterator[str]:
    names = accounts(parts, settings)
    for currency in sorted({part.currency for part in parts}):
        yield f"commodity {currency}\n"
    payees = {_payee(part) for part in parts} | ({_CHECK} if asserted and parts else set())
    for payee in sorted(payees):
        yield f"payee {payee}\n"
    for name in sorted(set(names.values())):
        yield f"account {name}\n"
    for tag in (*_TAGS, *_OF_LINES):
        yield f"tag {tag}\n"
    for part in by_date(parts):
        yield from _entry(part, names)
    if asserted and parts:
        yield f"\n{day_after(parts)} {_CHECK}\n"
        for (name, currency), amount in balances(parts, names).items():
            yield f"    {name}  0 {currency} = {amount} {currency}\n"


def _entry(part: JournalDocument, names: Accounts) -> Iterator[str]:
    yield f"\n{part.posted_on} ({_plain(part.id)}) {_payee(part)}\n"
    for tag in _TAGS:
        if value := getattr(part, tag):
            yield f"    ; {tag}: {_plain(value).replace(',', ' ')}\n"
    for line in part.lines:
        yield f"    {names[part.entity, line.at.account]}  {signed(part, line)} {part.currency}\n"
        for tag in _OF_LINES:
            if value := getattr(line.at, tag):
                yield f"    ; {tag}: {_plain(value).replace(',', ' ')}\n"


def _payee(part: JournalDocument) -> str:
    return _plain(part.text) or "AI cost"


def _plain(text: str) -> str:
    """A text without what the two would take for a mark of their own."""
    return " ".join(text.translate(_CLEARED).split())


HLEDGER = Target("hledger", "hledger", LIMITS, render_hledger, asks)
LEDGER = Target("ledger", "ledger", LIMITS, render_ledger, asks)
