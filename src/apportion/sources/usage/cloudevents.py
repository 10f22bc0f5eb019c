"""Usage as CloudEvents, one JSON object on each line: what apportion's own meters write.

Any service can write them, and event buses carry them. The names of `data` are ours (meters,
identities, `UsageStart`, `UsageEnd`, an object `Attributes`), as with a table; `columns` maps the
names of others, `ModelId: data.model`, `AccountId: subject`. Option `types`: the types of events
that count, others are skipped. Option `count`: the meter of which each event is one, for events
that name no quantity (`count: requests`).

Shape: CloudEvents 1.0, structured mode: `specversion`, `id`, `source`, `type`, and as a rule
`time`, `subject`, `data`. A line, or the whole file, may be an array of events (a batch). Source:
CloudEvents 1.0.2, JSON event format, sections 3 and 4; our own are of type ``apportion.usage.v1``.

Traps: an event is known by `source` and `id` together; `id` alone says nothing. `time` is when
it happened, and is the start where `data` names none. Binary data (`data_base64`) says no quantity.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import TextIO

from apportion.domain.usage import METERS, USAGE_ID, USAGE_START
from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage.format_options import check_options, one_of, own_meters, words
from apportion.sources.usage.json_parts import kind_of
from apportion.sources.usage.table_columns import table_columns
from apportion.sources.usage.table_records import TableRecords
from apportion.sources.usage.table_rows import Objects, no_json, of_objects
from apportion.sources.usage.usage_format import Rejected, UsageBatch, UsageFormat
from apportion.sources.usage.usage_texts import (
    json_value,
    natural_id,
    open_text,
    read_json,
    zone_of,
)

_NEEDED = ("specversion", "id", "source", "type")
_ENVELOPE = "ce_"
_FORMAL = frozenset((*_NEEDED, "time", "data", "data_base64", "datacontenttype", "dataschema")) - {
    "source"
}
"""What of an event's own attributes is not worth keeping, unless `columns` names it."""


def read(file: InputFile, spec: UsageSpec) -> Iterator[UsageBatch]:
    """Read events batch by batch; raises SourceError for an array that is cut short."""
    check_options(spec, {"types", "count", "meters"})
    events = _EventColumns(spec)
    mapped = replace(spec, columns={ours: _at(path) for ours, path in spec.columns.items()})
    records = TableRecords(zone_of(spec), own_meters(spec))
    for rows in of_objects(events.usage(_events(file))):
        columns = table_columns(file, mapped, tuple(rows.columns), whole=rows.whole)
        yield records.batch(rows, columns)


def _at(path: str) -> str:
    """The column of a path within an event: what `data` holds, or an attribute of the event."""
    return path.removeprefix("data.") if path.startswith("data.") else f"{_ENVELOPE}{path}"


def _events(file: InputFile) -> Iterator[tuple[int, object]]:
    """Events with their lines, batches taken apart; what is no JSON is Rejected."""
    with open_text(file) as text:
        first = text.readline()
        if first.lstrip().startswith("[") and not _is_json(first):
            yield from enumerate(read_json(file), start=1)
            return
        yield from _lines(first, text)


def _is_json(line: str) -> bool:
    try:
        json_value(line)
    except ValueError:
        return False
    return True


def _lines(first: str, rest: TextIO) -> Iterator[tuple[int, object]]:
    for line, one in enumerate(chain([first], rest), start=1):
        if not one.strip():
            continue
        try:
            found = json_value(one)
        except ValueError as fault:
            yield line, no_json(line, one, str(fault))
            continue
        for event in found if isinstance(found, list) else [found]:
            yield line, event


class _EventColumns:
    """Takes events apart into the columns of a table."""

    def __init__(self, spec: UsageSpec) -> None:
        self._types = frozenset(words(spec.options.get("types", "")))
        self._count = one_of(spec, "count", METERS) if "count" in spec.options else ""
        self._starts = USAGE_START not in spec.columns
        self._unsaid = _FORMAL - set(spec.columns.values())

    def usage(self, events: Iterator[tuple[int, object]]) -> Objects:
        """The events that tell of usage."""
        for line, event in events:
            if isinstance(event, Rejected):
                yield line, event
            elif not isinstance(event, Mapping):
                yield line, _refused(line, "", f"{kind_of(event)}, no event", {})
            elif self._types and event.get("type") not in self._types:
                yield line, None
            else:
                yield line, self._columns(line, event)

    def _columns(self, line: int, event: Mapping[str, object]) -> Mapping[str, object] | Rejected:
        lacking = [name for name in _NEEDED if not event.get(name)]
        if lacking:
            return _refused(line, lacking[0], f"an event without {lacking[0]}", event)
        if event["specversion"] != "1.0":
            why = f"specversion {event['specversion']!r} is not 1.0"
            return _refused(line, "specversion", why, event)
        data = event.get("data")
        if not isinstance(data, Mapping) and not self._count:
            return _refused(line, "data", "data is no JSON object", event)
        found = {
            **{
                f"{_ENVELOPE}{name}": value
                for name, value in event.items()
                if name not in self._unsaid
            },
            **(data if isinstance(data, Mapping) else {}),
            USAGE_ID: natural_id(event["source"], event["id"]),
        }
        if self._starts:
            found.setdefault(USAGE_START, event.get("time"))
        if self._count:
            found[self._count] = 1
        return found


def _refused(line: int, column: str, why: str, event: Mapping[str, object]) -> Rejected:
    shown = {name: str(value)[:500] for name, value in event.items()}
    hint = "write structured CloudEvents 1.0, with the quantities in `data`"
    return Rejected(line, column, why, hint, shown)


FORMAT = UsageFormat(
    "cloudevents",
    read,
    null_identity="an event that names no consumer was caused by nobody who is known: unattributed",
)
