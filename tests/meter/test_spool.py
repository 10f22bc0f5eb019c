"""The spool loses nothing that it took, whatever happens to its process or its disk."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from apportion.errors import UsageError
from apportion.meter import Spool
from apportion.meter.spool_file import SpoolFile
from metering import event, events


def ids(folder: Path) -> list[int]:
    return sorted(int(one["id"]) for one in events(folder))


def killed(folder: Path, code: str) -> None:
    """Run a program that writes into a spool and is killed when it says so."""
    program = f"from apportion.meter import Spool\nfrom metering import event\n{code}"
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)],
        env={**os.environ, "SPOOL": str(folder), "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()


WRITES_TEN = """
import os, time
spool = Spool(os.environ["SPOOL"])
for number in range(10):
    spool.append(event(number))
print("ready", flush=True)
time.sleep(60)
"""


def test_a_record_is_in_a_closed_file_after_close(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append(event(1))
    assert [path.suffix for path in tmp_path.iterdir()] == [".open"]
    spool.close()
    assert [path.suffix for path in tmp_path.iterdir()] == [".jsonl"]
    assert events(tmp_path)[0]["data"]["TeamLabel"] == "search"


def test_a_spool_that_took_nothing_leaves_nothing(tmp_path: Path) -> None:
    Spool(tmp_path).close()
    assert list(tmp_path.iterdir()) == []


def test_it_goes_on_after_it_was_closed(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for number in (1, 2):
        spool.append(event(number))
        spool.close()
    assert ids(tmp_path) == [1, 2]


def test_what_a_killed_process_wrote_is_picked_up_by_the_next(tmp_path: Path) -> None:
    killed(tmp_path, WRITES_TEN)
    assert [path.suffix for path in tmp_path.iterdir()] == [".open"]
    Spool(tmp_path)
    assert ids(tmp_path) == list(range(10))


def test_a_file_that_is_being_written_is_left_alone(tmp_path: Path) -> None:
    first = Spool(tmp_path)
    first.append(event(1))
    second = Spool(tmp_path)
    second.append(event(2))
    assert len(list(tmp_path.glob("*.open"))) == 2
    second.close()
    first.append(event(3))
    first.close()
    assert ids(tmp_path) == [1, 2, 3]


def test_a_torn_last_line_is_set_aside(tmp_path: Path) -> None:
    whole, torn = event(1).line(), event(2).line()[:50]
    (tmp_path / "usage-dead.open").write_bytes(whole + torn)
    Spool(tmp_path)
    assert ids(tmp_path) == [1]
    assert (tmp_path / "usage-dead.torn").read_bytes() == torn


def test_wherever_a_line_is_torn_nothing_is_lost(tmp_path: Path) -> None:
    whole, last = event(1).line(), event(2).line()
    for cut in range(1, len(last) + 1):
        folder = tmp_path / str(cut)
        folder.mkdir()
        (folder / "usage-dead.open").write_bytes(whole + last[:cut])
        Spool(folder)
        aside = folder / "usage-dead.torn"
        complete = cut >= len(last) - 1
        assert ids(folder) == ([1, 2] if complete else [1])
        assert aside.exists() is not complete
        assert complete or aside.read_bytes() == last[:cut]


def test_a_file_that_is_one_torn_line_leaves_only_that(tmp_path: Path) -> None:
    (tmp_path / "usage-dead.open").write_bytes(b'{"specversion":')
    Spool(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["usage-dead.torn"]


def test_zeros_that_a_loss_of_power_left_are_set_aside(tmp_path: Path) -> None:
    (tmp_path / "usage-dead.open").write_bytes(event(1).line() + b"\0" * 200_000)
    Spool(tmp_path)
    assert ids(tmp_path) == [1]
    assert (tmp_path / "usage-dead.torn").stat().st_size == 200_000


def test_a_file_is_closed_when_it_is_large(tmp_path: Path) -> None:
    spool = Spool(tmp_path, file_bytes=2_000)
    for number in range(50):
        spool.append(event(number))
    spool.close()
    sizes = [path.stat().st_size for path in tmp_path.glob("*.jsonl")]
    assert len(sizes) > 5
    assert max(sizes) < 2_000 + len(event(1).line())
    assert ids(tmp_path) == list(range(50))


def test_a_file_is_closed_when_it_is_old(tmp_path: Path) -> None:
    spool = Spool(tmp_path, file_seconds=0.1)
    spool.append(event(1))
    assert _soon(lambda: ids(tmp_path) == [1])
    spool.append(event(2))
    spool.close()
    assert ids(tmp_path) == [1, 2]


def test_a_full_spool_holds_nobody_up_and_loses_no_use(tmp_path: Path) -> None:
    """Waiting records come first; those beyond are summed by consumer, and say so."""
    spool = Spool(tmp_path, total_bytes=3_000)
    spool._backlog._most = 2_000
    began = time.monotonic()
    for number in range(1_000):
        spool.append(event(number, team="search" if number % 3 else "ads", reads=number))
    assert time.monotonic() - began < 1
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 3_000
    spool._total_bytes = 1 << 30
    spool.close()
    written = events(tmp_path)
    sums = [one for one in written if "Attributes" in one["data"]]
    assert {one["data"]["TeamLabel"] for one in sums} == {"search", "ads"}
    assert sum(one["data"]["requests"] for one in written) == 1_000
    assert sum(one["data"]["feature_reads"] for one in written) == sum(range(1_000))
    single = len(written) - len(sums)
    condensed = sum(int(one["data"]["Attributes"]["condensed_records"]) for one in sums)
    assert single + condensed == 1_000
    for team in ("search", "ads"):
        told = [one["data"] for one in written if one["data"]["TeamLabel"] == team]
        reads = sum(data["feature_reads"] for data in told)
        assert reads == sum(n for n in range(1_000) if (n % 3 > 0) == (team == "search"))


def test_more_consumers_than_can_be_told_apart_are_summed_without_a_name(tmp_path: Path) -> None:
    spool = Spool(tmp_path, total_bytes=1)
    spool._backlog._most = 0
    spool._backlog._condensed._most = 5
    for number in range(20):
        spool.append(event(number, team=f"team {number}"))
    spool._total_bytes = 1 << 30
    spool.close()
    written = [one["data"] for one in events(tmp_path)]
    nameless = [data for data in written if "TeamLabel" not in data]
    assert len(written) == 6
    assert [data["requests"] for data in nameless] == [15]
    assert nameless[0]["Attributes"] == {
        "condensed_records": "15",
        "consumer": "not told apart: the spool was full",
    }


def test_room_that_a_collector_makes_is_used(tmp_path: Path) -> None:
    spool = Spool(tmp_path, total_bytes=1_000)
    for number in range(10):
        spool.append(event(number))
    assert len(spool._backlog) > 0
    spool.close()
    taken = ids(tmp_path)
    for path in tmp_path.glob("*.jsonl"):
        path.unlink()
    for _ in range(10):
        spool.append(event(99))
        spool.close()
        taken += ids(tmp_path)
        for path in tmp_path.glob("*.jsonl"):
            path.unlink()
    assert sorted(n for n in taken if n < 99) == list(range(10))


@pytest.mark.parametrize("wrote", [0, 37])
def test_a_disk_that_fails_in_the_middle_of_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrote: int
) -> None:
    spool = Spool(tmp_path)
    spool.append(event(1))
    write = os.write
    calls = iter([wrote, None] if wrote else [None])

    def full(descriptor: int, data: Any) -> int:
        part = next(calls)
        if part is None:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, bytes(data)[:part])

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        assert spool.append(event(2)) == 0
    spool.append(event(3))
    spool.close()
    assert ids(tmp_path) == [1, 2, 3]
    assert list(tmp_path.glob("*.torn")) == []


def test_a_torn_line_that_cannot_be_taken_back_closes_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = Spool(tmp_path)
    spool.append(event(1))
    write = os.write
    parts = iter([30])

    def fails(descriptor: int, data: Any) -> int:
        part = next(parts, None)
        if part is None:
            raise OSError(errno.EIO, "Input/output error")
        return write(descriptor, bytes(data)[:part])

    def refuses(descriptor: int, size: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", fails)
        patched.setattr(os, "ftruncate", refuses)
        spool.append(event(2))
    spool.append(event(3))
    spool.close()
    assert ids(tmp_path) == [1, 2, 3]
    (torn,) = tmp_path.glob("*.torn")
    assert torn.read_bytes() == event(2).line()[:30]


def test_a_disk_that_hangs_holds_a_call_up_for_its_patience_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = Spool(tmp_path, patience=0.05)
    spool.append(event(0))
    hangs, goes_on = threading.Event(), threading.Event()
    write = SpoolFile.write

    def hanging(self: SpoolFile, lines: bytes) -> bool:
        if not hangs.is_set():
            hangs.set()
            goes_on.wait(10)
        return write(self, lines)

    monkeypatch.setattr(SpoolFile, "write", hanging)
    stuck = threading.Thread(target=spool.append, args=(event(1),))
    stuck.start()
    hangs.wait(10)
    began = time.monotonic()
    for number in range(2, 100):
        spool.append(event(number))
    took = time.monotonic() - began
    goes_on.set()
    stuck.join()
    assert took < 0.5
    spool.close()
    assert ids(tmp_path) == list(range(100))


def test_a_disk_that_is_slow_holds_few_calls_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = Spool(tmp_path, patience=0.01)
    write = SpoolFile.write

    def slow(self: SpoolFile, lines: bytes) -> bool:
        time.sleep(0.02)
        return write(self, lines)

    with monkeypatch.context() as patched:
        patched.setattr(SpoolFile, "write", slow)
        began = time.monotonic()
        for number in range(100):
            spool.append(event(number))
        assert time.monotonic() - began < 1
        assert len(spool._backlog) >= 90
    spool.close()
    assert ids(tmp_path) == list(range(100))
    # It is quick again.
    assert spool.append(event(100)) > 0
    spool.close()


def test_threads_write_whole_lines(tmp_path: Path) -> None:
    spool = Spool(tmp_path, file_bytes=20_000)

    def writes(part: int) -> None:
        for number in range(part * 500, (part + 1) * 500):
            spool.append(event(number))

    threads = [threading.Thread(target=writes, args=(part,)) for part in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spool.close()
    assert ids(tmp_path) == list(range(4_000))


def _writes(folder: str, part: int) -> None:
    spool = Spool(folder, file_bytes=10_000)
    for number in range(part * 300, (part + 1) * 300):
        spool.append(event(number))
    spool.close()


def test_processes_share_a_folder(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_writes, args=(str(tmp_path), part)) for part in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert ids(tmp_path) == list(range(900))


def test_a_forked_child_writes_a_file_of_its_own(tmp_path: Path) -> None:
    """As a server does that loads the application and then forks its workers."""
    code = """
    import os
    spool = Spool(os.environ["SPOOL"])
    spool.append(event(1))
    child = os.fork()
    spool.append(event(2 if child else 3))
    spool.close()
    if child:
        os.waitpid(child, 0)
    """
    program = "from apportion.meter import Spool\nfrom metering import event\n"
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program + textwrap.dedent(code)],
        env={**os.environ, "SPOOL": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)},
        check=True,
        timeout=30,
    )
    assert ids(tmp_path) == [1, 2, 3]
    assert len(list(tmp_path.glob("*.jsonl"))) == 2


@pytest.mark.parametrize("fsync", ["always", "interval", "never"])
def test_syncs_are_asked_for_as_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fsync: Any
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fdatasync", synced.append)
    spool = Spool(tmp_path, fsync=fsync)
    ticket = spool.append(event(1))
    assert synced == []
    spool.sync(ticket)
    spool.sync(ticket)
    assert len(synced) == 1
    spool.append(event(2))
    spool.settle()
    assert len(synced) == (1 if fsync == "never" else 2)
    spool.close()


def test_a_record_that_is_synced_with_another_needs_no_sync_of_its_own(tmp_path: Path) -> None:
    spool = Spool(tmp_path, file_bytes=300)
    tickets = [spool.append(event(number)) for number in range(5)]
    spool.sync(tickets[-1])
    assert all(file.synced == file.size for file in (*spool._full, spool._file) if file)
    spool.close()


def test_an_unknown_policy_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="fsync='sometimes'"):
        Spool(tmp_path, fsync="sometimes")  # type: ignore[arg-type]


def test_a_process_that_ends_closes_its_files(tmp_path: Path) -> None:
    code = "import sys\nspool = Spool(sys.argv[1])\nspool.append(event(1))\n"
    program = "from apportion.meter import Spool\nfrom metering import event\n" + code
    subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=True,
    )
    assert ids(tmp_path) == [1]


def test_lines_are_events(tmp_path: Path) -> None:
    line = json.loads(event(1).line())
    assert line["specversion"] == "1.0"
    assert line["type"] == "apportion.usage.v1"
    assert line["time"] == line["data"]["UsageStart"]
    assert line["subject"] == "search"


def _soon(true: Any) -> bool:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.05)
    return False
