"""Deliveries by manifest: only the files that count are loaded, and what is missing is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from apportion.errors import Place, SourceError
from apportion.model.project import SourceSpec
from apportion.sources.aws.manifest import find_delivered


def names(root: Path, path: str = "bills") -> list[str]:
    spec = SourceSpec("aws", "aws-cur", path, Place("apportion.yaml", 4))
    return [file.name.removeprefix("bills/") for file in find_delivered(spec, root)]


def put(root: Path, *files: str) -> None:
    for name in files:
        (root / "bills" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "bills" / name).write_text("x")


def manifest(root: Path, place: str, keys: list[str], name: str = "reportKeys") -> None:
    put(root, place)
    (root / "bills" / place).write_text(json.dumps({"assemblyId": "b", name: keys}))


OCTOBER = "cur/20261001-20261101"


def test_the_overwritten_report(tmp_path: Path) -> None:
    put(tmp_path, f"{OCTOBER}/cur-1.csv.gz", f"{OCTOBER}/cur-2.csv.gz")
    manifest(
        tmp_path,
        f"{OCTOBER}/cur-Manifest.json",
        [f"exports/{OCTOBER}/cur-{n}.csv.gz" for n in (1, 2)],
    )
    assert names(tmp_path) == [f"{OCTOBER}/cur-1.csv.gz", f"{OCTOBER}/cur-2.csv.gz"]


def test_of_many_versions_the_one_in_the_manifest_at_the_top(tmp_path: Path) -> None:
    for version in ("a", "b", "c"):
        put(tmp_path, f"{OCTOBER}/{version}/cur-1.csv.gz")
        manifest(
            tmp_path,
            f"{OCTOBER}/{version}/cur-Manifest.json",
            [f"/x//{OCTOBER}/{version}/cur-1.csv.gz"],
        )
    manifest(tmp_path, f"{OCTOBER}/cur-Manifest.json", [f"/x//{OCTOBER}/b/cur-1.csv.gz"])
    assert names(tmp_path) == [f"{OCTOBER}/b/cur-1.csv.gz"]


def test_each_month_has_its_own_manifest(tmp_path: Path) -> None:
    for month in ("20260901-20261001", "20261001-20261101"):
        put(tmp_path, f"cur/{month}/old/cur-1.csv.gz", f"cur/{month}/new/cur-1.csv.gz")
        manifest(
            tmp_path, f"cur/{month}/cur-Manifest.json", [f"exports/cur/{month}/new/cur-1.csv.gz"]
        )
    assert names(tmp_path) == [
        "cur/20260901-20261001/new/cur-1.csv.gz",
        "cur/20261001-20261101/new/cur-1.csv.gz",
    ]


def test_legacy_parquet_lies_beside_the_months(tmp_path: Path) -> None:
    data = "cur/cur/year=2026/month=10/cur-1.snappy.parquet"
    put(tmp_path, data)
    manifest(tmp_path, f"{OCTOBER}/cur-Manifest.json", [f"exports/{data}"])
    assert names(tmp_path) == [data]


@pytest.mark.parametrize("version", ["", "2026-10-09T10:00:00.000Z-4711/"])
def test_data_exports(tmp_path: Path, version: str) -> None:
    data = f"exp/data/BILLING_PERIOD=2026-10/{version}exp-00001.csv.gz"
    old = "exp/data/BILLING_PERIOD=2026-10/2026-10-08T10:00:00.000Z-4710/exp-00001.csv.gz"
    put(tmp_path, data, old)
    place = "exp/metadata/BILLING_PERIOD=2026-10/exp-Manifest.json"
    manifest(tmp_path, place, [f"s3://bucket/pre/{data}"], "dataFiles")
    assert names(tmp_path) == [data]


def test_a_month_that_was_copied_alone(tmp_path: Path) -> None:
    put(tmp_path, "oct/b/cur-1.csv.gz", "oct/a/cur-1.csv.gz", "september.csv")
    manifest(tmp_path, "oct/cur-Manifest.json", [f"exports/{OCTOBER}/b/cur-1.csv.gz"])
    assert names(tmp_path) == ["oct/b/cur-1.csv.gz", "september.csv"]


def test_without_a_manifest_a_folder_gives_its_bills(tmp_path: Path) -> None:
    put(tmp_path, "one.csv", "two.parquet")
    assert names(tmp_path) == ["one.csv", "two.parquet"]
    assert names(tmp_path, "bills/*.csv") == ["one.csv"]


def test_the_manifest_itself_can_be_named(tmp_path: Path) -> None:
    put(tmp_path, f"{OCTOBER}/a/cur-1.csv.gz", f"{OCTOBER}/b/cur-1.csv.gz")
    place = f"{OCTOBER}/cur-Manifest.json"
    manifest(tmp_path, place, [f"exports/{OCTOBER}/b/cur-1.csv.gz"])
    assert names(tmp_path, f"bills/{place}") == [f"{OCTOBER}/b/cur-1.csv.gz"]


def refused(root: Path) -> str:
    with pytest.raises(SourceError) as fault:
        names(root)
    assert fault.value.hint
    return str(fault.value)


def test_a_missing_part(tmp_path: Path) -> None:
    put(tmp_path, f"{OCTOBER}/cur-1.csv.gz", f"{OCTOBER}/a/cur-2.csv.gz")
    keys = [f"exports/{OCTOBER}/cur-{n}.csv.gz" for n in (1, 2)]
    manifest(tmp_path, f"{OCTOBER}/cur-Manifest.json", keys)
    assert f"isn't there: exports/{OCTOBER}/cur-2.csv.gz" in refused(tmp_path)


def test_a_file_that_is_named_twice(tmp_path: Path) -> None:
    put(tmp_path, f"{OCTOBER}/cur-1.csv.gz")
    keys = [f"exports/{OCTOBER}/cur-1.csv.gz", f"/exports//{OCTOBER}/cur-1.csv.gz"]
    manifest(tmp_path, f"{OCTOBER}/cur-Manifest.json", keys)
    assert "names a file twice" in refused(tmp_path)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"reportKeys": "a"}', '{"reportKeys": [1]}', '{"dataFiles": []}']
)
def test_a_manifest_that_cant_be_read(tmp_path: Path, text: str) -> None:
    put(tmp_path, f"{OCTOBER}/cur-1.csv.gz", f"{OCTOBER}/cur-Manifest.json")
    (tmp_path / "bills" / OCTOBER / "cur-Manifest.json").write_text(text)
    assert "the manifest can't be read" in refused(tmp_path)


def test_versions_without_a_manifest_at_the_top(tmp_path: Path) -> None:
    for version in ("a", "b"):
        put(tmp_path, f"{OCTOBER}/{version}/cur-1.csv.gz")
        place = f"{OCTOBER}/{version}/cur-Manifest.json"
        manifest(tmp_path, place, [f"exports/{OCTOBER}/{version}/cur-1.csv.gz"])
    assert "which of 2 versions is current" in refused(tmp_path)


def test_a_month_without_manifest_beside_others(tmp_path: Path) -> None:
    put(tmp_path, f"{OCTOBER}/cur-1.csv.gz", "cur/20260901-20261001/cur-1.csv.gz")
    manifest(tmp_path, f"{OCTOBER}/cur-Manifest.json", [f"exports/{OCTOBER}/cur-1.csv.gz"])
    assert "no manifest of 2026-09" in refused(tmp_path)
