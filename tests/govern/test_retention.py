"""What is older than it need be goes, files and all; what something rests on stays."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from apportion.errors import ConfigurationError
from apportion.govern.retention import apply_retention, due_loads
from apportion.ledger.close import close
from apportion.run.bring_in import bring_in
from apportion.run.open_project import OpenProject
from bills import row
from commands import apportion
from small_projects import MODEL, OCTOBER, Small

TODAY = datetime.now(UTC).date() + timedelta(days=1)


@pytest.fixture
def place(tmp_path: Path) -> Small:
    """A month that was loaded and run, then loaded again with another bill and run again."""
    small = Small(tmp_path / "small")
    small.bill(row("100.00", {"team": "nlp"}))
    small.write(MODEL)
    small.run()
    small.bill(row("110.00", {"team": "nlp"}))
    return small


def keep(place: Small, words: str) -> None:
    path = place.root / "apportion.yaml"
    path.write_text(path.read_text() + f"retention: {words}\n")


def files(project: OpenProject) -> set[str]:
    root = project.lake.root
    return {path.relative_to(root).as_posix() for path in root.rglob("*.parquet")}


def test_a_superseded_load_goes_with_its_runs_and_its_files(place: Small) -> None:
    keep(place, "{snapshots: 1 day}")
    place.run()
    with place.open() as project:
        before = files(project)
        (due,) = due_loads(project, TODAY)
        assert due.held == ""
        assert due_loads(project, TODAY - timedelta(days=1)) == ()
        removed = apply_retention(project, actor="ann", because="our rule", today=TODAY)
        assert [one.snapshot for one in removed.loads] == [due.load.snapshot]
        assert len(removed.runs) == 1
        assert files(project) == before - set(removed.files)
        assert removed.files
        assert files(project) >= project.books.files()
        assert len(project.books.history("cloud", OCTOBER)) == 1
        assert len(project.books.runs(OCTOBER)) == 1
        (line,) = project.books.audit(action="retention")
        assert (line.detail["before"], line.detail["after"]) == ("2 loads", "1 loads")
        assert project.books.verify_audit()[2] is None
        assert apply_retention(project, actor="ann", today=TODAY).loads == ()
        assert project.books.run(OCTOBER) is not None


def test_what_a_close_rests_on_stays_at_any_age(place: Small) -> None:
    keep(place, "{snapshots: 1 day}")
    place.bill(row("100.00", {"team": "nlp"}))
    with place.open() as project:
        close(project, OCTOBER, actor="ann")
    place.bill(row("110.00", {"team": "nlp"}))
    with place.open() as project:
        bring_in(project)
        before = files(project)
        (due,) = due_loads(project, date(2226, 1, 1))
        assert due.held == "a journal rests on it"
        assert apply_retention(project, actor="ann", today=date(2226, 1, 1)).loads == ()
        assert files(project) == before


@pytest.mark.parametrize("named", ["cloud", "2026-10"])
def test_a_legal_hold_keeps_what_it_names(place: Small, named: str) -> None:
    keep(place, f"{{snapshots: 1 day, legal_hold: [{named}]}}")
    place.run()
    with place.open() as project:
        (due,) = due_loads(project, TODAY)
        assert due.held == f"a legal hold on {named}"
        assert apply_retention(project, actor="ann", today=TODAY).loads == ()


def test_nothing_goes_without_a_setting_nor_without_really(place: Small) -> None:
    place.run()
    with place.open() as project:
        assert due_loads(project, date(2226, 1, 1)) == ()
    keep(place, "{snapshots: 0 days}")
    shown = apportion(place.root, "retention", "apply", "--json")
    assert (shown["applied"], len(shown["due"]), shown["removed"]["files"]) == (False, 1, [])
    done = apportion(place.root, "retention", "apply", "--really", "--json")
    assert len(done["removed"]["snapshots"]) == 1
    assert done["removed"]["files"]
    assert apportion(place.root, "retention", "check", "--json") == {"due": []}


def test_an_age_that_cant_be_read_is_refused_with_its_place(place: Small) -> None:
    keep(place, "{snapshots: ten years}")
    with pytest.raises(ConfigurationError, match=r"10 years, 25 months or 90 days") as caught:
        place.open()
    assert "apportion.yaml:5" in str(caught.value)
