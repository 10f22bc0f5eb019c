"""apportion journal: files whole or not at all, and reasons where there are none."""

from __future__ import annotations

import errno
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from apportion.errors import UsageError
from apportion.publish.erp.draw_files import FORMATS
from apportion.publish.erp.write_files import write_files
from bills import row
from commands import apportion
from small_projects import Small
from walk import apportion as in_process

MODEL = """
organisation:
  - {name: nlp, kind: team, cost_center: CC-1, mode: chargeback, entity: DE}
rules:
  - {name: by tag, team_from_tag: team}
entities: [{name: DE, code: "1010"}]
accounts:
  - {name: "600100", kind: expense}
  - {name: "659900", kind: recovery}
postings:
  - {name: all, account: "600100"}
senders:
  - {entity: DE, cost_center: CC-9, recovery: "659900"}
"""


@pytest.fixture
def place(tmp_path: Path) -> Small:
    small = Small(tmp_path / "small")
    small.bill(row("100.00", {"team": "nlp"}))
    small.write(MODEL)
    small.run()
    return small


def journal(place: Small, *arguments: str) -> tuple[int, str]:
    code, output, errors = in_process(place.root, "journal", "--period", "2026-10", *arguments)
    return code, output + errors


def test_every_format_is_named_in_the_help() -> None:
    text = " ".join(str(apportion(Path(), "journal", "--help")).split())
    for name in FORMATS:
        assert name in text.replace("- ", "-"), name


def test_a_file_is_written(place: Small, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    document: Any = apportion(
        place.root,
        *(
            "journal",
            "--period",
            "2026-10",
            "--format",
            "csv",
            "--draft",
            "--output",
            str(folder),
            "--json",
        ),
    )
    assert document["files"] == [str(folder / "draft-journal.csv")]
    assert (document["documents"], document["findings"]) == (1, [])
    assert [path.name for path in folder.iterdir()] == ["draft-journal.csv"]


def test_a_name_that_the_erp_cannot_take_keeps_everything_back(
    place: Small, tmp_path: Path
) -> None:
    place.write(MODEL.replace("CC-1,", "CC-12345678,"))
    place.run()
    folder = tmp_path / "out"
    code, said = journal(place, "--format", "sap-upload", "--draft", "--output", str(folder))
    assert (code, folder.exists()) == (1, False)
    assert "cost centre 'CC-12345678' has 11 characters" in said
    assert journal(place, "--format", "csv", "--draft", "--output", str(folder))[0] == 0


def test_what_is_on_no_account_keeps_everything_back(place: Small, tmp_path: Path) -> None:
    place.write(MODEL.replace("{name: all,", "{name: idle, kinds: [idle],"))
    place.run()
    folder = tmp_path / "out"
    code, said = journal(place, "--format", "csv", "--draft", "--output", str(folder))
    assert (code, folder.exists(), "posting-missing" in said) == (1, False, True)


def test_settings_that_are_missing_are_asked_for(place: Small, tmp_path: Path) -> None:
    asked = ("--format", "sap-journal-entry", "--draft", "--output", str(tmp_path / "out"))
    code, said = journal(place, *asked)
    assert (code, "sap-journal-entry needs the option `user`" in said) == (1, True)
    settings = place.root / "apportion.yaml"
    erp = "erp: {sap-journal-entry: {options: {user: CC1}}}\n"
    settings.write_text(settings.read_text() + erp)
    assert journal(place, *asked)[0] == 0


@pytest.mark.parametrize(
    ("erp", "says"),
    [
        ("erp: {sap: {}}", "'sap' is not a format of journals"),
        ("erp: {xero: {options: {currncy: USD}}}", "xero has no option 'currncy'"),
        ("erp: {xero: {codes: {account: {a: b}}}}", "'account' is not a kind of names"),
        ("erp: {csv: {lines: 1}}", "a document of one line can't balance"),
    ],
)
def test_wrong_settings_are_faults_with_their_place(place: Small, erp: str, says: str) -> None:
    settings = place.root / "apportion.yaml"
    settings.write_text(settings.read_text() + erp + "\n")
    code, said = journal(place)
    assert (code, says in said, "apportion.yaml:5:" in said) == (2, True, True), said


def test_a_model_that_has_changed_since_the_run_is_told(place: Small, tmp_path: Path) -> None:
    place.write(MODEL.replace("CC-9", "CC-8"))
    for asked in ((), ("--format", "csv", "--draft", "--output", str(tmp_path / "out"))):
        code, said = journal(place, *asked)
        assert (code, "model-changed" in said) == (0, True)


def test_files_of_an_open_month_hold_what_is_booked_alone(place: Small, tmp_path: Path) -> None:
    """Nobody posts a draft by mistake: the close may book something else."""
    folder = tmp_path / "out"
    code, said = journal(place, "--format", "csv", "--output", str(folder))
    assert (code, folder.exists(), "with --draft" in said) == (0, False, True), said
    code, said = journal(place)
    assert (code, "(draft)" in said) == (0, True)


def test_a_closed_month_is_written_as_it_was_booked(place: Small, tmp_path: Path) -> None:
    """Whatever the model says since: the same bytes."""
    asked = ("--format", "csv", "--output")
    assert journal(place, "--draft", *asked, str(tmp_path / "open"))[0] == 0
    code, *said = in_process(place.root, "close", "--period", "2026-10")
    assert code == 0, said
    place.write(MODEL.replace("CC-9", "CC-8"))
    assert journal(place, *asked, str(tmp_path / "closed"))[0] == 0
    before, after = tmp_path / "open/draft-journal.csv", tmp_path / "closed/journal.csv"
    assert before.read_bytes() == after.read_bytes()


def test_unknown_formats_and_an_output_for_nothing_are_wrong_use(place: Small) -> None:
    assert "did you mean 'xero'" in journal(place, "--format", "zero")[1]
    assert journal(place, "--format", "zero")[0] == 2
    assert journal(place, "--output", "x")[0] == 2


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files of a journal are moved when all of them are whole."""
    written: list[int] = []

    def fsync(handle: int) -> None:
        written.append(handle)
        if len(written) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "a.json").write_bytes(b"of before")
    monkeypatch.setattr("os.fsync", fsync)
    with pytest.raises(OSError, match="No space"):
        write_files({"a.json": b"1", "b.json": b"2", "c.json": b"3"}, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a.json": b"of before"}


def test_the_same_in_python(place: Small, tmp_path: Path) -> None:
    import apportion as package

    with package.open_project(place.root) as project:
        table = project.journal("2026-10")
        (path,) = project.write_journal("2026-10", "csv", tmp_path / "out", draft=True)
        with pytest.raises(UsageError, match="sap-journal-entry needs the option"):
            project.write_journal("2026-10", "sap-journal-entry", tmp_path / "out", draft=True)
    assert table["amount"].to_pylist() == [Decimal("100.00"), Decimal("-100.00")]
    assert table["cost_center"].to_pylist() == ["CC-1", "CC-9"]
    assert path.read_bytes().count(b"\n") == 3


def test_quantities_are_written_by_the_same_command(place: Small, tmp_path: Path) -> None:
    """A pool of 100.00 by hours: what is posted is 12.5 hours of CC-1, not money."""
    pool = "pools: [{name: gpu, service: Compute, split: {by: driver, driver: hours}}]\n"
    driver = "drivers: [{name: hours, unit: H, file: hours.csv}]\n"
    (place.root / "model" / "hours.csv").write_text("team,period,quantity\nnlp,2026-10,12.5\n")
    place.write(MODEL + pool + driver)
    settings = place.root / "apportion.yaml"
    options = "{controlling_area: A000, activity_types: [gpu=GPUH]}"
    settings.write_text(settings.read_text() + f"erp: {{sap-activity: {{options: {options}}}}}\n")
    place.run()
    code, said = journal(
        place, "--format", "sap-activity", "--draft", "--output", str(tmp_path / "out")
    )
    assert code == 0, said
    assert ",CC-9,GPUH,CC-1,12.500,H," in (tmp_path / "out" / "draft-sap-activity.csv").read_text()
