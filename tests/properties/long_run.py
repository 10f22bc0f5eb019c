"""A long run of random allocations: `make properties`, not part of every test run.

    python tests/properties/long_run.py --pools 1000000 --projects 1000 --seed 1

Pools go through the allocation alone: money in is money out, exactly, in every
currency and on every cost basis. Projects go the whole road, from a bill as CSV
to a rounded statement, and are held against sums in plain Decimal. What fails is
printed with its seed, from which it can be made again.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from apportion.allocate import allocate
from apportion.domain.amounts import Amounts
from apportion.domain.owner import Evidence, Owner, OwnerKind
from apportion.domain.result import Attributed
from apportion.errors import ConfigurationError
from apportion.model.dated import Dated
from apportion.model.pools import Between, BetweenPools, Driver, Method, Pool, Split, WhenMissing
from apportion.model.project import Model
from bills import row, write_bill
from companies import HERE, OCTOBER, model, monthly, pool, team

TEAMS = ("ann", "bob", "cyd", "dee", "eve")
SERVICES = ("EC2", "S3", "GPU", "Network", "Store")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pools", type=int, default=1_000_000)
    parser.add_argument("--projects", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    failed = _many(allocation, asked.pools, asked.seed, "pools")
    failed += _many(whole_road, asked.projects, asked.seed, "projects")
    sys.exit(1 if failed else 0)


def _many(check: Callable[[int], int], wanted: int, seed: int, what: str) -> int:
    """Run a check with seed after seed until it has seen as many as wanted."""
    begun, done, failed = time.monotonic(), 0, 0
    while done < wanted:
        try:
            done += check(seed)
        except Exception as fault:
            failed += 1
            done += 1
            _say(f"{what}: seed {seed} failed: {type(fault).__name__}: {fault}")
        seed += 1
    seconds = time.monotonic() - begun
    _say(f"{done:,} {what}: {failed} failed, {seconds:,.0f} s")
    return failed


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def allocation(seed: int) -> int:
    """One random company through the allocation; says how many pools it had."""
    dice = random.Random(seed)
    rules, bill = _company(dice)
    try:
        made = allocate(bill, rules, OCTOBER)
    except ConfigurationError as refused:
        if "loop" in str(refused) or "nobody but itself" in str(refused):
            return len(rules.pools)
        raise
    for currency in ("USD", "JPY"):
        came = Amounts.total(part.amounts for part in bill if part.currency == currency)
        out = Amounts.total(line.amounts for line in made.lines if line.currency == currency)
        if came != out:
            raise AssertionError(f"{currency}: {came} came in, {out} went out")
    for answer in made.answers:
        if answer.answer.whole != 1:
            raise AssertionError(f"{answer.pool} is answered for {answer.answer.whole}")
    return len(rules.pools)


def _company(dice: random.Random) -> tuple[Model, list[Attributed]]:
    names = [f"p{n}" for n in range(dice.randint(1, 6))]
    drivers = [_driver(dice, name, names) for name in ("gb", "hours")]
    pools = [_pool(dice, name, names) for name in names]
    rules = model([team(name, dice.randint(1, 9)) for name in TEAMS], pools, drivers)
    between = Between(dice.choice(list(BetweenPools)))
    allocation = (Dated(between),)
    made = Model(
        organisation=rules.organisation,
        pools=rules.pools,
        drivers=rules.drivers,
        allocation=allocation,
    )
    owners = [Owner(OwnerKind.TEAM, name) for name in TEAMS]
    owners += [Owner(OwnerKind.POOL, name) for name in names]
    return made, [_charge(dice, dice.choice(owners)) for _ in range(dice.randint(1, 12))]


def _driver(dice: random.Random, name: str, pools: list[str]) -> Driver:
    among = [*TEAMS, *(pool for pool in pools if dice.random() < 0.3)]
    return monthly(name, {who: str(dice.randint(0, 99)) for who in among})


def _pool(dice: random.Random, name: str, pools: list[str]) -> Pool:
    method = dice.choice(
        [Method.EVEN, Method.FIXED, Method.DIRECT_COST, Method.HEAD_COUNT, Method.DRIVER]
        + [Method.WEIGHTED]
    )
    among = tuple(sorted(dice.sample(TEAMS, dice.randint(1, 5))))
    drivers: tuple[tuple[str, Fraction], ...] = ()
    if method is Method.DRIVER:
        drivers = (("gb", Fraction(1)),)
    elif method is Method.WEIGHTED:
        part = Fraction(dice.randint(1, 9), 10)
        drivers = (("gb", part), ("hours", 1 - part))
    parts = [
        (who, dice.randint(1, 9)) for who in (*among, *(p for p in pools if dice.random() < 0.3))
    ]
    whole = sum(weight for _, weight in parts)
    split = Split(
        method,
        HERE,
        among=among if method in {Method.EVEN, Method.DIRECT_COST, Method.HEAD_COUNT} else (),
        percentages=tuple((who, Fraction(100 * weight, whole)) for who, weight in parts)
        if method is Method.FIXED
        else (),
        drivers=drivers,
        when_missing=WhenMissing.KEEP,
    )
    return pool(name, split)


def _charge(dice: random.Random, owner: Owner) -> Attributed:
    costs = Amounts(*(Fraction(dice.randint(-(10**9), 10**12), 10**6) for _ in range(4)))
    currency = dice.choice(["USD", "USD", "JPY"])
    return Attributed("aws", currency, owner, "rule", Evidence.TAGGED, "EC2", 1, costs)


def whole_road(seed: int) -> int:
    """One random project from the bill to the statement."""
    import apportion

    dice = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        billed = _write_project(root, dice)
        with apportion.open_project(root) as project:
            project.load()
            project.run("2026-10")
            proofs = project.reconcile("2026-10").to_pylist()
            lines = project.statement("2026-10", basis="billed").to_pylist()
    with localcontext() as exact:
        exact.prec = 60
        if not all(proof["ok"] for proof in proofs):
            raise AssertionError("a proof fails")
        for currency, amount in billed.items():
            read = [
                proof["read"]
                for proof in proofs
                if (proof["currency"], proof["basis"]) == (currency, "BilledCost")
            ]
            if sum(read) != amount:
                raise AssertionError(f"{currency}: {amount} was billed, {read} read")
            shown = sum(line["amount"] for line in lines if line["currency"] == currency)
            if abs(shown - amount) > Decimal("0.005"):
                raise AssertionError(f"{currency}: {amount} was billed, {shown} shown")
    return 1


def _write_project(root: Path, dice: random.Random) -> dict[str, Decimal]:
    """A project of random rules, pools and charges; says what was billed, by currency."""
    (root / "model").mkdir()
    (root / "bills").mkdir()
    (root / "apportion.yaml").write_text(
        "name: Random\ncurrency: USD\nsources:\n  cloud: {format: focus, path: bills/*.csv}\n"
    )
    pools = [f"p{n}" for n in range(dice.randint(1, 4))]
    (root / "model" / "model.json.yaml").write_text(json.dumps(_model_document(dice, pools)))
    with (root / "model" / "gb.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["team", "pool", "period", "quantity"])
        for who in TEAMS:
            rows.writerow([who, "", "2026-10", dice.randint(1, 99)])
        for name in pools[1:]:
            rows.writerow(["", name, "2026-10", dice.randint(0, 9)])
    billed: dict[str, Decimal] = {}
    charges = []
    for n in range(dice.randint(1, 40)):
        currency = dice.choice(["USD", "USD", "EUR"])
        amount = Decimal(dice.randint(-(10**6), 10**9)).scaleb(-dice.randint(0, 12))
        billed[currency] = billed.get(currency, Decimal(0)) + amount
        tags = {"team": dice.choice(TEAMS)} if dice.random() < 0.7 else {}
        service, name = dice.choice(SERVICES), f"r-{n}"
        over = {"BillingCurrency": currency, "ServiceName": service, "ResourceId": name}
        charges.append(row(f"{amount:f}", tags, **over))
    write_bill(root / "bills" / "2026-10.csv", charges)
    return billed


def _model_document(dice: random.Random, pools: list[str]) -> dict[str, object]:
    splits: list[dict[str, object]] = [
        {"by": "even"},
        {"by": "driver", "driver": "gb"},
        {"by": "direct_cost", "when_missing": "keep"},
        {"by": "fixed", "percentages": {"ann": 50, "bob": 30, "cyd": 20}},
    ]
    services = dice.sample(SERVICES, len(pools))
    return {
        "organisation": [{"name": name, "kind": "team"} for name in TEAMS],
        "rules": [{"name": "tags", "team_from_tag": "team"}],
        "pools": [
            {"name": name, "service": service, "split": dice.choice(splits)}
            for name, service in zip(pools, services, strict=True)
        ],
        "drivers": [{"name": "gb", "unit": "GB", "file": "gb.csv"}],
        "allocation": [{"between_pools": dice.choice([str(one) for one in BetweenPools])}],
    }


if __name__ == "__main__":
    main()
