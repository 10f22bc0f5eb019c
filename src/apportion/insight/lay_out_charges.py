"""First pass: attributed charges with all that untagged analysis looks at, in one relation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import pyarrow as pa
from sqlglot import exp

from apportion.attribute.normalise_tags import normalise_tags
from apportion.insight.tag_uses import known_key
from apportion.model.taxonomy import TagKey, Taxonomy
from apportion.run.workspace import Charges
from apportion.store.engine import Engine
from apportion.store.relation import column, sql, table, text

INTO = "untagged"

MISSING, STRANGE, OTHERWISE, EXACT = range(4)
"""How a required tag stands: absent, a value not allowed, another spelling of one, the very one."""


@dataclass(frozen=True)
class LaidOut:
    """Names of the relations: charges by key and owner, normalised tags, the raw tags and days."""

    charges: str
    normalised: str
    tags: str
    daily: str
    keys: str


def lay_out_charges(
    engine: Engine,
    taxonomy: Taxonomy,
    charges: Charges,
    *,
    attributed: str,
    basis: str,
) -> LaidOut:
    """Write one row for each attributed charge key: thing, place, owner, tags' states and cost.

    `Thing` is one text for what is looked at as one: a resource by its id, else
    by its name; charges of neither by service and account. `States` has one
    digit for each required tag, in the order of the taxonomy (see MISSING to
    EXACT). `Taggable` are charges of usage that name a resource.

    Invariant: charges and costs are those of the attributed relation.
    """
    laid = LaidOut(
        f"{INTO}.charges", f"{INTO}.normalised", charges.tags, charges.daily, charges.keys
    )
    wanted = set(taxonomy.keys) | _other_keys(engine, taxonomy, laid.tags)
    normalise_tags(engine, taxonomy, tags=laid.tags, wanted=wanted, into=laid.normalised)
    states, allowed = f"{INTO}.states", f"{INTO}.allowed"
    engine.create(states, _states(engine, taxonomy.required, laid, allowed))
    engine.create(
        laid.charges,
        sql(
            """
            SELECT k.KeyId AS KeyId, a.Source AS Source, k.BillingCurrency AS Currency,
                   concat(coalesce(k.ResourceId, ''), chr(31), _name, chr(31), _service,
                          chr(31), _account) AS Thing,
                   coalesce(k.ResourceId, '') AS ResourceId,
                   coalesce(k.ResourceName, '') AS ResourceName,
                   coalesce(k.ServiceName, '') AS Service,
                   coalesce(k.SubAccountId, k.BillingAccountId, '') AS Account,
                   coalesce(k.SubAccountName, k.BillingAccountName, '') AS AccountName,
                   coalesce(k.RegionId, '') AS Region,
                   k.TagSetId AS TagSetId,
                   coalesce(s.States, _none) AS States,
                   CASE WHEN k.ChargeCategory = 'Usage' AND k.ResourceId IS NOT NULL
                        THEN 1 ELSE 0 END AS Taggable,
                   a.OwnerKind AS OwnerKind, a.Owner AS Owner, a.Evidence AS Evidence,
                   a.Charges AS Charges, _cost AS Cost
            FROM _attributed AS a
            JOIN _keys AS k ON k.KeyId = a.KeyId
            LEFT JOIN _states AS s ON s.TagSetId = k.TagSetId
            """,
            _attributed=table(attributed),
            _keys=table(laid.keys),
            _states=table(states),
            _none=text(str(MISSING) * len(taxonomy.required)),
            _cost=column(basis, "a"),
            _name=_when_unnamed("ResourceName", ("ResourceId",)),
            _service=_when_unnamed("ServiceName", ("ResourceId", "ResourceName")),
            _account=_when_unnamed(
                "SubAccountId", ("ResourceId", "ResourceName"), "BillingAccountId"
            ),
        ),
    )
    engine.drop(states, allowed)
    return laid


def _when_unnamed(name: str, others: Sequence[str], *instead: str) -> exp.Expression:
    """A column of the key where the columns that come before it in a thing's name are absent."""
    absent = exp.and_(*(exp.Is(this=column(other, "k"), expression=exp.null()) for other in others))
    rest = [*(column(other, "k") for other in instead), text("")]
    given = exp.Coalesce(this=column(name, "k"), expressions=rest)
    return exp.Case(ifs=[exp.If(this=absent, true=given)], default=text(""))


def _other_keys(engine: Engine, taxonomy: Taxonomy, tags: str) -> set[str]:
    """The tag keys that are no spelling of a key of the taxonomy."""
    found = engine.fetch(sql("SELECT DISTINCT TagKey FROM _tags AS t", _tags=table(tags)))
    keys = found.column("TagKey").to_pylist()
    return {key for key in keys if key is not None and known_key(taxonomy, key) is None}


def _states(engine: Engine, required: Sequence[TagKey], laid: LaidOut, allowed: str) -> exp.Query:
    """The states of required tags by tag set: one digit each."""
    pairs = [(key.name, value) for key in required for value in key.values]
    engine.rows(
        allowed,
        pa.table(
            {
                "Tag": pa.array([tag for tag, _ in pairs], pa.string()),
                "Value": pa.array([value for _, value in pairs], pa.string()),
            }
        ),
    )
    digits = [exp.cast(_state(key), exp.DataType.Type.VARCHAR) for key in required]
    return sql(
        """
        SELECT n.TagSetId AS TagSetId, _states AS States
        FROM _normalised AS n
        LEFT JOIN _allowed AS a ON a.Tag = n.Tag AND a.Value = n.Value
        LEFT JOIN _tags AS t
          ON t.TagSetId = n.TagSetId AND t.TagKey = n.Tag AND t.TagValue = n.Value
        GROUP BY n.TagSetId
        """,
        _states=exp.Concat(expressions=[text(""), *digits], safe=True),
        _normalised=table(laid.normalised),
        _allowed=table(allowed),
        _tags=table(laid.tags),
    )


_LISTED = """
SELECT max(CASE WHEN n.Tag <> _tag OR n.Value = '' THEN 0 WHEN a.Tag IS NULL THEN 1
                WHEN t.TagKey IS NULL THEN 2 ELSE 3 END) AS State
"""
_OPEN = """
SELECT max(CASE WHEN n.Tag <> _tag OR n.Value = '' THEN 0
                WHEN t.TagKey IS NULL THEN 2 ELSE 3 END) AS State
"""


def _state(key: TagKey) -> exp.Expression:
    """The state of one required tag; a tag set has it once at most, and 0 for what isn't it."""
    found = sql(_LISTED if key.values else _OPEN, _tag=text(key.name)).selects[0]
    return cast("exp.Expression", found.unalias())
