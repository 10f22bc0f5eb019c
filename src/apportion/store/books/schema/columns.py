"""What the tables of the books are made of: their metadata, and columns that recur."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
)

from apportion.domain.charge import COSTS
from apportion.store.books.column_types import AnyText, Person, Persons, Prose, Rational

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def text_column(name: str) -> Column[str]:
    return Column(name, AnyText, nullable=False)


def person_column(name: str) -> Column[str]:
    """Who it was: the name outside, a pseudonym in the books."""
    return Column(name, Person, nullable=False)


def prose_column(name: str) -> Column[str]:
    """What somebody wrote, which may name people."""
    return Column(name, Prose, nullable=False)


def people_column(name: str) -> Column[list[str]]:
    """Several who it is about: names outside, pseudonyms in the books."""
    return Column(name, Persons, nullable=False)


def whole_column(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def reference(parent: str) -> Column[str]:
    """A reference to the value that a row is part of: ``unit`` to units, ``run`` to runs."""
    return Column(parent, AnyText, ForeignKey(f"{parent}s.id"), nullable=False)


def position_column() -> Column[int]:
    return Column("position", Integer, nullable=False)


def part_table(name: str, parent: str, *columns: Column[Any]) -> Table:
    """A table of parts in their order; SQLite keeps the parts of one value side by side."""
    return Table(
        name,
        metadata,
        reference(parent),
        position_column(),
        *columns,
        PrimaryKeyConstraint(parent, "position"),
        sqlite_with_rowid=False,
    )


def finding_columns() -> list[Column[Any]]:
    return [
        text_column("code"),
        text_column("level"),
        text_column("message"),
        Column("file", AnyText),
        Column("line", BigInteger),
        Column("column", BigInteger),
        text_column("hint"),
        whole_column("rows"),
    ]


def cost_columns() -> list[Column[Any]]:
    return [Column(name, Rational, nullable=False) for name in COSTS]
