"""The terms of a split by the Shapley value: one cost function, in one of three forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from apportion.model import marked_yaml as y
from apportion.model.forms import AMOUNT, NAME, WHOLE, WORDS
from apportion.model.pools import Terms
from apportion.model.shape import Choice, Form, Items, Key
from apportion.model.terms.games import (
    CoalitionCosts,
    Game,
    NestedNeeds,
    Pricing,
    Step,
    Tier,
    VolumeCost,
)
from apportion.model.terms.method_terms import MethodTerms
from apportion.model.terms.read_coalitions import read_coalitions
from apportion.model.values import as_quantity, as_whole, text_of

if TYPE_CHECKING:
    from apportion.model.read_pools import PoolReading

PERMUTATIONS = 2000
"""Orders of arrival that a sample takes, unless the model says how many."""

LEAST = 30
"""Orders of which fewer tell nothing of their own error."""


@dataclass(frozen=True)
class Shapley(Terms):
    """A cost function; `permutations` is how many a sample takes where there are many teams."""

    game: Game
    permutations: int = PERMUTATIONS

    @property
    def driver_names(self) -> tuple[str, ...]:
        if isinstance(self.game, CoalitionCosts):
            return ()
        return (self.game.needs if isinstance(self.game, NestedNeeds) else self.game.driver,)

    @property
    def names(self) -> tuple[str, ...]:
        return self.game.names if isinstance(self.game, CoalitionCosts) else ()


_STEP = Form(
    "a step",
    {
        "up_to": Key(AMOUNT, "The largest need that it serves.", needed=True),
        "cost": Key(AMOUNT, "What that capacity costs in a month, all of it.", needed=True),
    },
)
_TIER = Form(
    "a price tier",
    {
        "price": Key(AMOUNT, "The price of a unit.", needed=True),
        "up_to": Key(AMOUNT, "The quantity of a month that it ends with; the last has no end."),
    },
)
_COST_OF = Form(
    "a cost function",
    {
        "driver": Key(NAME, "The driver whose quantities are summed.", needed=True),
        "tiers": Key(Items(_TIER), "Prices by quantity, in rising order.", needed=True),
        "fixed": Key(AMOUNT, "A cost of a month that any use brings with it."),
        "pricing": Key(Choice(tuple(Pricing), "a kind of tiers"), "graduated or volume."),
    },
)
_GAMES = ("needs", "cost_of", "coalitions")


def _read(node: y.Mapping, reading: PoolReading) -> Shapley | None:
    faults = reading.faults
    there = [key for key in _GAMES if key in node.entries]
    if not there:
        faults.add(
            node,
            "a split by shapley needs a cost function",
            hint="add `needs: DRIVER`, `cost_of: {driver: …, tiers: …}` or `coalitions: FILE.csv`",
        )
        return None
    for key in there[1:]:
        faults.add(node.keys[key], f"both `{there[0]}` and `{key}`", hint="keep one")
    for key, of in (("steps", "needs"), ("permutations", "cost_of")):
        if key in node.entries and of not in there:
            hint = f"it belongs to `{of}`"
            faults.add(node.keys[key], f"`{key}` has no meaning without `{of}`", hint=hint)
    game = _game(there[0], node, reading)
    stated = text_of(node, "permutations")
    number = as_whole(stated) if stated else PERMUTATIONS
    if "cost_of" in there and number < LEAST:
        faults.add(
            node.entries["permutations"],
            f"a sample takes at least {LEAST} permutations",
            why="the error of a smaller one can't be told",
            hint="leave it out for 2000",
        )
    return Shapley(game, number) if game else None


def _game(kind: str, node: y.Mapping, reading: PoolReading) -> Game | None:
    entry = node.entries[kind]
    if kind == "coalitions":
        for key in ("among", "excluding"):
            if key in node.entries:
                reading.faults.add(
                    node.keys[key],
                    f"`{key}` has no meaning beside `coalitions`",
                    hint="name the teams in the file alone",
                )
        return read_coalitions(entry, reading)
    if kind == "needs":
        if isinstance(entry, y.Scalar):
            reading.drivers.knows(entry.text, entry, reading.faults)
        return NestedNeeds(text_of(node, "needs"), _steps(node.entries.get("steps"), reading))
    assert isinstance(entry, y.Mapping)
    return _volume(entry, reading)


def _steps(node: y.Node | None, reading: PoolReading) -> tuple[Step, ...]:
    entries = _entries(node)
    steps = tuple(Step(_figure(one, "up_to"), _figure(one, "cost")) for one in entries)
    _check_rising(entries, [step.up_to for step in steps], reading)
    for entry, step, before in zip(entries[1:], steps[1:], steps, strict=False):
        if step.cost < before.cost:
            reading.faults.add(
                entry.entries["cost"],
                "a larger capacity costs less than a smaller one",
                why="costs of steps are those of all the capacity, not of what is added",
                hint="add the cost of the smaller steps to it",
            )
    return steps


def _volume(node: y.Mapping, reading: PoolReading) -> VolumeCost:
    driver = node.entries["driver"]
    if isinstance(driver, y.Scalar):
        reading.drivers.knows(driver.text, driver, reading.faults)
    entries = _entries(node.entries["tiers"])
    tiers = tuple(
        Tier(_figure(one, "price"), _figure(one, "up_to") if "up_to" in one.entries else None)
        for one in entries
    )
    for entry, tier in zip(entries[:-1], tiers[:-1], strict=True):
        if tier.up_to is None:
            reading.faults.add(entry, "only the last tier has no end", hint="add `up_to: …`")
    _check_rising(entries, [tier.up_to for tier in tiers if tier.up_to is not None], reading)
    fixed = _figure(node, "fixed") if "fixed" in node.entries else Fraction(0)
    pricing = Pricing(text_of(node, "pricing") or Pricing.GRADUATED)
    return VolumeCost(text_of(node, "driver"), tiers, fixed, pricing)


def _entries(node: y.Node | None) -> list[y.Mapping]:
    items = node.items if isinstance(node, y.Sequence) else ()
    return [item for item in items if isinstance(item, y.Mapping)]


def _check_rising(
    entries: Sequence[y.Mapping], limits: Sequence[Fraction], reading: PoolReading
) -> None:
    """Each limit must lie above the one before, the first above zero."""
    limited = [entry for entry in entries if "up_to" in entry.entries]
    for entry, limit, before in zip(limited, limits, (Fraction(0), *limits), strict=False):
        if limit <= before:
            reading.faults.add(
                entry.entries["up_to"],
                f"`up_to` must lie above {float(before):g}",
                hint="write them in rising order",
            )


def _figure(node: y.Mapping, key: str) -> Fraction:
    return Fraction(as_quantity(text_of(node, key)))


SHAPLEY = MethodTerms(
    {
        "needs": Key(NAME, "The driver of nested needs: the largest need decides the cost."),
        "steps": Key(Items(_STEP), "What capacity costs by levels; else in proportion to need."),
        "cost_of": Key(_COST_OF, "What the sum of quantities costs, by price tiers."),
        "coalitions": Key(WORDS, "A CSV beside the model: what each set of teams would cost."),
        "permutations": Key(WHOLE, "How many orders of arrival a sample takes."),
    },
    (),
    _read,
)
