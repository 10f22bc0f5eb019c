"""Count each record of a month once, though several files tell of it.

Records of one id are the same record. What is told again in the same words is a
*duplicate*. Where the words differ, a format that restates lets the later file count,
and so does a record that was still running before: the former is *superseded*. All else
is a *conflict*: the first counts, and the other is set aside to be looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlglot import exp

from apportion.domain.finding import Finding, Level
from apportion.domain.period import Period
from apportion.domain.snapshot import LakeFile, Quarantined, Unit
from apportion.errors import Place
from apportion.load.usage.stage_usage import MOST_QUARANTINED
from apportion.load.workbench import Workbench
from apportion.sources.usage.usage_rows import LINE, SCHEMA
from apportion.store.lake import Lake
from apportion.store.relation import column, columns, day, number, sql, table

READ = "usage of a month"
AGAIN = "usage told again"
TWICE = "usage told twice"
COUNTED = "usage counted"

_SAID = [name for name in SCHEMA if name != LINE]

DUPLICATE, SUPERSEDED, CONFLICT = "duplicate", "superseded", "conflict"


@dataclass(frozen=True)
class Counted:
    """What counts: the relation COUNTED holds it. `file` is written where some doesn't count."""

    findings: tuple[Finding, ...] = ()
    conflicts: tuple[Quarantined, ...] = ()
    file: Path | None = None
    rows: int = 0


def count_usage(
    bench: Workbench, lake: Lake, units: Sequence[Unit], folder: Path, *, restates: bool
) -> Counted:
    """Make the relation COUNTED of a month's units, which are in the order of their files.

    What is found is told of the records that begin in the month; one that runs on from
    the month before is told of there.
    """
    files = [(unit, file) for unit in units for file in unit.files if file.role == "usage"]
    _read_all(bench, lake, files)
    same = bench.rows(
        sql("SELECT count(*) - count(DISTINCT UsageId) AS n FROM _r AS r", _r=table(READ))
    )
    if not same[0]["n"]:
        bench.view(COUNTED, sql("SELECT * FROM _r AS r", _r=table(READ)))
        return Counted()
    bench.create(AGAIN, _told_again(units[0].period))
    bench.create(TWICE, _verdicts(restates=restates))
    path = folder / "counted.parquet"
    rows = bench.write(
        sql(
            """
            SELECT r.* FROM _r AS r
            WHERE NOT EXISTS (SELECT 1 FROM _t AS t
                              WHERE t.FileNumber = r.FileNumber AND t.FileRow = r.FileRow
                                AND t.Verdict <> 'counts')
            ORDER BY r.FileNumber, r.FileRow
            """,
            _r=table(READ),
            _t=table(TWICE),
        ),
        path,
    )
    bench.parquet(COUNTED, [path])
    names = [unit.input for unit, _ in files]
    return Counted(tuple(_findings(bench, names)), tuple(_conflicts(bench, names)), path, rows)


def _read_all(bench: Workbench, lake: Lake, files: Sequence[tuple[Unit, LakeFile]]) -> None:
    """All records of the month, each with the number of its file and its row there."""
    parts: list[exp.Query] = []
    for position, (_, file) in enumerate(files):
        name = f"{READ} {position}"
        bench.parquet(name, [lake.path(file)], row_number=True)
        parts.append(
            sql(
                """
                SELECT r.* EXCLUDE (file_row_number), _position AS FileNumber,
                       file_row_number AS FileRow
                FROM _r AS r
                """,
                _position=number(position),
                _r=table(name),
            )
        )
    whole = parts[0]
    for part in parts[1:]:
        whole = exp.union(whole, part, distinct=False)
    bench.view(READ, whole)


def _told_again(month: Period) -> exp.Query:
    """The records whose id comes more than once, each with a digest of what it says."""
    return sql(
        """
        SELECT r.FileNumber, r.FileRow, r.SourceLine, r.UsageId, r.IsOpen,
               r.UsageStart >= CAST(_start AS TIMESTAMP) AS BeginsHere,
               md5(CAST(to_json(_said) AS VARCHAR)) AS Content
        FROM _r AS r
        WHERE r.UsageId IN (SELECT s.UsageId FROM _r AS s GROUP BY s.UsageId HAVING count(*) > 1)
        """,
        _start=day(month.start),
        _said=exp.Anonymous(this="row", expressions=columns(_SAID, "r")),
        _r=table(READ),
    )


def _verdicts(*, restates: bool) -> exp.Query:
    """What becomes of each: the first in rank counts."""
    by_file = column("FileNumber", "a")
    later_first: exp.Expr = exp.Neg(this=by_file.copy())
    rank = (
        later_first
        if restates
        else exp.Case(ifs=[exp.If(this=column("IsOpen", "a"), true=later_first)], default=by_file)
    )
    return sql(
        """
        SELECT v.*,
               CASE WHEN v.Turn = 1 THEN 'counts'
                    WHEN v.Content = v.Winner THEN 'duplicate'
                    WHEN v.IsOpen OR (_restates AND v.FileNumber < v.WinnerFile) THEN 'superseded'
                    ELSE 'conflict' END AS Verdict
        FROM (
            SELECT u.*, row_number() OVER w AS Turn, first_value(u.Content) OVER w AS Winner,
                   first_value(u.FileNumber) OVER w AS WinnerFile
            FROM (SELECT a.*, _rank AS Rank FROM _again AS a) AS u
            WINDOW w AS (PARTITION BY u.UsageId ORDER BY u.IsOpen AND NOT _restates,
                         u.Rank, u.FileRow)
        ) AS v
        """,
        _rank=rank,
        _restates=exp.true() if restates else exp.false(),
        _again=table(AGAIN),
    )


def _told(verdict: str, records: int, place: Place) -> Finding:
    """What is said of the records that don't count."""
    said = f"{records:,} records"
    if verdict == DUPLICATE:
        return Finding(
            "usage-duplicate",
            Level.NOTE,
            f"{said} told before in the same words, and counted once",
            place,
            "nothing to do: files that overlap tell the same twice",
            records,
        )
    if verdict == SUPERSEDED:
        return Finding(
            "usage-superseded",
            Level.NOTE,
            f"{said} told anew by a later file, which counts in their place",
            place,
            "nothing to do: the source restates what was still open",
            records,
        )
    return Finding(
        "usage-conflict",
        Level.ERROR,
        f"{said} set aside: {_ANOTHER}",
        place,
        _WHICH,
        records,
    )


_ANOTHER = "another record with the same id says something else, and counts"
_WHICH = (
    "see which of the two is right, and remove the other; two sources with ids of their "
    "own are two entries of `usage`"
)


def _findings(bench: Workbench, names: Sequence[str]) -> Iterator[Finding]:
    query = sql(
        """
        SELECT Verdict, FileNumber, count(*) AS Records, min(SourceLine) AS Line
        FROM _t AS t WHERE Verdict <> 'counts' AND BeginsHere GROUP BY ALL ORDER BY ALL
        """,
        _t=table(TWICE),
    )
    for row in bench.rows(query):
        place = Place(names[row["FileNumber"]], row["Line"])
        yield _told(row["Verdict"], row["Records"], place)


def _conflicts(bench: Workbench, names: Sequence[str]) -> Iterator[Quarantined]:
    query = sql(
        """
        SELECT t.FileNumber, t.SourceLine, t.UsageId FROM _t AS t
        WHERE Verdict = 'conflict' AND BeginsHere
        ORDER BY t.FileNumber, t.FileRow LIMIT _most
        """,
        _t=table(TWICE),
        _most=number(MOST_QUARANTINED),
    )
    for row in bench.rows(query):
        yield Quarantined(
            names[row["FileNumber"]],
            row["SourceLine"],
            "UsageId",
            _ANOTHER,
            _WHICH,
            {"UsageId": row["UsageId"]},
        )
