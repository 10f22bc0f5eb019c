"""Where anomalies stand, on each database."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from apportion.domain.anomaly_state import AnomalyNote, AnomalyState
from apportion.errors import BooksError
from apportion.store.books import Books
from apportion.store.books.anomalies import note_anomaly, read_anomaly_notes, state_of_anomaly
from book_values import NOON


def note(state: AnomalyState, minutes: int = 0) -> AnomalyNote:
    return AnomalyNote(
        "310ef2c7",
        "spend",
        "nlp",
        "Compute 'ü'",
        date(2026, 5, 9),
        state,
        "lead@example.com",
        "INC-7",
        "ann",
        NOON + timedelta(minutes=minutes),
    )


def test_steps_come_back_in_order_and_the_newest_stands(books: Books) -> None:
    steps = (note(AnomalyState.ACKNOWLEDGED), note(AnomalyState.EXPLAINED, 1))
    for one in steps:
        with books.writing() as connection:
            note_anomaly(connection, one)
    with books.reading() as connection:
        assert read_anomaly_notes(connection) == steps
        assert read_anomaly_notes(connection, "other") == ()
        assert state_of_anomaly(connection, "310ef2c7") is AnomalyState.EXPLAINED
        assert state_of_anomaly(connection, "other") is AnomalyState.OPEN


def test_each_step_has_its_line_in_the_log_with_what_was_before(books: Books) -> None:
    for one in (note(AnomalyState.ACKNOWLEDGED), note(AnomalyState.FALSE, 1)):
        with books.writing() as connection:
            note_anomaly(connection, one)
    lines = books.audit(action="anomaly")
    assert [(one.detail["before"], one.detail["state"]) for one in lines] == [
        ("open", "acknowledged"),
        ("acknowledged", "false"),
    ]
    assert lines[0].actor == "ann"
    assert lines[0].detail["because"] == "INC-7"


@pytest.mark.parametrize(
    "act", ["UPDATE anomaly_states SET because = 'x'", "DELETE FROM anomaly_states"]
)
def test_the_database_refuses_to_change_a_step(books: Books, act: str) -> None:
    with books.writing() as connection:
        note_anomaly(connection, note(AnomalyState.ACKNOWLEDGED))
    with pytest.raises((BooksError, IntegrityError)), books.writing() as connection:
        connection.execute(text(act))
