"""Findings as rows, of a unit or of a run."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from apportion.domain.finding import Finding, Level
from apportion.errors import Place


def finding_row(finding: Finding) -> dict[str, Any]:
    place = finding.place
    return {
        "code": finding.code,
        "level": str(finding.level),
        "message": finding.message,
        "file": place.file if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "hint": finding.hint,
        "rows": finding.rows,
    }


def read_finding(row: Row[Any]) -> Finding:
    place = None if row.file is None else Place(row.file, row.line, row.column)
    return Finding(row.code, Level(row.level), row.message, place, row.hint, row.rows)
