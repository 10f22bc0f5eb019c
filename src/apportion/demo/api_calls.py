"""Calls of a hosted model: who made them, by key, and what the provider bills, by project.

Both come as the pages of OpenAI's own reports. Usage tells the key, cost doesn't; cost is
what is owed, with a discount that no price list tells. One key belongs to nobody known.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from apportion.demo.chance import chance
from apportion.demo.company import month_index
from apportion.demo.seasons import ONE, Season, growth, rhythm
from apportion.domain.period import Period

FIRST_MONTH = Period(2026, 1)
ORGANISATION = "org-sample"


@dataclass(frozen=True)
class Caller:
    """A key of a project, the model that it calls, and thousands of calls on a usual day."""

    key: str
    project: str
    model: str
    calls: int
    prompt: int
    answer: int
    cached: int
    growth: int


LARGE, SMALL = "gpt-4.1-2025-04-14", "gpt-4.1-mini-2025-04-14"

CALLERS = (
    Caller("key_nlp_chat", "proj_assistant", LARGE, 9, 3_200, 420, 62, 50),
    Caller("key_nlp_eval", "proj_assistant", SMALL, 14, 1_900, 160, 10, 20),
    Caller("key_cv_caption", "proj_vision", SMALL, 22, 900, 70, 0, 30),
    Caller("key_rec_explain", "proj_discovery", SMALL, 30, 1_400, 110, 45, 40),
    Caller("key_search_rewrite", "proj_discovery", SMALL, 48, 600, 40, 70, 35),
    Caller("key_fraud_notes", "proj_trust", LARGE, 2, 2_400, 300, 0, 15),
    Caller("key_trial", "proj_assistant", LARGE, 1, 2_000, 500, 0, 0),
)
"""Tokens of a prompt and an answer, and how many per cent of a prompt come from the cache."""

PRICES: Mapping[str, tuple[str, str, str]] = {
    LARGE: ("2.00", "0.50", "8.00"),
    SMALL: ("0.40", "0.10", "1.60"),
}
"""USD for a million tokens of input, cached input and output, as the price list says."""

DISCOUNT = Decimal("0.97")
"""What the provider bills of the list price: an agreement that isn't in any list."""


def write_api_calls(folder: Path, periods: Sequence[Period], seed: int) -> list[Path]:
    """Write a file of usage pages and one of cost pages for each month."""
    written = []
    for period in (one for one in periods if one >= FIRST_MONTH):
        used = {day: list(_day(day, period, seed)) for day in period.span}
        buckets = [_bucket(day, [_usage(*one) for one in rows]) for day, rows in used.items()]
        costs = [_bucket(day, list(_costs(rows))) for day, rows in used.items()]
        written.append(_write(folder / "usage" / "openai" / f"{period}.jsonl", buckets))
        written.append(_write(folder / "bills" / "openai" / f"{period}.jsonl", costs))
    return written


Used = tuple[Caller, int, int, int, int]
"""A caller, its calls, and tokens of input that isn't cached, cached input, and output."""


def _day(day: date, period: Period, seed: int) -> Iterator[Used]:
    months = month_index(period) - month_index(FIRST_MONTH)
    for caller in CALLERS:
        luck = chance(seed, "calls", day, caller.key).randint(850, 1150)
        factor = growth(caller.growth, months) * rhythm(Season.OFFICE, day) * luck
        calls = caller.calls * 1000 * factor // ONE**3
        whole = calls * caller.prompt
        cached = whole * caller.cached // 100
        yield caller, calls, whole - cached, cached, calls * caller.answer


def _usage(caller: Caller, calls: int, plain: int, cached: int, out: int) -> dict[str, object]:
    return {
        "object": "organization.usage.completions.result",
        "input_tokens": plain + cached,
        "input_cached_tokens": cached,
        "output_tokens": out,
        "num_model_requests": calls,
        "project_id": caller.project,
        "user_id": None,
        "api_key_id": caller.key,
        "model": caller.model,
        "batch": False,
        "service_tier": "default",
    }


def _costs(rows: Sequence[Used]) -> Iterator[dict[str, object]]:
    """By project and line item: the key isn't told."""
    owed: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for caller, _, *tokens in rows:
        kinds = ("input", "cached input", "output")
        for kind, price, count in zip(kinds, PRICES[caller.model], tokens, strict=True):
            item = f"{caller.model}, {kind}"
            owed[caller.project, item] += Decimal(price) * count / 1_000_000 * DISCOUNT
    for (project, item), amount in sorted(owed.items()):
        if amount:
            yield {
                "object": "organization.costs.result",
                "amount": {"value": float(round(amount, 6)), "currency": "usd"},
                "line_item": item,
                "project_id": project,
                "organization_id": ORGANISATION,
            }


def _bucket(day: date, results: Sequence[dict[str, object]]) -> dict[str, object]:
    start = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    return {"object": "bucket", "start_time": start, "end_time": start + 86_400, "results": results}


def _write(path: Path, buckets: Sequence[dict[str, object]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    page = {"object": "page", "data": buckets, "has_more": False, "next_page": None}
    path.write_text(json.dumps(page) + "\n", encoding="utf-8")
    return path
