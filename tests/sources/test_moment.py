"""Times as bills spell them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pyarrow as pa
import pytest

from apportion.load.workbench import Workbench
from apportion.sources.moment import moment
from apportion.store.relation import column, sql, table

SEPTEMBER = datetime(2024, 9, 1)  # noqa: DTZ001


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    with Workbench(tmp_path_factory.mktemp("bench")) as opened:
        yield opened


def read(bench: Workbench, text: str, *, as_written: bool = False) -> object:
    bench.connection.register("given", pa.table({"x": [text]}))
    value = moment(column("x"), as_written=as_written)
    (row,) = bench.rows(sql("SELECT _m AS m FROM _g AS g", _m=value, _g=table("given")))
    return row["m"]


@pytest.mark.parametrize(
    "text",
    [
        "2024-09-01T00:00:00Z",
        "2024-09-01T00:00:00.000Z",
        "2024-09-01T00:00Z",
        "2024-09-01 00:00:00",
        "2024-09-01 00:00:00 UTC",
        "2024-09-01",
        "2024-09-01T02:00:00+02:00",
        "2024-08-31 19:00:00-05",
        "2024-08-31T19:00:00-0500",
    ],
)
def test_spellings_of_one_moment(bench: Workbench, text: str) -> None:
    assert read(bench, text) == SEPTEMBER


@pytest.mark.parametrize(
    "text",
    ["", "soon", "09/01/2024", "2024-13-01", "2024-02-30", "20240901", "infinity", "epoch"]
    + ["2024-9-1", "2024-09-01T25:00:00Z", "1725148800", "2024-09-01 00:00:00 Europe/Berlin"],
)
def test_what_is_no_time_is_null(bench: Workbench, text: str) -> None:
    assert read(bench, text) is None


def test_a_billing_period_keeps_its_month_whatever_its_offset(bench: Workbench) -> None:
    assert read(bench, "2024-09-01T00:00:00+02:00", as_written=True) == SEPTEMBER
    assert read(bench, "2024-09-01T00:00:00-05:00", as_written=True) == SEPTEMBER
    assert read(bench, "2024-09-01T00:00:00Z", as_written=True) == SEPTEMBER
    assert read(bench, "2024-09-01T00:00+02:00", as_written=True) == SEPTEMBER
