"""Files of the lake: named by content, never half there, swept when nothing needs them."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from apportion.domain.snapshot import LakeFile
from apportion.store.lake import STAGING, Lake

NOW = timedelta(seconds=-1)
"""An age that every file has reached."""


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "project" / "lake")


def kept(lake: Lake, content: bytes, role: str = "daily") -> LakeFile:
    with lake.staging() as private:
        written = private / "any name.parquet"
        written.write_bytes(content)
        return lake.keep(role, written, rows=3)


def made_old(path: Path) -> None:
    os.utime(path, (time.time() - 10 * 86400,) * 2)


def test_a_file_is_named_by_its_content(lake: Lake) -> None:
    digest = hashlib.sha256(b"facts").hexdigest()

    file = kept(lake, b"facts")

    assert file == LakeFile("daily", f"daily/{digest[:2]}/{digest}.parquet", digest, 3)
    assert lake.path(file).read_bytes() == b"facts"
    assert lake.verify(file)


def test_nothing_is_left_in_the_staging_folder(lake: Lake) -> None:
    def fails() -> None:
        with lake.staging() as private:
            (private / "half.parquet").write_bytes(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    kept(lake, b"facts")

    assert list((lake.root / STAGING).iterdir()) == []


def test_keeping_the_same_content_again_is_no_change(lake: Lake) -> None:
    first = kept(lake, b"facts")

    assert kept(lake, b"facts") == first
    assert len(list(lake.root.rglob("*.parquet"))) == 1


def test_one_content_in_two_roles_is_two_files(lake: Lake) -> None:
    assert kept(lake, b"empty", "daily").path != kept(lake, b"empty", "tags").path


def test_many_loads_may_keep_one_content_at_once(lake: Lake) -> None:
    with ThreadPoolExecutor(8) as pool:
        files = set(pool.map(lambda _: kept(lake, b"facts"), range(40)))

    (file,) = files
    assert lake.verify(file)


def test_a_damaged_or_missing_file_is_noticed(lake: Lake) -> None:
    damaged, missing = kept(lake, b"facts"), kept(lake, b"others")
    lake.path(damaged).write_bytes(b"fact5")
    lake.path(missing).unlink()

    assert not lake.verify(damaged)
    assert not lake.verify(missing)


def test_keeping_the_content_again_heals_a_damaged_file(lake: Lake) -> None:
    file = kept(lake, b"facts")
    lake.path(file).write_bytes(b"fact5")

    kept(lake, b"facts")

    assert lake.verify(file)


def test_a_moved_lake_has_its_files(lake: Lake, tmp_path: Path) -> None:
    file = kept(lake, b"facts")

    shutil.move(tmp_path / "project", tmp_path / "elsewhere")

    assert Lake(tmp_path / "elsewhere" / "lake").verify(file)


def test_a_sweep_leaves_what_snapshots_refer_to(lake: Lake) -> None:
    wanted, unwanted = kept(lake, b"wanted"), kept(lake, b"unwanted")

    removed = lake.sweep({wanted.path}, older_than=NOW)

    assert removed == (unwanted.path,)
    assert lake.verify(wanted)
    assert not lake.path(unwanted).exists()


def test_a_sweep_leaves_young_files_to_the_load_under_way(lake: Lake) -> None:
    young, old = kept(lake, b"young"), kept(lake, b"old")
    made_old(lake.path(old))

    assert lake.sweep(set()) == (old.path,)
    assert lake.verify(young)


def test_keeping_an_old_file_again_makes_it_young(lake: Lake) -> None:
    file = kept(lake, b"facts")
    made_old(lake.path(file))

    kept(lake, b"facts")

    assert lake.sweep(set()) == ()
    assert lake.verify(file)


def test_a_sweep_puts_back_a_file_that_a_load_renews_at_that_moment(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = kept(lake, b"facts")
    made_old(lake.path(file))
    replace = Path.replace

    def renewed_just_before(path: Path, target: Path) -> Path:
        if path == lake.path(file):
            path.touch()
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", renewed_just_before)

    assert lake.sweep(set()) == ()
    assert lake.verify(file)


def test_a_sweep_removes_what_a_killed_load_left(lake: Lake) -> None:
    left, busy = lake.root / STAGING / "left", lake.root / STAGING / "busy"
    for folder in (left, busy):
        folder.mkdir(parents=True)
        (folder / "half.parquet").write_bytes(b"half")
    made_old(left / "half.parquet")
    made_old(left)
    made_old(busy)

    lake.sweep(set())

    assert not left.exists()
    assert busy.exists()


def test_a_sweep_of_a_lake_that_is_not_there_is_no_fault(lake: Lake) -> None:
    assert lake.sweep(set()) == ()
