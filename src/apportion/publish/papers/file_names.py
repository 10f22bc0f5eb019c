"""Names of files for teams: readable, and never a path."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

LONGEST = 60


def file_names(teams: Iterable[str], period: str) -> dict[str, str]:
    """By team, the name of its files without the ending; no two are alike on any disk.

    A name that had to be changed gets some letters of its digest.

    >>> file_names(["nlp", "../etc"], "2026-10")
    {'nlp': 'statement-2026-10-nlp', '../etc': 'statement-2026-10-etc-f7f9121f'}
    """
    return {team: f"statement-{period}-{_safe(team)}" for team in teams}


def _safe(team: str) -> str:
    kept = re.sub(r"[^a-z0-9]+", "-", team.lower()).strip("-")[:LONGEST]
    if kept == team:
        return kept
    digest = hashlib.sha256(team.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{kept}-{digest}" if kept else digest
