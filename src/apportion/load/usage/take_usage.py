"""Bring one file of usage in: a unit for each month that its records touch."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlglot import exp

from apportion.domain.finding import Finding, Level
from apportion.domain.period import Period
from apportion.domain.snapshot import Quarantined, Totals, Unit
from apportion.domain.usage import COUNTS, DESCRIPTIONS, IDENTITIES, LEVELS, LOST
from apportion.errors import Place, SourceError
from apportion.load.content import changed, stamp
from apportion.load.identity import unit_id
from apportion.load.usage.file_remarks import empty, is_blank, skipped
from apportion.load.usage.judge_usage import FAULTS, first_fault
from apportion.load.usage.stage_usage import MOST_QUARANTINED, StagedUsage, stage_usage
from apportion.load.workbench import Workbench
from apportion.model.usage_spec import UsageSpec
from apportion.sources.expression import expression
from apportion.sources.files import InputFile
from apportion.sources.usage.usage_format import UsageFormat
from apportion.sources.usage.usage_rows import SCHEMA
from apportion.store.lake import Lake
from apportion.store.relation import column, columns, day, number, sql, table, text

STAGED = "usage staged"
JUDGED = "usage judged"

KEY_COLUMNS = (*IDENTITIES, *DESCRIPTIONS)
"""What tells one usage key from another, besides the attributes that the model names."""


@dataclass(frozen=True)
class TakenUsage:
    """What a file brings: its units, or where it has none, what is to be said of that."""

    units: tuple[Unit, ...] = ()
    remarks: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class UsageIntake:
    """What is common to all files of a source of usage while they are brought in."""

    bench: Workbench
    lake: Lake
    folder: Path
    spec: UsageSpec
    format: UsageFormat
    attributes: tuple[str, ...]
    config: str

    def take(self, file: InputFile, content: str) -> TakenUsage:
        """Read a file; its units are in the lake then, and not yet in the books.

        Raises SourceError for a file that is none of its format, or of which nothing
        can be read, and for one that is written meanwhile.
        """
        if is_blank(file):
            return TakenUsage(remarks=(empty(file.name),))
        before = stamp(file.path)
        folder = self.folder / f"{content[:16]}-{self.config[:16]}"
        folder.mkdir()
        staged = stage_usage(self.format, file, self.spec, folder)
        if stamp(file.path) != before:
            raise changed(file.name)
        return _UsageFile(self, staged, content, folder).taken()


class _UsageFile:
    """One staged file on its way into units."""

    def __init__(
        self, intake: UsageIntake, staged: StagedUsage, content: str, folder: Path
    ) -> None:
        self.intake = intake
        self.bench = intake.bench
        self.staged = staged
        self.name = staged.file.name
        self.content = content
        self.folder = folder

    def taken(self) -> TakenUsage:
        staged = self.staged
        if not staged.rows and not staged.rejected_rows:
            told = skipped(self.name, staged.skipped) if staged.skipped else empty(self.name)
            return TakenUsage(remarks=(told,))
        return TakenUsage(self._units())

    def _units(self) -> tuple[Unit, ...]:
        staged = self.staged
        self.bench.parquet(STAGED, [staged.path], row_number=True)
        self._judge()
        rows = self._months()
        home = max(rows, key=lambda month: (rows[month], month), default=None)
        aside = self._set_aside()
        if home is None:
            home = self._month_of_faulty(aside)
            rows = {home: 0}
        return tuple(
            self._unit(month, count, aside if month == home else [], month == home)
            for month, count in sorted(rows.items())
        )

    def _judge(self) -> None:
        """Name what is wrong with each record, and end what is still running at its last sign."""
        levels = [
            exp.Not(this=exp.Is(this=column(one.name), expression=exp.null()))
            for one in LEVELS
            if one.name in self.staged.columns
        ]
        open_ = expression(
            "SELECT s.UsageEnd IS NULL AND (s.Status = 'running' OR _levels)",
            _levels=exp.or_(*levels) if levels else exp.false(),
        )
        last = expression("SELECT greatest(max(UsageStart) OVER (), max(UsageEnd) OVER ())")
        query = sql(
            """
            SELECT s.* EXCLUDE (UsageEnd, gpus_max),
                   coalesce(s.gpus_max, greatest(coalesce(s.gpus_requested, s.gpus), s.gpus_used))
                       AS gpus_max,
                   coalesce(s.UsageEnd,
                       CASE WHEN _open THEN _last ELSE s.UsageStart END) AS UsageEnd,
                   _open AS IsOpen, _fault AS Fault
            FROM _staged AS s
            """,
            _open=open_,
            _last=last,
            _fault=first_fault(self.staged.columns),
            _staged=table(STAGED),
        )
        self.bench.create(JUDGED, query)

    def _months(self) -> dict[Period, int]:
        """The months that sound records touch, and how many begin in each."""
        query = sql(
            """
            SELECT strftime(m.Month, '%Y-%m') AS Month,
                   count(*) FILTER (WHERE m.Month = date_trunc('month', m.UsageStart)) AS Records
            FROM (
                SELECT UsageStart, CAST(unnest(generate_series(
                    date_trunc('month', UsageStart),
                    greatest(UsageEnd - INTERVAL 1 MICROSECOND, UsageStart),
                    INTERVAL 1 MONTH)) AS DATE) AS Month
                FROM _judged AS j WHERE Fault IS NULL
            ) AS m GROUP BY ALL
            """,
            _judged=table(JUDGED),
        )
        return {Period.parse(row["Month"]): row["Records"] for row in self.bench.rows(query)}

    def _month_of_faulty(self, aside: Sequence[Quarantined]) -> Period:
        """The month of a file without one sound record: that in which most of them begin.

        Raises SourceError where none tells a time: nothing of the file can be read.
        """
        query = sql(
            """
            SELECT strftime(UsageStart, '%Y-%m') AS Month FROM _judged AS j
            WHERE UsageStart IS NOT NULL
            GROUP BY ALL ORDER BY count(*) DESC, Month DESC LIMIT 1
            """,
            _judged=table(JUDGED),
        )
        if months := self.bench.rows(query):
            return Period.parse(months[0]["Month"])
        first = aside[0]
        raise SourceError(
            "not one record of the file can be read",
            place=Place(self.name, first.line),
            why=first.reason,
            hint=first.hint,
        )

    def _set_aside(self) -> list[Quarantined]:
        """Those that the format couldn't read, and those with a fault, as far as they are kept."""
        known = [name for name in SCHEMA if name != "SourceLine"]
        query = sql(
            "SELECT * FROM _j AS j WHERE Fault IS NOT NULL ORDER BY file_row_number LIMIT _most",
            _j=table(JUDGED),
            _most=number(MOST_QUARANTINED),
        )
        found = list(self.staged.quarantined)
        for row in self.bench.rows(query):
            fault = FAULTS[row["Fault"]]
            shown = {name: str(row[name]) for name in known if row.get(name) is not None}
            found.append(
                Quarantined(
                    self.name, row["SourceLine"], fault.column, fault.reason, fault.hint, shown
                )
            )
        return found[:MOST_QUARANTINED]

    def _unit(self, month: Period, records: int, aside: Sequence[Quarantined], home: bool) -> Unit:
        path = self.folder / f"usage-{month}.parquet"
        kept = self.bench.write(self._records(month), path)
        findings: list[Finding] = [*self._remarks(month)]
        away = 0
        if home:
            findings += self._faults()
            if self.staged.skipped:
                findings.append(skipped(self.name, self.staged.skipped))
            away = self.staged.rejected_rows + self._faulty()
        intake = self.intake
        return Unit(
            id=unit_id(self.content, intake.config, month),
            input=self.name,
            content=self.content,
            config=intake.config,
            version=intake.format.name,
            bases=(),
            columns=intake.attributes,
            period=month,
            files=(intake.lake.keep("usage", path, kept),),
            totals=(Totals("", records + away, records, away),),
            quarantined=tuple(aside),
            findings=tuple(findings),
        )

    def _records(self, month: Period) -> exp.Query:
        """The sound records that touch a month, each with its key's digest."""
        attributes = [
            exp.alias_(
                expression("SELECT element_at(j.Attributes, _name)[1]", _name=text(name)),
                f"attribute.{name}",
                quoted=True,
            )
            for name in self.intake.attributes
        ]
        key = columns([*KEY_COLUMNS, *(f"attribute.{name}" for name in self.intake.attributes)])
        span = month.span
        return sql(
            """
            SELECT sha256(CAST(to_json([_key]) AS VARCHAR)) AS KeyId, w.*
            FROM (
                SELECT j.* EXCLUDE (Fault, file_row_number), _attributes
                FROM _judged AS j
                WHERE Fault IS NULL AND UsageStart < _until
                  AND (UsageEnd > _start OR UsageStart >= _start)
            ) AS w
            """,
            _key=key,
            _attributes=attributes or [exp.alias_(exp.true(), "Sound")],
            _judged=table(JUDGED),
            _start=day(span.start),
            _until=day(span.until),
        )

    def _faulty(self) -> int:
        query = sql("SELECT count(*) AS n FROM _j AS j WHERE Fault IS NOT NULL", _j=table(JUDGED))
        rows: int = self.bench.rows(query)[0]["n"]
        return rows

    def _faults(self) -> Iterator[Finding]:
        staged = self.staged
        for kind, rows in sorted(staged.rejected.items()):
            column_, reason, hint = kind
            place = staged.place(column_, staged.first_lines[kind])
            yield _aside(column_, reason, hint, place, rows, code="usage-unreadable")
        query = sql(
            """
            SELECT Fault, count(*) AS Records, min(SourceLine) AS Line
            FROM _j AS j WHERE Fault IS NOT NULL GROUP BY Fault ORDER BY Fault
            """,
            _j=table(JUDGED),
        )
        for row in self.bench.rows(query):
            fault = FAULTS[row["Fault"]]
            place = staged.place(fault.column, row["Line"])
            yield _aside(
                fault.column, fault.reason, fault.hint, place, row["Records"], code="usage-faulty"
            )

    def _remarks(self, month: Period) -> Iterator[Finding]:
        soon = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=1)
        query = sql(
            """
            SELECT count(*) FILTER (WHERE IsOpen) AS Running,
                   count(*) FILTER (WHERE UsageStart > _soon) AS Ahead,
                   min(SourceLine) FILTER (WHERE UsageStart > _soon) AS AheadLine,
                   count(*) FILTER (WHERE ReportedCost = 0 AND _tokens > 0) AS Free,
                   min(SourceLine) FILTER (WHERE ReportedCost = 0 AND _tokens > 0) AS FreeLine,
                   count(*) FILTER (WHERE _silent) AS Silent,
                   CAST(sum(requests) FILTER (WHERE _silent) AS BIGINT) AS SilentRequests,
                   min(SourceLine) FILTER (WHERE _silent) AS SilentLine
            FROM _j AS j
            WHERE Fault IS NULL AND strftime(UsageStart, '%Y-%m') = _month
            """,
            _j=table(JUDGED),
            _month=text(str(month)),
            _soon=exp.cast(text(soon.isoformat(sep=" ")), exp.DataType.Type.TIMESTAMP),
            _tokens=expression(
                "SELECT coalesce(uncached_input_tokens, 0) + coalesce(output_tokens, 0)"
            ),
            _silent=_tells_no_quantity(self.staged.columns),
        )
        row = self.bench.rows(query)[0]
        if row["Running"]:
            yield Finding(
                "usage-running",
                Level.NOTE,
                f"{month}: {row['Running']:,} records were still running: counted until the last "
                "time that the file names",
                Place(self.name),
                hint="load a later export: what has ended since then counts in their place",
                rows=row["Running"],
            )
        if row["Ahead"]:
            yield Finding(
                "usage-in-future",
                Level.WARNING,
                f"{month}: {row['Ahead']:,} records begin in the future",
                Place(self.name, row["AheadLine"]),
                hint="see the time zone of the export, and that it is the right file",
                rows=row["Ahead"],
            )
        if row["Free"]:
            yield Finding(
                "spend-zero",
                Level.WARNING,
                f"{month}: of {row['Free']:,} records with tokens the source says that they cost "
                "nothing",
                Place(self.name, row["FreeLine"]),
                hint="nothing to do for the charge: it is priced from tokens; the source's own "
                "spend can't be trusted",
                rows=row["Free"],
            )
        if row["Silent"]:
            yield Finding(
                "usage-without-tokens",
                Level.WARNING,
                f"{month}: {row['Silent']:,} records of {row['SilentRequests']:,} requests to a "
                "model tell no tokens: what they cost isn't known, and isn't zero",
                Place(self.name, row["SilentLine"]),
                hint="export tokens, too; at prices these requests weigh nothing, so that others "
                "carry their part: split by requests, if that is unfair",
                rows=row["Silent"],
            )


def _tells_no_quantity(there: Collection[str]) -> exp.Expr:
    """Whether a record counts requests to a model and nothing that they can be priced by.

    A source that has no tokens writes zeros as often as nothing. A request that failed has none.
    """
    if "requests" not in there:
        return exp.false()
    counted = [one.name for one in COUNTS if one.unit != "requests" and one.name in there]
    priced = [*counted, *(one for one in ("web_searches", "code_sessions") if one in there)]
    nothing = [
        exp.EQ(this=exp.func("coalesce", column(one), number(0)), expression=number(0))
        for one in priced
    ]
    return exp.and_(
        expression("SELECT ModelId IS NOT NULL AND requests > 0 AND Meter IS NULL"),
        exp.Not(
            this=exp.In(
                this=exp.func("coalesce", column("Status"), text("")),
                expressions=[text(one) for one in LOST],
            )
        ),
        *nothing,
    )


def _aside(column_: str, reason: str, hint: str, place: Place, rows: int, *, code: str) -> Finding:
    more = f" (and {rows - 1:,} more records)" if rows > 1 else ""
    named = f"{column_}: " if column_ else ""
    return Finding(code, Level.ERROR, f"set aside: {named}{reason}{more}", place, hint, rows)
