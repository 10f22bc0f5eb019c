"""Several processes at one set of books: rivals, a killed one, a slow one, a moved folder."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

import book_values
from apportion.errors import BooksError
from apportion.store.books import Books
from apportion.store.books.connect import connect, read_url, writing
from book_values import NOVEMBER, OCTOBER, run, snapshot

RIVAL = Path(book_values.__file__).with_name("rival_load.py")


def rival(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(RIVAL), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def test_of_two_processes_one_wins_and_the_other_says_so(books_url: str) -> None:
    processes = [rival(books_url, name) for name in ("ann", "ben")]
    assert [line_of(process) for process in processes] == ["ready", "ready"]

    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    said = sorted(line_of(process) for process in processes)
    codes = [process.wait(30) for process in processes]

    assert codes == [0, 0]
    lost, won = said
    assert won.startswith("won: snapshot-")
    winner = won.removeprefix("won: snapshot-")
    assert f"{winner} committed another content" in lost
    books = Books.open(books_url)
    assert [held.id for held in books.current()] == [f"snapshot-{winner}"]
    books.close()


@pytest.mark.parametrize("table", ["units", "unit_files", "pointers", "audit_log"])
def test_a_load_that_is_killed_in_mid_commit_never_happened(books_url: str, table: str) -> None:
    books = Books.open(books_url)
    books.commit_load("aws", [snapshot("old")], {}, "ann")
    process = rival(books_url, "new", "snapshot-old", "--die-at", table)
    assert line_of(process) == "ready"

    process.communicate("go\n", timeout=60)

    assert process.returncode == -9
    assert [held.id for held in books.current()] == ["snapshot-old"]
    assert [held.id for held in books.history("aws", OCTOBER)] == ["snapshot-old"]
    assert len(books.audit()) == 1
    # The next load isn't hindered by what the dead one held.
    books.commit_load("aws", [snapshot("new")], {OCTOBER: "snapshot-old"}, "ben")
    assert books.current() == (snapshot("new"),)
    books.close()


def test_new_books_can_be_opened_by_many_processes_at_once(books_url: str) -> None:
    processes = [rival(books_url, f"rival {number}") for number in range(4)]

    assert [line_of(process) for process in processes] == ["ready"] * 4

    for process in processes:
        process.communicate("go\n", timeout=60)
    books = Books.open(books_url)
    assert len(books.current()) == 1
    books.close()


def test_readers_see_the_old_state_while_a_writer_works(books_url: str) -> None:
    books = Books.open(books_url)
    books.commit_load("aws", [snapshot("1")], {}, "ann")
    other = connect(read_url(books_url))

    with writing(other) as connection:
        connection.execute(text("DELETE FROM pointers"))
        assert [held.id for held in books.current()] == ["snapshot-1"]

    assert books.current() == ()
    other.dispose()
    books.close()


def test_a_writer_that_waits_too_long_says_what_to_do(books_url: str) -> None:
    Books.open(books_url).close()
    hurried = Books.open(books_url, patience=0.1)
    other = connect(read_url(books_url))

    with writing(other), pytest.raises(BooksError, match="locked") as told:
        hurried.save_run(run("1"))

    assert "do: wait until it is done" in str(told.value)
    hurried.save_run(run("1"))
    assert hurried.run(OCTOBER) == run("1")
    other.dispose()
    hurried.close()


def test_a_project_folder_can_be_moved_with_its_books(tmp_path: Path) -> None:
    books = Books.open(f"sqlite:///{tmp_path}/here/.apportion/books.sqlite")
    books.commit_load("aws", [snapshot("1")], {}, "ann")
    books.close()

    shutil.move(tmp_path / "here", tmp_path / "there")

    books = Books.open(f"sqlite:///{tmp_path}/there/.apportion/books.sqlite")
    assert books.current() == (snapshot("1"),)
    books.commit_load("aws", [snapshot("2", NOVEMBER)], {}, "ben")
    assert len(books.current()) == 2
    books.close()


def test_books_that_are_still_open_can_be_copied(tmp_path: Path) -> None:
    """A copied folder has the write-ahead file beside the database, and so all commits."""
    books = Books.open(f"sqlite:///{tmp_path}/here/books.sqlite")
    books.commit_load("aws", [snapshot("1")], {}, "ann")

    shutil.copytree(tmp_path / "here", tmp_path / "copy")

    copied = Books.open(f"sqlite:///{tmp_path}/copy/books.sqlite")
    assert copied.current() == (snapshot("1"),)
    copied.close()
    books.close()


def test_reading_a_run_imports_neither_the_engine_nor_alembic(
    new_database: Callable[[str], str],
) -> None:
    url = new_database("sqlite")
    books = Books.open(url)
    books.save_run(run("1"))
    books.close()
    program = (
        "import sys\n"
        "from apportion.store.books import Books\n"
        "from apportion.domain.period import Period\n"
        f"assert Books.open({url!r}).run(Period(2026, 10)).id == 'run-1'\n"
        "heavy = {'alembic', 'duckdb', 'pyarrow', 'sqlglot', 'pydantic', 'psycopg', 'flint'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
