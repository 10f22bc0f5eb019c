"""Addresses in apportion.yaml, and stores whose library is missing or whose words hold secrets."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import fsspec
import pytest

from apportion.errors import ConfigurationError, SourceError
from apportion.model.read_project import read_project
from apportion.sources.remote.store import KINDS, open_store, told
from bills import row
from loads import House, csv_text

CANARY = "canary5ecret"


def opened(tmp_path: Path, **settings: str) -> None:
    lines = "".join(f"    {key}: {value!r}\n" for key, value in settings.items())
    text = f"name: T\ncurrency: USD\nsources:\n  cloud:\n    format: focus\n{lines}"
    (tmp_path / "apportion.yaml").write_text(text)
    read_project(tmp_path)


@pytest.mark.parametrize("path", ["s3://bills", "gs://bills/x/*.csv", "az://bills/x?.csv", "bills"])
def test_addresses_that_hold(tmp_path: Path, path: str) -> None:
    opened(tmp_path, path=path)


@pytest.mark.parametrize(
    "path",
    [
        f"s3://AKIA:{CANARY}@bucket/x",
        f"s3://{CANARY}@bucket/x",
        f"az://bills/x.csv?sv=2024&sig={CANARY}",
        f"s3://bills/x.csv?X-Amz-Signature={CANARY}",
    ],
)
def test_credentials_in_an_address_are_refused_and_not_repeated(tmp_path: Path, path: str) -> None:
    with pytest.raises(ConfigurationError, match="credentials") as fault:
        opened(tmp_path, path=path)
    assert CANARY not in str(fault.value)
    assert fault.value.place
    assert (fault.value.place.line, fault.value.place.column) == (6, 11)


@pytest.mark.parametrize(
    ("path", "message"),
    [("http://bills/x", "http://"), ("s3:///x", "no bucket"), ("s3://b*/x", "no bucket")],
)
def test_addresses_that_dont_hold(tmp_path: Path, path: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        opened(tmp_path, path=path)


@pytest.mark.parametrize(
    ("path", "endpoint"),
    [
        ("s3://b", f"https://user:{CANARY}@host"),
        ("s3://b", f"https://host/?token={CANARY}"),
        ("s3://b", "host:9000"),
        ("bills", "https://host"),
        ("az://b", "https://host"),
    ],
)
def test_endpoints_that_dont_hold(tmp_path: Path, path: str, endpoint: str) -> None:
    with pytest.raises(ConfigurationError, match="endpoint") as fault:
        opened(tmp_path, path=path, endpoint=endpoint)
    assert CANARY not in str(fault.value)


@pytest.mark.parametrize("scheme", sorted(KINDS))
def test_a_missing_library_names_the_command(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = KINDS[scheme]
    monkeypatch.setitem(sys.modules, kind.library, None)
    known = sys.modules["fsspec.registry"]._registry
    monkeypatch.delitem(known, kind.protocol, raising=False)
    with pytest.raises(SourceError, match=kind.library) as fault:
        open_store(scheme)
    assert f"pip install 'apportion[{kind.extra}]'" in str(fault.value)


def test_words_of_a_library_are_not_repeated() -> None:
    with pytest.raises(SourceError) as fault, told("az", "az://bills/x"):
        raise RuntimeError(f"GET https://host/x?sig={CANARY} failed")
    assert CANARY not in str(fault.value)
    assert "RuntimeError" in str(fault.value)
    assert fault.value.__suppress_context__


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A store of fsspec in memory, in the place of those that need a provider."""
    from fsspec.implementations.memory import MemoryFileSystem

    monkeypatch.setattr(MemoryFileSystem, "store", {})
    monkeypatch.setattr(MemoryFileSystem, "pseudo_dirs", [""])
    whole = fsspec.filesystem
    monkeypatch.setattr(fsspec, "filesystem", lambda protocol, **options: whole("memory"))
    return whole("memory")


@pytest.mark.parametrize("scheme", ["gs", "az"])
def test_the_other_stores_are_read_the_same_way(tmp_path: Path, memory: Any, scheme: str) -> None:
    memory.pipe("/bills/oct/a.csv", csv_text([row("10")]).encode())
    memory.pipe("/bills/other/b.csv", csv_text([row("99")]).encode())
    house = House(tmp_path, path=f"{scheme}://bills/oct")
    assert house.load().files_fetched == 1
    (unit,) = house.snapshot().units
    assert unit.input == f"{scheme}://bills/oct/a.csv"
    house.books.close()
