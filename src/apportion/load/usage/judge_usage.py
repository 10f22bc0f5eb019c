"""What keeps a record of usage from being counted, whatever its source."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlglot import exp

from apportion.domain.usage import DESCRIPTIONS, IDENTITIES, METERS, OWN_METER, USAGE_ID
from apportion.sources.expression import expression
from apportion.store.relation import column, number, text


@dataclass(frozen=True)
class UsageFault:
    """Why a record is set aside: the column to blame, and what to do."""

    column: str
    reason: str
    hint: str


_FIXED = {
    "no-id": UsageFault(
        "UsageId",
        "the record has no id",
        "without one it can't be told from another; export the id, or map it by `columns`",
    ),
    "no-start": UsageFault("UsageStart", "the record has no time", "export when it began"),
    "ends-before-start": UsageFault(
        "UsageEnd",
        "the record ends before it begins",
        "see the clock of the machine that wrote it, and the time zone of the export",
    ),
    "no-name": UsageFault(
        "Meter",
        "a quantity without a meter, or a meter without a quantity",
        "a record of your own meter has `meter` and `quantity`",
    ),
}

_NAMES = (USAGE_ID, *IDENTITIES, *DESCRIPTIONS)
"""Texts that stand in statements and maps: an invisible character makes two of one."""

_SAID = {
    "uncached_input_tokens": "more cached tokens than input tokens, or a negative count",
}

FAULTS: dict[str, UsageFault] = {
    **_FIXED,
    **{
        f"negative {name}": UsageFault(
            name,
            f"{name} is negative" + (f": {_SAID[name]}" if name in _SAID else ""),
            "a quantity can't be below zero; look at what the source wrote",
        )
        for name in (*METERS, OWN_METER[1])
    },
    **{
        f"NUL in {name}": UsageFault(
            name,
            "a NUL character in the text",
            "the file is damaged, or was written as UTF-16: export it again",
        )
        for name in _NAMES
    },
}
"""Every fault by the label that :func:`first_fault` yields."""


def first_fault(columns: Collection[str]) -> exp.Expr:
    """The label of what is wrong with a record; NULL for a sound one.

    `columns` are those of which the file says anything.
    """
    whens = [
        ("no-id", expression("SELECT UsageId IS NULL")),
        ("no-start", expression("SELECT UsageStart IS NULL")),
        ("ends-before-start", expression("SELECT UsageEnd < UsageStart")),
        ("no-name", expression("SELECT (Meter IS NULL) <> (Quantity IS NULL)")),
        *(
            (f"negative {name}", exp.LT(this=column(name), expression=exp.Literal.number(0)))
            for name in (*METERS, OWN_METER[1])
            if name in columns
        ),
        *(
            (f"NUL in {name}", exp.func("contains", column(name), exp.func("chr", number(0))))
            for name in _NAMES
            if name in columns
        ),
    ]
    return exp.Case(ifs=[exp.If(this=when, true=text(label)) for label, when in whens])
