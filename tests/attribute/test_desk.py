"""A desk keeps what it can between models, and never more than it may."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from apportion.attribute import PASSES, Desk, attribute
from apportion.domain.owner import Evidence, Owner, OwnerKind
from apportion.domain.period import Period
from apportion.domain.result import Attributed
from apportion.errors import ProofError
from apportion.model.dated import Validity
from apportion.model.organisation import Organisation, OrgUnit, UnitKind
from apportion.model.project import Model
from apportion.model.rules import Condition, Rule
from apportion.store.engine import Engine, open_engine
from apportion.store.relation import sql, table
from plain_attribution import plainly
from plain_charges import Charge, charge, fold
from random_models import HERE, TAXONOMIES

OCTOBER = Period(2026, 10).span
NLP = Owner(OwnerKind.TEAM, "nlp")
BILL = [
    charge(day, cost, tags={"Team ": "nlp"} if day < 5 else {"env": "prod"}, RegionId="eu")
    for day, cost in ((1, "1"), (3, "2"), (8, "4"), (20, "8"))
]


@pytest.fixture
def engine() -> Iterator[Engine]:
    opened = open_engine()
    yield opened
    opened.close()


def rule(condition: Condition, **more: object) -> Rule:
    return Rule("r", 0, HERE, condition, Evidence.MAPPED, owner=NLP, **more)  # type: ignore[arg-type]


def model(*rules: Rule) -> Model:
    team = OrgUnit("nlp", UnitKind.TEAM, "nlp", HERE)
    return Model(organisation=Organisation({"nlp": team}), rules=rules)


def costs(parts: tuple[Attributed, ...]) -> dict[str, str]:
    return {str(part.owner): str(part.amounts.BilledCost) for part in parts}


def desk(engine: Engine, bill: list[Charge]) -> Desk:
    names = fold(engine, bill)
    return Desk(engine, keys=names.keys, tags=names.tags, daily=names.daily, monthly=names.monthly)


def test_one_model_after_the_other_gives_what_each_gives_alone(engine: Engine) -> None:
    by_tag = model(rule(Condition((("tag.team", ("nlp",)),))))
    models = [
        by_tag,
        model(rule(Condition((("RegionId", ("eu",)),)))),
        model(rule(Condition((("x_Project", ("a",)),)))),
        replace(by_tag, taxonomy=TAXONOMIES[1]),
        model(rule(Condition(), valid=Validity(date(2026, 10, 3), date(2026, 10, 9)))),
        model(rule(Condition(), valid=Validity(date(2026, 10, 9)))),
        replace(by_tag, taxonomy=TAXONOMIES[1]),
    ]
    with desk(engine, BILL) as open_desk:
        for each in models:
            found = open_desk.attribute(each, OCTOBER)
            wanted = {
                group[3]: str(amounts.BilledCost)
                for group, (_, amounts) in plainly(each, BILL).items()
            }
            assert {k.split()[-1]: v for k, v in costs(found.summary).items()} == wanted


def test_rules_are_tried_again_without_reading_the_charges(engine: Engine) -> None:
    with desk(engine, BILL) as open_desk:
        open_desk.attribute(model(), OCTOBER)
        engine.drop("keys", "tags", "daily", "monthly")
        found = open_desk.attribute(model(rule(Condition((("RegionId", ("eu",)),)))), OCTOBER)
    assert costs(found.summary) == {"team nlp": "15"}


def test_nothing_is_left_behind_but_the_attributed_charges(engine: Engine) -> None:
    names = fold(engine, BILL)
    before = relations(engine)
    dated = model(rule(Condition((("tag.team", ("nlp",)),)), valid=Validity(date(2026, 10, 2))))
    attribute(
        engine,
        replace(dated, taxonomy=TAXONOMIES[1]),
        OCTOBER,
        keys=names.keys,
        tags=names.tags,
        daily=names.daily,
        monthly=names.monthly,
        into="who has what",
    )
    assert relations(engine) - before == {"who has what"}


def relations(engine: Engine) -> set[str]:
    found = engine.fetch(sql("SELECT table_name FROM information_schema.tables"))
    return set(found.column("table_name").to_pylist())


def test_money_that_the_days_lack_is_a_fault_and_not_a_smaller_bill(engine: Engine) -> None:
    fold(engine, BILL)
    lacking = sql("SELECT * FROM _d AS d WHERE Charges < 1", _d=table("daily"))
    engine.create("lacking", lacking)
    dated = model(rule(Condition(), valid=Validity(date(2026, 10, 2))))
    with pytest.raises(ProofError, match="cut_spans gave out other charges"):
        attribute(
            engine, dated, OCTOBER, keys="keys", tags="tags", daily="lacking", monthly="monthly"
        )


def test_a_charge_without_its_key_is_a_fault(engine: Engine) -> None:
    fold(engine, BILL)
    engine.create("fewer", sql("SELECT * FROM _k AS k LIMIT 1", _k=table("keys")))
    with pytest.raises(ProofError, match="other charges than it was given"):
        attribute(
            engine, model(), OCTOBER, keys="fewer", tags="tags", daily="daily", monthly="monthly"
        )


def test_the_passes_are_named_as_their_files() -> None:
    for one in PASSES:
        assert one.__module__ == f"apportion.attribute.{one.__name__}"
        assert one.__doc__
        assert "Invariant" in one.__doc__
