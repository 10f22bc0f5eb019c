"""Accounts of plain-text ledgers: five roots, the entity, and the account's number.

They are made of letters, digits and dashes; two accounts that would be called the same
are an error, never merged.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from apportion.domain.finding import Finding, Level
from apportion.domain.money import minor_digits
from apportion.model.accounting import AccountKind
from apportion.publish.erp.figures import figure
from apportion.publish.erp.limits import PARTS, Field, Limits
from apportion.publish.erp.settings import ErpSettings
from apportion.publish.erp.target import Parts

LIMITS = Limits(
    names=dict.fromkeys((*PARTS, "entity"), Field(100)),
    title=Field(200),
    text=Field(200),
    before=30,
    after=4,
)

ROOTS = {
    AccountKind.EXPENSE: "Expenses",
    AccountKind.COST_OF_REVENUE: "Expenses",
    AccountKind.ASSET: "Assets",
    AccountKind.RECOVERY: "Expenses",
    AccountKind.RECEIVABLE: "Assets",
    AccountKind.PAYABLE: "Liabilities",
    AccountKind.INCOME: "Income",
    AccountKind.ACCRUAL: "Liabilities",
    AccountKind.CLEARING: "Assets",
}

Accounts = Mapping[tuple[str, str], str]
"""What the ledger calls an account of an entity."""


def accounts(parts: Parts, settings: ErpSettings) -> Accounts:
    """The ledger's names of all accounts that parts book on, in a stable order."""
    found = sorted({(part.entity, line.at.account) for part in parts for line in part.lines})
    return {
        (entity, account): ":".join(
            (ROOTS[settings.kind(account)], _component(entity), _component(account))
        )
        for entity, account in found
    }


def _component(name: str) -> str:
    """A part of an account's name.

    >>> _component("6530.10 a")
    '6530-10-a'
    """
    plain = re.sub(r"[^A-Za-z0-9-]", "-", name)
    return plain[0].upper() + plain[1:]


def asks(parts: Parts, settings: ErpSettings) -> Iterator[Finding]:
    """No two accounts may have one name."""
    for name, count in Counter(accounts(parts, settings).values()).items():
        if count > 1:
            yield Finding(
                "erp-name-refused",
                Level.ERROR,
                f"{count} accounts would all be called {name} in {settings.spec.format}",
                hint="tell them apart by letters, digits or dashes",
            )


Balances = Mapping[tuple[str, str], str]
"""What each account holds in each currency, with that currency's digits."""


def balances(parts: Parts, names: Accounts) -> Balances:
    """Sums of parts by account and currency, in a stable order."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for part in parts:
        for line in part.lines:
            sums[names[part.entity, line.at.account], part.currency] += line.signed
    return {key: figure(sums[key], minor_digits(key[1])) for key in sorted(sums)}


def day_after(parts: Parts) -> date:
    """The day on which all parts are posted."""
    return max(part.posted_on for part in parts) + timedelta(days=1)


def by_date(parts: Parts) -> Parts:
    """Parts in the order of their posting dates."""
    return sorted(parts, key=lambda part: (part.posted_on, part.id))
