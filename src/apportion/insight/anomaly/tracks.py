"""Tracks: what is watched day by day. Of each owner: a service, what it buys of it, each thing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Matrix = npt.NDArray[np.float64]


class Channel(StrEnum):
    """Whether a track is of what was billed, or of what was used."""

    SPEND = "spend"
    USAGE = "usage"


class Depth(StrEnum):
    """How far a track is taken apart."""

    SERVICE = "service"
    KIND = "kind"
    ITEM = "item"


class Fact(NamedTuple):
    """Cost (or the worth of usage) of a day: of an owner, a service, a kind of thing, one thing.

    `kind` has one price, `item` bears again (a machine, a key, the name of a job), `single` is
    the single one of a family. `once` marks what isn't for use of the day: purchases, taxes.
    """

    day: date
    channel: Channel
    owner: str
    service: str
    kind: str
    item: str
    single: str
    unit: str
    amount: float
    quantity: float
    once: bool = False
    who: str = ""
    source: str = ""


class Track(NamedTuple):
    """What is watched; `name` is empty for a whole service."""

    channel: Channel
    owner: str
    service: str
    depth: Depth
    name: str


@dataclass(frozen=True)
class Laid:
    """All tracks as rows over the same days: money, and quantities where there is one unit.

    `known` is by track the column from which its source is known at all: what a bill says in
    its first weeks isn't new, only the bill is.
    """

    first: date
    tracks: tuple[Track, ...]
    amounts: Matrix
    quantities: Matrix
    known: Matrix
    facts: tuple[Fact, ...] = field(repr=False, default=())

    @property
    def days(self) -> int:
        return int(self.amounts.shape[1])

    def day(self, at: int) -> date:
        return self.first + timedelta(days=at)

    def at(self, day: date) -> int:
        return (day - self.first).days


def lay_out(facts: Iterable[Fact], first: date, last: date) -> Laid:
    """Lay facts out as tracks; the order of the facts doesn't matter.

    What isn't for use of a day (purchases, taxes, credits) is in no track.
    """
    import numpy as np

    # Sums of floats depend on their order: sorted, equal facts give equal tracks.
    kept = tuple(sorted(one for one in facts if first <= one.day <= last and not one.once))
    money: dict[Track, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    counts: dict[Track, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    units: dict[Track, set[str]] = defaultdict(set)
    begun: dict[str, int] = {}
    sources: dict[Track, str] = {}
    for fact in kept:
        at = (fact.day - first).days
        begun[fact.source] = min(begun.get(fact.source, at), at)
        for track in _tracks(fact):
            sources[track] = min(sources.get(track, fact.source), fact.source)
            money[track][at] += fact.amount
            counts[track][at] += fact.quantity
            units[track].add(fact.unit)
    tracks = tuple(sorted(money))
    length = (last - first).days + 1
    amounts, quantities = np.zeros((len(tracks), length)), np.zeros((len(tracks), length))
    for row, track in enumerate(tracks):
        _fill(amounts, row, money[track])
        if len(units[track]) == 1:
            _fill(quantities, row, counts[track])
    known = np.array([begun[sources[track]] for track in tracks], dtype=float)
    return Laid(first, tracks, amounts, quantities, known, kept)


def _fill(into: Matrix, row: int, values: Mapping[int, float]) -> None:
    for at, value in values.items():
        into[row, at] = value


def _tracks(fact: Fact) -> Iterable[Track]:
    yield Track(fact.channel, fact.owner, fact.service, Depth.SERVICE, "")
    if fact.kind:
        yield Track(fact.channel, fact.owner, fact.service, Depth.KIND, fact.kind)
    if fact.item:
        yield Track(fact.channel, fact.owner, fact.service, Depth.ITEM, fact.item)
