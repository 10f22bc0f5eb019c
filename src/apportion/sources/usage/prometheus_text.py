"""Samples of Prometheus as text, each with its time, as its own tools write them out.

Shape: ``name{label="value"} 12 1790812800`` on each line, as ``promtool tsdb dump-openmetrics``
writes it (seconds), or ``{__name__="name",label="value"} 12 1790812800000`` of ``promtool tsdb
dump`` (milliseconds). Comments begin with `#`. Source: OpenMetrics 1.0, text format; Prometheus,
`cmd/promtool/tsdb.go`. The text of ``/metrics`` has no times, and so can't be told apart by them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise

from apportion.sources.files import InputFile
from apportion.sources.usage.prometheus import Sample, Series
from apportion.sources.usage.usage_rows import UsageRows
from apportion.sources.usage.usage_texts import from_unix, open_text

_LINE = re.compile(
    r"(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)?\s*(?:\{(?P<labels>.*)\})?\s+(?P<value>\S+)"
    r"(?:\s+(?P<time>[0-9.eE+]+))?(?:\s+#.*)?\s*"
)
_LABEL = re.compile(r'\s*"?([a-zA-Z_:][a-zA-Z0-9_:.]*)"?\s*=\s*"((?:[^"\\]|\\.)*)"\s*,?')
_ESCAPED = re.compile(r"\\(.)")
_MILLISECONDS = Decimal(10) ** 11

_NO_SAMPLE = "write it as promtool tsdb dump-openmetrics does"


def is_text(file: InputFile) -> bool:
    """Whether a file holds samples as text, and no JSON document."""
    with open_text(file) as text:
        for line in text:
            if line.strip():
                return not re.match(r'\s*(\[|\{\s*("|$))', line)
    return False


def read_text_series(file: InputFile, rows: UsageRows) -> tuple[Series, ...]:
    """All series of a file, in the order of their first sample; lines that are none are rejected.

    A sample's step is the time since the one before.
    """
    first: dict[tuple[tuple[str, str], ...], int] = {}
    found: dict[tuple[tuple[str, str], ...], list[tuple[Decimal, str]]] = {}
    with open_text(file) as text:
        for number, line in enumerate(text, start=1):
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            try:
                labels, time, value = _sample(line)
            except ValueError as fault:
                rows.reject(number, "", str(fault), _NO_SAMPLE, {"row": line.strip()[:500]})
                continue
            key = tuple(sorted(labels.items()))
            first.setdefault(key, number)
            found.setdefault(key, []).append((time, value))
    return tuple(Series(first[key], dict(key), _samples(samples)) for key, samples in found.items())


def _samples(found: list[tuple[Decimal, str]]) -> tuple[Sample, ...]:
    ordered = sorted(found, key=lambda one: one[0])
    before = [ordered[0][0], *(earlier for (earlier, _), _ in pairwise(ordered))]
    return tuple(
        Sample(from_unix(start), from_unix(time), value)
        for start, (time, value) in zip(before, ordered, strict=True)
    )


def _sample(line: str) -> tuple[dict[str, str], Decimal, str]:
    """Labels, time in seconds, and value.

    >>> _sample('up{job="a"} 1 1790812800')
    ({'job': 'a', '__name__': 'up'}, Decimal('1790812800'), '1')
    """
    found = _LINE.fullmatch(line)
    if found is None:
        raise ValueError("no sample")
    if not found["time"]:
        raise ValueError("a sample without a time")
    labels = dict(_labels(found["labels"] or ""))
    if found["name"]:
        labels["__name__"] = found["name"]
    time = Decimal(found["time"])
    return labels, time / 1000 if time > _MILLISECONDS else time, found["value"]


def _labels(text: str) -> Mapping[str, str]:
    found, at = {}, 0
    while at < len(text):
        label = _LABEL.match(text, at)
        if label is None:
            raise ValueError(f"no label at {text[at : at + 20]!r}")
        found[label[1]] = _ESCAPED.sub(lambda one: "\n" if one[1] == "n" else one[1], label[2])
        at = label.end()
    return found
