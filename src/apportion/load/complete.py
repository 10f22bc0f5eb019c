"""Complete a delivery: charges that only all files of a month show, as a file of their own.

They are made from the charges in the lake, written to a file, and brought in
like any other. Their content is named by the units that they were made from:
the same files make the same unit, which isn't made again.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import pyarrow.parquet as pq

from apportion.domain.finding import Finding, Level
from apportion.domain.period import Period
from apportion.domain.snapshot import Unit
from apportion.errors import Place
from apportion.load.intake import Intake
from apportion.sources.completion import DELIVERY, Completion
from apportion.sources.files import InputFile
from apportion.sources.focus import read_focus
from apportion.store.relation import sql, table
from apportion.store.relation import text as literal

Known = Callable[[str, str], tuple[Unit, ...]]
"""The units in the books of a content that was read with a config."""

_MADE = "completion"


def complete(
    intake: Intake, completion: Completion, units: Iterable[Unit], known: Known
) -> list[Unit]:
    """The further units of each period that `units` hold, made from their charges."""
    by_period: dict[Period, dict[str, Unit]] = defaultdict(dict)
    for unit in units:
        by_period[unit.period][unit.id] = unit
    made: list[Unit] = []
    for period, held in sorted(by_period.items()):
        made += _of_period(intake, completion, period, tuple(held.values()), known)
    return made


def _of_period(
    intake: Intake, completion: Completion, period: Period, units: Sequence[Unit], known: Known
) -> tuple[Unit, ...]:
    content = _content(completion, units)
    if there := known(content, intake.config):
        return there
    bench = intake.bench
    paths = [intake.lake.path(kept) for u in units for kept in u.files if kept.role == "charges"]
    if not any(completion.needed in pq.read_schema(path).names for path in paths):
        return ()
    bench.parquet(DELIVERY, paths)
    query = completion.charges(bench.columns(DELIVERY))
    name = f"{completion.name} of {period}"
    made = InputFile(name, intake.folder / f"{content[:16]}.parquet")
    if not bench.write(query, made.path):
        return ()
    bench.parquet(_MADE, [made.path])
    findings = _doubts(intake, completion, name)
    taken = replace(intake, reader=read_focus).take(made, content, lambda _: None)
    return _with(taken.units, findings)


def _content(completion: Completion, units: Iterable[Unit]) -> str:
    parts = [completion.name, *sorted(unit.id for unit in units)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _with(units: Sequence[Unit], findings: Sequence[Finding]) -> tuple[Unit, ...]:
    """The units, whose findings are those of the completion: what is made here is well-formed."""
    return tuple(replace(unit, findings=tuple(findings)) for unit in units)


def _doubts(intake: Intake, completion: Completion, name: str) -> tuple[Finding, ...]:
    query = sql(
        "SELECT count(*) AS n FROM _made AS m WHERE m.ChargeDescription = _doubt",
        _made=table(_MADE),
        _doubt=literal(completion.doubt),
    )
    rows = intake.bench.rows(query)[0]["n"]
    if not rows:
        return ()
    message = completion.message.format(rows=rows)
    place = Place(name)
    return (Finding(completion.code, Level.WARNING, message, place, completion.hint, rows),)
