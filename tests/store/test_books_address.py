"""Addresses of the books: what is understood, what is refused, and that no password is shown."""

from __future__ import annotations

import subprocess
import sys
import traceback
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from apportion.errors import BooksError
from apportion.store.books import Books
from apportion.store.books.connect import in_plain_words, read_url, shown


def told(url: str) -> str:
    """All that a user could see of the fault, the traceback and its causes included."""
    with pytest.raises(BooksError) as caught:
        Books.open(url)
    return "".join(traceback.format_exception(caught.value)) + str(caught.value)


@pytest.mark.parametrize(
    ("text", "driver"),
    [
        ("sqlite:////srv/books.sqlite", "sqlite"),
        ("postgresql://ann@db/books", "postgresql+psycopg"),
        ("postgres://ann@db/books", "postgresql+psycopg"),
        ("postgresql+psycopg://ann@db/books", "postgresql+psycopg"),
        ("postgresql+psycopg2://ann@db/books", "postgresql+psycopg"),
    ],
)
def test_an_address_names_its_database(text: str, driver: str) -> None:
    assert read_url(text).drivername == driver


def test_an_address_is_shown_without_its_secrets() -> None:
    url = read_url("postgresql://ann:s3cret@db:5433/books?sslpassword=hidden&sslmode=require")

    assert shown(url) == "postgresql://ann@db:5433/books"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:s3cret@localhost:1/books",
        "postgresql://ann:s3cret%40x@localhost:1/books",
        "postgresql://ann:s3cret@localhost:port/books",
        "postgresql://ann:p@s3cret@localhost:1/books",
        "postgresql://ann:p@x/s3cret@localhost:1/books",
        "postgresql://ann@localhost:1/books?password=s3cret",
        "postgresql://ann@localhost:1/books?nonsense=s3cret",
        "postgresql://ann@localhost:1/books?options=s3cret",
        "ann:s3cret@localhost/books",
        "mysql://ann:s3cret@localhost/books",
        "s3cret://ann@localhost/books",
    ],
)
def test_a_password_is_never_shown(url: str) -> None:
    assert "s3cret" not in told(url)


def test_a_wrong_password_is_not_shown_by_a_server_that_refuses_it(postgresql_server: str) -> None:
    url = postgresql_server.replace("postgres:@", "nobody:s3cret@")

    said = told(url)

    assert "s3cret" not in said
    assert "nobody" in said
    assert "see that the server runs" in said


def test_settings_that_a_server_refuses_are_not_shown(postgresql_server: str) -> None:
    said = told(f"{postgresql_server}&options=s3cret")

    assert "s3cret" not in said
    assert "own words aren't shown" in said


@pytest.mark.parametrize("form", ["a s3cret/", "a%20s3cret%2F", "a+s3cret%2F"])
@pytest.mark.parametrize("place", ["ann:a%20s3cret%2F@db/books", "db/books?password=a s3cret/"])
def test_words_of_a_driver_with_a_password_in_them_are_kept_back(place: str, form: str) -> None:
    url = read_url(f"postgresql://{place}")

    with pytest.raises(BooksError) as caught, in_plain_words(url):
        raise OperationalError("CONNECT", {}, Exception(f"no way with {form} to db"))

    assert "s3cret" not in "".join(traceback.format_exception(caught.value))


def test_other_words_of_a_driver_are_shown() -> None:
    assert "requir" in told("postgresql://ann:s3cret@localhost:1/books?sslmode=requir")


def test_a_server_that_does_not_answer_is_told_with_the_remedy() -> None:
    said = told("postgresql://ann@localhost:1/books")

    assert "postgresql://ann@localhost:1/books can't be used" in said
    assert "see that the server runs" in said


@pytest.mark.parametrize("url", ["mysql://db/books", "duckdb:///x", "books.sqlite", "", "env:X"])
def test_another_kind_of_address_is_refused_with_the_remedy(url: str) -> None:
    assert "sqlite:///" in told(url)


def test_a_missing_driver_is_told_with_the_remedy() -> None:
    program = (
        "import sys\n"
        "sys.modules['psycopg'] = None\n"
        "from apportion.errors import BooksError\n"
        "from apportion.store.books import Books\n"
        "try:\n"
        "    Books.open('postgresql://ann:s3cret@db/books')\n"
        "except BooksError as fault:\n"
        "    print(fault)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert "psycopg" in done.stdout
    assert "pip install 'apportion[postgres]'" in done.stdout
    assert "s3cret" not in done.stdout


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "books.sqlite").write_text("not a database, and long enough to be read as one " * 9)

    assert "not a sound SQLite database" in told(f"sqlite:///{tmp_path}/books.sqlite")


def test_a_folder_in_the_place_of_the_books_is_told(tmp_path: Path) -> None:
    assert "can't be used" in told(f"sqlite:///{tmp_path}")


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert "can't be made" in told(f"sqlite:///{tmp_path}/file/books.sqlite")


def test_the_folder_of_the_books_is_made(tmp_path: Path) -> None:
    Books.open(f"sqlite:///{tmp_path}/a/b/books.sqlite").close()

    assert (tmp_path / "a" / "b" / "books.sqlite").exists()


def test_books_show_themselves_without_a_password(postgresql_server: str) -> None:
    url = postgresql_server.replace("postgres:@", "postgres:s3cret@")
    books = Books.open(url)

    assert "s3cret" not in repr(books)
    books.close()
