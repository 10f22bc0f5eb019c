"""The journal of a run: balanced, on the accounts that the model names, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from apportion.domain.journal import JournalDocument, Side, reversal, unbalanced
from apportion.domain.period import Period
from apportion.ledger.draw_journal import Journal, draw_journal
from bills import row
from small_projects import MODEL, Small

ABROAD = {
    "entity: DE, profit_center": "entity: US, profit_center",
    '{name: DE, code: "1010"}': '{name: DE, code: "1010"}, {name: US, code: "2020"}',
    'recovery: "659900"}': 'recovery: "659900", receivable: "120000", payable: "220000", '
    'markup: 5, income: "710000", tax_code: V0}',
    "postings:": """  - {name: "120000", kind: receivable}
  - {name: "220000", kind: payable}
  - {name: "710000", kind: income}
postings:""",
}
"""What makes cv a team of another entity."""


def drawn(place: Small, model: str = MODEL) -> Journal:
    place.write(model)
    run, read = place.run()
    return draw_journal(run, read, read_currency(place))


def read_currency(place: Small) -> str:
    with place.open() as project:
        return project.settings.currency


def booked(document: JournalDocument) -> dict[tuple[str, str, str], int]:
    return {
        (line.at.account, line.at.cost_center, line.at.project): line.signed
        for line in document.lines
    }


@pytest.fixture
def place(tmp_path: Path) -> Small:
    small = Small(tmp_path / "small")
    small.bill(
        row("100.00", {"team": "nlp"}),
        row("50.00", {"team": "cv"}),
        row("20.00", {"team": "lab"}),
        row("30.00", ServiceName="Shared"),
        row("7.00"),
    )
    return small


def test_what_is_charged_back_is_booked_and_somebody_is_relieved(place: Small) -> None:
    """nlp and cv carry 100 + 10 and 50 + 10; the lab only sees its bill."""
    (document,) = drawn(place).documents
    assert booked(document) == {
        ("500100", "CC-1", ""): 110_00,
        ("600100", "CC-2", ""): 50_00,
        ("600100", "CC-2", "WBS-7"): 10_00,
        ("659900", "CC-9", ""): -170_00,
    }
    assert document.difference == 0
    assert (document.entity, document.currency, document.total) == ("DE", "USD", 170_00)
    assert {line.at.profit_center for line in document.lines if line.at.cost_center == "CC-2"} == {
        "P-2"
    }


def test_the_same_run_is_the_same_document(place: Small) -> None:
    (first,) = drawn(place).documents
    (again,) = drawn(place).documents
    assert (first.id, first.content) == (again.id, again.content)
    assert first.id.startswith("cb-1010-2026-10-USD-")


def test_a_credit_is_on_the_other_side(place: Small) -> None:
    place.bill(row("-12.00", {"team": "cv"}), row("5.00", {"team": "nlp"}))
    (document,) = drawn(place).documents
    sides = {line.at.cost_center: (line.side, line.units) for line in document.lines}
    assert sides == {
        "CC-1": (Side.DEBIT, 5_00),
        "CC-2": (Side.CREDIT, 12_00),
        "CC-9": (Side.DEBIT, 7_00),
    }


def test_another_entity_owes_it_with_the_mark_up(place: Small) -> None:
    """cv belongs to US: 60.00 and 5 % on top; both documents balance by themselves."""
    model = MODEL
    for old, new in ABROAD.items():
        model = model.replace(old, new)
    journal = drawn(place, model)
    ours, theirs = sorted(journal.documents, key=lambda one: one.entity)
    assert booked(theirs) == {
        ("600100", "CC-2", ""): 52_50,
        ("600100", "CC-2", "WBS-7"): 10_50,
        ("220000", "", ""): -63_00,
    }
    assert booked(ours)["120000", "", ""] == 63_00
    assert booked(ours)["710000", "CC-9", ""] == -3_00
    assert unbalanced(journal.documents) == ()
    assert {one.at.tax_code for one in theirs.lines if one.at.partner == "DE"} == {"V0"}


def test_an_entity_that_owes_on_no_account_stops_the_posting(place: Small) -> None:
    journal = drawn(
        place,
        MODEL.replace("mode: chargeback, entity: DE", "mode: chargeback, entity: US").replace(
            '{name: DE, code: "1010"}', '{name: DE, code: "1010"}, {name: US, code: "2020"}'
        ),
    )
    assert not journal.may_be_posted
    (finding,) = journal.findings
    assert (finding.code, finding.message) == (
        "intercompany-missing",
        "US owe DE their part, and no accounts are named for it",
    )
    assert finding.place
    assert finding.place.file == "model/model.yaml"


def test_an_unmapped_line_and_a_team_without_a_cost_centre_stop_the_posting(place: Small) -> None:
    model = MODEL.replace('  - {name: all else, account: "600100"}\n', "")
    model = model.replace("parent: assistant, cost_center: CC-1", "parent: assistant")
    journal = drawn(place, model)
    assert not journal.may_be_posted
    told = {one.code: one.message for one in journal.findings}
    assert told["posting-missing"] == "team cv: Compute (50.00) is on no account"
    assert told["team-not-bookable"] == "team nlp has no cost centre: 110.00 can't be booked"


@pytest.mark.parametrize(("currency", "units"), [("JPY", 100), ("BHD", 100_000), ("USD", 100_00)])
def test_minor_units_are_those_of_the_currency(tmp_path: Path, currency: str, units: int) -> None:
    small = Small(tmp_path / "small", currency)
    small.bill(row("100", {"team": "nlp"}, BillingCurrency=currency))
    (document,) = drawn(small).documents
    assert document.total == units


def test_a_reversal_takes_all_of_it_back(place: Small) -> None:
    (document,) = drawn(place).documents
    back = reversal(document, Period(2026, 11), Period(2026, 11).start)
    sums = booked(document)
    for at, units in booked(back).items():
        sums[at] += units
    assert set(sums.values()) == {0}
    assert (back.reverses, back.original) == (document.id, "2026-10")


def test_a_name_that_an_erp_would_choke_on_is_a_fault(place: Small) -> None:
    from apportion.errors import ConfigurationError

    place.write(MODEL.replace("cost_center: CC-9", 'cost_center: "=1+1"'))
    with pytest.raises(ConfigurationError, match="can't be a cost centre of an ERP"):
        place.run()


def test_a_month_of_showback_needs_nobody_who_is_relieved(place: Small) -> None:
    unnamed = MODEL[: MODEL.index("senders:")]
    assert drawn(place, unnamed.replace("mode: chargeback", "mode: showback")) == Journal((), ())
    (told,) = drawn(place, unnamed).findings
    assert told.code == "sender-missing"
