"""Bills in S3, on a server that speaks it: what is fetched, when, and what goes wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest
import s3fs

from apportion.domain.period import Period
from apportion.errors import SourceError
from apportion.load import SourceLoad
from apportion.model.project import SourceSpec
from apportion.sources import formats
from apportion.sources.files import InputFile, find_files
from apportion.sources.focus import read_focus
from apportion.sources.formats import Format
from apportion.sources.remote.mirror import at_hand
from bills import row
from loads import OCTOBER, House, codes, csv_text
from remote.conftest import CANARY, Server

NOVEMBER = {
    "BillingPeriodStart": "2026-11-01T00:00:00Z",
    "BillingPeriodEnd": "2026-12-01T00:00:00Z",
    "ChargePeriodStart": "2026-11-02T00:00:00Z",
    "ChargePeriodEnd": "2026-11-03T00:00:00Z",
}


def bill(*costs: str, **values: str) -> bytes:
    return csv_text([row(cost, None, **values) for cost in costs]).encode()


Make = Callable[..., House]


@pytest.fixture
def make(tmp_path: Path, server: Server) -> Iterator[Make]:
    houses: list[House] = []

    def made(path: str, **spec: str) -> House:
        house = House(tmp_path / f"project{len(houses)}", path=path, **spec)
        houses.append(house)
        return house

    yield made
    for house in houses:
        house.books.close()


def billed(house: House, period: Period = OCTOBER) -> Decimal:
    units = house.snapshot(period).units
    return sum((t.loaded["BilledCost"] for unit in units for t in unit.totals), Decimal(0))


def counts(found: SourceLoad) -> tuple[int, int, int]:
    return found.files_fetched, found.files_read, found.files_known


def test_objects_below_a_prefix_load_under_their_urls(
    make: Make, server: Server, bucket: str
) -> None:
    server.put(bucket, "focus/october.csv", bill("10", "2.50"))
    server.put(bucket, "focus/more/november.csv", bill("7", **NOVEMBER))
    server.put(bucket, "focus/readme.txt", b"not a bill")
    server.put(bucket, "focusing/other.csv", bill("999"))
    house = make(f"s3://{bucket}/focus")
    assert counts(house.load()) == (2, 2, 0)
    assert billed(house) == Decimal("12.50")
    assert billed(house, Period(2026, 11)) == Decimal(7)
    (unit,) = house.snapshot().units
    assert unit.input == f"s3://{bucket}/focus/october.csv"


def test_a_second_load_fetches_nothing_and_a_changed_object_alone(
    make: Make, server: Server, bucket: str
) -> None:
    server.put(bucket, "a.csv", bill("10"))
    server.put(bucket, "b.csv", bill("5", **NOVEMBER))
    house = make(f"s3://{bucket}/*.csv")
    assert counts(house.load()) == (2, 2, 0)
    assert counts(house.load()) == (0, 0, 2)
    server.put(bucket, "a.csv", bill("11"))
    assert counts(house.load()) == (1, 1, 1)
    assert billed(house) == Decimal(11)
    contents = [p for p in (house.root / ".apportion/fetched/content").rglob("*") if p.is_file()]
    assert len(contents) == 2, "what the object was before is let go"
    assert not list((house.root / ".apportion/fetched/private").iterdir())


def test_a_vanished_object_leaves_its_month_as_it_was(
    make: Make, server: Server, bucket: str
) -> None:
    server.put(bucket, "a.csv", bill("10"))
    server.put(bucket, "b.csv", bill("5", **NOVEMBER))
    house = make(f"s3://{bucket}/")
    house.load()
    server.drop(bucket, "a.csv")
    assert codes(house.load().findings) >= {"period-without-file"}
    assert billed(house) == Decimal(10)


def test_a_cache_that_was_lost_is_filled_again(make: Make, server: Server, bucket: str) -> None:
    server.put(bucket, "a.csv", bill("10"))
    house = make(f"s3://{bucket}/a.csv")
    house.load()
    for content in (house.root / ".apportion/fetched/content").rglob("*"):
        if content.is_file():
            content.write_bytes(b"cut")
    assert counts(house.load()) == (1, 0, 1)


def test_a_download_that_ends_halfway_loads_nothing(
    make: Make, server: Server, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put(bucket, "a.csv", bill("10", "20"))
    house = make(f"s3://{bucket}/a.csv")
    whole = s3fs.S3FileSystem.get_file

    def half(files: Any, path: str, target: str) -> None:
        whole(files, path, target)
        content = Path(target).read_bytes()
        Path(target).write_bytes(content[: len(content) // 2])

    monkeypatch.setattr(s3fs.S3FileSystem, "get_file", half)
    with pytest.raises(SourceError, match="bytes came of"):
        house.load()
    assert not list((house.root / ".apportion/fetched").rglob("*.*"))
    monkeypatch.setattr(s3fs.S3FileSystem, "get_file", whole)
    assert counts(house.load()) == (1, 1, 0)
    assert billed(house) == Decimal(30)


def test_a_killed_download_leaves_nothing_that_is_taken(
    make: Make, server: Server, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put(bucket, "a.csv", bill("10"))
    house = make(f"s3://{bucket}/a.csv")

    def killed(files: Any, path: str, target: str) -> None:
        Path(target).write_bytes(b"BilledCost,")
        raise KeyboardInterrupt

    whole = s3fs.S3FileSystem.get_file
    monkeypatch.setattr(s3fs.S3FileSystem, "get_file", killed)
    with pytest.raises(KeyboardInterrupt):
        house.load()
    monkeypatch.setattr(s3fs.S3FileSystem, "get_file", whole)
    assert counts(house.load()) == (1, 1, 0)
    assert billed(house) == Decimal(10)


def test_an_object_that_is_written_meanwhile_is_refused(
    make: Make, server: Server, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put(bucket, "a.csv", bill("10"))
    house = make(f"s3://{bucket}/a.csv")
    whole = s3fs.S3FileSystem.get_file

    def rewritten(files: Any, path: str, target: str) -> None:
        whole(files, path, target)
        server.put(bucket, "a.csv", bill("11"))

    monkeypatch.setattr(s3fs.S3FileSystem, "get_file", rewritten)
    with pytest.raises(SourceError, match="changed while it was fetched"):
        house.load()
    assert house.books.current() == ()


def test_a_bucket_that_isnt_there(make: Make, server: Server) -> None:
    with pytest.raises(SourceError, match="no such bucket") as fault:
        make("s3://no-such-bucket-anywhere/bills").load()
    assert "s3://no-such-bucket-anywhere" in str(fault.value)


def test_a_prefix_without_objects(make: Make, server: Server, bucket: str) -> None:
    server.put(bucket, "a.csv", bill("10"))
    with pytest.raises(SourceError, match="no object matches"):
        make(f"s3://{bucket}/october").load()


def test_denied_access_says_so_and_tells_no_secret(
    make: Make, server: Server, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put(bucket, "a.csv", bill("10"))
    server.authenticate(after=0)
    try:
        with pytest.raises(SourceError, match="denied access") as fault:
            make(f"s3://{bucket}/a.csv").load()
    finally:
        server.authenticate(after=None)
    assert "allow listing and reading" in str(fault.value)
    assert CANARY not in str(fault.value)


def test_a_server_that_isnt_there(
    make: Make, server: Server, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3fs.S3FileSystem, "retries", 1)
    with pytest.raises(SourceError, match="can't be reached") as fault:
        make(f"s3://{bucket}/a.csv", endpoint="http://127.0.0.1:9").load()
    assert CANARY not in str(fault.value)


def test_the_endpoint_of_the_source(
    make: Make, server: Server, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put(bucket, "a.csv", bill("10"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    house = make(f"s3://{bucket}/a.csv", endpoint=server.endpoint)
    assert counts(house.load()) == (1, 1, 0)


def test_credentials_are_nowhere_in_the_project(make: Make, server: Server, bucket: str) -> None:
    server.put(bucket, "a.csv", bill("10", "oops"))
    house = make(f"s3://{bucket}/a.csv")
    found = house.load()
    assert CANARY not in repr(found)
    written = [path for path in house.root.rglob("*") if path.is_file()]
    assert len(written) > 3
    for path in written:
        assert CANARY.encode() not in path.read_bytes(), path


def find_by_manifest(spec: SourceSpec, root: Path) -> tuple[InputFile, ...]:
    """As a provider's format does: what the manifest names, by its place in the bucket."""
    names = json.loads((root / spec.path / "manifest.json").read_text())
    for name in names:
        if not (root / name).is_file():
            raise SourceError("a file that the manifest names isn't there", why=str(root / name))
    return tuple(InputFile(name, root / name) for name in names)


def test_only_what_a_manifest_names_is_fetched(
    make: Make, server: Server, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = cast(dict[str, Format], formats.FORMATS)
    monkeypatch.setitem(known, "focus", Format(read_focus, find_by_manifest))
    server.put(bucket, "cur/old/part.csv", bill("1"))
    server.put(bucket, "cur/new/part.csv", bill("2"))
    server.put(bucket, "cur/manifest.json", json.dumps([f"{bucket}/cur/new/part.csv"]).encode())
    house = make(f"s3://{bucket}/cur/")
    assert counts(house.load()) == (2, 1, 0)
    assert billed(house) == Decimal(2)
    assert counts(house.load()) == (0, 0, 1)
    server.drop(bucket, "cur/new/part.csv")
    with pytest.raises(SourceError, match="isn't there") as fault:
        house.load()
    assert f"s3://{bucket}/cur/new/part.csv" in str(fault.value)


def test_a_delivery_of_aws_fetches_the_current_version_alone(
    make: Make, server: Server, bucket: str, tmp_path: Path
) -> None:
    month = "exports/cur/20261001-20261101"
    for version in ("a", "b"):
        server.put(bucket, f"{month}/{version}/cur-1.csv.gz", version.encode())
        keys = json.dumps({"reportKeys": [f"{month}/{version}/cur-1.csv.gz"]}).encode()
        server.put(bucket, f"{month}/{version}/cur-Manifest.json", keys)
    server.put(bucket, f"{month}/cur-Manifest.json", keys)
    house = make(f"s3://{bucket}/exports/", format="aws-cur")
    spec = house.project.sources["cloud"]
    with at_hand(formats.FORMATS["aws-cur"], spec, tmp_path, lambda *_: None) as found:
        (file,) = found.files
        assert file.name == f"s3://{bucket}/{month}/b/cur-1.csv.gz"
        assert file.path.read_bytes() == b"b"
        assert found.fetched == 4, "three manifests and a file"


@pytest.mark.parametrize("key", ["up/../a.csv", "two//parts.csv"])
def test_a_key_that_can_be_no_path_is_refused(
    make: Make, server: Server, bucket: str, key: str
) -> None:
    server.put(bucket, key, bill("10"))
    with pytest.raises(SourceError, match="can't be a path"):
        make(f"s3://{bucket}").load()


def test_a_mirror_looks_like_a_local_folder(
    make: Make, server: Server, bucket: str, tmp_path: Path
) -> None:
    """The same glob chooses the same files, in the store and on this machine."""
    keys = ["a/1.csv", "a/b/2.csv", "a/b/c/3.csv", "d/4.csv", "5.csv"]
    for number, key in enumerate(keys):
        server.put(bucket, key, bill(str(number)))
        local = tmp_path / "local" / key
        local.parent.mkdir(parents=True, exist_ok=True)
        local.touch()
    for pattern in ("a", "a/*", "a/*.csv", "**/*.csv", "*/b", "a/**", "*.csv", "a/b/2.csv"):
        spec = make(pattern).project.sources["cloud"]
        wanted = {file.name for file in find_files(spec, tmp_path / "local")}
        remote = replace(spec, path=f"s3://{bucket}/{pattern}")
        with at_hand(formats.FORMATS["focus"], remote, tmp_path, lambda *_: None) as found:
            names = {file.name.removeprefix(f"s3://{bucket}/") for file in found.files}
        assert names == wanted, pattern
