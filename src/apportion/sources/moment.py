"""Times in SQL: ISO 8601 in its usual spellings, into TIMESTAMP in UTC, or NULL."""

from __future__ import annotations

from sqlglot import exp

from apportion.sources.expression import expression
from apportion.store.relation import text as literal

_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?"
_UTC = rf"{_DAY}([T ]{_CLOCK})?(Z| UTC)?"
_OFFSET = rf"{_DAY}[T ]{_CLOCK}[+-][0-9]{{2}}(:?[0-9]{{2}})?"


def moment(text: exp.Expr, *, as_written: bool = False) -> exp.Expr:
    """TIMESTAMP in UTC from a text, NULL when it can't be read; without a zone it is UTC.

    `as_written` leaves an offset aside: a billing period is a label of the
    calendar, and midnight of 1 September in Berlin begins September, not August.
    """
    return expression(
        """
        SELECT CASE WHEN regexp_full_match(_text, _utc) THEN TRY_CAST(_text AS TIMESTAMP)
                    WHEN regexp_full_match(_text, _offset) THEN _shifted END
        """,
        _text=text,
        _utc=literal(_UTC),
        _offset=literal(_OFFSET),
        _shifted=expression(
            "SELECT TRY_CAST(left(_text, 19) AS TIMESTAMP)"
            if as_written
            else "SELECT CAST(TRY_CAST(_text AS TIMESTAMPTZ) AS TIMESTAMP)",
            _text=text,
        ),
    )
