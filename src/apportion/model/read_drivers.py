"""Drivers: quantities by team and month or day, from CSV files beside the model."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date, timedelta

from apportion.model import marked_yaml as y
from apportion.model.faults import Faults, did_you_mean
from apportion.model.metered import Metered, read_where
from apportion.model.names import Names
from apportion.model.pools import Driver, DriverRow
from apportion.model.receivers import Receivers
from apportion.model.text_file import CsvFile, CsvRow
from apportion.model.values import as_amount, as_day, as_flag, as_month, text_of, texts_of

OpenCsv = Callable[[y.Node], CsvFile | None]


def read_drivers(
    nodes: Sequence[y.Mapping],
    receivers: Receivers,
    pools: Names,
    usage: Collection[str],
    open_csv: OpenCsv,
    faults: Faults,
) -> dict[str, Driver]:
    """Drivers by name, with the rows of their files; `receivers` are teams and pools.

    `usage` are the names of the project's usage sources.
    """
    made = {}
    for node in nodes:
        file = node.entries.get("file")
        found = open_csv(file) if file else None
        name = text_of(node, "name")
        made[name] = Driver(
            name=name,
            unit=text_of(node, "unit"),
            file=text_of(node, "file") or "metered usage",
            place=node.entries["name"].place,
            rows=_rows(found, receivers, pools, faults) if found else (),
            demanded_by=text_of(node, "demanded_by"),
            metered=_metered(node.entries.get("usage"), usage, faults),
        )
    return made


def _metered(node: y.Node | None, usage: Collection[str], faults: Faults) -> Metered | None:
    if not isinstance(node, y.Mapping):
        return None
    sources = node.entries.get("sources")
    for one in sources.items if isinstance(sources, y.Sequence) else ():
        assert isinstance(one, y.Scalar)
        if one.text not in usage:
            faults.add(
                one,
                f"no usage is called {one.text!r}",
                hint=did_you_mean(one.text, usage, "see `usage` in apportion.yaml"),
            )
    return Metered(
        meter=text_of(node, "meter"),
        place=node.place,
        sources=texts_of(sources),
        where=read_where(node.entries.get("where")),
        once=as_flag(text_of(node, "once") or "false"),
    )


def _rows(
    found: CsvFile, receivers: Receivers, pools: Names, faults: Faults
) -> tuple[DriverRow, ...]:
    lacking = [name for name in ("quantity",) if name not in found.columns]
    if "team" not in found.columns and "pool" not in found.columns:
        lacking.insert(0, "team")
    if "period" not in found.columns and "day" not in found.columns:
        lacking.append("period (or day)")
    if lacking:
        faults.add(
            found.place,
            f"no column {', '.join(lacking)}",
            hint="a driver file has team, period (or day) and quantity",
        )
        return ()
    made: dict[tuple[str, date, date], DriverRow] = {}
    for row in found.rows:
        read = _row(row, receivers, pools, faults)
        if read is None:
            continue
        key = (read.team, read.start, read.until)
        if before := made.get(key):
            when = row["day"] or row["period"]
            faults.add(
                row.field("team"),
                f"a second quantity for {read.team!r} in {when}",
                why=f"the other is at {before.place}",
                hint="keep one, or add them up",
            )
            continue
        made[key] = read
    return tuple(made.values())


def _receiver(row: CsvRow, receivers: Receivers, pools: Names, faults: Faults) -> str | None:
    """Who used it: a team, or in the column `pool` a pool.

    `team` may name a pool as well, where no team is called so.
    """
    if not row["pool"]:
        known = receivers.knows(row["team"], row.field("team"), faults)
        return row["team"] if known else None
    if row["team"]:
        faults.add(row.field("pool"), "both a team and a pool", hint="make two rows of it")
        return None
    at = row.field("pool")
    known = pools.knows(row["pool"], at, faults) and receivers.one(row["pool"], at, faults)
    return row["pool"] if known else None


def _row(row: CsvRow, receivers: Receivers, pools: Names, faults: Faults) -> DriverRow | None:
    receiver = _receiver(row, receivers, pools, faults)
    days = _days(row, faults)
    try:
        quantity = as_amount(row["quantity"])
    except ValueError as why:
        faults.add(
            row.field("quantity"),
            f"the quantity {row['quantity']!r} can't be read",
            why=str(why),
            hint="write a plain number with a decimal point",
        )
        return None
    if receiver is None or days is None:
        return None
    # The field's own place is looked for only where somebody will need it.
    place = row.field("quantity").place if quantity < 0 else row.place
    return DriverRow(receiver, *days, quantity=quantity, place=place)


def _days(row: CsvRow, faults: Faults) -> tuple[date, date] | None:
    period, day = row["period"], row["day"]
    if bool(period) == bool(day):
        what = "both a period and a day" if day else "neither a period nor a day"
        faults.add(
            row.field("period"), what, hint="give one: period as 2026-10, or day as 2026-10-15"
        )
        return None
    try:
        if day:
            return as_day(day), as_day(day) + timedelta(days=1)
        month = as_month(period)
    except ValueError as why:
        kind = "day" if day else "period"
        faults.add(row.field(kind), f"{day or period!r} is not a {kind}", why=str(why))
        return None
    return month.start, month.until
