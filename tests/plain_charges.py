"""Charges as plain Python values, and the relations of the lake that they fold into."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, localcontext
from hashlib import sha256

import pyarrow as pa

from apportion.domain.charge import COSTS, KEY_COLUMNS
from apportion.store.engine import Engine

MONEY = pa.decimal128(38, 18)
EXTRA = ("x_Project", "x_odd.name")


@dataclass(frozen=True)
class Charge:
    """A row of a bill: where it stands, the day of use, what rules can see, and the four costs."""

    day: date
    columns: Mapping[str, str | None] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    costs: tuple[Decimal, Decimal, Decimal, Decimal] = (Decimal(1),) * 4
    source: str = "cloud"
    period: str = "2026-10"

    def see(self, column: str) -> str | None:
        standing = {"BillingCurrency": "USD", "ServiceName": "Compute"}
        return {**standing, **self.columns}.get(column)

    @property
    def tag_text(self) -> str:
        ordered = dict(sorted(self.tags.items()))
        return json.dumps(ordered, ensure_ascii=False, separators=(",", ":"))

    @property
    def key(self) -> str:
        seen = [(name, self.see(name)) for name in (*KEY_COLUMNS, *EXTRA)]
        return sha256(repr((seen, self.tag_text)).encode()).hexdigest()

    @property
    def tag_set(self) -> str:
        return sha256(self.tag_text.encode()).hexdigest()


def charge(
    day: int, cost: str = "1", *, tags: Mapping[str, str] | None = None, **columns: str
) -> Charge:
    """A charge of a day of October 2026, with the same cost on all four bases."""
    return Charge(date(2026, 10, day), columns, tags or {}, (Decimal(cost),) * 4)


@dataclass(frozen=True)
class Folded:
    """Names of the relations that charges were folded into."""

    keys: str = "keys"
    tags: str = "tags"
    daily: str = "daily"
    monthly: str = "monthly"


def fold(engine: Engine, charges: Sequence[Charge]) -> Folded:
    """Register the relations of some charges with an engine."""
    names = Folded()
    engine.rows(names.keys, _keys(charges))
    engine.rows(names.tags, _tags(charges))
    engine.rows(names.daily, _daily(charges))
    engine.rows(names.monthly, _monthly(charges))
    return names


def _keys(charges: Iterable[Charge]) -> pa.Table:
    known = {one.key: one for one in charges}
    values = list(known.values())
    texts: dict[str, list[str | None]] = {"KeyId": list(known)}
    for name in (*KEY_COLUMNS, *EXTRA):
        texts[name] = [one.see(name) for one in values]
    texts["TagSetId"] = [one.tag_set for one in values]
    texts["Tags"] = [one.tag_text for one in values]
    return pa.table({name: pa.array(each, pa.string()) for name, each in texts.items()})


def _tags(charges: Iterable[Charge]) -> pa.Table:
    sets = {one.tag_set: one.tags for one in charges}
    rows = [(name, key, value) for name, tags in sets.items() for key, value in tags.items()]
    names = ("TagSetId", "TagKey", "TagValue")
    columns = {name: [row[n] for row in rows] for n, name in enumerate(names)}
    return pa.table({name: pa.array(each, pa.string()) for name, each in columns.items()})


def _daily(charges: Iterable[Charge]) -> pa.Table:
    groups: dict[tuple[str, str, str, date], list[Charge]] = defaultdict(list)
    for one in charges:
        groups[one.source, one.period, one.key, one.day].append(one)
    names = ("Source", "Period", "KeyId", "ChargeDate")
    types = (pa.string(), pa.string(), pa.string(), pa.date32())
    made = {
        name: pa.array([key[n] for key in groups], kind)
        for n, (name, kind) in enumerate(zip(names, types, strict=True))
    }
    return pa.table(made | _measures(list(groups.values())))


def _monthly(charges: Iterable[Charge]) -> pa.Table:
    groups: dict[tuple[str, str, str], list[Charge]] = defaultdict(list)
    for one in charges:
        groups[one.source, one.period, one.key].append(one)
    names = ("Source", "Period", "KeyId")
    made = {name: pa.array([key[n] for key in groups], pa.string()) for n, name in enumerate(names)}
    days = [[one.day for one in group] for group in groups.values()]
    made["FirstDate"] = pa.array([min(group) for group in days], pa.date32())
    made["LastDate"] = pa.array([max(group) for group in days], pa.date32())
    return pa.table(made | _measures(list(groups.values())))


def _measures(groups: Sequence[Sequence[Charge]]) -> dict[str, pa.Array]:
    made = {"Charges": pa.array([len(group) for group in groups], pa.int64())}
    with localcontext(prec=60):
        for n, cost in enumerate(COSTS):
            sums = [sum((one.costs[n] for one in group), Decimal(0)) for group in groups]
            made[cost] = pa.array([one.quantize(Decimal("1e-18")) for one in sums], MONEY)
    return made
