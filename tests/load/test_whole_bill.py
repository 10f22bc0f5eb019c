"""Whatever a bill looks like: read = loaded + set aside, and sums are those of plain Decimals."""

from __future__ import annotations

import csv
import io
import shutil
from collections import defaultdict
from decimal import Context, Decimal
from pathlib import Path
from random import Random
from tempfile import mkdtemp

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from apportion.domain.money import AmountFault, is_currency, parse_amount
from apportion.errors import SourceError
from bills import COLUMNS, Row, row
from loads import House, csv_text

SAMPLE = Path(__file__).parents[3] / "shared" / "data" / "focus" / "FOCUS-1.0_focus_sample_1000.csv"
WIDE = Context(prec=100)
BASES = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")
MONTHS = ("2026-09", "2026-10", "2026-11")

plain = st.decimals(-(10**9), 10**9, allow_nan=False, places=11).map(lambda d: format(d, "f"))
odd = st.sampled_from(["", "NULL", "NaN", "1,5", "5e-06", "1e12", "1E3", "0", "-0.0", "x", "1e-19"])
costs = st.one_of(plain, plain, plain, odd)
names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)


@st.composite
def charges(draw: st.DrawFn, faults: bool = True) -> Row:
    month = draw(st.sampled_from([*MONTHS, MONTHS[1], *(["soon", ""] if faults else [])]))
    day = draw(st.integers(1, 28))
    made = row("0", draw(st.dictionaries(names, names, max_size=3)))
    made |= {basis: draw(costs if faults else plain) for basis in BASES}
    made["BillingCurrency"] = draw(
        st.sampled_from(["USD", "USD", "EUR", *(["nope", ""] if faults else [])])
    )
    made["BillingPeriodStart"] = f"{month}-01T00:00:00Z" if "-" in month else month
    made["ChargePeriodStart"] = f"2026-10-{day:02d}"
    if faults and draw(st.integers(0, 9)) == 0:
        made["ChargePeriodStart"] = "then"
    made["ServiceName"] = draw(names)
    made["ResourceId"] = draw(st.sampled_from(["a", "b", "", "NULL", 'it\'s, "a"\nb']))
    return made


@pytest.fixture
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("houses")


def a_house(fresh: Path) -> House:
    return House(Path(mkdtemp(dir=fresh)))


def amount(text: str) -> Decimal | None:
    try:
        return parse_amount(text) if text not in {"", "NULL"} else None
    except AmountFault:
        return None


def is_fit(one: Row) -> bool:
    """Whether a row may load: the rule of the reference, in Python."""
    readable = all(
        amount(one[basis]) is not None
        or (basis in {"ListCost", "ContractedCost"} and one[basis] in {"", "NULL"})
        for basis in BASES
    )
    return (
        readable
        and is_currency(one["BillingCurrency"])
        and "-" in one["BillingPeriodStart"]
        and "-" in one["ChargePeriodStart"]
    )


def sums(rows: list[Row]) -> dict[tuple[str, str], Decimal]:
    found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for one in rows:
        for basis in BASES:
            if is_currency(one["BillingCurrency"]):
                value = amount(one[basis]) or Decimal(0)
                key = (one["BillingCurrency"], basis)
                found[key] = WIDE.add(found[key], value)
    return {key: value for key, value in found.items() if value}


def in_books(house: House, side: str) -> dict[tuple[str, str], Decimal]:
    found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for snapshot in house.books.current():
        for unit in snapshot.units:
            for totals in unit.totals:
                for basis, value in getattr(totals, side).items():
                    key = (totals.currency, basis)
                    found[key] = WIDE.add(found[key], value)
    return {key: value for key, value in found.items() if value}


# A load takes a moment, so examples are few, and a failing one is shown as it was found.
many = settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@given(rows=st.lists(charges(), min_size=1, max_size=25))
@many
def test_nothing_is_lost_between_the_file_and_the_lake(fresh: Path, rows: list[Row]) -> None:
    house = a_house(fresh)
    if not any("-" in one["BillingPeriodStart"] for one in rows):
        with pytest.raises(SourceError):
            house.take(rows)
        return
    house.take(csv_text(rows, quoted=True))
    fit = [one for one in rows if is_fit(one)]
    unfit = [one for one in rows if not is_fit(one)]
    assert in_books(house, "read") == sums(rows)
    assert in_books(house, "loaded") == sums(fit)
    assert in_books(house, "quarantined") == sums(unfit)
    units = [unit for snapshot in house.books.current() for unit in snapshot.units]
    totals = [one for unit in units for one in unit.totals]
    assert sum(one.read_rows for one in totals) == len(rows)
    assert sum(one.loaded_rows for one in totals) == len(fit)
    assert sum(len(unit.quarantined) for unit in units) == len(unfit)
    # A lone carriage return within a text may count as the end of a line, or not.
    lines = [dict(_by_line(csv_text(rows, quoted=True), end)) for end in ("", "\n")]
    for unit in units:
        for aside in unit.quarantined:
            assert aside.line is not None
            assert dict(aside.row) in [counted.get(aside.line) for counted in lines]
    shutil.rmtree(house.root)


def _by_line(text: str, end: str) -> list[tuple[int, dict[str, str]]]:
    found: list[tuple[int, dict[str, str]]] = []
    records = csv.reader(io.StringIO(text, newline=end))
    next(records)
    while True:
        line = records.line_num + 1
        fields = next(records, None)
        if fields is None:
            return found
        found.append((line, dict(zip(COLUMNS, fields, strict=True))))


@given(rows=st.lists(charges(faults=False), min_size=1, max_size=15), seed=st.integers())
@many
def test_the_order_of_rows_and_tags_does_not_matter(
    fresh: Path, rows: list[Row], seed: int
) -> None:
    one, other = a_house(fresh), a_house(fresh)
    shuffled = list(rows)
    Random(seed).shuffle(shuffled)
    one.take(csv_text(rows, quoted=True))
    other.take(csv_text([_tags_turned(each) for each in shuffled], quoted=True))
    for snapshot in one.books.current():
        for role in ("keys", "daily", "monthly", "tags"):
            assert one.rows(role, snapshot.period) == other.rows(role, snapshot.period)
    shutil.rmtree(one.root)
    shutil.rmtree(other.root)


def _tags_turned(one: Row) -> Row:
    import json

    tags = json.loads(one["Tags"])
    return one | {"Tags": json.dumps(dict(reversed(tags.items())), ensure_ascii=False, indent=1)}


@given(text=st.text(st.sampled_from('ab,"\n\r\0é'), max_size=80))
@many
def test_a_broken_bill_loses_no_row_silently(fresh: Path, text: str) -> None:
    """Rubbish within a bill: the good rows before and after it load, whatever it is."""
    house = a_house(fresh)
    lines = csv_text([row(str(2**n)) for n in range(6)]).splitlines(keepends=True)
    lines.insert(3, text + "\n")
    house.take("".join(lines))
    totals = house.totals()
    assert totals.read_rows == totals.loaded_rows + totals.quarantined_rows
    assert totals.read["BilledCost"] == totals.loaded["BilledCost"]
    assert totals.loaded["BilledCost"] == 63
    shutil.rmtree(house.root)


def test_the_real_sample_loads_and_sums_to_what_plain_python_sums(house: House) -> None:
    if not SAMPLE.exists():
        pytest.skip(f"the FOCUS sample isn't there: {SAMPLE}")
    with SAMPLE.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    loaded = house.take(SAMPLE.read_bytes())
    assert [str(period.period) for period in loaded.periods] == ["2024-09", "2024-10"]
    assert sum(period.read_rows for period in loaded.periods) == len(rows) == 1000
    assert sum(period.quarantined_rows for period in loaded.periods) == 0
    assert {unit.version for s in house.books.current() for unit in s.units} == {"1.0"}
    expected = {
        ("USD", basis): sum((amount(one[basis]) or Decimal(0) for one in rows), Decimal(0))
        for basis in BASES
    }
    assert expected["USD", "BilledCost"].quantize(Decimal("0.01")) == Decimal("20.52")
    assert in_books(house, "loaded") == in_books(house, "read") == expected
    ids = [str(charge["Id"]) for p in ("2024-09", "2024-10") for charge in _charges(house, p)]
    assert sorted(ids) == sorted(one["Id"] for one in rows)


def _charges(house: House, period: str) -> list[dict[str, object]]:
    from apportion.domain.period import Period

    return house.rows("charges", Period.parse(period))
