"""JSON lines, for every format: each line is a row, and its numbers keep their digits."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apportion.errors import SourceError
from apportion.load import json_chunks, json_marks, json_rows, json_stream
from apportion.sources.json_lines import cut
from bills import Row, row
from loads import House, found


def lines(rows: list[Row]) -> str:
    return "".join(json.dumps(one) + "\n" for one in rows)


def with_numbers(one: Row, **numbers: str) -> str:
    """A row as a line in which numbers are spelled as given."""
    marked = json.dumps(one | {name: f"<{name}>" for name in numbers})
    for name, spelling in numbers.items():
        marked = marked.replace(f'"<{name}>"', spelling)
    return marked + "\n"


@pytest.mark.parametrize(
    "spelling",
    ["0.1000", "5e-06", "1234567.123456789012345678", "-0.30000000000000004", "12", "1E3", '"7.5"'],
)
def test_a_number_keeps_its_digits(house: House, spelling: str) -> None:
    house.take(with_numbers(row("1"), BilledCost=spelling, EffectiveCost=spelling))
    assert house.totals().loaded["BilledCost"] == Decimal(spelling.strip('"'))


def test_the_same_bill_as_csv_and_as_json_lines_has_the_same_keys(house: House) -> None:
    rows = [row("1.5", {"team": "nlp"}), row("2", ResourceId='a "b", c\\ü'), row("-3", Tags="")]
    house.take(rows)
    as_csv = house.rows("keys")
    (house.bills / "bill.csv").unlink()
    nested = [one | {"Tags": json.loads(one["Tags"] or "null")} for one in rows]
    house.put(lines(nested), "bill.jsonl")
    house.load()
    assert house.rows("keys") == as_csv
    assert house.totals().loaded["BilledCost"] == Decimal("0.5")


@pytest.mark.parametrize("name", ["b.jsonl", "b.ndjson", "b.json", "sub/b.JSON.gz", "b.jsonl.gz"])
def test_a_folder_gives_json_lines_under_any_of_their_names(house: House, name: str) -> None:
    text = lines([row("5")]).encode()
    house.put(gzip.compress(text) if name.endswith("gz") else text, name)
    house.put('{"files": ["b.json"]}\n', "manifest.json")
    house.load()
    assert house.totals().loaded["BilledCost"] == 5


def test_a_broken_line_is_set_aside_with_its_place(house: House) -> None:
    good = lines([row("1")])
    broken = good.rstrip("\n")[:-5]
    loaded = house.take(f"\ufeff{good}\n{broken}\n{good}" + "not an object\n" + good)
    totals = house.totals()
    assert (totals.read_rows, totals.loaded_rows, totals.quarantined_rows) == (5, 3, 2)
    assert totals.loaded["BilledCost"] == 3
    first, second = house.quarantined()
    assert (first.line, first.row) == (3, {"": broken})
    assert (second.line, second.row) == (5, {"": "not an object"})
    finding = found(loaded.findings, "row-malformed")
    assert str(finding.place) == "bills/bill.csv:3"
    assert "JSON" in finding.hint


def test_a_cost_that_cant_be_read_is_set_aside_with_its_line_and_texts(house: House) -> None:
    bad = with_numbers(row("1", x_Nested="?"), BilledCost="1e40", x_Nested='{"a": [1.50]}')
    house.take("\n" + lines([row("1")]) + "{\n" + bad + lines([row("2")]))
    malformed, aside = house.quarantined()
    assert malformed.line == 3
    assert (aside.line, aside.column) == (4, "BilledCost")
    assert (aside.row["BilledCost"], aside.row["x_Nested"]) == ("1e40", '{"a": [1.50]}')
    assert house.totals().loaded["BilledCost"] == 3


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ('{"a": 1, "a": 2}', "comes twice"),
        ('{"a": NaN, "b": 1}', "NaN"),
        ('{"a": 1} {"a": 2}', "follows"),
        ('{"a" 1}', "colon"),
        ('{"a": 1 "b": 2}', "comma"),
        ('{"a": 1,}', "key is missing"),
        ('{"a": }', "value is missing"),
        ('{"a": [1, 2}', "delimiter"),
        ('{"a": "x\ty"}', "control character"),
        ("[1]", "not a JSON object"),
        ('{"a": ' + "[" * 100_000, "deeply"),
    ],
)
def test_what_is_no_object_says_why(bad: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        cut(bad)


def test_bytes_that_are_not_utf8_cost_one_line(house: House) -> None:
    good = lines([row("1")]).encode()
    house.take(good + good.replace(b"machine", b"m\xe9") + good)
    (aside,) = house.quarantined()
    assert "UTF-8" in aside.reason
    assert house.totals().loaded["BilledCost"] == 2


def test_a_line_without_end_costs_one_line(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in (json_chunks, json_marks, json_rows):
        monkeypatch.setattr(place, "LONGEST_ROW", 2000)
    long = with_numbers(row("1"), ResourceName=json.dumps("x" * 9000))
    house.take(lines([row("1")]) + long + lines([row("2")]))
    (aside,) = house.quarantined()
    assert (aside.line, "longer" in aside.reason) == (2, True)
    assert house.totals().loaded["BilledCost"] == 3


def test_keys_that_come_late_are_columns_all_the_same(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_chunks, "_BYTES", 1000)
    monkeypatch.setattr(json_stream, "_SMALL", 10)
    monkeypatch.setattr(json_stream, "_PLACES", 1)
    monkeypatch.setattr(json_stream, "_SAMPLE", 2000)
    rows = [row(str(n)) for n in range(7)]
    rows[5]["x_Late"] = "here"
    del rows[6]["ResourceName"]
    house.take(lines(rows))
    charges = house.rows("charges")
    assert [one["BilledCost"] for one in charges] == [Decimal(n) for n in range(7)]
    assert [one["x_Late"] for one in charges] == [None] * 5 + ["here", None]
    assert charges[6]["ResourceName"] is None


def test_half_letters_and_nul_are_replaced(house: House) -> None:
    house.take(with_numbers(row("1"), ResourceName=r'"a\ud800b\u0000c"'))
    assert house.rows("charges")[0]["ResourceName"] == "a\ufffdb\ufffdc"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('{\n "a": 1\n}\n', "several lines"),
        ('[{"a": 1}]', "array"),
        ('{"error": "no such bucket"}', "one key alone"),
    ],
)
def test_other_json_is_refused_with_what_to_do(house: House, content: str, says: str) -> None:
    house.put(content)
    with pytest.raises(SourceError, match=says) as caught:
        house.load()
    assert caught.value.hint


def test_a_truncated_gzip_of_lines_is_refused(house: House) -> None:
    whole = gzip.compress(lines([row(str(n)) for n in range(3000)]).encode())
    house.put(whole[: len(whole) // 2], "bill.jsonl.gz")
    with pytest.raises(SourceError, match="cut short"):
        house.load()


def test_data_that_serve_as_keys_are_refused(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "MOST_KEYS", 30)
    house.put(lines([row("1") | {f"x_{n}": "1"} for n in range(30)]))
    with pytest.raises(SourceError, match="different keys"):
        house.load()


def test_an_empty_file_of_lines_is_empty(house: House) -> None:
    house.put(lines([row("1")]), "good.jsonl")
    house.put(gzip.compress(b""), "empty.jsonl.gz")
    loaded = house.load()
    assert str(found(loaded.findings, "file-empty").place) == "bills/empty.jsonl.gz"


def test_a_file_without_any_object_is_refused(house: House) -> None:
    house.put('{"BilledCost": }\n{"BilledCost": \n')
    with pytest.raises(SourceError, match="no line can be read") as caught:
        house.load()
    assert str(caught.value.place) == "bills/bill.csv:1"


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(made=st.dictionaries(st.text(), values), ascii_only=st.booleans())
def test_every_object_is_cut_into_what_json_reads(
    made: dict[str, object], ascii_only: bool
) -> None:
    """What isn't a text reads back from its own text; half letters and NUL aside."""
    clean = json.loads(json.dumps(made).replace("\\u0000", "?").replace("\\ud", "?"))
    record = cut(json.dumps(clean, ensure_ascii=ascii_only))
    assert record.keys() == clean.keys()
    for key, value in clean.items():
        held = record[key]
        if value is None or isinstance(value, str):
            assert held == value
        else:
            assert held is not None
            assert json.loads(held) == value


def test_a_line_that_only_looks_like_a_row_is_set_aside_with_its_place(house: House) -> None:
    """Told apart by the engine, in the middle of reading; the whole file is then read again."""
    good = lines([row("1")])
    broken = good.replace('"1"', "tru").rstrip("\n")
    house.take(good * 3 + broken + "\n" + good)
    totals = house.totals()
    assert (totals.read_rows, totals.loaded_rows, totals.quarantined_rows) == (5, 4, 1)
    (aside,) = house.quarantined()
    assert (aside.line, aside.row) == (4, {"": broken})


def test_rows_that_follow_odd_lines_keep_their_line_numbers(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_chunks, "_BYTES", 1500)
    good, odd = lines([row("1")]), lines([row("2", ResourceName='a "b"')])
    bad = with_numbers(row("1"), BilledCost="1e40")
    house.take((good * 5 + "{\n" + odd + "\n") * 4 + bad)
    assert [one.line for one in house.quarantined()] == [6, 14, 22, 30, 33]
    assert house.totals().loaded["BilledCost"] == 4 * (5 + 2)
