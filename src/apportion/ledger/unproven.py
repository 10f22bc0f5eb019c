"""What keeps a run from being booked: its cost isn't proven to be what was billed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from apportion.domain.finding import Finding, Level

if TYPE_CHECKING:
    from apportion.run.reconcile import Reconciliation


def unproven(proven: Reconciliation) -> Iterator[Finding]:
    """Nothing is booked, neither by a close nor by a correction, of what isn't fully proven."""
    if not proven.ok:
        yield Finding("proof-fails", Level.ERROR, "the proof fails: see `apportion reconcile`")
    elif not proven.complete:
        yield Finding(
            "proof-incomplete",
            Level.ERROR,
            "the proof is incomplete: rows are set aside, or files are in doubt",
            hint=f"`apportion reconcile --period {proven.run.period}` says what to settle",
        )
