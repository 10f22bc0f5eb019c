"""What the methods of a model are, for whoever reads allocated charges: made from the model."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator

from apportion.allocate.methods import METHODS
from apportion.model.counting import Counting
from apportion.model.dated import Validity
from apportion.model.limits import Limit, Limits
from apportion.model.pools import Split
from apportion.model.project import Model
from apportion.publish.allocated_parts import method_id
from apportion.publish.documents import Document, exact


def method_documents(model: Model) -> list[Document]:
    """Each pool's method with its id, definition, quantities, receivers, dates and reasons."""
    between = [
        {"method": str(one.value.method), **_dates(one.valid), "because": one.value.because or None}
        for one in model.allocation
    ]
    return [
        {
            "id": method_id(pool.name, model.hash),
            "pool": pool.name,
            "title": pool.title,
            "place": str(pool.place),
            "owner": pool.responsible or None,
            "because": pool.because or None,
            **_dates(pool.valid),
            "splits": [_split(one.value, model) | _dates(one.valid) for one in pool.splits],
            "exempt": [
                {"team": one.team, "charge_to": one.charge_to or None, "because": one.because}
                | _dates(one.valid)
                for one in pool.exempt
            ],
            "limits": [_limits(one.value) | _dates(one.valid) for one in pool.limits],
            "between_pools": between or [{"method": "reciprocal"}],
        }
        for pool in model.pools
    ]


def _split(split: Split, model: Model) -> Document:
    weights = dict(split.drivers)
    made: Document = {
        "method": str(split.method),
        "definition": definition(split),
        "among": list(split.among) or None,
        "excluding": list(split.excluding) or None,
        "when_missing": str(split.when_missing),
        "drivers": [
            {
                "driver": name,
                "unit": model.drivers[name].unit,
                "file": model.drivers[name].file,
                "weight": exact(weights[name]) if name in weights else None,
            }
            for name in split.driver_names
        ],
    }
    if split.percentages:
        made["percentages"] = {team: exact(part) for team, part in split.percentages}
    if split.counting:
        made["counting"] = _counting(split.counting)
    if split.fallback:
        made["fallback"] = _split(split.fallback, model)
    if split.takeover and split.previous:
        months = {"months": split.takeover.months, "from": str(split.takeover.start)}
        made["grandfather"] = months | {"previous": _split(split.previous, model)}
    return made


def _counting(counting: Counting) -> Document:
    return {
        "tiers": [
            {"up_to": exact(one.up_to) if one.up_to is not None else None}
            | {"weight": exact(one.weight)}
            for one in counting.tiers
        ],
        "at_most": None if counting.at_most is None else exact(counting.at_most),
        "multipliers": {name: exact(by) for name, by in (*counting.teams, *counting.stages)},
    }


def _limits(limits: Limits) -> Document:
    return {
        "currency": limits.currency,
        "caps": {team: _limit(limit) for team, limit in limits.caps},
        "floors": {team: _limit(limit) for team, limit in limits.floors},
        "minimum_fee": _limit(limits.minimum_fee) if limits.minimum_fee else None,
        "because": limits.because or None,
    }


def _limit(limit: Limit) -> str:
    return f"{exact(limit.figure)}%" if limit.of_pool else exact(limit.figure)


def definition(split: Split) -> str:
    """What the method does, in the words of its own documentation."""
    told = inspect.cleandoc(METHODS[split.method].__doc__ or "")
    return " ".join(told.split("\n\n")[0].split())


def _dates(valid: Validity) -> Document:
    return {
        "from": str(valid.start) if valid.start else None,
        "until": str(valid.until) if valid.until else None,
    }


def methods_page(found: Iterable[Document]) -> str:
    """The same as a page that people read."""
    return "\n".join(_page(list(found))) + "\n"


def _page(found: list[Document]) -> Iterator[str]:
    yield "# Allocation methods"
    for one in found:
        yield f"\n## {one['title']}\n"
        yield f"`AllocatedMethodId`: `{one['id']}` · {one['place']}\n"
        for key, words in (("because", "Why"), ("owner", "Who answers for it")):
            if one[key]:
                yield f"{words}: {one[key]}\n"
        for split in one["splits"]:
            yield from _split_lines(split)
        for limits in one["limits"]:
            for key in ("caps", "floors"):
                for team, limit in limits[key].items():
                    yield f"- {key[:-1]} of {team}: {limit} ({limits['currency']} if no percentage)"
            if limits["minimum_fee"]:
                yield f"- minimum fee: {limits['minimum_fee']}"
        for exempt in one["exempt"]:
            to = f", carried by {exempt['charge_to']}" if exempt["charge_to"] else ""
            yield f"- exempt until {exempt['until']}: {exempt['team']}{to} ({exempt['because']})"


def _split_lines(split: Document) -> Iterator[str]:
    dates = " ".join(f"{key} {split[key]}" for key in ("from", "until") if split[key])
    yield f"- **{split['method']}**{' ' + dates if dates else ''}: {split['definition']}"
    for driver in split["drivers"]:
        weight = f", weight {driver['weight']}" if driver["weight"] else ""
        yield f"  - {driver['driver']} in {driver['unit']} ({driver['file']}){weight}"
    for team, part in split.get("percentages", {}).items():
        yield f"  - {team}: {part} %"
    for name, factor in split.get("counting", {}).get("multipliers", {}).items():
        yield f"  - {name} counts × {factor}"
    if before := split.get("grandfather"):
        yield f"  - takes over from {before['previous']['method']} over {before['months']} months"
