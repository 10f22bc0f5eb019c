"""Bring one file in: read it, set aside what can't be read, and fold the rest by period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlglot import exp

from apportion.domain.charge import COSTS
from apportion.domain.cost_class import NATIVE_COLUMNS
from apportion.domain.finding import Finding, Level
from apportion.domain.period import Period
from apportion.domain.snapshot import LakeFile, Unit
from apportion.errors import Place, SourceError
from apportion.load.classify_keys import ClassBook
from apportion.load.content import changed, stamp
from apportion.load.fold import CHARGES, KEYS, MONTHLY, fold
from apportion.load.identity import config_digest, unit_id
from apportion.load.key_shape import TAGS, KeyShape
from apportion.load.quarantine import SetAside, set_aside
from apportion.load.remarks import quantities_unreadable, remarks
from apportion.load.stage import STAGED, Staged, Tick, stage
from apportion.load.survey import Survey, survey
from apportion.load.tag_map import map_tags, with_canonical_tags
from apportion.load.totals import currency_at_home, draw_totals, loaded, of_period
from apportion.load.unrecognised import unrecognised
from apportion.load.workbench import Workbench
from apportion.model.project import SourceSpec
from apportion.sources.amount import unreadable
from apportion.sources.excel import Sheet
from apportion.sources.expression import expression
from apportion.sources.files import InputFile
from apportion.sources.formats import FORMATS, FormatReader
from apportion.sources.head import Head
from apportion.sources.reading import Reading
from apportion.sources.unwrap import Plain, unwrap
from apportion.store.lake import Lake
from apportion.store.relation import column, sql, table
from apportion.store.relation import text as literal

WRITTEN = "charges as written"


@dataclass(frozen=True)
class Taken:
    """What a file brought: a unit for each period, and what concerns no unit."""

    units: tuple[Unit, ...]
    rows: int
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Intake:
    """What is common to all files of a source while they are brought in."""

    bench: Workbench
    lake: Lake
    folder: Path
    spec: SourceSpec
    extra: tuple[str, ...]
    config: str
    currency: str
    classes: ClassBook = field(default_factory=ClassBook)
    reader: FormatReader | None = None
    """Reads files in another way than the source's format does."""

    def of(self, file: InputFile) -> Intake:
        """The intake of one file: of what is known of it beside its content."""
        if file.cost == self.spec.cost:
            return self
        spec = replace(self.spec, cost=file.cost)
        config = config_digest(spec, self.extra, self.currency, self.classes.digest)
        return replace(self, spec=spec, config=config)

    def take(self, file: InputFile, content: str, tick: Tick) -> Taken:
        """Read and fold a file; its units are in the lake then, and not yet in the books.

        Raises SourceError for a file that is no bill of the source's format, is
        cut short, or is written meanwhile.
        """
        before = stamp(file.path)
        folder = self.folder / f"{content[:16]}-{self.config[:16]}"
        folder.mkdir()
        plain = self._plain(file, folder)
        staged = stage(self.bench, plain, file.name, folder, self._read, tick)
        if stamp(file.path) != before:
            raise changed(file.name)
        _refuse_other_count(file, staged)
        if staged is None or (staged.rows == 0 and not (staged.sifted and staged.sifted.misfits)):
            return Taken((), 0, (_empty(file.name),))
        units = _FileFold(self, staged, survey(self.bench, staged), content, folder).units()
        return Taken(units, staged.rows)

    def _plain(self, file: InputFile, folder: Path) -> Plain:
        if lay_out := FORMATS[self.spec.format].lay_out:
            return lay_out(file, folder)
        return unwrap(file.path, file.name, folder, Sheet(self.spec.sheet, self.spec.header))

    def _read(self, head: Head) -> Reading:
        read = self.reader or FORMATS[self.spec.format].read
        return read(head, self.spec, self.currency)


def _refuse_other_count(file: InputFile, staged: Staged | None) -> None:
    """A manifest's count of rows must be that of the file: it says what was sent."""
    rows = 0
    if staged is not None:
        rows = staged.rows + (staged.sifted.misfits if staged.sifted else 0)
    if file.rows is not None and file.rows != rows:
        raise SourceError(
            f"the file has {rows:,} rows where its manifest says {file.rows:,}",
            place=Place(file.name),
            why="rows are missing, or the file isn't the one that the manifest is about",
            hint="copy it again, or run the export again; nothing of this source was loaded",
        )


def _empty(name: str) -> Finding:
    return Finding(
        "file-empty",
        Level.WARNING,
        "the file has no rows, so it brings nothing",
        Place(name),
        hint="remove it, or fetch it again if it should have rows",
    )


class _FileFold:
    """One staged file on its way into units."""

    def __init__(
        self, intake: Intake, staged: Staged, surveyed: Survey, content: str, folder: Path
    ) -> None:
        self.intake = intake
        self.staged = staged
        self.surveyed = surveyed
        self.content = content
        self.folder = folder
        self.home = _home(staged, surveyed)
        self.misfits = staged.sifted.misfits if staged.sifted else 0

    def units(self) -> tuple[Unit, ...]:
        """The file's units, one for each period, their files kept in the lake."""
        bench = self.intake.bench
        told = remarks(bench, self.staged, self.surveyed)
        aside: Mapping[Period, SetAside] = {}
        if self.surveyed.has_faults() or self.misfits:
            aside = set_aside(bench, self.staged, self.surveyed, self.home)
        as_it_is = (
            len(self.surveyed.periods) == 1
            and not aside
            and self.staged.sifted is None
            and not quantities_unreadable(told)
        )
        of_file = (*self.staged.reading.findings, *map_tags(bench, self.staged))
        periods = sorted({*self.surveyed.periods, self.home})
        return tuple(
            self._unit(
                period,
                self.staged.path if as_it_is else self._charges(period),
                aside.get(period, SetAside()),
                told.get(period, ()),
                of_file,
            )
            for period in periods
        )

    def _charges(self, period: Period) -> Path:
        """Write the rows of one period that are kept, in their order, without marks."""
        reading, path = self.staged.reading, self.folder / f"charges-{period}.parquet"
        values = [_clean(name, reading) for name in (c.name for c in reading.columns)]
        query = sql(
            """
            SELECT _values FROM _staged AS s
            WHERE _fault IS NULL AND strftime(BillingPeriodStart, '%Y-%m') = _month
            """,
            _values=values,
            _staged=table(STAGED),
            _fault=exp.paren(self.surveyed.judge.first_fault()),
            _month=literal(str(period)),
        )
        self.intake.bench.write(query, path)
        return path

    def _unit(
        self,
        period: Period,
        charges: Path,
        aside: SetAside,
        told: Sequence[Finding],
        of_file: Sequence[Finding],
    ) -> Unit:
        intake, reading = self.intake, self.staged.reading
        present = {c.name for c in reading.columns}
        shape = KeyShape.of({*intake.extra, *present.intersection(NATIVE_COLUMNS)}, present)
        self._register(charges)
        folds = fold(intake.bench, shape, self.folder, intake.classes.at(period))
        groups = of_period(self.surveyed.groups, period, self.home)
        totals = draw_totals(
            self.staged.file,
            groups,
            self.misfits if period == self.home else 0,
            loaded(intake.bench, KEYS, MONTHLY),
            reading.bases,
            currency_at_home(groups, currency_at_home(self.surveyed.groups, intake.currency)),
        )
        unknown = unrecognised(intake.bench, self.staged.file)
        kept_rows = sum(one.loaded_rows for one in totals)
        return Unit(
            id=unit_id(self.content, intake.config, period),
            input=self.staged.file,
            content=self.content,
            config=intake.config,
            version=reading.version,
            bases=reading.bases,
            columns=intake.extra,
            period=period,
            files=self._keep({"charges": (charges, kept_rows), **folds}),
            totals=totals,
            quarantined=aside.rows,
            findings=(*of_file, *self._dated(period, (*aside.findings, *told, *unknown))),
        )

    def _dated(self, period: Period, told: Sequence[Finding]) -> tuple[Finding, ...]:
        """What is told of a period, with its month where the file holds several."""
        if len({*self.surveyed.periods, self.home}) == 1:
            return tuple(told)
        return tuple(replace(one, message=f"{period}: {one.message}") for one in told)

    def _register(self, charges: Path) -> None:
        bench = self.intake.bench
        if self.staged.reading.has(TAGS):
            bench.parquet(WRITTEN, [charges])
            bench.view(CHARGES, with_canonical_tags(WRITTEN))
        else:
            bench.parquet(CHARGES, [charges])

    def _keep(self, files: Mapping[str, tuple[Path, int]]) -> tuple[LakeFile, ...]:
        lake = self.intake.lake
        return tuple(lake.keep(role, path, rows) for role, (path, rows) in files.items())


def _home(staged: Staged, surveyed: Survey) -> Period:
    home = surveyed.home()
    if home is None:
        raise SourceError(
            "no row says which billing period it belongs to",
            place=Place(staged.file),
            why="in no row BillingPeriodStart can be read",
            hint="write it as 2026-10-01T00:00:00Z",
        )
    return home


def _clean(name: str, reading: Reading) -> exp.Expr:
    """A column of the charges, NULL in the place of the mark of what can't be read."""
    if name not in {*reading.quantities, *COSTS}:
        return column(name)
    value = expression(
        "SELECT CASE WHEN _held < _mark THEN _held END", _held=column(name), _mark=unreadable()
    )
    return exp.alias_(value, name, quoted=True)
