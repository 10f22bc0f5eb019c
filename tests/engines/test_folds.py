"""Charges fold into the same keys, tags and facts on every engine, to the digit."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from apportion.domain.charge import COSTS, KEY_COLUMNS
from apportion.load.fold import CHARGES, fold
from apportion.load.fold_daily import fold_daily
from apportion.load.fold_keys import fold_keys
from apportion.load.fold_monthly import fold_monthly
from apportion.load.fold_tags import fold_tags
from apportion.load.key_shape import KeyShape
from apportion.load.workbench import Workbench
from apportion.sources.tags import canonical_tags
from apportion.store.engine import Engine
from apportion.store.relation import sql, table

MONEY = pa.decimal128(38, 18)
NASTY_TAGS = [
    {},
    {"team": "nlp", "env": "dev"},
    {'it\'s "a" key': "back\\slash", "a.b": "c", "😀": "👩‍👩‍👧 é"},
    {"line\nend": "tab\there", "\\n": '\\"', "r\r": "\b\f"},
    {'":"': '","', "{": "}", "": "no key"},
    {f"key {n}": str(n) for n in range(300)},
]


def charges() -> pa.Table:
    rows = []
    for number in range(240):
        tags = NASTY_TAGS[number % len(NASTY_TAGS)]
        rows.append(
            {
                "BilledCost": Decimal(number).scaleb(-18),
                "EffectiveCost": Decimal("123456789012.000000000000000001") * (-1) ** number,
                "ListCost": None if number % 5 == 0 else Decimal(number),
                "ContractedCost": None,
                "BillingCurrency": "USD",
                "BillingPeriodStart": datetime(2026, 10, 1),  # noqa: DTZ001
                "ChargePeriodStart": datetime(  # noqa: DTZ001
                    2026, 10, 1 + number % 3, number % 24, 59, 59
                ),
                "ServiceName": ["Compute", "Größe 😀", None, "a|b", ""][number % 5],
                "ResourceId": ["r=1", "r", "=1:x"][number % 3],
                "x_Team": None if number % 2 else "t",
                "x_Unseen": str(number),
                "Tags": None if number == 7 else canonical_tags(json.dumps(tags)).text,
            }
        )
    schema = pa.schema(
        [(name, MONEY) for name in COSTS]
        + [("BillingCurrency", pa.string())]
        + [(name, pa.timestamp("us")) for name in ("BillingPeriodStart", "ChargePeriodStart")]
        + [(n, pa.string()) for n in ("ServiceName", "ResourceId", "x_Team", "x_Unseen", "Tags")]
    )
    return pa.Table.from_pylist(rows, schema=schema)


SHAPE = KeyShape.of(["x_Team", "x_Missing"], charges().column_names)


def key_id(row: dict[str, object]) -> str:
    """The digest as the reference describes it."""
    names = [*KEY_COLUMNS, "x_Missing", "x_Team", "Tags"]
    values = [
        (name, row.get(name) or ("{}" if name == "Tags" else row.get(name))) for name in names
    ]
    parts = [f"{name}={len(str(v))}:{v}" for name, v in values if v is not None]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


@pytest.fixture
def folded(engine: Engine, tmp_path: Path) -> dict[str, list[dict[str, object]]]:
    path = tmp_path / "charges.parquet"
    pq.write_table(charges(), path)
    engine.files("charges", [path])
    engine.create("fold_keys", fold_keys(table("charges"), SHAPE))
    engine.create("fold_daily", fold_daily(table("charges"), table("fold_keys"), SHAPE))
    engine.create("fold_monthly", fold_monthly(table("fold_daily")))
    engine.create("fold_tags", fold_tags(table("fold_keys")))
    orders = {"keys": "KeyId", "daily": "KeyId, ChargeDate", "monthly": "KeyId", "tags": ""}
    found = {}
    for role in orders:
        rows = engine.fetch(sql("SELECT * FROM _r AS r", _r=table(f"fold_{role}"))).to_pylist()
        found[role] = sorted(rows, key=lambda row: [str(value) for value in row.values()])
    return found


def test_keys_are_those_that_the_reference_describes(
    folded: dict[str, list[dict[str, object]]],
) -> None:
    expected = {key_id(row) for row in charges().to_pylist()}
    assert {key["KeyId"] for key in folded["keys"]} == expected
    assert len(folded["keys"]) == len(expected)
    for key in folded["keys"]:
        assert key["KeyId"] == key_id(key)
        assert key["TagSetId"] == hashlib.sha256(str(key["Tags"]).encode()).hexdigest()


def test_daily_and_monthly_facts_are_exact_sums(
    folded: dict[str, list[dict[str, object]]],
) -> None:
    expected: dict[tuple[str, date], list[Decimal]] = {}
    for row in charges().to_pylist():
        day = (key_id(row), row["ChargePeriodStart"].date())
        sums = expected.setdefault(day, [Decimal(0)] * 5)
        costs = [Decimal(1), *(row[cost] or Decimal(0) for cost in COSTS)]
        expected[day] = [a + b for a, b in zip(sums, costs, strict=True)]
    found = {
        (str(fact["KeyId"]), fact["ChargeDate"]): [fact[c] for c in ("Charges", *COSTS)]
        for fact in folded["daily"]
    }
    assert found == expected
    for month in folded["monthly"]:
        days = {day for key, day in expected if key == month["KeyId"]}
        assert (month["FirstDate"], month["LastDate"]) == (min(days), max(days))
        total = [sum(expected[str(month["KeyId"]), day][n] for day in days) for n in range(5)]
        assert [month[c] for c in ("Charges", *COSTS)] == total


def test_every_tag_comes_out_as_it_went_in(
    folded: dict[str, list[dict[str, object]]],
) -> None:
    by_set: dict[object, dict[object, object]] = {}
    for tag in folded["tags"]:
        by_set.setdefault(tag["TagSetId"], {})[tag["TagKey"]] = tag["TagValue"]
    sets = {key["TagSetId"]: json.loads(str(key["Tags"])) for key in folded["keys"]}
    assert by_set == {name: tags for name, tags in sets.items() if tags}
    assert len(folded["tags"]) == sum(len(tags) for tags in sets.values())


@pytest.mark.parametrize("collide", [False, True])
def test_the_help_of_a_hash_changes_nothing_even_where_it_collides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, collide: bool
) -> None:
    if collide:
        from sqlglot import exp

        monkeypatch.setattr(KeyShape, "known", lambda _: [exp.Literal.number(1)])
    path = tmp_path / "charges.parquet"
    pq.write_table(charges(), path)
    with Workbench(tmp_path) as bench:
        bench.parquet(CHARGES, [path])
        made = fold(bench, SHAPE, tmp_path)
        keys = pq.read_table(made["keys"][0]).to_pylist()
        daily = pq.read_table(made["daily"][0])
        monthly = pq.read_table(made["monthly"][0])
    assert [key["KeyId"] for key in keys] == sorted({key_id(r) for r in charges().to_pylist()})
    assert sum(daily.column("Charges").to_pylist()) == 240
    assert sum(monthly.column("EffectiveCost").to_pylist()) == 0
    order = [(fact["KeyId"], fact["ChargeDate"]) for fact in daily.to_pylist()]
    assert order == sorted(order)
    assert daily.schema.field("Charges").type == pa.int64()
    assert monthly.schema.field("ListCost").type == MONEY
