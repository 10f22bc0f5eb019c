"""What every engine promises, whatever runs beneath."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from apportion.errors import ConfigurationError
from apportion.store.engine import Engine, open_engine
from apportion.store.relation import sql, table

MONEY = pa.decimal128(38, 18)
NASTY = ["it's", 'say "hi"', "back\\slash", "new\nline", "semi;colon--", "😀", "İ", "", " ", "\\'"]


def test_types_are_alike_on_every_engine(engine: Engine) -> None:
    given = pa.table(
        {
            "small": pa.array([1, 2], pa.int32()),
            "text": pa.array(["a", None], pa.large_string()),
            "day": pa.array([date(2026, 10, 1), None], pa.date32()),
            "cost": pa.array([Decimal("0.000000000000000001"), Decimal(-5)], MONEY),
        }
    )
    engine.rows("typed", given)
    got = engine.fetch(
        sql(
            "SELECT small, text, day, cost, count(*) AS n, CAST(sum(cost) AS DECIMAL(38, 18)) AS s"
            " FROM _r AS r GROUP BY small, text, day, cost ORDER BY small",
            _r=table("typed"),
        )
    )
    assert got.schema == pa.schema(
        [
            ("small", pa.int64()),
            ("text", pa.string()),
            ("day", pa.date32()),
            ("cost", MONEY),
            ("n", pa.int64()),
            ("s", MONEY),
        ]
    )
    assert got.column("s").to_pylist() == [Decimal("0.000000000000000001"), Decimal(-5)]


@pytest.mark.parametrize("name", ["plain", 'we"ird na.me', "it's", "😀", "select", "back`tick"])
def test_a_relation_may_have_any_name(engine: Engine, lake: Path, name: str) -> None:
    engine.rows(name, pa.table({"a": [1]}))
    engine.create(name + " again", sql("SELECT a + 1 AS a FROM _r AS r", _r=table(name)))
    got = engine.fetch(sql("SELECT a FROM _r AS r", _r=table(name + " again")))
    assert got.column("a").to_pylist() == [2]
    pq.write_table(pa.table({"a": [3]}), lake / "a.parquet")
    engine.files(name, [lake / "a.parquet"])
    engine.view(name + " seen", sql("SELECT a + 1 AS a FROM _r AS r", _r=table(name)))
    got = engine.fetch(sql("SELECT a FROM _r AS r", _r=table(name + " seen")))
    assert got.column("a").to_pylist() == [4]
    engine.drop(name + " seen", name, name + " again", "never there")
    with pytest.raises(Exception, match=r"(?i)not exist|not found"):
        engine.fetch(sql("SELECT a FROM _r AS r", _r=table(name)))


def test_a_relation_without_rows_has_columns(engine: Engine) -> None:
    engine.rows("none", pa.table({"a": pa.array([], pa.int32()), "b": pa.array([], pa.string())}))
    engine.create("still none", sql("SELECT b, a FROM _r AS r", _r=table("none")))
    assert engine.fetch(sql("SELECT * FROM _r AS r", _r=table("still none"))).schema.names == [
        "b",
        "a",
    ]


def test_many_files_make_one_relation(engine: Engine, lake: Path) -> None:
    paths = [lake / f"part {number}.parquet" for number in range(40)]
    for number, path in enumerate(paths):
        pq.write_table(pa.table({"n": [number], "cost": pa.array([Decimal(number)], MONEY)}), path)
    engine.files("parts", paths)
    got = engine.fetch(
        sql(
            "SELECT count(*) AS n, CAST(sum(cost) AS DECIMAL(38, 18)) AS s FROM _r AS r",
            _r=table("parts"),
        )
    )
    assert got.to_pylist() == [{"n": 40, "s": Decimal(780)}]


def test_a_column_that_a_file_lacks_is_null_there(engine: Engine, lake: Path) -> None:
    pq.write_table(pa.table({"KeyId": ["1"], "x_One": ["one"]}), lake / "1.parquet")
    pq.write_table(pa.table({"KeyId": ["2"], "x_a.b": ["two"]}), lake / "2.parquet")
    engine.files("both", [lake / "1.parquet", lake / "2.parquet"])
    got = engine.fetch(sql("SELECT * FROM _r AS r ORDER BY KeyId", _r=table("both")))
    assert got.to_pylist() == [
        {"KeyId": "1", "x_One": "one", "x_a.b": None},
        {"KeyId": "2", "x_One": None, "x_a.b": "two"},
    ]


def test_text_comes_back_as_it_went_in(engine: Engine) -> None:
    engine.rows("nasty", pa.table({"n": list(range(len(NASTY))), "text": NASTY}))
    got = engine.fetch(sql("SELECT text FROM _r AS r ORDER BY n", _r=table("nasty")))
    assert got.column("text").to_pylist() == NASTY


def test_what_is_created_stands_still(engine: Engine) -> None:
    engine.rows("seed", pa.table({"a": [1, 2, 3]}))
    engine.create("drawn", sql("SELECT a, uuid() AS u FROM _r AS r", _r=table("seed")))
    first = engine.fetch(sql("SELECT * FROM _r AS r ORDER BY a", _r=table("drawn")))
    engine.rows("seed", pa.table({"a": [9]}))
    assert engine.fetch(sql("SELECT * FROM _r AS r ORDER BY a", _r=table("drawn"))) == first


def test_a_relation_can_be_made_from_itself(engine: Engine) -> None:
    engine.rows("counter", pa.table({"a": [1]}))
    for _ in range(3):
        engine.create("counter", sql("SELECT a + 1 AS a FROM _r AS r", _r=table("counter")))
    assert engine.fetch(sql("SELECT a FROM _r AS r", _r=table("counter"))).to_pylist() == [{"a": 4}]


def test_files_replace_a_table_and_a_table_replaces_files(engine: Engine, lake: Path) -> None:
    pq.write_table(pa.table({"a": [7]}), lake / "a.parquet")
    engine.rows("either", pa.table({"a": [1]}))
    engine.files("either", [lake / "a.parquet"])
    engine.create("either", sql("SELECT a + 1 AS a FROM _r AS r", _r=table("either")))
    assert engine.fetch(sql("SELECT a FROM _r AS r", _r=table("either"))).to_pylist() == [{"a": 8}]


def test_an_engine_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no engine is called 'oracle'"):
        open_engine("oracle")


def test_a_misspelt_relation_is_never_a_variable_of_the_caller(duckdb: Engine) -> None:
    secret = pa.table({"a": [1]})
    with pytest.raises(Exception, match="does not exist"):
        duckdb.fetch(sql("SELECT a FROM secret"))
    assert secret.num_rows == 1
