"""Usage from a plain table: any spelling, wide or long, exact, and nothing guessed."""

from __future__ import annotations

import gzip
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from apportion.errors import ConfigurationError, SourceError
from usage_readers import Reading, at, read_file, read_text


def read(folder: Path, text: str, **spec: object) -> Reading:
    return read_text("csv", folder, text, **spec)


def test_a_wide_table_by_our_names_in_any_spelling(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "Usage ID,usage_start,end,API_Key,model,uncached-input-tokens,OutputTokens,gpus,note\n"
        "r1,2026-10-01T08:00:00Z,2026-10-01 10:00:00+02:00,k1,m,100,7,0.5,blue\n"
        "r2,2026-10-01T08:00:00.25,,k1,m,,0,,\n",
    )
    first, second = found.records
    assert first == {
        "UsageId": "r1",
        "UsageStart": at("2026-10-01T08:00"),
        "UsageEnd": at("2026-10-01T08:00"),
        "ApiKeyId": "k1",
        "ModelId": "m",
        "uncached_input_tokens": 100,
        "output_tokens": 7,
        "gpus": Decimal("0.5"),
        "Attributes": {"note": "blue"},
        "SourceLine": 2,
    }
    assert second["UsageStart"] == at("2026-10-01T08:00:00.250")
    assert "UsageEnd" not in second
    assert second["output_tokens"] == 0
    assert "uncached_input_tokens" not in second


def test_columns_say_which_is_which_and_local_times_are_of_a_zone(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "wann;Abteilung;Dauer\n2026-07-01 02:00;ml;3\n",
        columns={"UsageStart": "wann", "team": "Abteilung", "busy_seconds": "Dauer"},
        timezone="Europe/Berlin",
    )
    (row,) = found.records
    assert (row["UsageStart"], row["TeamLabel"]) == (at("2026-07-01T00:00"), "ml")
    assert row["busy_seconds"] == 3
    assert row["UsageId"] == '["2026-07-01 00:00:00.000000","ml"]'


def test_a_table_whose_only_row_is_cut_short_has_that_row_set_aside(tmp_path: Path) -> None:
    found = read(tmp_path, "id,start,team,requests\n1,2026-10-0")
    (aside,) = found.rejected
    assert (aside.line, aside.reason) == (2, "2 fields where the header has 4")
    assert found.records == []


def test_days_and_months_are_those_of_the_zone(tmp_path: Path) -> None:
    text = "day,team,gpu_hours\n2026-10-25,a,10.5\n"
    (row,) = read(tmp_path, text, timezone="Europe/Berlin").records
    assert (row["UsageStart"], row["UsageEnd"]) == (at("2026-10-24T22:00"), at("2026-10-25T23:00"))
    assert (row["Meter"], row["Quantity"], row["Unit"]) == (
        "gpu_hours",
        Decimal("10.5"),
        "GPU hours",
    )
    (month,) = read(tmp_path, "period,team,requests\n2026-12,a,5\n").records
    assert (month["UsageStart"], month["UsageEnd"]) == (at("2026-12-01"), at("2027-01-01"))


def test_a_long_table(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "day,team,meter,quantity,unit\n"
        "2026-10-01,a,requests,5,\n"
        "2026-10-01,a,gpus,0.5,\n"
        "2026-10-01,a,orders,2.25,orders\n"
        "2026-10-01,a,gpu_hours,3,\n"
        "2026-10-01,a,output_tokens,1,1M tokens\n"
        "2026-10-01,a,requests,1.5,\n"
        "2026-10-01,a,requests,,\n",
    )
    requests, gpus, orders, hours = found.records
    assert requests["requests"] == 5
    assert "Meter" not in requests
    assert gpus["gpus"] == Decimal("0.5")
    assert (orders["Meter"], orders["Quantity"], orders["Unit"]) == (
        "orders",
        Decimal("2.25"),
        "orders",
    )
    assert (hours["Meter"], hours["Unit"]) == ("gpu_hours", "GPU hours")
    said = [(one.line, one.column, one.reason) for one in found.rejected]
    assert said == [
        (6, "unit", "output_tokens is counted in tokens, not in '1M tokens'"),
        (7, "quantity", "'1.5': must be a whole number"),
        (8, "", "no column says how much was used"),
    ]


def test_meters_of_ones_own_in_a_wide_table(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "id,day,requests,orders,active users\nx,2026-10-01,4,2,9\ny,2026-10-02,,,8\n",
        options={"meters": "orders, active users:users"},
    )
    by_id = found.by_id()
    assert sorted(by_id) == ["x", "x/active users", "x/orders", "y/active users"]
    assert by_id["x"]["requests"] == 4
    assert "Meter" not in by_id["x"]
    assert (by_id["x/orders"]["Quantity"], by_id["x/orders"]["Unit"]) == (2, "orders")
    assert by_id["y/active users"]["Unit"] == "users"
    assert "requests" not in by_id["x/orders"]


def test_totals_count_only_where_they_are_declared(tmp_path: Path) -> None:
    text = "id,time,input_tokens,cached_tokens,output_tokens\nr,2026-10-01T00:00:00Z,100,60,7\n"
    with pytest.raises(SourceError, match="isn't known what 'input_tokens' counts"):
        read(tmp_path, text)
    columns = {"input_tokens": "input_tokens", "cached_tokens": "cached_tokens"}
    (row,) = read(tmp_path, text, columns=columns).records
    assert (row["uncached_input_tokens"], row["cache_read_tokens"]) == (40, 60)
    assert row["output_tokens"] == 7
    over = text.replace("100,60", "50,60")
    (row,) = read(tmp_path, over, columns=columns).records
    assert row["uncached_input_tokens"] == -10, "the loader sets it aside, and says why"


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ("2026-10-01,a,NaN", "output_tokens", "'NaN'"),
        ("2026-10-01,a,inf", "output_tokens", "'inf'"),
        ('2026-10-01,a,"1,5"', "output_tokens", "'1,5'"),
        ("2026-10-01,a,1 000", "output_tokens", "'1 000'"),
        ("2026-10-01,a,1e400", "output_tokens", "'1e400'"),
        ("2026-10-01,a,99999999999999999999", "output_tokens", "beyond all bounds"),
        ("2026-02-30,a,1", "day", "no day"),
        ("soon,a,1", "day", "no day"),
        ("2026-10-01T08:00,a,1", "day", "a time, not a day"),
        ("2026-10-01,a", "", "2 fields where the header has 3"),
        ("2026-10-01,a,1,2", "", "4 fields where the header has 3"),
        ('2026-10-01,"a"b,1', "", "expected after"),
    ],
)
def test_faulty_rows_are_set_aside_with_line_and_column(
    tmp_path: Path, cells: str, column: str, reason: str
) -> None:
    text = f"day,team,output_tokens\n2026-10-01,a,1\n{cells}\n\n2026-10-02,b,2\n"
    found = read(tmp_path, text)
    assert [(row["SourceLine"], row["output_tokens"]) for row in found.records] == [(2, 1), (5, 2)]
    (rejected,) = found.rejected
    assert (rejected.line, rejected.column) == (3, column)
    assert reason in rejected.reason
    assert rejected.hint
    assert rejected.row


def test_an_impossible_time_and_an_unknown_outcome(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "id,start,status,requests\n"
        "a,2026-02-30T00:00:00Z,,1\n"
        "b,2026-10-01T00:00:00Z,Failed,1\n"
        "c,2026-10-01T00:00:00Z,aborted,1\n",
    )
    assert [(row["UsageId"], row["Status"]) for row in found.records] == [("b", "failed")]
    assert [(one.line, one.column) for one in found.rejected] == [(2, "start"), (4, "status")]


def test_equal_rows_without_id_are_several_and_the_same_in_the_next_export(tmp_path: Path) -> None:
    head = "time,user,requests\n"
    line = "2026-10-01T08:00:00Z,u,1\n"
    twice = read(tmp_path, head + line + line)
    assert len({row["UsageId"] for row in twice.records}) == 2
    again = read(tmp_path, "user,requests,time\nu,1,2026-10-01T10:00:00+02:00\n" * 1)
    assert again.records[0]["UsageId"] == twice.records[0]["UsageId"]


def test_quotes_line_ends_and_a_byte_order_mark(tmp_path: Path) -> None:
    text = (
        "\ufeffid,day,team,requests\r\n"
        "a,2026-10-01,x,1\r\n"
        'b,2026-10-01,"one, ""two""\nlines",2\r\n'
        "c,2026-10-01,z,3"
    )
    path = tmp_path / "usage.csv"
    path.write_bytes(text.encode())
    found = read_file("csv", path)
    assert [(row["SourceLine"], row["TeamLabel"]) for row in found.records] == [
        (2, "x"),
        (3, 'one, "two"\nlines'),
        (5, "z"),
    ]
    packed = tmp_path / "usage.csv.gz"
    packed.write_bytes(gzip.compress(text.encode()))
    assert read_file("csv", packed) == found


def test_quotes_and_broken_rows_in_any_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [f"{n},2026-10-01,t{n % 3},{n}" for n in range(60)]
    rows[20] = "20,2026-10-01,1"
    rows[40] = '40,2026-10-01,"t,",40'
    text = "id,day,team,requests\n" + "\n".join(rows) + "\n"
    whole = read(tmp_path, text)
    monkeypatch.setattr("apportion.sources.usage.table_csv._BLOCK", 100)
    pieces = read(tmp_path, text)
    assert pieces == whole
    assert [row["SourceLine"] for row in whole.records] == [n for n in range(2, 62) if n != 22]
    assert [one.line for one in whole.rejected] == [22]


def test_parquet_and_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "usage.parquet"
    table = pa.table(
        {
            "id": ["a", "b"],
            "usage_start": pa.array([at("2026-10-01T08:00")] * 2, pa.timestamp("ms", "UTC")),
            "gpus": pa.array([Decimal("0.125"), None], pa.decimal128(10, 3)),
            "requests": pa.array([3, 4], pa.int32()),
            "energy_wh": [0.1, float("nan")],
        }
    )
    pq.write_table(table, path)
    found = read_file("csv", path)
    (row,) = found.records
    assert (row["gpus"], row["requests"], row["energy_wh"]) == (
        Decimal("0.125"),
        3,
        Decimal("0.1"),
    )
    assert row["UsageStart"] == at("2026-10-01T08:00")
    assert [(one.line, one.column) for one in found.rejected] == [(2, "energy_wh")]

    lines = (
        '{"id": "a", "time": "2026-10-01T08:00:00Z", "who": {"team": "x"}, "gpus": 0.1}\n'
        "\n"
        "{broken\n"
        '{"id": "b", "time": "2026-10-01T08:00:00Z", "requests": 2}\n'
    )
    found = read(tmp_path, lines, columns={"TeamLabel": "who.team"})
    first, second = found.records
    assert (first["TeamLabel"], first["gpus"]) == ("x", Decimal("0.1"))
    assert (second["requests"], second["SourceLine"]) == (2, 4)
    assert [one.line for one in found.rejected] == [3]


@pytest.mark.parametrize(
    ("text", "spec", "message"),
    [
        ("just one line", {}, "not a table"),
        ("", {}, "not a table"),
        ("a,a,requests\n1,2,3\n", {}, "two columns"),
        ("day,team,colour\n2026-10-01,a,blue\n", {}, "how much was used"),
        ("day,requests\n2026-10-01,1\n", {"columns": {"team": "Abteilung"}}, "no column"),
    ],
)
def test_what_is_no_table_of_usage_is_refused(
    tmp_path: Path, text: str, spec: dict[str, object], message: str
) -> None:
    with pytest.raises(SourceError) as raised:
        read(tmp_path, text, **spec)
    assert message in str(raised.value)


def test_wrong_settings_are_told(tmp_path: Path) -> None:
    text = "day,requests\n2026-10-01,1\n"
    with pytest.raises(ConfigurationError, match="knows no option 'metres'"):
        read(tmp_path, text, options={"metres": "x"})
    with pytest.raises(ConfigurationError, match="'tema' in `columns`"):
        read(tmp_path, text, columns={"tema": "x"})
