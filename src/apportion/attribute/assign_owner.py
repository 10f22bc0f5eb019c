"""Sixth pass: every charge gets its owner, the rule that decided, and the evidence."""

from __future__ import annotations

import pyarrow as pa

from apportion.attribute.cut_spans import MEASURES
from apportion.attribute.outcomes import DECISION, UNDECIDED, Outcomes
from apportion.attribute.scratch import Scratch
from apportion.attribute.spans import Spans
from apportion.store.engine import Engine
from apportion.store.relation import column, columns, sql, table, text


def assign_owner(
    engine: Engine, outcomes: Outcomes, spans: Spans, *, charges: str, decided: str, into: str
) -> None:
    """Write the attributed charges: one row for each source, charge key and span.

    (Source, KeyId, SpanStart, OwnerKind, Owner, Rule, Evidence, Charges, the
    four costs). What nothing decided belongs to `unallocated`, which is an
    owner; the rule is then empty.

    Invariant: each row of `charges` comes out exactly once.
    """
    with Scratch(engine, into) as scratch:
        names = scratch.rows("names", _names(engine, outcomes, decided))
        nobody = UNDECIDED.owner
        engine.create(
            into,
            sql(
                """
                SELECT c.Source AS Source, c.KeyId AS KeyId, _start AS SpanStart,
                       coalesce(n.OwnerKind, _kind) AS OwnerKind,
                       coalesce(n.Owner, _owner) AS Owner,
                       coalesce(n.Rule, _rule) AS Rule,
                       coalesce(n.Evidence, _evidence) AS Evidence,
                       _measures
                FROM _charges AS c
                LEFT JOIN _decided AS d ON d.KeyNo = c.KeyNo AND d.Span = c.Span
                LEFT JOIN _names AS n
                  ON n.Claim = d.Claim AND n.OwnerNo = d.Owner AND n.Strength = d.Strength
                     AND n.Span = d.Span
                """,
                _start=spans.first_day(column("Span", "c")),
                _kind=text(nobody.kind),
                _owner=text(nobody.name),
                _rule=text(UNDECIDED.rule),
                _evidence=text(UNDECIDED.evidence),
                _measures=columns(MEASURES, "c"),
                _charges=table(charges),
                _decided=table(decided),
                _names=table(names),
            ),
        )


def _names(engine: Engine, outcomes: Outcomes, decided: str) -> pa.Table:
    """The name of each decision that occurs."""
    found = engine.fetch(
        sql("SELECT DISTINCT Claim, Owner, Strength, Span FROM _d AS d", _d=table(decided))
    )
    numbers = [found.column(name).to_pylist() for name in DECISION]
    named = [outcomes.of(decision) for decision in zip(*numbers, strict=True)]
    made = {
        name: pa.array(each, pa.int32())
        for name, each in zip(("Claim", "OwnerNo", "Strength", "Span"), numbers, strict=True)
    }
    texts = {
        "OwnerKind": [each.owner.kind.value for each in named],
        "Owner": [each.owner.name for each in named],
        "Rule": [each.rule for each in named],
        "Evidence": [each.evidence.value for each in named],
    }
    return pa.table(made | {name: pa.array(each, pa.string()) for name, each in texts.items()})
