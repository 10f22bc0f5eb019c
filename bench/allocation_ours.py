"""Ours on a graph of pools, or on a large model made up here; allocation alone, in one process.

python bench/allocation_ours.py graph GRAPH.json
python bench/allocation_ours.py reciprocal 200 1000
python bench/allocation_ours.py even 2000 2000
python bench/allocation_ours.py chain 50 1000
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "peers"))

from report import lap, report

from apportion.allocate import allocate
from apportion.allocate.gather_costs import gather_costs
from apportion.allocate.share_pools import share_pools
from apportion.allocate.solve_pools import solve_pools
from apportion.domain.amounts import Amounts
from apportion.domain.owner import Evidence, Owner, OwnerKind
from apportion.domain.period import Span
from apportion.domain.result import Attributed
from apportion.errors import Place
from apportion.model.dated import Dated
from apportion.model.organisation import Organisation, OrgUnit, UnitKind
from apportion.model.pools import Driver, DriverRow, Method, Pool, Split
from apportion.model.project import Model
from team_totals import team_totals

HERE = Place("bench")
OCTOBER = Span(date(2026, 10, 1), date(2026, 11, 1))
Edges = Iterable[tuple[str, str, int]]


def graph(path: str) -> None:
    """A graph that a peer is given too; team totals are reported to be compared."""
    asked = json.loads(Path(path).read_text(encoding="utf-8"))
    model = _by_drivers(asked["costs"], asked["edges"])
    bill = [_charge(pool, Fraction(amount)) for pool, amount in asked["costs"].items()]
    lap("read")
    made = allocate(bill, model, OCTOBER)
    totals = team_totals(made.answers, made.full, "USD")
    lap("allocate")
    report("apportion", {team: own.EffectiveCost for team, own in totals.items()})


def reciprocal(pools: str, teams: str) -> None:
    """Pools that all serve each other and every team; four different cost bases."""
    dice = random.Random(1)
    names = [f"pool-{n:03d}" for n in range(int(pools))]
    last = [f"team-{n:04d}" for n in range(int(teams))]
    edges = [
        (pool, to, dice.randint(1, 10**6)) for pool in names for to in (*names, *last) if to != pool
    ]
    _timed(_by_drivers(names, edges), names, dice)


def even(pools: str, teams: str) -> None:
    """Every pool is split evenly among all teams."""
    names = [f"pool-{n:04d}" for n in range(int(pools))]
    split = Split(Method.EVEN, HERE)
    units = [f"team-{n:04d}" for n in range(int(teams))]
    _timed(_model(units, [_pool(name, split) for name in names], []), names, random.Random(1))


def chain(length: str, teams: str) -> None:
    """Each pool serves the next one and every team."""
    dice = random.Random(1)
    names = [f"pool-{n:04d}" for n in range(int(length))]
    edges = [(pool, after, 50) for pool, after in pairwise(names)]
    last = [f"team-{n:04d}" for n in range(int(teams))]
    edges += [(pool, team, dice.randint(1, 99)) for pool in names for team in last]
    _timed(_by_drivers(names, edges), names, dice)


def _timed(model: Model, pools: Iterable[str], dice: random.Random) -> None:
    bill = [
        _charge(pool, *(Fraction(dice.randint(1, 10**12), 10**6) for _ in range(4)))
        for pool in pools
    ]
    lap("made up")
    costs = gather_costs(bill)
    answers, _ = share_pools(costs, model, OCTOBER)
    lap("fractions")
    full = solve_pools(costs, answers, {})
    lap("solved")
    totals = team_totals(answers, full, "USD")
    lap("totals")
    charged = Amounts.total(totals.values())
    lap("checked")
    report("apportion", whole=charged == Amounts.total(costs.pools.values()))


def _by_drivers(pools: Iterable[str], edges: Edges) -> Model:
    rows: dict[str, list[DriverRow]] = {pool: [] for pool in pools}
    for pool, to, quantity in edges:
        rows[pool].append(DriverRow(to, OCTOBER.start, OCTOBER.until, Decimal(quantity), HERE))
    receivers = {row.team for own in rows.values() for row in own}
    drivers = [Driver(pool, "units", "bench", HERE, tuple(own)) for pool, own in rows.items()]
    split = {pool: Split(Method.DRIVER, HERE, drivers=((pool, Fraction(1)),)) for pool in rows}
    return _model(
        sorted(receivers - rows.keys()), [_pool(pool, split[pool]) for pool in rows], drivers
    )


def _model(teams: Iterable[str], pools: Iterable[Pool], drivers: Iterable[Driver]) -> Model:
    return Model(
        organisation=Organisation(
            {name: OrgUnit(name, UnitKind.TEAM, name, HERE) for name in teams}
        ),
        pools=tuple(pools),
        drivers={driver.name: driver for driver in drivers},
    )


def _pool(name: str, split: Split) -> Pool:
    return Pool(name, 0, name, HERE, (Dated(split),))


def _charge(pool: str, *amounts: Fraction) -> Attributed:
    owner = Owner(OwnerKind.POOL, pool)
    costs = Amounts(*amounts) if len(amounts) > 1 else Amounts(*amounts * 4)
    return Attributed("bench", "USD", owner, "bench", Evidence.TAGGED, "bench", 1, costs)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
