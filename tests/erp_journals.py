"""Journals for tests of what ERPs get: by hand, of many lines, and random ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction

from hypothesis import strategies as st

from apportion.domain.journal import (
    Assignment,
    DocumentKind,
    JournalDocument,
    JournalLine,
    Side,
    lines_of,
)
from apportion.domain.period import Period
from apportion.errors import Place
from apportion.model.accounting import Account, Accounting, AccountKind, Entity, Sender
from apportion.model.dated import Dated
from apportion.model.erp_spec import ErpSpec
from apportion.publish.erp.settings import ErpSettings

HERE = Place("apportion.yaml")
OCTOBER = Period(2026, 10)
LAST = date(2026, 10, 31)
ACCOUNTS = {
    "653010": AccountKind.COST_OF_REVENUE,
    "653020": AccountKind.EXPENSE,
    "659900": AccountKind.RECOVERY,
    "120000": AccountKind.RECEIVABLE,
    "220000": AccountKind.PAYABLE,
    "710000": AccountKind.INCOME,
}
ACCOUNTING = Accounting(
    entities={n: Entity(n, n, c, HERE) for n, c in {"DE": "1010", "US": "2020"}.items()},
    accounts={n: Account(n, f"account {n}", kind, HERE) for n, kind in ACCOUNTS.items()},
    senders=(Dated(Sender("DE", "CC-9", "659900", HERE)),),
)
CENTERS = tuple(f"CC-{number}" for number in range(1, 12))
CODED = {
    "accounts": {name: f"7{name}" for name in ACCOUNTS},
    "cost_centers": {name: name.replace("CC-", "6") for name in CENTERS},
    "entities": {"DE": "1", "US": "2"},
    "currencies": {"USD": "1", "EUR": "2", "JPY": "3", "BHD": "4"},
    "projects": {"WBS-7": "77", "WBS-8": "78"},
}
SETTINGS: dict[str, ErpSpec] = {
    name: ErpSpec(name, HERE, options, codes)
    for name, options, codes in (
        ("sap-journal-entry", {"user": ("CC0000000001",)}, {}),
        ("sap-upload", {}, {}),
        ("netsuite-rest", {}, CODED),
        ("netsuite-csv", {}, {"entities": {"DE": "Parent", "US": "Parent : US"}}),
        (
            "oracle-fusion",
            {
                "ledgers": ("1010=300000001", "2020=300000002"),
                "source": ("AI cost",),
                "category": ("Allocation",),
                "segments": ("entity", "account", "cost_center", "project", "partner"),
                "blank": ("000",),
            },
            {},
        ),
        (
            "dynamics-365",
            {"dimensions": ("{account}-{cost_center}-{project}",)},
            {
                "cost_centers": {name: name.replace("-", "") for name in CENTERS},
                "projects": {"WBS-7": "WBS7", "WBS-8": "WBS8"},
            },
        ),
        ("workday", {"source": ("AI_Cost",)}, {}),
        ("quickbooks", {}, CODED),
        (
            "xero",
            {"currency": ("USD",), "tracking": ("cost_center=Team", "project=Project")},
            {},
        ),
        ("beancount", {"assertions": ("true",)}, {}),
        ("hledger", {"assertions": ("true",)}, {}),
        ("ledger", {}, {}),
        ("csv", {}, {}),
    )
}


def settings(name: str, **options: str) -> ErpSettings:
    """The settings of a format in tests; `options` change some."""
    spec = SETTINGS[name]
    changed = {key: (value,) for key, value in options.items()}
    return ErpSettings(replace(spec, options={**spec.options, **changed}), ACCOUNTING)


def document(
    amounts: dict[Assignment, int],
    name: str = "cb-1010-2026-10-USD-0a1b2c3d",
    *,
    entity: str = "DE",
    currency: str = "USD",
    text: str = "AI cost 2026-10",
) -> JournalDocument:
    """A document of signed minor units, as the journal makes it."""
    texts = {at: f"AI cost 2026-10 {at.cost_center or at.partner}".strip() for at in amounts}
    return JournalDocument(
        id=name,
        entity=entity,
        period=OCTOBER,
        posted_on=LAST,
        currency=currency,
        kind=DocumentKind.CHARGEBACK,
        text=text,
        lines=lines_of(amounts, texts),
        run="0a1b2c3d4e5f60718293a4b5c6d7e8f901234567",
    )


RECOVERY = Assignment("659900", "CC-9")


def simple() -> JournalDocument:
    """Two teams carry 300.00 and 12.34, and the platform is relieved."""
    return document(
        {
            Assignment("653010", "CC-1"): 300_00,
            Assignment("653020", "CC-2", project="WBS-7"): 12_34,
            RECOVERY: -312_34,
        }
    )


def between() -> list[JournalDocument]:
    """US owes DE 63.00, of which 3.00 are the mark-up."""
    ours = {
        Assignment("653010", "CC-1"): 100_00,
        Assignment("120000", partner="US"): 63_00,
        Assignment("710000", "CC-9"): -3_00,
        RECOVERY: -160_00,
    }
    theirs = {
        Assignment("653020", "CC-2"): 63_00,
        Assignment("220000", partner="DE"): -63_00,
    }
    return [document(ours), document(theirs, "cb-2020-2026-10-USD-0a1b2c3d", entity="US")]


def many(lines: int) -> JournalDocument:
    """A document of that many lines: one receiver each, and the relief."""
    teams = {Assignment("653010", f"C{number:06}"): number + 1 for number in range(lines - 1)}
    return document({**teams, RECOVERY: -sum(teams.values())})


@st.composite
def journals(draw: st.DrawFn) -> list[JournalDocument]:
    """Random balanced documents of one entity or two, in a currency of 0, 2 or 3 digits."""
    made = []
    for entity in draw(st.sampled_from([["DE"], ["DE", "US"]])):
        currency = draw(st.sampled_from(["USD", "JPY", "BHD"]))
        places = draw(
            st.lists(
                st.builds(
                    Assignment,
                    account=st.sampled_from(["653010", "653020", "710000"]),
                    cost_center=st.sampled_from(CENTERS),
                    project=st.sampled_from(["", "WBS-7", "WBS-8"]),
                ),
                min_size=1,
                max_size=30,
                unique=True,
            )
        )
        units = st.integers(-(10**9), 10**9).filter(bool)
        amounts = {at: draw(units) for at in places}
        rest = sum(amounts.values())
        amounts[RECOVERY] = -rest
        if rest == 0 and len(amounts) < 3:
            continue
        name = f"cb-{ACCOUNTING.entities[entity].code}-2026-10-{currency}-0a1b2c3d"
        made.append(document(amounts, name, entity=entity, currency=currency))
    return made


def cut(lines: Sequence[JournalLine]) -> Fraction:
    """Debits less credits."""
    return Fraction(sum(x.units if x.side is Side.DEBIT else -x.units for x in lines))
