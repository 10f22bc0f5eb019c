"""Cost reports of model providers laid out as a table: a row for each result of each bucket.

A report comes as pages of buckets of results, and bills are read as tables. What a row holds
are the result's own values, as they are written; the formulas of the ready-made table say what
they become (``tables/openai-costs.yaml``).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from apportion.errors import Place, SourceError
from apportion.sources.amount import cut_float
from apportion.sources.container import Container
from apportion.sources.files import InputFile
from apportion.sources.head import LINE
from apportion.sources.pages import Page, read_pages
from apportion.sources.unwrap import Plain

Row = Mapping[str, object]
_UNHOLDABLE = re.compile("[\x00\ud800-\udfff]")


def lay_out_pages(
    file: InputFile,
    folder: Path,
    columns: Sequence[str],
    row_of: Callable[[Page, Mapping[str, Any], Mapping[str, Any]], Row],
) -> Plain:
    """Write the results of a file's pages to a CSV in `folder`, with the line of their page.

    Raises SourceError for what is no whole report.
    """
    path = folder / "laid_out.csv"
    with path.open("w", encoding="utf-8", newline="") as written:
        writer = csv.writer(written, lineterminator="\n")
        writer.writerow([*columns, LINE])
        for line, row in _rows(file, row_of):
            writer.writerow([*(as_written(row.get(name)) for name in columns), line])
    return Plain(path, Container.CSV)


def _rows(
    file: InputFile, row_of: Callable[[Page, Mapping[str, Any], Mapping[str, Any]], Row]
) -> Iterator[tuple[int, Row]]:
    for page in read_pages(file):
        for bucket, result in page.results():
            if not isinstance(result, dict):
                raise not_of_this_report(file, page, "a result is no object")
            try:
                yield page.line, row_of(page, bucket, result)
            except OtherReport as other:
                raise not_of_this_report(file, page, str(other)) from None


class OtherReport(Exception):
    """A result is of another report: of usage, say."""


def not_of_this_report(file: InputFile, page: Page, why: str) -> SourceError:
    return SourceError(
        "this is no report of cost",
        place=Place(file.name, page.line),
        why=why,
        hint="put it where it belongs: reports of usage are declared under `usage`",
    )


def as_written(value: object) -> str:
    """A value of a result as text, numbers to their last digit.

    >>> as_written(Decimal("1.0E-7")), as_written("12.50"), as_written(None), as_written(True)
    ('0.00000010', '12.50', '', 'true')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return format(value, "f") if abs(value.adjusted()) < 400 else str(value)
    return _UNHOLDABLE.sub("\ufffd", str(value))


def float_as_written(value: object) -> str:
    """A number that its provider holds in binary: digits beyond the 18th place are noise."""
    text = as_written(value)
    return cut_float(text) if isinstance(value, Decimal) else text
