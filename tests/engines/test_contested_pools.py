"""Two pools that claim one charge: the first has it, and that is told, on every engine."""

from __future__ import annotations

from apportion.attribute import attribute
from apportion.domain.finding import Finding
from apportion.model.pools import Pool
from apportion.model.project import Model
from apportion.model.rules import Condition
from apportion.store.engine import Engine
from companies import HERE, OCTOBER
from plain_charges import charge, fold


def pool(name: str, position: int, **equals: str) -> Pool:
    condition = Condition(tuple((column, (value,)) for column, value in equals.items()))
    return Pool(name, position, name, HERE, (), condition)


def contested(engine: Engine, *pools: Pool) -> list[Finding]:
    bill = [
        charge(1, "1", ServiceName="S3", SubAccountId="1"),
        charge(2, "2", ServiceName="S3", SubAccountId="2"),
        charge(3, "4", ServiceName="EC2", SubAccountId="1"),
    ]
    folded = fold(engine, bill)
    made = attribute(
        engine,
        Model(pools=pools),
        OCTOBER,
        keys=folded.keys,
        tags=folded.tags,
        daily=folded.daily,
        monthly=folded.monthly,
    )
    taken = {part.owner.name: part.amounts.BilledCost for part in made.summary}
    assert sum(taken.values()) == 7
    return [found for found in made.findings if found.code == "pools-contested"]


def test_the_order_decides_and_is_told(engine: Engine) -> None:
    lake, account = pool("lake", 0, ServiceName="S3"), pool("account", 1, SubAccountId="1")
    (found,) = contested(engine, lake, account)
    assert found.message == (
        "the pools 'lake' and 'account' both claim 1 charges; 'lake' comes first and has them"
    )


def test_pools_that_claim_different_charges_are_at_peace(engine: Engine) -> None:
    assert not contested(engine, pool("a", 0, ServiceName="S3"), pool("b", 1, ServiceName="EC2"))
    assert not contested(engine, pool("a", 0, ServiceName="S3"))
