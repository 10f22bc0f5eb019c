"""What the files of a period say only together, and what leaves open whether they are the bill.

Such doubts belong to the snapshot: they stay, load after load, until the files
are others or somebody acknowledges them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from apportion.domain.period import Period
from apportion.domain.snapshot import Snapshot
from apportion.load.one_sided import find_one_sided
from apportion.load.overlap import find_overlaps
from apportion.load.snapshots import is_same
from apportion.load.workbench import Workbench
from apportion.model.project import SourceSpec
from apportion.store.lake import Lake


def with_doubts(
    bench: Workbench,
    lake: Lake,
    spec: SourceSpec,
    snapshots: Iterable[Snapshot],
    former: Mapping[Period, Snapshot],
) -> tuple[Snapshot, ...]:
    """The snapshots, each with its doubts; one that is as before keeps those of then."""
    found = []
    for new in snapshots:
        before = former.get(new.period)
        if before is not None and is_same(new, before):
            found.append(replace(new, findings=before.findings))
            continue
        doubts = [*find_overlaps(bench, lake, new.units)]
        if spec.amortized:
            doubts += find_one_sided(bench, lake, new.period, new.units)
        found.append(replace(new, findings=tuple(doubts)))
    return tuple(found)
