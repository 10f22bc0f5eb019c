"""The records of a CSV with a header, one by one, as texts by column."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence

from apportion.errors import Place, SourceError
from apportion.sources.files import InputFile
from apportion.sources.usage.usage_rows import UsageRows
from apportion.sources.usage.usage_texts import open_text

csv.field_size_limit(16_000_000)


def csv_records(
    file: InputFile, needs: Sequence[str], rows: UsageRows, what: str
) -> Iterator[tuple[int, dict[str, str]]]:
    """Each record with its line; one with more or fewer fields than the header is rejected.

    Raises SourceError for a file that lacks a column that `what` needs, or is no CSV.
    """
    with open_text(file) as text:
        reader = csv.reader(text, strict=True)
        try:
            head = [name.strip() for name in next(reader, [])]
            _need(file, needs, head, what)
            for fields in reader:
                if not fields:
                    continue
                if len(fields) != len(head):
                    why = f"{len(fields)} fields where the header has {len(head)}"
                    hint = "the row is cut short, or a field holds a comma without quotes"
                    rows.reject(reader.line_num, "", why, hint, {"row": ",".join(fields)})
                    continue
                yield reader.line_num, dict(zip(head, fields, strict=True))
        except csv.Error as fault:
            raise SourceError(
                "the file is no CSV",
                place=Place(file.name, reader.line_num),
                why=str(fault),
                hint="export it again; nothing of this source was loaded",
            ) from fault


def _need(file: InputFile, needs: Sequence[str], head: Sequence[str], what: str) -> None:
    lacking = [name for name in needs if name not in head]
    if lacking:
        raise SourceError(
            f"no {what}: column {lacking[0]!r} is missing",
            place=Place(file.name, 1),
            why=f"the header has {', '.join(head)[:300] or 'nothing'}",
            hint=f"export it with {', '.join(needs)}; see the how-to of the format",
        )
