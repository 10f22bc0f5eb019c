"""Attribution: every charge gets an owner, the rule that decided, and the strength of its evidence.

The way of the data is the tuple of passes, in order::

    normalise_tags   tags of the bill     → tags in the taxonomy's spelling
    lay_out_keys     charge keys, tags    → keys with what the model looks at
    cut_spans        monthly, daily       → charges by key and span of days
    match_rules      keys, spans          → the first pool or rule that takes each
    inherit_parent   what rules decided   → and what children take over from parents
    assign_owner     charges, decisions   → attributed charges, by key
    summarise        charges, decisions   → amounts by owner, rule, evidence and service

Precedence: pools' own conditions, then policies on what is not usage, then rules by
position, then defaults that share what no rule takes, then inheritance, then
`unallocated`. Each decides on a day: one that names a team holds only on
days when the team exists. A pool with `from_team` takes over what that team
was given, whatever gave it.
"""

from __future__ import annotations

from apportion.attribute.assign_owner import assign_owner
from apportion.attribute.cut_spans import cut_spans
from apportion.attribute.desk import Attribution, Desk
from apportion.attribute.inherit_parent import inherit_parent
from apportion.attribute.lay_out_keys import lay_out_keys
from apportion.attribute.match_rules import match_rules
from apportion.attribute.normalise_tags import normalise_tags
from apportion.attribute.summarise import summarise
from apportion.domain.period import Span
from apportion.model.project import Model
from apportion.store.engine import Engine

__all__ = ["PASSES", "Attribution", "Desk", "attribute"]

PASSES = (
    normalise_tags,
    lay_out_keys,
    cut_spans,
    match_rules,
    inherit_parent,
    assign_owner,
    summarise,
)


def attribute(  # noqa: PLR0913
    engine: Engine,
    model: Model,
    span: Span,
    *,
    keys: str,
    tags: str,
    daily: str,
    monthly: str | None,
    into: str = "attributed",
) -> Attribution:
    """Decide who carries each charge of some relations: every one exactly once.

    `keys` and `tags` are relations as they lie in the lake; `daily` and
    `monthly` have Source and Period besides. Days are read only for keys whose
    charges a dated change parts, or where `monthly` is None. The relation
    `into` gets one row for each source, charge key and span of days: Source,
    KeyId, SpanStart, OwnerKind, Owner, Rule, Evidence, Charges, and the four
    costs. To try several models on the same charges, open a :class:`Desk`.

    Raises ProofError if a charge or a unit of money were lost.
    """
    with Desk(engine, keys=keys, tags=tags, daily=daily, monthly=monthly, spare=()) as desk:
        return desk.attribute(model, span, into=into)
