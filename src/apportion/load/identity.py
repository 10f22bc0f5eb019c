"""Names made of content: of the settings a file is read with, of a unit, and of a snapshot."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable
from pathlib import Path

from apportion.domain.period import Period
from apportion.load.content import digest
from apportion.model.project import SourceSpec
from apportion.sources.ready_tables import tables_of

FOLD_VERSION = 3
"""Raised when reading or folding gives other files for the same input, so that all is read anew."""


def config_digest(
    spec: SourceSpec, extra: Collection[str], currency: str, classes: str = ""
) -> str:
    """The digest of all that decides what a file of a source is folded into.

    The project's currency takes part only where it stands in for a column;
    `classes` is the digest of all patterns that say what kind of cost a charge is.
    """
    return _digest(
        FOLD_VERSION,
        spec.format,
        sorted(extra),
        sorted(spec.without),
        currency if "BillingCurrency" in spec.without else "",
        spec.sheet,
        spec.header,
        classes,
        *_of_tables(spec, currency),
        *((spec.cost, spec.amortized != "", spec.decimal, spec.dates) if _is_told(spec) else ()),
    )


def _is_told(spec: SourceSpec) -> bool:
    return any((spec.cost, spec.amortized, spec.decimal, spec.dates))


def _of_tables(spec: SourceSpec, currency: str) -> list[str]:
    """What decides how a table is read: its formulas, its defaults, and the prices beside it."""
    tables = [table.digest for table in tables_of(spec)]
    if not tables:
        return []
    prices = digest(Path(spec.prices), spec.prices) if spec.prices else ""
    return [*tables, spec.name, currency, prices]


def unit_id(content: str, config: str, period: Period) -> str:
    """The id of what one content brings for one period when read with one config."""
    return _digest(content, config, str(period))


def snapshot_id(source: str, period: Period, units: Iterable[str]) -> str:
    """The id of a set of units as a source's snapshot of a period; their order is no matter."""
    return _digest(source, str(period), sorted(units))


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=True).encode()).hexdigest()
