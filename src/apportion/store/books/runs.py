"""Runs as rows of the books, and back, exactly; as a whole or only the parts that are needed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from apportion.domain.owner import OwnerKind
from apportion.domain.period import Period, Span
from apportion.domain.rate import Quote, Rate
from apportion.domain.result import DriverUse, PoolShare, Run
from apportion.errors import NotLoaded
from apportion.store.books import schema
from apportion.store.books.audit import now
from apportion.store.books.rows import Part, fields, without_known, write_rows
from apportion.store.books.run_parts import PARTS


@dataclass(frozen=True)
class RunHead:
    """A run in a listing; `latest` says that its period's statements are drawn from it."""

    id: str
    period: Period
    span: Span
    model: str
    basis: str
    made_at: datetime
    latest: bool


ALL_PARTS = frozenset(PARTS)
"""The parts of a run that can be read by themselves: they are named like its fields."""


def write_run(connection: Connection, run: Run) -> None:
    """Write a run unless it is there already: its id stands for all that it depends on."""
    held = connection.execute(select(schema.runs.c.id).where(schema.runs.c.id == run.id)).scalar()
    if held is not None:
        return
    unknown = without_known(connection, schema.snapshots, {name: name for name in run.snapshots})
    if unknown:
        raise NotLoaded(f"run {run.id} rests on snapshot {unknown[0]}, which isn't in the books")
    head = {
        "id": run.id,
        "period": run.period,
        "span_start": run.span.start,
        "span_until": run.span.until,
        "model": run.model,
        "basis": run.basis,
        "made_at": run.made_at,
        "currency": run.currency,
    }
    write_rows(connection, schema.runs, [head])
    links = [{"run": run.id, "position": n, "snapshot": s} for n, s in enumerate(run.snapshots)]
    write_rows(connection, schema.run_snapshots, links)
    for name, part in PARTS.items():
        write_rows(connection, part.table, part.rows(run.id, getattr(run, name)))
    use_row = fields(DriverUse)
    uses = [
        {"run": run.id, "share": n, "position": m, **use_row(use)}
        for n, share in enumerate(run.shares)
        for m, use in enumerate(share.uses)
    ]
    write_rows(connection, schema.run_driver_uses, uses)
    quote_row = fields(Quote)
    quotes = [
        {"run": run.id, "rate": n, "position": m, **quote_row(quote)}
        for n, rate in enumerate(run.rates)
        for m, quote in enumerate(rate.quotes)
    ]
    write_rows(connection, schema.run_rate_quotes, quotes)


def point_to_run(connection: Connection, run: Run) -> None:
    """Make a run the latest of its period."""
    table = schema.run_pointers
    connection.execute(table.delete().where(table.c.period == run.period))
    connection.execute(table.insert(), {"period": run.period, "run": run.id, "pointed_at": now()})


def link_shadow(connection: Connection, run: str, shadow: Run, label: str) -> None:
    """Keep a shadow model's run beside another; it stands for no period."""
    write_run(connection, shadow)
    table = schema.shadow_runs
    connection.execute(table.delete().where(table.c.run == run))
    connection.execute(table.insert(), {"run": run, "shadow": shadow.id, "label": label})


def shadow_of(connection: Connection, run: str) -> tuple[str, str] | None:
    """The id of the shadow run beside a run, and what the shadow model is called."""
    table = schema.shadow_runs
    found = connection.execute(
        select(table.c.shadow, table.c.label).where(table.c.run == run)
    ).one_or_none()
    return None if found is None else (found.shadow, found.label)


def read_run(
    connection: Connection,
    run_id: str,
    parts: Collection[str] = ALL_PARTS,
    shares_of: str | None = None,
) -> Run | None:
    """A run by its id; of the parts, only those asked for are filled.

    `shares_of` a team reads its shares alone, and those of pools: what its lines rest on.
    Those of a run that converts are read in full, since its statement is rounded over all.
    """
    if unknown := set(parts) - ALL_PARTS:
        raise ValueError(f"a run has no part {', '.join(sorted(unknown))}")
    head = connection.execute(select(schema.runs).where(schema.runs.c.id == run_id)).one_or_none()
    if head is None:
        return None
    links = schema.run_snapshots
    held = select(links.c.snapshot).where(links.c.run == run_id).order_by(links.c.position)
    read = {
        name: _read_part(connection, run_id, part)
        for name, part in PARTS.items()
        if name in parts and name != "shares"
    }
    if "shares" in parts:
        read["shares"] = _read_shares(connection, run_id, None if head.currency else shares_of)
    if "rates" in read:
        read["rates"] = _with_quotes(connection, run_id, read["rates"])
    return Run(
        id=head.id,
        period=head.period,
        span=Span(head.span_start, head.span_until),
        model=head.model,
        basis=head.basis,
        snapshots=tuple(connection.execute(held).scalars()),
        made_at=head.made_at,
        provisional=False,
        currency=head.currency,
        **{name: read.get(name, ()) for name in PARTS},
    )


def _read_part(connection: Connection, run_id: str, part: Part) -> tuple[Any, ...]:
    table = part.table
    wanted = select(*part.columns).where(table.c.run == run_id).order_by(table.c.position)
    return tuple(map(part.read, connection.execute(wanted).all()))


def _read_shares(connection: Connection, run_id: str, carrier: str | None) -> tuple[PoolShare, ...]:
    """Shares with the quantities that they rest on; those of one team and of pools, or all."""
    part, table, used = PARTS["shares"], schema.run_shares, schema.run_driver_uses
    wanted = select(table.c.position, *part.columns).where(table.c.run == run_id)
    uses = select(*used.c).where(used.c.run == run_id)
    if carrier is not None:
        nobodys = (str(OwnerKind.POOL), str(OwnerKind.UNALLOCATED))
        own = or_(table.c.owner_kind.in_(nobodys), table.c.owner == carrier)
        wanted = wanted.where(own)
        uses = uses.join(
            table, and_(table.c.run == used.c.run, table.c.position == used.c.share)
        ).where(own)
    found: dict[int, list[DriverUse]] = defaultdict(list)
    for _, share, _, *values in connection.execute(
        uses.order_by(used.c.share, used.c.position)
    ).all():
        found[share].append(DriverUse(*values))
    return tuple(
        replace(part.read(row), uses=tuple(found[position]))
        if position in found
        else part.read(row)
        for position, *row in connection.execute(wanted.order_by(table.c.position)).all()
    )


def _with_quotes(connection: Connection, run_id: str, rates: tuple[Rate, ...]) -> tuple[Rate, ...]:
    table = schema.run_rate_quotes
    wanted = select(*table.c).where(table.c.run == run_id).order_by(table.c.rate, table.c.position)
    quotes: dict[int, list[Quote]] = defaultdict(list)
    for _, rate, _, *values in connection.execute(wanted).all():
        quotes[rate].append(Quote(*values))
    return tuple(replace(r, quotes=tuple(quotes[n])) for n, r in enumerate(rates))


def latest_run(connection: Connection, period: Period) -> str | None:
    """The id of the run that a period's statements are drawn from."""
    table = schema.run_pointers
    return connection.execute(select(table.c.run).where(table.c.period == period)).scalar()


def list_runs(connection: Connection, period: Period | None = None) -> tuple[RunHead, ...]:
    """All runs, or those of a period, the oldest first."""
    table, pointers = schema.runs, schema.run_pointers
    wanted = select(table, pointers.c.run.is_not(None)).outerjoin(
        pointers, pointers.c.run == table.c.id
    )
    if period is not None:
        wanted = wanted.where(table.c.period == period)
    heads = map(_read_head, connection.execute(wanted).all())
    return tuple(sorted(heads, key=lambda head: (head.period, head.made_at, head.id)))


def _read_head(row: Sequence[Any]) -> RunHead:
    run_id, period, start, until, model, basis, made_at, _currency, latest = row
    return RunHead(run_id, period, Span(start, until), model, basis, made_at, bool(latest))
