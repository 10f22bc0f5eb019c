"""Which cost an export carries, told from its rows: they show it wherever it matters.

Only an actual export has commitments where they are bought, and what they cover
at zero; only an amortised one has what was left unused, and a cost on what was
covered. An export without commitments is the same in both, and carries both costs.
"""

from __future__ import annotations

import glob
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sqlglot import exp

from apportion.errors import Place, SourceError
from apportion.model.project import SourceSpec
from apportion.sources.azure.columns import match_azure
from apportion.sources.azure.costs import ACTUAL, AMORTIZED
from apportion.sources.azure.read import read_azure
from apportion.sources.azure.texts import Texts
from apportion.sources.container import Container
from apportion.sources.excel import Sheet
from apportion.sources.expression import expression
from apportion.sources.files import InputFile
from apportion.sources.head import Head, csv_head
from apportion.sources.unwrap import Plain, unwrap
from apportion.store.relation import sql, table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_FILE = "export"


@dataclass(frozen=True)
class Shown:
    """What a file's rows show: the cost it carries (empty where they show none), and its months."""

    file: InputFile
    cost: str
    periods: frozenset[str]


def settle_cost(files: Sequence[InputFile], spec: SourceSpec) -> tuple[InputFile, ...]:
    """The files, each with the cost that it carries: as its manifest says, else as declared,
    else as the rows of its month show.

    Raises SourceError where rows show another cost than is declared, or files
    of the source carry different ones.
    """
    shown = [
        Shown(file, file.cost, frozenset()) if file.cost else _look(file, spec) for file in files
    ]
    for one in shown:
        if spec.cost and one.cost not in {"", spec.cost}:
            raise _contradicts(one, spec)
    if not spec.cost:
        _refuse_both(shown, spec)
    return tuple(replace(one.file, cost=spec.cost or _of_months(one, shown)) for one in shown)


def _of_months(one: Shown, shown: Iterable[Shown]) -> str:
    """What the other parts of a file's months show holds for a part that shows nothing."""
    alike = (other.cost for other in shown if other.cost and other.periods & one.periods)
    return one.cost or next(alike, "")


def _refuse_both(shown: Iterable[Shown], spec: SourceSpec) -> None:
    first: dict[str, str] = {}
    for one in shown:
        if one.cost:
            first.setdefault(one.cost, one.file.name)
    if len(first) > 1:
        raise SourceError(
            f"actual and amortised exports in one source: {first[ACTUAL]} carries actual cost, "
            f"{first[AMORTIZED]} amortised cost",
            place=spec.place,
            why="each tells the whole bill in its own way; together they would double it",
            hint="keep them in two folders, and declare "
            "`path: FOLDER-OF-ACTUAL` and `amortized: FOLDER-OF-AMORTIZED`",
        )


def _contradicts(one: Shown, spec: SourceSpec) -> SourceError:
    return SourceError(
        f"an export of {one.cost} cost, where one of {spec.cost} cost is declared",
        place=Place(one.file.name),
        why="only an amortised export has unused commitments, and cost on what they cover; "
        "only an actual one has their purchase, and covers at zero",
        hint="let `path` name the actual export, and `amortized` the amortised one",
    )


def _look(file: InputFile, spec: SourceSpec) -> Shown:
    """Look through the rows of one file; broken ones, which loading sets aside, show nothing."""
    import duckdb

    with (
        TemporaryDirectory() as folder,
        duckdb.connect(config={"python_enable_replacements": False}) as engine,
    ):
        plain = unwrap(file.path, file.name, Path(folder), Sheet(spec.sheet, spec.header))
        if plain.container is Container.EMPTY:
            return Shown(file, "", frozenset())
        head = _laid_out(engine, plain, file)
        found = engine.sql(_question(head, spec).sql("duckdb")).fetchall()
    return _told(file, spec.cost, found)


def _laid_out(engine: DuckDBPyConnection, plain: Plain, file: InputFile) -> Head:
    """Make a file's rows a view of the engine."""
    path = glob.escape(str(plain.path))
    if plain.container is Container.PARQUET:
        rows = engine.read_parquet(path, binary_as_string=True)
        head = Head(file.name, tuple(rows.columns), tuple(str(kind) for kind in rows.types))
    elif plain.container is Container.CSV:
        head = csv_head(plain.path, file.name)
        rows = engine.read_csv(
            path,
            header=True,
            columns=dict.fromkeys(head.names, "VARCHAR"),
            auto_detect=False,
            delimiter=head.separator,
            ignore_errors=True,
        )
    else:
        raise SourceError(
            "Azure exports no JSON lines",
            place=Place(file.name),
            hint="export CSV or Parquet, or correct `format`",
        )
    rows.create_view(_FILE)
    return head


def _question(head: Head, spec: SourceSpec) -> exp.Query:
    """By month: is there something that only an amortised export has, or only an actual one?"""
    texts = Texts(head, match_azure(head), decimal=spec.decimal, dates=spec.dates)
    charges = {one.name: one.value for one in read_azure(head, spec, "").columns}
    kind = expression("SELECT lower(_type)", _type=texts["ChargeType"])
    return sql(
        """
        SELECT r.Month, bool_or(r.Kind IN ('unusedreservation', 'unusedsavingsplan')) AS Unused,
               bool_or(r.Kind = 'purchase' AND r.Bound) AS Bought,
               bool_or(r.Kind IN ('usage', 'refund') AND r.Bound) AS Touched,
               bool_or(r.Kind = 'usage' AND r.Bound AND r.Costs) AS Spread
        FROM (
            SELECT strftime(_start, '%Y-%m') AS Month, _kind AS Kind,
                   _commitment IS NOT NULL AS Bound,
                   regexp_matches(regexp_replace(_cost, '[eE].*', ''), '[1-9]') AS Costs
            FROM _rows AS e
        ) AS r
        GROUP BY r.Month
        """,
        _start=charges["BillingPeriodStart"],
        _kind=kind,
        _commitment=charges["CommitmentDiscountType"],
        _cost=texts["Cost"],
        _rows=table(_FILE),
    )


def _told(
    file: InputFile, declared: str, found: Sequence[tuple[str | None, bool, bool, bool, bool]]
) -> Shown:
    if not found:
        return Shown(file, "", frozenset())
    _, unused, bought, touched, spread = (any(column) for column in zip(*found, strict=True))
    amortized = unused or spread
    if bought and amortized and not declared:
        raise SourceError(
            "actual and amortised rows in one file",
            place=Place(file.name),
            why="commitments are bought in it, and what they cover has a cost as well",
            hint="export actual and amortised cost into two files, or declare "
            "`cost: actual` or `cost: amortized` if it is what it should be",
        )
    cost = ACTUAL if bought or touched else ""
    if amortized:
        cost = declared if bought else AMORTIZED
    return Shown(file, cost, frozenset(row[0] for row in found if row[0]))
