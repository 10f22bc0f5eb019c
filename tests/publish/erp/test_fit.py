"""What a target can't take is told before anything is written; names are never changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from apportion.domain.finding import Finding, Level
from apportion.domain.journal import Assignment, JournalDocument
from apportion.errors import UsageError
from apportion.publish.erp.fit import fit
from apportion.publish.erp.limits import Charset, Field, Limits
from apportion.publish.erp.settings import ErpSettings, no_settings
from apportion.publish.erp.targets import TARGETS
from erp_journals import RECOVERY, between, document, many, settings, simple

PLAIN = tuple(
    sorted(name for name, one in TARGETS.items() if "cost_center" not in one.limits.coded)
)


def booked_on(at: Assignment, units: int = 5_00) -> JournalDocument:
    return document({at: units, RECOVERY: -units})


def told(name: str, *documents: JournalDocument, **options: str) -> dict[str, Finding]:
    found = TARGETS[name].check(documents, settings(name, **options))
    return {one.code: one for one in found}


@pytest.mark.parametrize("center", ["=1+1", "+CC", "-CC", "@CC", "\tCC", "\rCC"])
@pytest.mark.parametrize("name", PLAIN)
def test_a_name_that_begins_like_a_formula_is_refused(name: str, center: str) -> None:
    wrong = booked_on(Assignment("653010", center))
    assert "a formula" in told(name, wrong)["erp-name-refused"].message
    with pytest.raises(UsageError, match="can't be written"):
        TARGETS[name].write([wrong], settings(name))


@pytest.mark.parametrize("center", ["CC\u202e1", "C\nC", "CC\x00", "\u200fCC", "CC "])
@pytest.mark.parametrize("name", PLAIN)
def test_control_and_direction_marks_in_a_name_are_refused(name: str, center: str) -> None:
    assert "erp-name-refused" in told(name, booked_on(Assignment("653010", center)))


@pytest.mark.parametrize("center", ["Köln", "צוות", "🚀"])
def test_sap_takes_plain_letters_only(center: str) -> None:
    found = told("sap-journal-entry", booked_on(Assignment("653010", center)))
    assert "characters that the target doesn't take" in found["erp-name-refused"].message


@pytest.mark.parametrize(
    ("name", "field", "most"),
    [
        ("sap-journal-entry", "cost_center", 10),
        ("sap-journal-entry", "account", 10),
        ("sap-journal-entry", "project", 24),
        ("sap-upload", "cost_center", 10),
        ("oracle-fusion", "cost_center", 25),
        ("xero", "account", 10),
        ("dynamics-365", "account", 20),
    ],
)
def test_a_name_longer_than_the_target_takes_is_an_error(name: str, field: str, most: int) -> None:
    at = replace(Assignment("653010", "CC1"), **{field: "9" * most})
    assert "erp-name-too-long" not in told(name, booked_on(at))
    longer = replace(at, **{field: "9" * (most + 1)})
    assert f"takes {most}" in told(name, booked_on(longer))["erp-name-too-long"].message


def test_lengths_are_counted_in_bytes_too() -> None:
    """25 letters of two bytes each are 50 bytes, twice what a segment holds."""
    found = told("oracle-fusion", booked_on(Assignment("653010", "ö" * 25)))
    assert "25 characters (50 bytes)" in found["erp-name-too-long"].message


def test_texts_are_cut_and_cleaned_with_a_note() -> None:
    one = document(
        {Assignment("653010", "CC-1"): 5, RECOVERY: -5},
        text="AI cost\tof \u202eשפה 🚀\nof October, charged back",
    )
    target = TARGETS["sap-journal-entry"]
    fitted = target.fit([one], settings(target.name))
    assert fitted.parts[0].text == "AI cost of ??? ? of Octob"
    (note,) = fitted.findings
    assert (note.code, note.level) == ("erp-text-changed", Level.NOTE)
    assert "Octob<" in target.write([one], settings(target.name))["sap-journal-entry.xml"].decode()


def test_other_scripts_stay_where_the_target_takes_them() -> None:
    one = document({Assignment("653010", "CC-1"): 5, RECOVERY: -5}, text="צוות שפה 🚀")
    for name in ("netsuite-rest", "quickbooks", "xero", "workday", "csv", "beancount"):
        files = TARGETS[name].write([one], settings(name))
        assert all("צוות שפה 🚀".encode() in content for content in files.values()), name


def test_a_text_is_cut_between_characters() -> None:
    assert Field(10, bytes=5).cut("ööööö") == "öö"
    assert Field(10, bytes=5).cut("🚀🚀") == "🚀"


def test_a_currency_of_three_decimals_needs_a_target_that_has_them() -> None:
    dinar = replace(simple(), currency="BHD")
    assert "2 after the point" in told("netsuite-csv", dinar)["erp-amount-refused"].message
    assert "erp-amount-refused" not in told("sap-journal-entry", dinar)
    assert "erp-amount-refused" not in told("netsuite-csv", replace(simple(), currency="JPY"))


@pytest.mark.parametrize(("units", "fine"), [(10**12 - 1, True), (10**12, False)])
def test_figures_longer_than_the_target_takes_are_refused(units: int, fine: bool) -> None:
    """NetSuite's import takes ten digits before the point."""
    found = told("netsuite-csv", booked_on(Assignment("653010", "CC-1"), units))
    assert ("erp-amount-refused" not in found) is fine


def test_a_document_that_does_not_balance_is_never_written() -> None:
    off = replace(simple(), lines=simple().lines[:2])
    for name in TARGETS:
        assert told(name, off)["erp-unbalanced"].level is Level.ERROR
        with pytest.raises(UsageError):
            TARGETS[name].write([off], settings(name))
    alone = replace(simple(), lines=())
    assert "erp-unbalanced" in told("csv", alone)


@pytest.mark.parametrize("name", ["netsuite-rest", "quickbooks"])
def test_a_name_without_the_targets_id_is_an_error(name: str) -> None:
    found = told(name, booked_on(Assignment("653010", "CC-77")))
    assert found["erp-code-missing"].hint == "codes: {cost_centers: {'CC-77': …}}"


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_needed_options_are_asked_for(name: str) -> None:
    bare = ErpSettings(no_settings(name))
    found = [
        one for one in TARGETS[name].check([simple()], bare) if one.code == "erp-setting-missing"
    ]
    assert len(found) == len(TARGETS[name].limits.needed)


def test_what_a_target_has_no_place_for_is_told_once() -> None:
    found = told("quickbooks", *between())
    assert found["erp-field-left-out"].level is Level.NOTE
    profit = booked_on(Assignment("653010", "CC-1", "P-1"))
    assert (
        "no place for a profit centre" in told("quickbooks", profit)["erp-field-left-out"].message
    )


def test_findings_count_what_they_touch() -> None:
    wrong = document(
        {Assignment(account, "=x"): 5 for account in ("653010", "653020")} | {RECOVERY: -10}
    )
    assert told("csv", wrong)["erp-name-refused"].rows == 1
    cut = fit([many(50)], Limits(names={}, title=Field(9), text=Field(5)), settings("csv"))
    (text,) = (one for one in cut.findings if one.code == "erp-text-changed" and one.rows > 1)
    assert text.rows == 50


def test_fewer_lines_than_the_target_takes_may_be_asked_for() -> None:
    asked = settings("csv")
    asked = replace(asked, spec=replace(asked.spec, lines=100))
    assert [len(one.lines) for one in TARGETS["csv"].fit([many(199)], asked).parts] == [100, 100]


@pytest.mark.parametrize(
    ("charset", "text", "takes"),
    [
        (Charset.ASCII, "CC-1", True),
        (Charset.ASCII, "ö", False),
        (Charset.LATIN, "ö", True),
        (Charset.LATIN, "€", False),
        (Charset.BASIC, "צ", True),
        (Charset.BASIC, "🚀", False),
        (Charset.UNICODE, "🚀", True),
        (Charset.UNICODE, "\u202e", False),
    ],
)
def test_charsets(charset: Charset, text: str, takes: bool) -> None:
    assert charset.takes(text) is takes


def test_wrong_settings_of_dynamics_are_told() -> None:
    assert (
        "it lacks {account}"
        in told("dynamics-365", simple(), dimensions="{cost_center}")["erp-setting-wrong"].message
    )
    assert (
        "'team' is none of"
        in told("dynamics-365", simple(), dimensions="{account}-{team}")[
            "erp-setting-wrong"
        ].message
    )
    dashed = booked_on(Assignment("653010", "AI-1"))
    assert "'AI-1' holds the '-'" in told("dynamics-365", dashed)["erp-setting-wrong"].message


def test_wrong_settings_of_fusion_are_told() -> None:
    one = simple()
    wrong = {"source": "x" * 26, "segments": "team", "ledgers": "9999=1", "columns": "STATUS"}
    for option, value in wrong.items():
        assert "erp-setting-wrong" in told("oracle-fusion", one, **{option: value}), option


def test_xero_takes_the_organisations_currency_only() -> None:
    euro = replace(simple(), currency="EUR")
    assert "manual journals of Xero are in USD" in told("xero", euro)["erp-setting-wrong"].message


def test_two_accounts_of_one_name_are_refused() -> None:
    alike = document({Assignment("6.1", "A"): 1, Assignment("6 1", "A"): 1, RECOVERY: -2})
    assert "2 accounts would all be called" in told("beancount", alike)["erp-name-refused"].message
