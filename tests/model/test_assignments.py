"""Decisions are added to the assignment file, dated, and none is ever lost."""

# ruff: noqa: E501
# Tables read best with one case in a line.

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apportion.errors import ConfigurationError, UsageError
from apportion.model.assignments import Assignment, append_assignments
from apportion.model.faults import Faults
from apportion.model.names import Names
from apportion.model.resource_list import read_resource_list
from apportion.model.text_file import parse_csv

HEADER = "ResourceId,team,from,until,because,by\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model/assignments.csv"


def test_the_first_decision_makes_the_file(path: Path) -> None:
    one = Assignment("i-1", "nlp", date(2026, 10, 1), because="a, b", by="ann")
    assert append_assignments(path, [one]) == 1
    assert path.read_text() == HEADER + 'i-1,nlp,2026-10-01,,"a, b",ann\n'


def test_rows_and_columns_that_are_there_stay(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("\ufeffteam,ResourceName,note\nnlp,a,mine\n")
    assert append_assignments(path, [Assignment("b", "vision", date(2026, 1, 1))]) == 1
    assert path.read_text() == "team,ResourceName,note,from\nnlp,a,mine,\nvision,b,,2026-01-01\n"


def test_a_decision_that_is_there_already_changes_nothing(path: Path) -> None:
    one = Assignment("i-1", "nlp", date(2026, 10, 1))
    append_assignments(path, [one])
    before = path.stat().st_mtime_ns
    assert append_assignments(path, [one, Assignment("i-1", "nlp", date(2026, 11, 1))]) == 0
    assert path.stat().st_mtime_ns == before


def test_a_later_decision_ends_the_open_one(path: Path) -> None:
    append_assignments(path, [Assignment("i-1", "nlp", date(2026, 1, 1))])
    assert append_assignments(path, [Assignment("i-1", "vision", date(2026, 7, 1))]) == 2
    assert (
        path.read_text() == HEADER + "i-1,nlp,2026-01-01,2026-07-01,,\ni-1,vision,2026-07-01,,,\n"
    )


@pytest.mark.parametrize(
    ("start", "until"),
    [(None, None), (date(2025, 1, 1), None), (date(2026, 1, 1), None), (date(2025, 1, 1), date(2026, 2, 1))],
)  # fmt: skip
def test_two_teams_on_the_same_days_are_refused_and_nothing_is_written(
    path: Path, start: date | None, until: date | None
) -> None:
    append_assignments(path, [Assignment("i-1", "nlp", date(2026, 1, 1))])
    before = path.read_text()
    wanted = [Assignment("i-2", "nlp"), Assignment("i-1", "vision", start, until)]
    with pytest.raises(UsageError, match="'i-1' belongs to 'nlp' on the same days"):
        append_assignments(path, wanted)
    assert path.read_text() == before


def test_a_file_that_can_not_be_read_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("ResourceId,team\na,b,c\n")
    with pytest.raises(ConfigurationError, match="3 fields"):
        append_assignments(path, [Assignment("i-1", "nlp")])
    path.write_text("thing,team\na,b\n")
    with pytest.raises(ConfigurationError, match="no column"):
        append_assignments(path, [Assignment("i-1", "nlp")])


NAMES = st.text('a,"é\u2028\x85\n\r;=', min_size=1, max_size=4).filter(lambda t: t.strip() == t)
DAYS = st.dates(date(2026, 1, 1), date(2026, 1, 9))


@given(rows=st.lists(st.tuples(NAMES, st.sampled_from("xyz"), DAYS, st.none() | DAYS), max_size=12))
def test_whatever_is_accepted_is_a_sound_resource_list(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, date, date | None]]
) -> None:
    path = tmp_path_factory.mktemp("a") / "assignments.csv"
    accepted = 0
    for resource, team, start, until in rows:
        if until and until <= start:
            continue
        try:
            accepted += append_assignments(path, [Assignment(resource, team, start, until)]) > 0
        except UsageError:
            continue
    if not accepted:
        return
    faults = Faults()
    teams = Names("team")
    found = parse_csv(path.read_bytes().decode(), "a.csv", faults)
    assert found is not None
    for team in "xyz":
        teams.declare(team, found, faults)
    listed = read_resource_list(found, teams, Names("pool"), faults)
    assert faults.found == []
    assert listed is not None
    assert len(listed.rows) == accepted
