"""The amount that SQL reads from a text is the one that `parse_amount` reads, or both refuse."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from apportion.domain.money import AmountFault, parse_amount
from apportion.load.workbench import Workbench
from apportion.sources.amount import UNREADABLE, amount
from apportion.store.relation import column, sql, table


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    with Workbench(tmp_path_factory.mktemp("bench")) as opened:
        yield opened


def in_sql(bench: Workbench, texts: list[str | None], *, exact: bool = True) -> list[object]:
    bench.connection.register("given", pa.table({"n": range(len(texts)), "x": texts}))
    query = sql(
        "SELECT _amount AS amount FROM _given AS g ORDER BY n",
        _amount=amount(column("x"), exact=exact),
        _given=table("given"),
    )
    return [row["amount"] for row in bench.rows(query)]


def in_python(text: str) -> Decimal:
    try:
        return parse_amount(text)
    except AmountFault:
        return UNREADABLE


digits = st.text("0123456789", max_size=25)
numbers = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["", "-", "+", "--", " ", "\t"]),
        digits,
        st.sampled_from(["", ".", ",", "..", "_"]),
        digits,
        st.sampled_from(["", "e", "E"]),
        st.sampled_from(["", "-", "+"]),
        st.text("0123456789", max_size=4),
        st.sampled_from(["", " ", "\n", "\t", "x"]),
    ),
)
words = st.sampled_from(
    ["NaN", "nan", "Infinity", "-inf", "1e999999", "0x1F", "1_000", "1,50", "1.234,50", "", "."]
    + [
        "٣",
        "\uff11\uff12",
        "½",
        "1 000",
        "(5)",
        "$5",
        "5%",
        "TRUE",
        "e5",
        "-",
        "1e",
        "00",
        "-0",
        "0e999",
    ]
)
amounts = st.decimals(allow_nan=False, allow_infinity=False, places=None).map(str)
anything = st.text(st.characters(codec="utf-8"), max_size=20)


@given(texts=st.lists(numbers | words | amounts | anything, min_size=1, max_size=60))
@example(texts=["999999999999.999999999999999999", "1000000000000", "0.1234567890123456789"])
@example(texts=["1." + "0" * 40, "0" * 100 + "1", "1.5" + "0" * 110, "0" * 130])
@example(texts=["9.99999999999e-7", "9.99999999999E-07", "-1e-18", "1e-19", "1e11", "1e12"])
@settings(max_examples=200, deadline=None)
def test_sql_reads_an_amount_exactly_as_python_does(bench: Workbench, texts: list[str]) -> None:
    found = in_sql(bench, [*texts])
    assert found == [in_python(text) for text in texts]


def test_no_amount_is_no_amount(bench: Workbench) -> None:
    assert in_sql(bench, [None, "1"]) == [None, Decimal(1)]


@given(value=st.floats(-1e11, 1e11, allow_subnormal=False))
@settings(deadline=None)
def test_a_float_is_read_by_its_shortest_decimal_form(bench: Workbench, value: float) -> None:
    (found,) = in_sql(bench, [repr(value)], exact=False)
    exact = Decimal(repr(value))
    assert isinstance(found, Decimal)
    assert abs(found - exact) < Decimal("1e-18")
    if int(exact.normalize().as_tuple().exponent) >= -18:
        assert found == exact


def test_a_float_that_is_no_number_is_unreadable(bench: Workbench) -> None:
    assert in_sql(bench, ["nan", "inf", "1e300"], exact=False) == [UNREADABLE] * 3
