"""Forecasts and anomalies as Arrow tables. Estimates are decimals, rounded to the minor unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apportion.insight.anomaly.anomalies import Anomalies
from apportion.insight.forecast.forecasts import Forecasts
from apportion.publish.estimate import estimate

if TYPE_CHECKING:
    import pyarrow as pa

BOUNDS = ("low_80", "high_80", "low_95", "high_95")


def forecast_table(found: Forecasts) -> pa.Table:
    """A row for each subject and month; `kind_of_month` is running or ahead."""
    import pyarrow as pa

    money = pa.decimal128(38, 4)
    texts = ("kind", "name", "currency", "period", "kind_of_month", "method")
    schema = pa.schema(
        [(name, pa.string()) for name in texts] + [(name, money) for name in ("forecast", *BOUNDS)]
    )
    rows: list[dict[str, Any]] = []
    for one in found.forecasts:
        code = one.subject.currency
        head = {"kind": str(one.subject.kind), "name": one.subject.name, "currency": code}
        points: list[tuple[str, str, Any]] = [
            ("ahead", one.outlook.method, point) for point in one.outlook.points
        ]
        if one.running:
            points.insert(0, ("running", "days so far", one.running))
        for kind, method, point in points:
            amounts = {name: estimate(getattr(point, name), code) for name in BOUNDS}
            rows.append(
                head
                | {"period": str(point.period), "kind_of_month": kind, "method": method}
                | {"forecast": estimate(point.value, code)}
                | amounts
            )
    return pa.Table.from_pylist(rows, schema=schema)


def anomaly_table(found: Anomalies) -> pa.Table:
    """A row for each anomaly, with its first driver."""
    import pyarrow as pa

    money = pa.decimal128(38, 4)
    texts = ("id", "channel", "team", "service", "cause", "currency", "driver", "state", "owner")
    schema = pa.schema(
        [(name, pa.string()) for name in texts]
        + [(name, pa.date32()) for name in ("first", "noticed", "last")]
        + [("running", pa.bool_()), ("extra_cost", money), ("usual_day", money)]
    )
    rows = []
    for standing in found.found:
        one = standing.anomaly
        rows.append(
            {
                "id": one.id,
                "channel": str(one.channel),
                "team": one.owner,
                "service": one.service,
                "cause": str(one.cause),
                "currency": one.currency,
                "driver": one.drivers[0].name if one.drivers else None,
                "state": str(standing.state),
                "owner": standing.owner or None,
                "first": one.first,
                "noticed": one.noticed,
                "last": one.last,
                "running": one.running,
                "extra_cost": estimate(one.extra, one.currency),
                "usual_day": estimate(one.usual, one.currency),
            }
        )
    return pa.Table.from_pylist(rows, schema=schema)
