"""Pools: what falls into each, and how it is split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import TypedDict

from apportion.domain.charge import COSTS
from apportion.domain.mode import Mode
from apportion.domain.owner import UNALLOCATED
from apportion.model import marked_yaml as y
from apportion.model.cost_behaviour import read_cost_behaviour
from apportion.model.counting import Takeover
from apportion.model.dated import Dated
from apportion.model.faults import Faults
from apportion.model.forms import CONDITION, column_shape
from apportion.model.names import Names
from apportion.model.pools import Method, Pool, Split, WhenMissing
from apportion.model.read_condition import read_condition
from apportion.model.read_counting import read_counting, read_structure, read_takeover
from apportion.model.read_drivers import OpenCsv
from apportion.model.read_limits import read_exemptions, read_limits
from apportion.model.read_organisation import check_overlaps, read_dated, read_validity
from apportion.model.receivers import Receivers
from apportion.model.tag_names import TagNames
from apportion.model.terms import TERMS
from apportion.model.text_place import Sources
from apportion.model.values import as_part, scalars_of, text_of, texts_of

DEFAULT_BASIS = "EffectiveCost"

_OWN = {
    Method.FIXED: ("percentages",),
    Method.DRIVER: ("driver",),
    Method.WEIGHTED: ("drivers",),
}
"""Keys that a method needs; methods with terms of their own say it there."""
_COUNTED = ("tiers", "at_most", "multipliers")
_MAY = {
    Method.EVEN: ("multipliers",),
    Method.DIRECT_COST: ("on", *_COUNTED),
    Method.HEAD_COUNT: _COUNTED,
    Method.DRIVER: ("grain", "on", *_COUNTED),
    Method.WEIGHTED: ("grain", "on", "weights", "drift", *_COUNTED),
}
"""Keys that only some methods read, and may be left out."""


@dataclass(frozen=True)
class PoolReading:
    """What pools refer to."""

    teams: Names
    receivers: Receivers
    drivers: Names
    usage: Names
    fed: frozenset[str]
    tags: TagNames
    sources: Sources
    open_csv: OpenCsv
    faults: Faults
    currency: str = ""


def read_pools(nodes: Sequence[y.Mapping], reading: PoolReading) -> tuple[Pool, ...]:
    """Pools whose shapes have been checked, in the order of the model."""
    return tuple(_pool(node, position, reading) for position, node in enumerate(nodes))


def _pool(node: y.Mapping, position: int, reading: PoolReading) -> Pool:
    name, faults = text_of(node, "name"), reading.faults
    conditioned = any(key in CONDITION or column_shape(key) for key in node.entries)
    from_team = node.entries.get("from_team")
    if isinstance(from_team, y.Scalar):
        reading.teams.knows(from_team.text, from_team, faults)
        if conditioned:
            faults.add(
                from_team,
                f"the pool {name!r} has both a condition and `from_team`",
                hint="make two pools of it",
            )
    elif not conditioned and name not in reading.fed:
        faults.add(
            node,
            f"nothing falls into the pool {name!r}",
            why="it has neither a condition nor `from_team`, and no rule names it",
            hint="give it a condition, say `service: AmazonVPC`, or `from_team: NAME`",
        )
    read = read_condition(node, reading.tags, reading.sources, faults) if conditioned else None
    splits = _splits(node.entries["split"], reading)
    if from_team and any(one.value.terms and one.value.terms.by_owners for one in splits):
        faults.add(
            from_team,
            "a pool of commitments says itself which charges it takes",
            why="who would carry them without it is asked of the rules",
            hint="give it a condition, say `where: CommitmentDiscountId IS NOT NULL`",
        )
    return Pool(
        name=name,
        position=position,
        title=text_of(node, "title") or name,
        place=node.entries["name"].place,
        splits=splits,
        condition=read.condition if read else None,
        from_team=text_of(node, "from_team"),
        valid=read_validity(node, faults),
        because=text_of(node, "because"),
        responsible=text_of(node, "owner"),
        limits=read_limits(node.entries.get("limits"), reading.teams, reading.currency, faults),
        exempt=read_exemptions(node.entries.get("exempt"), reading.teams, faults),
        behaviour=read_cost_behaviour(node.entries.get("cost_behaviour"), reading),
        mode=read_dated(node.entries.get("mode"), Mode, faults),
    )


def _splits(node: y.Node, reading: PoolReading) -> tuple[Dated[Split], ...]:
    if isinstance(node, y.Mapping):
        return (Dated(_split(node, reading)),)
    assert isinstance(node, y.Sequence)
    entries = [entry for entry in node.items if isinstance(entry, y.Mapping)]
    made = [Dated(_split(e, reading), read_validity(e, reading.faults)) for e in entries]
    check_overlaps([split.valid for split in made], entries, reading.faults)
    return tuple(made)


def _split(node: y.Mapping, reading: PoolReading) -> Split:
    method = Method(text_of(node, "by"))
    _check_keys(node, method, reading.faults)
    for key, check in (
        ("among", reading.receivers.receive),
        ("excluding", reading.receivers.know),
    ):
        named = scalars_of(node.entries.get(key))
        check([one for one in named if not _is_nobody(key, one.text)], reading.faults)
        _check_once(key, named, reading.faults)
    missing, fallback = _when_missing(node.entries.get("when_missing"), reading)
    terms = TERMS.get(method)
    made = Split(
        method=method,
        place=node.place,
        among=texts_of(node.entries.get("among")),
        excluding=texts_of(node.entries.get("excluding")),
        percentages=_percentages(node, method, reading),
        drivers=_drivers(node, method, reading),
        on=text_of(node, "on") or DEFAULT_BASIS,
        when_missing=missing,
        fallback=fallback,
        terms=terms.read(node, reading) if terms else None,
        counting=read_counting(node, reading.receivers, reading.faults),
        structure=read_structure(node, reading.faults),
        by_day=text_of(node, "grain") == "day",
        because=text_of(node, "because"),
        responsible=text_of(node, "owner"),
    )
    return replace(made, **_takeover(node.entries.get("grandfather"), made, reading))


def _is_nobody(key: str, name: str) -> bool:
    """Whether those that nobody knows are meant, who can be left out of a pool, too."""
    return key == "excluding" and name == UNALLOCATED.name


def _check_once(key: str, named: Sequence[y.Scalar], faults: Faults) -> None:
    """A receiver shares once, however often it is named: a second time is a slip of the pen."""
    seen: set[str] = set()
    for one in named:
        if one.text in seen:
            faults.add(one, f"{one.text!r} stands twice in `{key}`", hint="name each once")
        seen.add(one.text)


class _Previous(TypedDict, total=False):
    takeover: Takeover
    previous: Split


def _takeover(node: y.Node | None, now: Split, reading: PoolReading) -> _Previous:
    """The split that gives way, and over which months."""
    previous = node.entries.get("previous") if isinstance(node, y.Mapping) else None
    if not isinstance(node, y.Mapping) or not isinstance(previous, y.Mapping):
        return {}
    before = _split(previous, reading)
    if before.in_money or now.in_money:
        reading.faults.add(
            node,
            "rates and amounts in money can't take over step by step",
            why="they charge the same whatever part of the cost they decide",
            hint="let the new split hold from a day: a list of splits with `from` and `until`",
        )
    return {
        "takeover": read_takeover(node, reading.faults),
        "previous": before,
    }


def _check_keys(node: y.Mapping, method: Method, faults: Faults) -> None:
    for key, belongs in _belonging().items():
        if key in node.entries and method not in belongs:
            faults.add(
                node.keys[key],
                f"`{key}` has no meaning for a split by {method}",
                hint=f"it belongs to {' or '.join(f'`by: {one}`' for one in belongs)}",
            )
    for needed in _needed(method):
        if needed not in node.entries:
            faults.add(node, f"a split by {method} needs `{needed}`", hint=f"add `{needed}: …`")
    if method is Method.FIXED:
        for key in ("among", "excluding"):
            if key in node.entries:
                faults.add(
                    node.keys[key],
                    f"`{key}` has no meaning for fixed percentages",
                    hint="name the teams in `percentages` alone",
                )


@cache
def _belonging() -> dict[str, list[Method]]:
    """The methods that read each key which not all of them read."""
    found: dict[str, list[Method]] = {}
    for method in Method:
        for key in _read_by(method):
            if method not in found.setdefault(key, []):
                found[key].append(method)
    return found


def _read_by(method: Method) -> tuple[str, ...]:
    if terms := TERMS.get(method):
        return (*terms.keys, *terms.needed, *terms.also)
    return (*_OWN.get(method, ()), *_MAY.get(method, ()))


def _needed(method: Method) -> tuple[str, ...]:
    if terms := TERMS.get(method):
        return terms.needed
    return _OWN.get(method, ())


def _percentages(
    node: y.Mapping, method: Method, reading: PoolReading
) -> tuple[tuple[str, Fraction], ...]:
    table = node.entries.get("percentages")
    if not isinstance(table, y.Mapping) or "percentages" not in _read_by(method):
        return ()
    reading.receivers.receive(table.keys.values(), reading.faults)
    parts = _parts(table)
    total = sum((part for _, part in parts), Fraction(0))
    if total != 100:
        reading.faults.add(
            table,
            f"the percentages sum to {_shown(total)}, not to 100",
            hint=f"{'add' if total < 100 else 'take off'} {_shown(abs(100 - total))}",
        )
    return parts


def _drivers(
    node: y.Mapping, method: Method, reading: PoolReading
) -> tuple[tuple[str, Fraction], ...]:
    driver, table = node.entries.get("driver"), node.entries.get("drivers")
    if method is Method.DRIVER and isinstance(driver, y.Scalar):
        reading.drivers.knows(driver.text, driver, reading.faults)
        return ((driver.text, Fraction(1)),)
    if method is not Method.WEIGHTED or not isinstance(table, y.Mapping):
        return ()
    reading.drivers.know(table.keys.values(), reading.faults)
    if text_of(node, "weights") == "cost":
        return tuple((name, Fraction(1, len(table.entries))) for name in table.entries)
    parts = _weights(table, reading.faults)
    if len(parts) < len(table.entries):
        return ()
    total = sum((part for _, part in parts), Fraction(0))
    if total not in {1, 100}:
        reading.faults.add(
            table,
            f"the weights sum to {_shown(total)}",
            hint="weights in percent sum to 100, fractions sum to 1",
        )
        return ()
    for name, part in parts:
        if part == 0:
            reading.faults.add(table.keys[name], f"{name!r} has no weight", hint="leave it out")
    return tuple((name, part / total) for name, part in parts)


def _weights(table: y.Mapping, faults: Faults) -> tuple[tuple[str, Fraction], ...]:
    """Stated weights, each a figure by itself or beside its services."""
    found: list[tuple[str, Fraction]] = []
    for name, value in table.entries.items():
        if isinstance(value, y.Scalar):
            found.append((name, as_part(value.text)))
        elif isinstance(value, y.Mapping) and (weight := text_of(value, "weight")):
            found.append((name, as_part(weight)))
        else:
            faults.add(value, f"{name!r} has no weight", hint="state it, or say `weights: cost`")
    return tuple(found)


def _parts(table: y.Mapping) -> tuple[tuple[str, Fraction], ...]:
    return tuple(
        (name, as_part(value.text))
        for name, value in table.entries.items()
        if isinstance(value, y.Scalar)
    )


def _shown(value: Fraction) -> str:
    if value.denominator == 1:
        return str(value.numerator)
    scaled = value * 10**6
    if scaled.denominator == 1:
        return f"{float(value):.6f}".rstrip("0")
    return str(value)


def _when_missing(node: y.Node | None, reading: PoolReading) -> tuple[WhenMissing, Split | None]:
    if node is None:
        return WhenMissing.ERROR, None
    if isinstance(node, y.Scalar):
        return WhenMissing(node.text), None
    assert isinstance(node, y.Mapping)
    fallback = node.entries["fallback"]
    assert isinstance(fallback, y.Mapping)
    made = _split(fallback, reading)
    if made.in_money:
        reading.faults.add(
            fallback,
            f"a fallback can't be by {made.method}",
            why="rates charge the same whatever part of the cost they stand in for",
            hint="fall back to a split by quantities, or to `by: even`",
        )
    return WhenMissing.FALLBACK, made


assert DEFAULT_BASIS in COSTS
