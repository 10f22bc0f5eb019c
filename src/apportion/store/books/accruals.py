"""Accruals in the books: what was estimated of a month, by source and by team, and from what."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import Connection, select

from apportion.domain.accrual import Accrual, AccrualPart
from apportion.domain.period import Period
from apportion.store.books.schema import accrual_parts, accruals


def add_accrual(connection: Connection, made: Accrual) -> None:
    """Keep an estimate with its parts, within the transaction that books it."""
    row = {
        "id": made.id,
        "number": made.number,
        "period": made.period,
        "content": made.content,
        "actor": made.actor,
        "because": made.because,
        "at": made.at,
    }
    connection.execute(accruals.insert(), row)
    parts = [
        {
            "accrual": made.id,
            "position": position,
            "kind": one.kind,
            "name": one.name,
            "currency": one.currency,
            "method": one.method,
            "basis": one.basis,
            "amount": one.amount,
        }
        for position, one in enumerate(made.parts)
    ]
    if parts:
        connection.execute(accrual_parts.insert(), parts)


def read_accruals(connection: Connection, period: Period | None = None) -> tuple[Accrual, ...]:
    """The accruals of a month, or of all, in the order in which they were booked."""
    wanted = select(accruals).order_by(accruals.c.period, accruals.c.number)
    if period is not None:
        wanted = wanted.where(accruals.c.period == period)
    heads = connection.execute(wanted).all()
    table = accrual_parts
    held = select(table).where(table.c.accrual.in_([row.id for row in heads]))
    parts: dict[str, list[AccrualPart]] = defaultdict(list)
    for row in connection.execute(held.order_by(table.c.accrual, table.c.position)):
        parts[row.accrual].append(
            AccrualPart(row.kind, row.name, row.currency, row.amount, row.method, row.basis)
        )
    return tuple(
        Accrual(
            row.id,
            row.number,
            row.period,
            row.content,
            row.actor,
            row.because,
            row.at,
            tuple(parts[row.id]),
        )
        for row in heads
    )
