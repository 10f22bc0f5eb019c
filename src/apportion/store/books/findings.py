"""Findings as rows, of a unit or of a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

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


def read_finding(row: Sequence[Any]) -> Finding:
    code, level, message, file, line, column, hint, rows = row
    place = None if file is None else Place(file, line, column)
    return Finding(code, Level(level), message, place, hint, rows)
