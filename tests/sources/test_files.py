"""Which files a source consists of, and what they are."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from apportion.errors import Place, SourceError
from apportion.model.project import SourceSpec
from apportion.sources import unpack
from apportion.sources.container import Container, container_of
from apportion.sources.files import find_files
from apportion.sources.unpack import gunzip


def names(root: Path, path: str) -> list[str]:
    spec = SourceSpec("aws", "focus", path, Place("apportion.yaml", 4))
    return [file.name for file in find_files(spec, root)]


@pytest.fixture
def bills(tmp_path: Path) -> Path:
    for name in ("b.csv", "a.CSV", "sub/c.csv.gz", "sub/d.parquet", "notes.txt", "sub/_SUCCESS"):
        (tmp_path / "bills" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "bills" / name).write_text("x")
    return tmp_path


def test_a_folder_gives_its_bills_at_any_depth(bills: Path) -> None:
    expected = ["bills/a.CSV", "bills/b.csv", "bills/sub/c.csv.gz", "bills/sub/d.parquet"]
    assert names(bills, "bills") == expected


def test_a_glob_gives_what_it_matches(bills: Path) -> None:
    assert names(bills, "bills/*.csv") == ["bills/b.csv"]
    assert names(bills, "bills/**/*.parquet") == ["bills/sub/d.parquet"]
    assert names(bills, "bills/*.txt") == ["bills/notes.txt"]


def test_a_file_is_itself_also_with_a_name_like_a_glob(tmp_path: Path) -> None:
    (tmp_path / "bill [1].csv").write_text("x")
    assert names(tmp_path, "bill [1].csv") == ["bill [1].csv"]


def test_a_project_folder_with_a_name_like_a_glob(tmp_path: Path) -> None:
    root = tmp_path / "[work] *"
    root.mkdir()
    (root / "b.csv").write_text("x")
    assert names(root, "*.csv") == ["b.csv"]


def test_a_path_outside_the_project(bills: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("project")
    path = str(bills / "bills" / "b.csv")
    assert names(root, path) == [path]


def test_nothing_found_says_where_it_was_sought(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no file matches 'bills'") as caught:
        names(tmp_path, "bills")
    assert str(caught.value.place) == "apportion.yaml:4"
    assert caught.value.hint


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xd0\xcf\x11\xe0rest", "Excel"),
        (b"<!DOCTYPE html><html>", "HTML"),
        (b"\xef\xbb\xbf  <?xml version='1.0'?>", "HTML or XML"),
        (b'{\n"a": 1}', "JSON"),
        (b"[1]", "JSON"),
        (b"%PDF-1.7", "PDF"),
        ("a,b\n1,2\n".encode("utf-16"), "UTF-16"),
        (b"\x00\x01\x02\x03,\n", "binary"),
    ],
)
def test_what_is_no_bill_is_refused_by_its_content(
    tmp_path: Path, content: bytes, says: str
) -> None:
    file = tmp_path / "bill.csv"
    file.write_bytes(content)
    with pytest.raises(SourceError, match=f"not a CSV.* file: .*{says}") as caught:
        container_of(file, "bill.csv")
    assert caught.value.hint


def test_a_bill_is_known_by_its_content_not_its_name(tmp_path: Path) -> None:
    file = tmp_path / "bill.csv"
    for content, container in (
        (b"", Container.EMPTY),
        (gzip.compress(b"a,b"), Container.GZIP),
        (b"PAR1....PAR1", Container.PARQUET),
        (b"a,b\n1,2\n", Container.CSV),
        (b'\xef\xbb\xbf\n{"a": 1, "b": 2}\n', Container.JSON_LINES),
        (b"{}\n", Container.JSON_LINES),
    ):
        file.write_bytes(content)
        assert container_of(file, "bill.csv") is container


def test_a_file_that_is_gone_is_a_fault_of_the_source(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="can't be opened"):
        container_of(tmp_path / "gone.csv", "gone.csv")


def test_a_gzip_of_several_members_is_read_whole(tmp_path: Path) -> None:
    packed, plain = tmp_path / "p", tmp_path / "q"
    packed.write_bytes(gzip.compress(b"one\n") + gzip.compress(b"two\n") + b"\0" * 8)
    gunzip(packed, plain, "p")
    assert plain.read_bytes() == b"one\ntwo\n"


@pytest.mark.parametrize("cut", [5, 20, -4, -9])
def test_a_gzip_that_is_cut_short_is_refused(tmp_path: Path, cut: int) -> None:
    packed = tmp_path / "p"
    packed.write_bytes(gzip.compress(b"some rows of a bill\n" * 1000)[:cut])
    with pytest.raises(SourceError, match=r"cut short|damaged"):
        gunzip(packed, tmp_path / "q", "p")


def test_a_damaged_gzip_is_refused(tmp_path: Path) -> None:
    packed = tmp_path / "p"
    whole = bytearray(gzip.compress(b"some rows of a bill\n" * 1000))
    whole[-6] ^= 0xFF
    packed.write_bytes(whole)
    with pytest.raises(SourceError, match="damaged"):
        gunzip(packed, tmp_path / "q", "p")


def test_a_gzip_bomb_is_refused_before_it_fills_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpack, "FREE", 2 * 1024**2)
    packed, plain = tmp_path / "p", tmp_path / "q"
    packed.write_bytes(gzip.compress(b"\n" * 30 * 1024**2))
    with pytest.raises(SourceError, match="unpacks to more than"):
        gunzip(packed, plain, "p")
    assert plain.stat().st_size <= 200 * packed.stat().st_size
