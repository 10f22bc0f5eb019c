"""Azure's units of measure: how many of what are priced together.

A price is for a block: ``10K`` is ten thousand of something, ``100 Hours`` a
hundred hours, ``1/Month`` one for a month. The rules are those that the texts
themselves follow; what follows none of them is a finding, and its money loads.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact

import pyarrow as pa

from apportion.sources.distinct import reads_distinct

AZURE_BLOCK, AZURE_PART, AZURE_UNIT = "azure_block", "azure_part", "azure_unit"
"""Names under which loading lends the readers below to the engine."""

_EXACT = Context(traps=[Inexact])

_FORM = re.compile(r"(?:(\d+)\s*(K|M|B|Million)?(?=$|[\s/]))?\s*(.*)", re.ASCII)
_SCALES = {"": 1, "K": 10**3, "M": 10**6, "Million": 10**6, "B": 10**9}

_TIMES = {
    **dict.fromkeys(("second", "seconds"), "Second"),
    **dict.fromkeys(("minute", "minutes"), "Minute"),
    **dict.fromkeys(("hour", "hours", "hora", "小时"), "Hour"),
    **dict.fromkeys(("day", "days"), "Day"),
    **dict.fromkeys(("month", "months", "mes", "月"), "Month"),
    **dict.fromkeys(("year", "years"), "Year"),
}
_SEVERAL = re.compile(r"\d+ (?:Days|Months)", re.ASCII)
_RHYTHMS = {"hourly": "Hour", "daily": "Day", "annual": "Year"}

_WITHOUT_PLURAL = {"gb": "GB", "count": "Count"}
_WITHOUT_PLURAL |= {size.lower(): size for size in "MB TB PB MiB GiB TiB PiB IOPS Mbps".split()}

_OTHER_WORDS = {
    "1 hour": "Hours",
    "1,000s": "Transactions in Thousands",
    "activity runs": "Runs",
    "api calls": "Requests",
    "border routers": "Routers",
    "callingminutes": "Minutes",
    "concurrent dvc": "Configurations",
    "content hours": "Hours",
    "core hours": "Hours",
    "core hrs": "Hours",
    "database unit": "Units",
    "database units": "Units",
    "database units (du)": "Units",
    "days": "Days",
    "hora": "Hours",
    "hosted zones": "Zones",
    "instance hours": "Hours",
    "key use": "Keys",
    "maus": "Users/Month",
    "messaging unit": "Units",
    "minute(s)": "Minutes",
    "named users": "Users",
    "operation units": "Units",
    "per call": "Calls",
    "per privacy subject rights request": "Requests",
    "per request": "Requests",
    "por mes": "Months",
    "print job": "Requests",
    "relay hours": "Hours",
    "relay hrs": "Hours",
    "reserved unit": "Units",
    "reserved units": "Units",
    "service endpoints": "Endpoints",
    "text": "Messages",
    "unassigned": "Units",
    "virtual user minutes": "Minutes",
    "vm": "Virtual Machines",
    "小时": "Hours",
}
"""Words that say more, or something else, than what is counted."""

_ALONE = {"days", "gb", "hours", "mb", "unit", "units"}
"""What may stand without a number before it, besides the words above."""


@dataclass(frozen=True)
class Unit:
    """`block` of `name` make one of what a quantity counts and a price is for."""

    block: int
    name: str


def parse_unit(text: str) -> Unit | None:
    """Read a unit of measure; None for a text that follows no rule.

    >>> parse_unit("10K"), parse_unit("1/Month")
    (Unit(block=10000, name='Units'), Unit(block=1, name='Units/Month'))
    >>> parse_unit("1 hora"), parse_unit("plenty")
    (Unit(block=1, name='Hours'), None)
    """
    found = _FORM.fullmatch(" ".join(text.split()))
    if not found or not found[0]:
        return None
    number, scale, rest = found[1], found[2] or "", found[3]
    words, slash, time = (part.strip() for part in rest.partition("/"))
    if number is None and not {words.lower()} & {*_OTHER_WORDS, *_ALONE}:
        return None
    name = _named(words) if words else "Units"
    per = _TIMES.get(time.lower(), time if _SEVERAL.fullmatch(time) else "")
    if not name or bool(slash) != bool(per):
        return None
    return Unit(int(number or 1) * _SCALES[scale], f"{name}/{per}" if per else name)


def _named(words: str) -> str:
    """What is counted, in the plural; empty when the words are none."""
    known = _OTHER_WORDS.get(words.lower()) or _WITHOUT_PLURAL.get(words.lower())
    if known:
        return known
    first, _, others = words.partition(" ")
    if first.lower() in _RHYTHMS and others:
        return f"{_named(others)}/{_RHYTHMS[first.lower()]}"
    if len(words) < 2 or not re.fullmatch(r"[^\W\d_]+( [^\W\d_]+)*", words):
        return ""
    return _plural(words[0].upper() + words[1:])


def _plural(words: str) -> str:
    if words.endswith("s") or not words.isascii():
        return words
    return f"{words[:-1]}ies" if words.endswith("y") and words[-2] not in "aeiou" else f"{words}s"


def _block(text: str) -> str | None:
    unit = parse_unit(text)
    return str(unit.block) if unit else None


def _part(text: str) -> str | None:
    """One divided by the block, where it has an end in decimals: a price's share of the block."""
    unit = parse_unit(text)
    try:
        return format(_EXACT.divide(Decimal(1), Decimal(unit.block)), "f") if unit else None
    except Inexact:
        return None


def _unit(text: str) -> str | None:
    unit = parse_unit(text)
    return unit.name if unit else None


read_block = reads_distinct(_block, pa.string())
read_part = reads_distinct(_part, pa.string())
read_unit = reads_distinct(_unit, pa.string())
