"""The objects of a file of JSON or Parquet, one by one, without holding all of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from itertools import chain
from typing import Any, TextIO

import pyarrow as pa
import pyarrow.parquet as pq

from apportion.errors import Place, SourceError
from apportion.sources.files import InputFile
from apportion.sources.usage.usage_texts import json_value, open_text

_CHUNK = 1 << 20
_ROWS = 10_000
_BETWEEN = " \t\r\n,"
_DECODER = json.JSONDecoder(parse_float=Decimal)


def json_objects(file: InputFile) -> Iterator[tuple[int | None, dict[str, Any] | None]]:
    """The objects of JSON lines, of one list, or one object over several lines.

    A line that is no JSON is None. Raises SourceError for a document that is none.
    """
    with open_text(file) as text:
        first = text.readline()
        while first and not first.strip():
            first = text.readline()
        if first.lstrip().startswith("["):
            yield from _elements(file, first, text)
        elif first.rstrip().endswith("}"):
            yield from _lines(first, text)
        else:
            yield 1, _document(file, first + text.read())


def _lines(first: str, text: TextIO) -> Iterator[tuple[int | None, dict[str, Any] | None]]:
    for line, written in enumerate(chain((first,), text), start=1):
        if not written.strip():
            continue
        try:
            found = json_value(written)
        except ValueError:
            found = None
        yield line, found if isinstance(found, dict) else None


def _document(file: InputFile, text: str) -> dict[str, Any]:
    try:
        found = json_value(text)
    except ValueError as fault:
        raise _no_json(file, str(fault)) from fault
    if not isinstance(found, dict):
        raise _no_json(file, "it holds no object")
    return found


def _elements(
    file: InputFile, first: str, text: TextIO
) -> Iterator[tuple[int | None, dict[str, Any] | None]]:
    held, at = first.lstrip()[1:], 0
    while True:
        while at < len(held) and held[at] in _BETWEEN:
            at += 1
        if held.startswith("]", at):
            return
        try:
            found, at = _DECODER.raw_decode(held, at)
        except ValueError as fault:
            more = text.read(max(_CHUNK, len(held) - at))
            if not more:
                raise _no_json(file, str(fault)) from fault
            held, at = held[at:] + more, 0
            continue
        if isinstance(found, dict):
            yield None, found


def _no_json(file: InputFile, why: str) -> SourceError:
    return SourceError(
        "the file is no JSON document",
        place=Place(file.name),
        why=why,
        hint="export it again; it may be cut short",
    )


def parquet_objects(file: InputFile) -> Iterator[tuple[int | None, dict[str, Any]]]:
    """The rows of a Parquet file by their number; raises SourceError for one that is damaged."""
    try:
        number = 0
        for batch in pq.ParquetFile(file.path).iter_batches(_ROWS):
            for row in batch.to_pylist(maps_as_pydicts="strict"):
                number += 1
                yield number, row
    except (pa.ArrowException, OSError) as fault:
        raise SourceError(
            "the Parquet file can't be read",
            place=Place(file.name),
            why=str(fault),
            hint="it may be cut short: fetch it again",
        ) from fault
