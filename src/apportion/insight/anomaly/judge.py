"""From facts to anomalies: what was flagged at several depths is one matter, with its drivers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from apportion.insight.anomaly.detect import WORSE, Episode, Sensitivity, detect
from apportion.insight.anomaly.new_cost import new_cost
from apportion.insight.anomaly.price_change import price_changes
from apportion.insight.anomaly.tracks import Depth, Fact, Laid, Track, lay_out
from apportion.insight.anomaly.values import Anomaly, Cause, Driver

BESIDE = 3
"""Days between two episodes of a service that are still one matter."""

BEFORE = 28
"""Days before an anomaly that its drivers are held against."""

MOST_DRIVERS = 5

SMALL = 0.02
"""What drives less than this part of the first isn't told."""


class _Found(NamedTuple):
    cause: Cause
    episode: Episode


def judge(
    facts: Iterable[Fact], first: date, last: date, begin: date, sensitivity: Sensitivity
) -> tuple[Anomaly, ...]:
    """The anomalies that could be told from `begin` on, by days from `first` to `last`.

    Facts of one currency. The order of facts doesn't matter, and an owner that costs nothing
    changes nothing for others.
    """
    laid = lay_out(facts, first, last)
    if not laid.tracks:
        return ()
    at = max(0, laid.at(begin))
    warm = max(0, at - 31)  # what began before `begin` is known by then, and told only once
    found = [_Found(Cause.SPIKE, one) for one in detect(laid, warm, sensitivity)]
    found += (_Found(Cause.NEW, one) for one in new_cost(laid, warm, sensitivity))
    found += (_Found(Cause.PRICE, one) for one in price_changes(laid, warm, sensitivity))
    made = [_anomaly(laid, matter) for matter in _matters(laid, found)]
    return tuple(
        sorted(
            (one for one in made if one.noticed >= begin and not _comes_each_month(laid, one)),
            key=lambda one: (one.noticed, -one.extra, one.id),
        )
    )


@dataclass
class _Matter:
    place: tuple[str, str, str]
    found: list[_Found]

    @property
    def last(self) -> int:
        return max(one.episode.last for one in self.found)

    def dwarfed(self, later: Episode) -> bool:
        """Whether an episode that was noticed later is far beyond what was known by then."""
        before = [
            extra
            for one in self.found
            for at, extra in enumerate(one.episode.extra)
            if one.episode.first + at < later.first
        ]
        return bool(before) and max(later.extra) > WORSE * max(before)


def _matters(laid: Laid, found: Sequence[_Found]) -> list[_Matter]:
    """Episodes of one service that touch in time, together."""
    by_place: dict[tuple[str, str, str], list[_Found]] = defaultdict(list)
    for one in found:
        track = laid.tracks[one.episode.track]
        by_place[track.channel, track.owner, track.service].append(one)
    made: list[_Matter] = []
    for place, own in sorted(by_place.items()):
        held: _Matter | None = None
        for one in sorted(own, key=lambda each: (each.episode.first, each.episode.track)):
            near = held is not None and one.episode.first <= held.last + BESIDE
            if held is not None and near and not held.dwarfed(one.episode):
                held.found.append(one)
                continue
            held = _Matter(place, [one])
            made.append(held)
    return made


def _anomaly(laid: Laid, matter: _Matter) -> Anomaly:
    main = max(matter.found, key=lambda one: (sum(one.episode.extra), -one.episode.track))
    episode = main.episode
    noticed = min(one.episode.noticed for one in matter.found)
    first = min(one.episode.first for one in matter.found)
    track = laid.tracks[episode.track]
    days = (first, matter.last)
    price, volume = _effects(laid, track, days)
    cause = main.cause
    if cause is Cause.SPIKE and any(one.cause is Cause.PRICE for one in matter.found):
        cause = Cause.PRICE if price > volume else cause
    by_day = tuple([0.0] * (episode.first - first)) + episode.extra
    whole = next(
        row
        for row, one in enumerate(laid.tracks)
        if one[:3] == track[:3] and one.depth is Depth.SERVICE
    )
    before = laid.amounts[whole, max(0, first - BEFORE) : first]
    usual = float(before.mean()) if len(before) else 0.0
    return Anomaly(
        track.channel,
        track.owner,
        track.service,
        cause,
        "",
        laid.day(first),
        laid.day(noticed),
        laid.day(matter.last),
        sum(episode.extra),
        usual,
        by_day,
        any(one.episode.open for one in matter.found),
        price,
        volume,
        _drivers(laid, track, days),
    )


def _comes_each_month(laid: Laid, anomaly: Anomaly) -> bool:
    """Whether what drives it cost about as much on the same days of the month before.

    By the days until it was noticed: fees of the first, the closing of the books, a training
    that runs each month.
    """
    if not anomaly.drivers:
        return False
    name = anomaly.drivers[0].name
    days = [
        anomaly.first + timedelta(days=at)
        for at in range((anomaly.noticed - anomaly.first).days + 1)
    ]
    earlier = {_month_before(day) for day in days}
    now = before = 0.0
    for fact in laid.facts:
        if (fact.channel, fact.owner, fact.service) == (
            anomaly.channel,
            anomaly.owner,
            anomaly.service,
        ) and (fact.item or fact.kind) == name:
            now += fact.amount if anomaly.first <= fact.day <= anomaly.noticed else 0.0
            before += fact.amount if fact.day in earlier else 0.0
    return before >= SAME * now > 0


SAME = 0.85
"""The part of a month before that makes it the same each month."""


def _month_before(day: date) -> date:
    """The same day of the month before, or its last."""
    last = day.replace(day=1) - timedelta(days=1)
    return last.replace(day=min(day.day, last.day))


def _effects(laid: Laid, place: Track, days: tuple[int, int]) -> tuple[float, float]:
    """Of what changed since the four weeks before: by price, and by volume.

    Price: quantity × (price - price before); volume: (quantity - quantity before) × price
    before, kind by kind, a day; what has no quantity is volume.
    """
    first, last = days
    before = slice(max(0, first - BEFORE), first)
    count, length = max(first - max(0, first - BEFORE), 1), last - first + 1
    price = volume = 0.0
    for row, track in enumerate(laid.tracks):
        same = track[:3] == place[:3]
        if not same or track.depth is not Depth.KIND:
            continue
        cost, was = (
            float(laid.amounts[row, one].sum()) for one in (slice(first, last + 1), before)
        )
        used, had = (
            float(laid.quantities[row, one].sum()) for one in (slice(first, last + 1), before)
        )
        usual, usual_cost = had * length / count, was * length / count
        if used > 0 and had > 0 and was > 0:
            price += cost - used * was / had
            volume += (used - usual) * was / had
        else:
            volume += cost - usual_cost
    return price, volume


def _drivers(laid: Laid, place: Track, days: tuple[int, int]) -> tuple[Driver, ...]:
    """The things whose cost rose most against the four weeks before, day by day."""
    first, last = laid.day(days[0]), laid.day(days[1])
    start = max(laid.first, first - timedelta(days=BEFORE))
    count, length = max((first - start).days, 1), (last - first).days + 1
    sums: dict[str, _Sums] = defaultdict(_Sums)
    for fact in laid.facts:
        if (fact.channel, fact.owner, fact.service) != place[:3]:
            continue
        own = sums[fact.item or fact.kind]
        if first <= fact.day <= last:
            own.now += fact.amount
            own.used += fact.quantity
            own.kinds.add(fact.kind)
            own.singles.add(fact.single)
            own.who |= {fact.who} - {""}
        elif start <= fact.day < first:
            own.before += fact.amount / count * length
            own.had += fact.quantity / count * length
    ranked = sorted(sums.items(), key=lambda one: (one[1].before - one[1].now, one[0]))
    return tuple(
        Driver(
            name,
            ", ".join(sorted(own.kinds)),
            tuple(sorted(own.singles - {""})),
            tuple(sorted(own.who)),
            own.now - own.before,
            own.effect,
        )
        for name, own in ranked[:MOST_DRIVERS]
        if own.now > own.before
        and own.now - own.before >= SMALL * (ranked[0][1].now - ranked[0][1].before)
    )


class _Sums:
    """A thing's cost and use in the days of an anomaly, and in as many days before."""

    def __init__(self) -> None:
        self.now = self.before = self.used = self.had = 0.0
        self.kinds: set[str] = set()
        self.singles: set[str] = set()
        self.who: set[str] = set()

    @property
    def effect(self) -> str:
        if self.before <= 0:
            return "new"
        if self.used <= 0 or self.had <= 0:
            return "volume"
        dearer = self.used * (self.now / self.used - self.before / self.had)
        return "price" if dearer > (self.now - self.before) / 2 else "volume"
