"""Set rows aside that can't be read, with the place, the reason and the remedy of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from apportion.domain.finding import Finding, Level
from apportion.domain.period import Period
from apportion.domain.snapshot import Quarantined
from apportion.errors import Place
from apportion.load.blame import Blame, blame
from apportion.load.faults import BROKEN_LINE, MALFORMED, Fault
from apportion.load.original import Original, originals
from apportion.load.sift import Misfit
from apportion.load.stage import MOST_QUARANTINED, STAGED, Staged
from apportion.load.survey import Group, Survey
from apportion.load.workbench import Workbench
from apportion.sources.container import Container
from apportion.store.relation import number, sql, table
from apportion.store.relation import text as literal


@dataclass(frozen=True)
class SetAside:
    """The rows of one period that were set aside: the first of them in full, and what they mean."""

    rows: tuple[Quarantined, ...] = ()
    findings: tuple[Finding, ...] = ()


def set_aside(
    bench: Workbench, staged: Staged, surveyed: Survey, home: Period
) -> Mapping[Period, SetAside]:
    """What is set aside of a file, by period; rows that name no period are `home`'s.

    Of a period's rows the first thousand are kept with their text. The findings
    count all of them: one for each kind of fault and column.
    """
    groups = _by_period(surveyed.groups, home)
    labels = {
        period: _labels(bench, surveyed, period, with_unnamed=period == home) for period in groups
    }
    wanted = {row for found in labels.values() for row in found}
    wanted |= {group.first_row for found in groups.values() for group in found}
    texts = originals(bench, staged, wanted)
    found: dict[Period, SetAside] = {}
    for period, members in groups.items():
        rows = tuple(
            _quarantined(staged, surveyed.judge.faults[label], texts[row])
            for row, label in labels[period].items()
        )
        findings = tuple(_findings(staged, surveyed, members, texts, home))
        found[period] = SetAside(rows, findings)
    if staged.sifted and staged.sifted.misfits:
        found[home] = _with_misfits(staged, found.get(home, SetAside()), home)
    return found


def _by_period(groups: Iterable[Group], home: Period) -> dict[Period, list[Group]]:
    found: dict[Period, list[Group]] = defaultdict(list)
    for group in groups:
        if group.fault:
            found[group.month or home].append(group)
    return dict(found)


def _labels(
    bench: Workbench, surveyed: Survey, period: Period, *, with_unnamed: bool
) -> dict[int, str]:
    """The numbers of a period's first faulty rows, with the label of the fault of each."""
    query = sql(
        """
        SELECT r.Row, r.Fault
        FROM (
            SELECT file_row_number AS Row, _fault AS Fault,
                   coalesce(strftime(BillingPeriodStart, '%Y-%m'), _unnamed) AS Month
            FROM _staged AS s
        ) AS r
        WHERE r.Fault IS NOT NULL AND r.Month = _month
        ORDER BY r.Row
        LIMIT _most
        """,
        _fault=surveyed.judge.first_fault(),
        _unnamed=literal(str(period) if with_unnamed else ""),
        _month=literal(str(period)),
        _staged=table(STAGED),
        _most=number(MOST_QUARANTINED),
    )
    return {row["Row"]: row["Fault"] for row in bench.rows(query)}


def _quarantined(staged: Staged, fault: Fault, original: Original) -> Quarantined:
    told = blame(staged.reading, fault, original.texts)
    return Quarantined(
        file=staged.file,
        line=original.line,
        column=told.column,
        reason=told.reason,
        hint=told.hint,
        row=original.texts,
    )


def _findings(
    staged: Staged,
    surveyed: Survey,
    groups: Iterable[Group],
    texts: Mapping[int, Original],
    home: Period,
) -> Iterable[Finding]:
    by_fault: dict[str, list[Group]] = defaultdict(list)
    for group in groups:
        by_fault[group.fault or ""].append(group)
    for label, members in sorted(by_fault.items()):
        fault = surveyed.judge.faults[label]
        first = texts[min(group.first_row for group in members)]
        told = blame(staged.reading, fault, first.texts)
        names = staged.reading.names
        position = names.index(told.column) + 1 if told.column in names else None
        place = Place(staged.file, first.line, position)
        homeless = sum(group.rows for group in members if group.month is None)
        rows = sum(group.rows for group in members)
        yield _finding(fault.code, told, place, rows, _taken_in(homeless, home))


def _taken_in(rows: int, home: Period) -> str:
    """Where rows count that name no month: their money must be missing somewhere."""
    if not rows:
        return ""
    counts = (
        "1 row names no month and counts"
        if rows == 1
        else (f"{rows:,} rows name no month and count")
    )
    return f"; {counts} to {home}, the month of most rows of the file"


def _finding(code: str, told: Blame, place: Place, rows: int, more: str = "") -> Finding:
    others = f" (and {rows - 1:,} more rows)" if rows > 1 else ""
    message = f"set aside: {told.reason}{others}{more}"
    return Finding(code, Level.ERROR, message, place, told.hint, rows)


def _with_misfits(staged: Staged, others: SetAside, home: Period) -> SetAside:
    if staged.sifted is None:
        return others
    first = staged.sifted.first
    rows = sorted([*others.rows, *(_misfit(staged, one) for one in first)], key=_line)
    fault = _fault_of_misfits(staged)
    place = Place(staged.file, first[0].line)
    told = Blame("", f"{fault.what}: {first[0].reason}", fault.hint)
    misfits = staged.sifted.misfits
    finding = _finding(fault.code, told, place, misfits, _taken_in(misfits, home))
    return SetAside(tuple(rows[:MOST_QUARANTINED]), (*others.findings, finding))


def _line(row: Quarantined) -> int:
    return row.line or 0


def _fault_of_misfits(staged: Staged) -> Fault:
    return BROKEN_LINE if staged.container is Container.JSON_LINES else MALFORMED


def _misfit(staged: Staged, misfit: Misfit) -> Quarantined:
    fault = _fault_of_misfits(staged)
    return Quarantined(
        file=staged.file,
        line=misfit.line,
        column=fault.column,
        reason=f"{fault.what}: {misfit.reason}",
        hint=fault.hint,
        row={"": misfit.text},
    )
