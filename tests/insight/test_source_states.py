"""How each source stands, from the bills that were loaded."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from apportion.domain.period import Period
from apportion.insight.source_states import Finality, SourceState, source_states
from apportion.run.bring_in import bring_in
from apportion.run.open_project import OpenProject
from bills import COLUMNS, Row, row, write_project
from commands import apportion
from loads import csv_text

OCTOBER = Period(2026, 10)


def state(folder: Path, rows: Sequence[Row], **settings: str) -> SourceState:
    write_project(folder, [])
    (bill,) = (folder / "bills").iterdir()
    bill.write_text(csv_text(rows, [*COLUMNS, "InvoiceId", "SkuMeter"]), encoding="utf-8")
    path = folder / "apportion.yaml"
    more = "".join(f", {name}: {value}" for name, value in settings.items())
    path.write_text(path.read_text().replace("path: bills", f"path: bills{more}"))
    with OpenProject(folder) as project:
        bring_in(project)
        (found,) = source_states(project.workspace, [OCTOBER])
    return found


def test_a_month_is_final_when_all_its_charges_are_invoiced(tmp_path: Path) -> None:
    open_ = [row("1", InvoiceId="4711"), row("2")]
    assert state(tmp_path / "a", open_).finality is Finality.PROVISIONAL
    invoiced = [row("1", InvoiceId="4711"), row("2", InvoiceId="4712", ResourceId="b")]
    assert state(tmp_path / "b", invoiced).finality is Finality.INVOICED


def test_people_may_declare_a_month_final(tmp_path: Path) -> None:
    assert state(tmp_path / "a", [row("1")], final_until="2026-10").finality is Finality.DECLARED
    assert state(tmp_path / "b", [row("1")], final_until="2026-09").finality is Finality.PROVISIONAL


def test_totals_quarantine_and_unrecognised_ai_are_told(tmp_path: Path) -> None:
    strange = row("7.25", ServiceName="Amazon Bedrock", ServiceCategory="AI and Machine Learning",
                  SkuMeter="USE1-Nonsense-42", ChargeDescription="?")  # fmt: skip
    found = state(tmp_path, [row("1"), strange, row("oops")])
    (totals,) = found.totals
    assert (totals.loaded_rows, found.quarantined_rows) == (2, 1)
    assert found.unrecognised == {"USD": Decimal("7.25")}
    assert str(found.newest) == "2026-10-05"


def test_the_command_shows_it(tmp_path: Path) -> None:
    state(tmp_path, [row("1")], control="{2026-10: 1}")
    (found,) = apportion(tmp_path, "sources", "--json")["sources"]
    assert (found["source"], found["state"], found["final"]) == ("cloud", "provisional", False)
    assert found["totals"][0]["proven_to"] == "invoice"
    assert found["totals"][0]["loaded"]["BilledCost"] == "1"
    assert "provisional" in apportion(tmp_path, "sources", "--period", "2026-10")


def several(folder: Path, bills: Sequence[Sequence[Row]], **settings: str) -> None:
    """A project whose October lies in several files."""
    write_project(folder, [])
    for old in (folder / "bills").iterdir():
        old.unlink()
    for number, rows in enumerate(bills):
        text = csv_text(rows, [*COLUMNS, "InvoiceId", "SkuMeter"])
        (folder / "bills" / f"{number}.csv").write_text(text, encoding="utf-8")
    path = folder / "apportion.yaml"
    more = "".join(f", {name}: {value}" for name, value in settings.items())
    path.write_text(path.read_text().replace("path: bills", f"path: bills{more}"))


def strange(cost: str) -> Row:
    return row(
        cost,
        ServiceName="Amazon Bedrock",
        ServiceCategory="AI and Machine Learning",
        SkuMeter="USE1-Nonsense-42",
        ChargeDescription="?",
    )


def test_a_month_in_several_files_is_summed(tmp_path: Path) -> None:
    several(tmp_path, [[strange("7.25")], [strange("1.50")], [row("3")]])
    with OpenProject(tmp_path) as project:
        bring_in(project)
        (found,) = source_states(project.workspace, [OCTOBER])
    assert found.unrecognised == {"USD": Decimal("8.75")}


def test_large_totals_keep_their_last_digit(tmp_path: Path) -> None:
    large = "123456789012.123456789012345678"
    several(tmp_path, [[row(large)]])
    with OpenProject(tmp_path) as project:
        bring_in(project)
    (found,) = apportion(tmp_path, "sources", "--json")["sources"]
    assert found["totals"][0]["loaded"]["BilledCost"] == large


def test_a_control_that_doesnt_hold_proves_nothing(tmp_path: Path) -> None:
    several(tmp_path, [[row("1")]], control="{2026-10: 2}")
    with OpenProject(tmp_path) as project:
        bring_in(project)
    (found,) = apportion(tmp_path, "sources", "--json")["sources"]
    assert found["totals"][0]["proven_to"] is None
    assert found["totals"][0]["control_difference"] == {"BilledCost": "1"}
    assert "NOT: differs" in apportion(tmp_path, "sources")


def test_money_that_cant_be_read_leaves_the_proof_open(tmp_path: Path) -> None:
    several(tmp_path, [[row("1"), row("oops")]], control="{2026-10: 1}")
    with OpenProject(tmp_path) as project:
        bring_in(project)
    (found,) = apportion(tmp_path, "sources", "--json")["sources"]
    assert found["totals"][0]["proven_to"] is None


def test_corrections_are_told_in_money(tmp_path: Path) -> None:
    several(
        tmp_path,
        [[row("100")], [row("-12.5", ChargeClass="Correction"), row("0.5")]],
    )
    with OpenProject(tmp_path) as project:
        bring_in(project)
    (found,) = apportion(tmp_path, "sources", "--json")["sources"]
    assert found["totals"][0]["corrections"] == "-12.5"


def finality(folder: Path) -> tuple[str, dict[str, str] | None]:
    (found,) = apportion(folder, "sources", "--json")["sources"]
    return found["state"], found["declared"]


def test_a_month_is_declared_final_by_a_command_and_opened_again(tmp_path: Path) -> None:
    several(tmp_path, [[row("1")]])
    apportion(tmp_path, "load")
    final = ["final", "cloud", "--period", "2026-10"]
    assert finality(tmp_path) == ("provisional", None)

    said = apportion(tmp_path, *final, "--because", "invoice 4711 is paid")
    assert "cloud is final in 2026-10" in said
    state_, declared = finality(tmp_path)
    assert state_ == "final: declared"
    assert declared is not None
    assert declared["because"] == "invoice 4711 is paid"
    assert "already" in apportion(tmp_path, *final)

    assert "no longer" in apportion(tmp_path, *final, "--not")
    assert finality(tmp_path) == ("provisional", None)
    assert "nothing changed" in apportion(tmp_path, *final, "--not")


def test_taking_back_says_where_the_project_still_declares_it(tmp_path: Path) -> None:
    several(tmp_path, [[row("1")]], final_until="2026-10")
    apportion(tmp_path, "load")
    said = apportion(tmp_path, "final", "cloud", "--period", "2026-10", "--not")
    assert "`final_until: 2026-10` of the source still says it" in " ".join(said.split())
    assert finality(tmp_path) == ("final: declared", None)


def test_only_a_loaded_month_of_a_known_source_is_final(tmp_path: Path) -> None:
    several(tmp_path, [[row("1")]])
    apportion(tmp_path, "load")
    said = apportion(tmp_path, "final", "clod", "--period", "2026-10", expect=2)
    assert "did you mean 'cloud'" in said
    said = apportion(tmp_path, "final", "cloud", "--period", "2026-09", expect=2)
    assert "no charges for 2026-09" in said


def test_a_final_month_that_a_load_changes_is_told(tmp_path: Path) -> None:
    several(tmp_path, [[row("1")]])
    apportion(tmp_path, "load")
    apportion(tmp_path, "final", "cloud", "--period", "2026-10")
    assert "final-changed" not in apportion(tmp_path, "load")

    (bill,) = (tmp_path / "bills").iterdir()
    bill.write_text(csv_text([row("2")], [*COLUMNS, "InvoiceId", "SkuMeter"]), encoding="utf-8")
    assert "final-changed" in apportion(tmp_path, "load")
    assert finality(tmp_path)[0] == "final: declared"
