"""What a format of usage is: how its files are read, and what is peculiar to its source."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pyarrow as pa

from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile


@dataclass(frozen=True)
class Rejected:
    """A record that can't be read: where it stands, why, what to do, and its text."""

    line: int | None
    column: str
    reason: str
    hint: str
    row: dict[str, str]


@dataclass(frozen=True)
class UsageBatch:
    """Some records of a file as columns (:mod:`apportion.sources.usage.usage_rows`), and those
    that could not be read. `skipped` counts what the source lists and is no usage: totals,
    steps of a job that is counted as a whole, roll-ups of other records. `places` tells of
    a table where in a row a column stands, from 1, by its name there and by ours.
    """

    rows: pa.Table
    rejected: tuple[Rejected, ...] = ()
    skipped: int = 0
    places: Mapping[str, int] = field(default_factory=dict)


UsageReader = Callable[[InputFile, UsageSpec], Iterator[UsageBatch]]

Gather = Callable[[UsageSpec, Path], tuple[InputFile, ...]]
"""Copies what lies at an address (a database) into files of a folder, which then are read."""


@dataclass(frozen=True)
class UsageFormat:
    """A format of usage.

    `restates` says that a later file may say something else of the same record, which
    then counts (buckets of a provider that are still filling); else another content under
    one id is a conflict. `late` is how long after a record its source may still change it:
    how much `apportion pull` reads again. `null_identity` tells what it means when the
    source names nobody, for people. `gather` is there where `path` may be an address.
    """

    name: str
    read: UsageReader
    restates: bool = False
    late: timedelta = timedelta(0)
    null_identity: str = ""
    gather: Gather | None = None
