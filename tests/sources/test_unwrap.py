"""What is packed, or lies in a workbook, comes out as it was; bombs and riddles are refused."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from apportion.errors import SourceError
from apportion.sources import excel, excel_cells, unpack
from apportion.sources.container import Container
from apportion.sources.excel import Sheet
from apportion.sources.unwrap import unwrap
from workbooks import packed, sheet_xml, workbook


def zipped(entries: Mapping[str, bytes]) -> bytes:
    written = io.BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return written.getvalue()


def plain(tmp_path: Path, content: bytes, sheet: Sheet | None = None) -> Path:
    file = tmp_path / "bill"
    file.write_bytes(content)
    return unwrap(file, "bill", tmp_path, sheet).path


def refused(tmp_path: Path, content: bytes, sheet: Sheet | None = None) -> SourceError:
    with pytest.raises(SourceError) as caught:
        plain(tmp_path, content, sheet)
    assert caught.value.place
    assert caught.value.hint
    return caught.value


def rows(tmp_path: Path, content: bytes, sheet: Sheet | None = None) -> list[list[str]]:
    return list(csv.reader(plain(tmp_path, content, sheet).open(newline="")))


def test_the_one_table_of_an_archive_is_read(tmp_path: Path) -> None:
    others = {"readme.txt": b"hello", "__MACOSX/._a.csv": b"x", "in/.DS_Store": b"y"}
    content = zipped({"in/a.csv": b"a,b\n1,2\n", **others})
    assert plain(tmp_path, content).read_bytes() == b"a,b\n1,2\n"


def test_several_tables_are_named_and_refused(tmp_path: Path) -> None:
    fault = refused(tmp_path, zipped({"b.csv": b"a,b\n", "a.parquet": b"PAR1"}))
    assert "holds 2 tables: a.parquet, b.csv" in str(fault)


def test_an_archive_without_a_file_is_refused(tmp_path: Path) -> None:
    assert "holds 0 tables" in str(refused(tmp_path, zipped({})))


def test_an_archive_within_an_archive_is_refused(tmp_path: Path) -> None:
    assert "packed twice" in str(refused(tmp_path, zipped({"a.csv.gz": gzip.compress(b"a,b\n")})))


def test_a_workbook_within_an_archive_is_read(tmp_path: Path) -> None:
    book = workbook({"S": [["a", "b"], [1, 2]]})
    assert rows(tmp_path, zipped({"a.xlsx": book}))[1] == ["1", "2", "2"]


@pytest.mark.parametrize("cut", [10, 60, -5, -30])
def test_an_archive_that_is_cut_short_is_refused(tmp_path: Path, cut: int) -> None:
    whole = zipped({"a.csv": bytes(range(256)) * 40})
    assert "can't be read" in str(refused(tmp_path, whole[:cut]))


def test_an_archive_with_a_password_is_refused(tmp_path: Path) -> None:
    whole = bytearray(zipped({"a.csv": b"a,b\n"}))
    whole[whole.index(b"PK\x01\x02") + 8] |= 1
    assert "encrypted" in str(refused(tmp_path, bytes(whole)))


def test_a_zip_bomb_is_refused_before_it_fills_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpack, "FREE", 2 * 1024**2)
    fault = refused(tmp_path, zipped({"a.csv": b"\n" * 30 * 1024**2}))
    assert "unpacks to more than 6,1" in str(fault)
    assert (tmp_path / "unpacked").stat().st_size <= 7 * 1024**2


def test_an_excel_bomb_is_refused_before_it_fills_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpack, "FREE", 2 * 1024**2)
    book = packed({"S": sheet_xml([["a"]]) + " " * 30 * 1024**2})
    assert "unpacks to more than" in str(refused(tmp_path, book))


def test_a_sheet_that_reaches_too_far_is_refused(tmp_path: Path) -> None:
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    book = packed({"S": sheet_xml([["a", "b"]]).replace("</sheetData>", far)})
    fault = refused(tmp_path, book)
    assert f"more than {excel_cells.MOST_CELLS:,} cells" in str(fault)
    assert str(fault.place) == "bill:1048576:16384"


def test_a_sheet_with_entities_is_refused(tmp_path: Path) -> None:
    declared = '<!DOCTYPE x [<!ENTITY a "aaaa">]>'
    assert "document type" in str(refused(tmp_path, packed({"S": declared + sheet_xml([])})))


@pytest.mark.parametrize(
    ("part", "good", "bad"),
    [
        ("xl/worksheets/sheet1.xml", b"</worksheet>", b""),
        ("xl/worksheets/sheet1.xml", b'<row r="1"', b'<row r="1-1"'),
        ("xl/worksheets/sheet1.xml", b"UTF-8", b"UTF-81"),
        ("xl/workbook.xml", b"UTF-8", b"UTF-81"),
        ("xl/workbook.xml", b"</workbook>", b""),
        ("xl/_rels/workbook.xml.rels", b"<Relationships", b"<"),
    ],
)
def test_a_damaged_workbook_is_refused(tmp_path: Path, part: str, good: bytes, bad: bytes) -> None:
    with ZipFile(io.BytesIO(workbook({"S": [["a", "b"], [1, 2]]}))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert good in parts[part]
    broken = zipped(parts | {part: parts[part].replace(good, bad)})
    assert "can't be read" in str(refused(tmp_path, broken))


def test_cells_are_written_as_they_are_stored(tmp_path: Path) -> None:
    book = workbook(
        {
            "S": [
                ["text", "number", "day", "formula", "error", "empty", "long"],
                ["a\nb", 19.899999999999999, "@46296", "=39.8", "#N/A", None, 123456789012345],
                ["0042", 0.1, "@46296.5", "=", "#DIV/0!", "", 1e-05],
            ]
        }
    )
    assert rows(tmp_path, book)[1:] == [
        ["a\nb", "19.9", "2026-10-01", "39.8", "#N/A", "", "123456789012345", "2"],
        ["0042", "0.1", "2026-10-01T12:00:00", "", "#DIV/0!", "", "0.00001", "3"],
    ]


def test_the_sheet_and_its_header_are_found_or_named(tmp_path: Path) -> None:
    book = workbook({"Cover": [["hello"]], "Seats": [[], ["Invoice 7"], ["a", "b"], [], [1, 2]]})
    assert rows(tmp_path, book) == [["hello", "apportion_line"]]
    found = rows(tmp_path, book, Sheet("Seats", header=3))
    assert found == [["a", "b", "apportion_line"], ["1", "2", "5"]]
    assert "it has Cover, Seats" in str(refused(tmp_path, book, Sheet("Seat")))


def test_an_empty_sheet_is_an_empty_file(tmp_path: Path) -> None:
    file = tmp_path / "bill"
    file.write_bytes(workbook({"S": []}))
    assert unwrap(file, "bill", tmp_path).container is Container.EMPTY


def test_as_text_keeps_every_digit() -> None:
    for value in (0.1 + 0.2, 1e22, 12345678.125, -0.07):
        assert float(excel.as_text(value)) == value


def test_what_is_named_gz_and_is_none_is_told(tmp_path: Path) -> None:
    packed_by_name = tmp_path / "bill.csv.gz"
    packed_by_name.write_text("404 not found\n")
    with pytest.raises(SourceError, match="not a gzip file, though it is named") as fault:
        unwrap(packed_by_name, "bill.csv.gz", tmp_path)
    assert "fetch it again" in fault.value.hint
    packed_by_name.write_text("A,B\n1,2\n")
    assert unwrap(packed_by_name, "bill.csv.gz", tmp_path).container is Container.CSV


def test_bytes_that_are_no_text_are_called_binary(tmp_path: Path) -> None:
    path = tmp_path / "bill.csv"
    path.write_bytes(bytes(range(200, 0, -1)) * 20)
    with pytest.raises(SourceError, match="binary content"):
        unwrap(path, "bill.csv", tmp_path)
