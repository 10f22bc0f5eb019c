"""The shared GPU cluster: what it costs a month, and what `sacct` says of its jobs.

Sixty-four GPUs under Slurm since January 2026, rented by the month. In May somebody of NLP
left a sweep running on half of them; nobody noticed before it was cancelled.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from apportion.demo.chance import chance
from apportion.demo.company import RUNAWAY, month_index
from apportion.domain.period import Period

_ZONE = ZoneInfo("Europe/Berlin")
FIRST_MONTH = Period(2026, 1)
GPUS = 64

HEADER = (
    "JobIDRaw|JobName|User|Account|Partition|State|Submit|Eligible|Start|End|ElapsedRaw|"
    "AllocTRES|ReqTRES|NNodes|ExitCode"
)

COSTS = (("Reserved GPU nodes", "58400.00"), ("Space and energy", "9350.00"))
"""What the cluster costs each month; nodes on demand come on top where jobs waited."""


@dataclass(frozen=True)
class Work:
    """A kind of jobs: who runs them, on how many GPUs, for how long, how many a month."""

    account: str
    user: str
    name: str
    gpus: int
    hours: int
    jobs: int
    fails: int = 6


WORK = (
    Work("nlp-research", "dana", "pretrain", 16, 20, 48, 10),
    Work("nlp-research", "li", "finetune", 4, 9, 150),
    Work("nlp-prod", "svc-nlp", "distill", 8, 6, 46),
    Work("cv", "amir", "detector", 8, 11, 92, 8),
    Work("cv", "noor", "augment", 2, 5, 120),
    Work("rec", "svc-rec", "ranker-daily", 4, 7, 62, 2),
    Work("rec", "ines", "ablation", 2, 8, 84, 12),
    Work("scratch", "guest7", "try", 1, 6, 60, 20),
)
"""The account `scratch` is nobody's: the model doesn't know it."""

RUNAWAY_JOB = ("930042", "hp-sweep-42", "dana", "nlp-research", 32)
_SWEEP = (datetime(2026, 5, 4, 18, 12), datetime(2026, 5, 27, 9, 40))  # noqa: DTZ001 -- local time


def write_cluster(folder: Path, periods: Sequence[Period], seed: int) -> list[Path]:
    """Write the invoices of the cluster and a month's accounting for each month that it runs."""
    held = [period for period in periods if period >= FIRST_MONTH]
    bill = folder / "bills" / "cluster" / "invoices.csv"
    lines = ["month,item,amount", *(line for period in held for line in _costs(period, seed))]
    written = [_write(bill, lines)]
    for period in held:
        path = folder / "usage" / "cluster" / f"sacct-{period}.txt"
        written.append(_write(path, [HEADER, *_jobs(period, seed)]))
    return written


def _costs(period: Period, seed: int) -> Iterator[str]:
    yield from (f"{period},{item},{amount}" for item, amount in COSTS)
    extra = Decimal(chance(seed, "burst", period).randint(240_000, 410_000)).scaleb(-2)
    if period == RUNAWAY:
        extra *= 4
    yield f"{period},GPU nodes on demand,{extra}"


def _jobs(period: Period, seed: int) -> Iterator[str]:
    number = 100_000 + 4_000 * month_index(period)
    days = period.span.days
    for work in WORK:
        luck = chance(seed, "jobs", period, work.name)
        for n in range(work.jobs):
            minute = (n * days * 1440) // work.jobs + luck.randint(0, 600)
            submit = datetime(period.year, period.month, 1) + timedelta(minutes=minute)  # noqa: DTZ001
            start = submit + timedelta(minutes=luck.randint(1, 90))
            lasts = timedelta(minutes=work.hours * luck.randint(40, 80))
            state = "FAILED" if luck.randint(1, 100) <= work.fails else "COMPLETED"
            if state == "FAILED":
                lasts = lasts * luck.randint(20, 80) // 100
            number += 1
            yield _row(str(number), work.name, work.user, work.account, work.gpus,
                       submit, start, start + lasts, state)  # fmt: skip
    if period == RUNAWAY:
        job, name, user, account, gpus = RUNAWAY_JOB
        start, end = _SWEEP
        yield _row(job, name, user, account, gpus, start, start, end, "CANCELLED by 1004")


def _row(  # noqa: PLR0913, PLR0917 -- the columns of a row
    job: str,
    name: str,
    user: str,
    account: str,
    gpus: int,
    submit: datetime,
    start: datetime,
    end: datetime,
    state: str,
) -> str:
    cpus, memory = gpus * 12, gpus * 96
    tres = f"billing={cpus},cpu={cpus},gres/gpu:h100={gpus},gres/gpu={gpus},mem={memory}G"
    took = int(_instant(end) - _instant(start))
    nodes = -(-gpus // 8)
    code = "0:0" if state == "COMPLETED" else "1:0"
    times = "|".join(f"{at:%Y-%m-%dT%H:%M:%S}" for at in (submit, submit, start, end))
    return (
        f"{job}|{name}|{user}|{account}|gpu|{state}|{times}|{took}|{tres},node={nodes}|"
        f"{tres},node={nodes}|{nodes}|{code}"
    )


def _instant(local: datetime) -> float:
    """Seconds since 1970 of what the cluster's clock shows; `sacct` counts those that passed."""
    return local.replace(tzinfo=_ZONE).timestamp()


def _write(path: Path, lines: Sequence[str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
