"""How many planted anomalies are found, how soon, and how many alerts are false.

Companies are made up here, with noise, weeks, growth, batch jobs, releases and fees; what is
planted is known. `python bench/anomaly_recall.py --seed 7`
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean, median, pstdev

from apportion.insight.anomaly.detect import Sensitivity
from apportion.insight.anomaly.judge import judge
from apportion.insight.anomaly.tracks import Channel, Fact
from apportion.insight.movers import family

FIRST = date(2026, 1, 1)
DAYS = 151
JUDGED = FIRST + timedelta(days=90)
"""From here on alerts count: April and May."""

TEAMS = 12

SOON = {
    "runaway job": 2,
    "key leak": 2,
    "wrong instance type": 7,
    "forgotten endpoint": 14,
    "slow creep": 40,
    "price change": 7,
}
"""Days within which a planted anomaly must be told."""


@dataclass(frozen=True)
class Planted:
    kind: str
    team: str
    service: str
    first: date
    last: date


def fact(  # noqa: PLR0913, PLR0917 -- the parts of a fact
    day: date, team: str, service: str, kind: str, item: str, cost: float, used: float
) -> Fact:
    name = item if service == "Models" else family(item)  # keys are no family
    return Fact(day, Channel.SPEND, team, service, kind, name, item, "units", cost, used)


def week(luck: random.Random) -> list[float]:
    low = luck.choice((1.0, 0.9, 0.5, 0.2))
    return [1.0] * 5 + [low, low]


def endpoints(team: str, luck: random.Random) -> Iterator[Fact]:
    """Machines that serve all day, more of them as demand grows, and now and then a new one."""
    price = luck.choice((1.2, 4.1, 12.3))
    count, usual, rate = luck.randint(3, 12), week(luck), luck.uniform(0, 0.0015)
    for at in range(DAYS):
        day = FIRST + timedelta(days=at)
        for number in range(count):
            demand = usual[day.weekday()] * (1 + rate) ** at
            hours = min(24.0, 24 * demand * luck.uniform(0.9, 1.0))
            yield fact(day, team, "Compute", f"m-{price}", f"serve-{number}", hours * price, hours)
        if luck.random() < 0.01:
            count += 1


def jobs(team: str, luck: random.Random) -> Iterator[Fact]:
    """Training runs: some days many, some days none, and no two alike."""
    price, often = luck.choice((8.0, 32.0)), luck.uniform(0.5, 3)
    names = [f"train-{name}" for name in ("base", "tune", "eval", "ablate")]
    usual = week(luck)
    for at in range(DAYS):
        day = FIRST + timedelta(days=at)
        count = sum(luck.random() < often * usual[day.weekday()] / 4 for _ in range(4))
        for _ in range(count):
            hours = min(luck.lognormvariate(1.5, 0.7), 60.0)
            yield fact(
                day, team, "Training", f"gpu-{price}", luck.choice(names), hours * price, hours
            )


def calls(team: str, luck: random.Random) -> Iterator[Fact]:
    """Keys that call models: busy on weekdays, growing, with releases that stay."""
    for number in range(luck.randint(2, 5)):
        level, usual = luck.uniform(20, 300), week(luck)
        rate, model = luck.uniform(0, 0.004), luck.choice(("large", "small"))
        price = 8.0 if model == "large" else 1.0
        for at in range(DAYS):
            day = FIRST + timedelta(days=at)
            if luck.random() < 0.004:
                level *= luck.uniform(1.05, 1.3)
            used = level * usual[day.weekday()] * (1 + rate) ** at * luck.lognormvariate(0, 0.15)
            yield fact(day, team, "Models", model, f"key-{number}", used * price / 8, used)


def storage(team: str, luck: random.Random) -> Iterator[Fact]:
    level = luck.uniform(20, 100)
    for at in range(DAYS):
        level *= 1 + luck.uniform(0, 0.002)
        yield fact(FIRST + timedelta(days=at), team, "Storage", "gb", "lake", level, level * 40)


def fees(team: str, luck: random.Random) -> Iterator[Fact]:
    """What is none: fees on the first of a month, and the closing runs of its last days."""
    fee, closing = luck.uniform(500, 3000), luck.uniform(100, 600)
    for at in range(DAYS):
        day = FIRST + timedelta(days=at)
        if day.day == 1:
            yield fact(
                day, team, "Platform", "seats", "subscription", fee * luck.uniform(1, 1.05), 1
            )
        if (day + timedelta(days=2)).day <= 2:
            cost = closing * luck.uniform(0.9, 1.1)
            yield fact(day, team, "Reporting", "runs", "closing", cost, cost / 3)
        yield fact(day, team, "Reporting", "runs", "daily", 30 * luck.uniform(0.9, 1.1), 10)


MAKERS = (endpoints, jobs, calls, storage, fees)


def company(seed: int) -> tuple[list[Fact], list[Planted]]:
    """A company of teams; into most of them one anomaly is planted."""
    facts: list[Fact] = []
    planted: list[Planted] = []
    for number in range(TEAMS):
        luck = random.Random(f"{seed} {number}")
        team = f"team-{number:02d}"
        own = [one for make in MAKERS for one in make(team, luck)]
        kind = [*SOON, ""][(number + seed) % (len(SOON) + 1)]
        if kind:
            first = JUDGED + timedelta(days=luck.randint(2, 18 if kind == "slow creep" else 40))
            own, what = plant(kind, team, own, first, luck)
            planted.append(what)
        facts += own
    return facts, planted


def plant(
    kind: str, team: str, own: list[Fact], first: date, luck: random.Random
) -> tuple[list[Fact], Planted]:
    daily = sum(one.amount for one in own) / DAYS
    end = FIRST + timedelta(days=DAYS - 1)

    def days(most: int) -> list[date]:
        last = min(first + timedelta(days=most - 1), end)
        return [first + timedelta(days=at) for at in range((last - first).days + 1)]

    if kind == "runaway job":
        span, cost = days(luck.randint(3, 14)), daily * luck.uniform(0.8, 2.5)
        used = [fact(d, team, "Training", "gpu-32.0", "sweep", cost, cost / 32) for d in span]
        return own + used, Planted(kind, team, "Training", span[0], span[-1])
    if kind == "key leak":
        span, factor = days(luck.randint(3, 8)), luck.uniform(6, 20)
        key = luck.choice(sorted({one.item for one in own if one.service == "Models"}))
        made = [_times(one, factor) if one.item == key and one.day in span else one for one in own]
        return made, Planted(kind, team, "Models", span[0], span[-1])
    if kind == "wrong instance type":
        span = days(30)
        dear = luck.uniform(3, 8)
        names = sorted({one.single for one in own if one.service == "Compute"})
        chosen = set(luck.sample(names, max(1, len(names) // 3)))
        made = [
            replace_kind(one, "m-huge", dear) if one.single in chosen and one.day in span else one
            for one in own
        ]
        return made, Planted(kind, team, "Compute", span[0], span[-1])
    if kind == "forgotten endpoint":
        span, cost = days(45), daily * luck.uniform(0.08, 0.25)
        used = [fact(d, team, "Compute", "m-12.3", "demo-endpoint", cost, 24) for d in span]
        return own + used, Planted(kind, team, "Compute", span[0], span[-1])
    if kind == "slow creep":
        span = days(45)
        service = luck.choice(("Compute", "Models"))
        rate = luck.uniform(0.025, 0.04)
        made = [
            _times(one, (1 + rate) ** (one.day - first).days)
            if one.service == service and one.day >= first
            else one
            for one in own
        ]
        return made, Planted(kind, team, service, span[0], span[-1])
    span, dearer = days(60), luck.uniform(1.15, 1.6)
    kinds = sorted({one.kind for one in own if one.service == "Models"})
    chosen_kind = max(kinds, key=lambda k: sum(o.amount for o in own if o.kind == k))
    made = [
        one._replace(amount=one.amount * dearer)
        if one.kind == chosen_kind and one.service == "Models" and one.day >= first
        else one
        for one in own
    ]
    return made, Planted(kind, team, "Models", span[0], span[-1])


def _times(one: Fact, factor: float) -> Fact:
    return one._replace(amount=one.amount * factor, quantity=one.quantity * factor)


def replace_kind(one: Fact, kind: str, dearer: float) -> Fact:
    return one._replace(kind=kind, amount=one.amount * dearer)


Alert = tuple[str, str, date]
"""Team, service, and the day on which it was told."""


def ours(facts: Sequence[Fact]) -> list[Alert]:
    last = FIRST + timedelta(days=DAYS - 1)
    found = judge(facts, FIRST, last, JUDGED, Sensitivity())
    return [(one.owner, one.service, one.noticed) for one in found]


def by_percent(facts: Sequence[Fact]) -> list[Alert]:
    """The usual rule: a service that cost half more than the mean of the last seven days."""
    return _plain(
        facts, lambda past, now: now > 1.5 * fmean(past[-7:]) and now - fmean(past[-7:]) > 100
    )


def by_z_score(facts: Sequence[Fact]) -> list[Alert]:
    """Three standard deviations beyond the mean of thirty days."""
    return _plain(
        facts,
        lambda past, now: (
            now > fmean(past[-30:]) + 3 * pstdev(past[-30:]) and now - fmean(past[-30:]) > 100
        ),
    )


def _plain(facts: Sequence[Fact], flags: Callable[[Sequence[float], float], bool]) -> list[Alert]:
    sums: dict[tuple[str, str], dict[date, float]] = defaultdict(lambda: defaultdict(float))
    for one in facts:
        sums[one.owner, one.service][one.day] += one.amount
    alerts: list[Alert] = []
    for (team, service), own in sorted(sums.items()):
        days = [own.get(FIRST + timedelta(days=at), 0.0) for at in range(DAYS)]
        quiet = 0
        for at in range((JUDGED - FIRST).days, DAYS):
            flagged = flags(days[:at], days[at])
            if flagged and quiet <= 0:
                alerts.append((team, service, FIRST + timedelta(days=at)))
            quiet = 3 if flagged else quiet - 1
    return alerts


@dataclass
class Tally:
    planted: dict[str, int]
    found: dict[str, int]
    waits: list[int]
    false: int = 0
    fees: int = 0
    months: float = 0.0


REGULAR = ("Platform", "Reporting")
"""Services whose spikes come each month: an alert on one of them is false."""

Detector = Callable[[Sequence[Fact]], list[Alert]]


def tally(seeds: Iterable[int], detector: Detector) -> Tally:
    made = Tally(defaultdict(int), defaultdict(int), [])
    for seed in seeds:
        facts, planted = company(seed)
        alerts = detector(facts)
        for what in planted:
            made.planted[what.kind] += 1
            until = what.first + timedelta(days=SOON[what.kind])
            own = [
                day
                for team, service, day in alerts
                if (team, service) == (what.team, what.service) and what.first <= day <= until
            ]
            if own:
                made.found[what.kind] += 1
                made.waits.append((min(own) - what.first).days + 1)
        made.fees += sum(service in REGULAR for _, service, _ in alerts)
        for team, service, day in alerts:
            made.false += not any(
                team == what.team
                and service == what.service
                and what.first <= day <= what.last + timedelta(days=7)
                for what in planted
            )
        made.months += TEAMS * (DAYS - 90) / 30.4
    return made


DETECTORS: Mapping[str, Detector] = {
    "apportion": ours,
    "50 % above the last week": by_percent,
    "z-score above 3": by_z_score,
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--companies", type=int, default=10)
    parser.add_argument("--alerts", action="store_true", help="print what is false or missed")
    asked = parser.parse_args()
    seeds = range(asked.seed, asked.seed + asked.companies)
    heads = [
        "detector",
        *SOON,
        "all found",
        "month starts and ends told",
        "false alerts a team and month",
        "median day of alert",
    ]
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for name, detector in DETECTORS.items():
        own = tally(seeds, detector)
        cells = [f"{own.found[kind]}/{own.planted[kind]}" for kind in SOON]
        whole = sum(own.found.values()) / sum(own.planted.values())
        rate = f"{own.false / own.months:.2f}"
        fees = str(own.fees)
        wait = str(median(own.waits or [0]))
        print(
            f"| {' | '.join([name, *cells, f'{whole:.0%}', fees, rate, wait])} |",
            flush=True,
        )
    if asked.alerts:
        for seed in seeds:
            facts, planted = company(seed)
            last = FIRST + timedelta(days=DAYS - 1)
            for what in planted:
                print(seed, what)
            for one in judge(facts, FIRST, last, JUDGED, Sensitivity()):
                print(
                    "  ",
                    one.owner,
                    one.service,
                    one.cause,
                    one.first,
                    one.noticed,
                    round(one.extra),
                    round(one.usual),
                    [(d.name, d.effect) for d in one.drivers][:2],
                )


if __name__ == "__main__":
    main()
