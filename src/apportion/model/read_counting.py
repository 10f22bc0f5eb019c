"""How a split counts: from YAML forms to values."""

from __future__ import annotations

from fractions import Fraction

from apportion.model import marked_yaml as y
from apportion.model.counting import CostStructure, Counting, Takeover, Tier
from apportion.model.faults import Faults
from apportion.model.names import Names
from apportion.model.values import as_month, as_part, as_quantity, text_of, texts_of


def read_counting(node: y.Mapping, receivers: Names, faults: Faults) -> Counting | None:
    """Tiers, ceiling and multipliers of a split whose shape has been checked; None without any."""
    at_most, table = text_of(node, "at_most"), node.entries.get("multipliers")
    multipliers = table if isinstance(table, y.Mapping) else None
    made = Counting(
        _tiers(node.entries.get("tiers"), faults),
        Fraction(as_quantity(at_most)) if at_most else None,
        _factors(multipliers, "teams"),
        _factors(multipliers, "stages"),
    )
    teams = multipliers.entries.get("teams") if multipliers else None
    if isinstance(teams, y.Mapping):
        receivers.know(teams.keys.values(), faults)
    return None if made == Counting() else made


def _tiers(node: y.Node | None, faults: Faults) -> tuple[Tier, ...]:
    """Tiers in rising order; only the last may be open, and it must be."""
    items = node.items if isinstance(node, y.Sequence) else ()
    forms = [item for item in items if isinstance(item, y.Mapping)]
    made: list[Tier] = []
    for form in forms:
        text = text_of(form, "up_to")
        up_to = Fraction(as_quantity(text)) if text else None
        last = form is forms[-1]
        if (up_to is None) is not last:
            what = "the last tier has an end" if last else "a tier without an end isn't the last"
            faults.add(form, what, hint="leave out `up_to` in the last tier, and only there")
        elif up_to is not None and made and up_to <= (made[-1].up_to or 0):
            faults.add(form, "tiers must rise", hint="put the smaller `up_to` first")
        made.append(Tier(up_to, as_part(text_of(form, "weight"))))
    return tuple(made)


def _factors(table: y.Mapping | None, key: str) -> tuple[tuple[str, Fraction], ...]:
    found = table.entries.get(key) if table else None
    if not isinstance(found, y.Mapping):
        return ()
    return tuple(
        (name, as_part(value.text))
        for name, value in found.entries.items()
        if isinstance(value, y.Scalar)
    )


def read_takeover(node: y.Mapping, faults: Faults) -> Takeover:
    """Over which months a split takes over."""
    months = int(text_of(node, "months"))
    if months == 0:
        faults.add(node.entries["months"], "it takes over in no month", hint="say 1 or more")
    return Takeover(months, as_month(text_of(node, "from")).start)


def read_structure(node: y.Mapping, faults: Faults) -> CostStructure | None:
    """What each driver of a weighted split stands for; None where nothing says so."""
    table = node.entries.get("drivers")
    drivers = table.entries.items() if isinstance(table, y.Mapping) else ()
    services = tuple(
        (name, texts_of(form.entries.get("services")))
        for name, form in drivers
        if isinstance(form, y.Mapping) and "services" in form.entries
    )
    decides, drift = text_of(node, "weights") == "cost", text_of(node, "drift")
    if decides and len(services) < len(list(drivers)):
        faults.add(
            node.entries["weights"],
            "weights by cost need the services of each driver",
            hint="write `drivers: {NAME: {services: [PATTERN]}, …}`",
        )
    for _, form in drivers:
        if decides and isinstance(form, y.Mapping) and "weight" in form.entries:
            faults.add(
                form.entries["weight"],
                "a weight has no meaning where the cost decides",
                hint="leave it out, or leave out `weights: cost`",
            )
    if not services:
        return None
    return CostStructure(services, decides, as_part(drift) if drift else Fraction(5))
