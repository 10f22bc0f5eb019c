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
from apportion.publish.markdown_text import escaped
from apportion.publish.terms_document import days, in_words, stated


def method_documents(model: Model) -> list[Document]:
    """Each pool's method with its id, definition, quantities, receivers, dates and reasons."""
    between = [
        {"method": str(one.value.method), **days(one.valid), "because": one.value.because or None}
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
            **days(pool.valid),
            "splits": [
                _split(one.value, one.valid, model) | days(one.valid) for one in pool.splits
            ],
            "exempt": [
                {"team": one.team, "charge_to": one.charge_to or None, "because": one.because}
                | days(one.valid)
                for one in pool.exempt
            ],
            "limits": [_limits(one.value) | days(one.valid) for one in pool.limits],
            "between_pools": between or [{"method": "reciprocal"}],
        }
        for pool in model.pools
    ]


def _split(split: Split, valid: Validity, model: Model) -> Document:
    """All that a split's figures hang on, besides quantities and cost."""
    weights = dict(split.drivers)
    made: Document = {
        "method": str(split.method),
        "definition": definition(split),
        "because": split.because or None,
        "owner": split.responsible or None,
        "among": list(split.among) or None,
        "excluding": list(split.excluding) or None,
        "receivers": _receivers(split, valid, model),
        "when_missing": str(split.when_missing),
        "on": split.on,
        "grain": "day" if split.by_day else "period",
        "drivers": [
            {
                "driver": name,
                "unit": model.drivers[name].unit,
                "file": model.drivers[name].file,
                "weight": exact(weights[name]) if name in weights else None,
            }
            for name in dict.fromkeys(split.driver_names)
        ],
    }
    if split.percentages:
        made["percentages"] = {team: exact(part) for team, part in split.percentages}
    if split.terms:
        made["terms"] = stated(split.terms)
    if split.structure:
        made["structure"] = stated(split.structure)
    if split.counting:
        made["counting"] = _counting(split.counting)
    if split.fallback:
        made["fallback"] = _split(split.fallback, valid, model)
    if split.takeover and split.previous:
        months = {"months": split.takeover.months, "from": str(split.takeover.start)}
        made["grandfather"] = months | {"previous": _split(split.previous, valid, model)}
    return made


def _receivers(split: Split, valid: Validity, model: Model) -> Document:
    """Who may carry a part: teams of the days, and pools that the model names or drivers know."""
    named = split.named or {
        *(team.name for team in model.organisation.teams),
        *(row.team for name in split.driver_names for row in model.drivers[name].rows),
    }
    left = named - set(split.excluding)
    teams = [one.name for one in model.organisation.teams if one.valid.meet(valid)]
    pools = (pool.name for pool in model.pools if not model.organisation.is_team(pool.name))
    return {
        "teams": [name for name in teams if name in left],
        "pools": sorted(name for name in pools if name in left),
    }


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


def methods_page(found: Iterable[Document]) -> str:
    """The same as a page that people read; whatever the model states is plain text in it."""
    return "\n".join(_page(list(found))) + "\n"


def _page(found: list[Document]) -> Iterator[str]:
    yield "# Allocation methods"
    for one in found:
        yield f"\n## {escaped(one['title'])}\n"
        yield f"`AllocatedMethodId`: `{one['id']}` · {escaped(one['place'])}\n"
        yield from (f"{words}\n" for words in _reasons(one))
        for split in one["splits"]:
            yield from _split_lines(split)
        for limits in one["limits"]:
            for key in ("caps", "floors"):
                for team, limit in limits[key].items():
                    unit = "" if limit.endswith("%") else f" {limits['currency']}"
                    yield f"- {key[:-1]} of {escaped(team)}: {limit}{unit}"
            if limits["minimum_fee"]:
                yield f"- minimum fee: {limits['minimum_fee']}"
        for exempt in one["exempt"]:
            to = f", carried by {exempt['charge_to']}" if exempt["charge_to"] else ""
            said = escaped(f"{exempt['team']}{to} ({exempt['because']})")
            yield f"- exempt until {exempt['until']}: {said}"


_REASONS = (("because", "Why"), ("owner", "Who answers for it"))


def _reasons(form: Document) -> Iterator[str]:
    yield from (f"{words}: {escaped(form[key])}" for key, words in _REASONS if form[key])


def _split_lines(split: Document, depth: int = 0) -> Iterator[str]:
    indent = "  " * depth
    dates = " ".join(f"{key} {split[key]}" for key in ("from", "until") if split.get(key))
    yield f"{indent}- **{split['method']}**{' ' + dates if dates else ''}: {split['definition']}"
    yield from (f"{indent}  - {words}" for words in _terms_lines(split))
    if fallback := split.get("fallback"):
        yield f"{indent}  - where quantities are missing:"
        yield from _split_lines(fallback, depth + 2)
    if before := split.get("grandfather"):
        yield f"{indent}  - takes over, in {before['months']} months from {before['from']}, from"
        yield from _split_lines(before["previous"], depth + 2)


def _terms_lines(split: Document) -> Iterator[str]:
    yield from _reasons(split)
    carriers = ", ".join((*split["receivers"]["teams"], *split["receivers"]["pools"]))
    yield f"shared by: {escaped(carriers) or 'nobody'}"
    if split["grain"] == "day":
        yield f"day by day, by {split['on']}"
    elif split["method"] == "direct_cost":
        yield f"by {split['on']}"
    for driver in split["drivers"]:
        weight = f", weight {driver['weight']}" if driver["weight"] else ""
        name, unit, file = (escaped(driver[key]) for key in ("driver", "unit", "file"))
        yield f"{name} in {unit} ({file}){weight}"
    for team, part in split.get("percentages", {}).items():
        yield f"{escaped(team)}: {part} %"
    for form in ("terms", "structure", "counting"):
        for name, value in split.get(form, {}).items():
            if value not in (None, [], {}):
                yield f"{name.replace('_', ' ')}: {escaped(in_words(value))}"
    if split["when_missing"] != "fallback":
        yield f"where quantities are missing: {split['when_missing']}"
