"""How the time of attribution grows with the number and the kind of rules, and with the months.

    python bench/attribution_rules.py [KEYS]

Made up relations of the lake: KEYS charge keys a month (50,000), each charged on
each of 30 days, which is what 10 million raw rows fold into. Each line gives
the first run and the median of the next ones; ratios are between medians.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import duckdb

from apportion.attribute import Attribution, Desk, attribute
from apportion.domain.charge import COSTS, KEY_COLUMNS
from apportion.domain.owner import Evidence, Owner, OwnerKind
from apportion.domain.period import Period, Span
from apportion.errors import Place
from apportion.model.dated import ALWAYS, Validity
from apportion.model.organisation import Organisation, OrgUnit, UnitKind
from apportion.model.project import Model
from apportion.model.rules import Condition, Rule
from apportion.model.taxonomy import TagKey, Taxonomy
from apportion.store.engine import Engine, open_engine

HERE = Place("bench")
MONTH = Period(2026, 1)
YEAR = Span(date(2026, 1, 1), date(2027, 1, 1))
TEAMS = tuple(f"team-{n:02}" for n in range(50))
RUNS = 5

VALUES = {
    "BillingAccountId": "'pay-' || k % 5",
    "BillingCurrency": "'USD'",
    "ChargeCategory": "'Usage'",
    "ProviderName": "'Cloud'",
    "RegionId": "'region-' || k % 12",
    "ResourceId": "'arn:' || k % 500 || ':instance/i-' || k",
    "ResourceName": "'team' || k % 97 || '-app' || k % 1999 || '-' || k",
    "ServiceCategory": "'category-' || k % 8",
    "ServiceName": "'service-' || k % 40",
    "SubAccountId": "'account-' || k % 500",
}
TAGS = {"Team": "'t' || k % 97", "app": "'a' || k % 1999", "env": "'prod'", "cost": "'c' || k % 7"}

Equals = tuple[tuple[str, tuple[str, ...]], ...]

NAMES = {"keys": "keys", "tags": "tags", "daily": "daily", "monthly": "monthly"}


def write_month(folder: Path, month: int, keys: int) -> None:
    """Parquet files of one month, as loading writes them."""
    connection = duckdb.connect()
    of_key = f"sha256('{month}-' || k) AS KeyId"
    tag_set = f"sha256('{month} tags ' || k) AS TagSetId"
    columns = ", ".join(f'{VALUES.get(c, "CAST(NULL AS VARCHAR)")} AS "{c}"' for c in KEY_COLUMNS)
    costs = ", ".join(
        f"CAST(0.001 * ((k * {31 + n} + d) % 100000) AS DECIMAL(38, 18)) AS {cost}"
        for n, cost in enumerate(COSTS)
    )
    sums = ", ".join(f"CAST(sum({cost}) AS DECIMAL(38, 18)) AS {cost}" for cost in COSTS)
    each = f"FROM range({keys}) AS r(k)"
    queries = {
        "keys": f"SELECT {of_key}, {columns}, {tag_set}, '' AS Tags {each}",
        "tags": " UNION ALL ".join(
            f"SELECT {tag_set}, '{tag}' AS TagKey, {value} AS TagValue {each}"
            for tag, value in TAGS.items()
        ),
        "daily": f"SELECT 'cloud' AS Source, '2026-{month:02}' AS Period, {of_key}, "
        f"DATE '2026-{month:02}-01' + CAST(d % 28 AS INTEGER) AS ChargeDate, "
        f"CAST(7 AS BIGINT) AS Charges, {costs} {each}, range(30) AS q(d)",
        "monthly": "SELECT Source, Period, KeyId, min(ChargeDate) AS FirstDate, "
        "max(ChargeDate) AS LastDate, CAST(sum(Charges) AS BIGINT) AS Charges, "
        f"{sums} FROM '{folder}/daily-{month}.parquet' GROUP BY ALL",
    }
    for role in ("keys", "tags", "daily", "monthly"):
        connection.execute(f"COPY ({queries[role]}) TO '{folder}/{role}-{month}.parquet'")


@contextmanager
def opened(folder: Path, months: int) -> Iterator[Engine]:
    """An engine with some months registered, as views of their files."""
    engine = open_engine()
    for role in NAMES:
        engine.files(role, [folder / f"{role}-{n}.parquet" for n in range(1, months + 1)])
    yield engine
    engine.close()


def equality(n: int) -> Condition:
    """Equalities and lists of four kinds in turn."""
    kinds: tuple[Equals, ...] = (
        (("tag.team", (f"t{n % 97}",)), ("tag.app", (f"a{n % 1999}",))),
        (("SubAccountId", (f"account-{n % 500}",)), ("ServiceName", (f"service-{n % 40}",))),
        (("ResourceId", (f"arn:{n % 500}:instance/i-{n}", f"arn:{n}:none")),),
        (("ResourceName", tuple(f"team{n % 97}-app{n % 1999}-{n + m}" for m in range(3))),),
    )
    return Condition(kinds[n % 4])


def pattern(n: int) -> Condition:
    """Globs of four kinds in turn: beginning, end, contained, general."""
    globs = (f"team{n % 97}-app{n * 7}*", f"*-{n * 31}", f"*app{n * 7}-*", f"team{n % 97}-*-{n}?")
    return Condition((), (("ResourceName", (globs[n % 4],)),))


def model(conditions: list[Condition], valid: Validity = ALWAYS) -> Model:
    rules = tuple(
        Rule(
            f"rule {n}",
            n,
            HERE,
            condition,
            Evidence.MAPPED,
            owner=Owner(OwnerKind.TEAM, TEAMS[n % len(TEAMS)]),
            valid=valid if n == 0 else ALWAYS,
        )
        for n, condition in enumerate(conditions)
    )
    return Model(
        organisation=Organisation({t: OrgUnit(t, UnitKind.TEAM, t, HERE) for t in TEAMS}),
        taxonomy=Taxonomy({"team": TagKey("team", HERE, ("squad",))}),
        rules=rules,
    )


def timed(label: str, work: Callable[[int], Attribution]) -> float:
    """Run some work several times; it is given the number of the run."""
    seconds = []
    for run in range(RUNS + 1):
        start = perf_counter()
        work(run)
        seconds.append(perf_counter() - start)
    print(f"{label:<52} first {seconds[0]:6.3f} s   then {median(seconds[1:]):6.3f} s")
    return median(seconds[1:])


def one_month(folder: Path, keys: int) -> None:
    """Rules of several kinds on one month, everything from the files on each time."""
    one_value: Equals = (("BillingCurrency", ("USD",)),)
    cases = {
        "no rules": model([]),
        "10 equality rules": model([equality(n) for n in range(10)]),
        "1,000 equality rules": model([equality(n) for n in range(1_000)]),
        "10,000 equality rules": model([equality(n) for n in range(10_000)]),
        "10,000 rules that all match all": model([Condition(one_value)] * 10_000),
        "1,000 patterns": model([pattern(n) for n in range(1_000)]),
        "10 rules, one from mid-month (days are read)": model(
            [equality(n) for n in range(10)], Validity(date(2026, 1, 16))
        ),
    }
    taken = {}
    with opened(folder, 1) as engine:
        for label, made in cases.items():

            def work(_: int, made: Model = made) -> Attribution:
                return attribute(engine, made, MONTH.span, **NAMES)

            taken[label] = timed(f"{keys:,} keys, {label}", work)
    few, many = taken["10 equality rules"], taken["10,000 equality rules"]
    print(f"10,000 equality rules : 10 equality rules = {many / few:.2f} (bound 2)")
    print(f"1,000 patterns take {taken['1,000 patterns'] - taken['no rules']:.3f} s (bound 1 s)")


def several_months(folder: Path, keys: int) -> None:
    """A year's keys laid out once, then a changed rule each time."""
    for months in (1, 3, 6, 12):
        with opened(folder, months) as engine, Desk(engine, **NAMES) as desk:
            for rules in (10, 10_000):
                rest = [equality(n) for n in range(1, rules)]

                def work(run: int, desk: Desk = desk, rest: list[Condition] = rest) -> Attribution:
                    return desk.attribute(model([equality(run), *rest]), YEAR)

                timed(f"{months} months x {keys:,} keys, {rules:,} rules, one edited", work)


def main(keys: int) -> None:
    with TemporaryDirectory() as made:
        folder = Path(made)
        for month in range(1, 13):
            write_month(folder, month, keys)
        one_month(folder, keys)
        several_months(folder, keys)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
