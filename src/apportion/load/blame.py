"""Where in a row of the input a fault lies, and what to say of it.

A cost may be computed from several columns. People are told which of them can't
be read; where each can be, but not what they come to, they are shown all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from apportion.domain.charge import COSTS
from apportion.domain.money import AmountFault, parse_amount
from apportion.load.faults import Fault
from apportion.sources.reading import ReadColumn, Reading

_HINT = (
    "mend these columns; more than 18 places must be rounded, as in round(a * b, 2), and months "
    "to spread over are whole, 1 to 600"
)
_NO_VALUE = "mend these columns, or see that a price holds for the row"

Texts = Mapping[str, str | None]


@dataclass(frozen=True)
class Blame:
    """A column of the input, the fault of the row in words, and the remedy."""

    column: str
    reason: str
    hint: str


def blame(reading: Reading, fault: Fault, texts: Texts) -> Blame:
    """What to tell of a row, in view of its texts by the input's columns."""
    read = reading.column(fault.column)
    if read is None or not read.formula:
        column = reading.written(fault.column)
        return Blame(column, fault.reason(texts.get(column), column), fault.hint)
    shown = ", ".join(f"{name} {texts.get(name) or ''!r}" for name in read.inputs) or "nothing"
    if fault.column not in COSTS:
        return Blame(
            _first(read), f"{read.name} = {read.formula}: {fault.what}: {shown}", fault.hint
        )
    for name in read.numbers:
        if why := _why_unreadable(texts.get(name), fault):
            return Blame(name, f"{name} {texts.get(name) or ''!r}: {why}", fault.hint)
    if fault.code == "cost-missing":
        reason = f"{read.name} = {read.formula} has no value for {shown}"
        return Blame(_first(read), reason, _NO_VALUE)
    reason = f"{read.name} = {read.formula} can't be computed exactly for {shown}"
    return Blame(_first(read), reason, _HINT)


def _first(read: ReadColumn) -> str:
    return read.inputs[0] if read.inputs else read.name


def _why_unreadable(text: str | None, fault: Fault) -> str:
    """Why a text is the cause of a fault; empty where it is not.

    An empty one is the cause only of a cost that is missing: a formula may
    allow for it.
    """
    if text is None or text in {"", "NULL"}:
        return "empty" if fault.code == "cost-missing" else ""
    try:
        parse_amount(text)
    except AmountFault as why:
        return str(why)
    return ""
