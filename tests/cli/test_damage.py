"""A lake that somebody damaged, and a project that may be read only, on the command line."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bills import write_project
from commands import ROWS, apportion

DROP_FROM_BOUNDING_SET, DAC_OVERRIDE = 24, 1


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = write_project(tmp_path / "company", ROWS)
    apportion(made, "load")
    apportion(made, "run", "--period", "2026-10")
    return made


@pytest.mark.parametrize(
    ("role", "command"),
    [
        ("monthly", ["run"]),
        ("keys", ["untagged"]),
        ("charges", ["explain", "--team=nlp", "--rows=1"]),
    ],
)
def test_a_damaged_file_is_named_with_the_remedy(
    folder: Path, role: str, command: list[str]
) -> None:
    (file,) = (folder / ".apportion" / "lake" / role).rglob("*.parquet")
    file.write_bytes(b"")
    said = apportion(folder, *command, "--period", "2026-10", expect=2)
    assert "Traceback" not in said
    assert str(file) in said
    assert "sha256 differs" in said
    assert "apportion load" in said
    assert "lake-mended" in apportion(folder, "load")
    apportion(folder, *command, "--period", "2026-10")


@pytest.fixture
def read_only(folder: Path) -> Iterator[Path]:
    """A project that its reader may not write to."""
    everything = [folder, *folder.rglob("*")]
    for path in everything:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield folder
    for path in everything:
        path.chmod(0o755 if path.is_dir() else 0o644)


READERS = [
    ["statement"],
    ["reconcile"],
    ["explain", "--team", "nlp"],
    ["explain", "--team", "nlp", "--charges", "1"],
    ["quarantine"],
    ["untagged"],
]


def _bound_by_rights() -> None:
    """Take from root, for what is started next, the right to write what may not be written."""
    ctypes.CDLL(None).prctl(DROP_FROM_BOUNDING_SET, DAC_OVERRIDE, 0, 0, 0)


def as_reader(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command as somebody whom the rights of files bind, even where that is root."""
    words = [sys.executable, "-m", "apportion", "--project", str(folder), *arguments]
    return subprocess.run(
        words,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=_bound_by_rights if os.geteuid() == 0 else None,
    )


@pytest.mark.skipif(os.name != "posix", reason="rights of files are those of POSIX here")
def test_a_project_that_may_only_be_read_is_read(read_only: Path) -> None:
    for command in READERS:
        done = as_reader(read_only, *command, "--period", "2026-10")
        assert done.returncode == 0, done.stderr
        assert done.stdout
    done = as_reader(read_only, "run", "--period", "2026-10")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "only be read" in done.stderr
