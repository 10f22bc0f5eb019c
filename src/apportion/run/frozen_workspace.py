"""A workspace that evaluates given snapshots, whatever has been loaded since."""

from __future__ import annotations

from collections.abc import Iterable

from apportion.domain.period import Period
from apportion.domain.snapshot import Snapshot, SnapshotKind
from apportion.model.project import Project
from apportion.run.workspace import Workspace


class FrozenWorkspace(Workspace):
    """The snapshots that a run was made of, in the place of those that are current now."""

    def __init__(self, beside: Workspace, project: Project, snapshots: Iterable[str]) -> None:
        super().__init__(project, beside.books, beside.lake, beside.engine)
        self._frozen = tuple(beside.books.snapshot(one, quarantined=False) for one in snapshots)

    def current(self, period: Period, kind: SnapshotKind) -> tuple[Snapshot, ...]:
        """Those among the frozen ones that are of a month and a kind, by source."""
        return tuple(one for one in self._frozen if one.period == period and one.kind is kind)
