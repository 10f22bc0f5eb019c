"""SAP Controlling: direct activity allocation, quantities instead of amounts.

Each row is what KB21N asks for: sender cost centre and activity type, receiver cost centre,
quantity. SAP multiplies by its planned price and leaves the variance with the sender. Post
either these or the amounts of the same pool, never both.

Source: BAPI_ACC_ACTIVITY_ALLOC_POST (fields of its header and items).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction

from apportion.domain.finding import Finding, Level
from apportion.domain.money import largest_remainder, to_units
from apportion.ledger.draw_activities import Activity
from apportion.publish.erp.csv_text import csv_bytes
from apportion.publish.erp.figures import figure
from apportion.publish.erp.limits import FORMULA, Charset, Field
from apportion.publish.erp.settings import ErpSettings
from apportion.publish.erp.short_id import short_id
from apportion.publish.erp.target import Files

NAME = "sap-activity"
TITLE = "SAP activity allocation (quantities)"
PLACES = 3
"""Decimal places of a quantity."""

LINES = 900
FIELDS = {
    "sender": Field(10, Charset.ASCII),
    "receiver": Field(10, Charset.ASCII),
    "activity type": Field(6, Charset.ASCII),
    "controlling area": Field(4, Charset.ASCII),
}
HEAD = (
    *("DOCUMENT", "CO_AREA", "DOCDATE", "POSTGDATE", "DOC_HDR_TX", "ITEM", "SEND_CCTR"),
    *("ACTTYPE", "REC_CCTR", "ACTVTY_QTY", "ACTIVITYUN", "SEG_TEXT"),
)


def check(activities: Sequence[Activity], settings: ErpSettings) -> tuple[Finding, ...]:
    """An error for each name that SAP can't take, and each pool without an activity type."""
    found: dict[tuple[str, str], Finding] = {}
    for what, text in _names(activities, settings):
        room = FIELDS[what]
        if not text:
            message, code = f"{what} is missing", "erp-setting-missing"
        elif text[0] in FORMULA or not room.charset.takes(text) or text != text.strip():
            message, code = f"{what} {text!r} can't be posted", "erp-name-refused"
        elif not room.fits(text):
            message = f"{what} {text!r} has more than {room.characters} characters"
            code = "erp-name-too-long"
        else:
            continue
        hint = "correct it in the model, or in `options` of the format"
        found[what, text] = Finding(
            code, Level.ERROR, f"{NAME}: {message}", settings.spec.place, hint
        )
    return tuple(found.values())


def write(activities: Sequence[Activity], settings: ErpSettings) -> Files:
    """One file; a document is a pool, or a part of one where it has too many receivers."""
    return {"sap-activity.csv": csv_bytes(_rows(activities, settings))}


def _names(activities: Sequence[Activity], settings: ErpSettings) -> Iterator[tuple[str, str]]:
    yield "controlling area", settings.option("controlling_area")
    for one in activities:
        yield "activity type", settings.pairs("activity_types").get(one.pool, "")
        yield "sender", _sender(one, settings)
        yield "receiver", settings.code("cost_center", one.receiver) or one.receiver


def _sender(one: Activity, settings: ErpSettings) -> str:
    name = settings.pairs("senders").get(one.pool, one.sender)
    return settings.code("cost_center", name) or name


def _rows(activities: Sequence[Activity], settings: ErpSettings) -> Iterator[Sequence[str]]:
    yield HEAD
    area, types = settings.option("controlling_area"), settings.pairs("activity_types")
    by_pool: dict[str, list[Activity]] = defaultdict(list)
    for one in activities:
        by_pool[one.pool].append(one)
    for pool, taken in sorted(by_pool.items()):
        units = _rounded(taken)
        for position, one in enumerate(taken):
            if not units[position]:
                continue
            part, item = divmod(position, LINES)
            day = one.posted_on.isoformat()
            name = short_id(f"cb-{one.period}-{one.run[:8]}-{pool}-{part + 1}", 16)
            receiver = settings.code("cost_center", one.receiver) or one.receiver
            yield (
                *(name, area, day, day, f"AI usage {one.period} {name}"[:50], str(item + 1)),
                *(_sender(one, settings), types[pool], receiver),
                *(figure(units[position], PLACES), one.unit, f"AI usage {one.period}"),
            )


def _rounded(taken: Sequence[Activity]) -> dict[int, int]:
    """Quantities in thousandths that add up to the pool's, by largest remainder."""
    exact = {position: one.quantity * 10**PLACES for position, one in enumerate(taken)}
    total = to_units(sum(exact.values(), Fraction(0)), 0)
    order = {position: one.receiver for position, one in enumerate(taken)}
    return largest_remainder(total, exact, order)
