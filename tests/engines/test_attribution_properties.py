"""Attribution against a plain reading of what it means, on random bills and models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from random import Random
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from apportion.attribute import attribute
from apportion.domain.amounts import Amounts
from apportion.domain.period import Period
from apportion.domain.result import Attributed
from apportion.model.project import Model
from apportion.store.engine import Engine
from apportion.store.relation import sql, table
from plain_attribution import Group, plainly
from plain_charges import Charge, fold
from random_models import charges, models

OCTOBER = Period(2026, 10).span


def attributed(
    engine: Engine, model: Model, bill: Sequence[Charge], *, months: bool = True
) -> tuple[Attributed, ...]:
    names = fold(engine, bill)
    found = attribute(
        engine,
        model,
        OCTOBER,
        keys=names.keys,
        tags=names.tags,
        daily=names.daily,
        monthly=names.monthly if months else None,
    )
    return found.summary


def grouped(parts: Sequence[Attributed]) -> dict[Group, tuple[int, Amounts]]:
    groups = {
        (
            part.source,
            part.currency,
            part.owner.kind.value,
            part.owner.name,
            part.rule,
            part.evidence.value,
            part.service,
        ): (part.charges, part.amounts)
        for part in parts
    }
    assert len(groups) == len(parts)
    return groups


@settings(max_examples=150, deadline=None)
@given(models(), charges())
def test_duckdb_attributes_as_the_plain_reading_does(
    duckdb: Engine, model: Model, bill: list[Charge]
) -> None:
    assert grouped(attributed(duckdb, model, bill)) == plainly(model, bill)


@settings(max_examples=60, deadline=None)
@given(models(), charges(), st.tuples(*[st.integers(0, 3)] * 4))
def test_the_limits_of_joins_and_groups_change_nothing(
    duckdb: Engine, model: Model, bill: list[Charge], limits: tuple[int, int, int, int]
) -> None:
    """Which means decides a rule depends on how many others there are; the result never does."""
    product, crowd, joins, patterns = limits
    with (
        patch("apportion.attribute.shapes.LARGEST_PRODUCT", product),
        patch("apportion.attribute.shapes.CROWD", crowd),
        patch("apportion.attribute.match_rules.TOGETHER", joins + 1),
        patch("apportion.attribute.match_patterns.TOGETHER", patterns + 1),
    ):
        assert grouped(attributed(duckdb, model, bill)) == plainly(model, bill)


@settings(max_examples=12, deadline=None)
@given(models(), charges())
def test_spark_attributes_as_the_plain_reading_does(
    spark: Engine, model: Model, bill: list[Charge]
) -> None:
    assert grouped(attributed(spark, model, bill)) == plainly(model, bill)


@settings(max_examples=50, deadline=None)
@given(models(), charges())
def test_money_in_is_money_out(duckdb: Engine, model: Model, bill: list[Charge]) -> None:
    parts = attributed(duckdb, model, bill)
    given_ = Amounts.total(Amounts(*map(Fraction, one.costs)) for one in bill)
    assert Amounts.total(part.amounts for part in parts) == given_
    assert sum(part.charges for part in parts) == len(bill)
    rows = duckdb.fetch(
        sql(
            """
            SELECT count(*) AS n, count(DISTINCT (Source, KeyId, SpanStart)) AS different
            FROM _a AS a
            """,
            _a=table("attributed"),
        )
    ).to_pylist()[0]
    assert rows["n"] == rows["different"]


@settings(max_examples=40, deadline=None)
@given(models(), charges(), st.randoms(use_true_random=False))
def test_the_order_of_rows_tags_and_rules_does_not_matter(
    duckdb: Engine, model: Model, bill: list[Charge], random: Random
) -> None:
    straight = attributed(duckdb, model, bill)
    turned = [
        replace(one, tags=dict(random.sample(list(one.tags.items()), len(one.tags))))
        for one in random.sample(bill, len(bill))
    ]
    shuffled = replace(
        model,
        rules=tuple(random.sample(model.rules, len(model.rules))),
        pools=tuple(random.sample(model.pools, len(model.pools))),
        inherit=tuple(random.sample(model.inherit, len(model.inherit))),
    )
    assert attributed(duckdb, shuffled, turned) == straight


@settings(max_examples=40, deadline=None)
@given(models(), charges())
def test_months_and_days_give_the_same(duckdb: Engine, model: Model, bill: list[Charge]) -> None:
    by_month = attributed(duckdb, model, bill)
    assert attributed(duckdb, model, bill, months=False) == by_month
