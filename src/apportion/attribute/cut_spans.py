"""Third pass: charges by key and by the spans of days on which the same claims hold."""

from __future__ import annotations

from datetime import date

from sqlglot import exp

from apportion.attribute.scratch import Scratch
from apportion.attribute.spans import Spans
from apportion.attribute.totals import sums
from apportion.store.engine import Engine
from apportion.store.relation import column, columns, number, sql, table


def days_of(engine: Engine, *, daily: str, monthly: str | None) -> tuple[date, date] | tuple[()]:
    """The first and the last day on which anything was charged; empty where nothing was."""
    first, last = ("FirstDate", "LastDate") if monthly else ("ChargeDate", "ChargeDate")
    found = engine.fetch(
        sql(
            "SELECT min(_first) AS FirstDay, max(_last) AS LastDay FROM _charges AS c",
            _first=column(first, "c"),
            _last=column(last, "c"),
            _charges=table(monthly or daily),
        )
    ).to_pylist()[0]
    return (found["FirstDay"], found["LastDay"]) if found["FirstDay"] else ()


def cut_spans(
    engine: Engine, spans: Spans, *, daily: str, monthly: str | None, laid: str, into: str
) -> None:
    """Write (Source, KeyNo, KeyId, Span, Charges, the four costs): one row for each key and span.

    A key whose charges of a period lie within one span is taken from the
    monthly roll-up. Only the others are summed from days, and the daily
    relation, thirty times as large, isn't read where there are none.

    Invariant: charges and costs in = out, source by source.
    """
    with Scratch(engine, into) as scratch:
        if monthly is None:
            cut_up = _by_day(spans, daily)
        elif spans.one:
            cut_up = _summed(table(monthly), number(0))
        else:
            cut_up = _by_month(engine, scratch, spans, daily, monthly)
        engine.create(
            into,
            sql(
                """
                SELECT c.Source AS Source, c.Span AS Span, c.KeyId AS KeyId, k.KeyNo AS KeyNo,
                       _costs
                FROM _cut AS c JOIN _laid AS k ON k.KeyId = c.KeyId
                """,
                _cut=cut_up,
                _laid=table(laid),
                _costs=columns(MEASURES, "c"),
            ),
        )


MEASURES = ("Charges", "BilledCost", "EffectiveCost", "ListCost", "ContractedCost")


def _summed(charges: exp.Expr, span: exp.Expr, of: str = "c") -> exp.Query:
    return sql(
        """
        SELECT c.Source AS Source, c.KeyId AS KeyId, CAST(_span AS INTEGER) AS Span, _sums
        FROM _charges AS c
        GROUP BY c.Source, c.KeyId, CAST(_span AS INTEGER)
        """,
        _charges=charges,
        _span=span,
        _sums=sums(of),
    )


def _by_day(spans: Spans, daily: str) -> exp.Query:
    return _summed(table(daily), spans.of(column("ChargeDate", "c")))


def _by_month(
    engine: Engine, scratch: Scratch, spans: Spans, daily: str, monthly: str
) -> exp.Query:
    """Whole periods where a span holds all their days; days where it doesn't."""
    months = scratch.create(
        "months",
        sql(
            """
            SELECT m.Source AS Source, m.Period AS Period, m.KeyId AS KeyId,
                   _first AS Span, _last AS LastSpan, _sums
            FROM _monthly AS m
            GROUP BY m.Source, m.Period, m.KeyId
            """,
            _monthly=table(monthly),
            _first=spans.of(exp.Min(this=column("FirstDate", "m"))),
            _last=spans.of(exp.Max(this=column("LastDate", "m"))),
            _sums=sums("m"),
        ),
    )
    whole = sql(
        "SELECT Source, KeyId, Span, _costs FROM _months AS m WHERE Span = LastSpan",
        _months=table(months),
        _costs=columns(MEASURES, "m"),
    )
    parted = sql(
        "SELECT Source, Period, KeyId FROM _months AS m WHERE Span <> LastSpan",
        _months=table(months),
    )
    if engine.fetch(parted.limit(1)).num_rows:
        days = sql(
            """
            SELECT d.Source AS Source, d.KeyId AS KeyId, _span AS Span, _costs
            FROM _daily AS d
            JOIN _parted AS p
              ON p.KeyId = d.KeyId AND p.Period = d.Period AND p.Source = d.Source
            """,
            _daily=table(daily),
            _parted=parted,
            _span=spans.of(column("ChargeDate", "d")),
            _costs=columns(MEASURES, "d"),
        )
        whole = exp.union(whole, days, distinct=False)
    return _summed(whole.subquery(copy=False), column("Span", "c"))
