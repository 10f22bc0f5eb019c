"""Oracle Fusion: `GlInterface.csv` of file-based data import (FBDI).

The file has no heading: positions are what counts, and they differ by release. They are
data therefore: the option `columns` lists those of your release's template.

Source: table GL_INTERFACE; journal import of Oracle Fusion General Ledger.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from apportion.domain.finding import Finding, Level
from apportion.domain.journal import JournalDocument, JournalLine
from apportion.publish.erp.csv_text import csv_bytes
from apportion.publish.erp.figures import two_columns
from apportion.publish.erp.limits import PARTS, Field, Limits
from apportion.publish.erp.settings import ErpSettings
from apportion.publish.erp.target import Files, Parts, Target

_SEGMENT = Field(25, bytes=25)
LIMITS = Limits(
    names={
        "account": _SEGMENT,
        "cost_center": _SEGMENT,
        "profit_center": _SEGMENT,
        "project": _SEGMENT,
        "partner": _SEGMENT,
        "entity": _SEGMENT,
    },
    title=Field(240, bytes=240),
    text=Field(240, bytes=240),
    before=15,
    after=4,
    needed=("source", "category", "segments", "ledgers"),
)

COLUMNS = (
    *("STATUS", "LEDGER_ID", "ACCOUNTING_DATE", "USER_JE_SOURCE_NAME"),
    *("USER_JE_CATEGORY_NAME", "CURRENCY_CODE", "DATE_CREATED", "ACTUAL_FLAG"),
    *(f"SEGMENT{number}" for number in range(1, 31)),
    *("ENTERED_DR", "ENTERED_CR", "ACCOUNTED_DR", "ACCOUNTED_CR"),
    *(f"REFERENCE{number}" for number in (*range(1, 11), *range(21, 31))),
    *("STAT_AMOUNT", "USER_CURRENCY_CONVERSION_TYPE", "CURRENCY_CONVERSION_DATE"),
    *("CURRENCY_CONVERSION_RATE", "GROUP_ID"),
)
"""A template's columns where settings don't list those of the release in use."""

NEEDED = frozenset(
    (
        *("STATUS", "LEDGER_ID", "ACCOUNTING_DATE", "USER_JE_SOURCE_NAME", "CURRENCY_CODE"),
        *("USER_JE_CATEGORY_NAME", "DATE_CREATED", "ACTUAL_FLAG", "ENTERED_DR", "ENTERED_CR"),
    )
)

_SEGMENTS = (*PARTS, "entity")


def asks(parts: Parts, settings: ErpSettings) -> Iterator[Finding]:
    """Source and category have 25 characters, and columns and segments must be known."""
    for option in ("source", "category"):
        if not _SEGMENT.fits(text := settings.option(option)):
            yield _wrong(settings, f"{option} {text!r} has more than 25 characters")
    for segment in settings.options("segments"):
        if segment not in _SEGMENTS:
            known = ", ".join(_SEGMENTS)
            yield _wrong(settings, f"no segment is called {segment!r}; known are {known}")
    for entity in sorted({one.entity for one in parts} - set(settings.pairs("ledgers"))):
        yield _wrong(settings, f"`ledgers` has no ledger of entity {entity!r}")
    segments = {f"SEGMENT{number + 1}" for number in range(len(settings.options("segments")))}
    missing = (NEEDED | segments) - set(settings.options("columns", COLUMNS))
    if missing:
        yield _wrong(settings, f"`columns` lacks {', '.join(sorted(missing))}")
    blank = settings.option("blank")
    if not blank and any(_is_blank(part, line, settings) for part in parts for line in part.lines):
        yield _wrong(settings, "a segment is empty in some lines, and `blank` says nothing for it")


def _is_blank(part: JournalDocument, line: JournalLine, settings: ErpSettings) -> bool:
    return any(not one for one in _segments(part, line, settings))


def _wrong(settings: ErpSettings, message: str) -> Finding:
    return Finding(
        "erp-setting-wrong",
        Level.ERROR,
        f"{settings.spec.format}: {message}",
        settings.spec.place,
        "correct `options` of the format in apportion.yaml",
    )


def render(parts: Parts, settings: ErpSettings) -> Files:
    """One file; each part is a journal, and all of them one group."""
    columns = settings.options("columns", COLUMNS)
    group = _group(parts)
    rows = (
        [values.get(name, "") for name in columns]
        for part in parts
        for values in _rows(part, group, settings)
    )
    return {"GlInterface.csv": csv_bytes(rows)}


def _group(parts: Parts) -> str:
    """A number of fifteen digits that the same documents always have."""
    digest = hashlib.sha256("+".join(one.id for one in parts).encode()).hexdigest()
    return str(int(digest[:14], 16) % 10**15)


def _rows(part: JournalDocument, group: str, settings: ErpSettings) -> Iterator[Mapping[str, str]]:
    day = part.posted_on.strftime("%Y/%m/%d")
    head = {
        "STATUS": "NEW",
        "LEDGER_ID": settings.pairs("ledgers")[part.entity],
        "ACCOUNTING_DATE": day,
        "USER_JE_SOURCE_NAME": settings.option("source"),
        "USER_JE_CATEGORY_NAME": settings.option("category"),
        "CURRENCY_CODE": part.currency,
        "DATE_CREATED": day,
        "ACTUAL_FLAG": "A",
        "REFERENCE1": f"{part.entity} {part.period} {group}",
        "REFERENCE4": part.id,
        "REFERENCE5": part.text,
        "GROUP_ID": group,
    }
    for number, line in enumerate(part.lines, 1):
        debit, credit = two_columns(part, line)
        yield {
            **head,
            **{f"SEGMENT{n}": v for n, v in enumerate(_segments(part, line, settings), 1)},
            "ENTERED_DR": debit,
            "ENTERED_CR": credit,
            "REFERENCE10": line.text,
            "REFERENCE21": part.id,
            "REFERENCE22": str(number),
        }


def _segments(part: JournalDocument, line: JournalLine, settings: ErpSettings) -> list[str]:
    blank = settings.option("blank")
    return [
        (part.entity if name == "entity" else getattr(line.at, name, "")) or blank
        for name in settings.options("segments")
    ]


TARGET = Target("oracle-fusion", "Oracle Fusion (FBDI)", LIMITS, render, asks)
