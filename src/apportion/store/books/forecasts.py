"""Forecasts in the books: versions that are added, never changed."""

from __future__ import annotations

from sqlalchemy import Connection, select

from apportion.domain.budget import BudgetOwner, BudgetOwnerKind
from apportion.domain.forecast import Forecast, ForecastLine
from apportion.store.books.audit import AuditEntry, add_entry
from apportion.store.books.rows import write_rows
from apportion.store.books.schema import forecast_lines, forecasts


def add_forecast(connection: Connection, forecast: Forecast) -> None:
    """Keep a forecast, within a writing transaction, with a line in the audit log."""
    key = f"{forecast.budget} forecast {forecast.number}"
    row = {
        "id": key,
        "budget": forecast.budget,
        "number": forecast.number,
        "currency": forecast.currency,
        "method": forecast.method,
        "author": forecast.author,
        "at": forecast.at,
    }
    connection.execute(forecasts.insert(), row)
    lines = [
        {
            "forecast": key,
            "position": position,
            "owner_kind": str(line.owner.kind) if line.owner else "",
            "owner": line.owner.name if line.owner else "",
            "month": line.month,
            "units": line.units,
            "low": line.low,
            "high": line.high,
        }
        for position, line in enumerate(forecast.lines)
    ]
    write_rows(connection, forecast_lines, lines)
    said = {"lines": str(len(lines)), "method": forecast.method}
    entry = AuditEntry(forecast.at, forecast.author, "forecast", f"budget {forecast.budget}", said)
    add_entry(connection, entry)


def read_forecasts(connection: Connection, budget: str | None = None) -> tuple[Forecast, ...]:
    """The forecasts against a budget, or all, the oldest version first."""
    wanted = select(forecasts).order_by(forecasts.c.budget, forecasts.c.number)
    if budget is not None:
        wanted = wanted.where(forecasts.c.budget == budget)
    rows = connection.execute(wanted).all()
    lines: dict[str, list[ForecastLine]] = {}
    placed = select(forecast_lines).order_by(forecast_lines.c.forecast, forecast_lines.c.position)
    for row in connection.execute(placed):
        kind = row.owner_kind
        owner = BudgetOwner(BudgetOwnerKind(kind), row.owner) if kind else None
        line = ForecastLine(owner, row.month, row.units, row.low, row.high)
        lines.setdefault(row.forecast, []).append(line)
    return tuple(
        Forecast(
            row.budget,
            row.number,
            row.currency,
            row.method,
            tuple(lines.get(row.id, ())),
            row.author,
            row.at,
        )
        for row in rows
    )
