"""CSV as bytes: UTF-8 without a mark, commas, quotes only where they are needed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence


def csv_bytes(rows: Iterable[Sequence[str]], end: str = "\n") -> bytes:
    r"""Rows as CSV.

    >>> csv_bytes([("a", "b,c")])
    b'a,"b,c"\n'
    """
    page = io.StringIO()
    csv.writer(page, lineterminator=end).writerows(rows)
    return page.getvalue().encode()
