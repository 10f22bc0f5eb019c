"""Times in SQL: ISO 8601 in its usual spellings, into TIMESTAMP in UTC, or NULL."""

from __future__ import annotations

import re

from sqlglot import exp

from apportion.sources.expression import expression
from apportion.store.relation import text as literal

_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?"
_UTC = rf"{_DAY}([T ]{_CLOCK})?(Z| UTC)?"
_OFFSET = rf"{_DAY}[T ]{_CLOCK} ?[+-][0-9]{{2}}(:?[0-9]{{2}})?"
_ZONED = re.compile(r"(Z|UTC|[+-]\d{2}(:?\d{2})?)$")


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
            else """
            SELECT CAST(TRY_CAST(regexp_replace(_text, ' ([+-])', _sign) AS TIMESTAMPTZ)
                        AS TIMESTAMP)
            """,
            _text=text,
            _sign=literal(r"\1"),
        ),
    )


def lacks_zone(text: str) -> bool:
    """Whether a text gives a time of day without saying in which zone.

    >>> lacks_zone("2026-10-01 08:00:00"), lacks_zone("2026-10-01T08:00Z"), lacks_zone("2026-10-01")
    (True, False, False)
    """
    return len(text) > 10 and not _ZONED.search(text)
