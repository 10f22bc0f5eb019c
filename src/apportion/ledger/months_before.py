"""The months before one, source by source: what a mean goes over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

from apportion.domain.period import Period
from apportion.domain.result import Run

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject

REACH = 12
"""How many months back are looked at."""

READ = ("attributed", "classes", "shares", "lines", "rates", "teams")
"""What is read of their runs."""


def months_before(
    project: OpenProject, period: Period, count: int
) -> Mapping[str, tuple[Run, ...]]:
    """The runs of the last months in which a source charged, at most `count`, newest first."""
    found: dict[str, list[Run]] = defaultdict(list)
    month = period
    for _ in range(REACH):
        month = month.previous()
        run = project.books.run(month, READ)
        if run is None:
            continue
        for source in {part.source for part in run.attributed}:
            if len(found[source]) < count:
                found[source].append(run)
    return {source: tuple(runs) for source, runs in found.items()}
