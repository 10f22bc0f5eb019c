"""Who used how much: by owner and meter, identities nobody knows, a cluster by the hour."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlglot import exp

from apportion.domain.owner import UNALLOCATED
from apportion.domain.period import Period
from apportion.domain.usage import IDENTITIES, LEVELS
from apportion.errors import NotLoaded
from apportion.model.project import Model
from apportion.run.usage_desk import Usage
from apportion.run.workspace import Workspace
from apportion.store.relation import column, columns, day, sql, table

MICROSECONDS = 3_600_000_000


@dataclass(frozen=True)
class UsedMeter:
    """What an owner used of one meter of a source in a month; `cost` at prices, by currency."""

    owner: str
    source: str
    meter: str
    unit: str
    quantity: Fraction
    records: int


@dataclass(frozen=True)
class UnknownIdentity:
    """An identity that the model doesn't know, what it used, and what that would cost.

    `names` are the identities that its records name, by column; none where the source
    names nobody. `cost` is by currency, at list and negotiated prices.
    """

    source: str
    names: Mapping[str, str]
    records: int
    quantities: Mapping[str, Fraction]
    cost: Mapping[str, Fraction] = field(default_factory=dict)


def used_of(workspace: Workspace, model: Model, period: Period) -> Usage:
    """A month's usage at its prices; raises NotLoaded where there is none."""
    used = workspace.usage.priced(model, period)
    if used is None:
        raise NotLoaded(
            f"no usage is loaded for {period}",
            hint="declare it under `usage` in apportion.yaml, and load: `apportion load`",
        )
    return used


def find_usage(workspace: Workspace, model: Model, period: Period) -> tuple[UsedMeter, ...]:
    """What each owner used of each meter and source; what nobody known used is unallocated."""
    used = used_of(workspace, model, period)
    found = workspace.engine.fetch(
        sql(
            """
            SELECT o.Owner, k.Source, d.Meter, d.Unit, d.Per, sum(d.Quantity) AS Quantity,
                   sum(d.Records) AS Records
            FROM _daily AS d
            JOIN _keys AS k ON k.KeyId = d.KeyId
            JOIN _owned AS o ON o.KeyId = d.KeyId AND o.UsageDate = d.UsageDate
            GROUP BY o.Owner, k.Source, d.Meter, d.Unit, d.Per
            ORDER BY k.Source, d.Meter, o.Owner
            """,
            _daily=table(used.daily),
            _keys=table(used.keys),
            _owned=table(used.owned),
        )
    )
    return tuple(
        UsedMeter(
            row["Owner"] or UNALLOCATED.name,
            row["Source"],
            row["Meter"],
            row["Unit"],
            Fraction(row["Quantity"]) / row["Per"],
            int(row["Records"]),
        )
        for row in found.to_pylist()
    )


def find_unknown(workspace: Workspace, model: Model, period: Period) -> tuple[UnknownIdentity, ...]:
    """Identities of which the model knows no owner, the dearest first."""
    used = used_of(workspace, model, period)
    quantities: dict[tuple[str, ...], dict[str, Fraction]] = defaultdict(dict)
    records: dict[tuple[str, ...], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in _unknown(workspace, used, "daily"):
        key = _key(row)
        own = quantities[key]
        amount = Fraction(row["Quantity"]) / row["Per"]
        own[row["Meter"]] = own.get(row["Meter"], Fraction(0)) + amount
        records[key][row["Meter"]] += row["Records"] or 0
    costs: dict[tuple[str, ...], dict[str, Fraction]] = defaultdict(dict)
    for row in _unknown(workspace, used, "priced"):
        own = costs[_key(row)]
        amount = Fraction(row["Quantity"]) / row["Per"]
        own[row["Meter"]] = own.get(row["Meter"], Fraction(0)) + amount
    found = (
        UnknownIdentity(
            key[0],
            {name: value for name, value in zip(IDENTITIES, key[1:], strict=True) if value},
            max(records[key].values()),
            {meter: amount for meter, amount in quantities[key].items() if amount},
            costs.get(key, {}),
        )
        for key in quantities
    )
    return tuple(sorted(found, key=lambda one: (-sum(one.cost.values()), -one.records, one.source)))


def _key(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Source and identities; a run counts only where nothing wider is named: runs are many."""
    run, *others = (row[name] or "" for name in IDENTITIES)
    return (row["Source"], "" if any(others) else run, *others)


def _unknown(workspace: Workspace, used: Usage, what: str) -> list[dict[str, Any]]:
    """Quantities (or priced amounts, by currency in the place of the meter) without an owner."""
    rows: exp.Expr = table(used.daily)
    if what == "priced":
        rows = exp.Subquery(
            this=sql(
                """
                SELECT p.KeyId, p.UsageDate, p.Currency AS Meter, p.Amount AS Quantity,
                       p.Divisor AS Per, 0 AS Records
                FROM _p AS p WHERE p.IsPriced
                """,
                _p=table(used.priced),
            )
        )
    found = workspace.engine.fetch(
        sql(
            """
            SELECT k.Source, _names, d.Meter, d.Per, sum(d.Quantity) AS Quantity,
                   CAST(sum(d.Records) AS BIGINT) AS Records
            FROM _rows AS d
            JOIN _keys AS k ON k.KeyId = d.KeyId
            JOIN _owned AS o ON o.KeyId = d.KeyId AND o.UsageDate = d.UsageDate
            WHERE o.Owner = ''
            GROUP BY k.Source, _names, d.Meter, d.Per
            """,
            _rows=rows,
            _names=columns(IDENTITIES, "k"),
            _keys=table(used.keys),
            _owned=table(used.owned),
        )
    )
    listed: list[dict[str, Any]] = found.to_pylist()
    return listed


@dataclass(frozen=True)
class ClusterHour:
    """One hour of a cluster for one owner, in GPU hours, by level; a level nobody told is absent.

    The hour as a whole, with `idle` = capacity - allocated, stands under an empty owner.
    """

    hour: datetime
    owner: str
    levels: Mapping[str, Fraction]


def cluster_hours(
    workspace: Workspace, model: Model, period: Period, source: str = ""
) -> tuple[ClusterHour, ...]:
    """Capacity, quota, requested, used, pending and idle GPUs, by owner and hour, exactly.

    Of all usage sources, or of one. Raises NotLoaded where no usage is loaded.
    """
    used = used_of(workspace, model, period)
    names = [one.name for one in LEVELS if one.name.startswith("gpus")]
    events = workspace.usage.events(used, names)
    span = period.span
    found = workspace.engine.fetch(
        sql(
            """
            SELECT w.Hour, o.Owner, _levels
            FROM (
                SELECT e.*, Hour, CAST(Hour AS DATE) AS UsageDate,
                       CAST(epoch_us(least(e.UsageEnd, Hour + INTERVAL 1 HOUR))
                            - epoch_us(greatest(e.UsageStart, Hour)) AS DECIMAL(12, 0)) AS Held
                FROM (
                    SELECT r.*, unnest(generate_series(
                        greatest(date_trunc('hour', r.UsageStart), CAST(_start AS TIMESTAMP)),
                        least(r.UsageEnd, CAST(_until AS TIMESTAMP)) - INTERVAL 1 MICROSECOND,
                        INTERVAL 1 HOUR)) AS Hour
                    FROM _events AS r WHERE r.UsageEnd > r.UsageStart
                ) AS e
            ) AS w
            JOIN _keys AS k ON k.KeyId = w.KeyId
            JOIN _owned AS o ON o.KeyId = w.KeyId AND o.UsageDate = w.UsageDate
            WHERE _source = '' OR k.Source = _source
            GROUP BY w.Hour, o.Owner ORDER BY w.Hour, o.Owner
            """,
            _levels=[_time_of(name) for name in names],
            _start=day(span.start),
            _until=day(span.until),
            _events=table(events),
            _keys=table(used.keys),
            _owned=table(used.owned),
            _source=exp.Literal.string(source),
        )
    )
    return tuple(_with_hours(found.to_pylist(), names))


def _time_of(name: str) -> exp.Expr:
    held = exp.cast(column(name, "w"), exp.DataType.build("DECIMAL(26, 12)"))
    return exp.alias_(
        exp.func("sum", exp.Mul(this=held, expression=column("Held", "w"))), name, quoted=True
    )


def _with_hours(rows: list[dict[str, Any]], names: list[str]) -> list[ClusterHour]:
    """The rows of owners, each hour followed by what they come to, with its idle GPUs."""
    by_hour: dict[datetime, list[ClusterHour]] = defaultdict(list)
    for row in rows:
        levels = {
            name: Fraction(row[name]) / MICROSECONDS for name in names if row[name] is not None
        }
        if levels:
            owner = row["Owner"] or UNALLOCATED.name
            by_hour[row["Hour"]].append(ClusterHour(row["Hour"], owner, levels))
    made: list[ClusterHour] = []
    for hour, own in sorted(by_hour.items()):
        whole: dict[str, Fraction] = defaultdict(Fraction)
        for one in own:
            for name, value in one.levels.items():
                whole[name] += value
        if "gpus_capacity" in whole:
            whole["idle"] = whole["gpus_capacity"] - whole.get("gpus", Fraction(0))
        made += [*own, ClusterHour(hour, "", dict(whole))]
    return made
