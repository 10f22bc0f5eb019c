"""Load usage: from files to the current snapshots of each source and month.

As with bills, a source is loaded as a whole or not at all: one transaction of the books
makes it current. A file that was read before isn't read again.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from apportion.domain.finding import Finding
from apportion.domain.period import Period
from apportion.domain.snapshot import Snapshot, SnapshotKind, Unit
from apportion.errors import UsageError
from apportion.load.content import digest
from apportion.load.identity import snapshot_id, unit_id
from apportion.load.mend import damages
from apportion.load.report import Progress
from apportion.load.snapshots import is_same, left_behind
from apportion.load.twice import duplicate
from apportion.load.usage.count_usage import count_usage
from apportion.load.usage.fold_usage import fold_usage
from apportion.load.usage.take_usage import UsageIntake
from apportion.load.usage.usage_load import UsageLoad, usage_period
from apportion.load.workbench import Workbench
from apportion.model.faults import did_you_mean
from apportion.model.project import Project
from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage.formats import usage_format
from apportion.sources.usage.usage_files import bring_usage
from apportion.store.books import Books
from apportion.store.lake import Lake

FOLD_VERSION = 2
"""Raised when reading or folding gives other files for the same input."""

Tell = Callable[[Progress], None]


def load_usage(  # noqa: PLR0913 -- three places and five wishes, all but the places by name
    project: Project,
    books: Books,
    lake: Lake,
    *,
    attributes: frozenset[str] = frozenset(),
    sources: Sequence[str] | None = None,
    actor: str = "",
    progress: Tell | None = None,
    done: Callable[[UsageLoad], None] | None = None,
) -> tuple[UsageLoad, ...]:
    """Load the usage of all sources, or of those named, and say what that brought.

    `attributes` are those of records that the model maps identities by; they become part
    of the usage keys. Loading the same again changes nothing. Where one source fails, those
    before it stay loaded, and `done` has been told of each. Raises SourceError for a
    file that can't be read as a whole, LoadConflict where another load of the same month
    was first, UsageError for a source that the project doesn't have.
    """
    wanted = list(project.usage) if sources is None else list(dict.fromkeys(sources))
    for name in wanted:
        if name not in project.usage:
            raise UsageError(
                f"no usage is called {name!r}",
                hint=did_you_mean(name, project.usage, "see `usage` of the project"),
            )
    loaded = []
    for name in wanted:
        one = _UsageInLoad(project, books, lake, project.usage[name], attributes, progress)
        loaded.append(one.load(actor))
        if done:
            done(loaded[-1])
    return tuple(loaded)


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=True).encode()).hexdigest()


@dataclass
class _UsageInLoad:
    """One source of usage while it is loaded."""

    project: Project
    books: Books
    lake: Lake
    spec: UsageSpec
    attributes: frozenset[str]
    tell: Tell | None
    read: int = 0
    known: int = 0
    duplicate: int = 0
    rows: int = 0
    findings: list[Finding] = field(default_factory=list)
    began: float = field(default_factory=monotonic)

    def load(self, actor: str) -> UsageLoad:
        """Bring all files in, and flip the months that changed in one transaction."""
        name, books = self.spec.name, self.books
        seen = books.seen(name)
        former = {one.period: one for one in books.current(name, kind=SnapshotKind.USAGE)}
        with self.lake.staging() as folder, Workbench(folder) as bench:
            intake = self._intake(bench, folder)
            by_month: dict[Period, list[Unit]] = defaultdict(list)
            files = bring_usage(intake.format, self.spec, self.project.root, folder / "gathered")
            for unit in self._units(intake, files):
                by_month[unit.period].append(unit)
            snapshots = [self._snapshot(intake, units) for _, units in sorted(by_month.items())]
            changed = [new for new in snapshots if not is_same(new, former.get(new.period))]
            books.commit_load(name, changed, seen, actor)
        return UsageLoad(
            source=name,
            files_read=self.read,
            files_known=self.known,
            files_duplicate=self.duplicate,
            rows=self.rows,
            seconds=monotonic() - self.began,
            periods=tuple(usage_period(new, former.get(new.period)) for new in snapshots),
            remarks=(*self.findings, *left_behind(name, former, snapshots)),
        )

    def _intake(self, bench: Workbench, folder: Path) -> UsageIntake:
        spec, names = self.spec, tuple(sorted(self.attributes))
        config = _digest(
            "usage",
            FOLD_VERSION,
            spec.format,
            spec.timezone,
            sorted(spec.columns.items()),
            sorted(spec.options.items()),
            names,
        )
        format_ = usage_format(spec.format)
        return UsageIntake(bench, self.lake, folder, spec, format_, names, config)

    def _units(self, intake: UsageIntake, files: Sequence[InputFile]) -> Iterable[Unit]:
        """The units of all files in the order of their names, each content once."""
        first: dict[str, str] = {}
        for number, file in enumerate(files, start=1):
            content = digest(file.path, file.name)
            if content in first:
                self.duplicate += 1
                self.findings.append(duplicate(file.name, first[content]))
                continue
            first[content] = file.name
            self._note(file.name, number, len(files))
            known = self._in_books(content, intake.config)
            if known:
                self.known += 1
                yield from known
                continue
            taken = intake.take(file, content)
            self.read += 1
            self.rows += sum(one.read_rows for unit in taken.units for one in unit.totals)
            self.findings += taken.remarks
            yield from taken.units

    def _in_books(self, content: str, config: str) -> tuple[Unit, ...]:
        """The units in the books of a content, unless the lake has lost or damaged some of it."""
        units = self.books.units(self.spec.name, content, config)
        damaged = damages(self.lake, units)
        self.findings += damaged
        return () if damaged else units

    def _snapshot(self, intake: UsageIntake, units: Sequence[Unit]) -> Snapshot:
        """A month: its files' units, and the unit in which each record counts once."""
        name, month = self.spec.name, units[0].period
        whole = (*units, self._counted(intake, units))
        names = [unit.id for unit in whole]
        at = datetime.now(UTC)
        return Snapshot(
            snapshot_id(name, month, names), name, month, whole, at, kind=SnapshotKind.USAGE
        )

    def _counted(self, intake: UsageIntake, units: Sequence[Unit]) -> Unit:
        """The unit that counts a month; it is named by the units that it is made of, in order."""
        month = units[0].period
        content = _digest("counted", [unit.id for unit in units])
        if there := self._in_books(content, intake.config):
            return there[0]
        folder = intake.folder / f"counted-{content[:24]}"
        folder.mkdir()
        counted = count_usage(
            intake.bench, self.lake, units, folder, restates=intake.format.restates
        )
        files: Mapping[str, tuple[Path, int]] = fold_usage(
            intake.bench, intake.attributes, month, folder
        )
        if counted.file is not None:
            files = {"usage": (counted.file, counted.rows), **files}
        return Unit(
            id=unit_id(content, intake.config, month),
            input=f"{self.spec.name} of {month}, counted",
            content=content,
            config=intake.config,
            version=intake.format.name,
            bases=(),
            columns=intake.attributes,
            period=month,
            files=tuple(self.lake.keep(role, *made) for role, made in files.items()),
            totals=(),
            quarantined=counted.conflicts,
            findings=counted.findings,
        )

    def _note(self, file: str, number: int, files: int) -> None:
        if self.tell:
            seconds = monotonic() - self.began
            self.tell(
                Progress(self.spec.name, file, "reading", number, files, 0.0, self.rows, seconds)
            )
