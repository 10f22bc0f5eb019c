"""The charges of a unit with their keys, found anew: the way back from a key to its rows."""

from __future__ import annotations

import pyarrow.parquet as pq
from sqlglot import exp

from apportion.domain.charge import COSTS
from apportion.domain.cost_class import NATIVE_COLUMNS
from apportion.domain.snapshot import LakeFile, Unit
from apportion.errors import ProofError
from apportion.load.key_shape import TAGS, KeyShape
from apportion.load.workbench import CANONICAL_TAGS, Workbench
from apportion.sources.tags import TagReader
from apportion.store.lake import Lake
from apportion.store.relation import column, columns, sql, table

NARROWED = ("BillingCurrency", "ServiceName", "SubAccountId", "ResourceId")
"""Columns that tell most rows apart cheaply, before the digest tells them exactly."""

_READ, _KEYS, _NARROW, _TAGGED = "charges read", "keys read", "charges narrowed", "charges tagged"


def key_rows(bench: Workbench, lake: Lake, unit: Unit, wanted: str, into: str) -> None:
    """Make the relation `into`: KeyId, RowNumber (from 0), Day, Resource, costs of a unit's rows.

    Only rows that agree with a key of the relation `wanted` in the columns
    NARROWED are there, since a digest of every row of a large bill takes long.
    A bill's tags are read as its load read them: whether null meant an absent
    tag shows in whether all keys are the unit's own. Raises LakeError for lost
    or damaged files, ProofError where a row has no key (a fault of the program).
    """
    path = lake.checked(_file(unit, "charges"))
    present = frozenset(pq.read_schema(path).names)
    shape = KeyShape.of({*unit.columns, *present.intersection(NATIVE_COLUMNS)}, present)
    bench.parquet(_READ, [path], row_number=True)
    bench.parquet(_KEYS, [lake.checked(_file(unit, "keys"))])
    bench.create(_NARROW, _narrowed(shape, wanted))
    for null_is_absent in (False, True) if TAGS in present else (False,):
        bench.lend_tags(TagReader(null_is_absent=null_is_absent, remember=True))
        bench.create(_TAGGED, _tagged() if TAGS in present else sql("SELECT * FROM _n", _n=_N))
        bench.create(into, _keyed(shape))
        if _all_known(bench, into):
            return
    raise ProofError(
        f"rows of {unit.input} have no charge key",
        why=f"the charges of {unit.period} aren't those that its keys were made of",
        hint="this is a fault of apportion: please report it",
    )


_N = table(_NARROW)


def _file(unit: Unit, role: str) -> LakeFile:
    (file,) = (one for one in unit.files if one.role == role)
    return file


def _narrowed(shape: KeyShape, wanted: str) -> exp.Query:
    names = [name for name in NARROWED if name in shape.present]
    same = [exp.NullSafeEQ(this=column(n, "c"), expression=column(n, "w")) for n in names]
    return sql(
        """
        SELECT c.* FROM _charges AS c
        WHERE EXISTS (SELECT 1 FROM (SELECT DISTINCT _names FROM _wanted AS v) AS w WHERE _same)
        """,
        _charges=table(_READ),
        _names=columns(names, "v"),
        _wanted=table(wanted),
        _same=exp.and_(*same),
    )


def _tagged() -> exp.Query:
    return sql(
        "SELECT n.* EXCLUDE (Tags), _canonical AS Tags FROM _n AS n",
        _canonical=exp.Anonymous(this=CANONICAL_TAGS, expressions=[column(TAGS, "n")]),
        _n=_N,
    )


def _keyed(shape: KeyShape) -> exp.Query:
    names = [name for name in ("ResourceName", "ResourceId") if name in shape.present]
    resource = [column(name, "t") for name in names]
    return sql(
        """
        SELECT _digest AS KeyId, file_row_number AS RowNumber,
               CAST(ChargePeriodStart AS DATE) AS Day, _resource AS Resource, _costs
        FROM _tagged AS t
        """,
        _digest=shape.digest(),
        _resource=exp.Coalesce(this=exp.cast(exp.null(), "VARCHAR"), expressions=resource),
        _costs=columns([cost for cost in COSTS if cost in shape.present], "t"),
        _tagged=table(_TAGGED),
    )


def _all_known(bench: Workbench, keyed: str) -> bool:
    (found,) = bench.rows(
        sql(
            "SELECT count(*) AS n FROM _k AS r WHERE r.KeyId NOT IN (SELECT KeyId FROM _keys)",
            _k=table(keyed),
            _keys=table(_KEYS),
        )
    )
    return bool(found["n"] == 0)
