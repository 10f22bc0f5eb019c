"""Pages of a provider's report, as its interface answers them and `apportion pull` keeps them.

A page holds buckets of time, and a bucket its results::

    {"data": [{"start_time": …, "end_time": …, "results": [{…}, …]}], "has_more": …, "next_page": …}

A file is one page, or JSON lines of pages. What was pulled has a further line before the
pages of each report, ``{"apportion_pull": {"api", "report", "group_by", …}}``, which says what
was asked: a provider answers null both where it wasn't asked, and where null means something.

A file whose last page says that there are more isn't whole, and nothing of it is read: cost
would be missing without a word.

Source: OpenAI administration API (openai-openapi), Anthropic Admin API reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from apportion.errors import Place, SourceError
from apportion.sources.files import InputFile
from apportion.sources.usage.usage_texts import json_value, open_text

ASKED = "apportion_pull"
"""The key of a line that says what was asked."""

_ONE_BY_ONE = (
    "put the pages into one file, each on a line: jq -c . page1.json page2.json > all.jsonl"
)


@dataclass(frozen=True)
class Asked:
    """What was asked for the pages that follow; of a file that wasn't pulled nothing is known."""

    api: str = ""
    report: str = ""
    group_by: tuple[str, ...] | None = None
    bucket: str = ""

    def groups(self, name: str) -> bool | None:
        """Whether it was grouped by something; None where that isn't known."""
        return None if self.group_by is None else name in self.group_by


@dataclass(frozen=True)
class Page:
    """A page, the line that it begins on, and what was asked for it."""

    line: int
    asked: Asked
    buckets: tuple[Mapping[str, Any], ...]

    def results(self) -> Iterator[tuple[Mapping[str, Any], Any]]:
        """Each result with the bucket that it stands in."""
        for bucket in self.buckets:
            for result in bucket["results"]:
                yield bucket, result


def read_pages(file: InputFile) -> Iterator[Page]:
    """The pages of a file in order, one at a time; numbers are exact.

    Raises SourceError for what is no page, or isn't whole.
    """
    asked, more, line = Asked(), False, 1
    for line, document in _documents(file):
        if (head := _asked(document)) is not None:
            if more:
                raise _not_whole(file, line)
            asked = head
            continue
        more = document.get("has_more") is True
        yield Page(line, asked, _buckets(file, line, document))
    if more:
        raise _not_whole(file, line)


def _documents(file: InputFile) -> Iterator[tuple[int, Mapping[str, Any]]]:
    with open_text(file) as text:
        first = text.readline()
        try:
            document = json_value(first)
        except ValueError:  # one page over several lines, or no JSON at all
            yield 1, _parsed(file, 1, first + text.read())
            return
        yield 1, _object(file, 1, document)
        for line, written in enumerate(text, start=2):
            if written.strip():
                yield line, _parsed(file, line, written)


def _parsed(file: InputFile, line: int, text: str) -> Mapping[str, Any]:
    try:
        return _object(file, line, json_value(text))
    except ValueError as fault:
        raise SourceError(
            "no page of a report: it is no JSON",
            place=Place(file.name, line),
            why=str(fault),
            hint="fetch it again; it may be cut short",
        ) from fault


def _object(file: InputFile, line: int, document: object) -> Mapping[str, Any]:
    if isinstance(document, dict) and "error" not in document:
        return document
    answered = isinstance(document, dict)
    raise SourceError(
        "the provider's error in place of a page" if answered else "no page of a report",
        place=Place(file.name, line),
        why="" if answered else "a page is an object with `data`",
        hint="fetch it again; nothing of this source was loaded",
    )


def _asked(document: Mapping[str, Any]) -> Asked | None:
    said = document.get(ASKED)
    if not isinstance(said, dict):
        return None
    groups = said.get("group_by")
    return Asked(
        str(said.get("api", "")),
        str(said.get("report", "")),
        tuple(map(str, groups)) if isinstance(groups, list) else None,
        str(said.get("bucket", "")),
    )


def _buckets(
    file: InputFile, line: int, document: Mapping[str, Any]
) -> tuple[Mapping[str, Any], ...]:
    buckets = document.get("data")
    if isinstance(buckets, list) and all(
        isinstance(bucket, dict) and isinstance(bucket.get("results"), list) for bucket in buckets
    ):
        return tuple(buckets)
    raise SourceError(
        "no page of a report: it has no buckets with results",
        place=Place(file.name, line),
        why="a page is an object whose `data` is a list of buckets, each with `results`",
        hint="fetch it from the provider's interface again, and keep the answer as it is",
    )


def _not_whole(file: InputFile, line: int) -> SourceError:
    return SourceError(
        "the report isn't whole: its last page says that there are more",
        place=Place(file.name, line),
        why="what is missing would be missing in the cost, too",
        hint=f"fetch the rest by `page={{next_page}}`, and {_ONE_BY_ONE}; or use `apportion pull`",
    )
