"""Days of a split cut where something that decides on its answer begins or ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from apportion.domain.period import Span
from apportion.model.organisation import Organisation
from apportion.model.pools import Pool, Split


def cut_span(days: Span, pool: Pool, split: Split, organisation: Organisation) -> Iterator[Span]:
    """Spans on which the same exemptions hold, and the same part of a takeover.

    Where each day counts for itself, stages that multiply are the same on all days
    of a span, too; otherwise they count on average.
    """
    cuts = {cut for one in pool.exempt for cut in one.valid.cuts}
    if split.takeover:
        cuts |= split.takeover.cuts(days)
    if split.by_day and split.counting and split.counting.stages:
        cuts |= _stage_cuts(organisation)
    edges = [days.start, *sorted(cut for cut in cuts if days.start < cut < days.until), days.until]
    return (Span(start, until) for start, until in pairwise(edges))


def _stage_cuts(organisation: Organisation) -> set[date]:
    return {
        cut
        for unit in organisation.units.values()
        for dated in (*unit.parent, *unit.stage)
        for cut in dated.valid.cuts
    }
