"""Projects with calls of models, jobs of a cluster, and bills for both: written, loaded, run."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from textwrap import dedent
from typing import Any

from apportion.domain.period import Period
from apportion.domain.result import Run
from apportion.run.bring_in import bring_in, bring_in_usage
from apportion.run.evaluate import evaluate
from apportion.run.open_project import OpenProject
from bills import row, write_bill

PROJECT = """\
name: Units
currency: USD
sources:
  cloud: {format: focus, path: bills/*.csv}
usage:
  calls: {format: csv, path: usage/calls.csv}
  jobs: {format: csv, path: usage/jobs.csv}
"""

MODEL = """
organisation:
  - {name: ann, kind: team}
  - {name: bob, kind: team}
rules:
  - {name: by tag, team_from_tag: team}
identities:
  - {api_key: k1, team: ann}
  - {api_key: k2, team: bob}
  - {account: ann, team: ann}
  - {account: bob, team: bob}
prices:
  - {provider: acme, model: m1, meter: uncached_input_tokens, price: 2}
  - {provider: acme, model: m1, meter: cache_read_tokens, price: "0.5"}
  - {provider: acme, model: m1, meter: cache_write_5m_tokens, price: 3}
  - {provider: acme, model: m1, meter: output_tokens, price: 8}
pools:
  - {name: llm, service: Model API, split: {by: usage_cost, usage: [calls], when_missing: keep}}
  - {name: gpus, service: Cluster, split: {by: driver, driver: gpu_hours, when_missing: keep}}
  - {name: tax, service: Tax, split: {by: direct_cost, when_missing: {fallback: {by: even}}}}
drivers:
  - {name: gpu_hours, unit: GPU hours, usage: {meter: gpu_hours, sources: [jobs]}}
"""

CALLS = ("id", "start", "api_key", "provider", "model", "tier", "requests", "failed_requests",
         "uncached_input_tokens", "cache_read_tokens", "cache_write_5m_tokens",
         "output_tokens")  # fmt: skip
JOBS = ("id", "run", "start", "end", "account", "user", "status", "gpus", "gpus_used", "job_name")


class UnitProject:
    """A project folder whose usage and bills a test writes."""

    def __init__(self, root: Path, model: str = MODEL) -> None:
        self.root = root
        (root / "model").mkdir(parents=True)
        (root / "apportion.yaml").write_text(PROJECT)
        self.model(model)
        self.calls(())
        self.jobs(())

    def model(self, text: str) -> None:
        (self.root / "model" / "model.yaml").write_text(dedent(text))

    def calls(self, rows: Iterable[Mapping[str, object]]) -> None:
        self._write("calls", CALLS, rows)

    def jobs(self, rows: Iterable[Mapping[str, object]]) -> None:
        self._write("jobs", JOBS, rows)

    def _write(self, name: str, heads: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
        path = self.root / "usage" / f"{name}.csv"
        path.parent.mkdir(exist_ok=True)
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, heads, restval="")
            writer.writeheader()
            writer.writerows(rows)

    def bill(self, month: str, *rows: Mapping[str, str]) -> None:
        write_bill(self.root / f"bills/{month}.csv", rows)

    def runs(self, *months: str) -> list[Run]:
        """Load, evaluate and save."""
        with OpenProject(self.root) as project:
            bring_in(project)
            bring_in_usage(project)
            found = [
                evaluate(project.workspace, project.model, Period.parse(month)) for month in months
            ]
            for run in found:
                project.books.save_run(run)
            return found


def charge(month: str, cost: str, service: str, day: int = 5, **over: Any) -> dict[str, str]:
    """A charge of one day of a month."""
    period = Period.parse(month)
    first, past = period.start, period.next().start
    on = date(period.year, period.month, day)
    named: dict[str, Any] = {"ResourceId": "", "ResourceName": "", "SkuId": service} | over
    return row(
        cost,
        BillingPeriodStart=f"{first}T00:00:00Z",
        BillingPeriodEnd=f"{past}T00:00:00Z",
        ChargePeriodStart=f"{on}T00:00:00Z",
        ChargePeriodEnd=f"{on + timedelta(days=1)}T00:00:00Z",
        ServiceName=service,
        **named,
    )


def random_project(root: Path, seed: int, months: Sequence[str]) -> UnitProject:
    """A project with usage and bills by chance: unknown keys, unpriced models, lost jobs."""
    luck = random.Random(seed)
    made = UnitProject(root)
    calls: list[dict[str, object]] = []
    jobs: list[dict[str, object]] = []
    for month in months:
        calls += (_call(luck, month, n) for n in range(luck.randrange(1, 14)))
        jobs += (_job(luck, month, n) for n in range(luck.randrange(1, 14)))
        money = (f"{luck.randrange(1, 90_000) / 100:.2f}" for _ in range(99))
        api = [
            charge(month, next(money), "Model API", day, SkuId=model)
            for day in (1, 2, 3)
            for model in ("m1", "m2")
        ]
        own = [
            charge(
                month,
                next(money),
                "Compute",
                ResourceId=f"vm-{luck.randrange(4)}",
                SkuId=luck.choice(["small", "big"]),
                PricingQuantity=str(luck.randrange(1, 50)),
                Tags=f'{{"team": "{team}"}}',
            )
            for team in ("ann", "bob", "")
            for _ in range(luck.randrange(1, 4))
        ]
        made.bill(
            month,
            *api,
            *own,
            charge(month, next(money), "Cluster"),
            charge(month, next(money), "Tax"),
        )
    made.calls(calls)
    made.jobs(jobs)
    return made


def _call(luck: random.Random, month: str, n: int) -> dict[str, object]:
    return {
        "id": f"{month}-c{n}",
        "start": f"{month}-{luck.randrange(1, 4):02d}T01:00:00Z",
        "api_key": luck.choice(["k1", "k2", "who"]),
        "provider": "acme",
        "model": luck.choice(["m1", "m1", "m2"]),
        "requests": luck.choice(["", 5, 11]),
        "failed_requests": luck.choice(["", 0, 2]),
        "uncached_input_tokens": luck.randrange(1, 90_000),
        "cache_read_tokens": luck.choice([0, luck.randrange(90_000)]),
        "cache_write_5m_tokens": luck.choice([0, luck.randrange(90_000)]),
        "output_tokens": luck.randrange(9_000),
    }


def _job(luck: random.Random, month: str, n: int) -> dict[str, object]:
    day, hours = luck.randrange(1, 28), luck.randrange(1, 23)
    return {
        "id": f"{month}-j{n}",
        "run": f"{month}-j{n}",
        "start": f"{month}-{day:02d}T00:00:00Z",
        "end": f"{month}-{day:02d}T{hours:02d}:00:00Z",
        "account": luck.choice(["ann", "bob", "who"]),
        "user": luck.choice(["x", "y"]),
        "status": luck.choice(["success", "failed", "cancelled"]),
        "gpus": luck.randrange(1, 9),
        "gpus_used": 1,
        "job_name": luck.choice(["train", "tune", f"sweep-{n}"]),
    }
