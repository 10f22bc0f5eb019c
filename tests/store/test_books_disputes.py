"""Disputes and adjustments in the books: exact, added only, and one step at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from apportion.domain.adjustment import Adjustment, AdjustmentState, AdjustmentStep
from apportion.domain.dispute import Dispute, DisputeState, DisputeStep, Reason
from apportion.domain.owner import UNALLOCATED, Owner, OwnerKind
from apportion.domain.period import Period
from apportion.errors import BooksError, NotLoaded, UsageError
from apportion.store.books import Books
from apportion.store.books.adjustments import (
    add_adjustment,
    adjustment_in,
    adjustments_on,
    read_adjustments,
    take_adjustment_step,
)
from apportion.store.books.disputes import (
    add_dispute,
    dispute_in,
    read_disputes,
    take_dispute_step,
    undecided,
)

OCTOBER = Period(2026, 10)
NOW = datetime(2026, 11, 30, 9, 30, tzinfo=UTC)

DISPUTE = Dispute(
    period=OCTOBER,
    team="nlp",
    line="a1",
    title="share of cluster",
    pool="cluster",
    currency="JPY",
    units=-2500,
    line_units=-7001,
    reason=Reason.WRONG_RATE,
    because="=1+1 \U0001f600 \u202ework",
    actor="tom",
    at=NOW,
    run="r1",
    until=date(2026, 12, 1),
    decide_by=date(2026, 12, 14),
    evidence={"lines": [{"share": "1/3", "parts": [1, None]}]},
    digest="d",
    given="https://example.com/log",
    reopens=0,
)
ADJUSTMENT = Adjustment(
    period=OCTOBER,
    currency="JPY",
    units=-2500,
    giver=Owner(OwnerKind.TEAM, "nlp"),
    taker=UNALLOCATED,
    because="so",
    actor="ann",
    at=NOW,
    line="a1",
    dispute=1,
    beyond=True,
    run="r1",
    model="m1",
)


def step(state: DisputeState) -> DisputeStep:
    return DisputeStep(1, state, "ann", "so", NOW)


def act(state: AdjustmentState, into: str = "") -> AdjustmentStep:
    return AdjustmentStep(1, state, "ann", "so", NOW, into)


def test_a_dispute_comes_back_as_it_was_written(books: Books) -> None:
    with books.writing() as connection:
        made = add_dispute(connection, DISPUTE)
        second = add_dispute(connection, replace(DISPUTE, period=OCTOBER.next()))
    with books.reading() as connection:
        assert dispute_in(connection, 1) == made
        assert read_disputes(connection, OCTOBER) == (made,)
        assert read_disputes(connection) == (made, second)
        assert undecided(connection, OCTOBER) == (made,)
        with pytest.raises(NotLoaded, match="no dispute 9"):
            dispute_in(connection, 9)


def test_an_adjustment_comes_back_as_it_was_written(books: Books) -> None:
    with books.writing() as connection:
        made = add_adjustment(connection, ADJUSTMENT)
    with books.reading() as connection:
        assert adjustment_in(connection, 1) == made
        assert read_adjustments(connection, OCTOBER.next()) == ()
        assert adjustments_on(connection, OCTOBER) == ()
        with pytest.raises(NotLoaded, match="no adjustment 9"):
            adjustment_in(connection, 9)


def test_states_are_steps_and_none_is_taken_twice(books: Books) -> None:
    with books.writing() as connection:
        add_dispute(connection, DISPUTE)
        take_dispute_step(connection, step(DisputeState.TRIAGED))
        take_dispute_step(connection, step(DisputeState.REJECTED))
        add_adjustment(connection, ADJUSTMENT)
        take_adjustment_step(connection, act(AdjustmentState.SUBMITTED))
        take_adjustment_step(connection, act(AdjustmentState.APPROVED))
        take_adjustment_step(connection, act(AdjustmentState.APPLIED, "2026-11"))
    with pytest.raises(UsageError, match="rejected, by ann"), books.writing() as connection:
        take_dispute_step(connection, step(DisputeState.ACCEPTED))
    with pytest.raises(UsageError, match="applied, by ann"), books.writing() as connection:
        take_adjustment_step(connection, act(AdjustmentState.APPLIED, "2026-12"))
    with books.reading() as connection:
        assert dispute_in(connection, 1).state is DisputeState.REJECTED
        (found,) = adjustments_on(connection, Period(2026, 11))
        assert (found.state, found.into) == (AdjustmentState.APPLIED, "2026-11")
    assert [one.action for one in books.audit("adjustment 1")] == [
        "adjust",
        "adjust-submitted",
        "adjust-approved",
        "adjust-applied",
    ]
    assert books.verify_audit()[2] is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE disputes SET because = 'else'",
        "DELETE FROM dispute_steps",
        "UPDATE adjustments SET units = 1",
        "DELETE FROM adjustment_steps",
    ],
)
def test_the_database_refuses_to_change_what_was_said(books: Books, statement: str) -> None:
    with books.writing() as connection:
        add_dispute(connection, DISPUTE)
        add_adjustment(connection, ADJUSTMENT)
    with pytest.raises((BooksError, DBAPIError)), books.writing() as connection:
        connection.execute(text(statement))
