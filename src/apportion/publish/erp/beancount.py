"""Beancount: a journal that stands by itself and is checked strictly.

No tolerance, no duplicates: the first lines ask for it. Each entry bears its external id as
link and in its narration, so that two honest documents that look alike aren't taken for one.
"""

from __future__ import annotations

import re
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

_METADATA = ("cost_center", "profit_center", "project", "partner", "tax_code")


def render(parts: Parts, settings: ErpSettings) -> Files:
    """One file with its accounts opened; with `assertions`, their balances at the end."""
    return {"journal.beancount": "".join(_journal(parts, settings)).encode()}


def _journal(parts: Parts, settings: ErpSettings) -> Iterator[str]:
    yield 'plugin "beancount.plugins.noduplicates"\noption "tolerance_multiplier" "0"\n'
    if not parts:
        return
    names = accounts(parts, settings)
    first = min(part.posted_on for part in parts)
    yield "\n"
    for (_, account), name in names.items():
        yield f"{first} open {name}\n  title: {_quoted(settings.title(account))}\n"
    for part in by_date(parts):
        yield from _entry(part, names)
    if settings.option("assertions") == "true":
        yield "\n"
        for (name, currency), amount in balances(parts, names).items():
            yield f"{day_after(parts)} balance {name}  {amount} ~ 0 {currency}\n"


def _entry(part: JournalDocument, names: Accounts) -> Iterator[str]:
    title = _quoted(f"{part.text} {part.id}".strip())
    yield f"\n{part.posted_on} * {title} ^{re.sub('[^A-Za-z0-9_/.-]', '-', part.id)}\n"
    if part.run:
        yield f"  run: {_quoted(part.run)}\n"
    if part.reverses:
        yield f"  reverses: {_quoted(part.reverses)}\n"
    for line in part.lines:
        yield f"  {names[part.entity, line.at.account]}  {signed(part, line)} {part.currency}\n"
        for key in _METADATA:
            if value := getattr(line.at, key):
                yield f"    {key}: {_quoted(value)}\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


TARGET = Target("beancount", "beancount", LIMITS, render, asks)
