"""Sifting a broken CSV: each row stands for itself, and lines are counted right."""

from __future__ import annotations

from pathlib import Path

import pytest

from apportion.load.content import count_lines, count_records
from apportion.load.sift import NOT_UTF8, Misfit, Sifted, sift
from apportion.sources.head import csv_head

NAMES = ("a", "b", "c")


def sifted(tmp_path: Path, body: bytes, most: int = 100) -> tuple[Sifted, list[str]]:
    plain, clean = tmp_path / "plain.csv", tmp_path / "clean.csv"
    plain.write_bytes(b"\xef\xbb\xbfa,b,c\n" + body)
    found = sift(plain, csv_head(plain, "plain.csv"), NAMES, clean, most)
    return found, clean.read_text(encoding="utf-8").splitlines()[1:]


def test_whole_rows_keep_their_lines(tmp_path: Path) -> None:
    found, clean = sifted(tmp_path, b'1,2,3\n\n"x\ny",2,3\n4,5,6')
    assert found == Sifted(3, 0, ())
    assert clean == ['"1","2","3","2",""', '"x', 'y","2","3","4",""', '"4","5","6","6",""']


def test_a_stray_quote_costs_one_row(tmp_path: Path) -> None:
    found, clean = sifted(tmp_path, b'1,2,3\n1,"2,3\n4,5,6\n7,8,9\n')
    assert (found.rows, found.misfits) == (3, 1)
    (misfit,) = found.first
    assert (misfit.line, misfit.text) == (3, '1,"2,3')
    assert [line.split(",")[3] for line in clean] == ['"2"', '"4"', '"5"']


def test_a_quote_that_is_never_closed_costs_one_row_of_a_long_file(tmp_path: Path) -> None:
    found, _ = sifted(tmp_path, b'"open,2,3\n' + b"1,2,3\n" * 5000)
    assert (found.rows, found.misfits) == (5000, 1)


def test_a_quote_within_a_text_is_no_fault(tmp_path: Path) -> None:
    found, clean = sifted(tmp_path, b'1,5" disk,3\n4,6" disk,6\n7,a 7" disk,9\n1,2\n')
    assert (found.rows, found.misfits) == (3, 1)
    assert clean[0] == '"1","5"" disk","3","2",""'


def test_all_misfits_count_and_the_first_are_kept(tmp_path: Path) -> None:
    found, _ = sifted(tmp_path, b"1,2\n" * 50 + b"1,2,3\n", most=2)
    assert (found.rows, found.misfits) == (1, 50)
    assert found.first == (
        Misfit(2, "2 fields where the header has 3", "1,2"),
        Misfit(3, "2 fields where the header has 3", "1,2"),
    )


def test_bytes_that_are_not_utf8_are_marked(tmp_path: Path) -> None:
    found, clean = sifted(tmp_path, b"1,\xe9,3\n1,\xc3\xa9,3\n")
    assert found.rows == 2
    assert clean == [f'"1","\ufffd","3","2","{NOT_UTF8}"', '"1","é","3","3",""']


@pytest.mark.parametrize(
    ("body", "records"),
    [
        (b"1,2,3\n4,5,6\n", 2),
        (b"1,2,3\n4,5,6", 2),
        (b"1,2,3\r\n4,5,6\r\n", 2),
        (b'1,"2\n2\n2",3\n4,5,6\n', 2),
        (b'1,"say ""hi""\n",3\n', 1),
        (b"\n\n1,2,3\n\n\n", 1),
        (b"", 0),
    ],
)
def test_rows_are_counted_apart_from_the_engine(tmp_path: Path, body: bytes, records: int) -> None:
    path = tmp_path / "plain.csv"
    path.write_bytes(b"a,b,c\n" + body)
    assert count_records(path) == records
    if b'"' not in body and b"\n\n" not in b"\n" + body:
        assert count_lines(path, csv_head(path, "plain.csv")).rows == records


def test_a_long_text_in_quotes_may_cross_the_bounds_of_what_is_read_at_once(
    tmp_path: Path,
) -> None:
    path = tmp_path / "plain.csv"
    text = b'"' + b"line\n" * 700_000 + b'"'
    path.write_bytes(b"a,b,c\n" + b"1,2,3\n" * 10 + b"1," + text + b",3\n" + b"1,2,3\n" * 10)
    assert count_records(path) == 21


def test_a_quote_that_stays_open_for_longer_than_any_row_ends_the_count(tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    path.write_bytes(b'a,b,c\n1,"2,3\n' + b"1,2,3\n" * 2_000_000)
    assert count_records(path) == -1
