"""What was loaded: files of the lake, the unit that one input file folds into, and snapshots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from apportion.domain.finding import Finding
from apportion.domain.period import Period

ROLES = ("charges", "keys", "tags", "daily", "monthly")
"""What a Parquet file of a bill's unit holds; the relations are described in the reference."""

USAGE_ROLES = ("usage", "usage_keys", "usage_daily")
"""The same of usage: the records, their distinct keys, and quantities by key and day."""


class SnapshotKind(StrEnum):
    """Whether a snapshot holds charges or usage: what was paid, or who used it."""

    CHARGES = "charges"
    USAGE = "usage"


@dataclass(frozen=True)
class LakeFile:
    """An immutable Parquet file, named by its content; `path` is relative to the lake."""

    role: str
    path: str
    sha256: str
    rows: int


@dataclass(frozen=True)
class Totals:
    """Rows and money of one source, billing period and currency, cost basis by cost basis.

    A basis that the source doesn't carry is absent from the mappings. `unread`
    counts rows whose own amount can't be read, so that their money is in
    neither mapping.
    """

    currency: str
    read_rows: int
    loaded_rows: int
    quarantined_rows: int
    read: Mapping[str, Decimal] = field(default_factory=dict)
    loaded: Mapping[str, Decimal] = field(default_factory=dict)
    quarantined: Mapping[str, Decimal] = field(default_factory=dict)
    unread: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Quarantined:
    """A row that was set aside: where it stands in the input, why, and its text as read."""

    file: str
    line: int | None
    column: str
    reason: str
    hint: str
    row: Mapping[str, str | None]


@dataclass(frozen=True)
class Unit:
    """What one input file brings for one billing period, folded and written to the lake.

    `content` is the sha256 of the input; `config` that of the settings it was
    read with. The same content read with the same settings is the same unit.
    """

    id: str
    input: str
    content: str
    config: str
    version: str
    bases: tuple[str, ...]
    columns: tuple[str, ...]
    period: Period
    files: tuple[LakeFile, ...]
    totals: tuple[Totals, ...]
    quarantined: tuple[Quarantined, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Snapshot:
    """All that a source brings for one billing period; replaced as a whole, never changed.

    The id is a digest of source, period and unit ids: same input, same id.
    `findings` are what the units say only together, and what leaves open whether
    they are the bill: until they are settled or acknowledged, no proof is complete.
    """

    id: str
    source: str
    period: Period
    units: tuple[Unit, ...]
    loaded_at: datetime
    current: bool = True
    findings: tuple[Finding, ...] = ()
    kind: SnapshotKind = SnapshotKind.CHARGES


@dataclass(frozen=True)
class Declaration:
    """Somebody says that a period of a source is final, or takes that back."""

    source: str
    period: Period
    actor: str
    because: str
    at: datetime


@dataclass(frozen=True)
class Acknowledgement:
    """Somebody accepts what keeps a snapshot's proof open: quarantined rows, its findings."""

    snapshot: str
    actor: str
    because: str
    at: date
