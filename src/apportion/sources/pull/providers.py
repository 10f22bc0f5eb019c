"""How each interface is asked: its address, what stands in the header, and its questions.

Source: OpenAI API reference (administration, usage); Anthropic Admin API reference (usage and
cost); OpenRouter API reference (activity).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from apportion.model.pull_spec import DAY, HOUR, INTERFACES, MINUTE, PullSpec
from apportion.sources.pages import ASKED

Query = list[tuple[str, str]]


@dataclass(frozen=True)
class Ask:
    """A question: a report, its groups and buckets, and the days from `start` to before `until`."""

    report: str
    group_by: tuple[str, ...]
    bucket: str
    start: date
    until: date

    def head(self, api: str) -> dict[str, Any]:
        """What is written before its pages: all that was asked, and nothing of when."""
        said = {
            "api": api,
            "report": self.report,
            "group_by": list(self.group_by),
            "bucket": self.bucket,
            "from": str(self.start),
            "until": str(self.until),
        }
        return {ASKED: said}


@dataclass(frozen=True)
class Provider:
    """A provider's interface. `by_day` is for one that answers a single day at a time."""

    name: str
    server: str
    path: str
    headers: Callable[[str], Mapping[str, str]]
    query: Callable[[Ask], Query]
    start_of: Callable[[Mapping[str, Any]], date] | None = None
    by_day: bool = False

    def asks(self, pull: PullSpec, start: date, until: date) -> tuple[Ask, ...]:
        """All questions for some days."""
        known = INTERFACES[pull.api].reports
        whole = [(start, until)]
        if self.by_day:
            days = ((start + timedelta(n)) for n in range((until - start).days))
            whole = [(day, day + timedelta(1)) for day in days]
        return tuple(
            Ask(
                report,
                tuple(group for group in pull.group_by if group in known[report]),
                pull.bucket,
                *days,
            )
            for report in pull.reports
            for days in whole
        )


_LIMITS = {MINUTE: 1440, HOUR: 168, DAY: 31}
"""Buckets that a page has at most."""


def _seconds(day: date) -> str:
    return str(int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()))


def _openai_query(ask: Ask) -> Query:
    return [
        ("start_time", _seconds(ask.start)),
        ("end_time", _seconds(ask.until)),
        ("bucket_width", ask.bucket),
        ("limit", str(_LIMITS[ask.bucket])),
        *(("group_by", group) for group in ask.group_by),
    ]


def _anthropic_query(ask: Ask) -> Query:
    return [
        ("starting_at", f"{ask.start}T00:00:00Z"),
        ("ending_at", f"{ask.until}T00:00:00Z"),
        ("bucket_width", ask.bucket),
        ("limit", str(_LIMITS[ask.bucket])),
        *(("group_by[]", group) for group in ask.group_by),
    ]


def _bearer(key: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {key}"}


def _anthropic_headers(key: str) -> Mapping[str, str]:
    return {"x-api-key": key, "anthropic-version": "2023-06-01"}


def _openai_start(bucket: Mapping[str, Any]) -> date:
    return datetime.fromtimestamp(int(bucket["start_time"]), UTC).date()


def _anthropic_start(bucket: Mapping[str, Any]) -> date:
    return datetime.fromisoformat(bucket["starting_at"]).astimezone(UTC).date()


def _openai(path: str) -> Provider:
    return Provider("OpenAI", "https://api.openai.com", path, _bearer, _openai_query, _openai_start)


def _anthropic(path: str) -> Provider:
    return Provider(
        "Anthropic",
        "https://api.anthropic.com",
        path,
        _anthropic_headers,
        _anthropic_query,
        _anthropic_start,
    )


PROVIDERS: Mapping[str, Provider] = {
    "openai-usage": _openai("/v1/organization/usage/{report}"),
    "openai-costs": _openai("/v1/organization/{report}"),
    "anthropic-usage": _anthropic("/v1/organizations/usage_report/{report}"),
    "anthropic-costs": _anthropic("/v1/organizations/{report}"),
    "openrouter-activity": Provider(
        "OpenRouter",
        "https://openrouter.ai",
        "/api/v1/{report}",
        _bearer,
        lambda ask: [("date", str(ask.start))],
        by_day=True,
    ),
}
"""By the interface's name in `pull`."""
