"""Limits and exemptions of a pool: from YAML forms to values."""

from __future__ import annotations

from fractions import Fraction

from apportion.model import marked_yaml as y
from apportion.model.dated import Dated
from apportion.model.faults import Faults
from apportion.model.limits import Exemption, Limit, Limits
from apportion.model.names import Names
from apportion.model.read_organisation import check_overlaps, read_validity
from apportion.model.values import as_limit, text_of


def read_limits(
    node: y.Node | None, teams: Names, currency: str, faults: Faults
) -> tuple[Dated[Limits], ...]:
    """Dated limits whose shapes have been checked; no cap lies below a floor."""
    entries = _entries(node)
    made = [Dated(_limits(e, teams, currency, faults), read_validity(e, faults)) for e in entries]
    check_overlaps([one.valid for one in made], entries, faults)
    return tuple(made)


def read_exemptions(node: y.Node | None, teams: Names, faults: Faults) -> tuple[Exemption, ...]:
    """Exemptions whose shapes have been checked; a team has one at a time."""
    made: list[Exemption] = []
    for entry in _entries(node):
        one = _exemption(entry, teams, faults)
        if any(one.team == other.team and one.valid.meet(other.valid) for other in made):
            faults.add(entry, f"{one.team!r} is exempt twice on the same days", hint="keep one")
        made.append(one)
    for entry, one in zip(_entries(node), made, strict=True):
        if any(one.charge_to == other.team and one.valid.meet(other.valid) for other in made):
            faults.add(
                entry.entries["charge_to"],
                f"{one.charge_to!r} is exempt itself, so it can't carry the part of {one.team!r}",
                hint="name a team that the pool charges",
            )
    return tuple(made)


def _entries(node: y.Node | None) -> list[y.Mapping]:
    items = node.items if isinstance(node, y.Sequence) else ()
    return [item for item in items if isinstance(item, y.Mapping)]


def _limits(node: y.Mapping, teams: Names, currency: str, faults: Faults) -> Limits:
    caps, floors = (_table(node, key, teams, faults) for key in ("caps", "floors"))
    fee = node.entries.get("minimum_fee")
    minimum = as_limit(fee.text) if isinstance(fee, y.Scalar) else None
    _check_order(node, caps, floors, minimum, faults)
    return Limits(
        node.place, currency, caps, floors, Limit(*minimum) if minimum else None,
        text_of(node, "because"),
    )  # fmt: skip


def _table(
    node: y.Mapping, key: str, teams: Names, faults: Faults
) -> tuple[tuple[str, Limit], ...]:
    table = node.entries.get(key)
    if not isinstance(table, y.Mapping):
        return ()
    teams.know(table.keys.values(), faults)
    return tuple(
        (team, Limit(*as_limit(value.text)))
        for team, value in table.entries.items()
        if isinstance(value, y.Scalar)
    )


def _check_order(
    node: y.Mapping,
    caps: tuple[tuple[str, Limit], ...],
    floors: tuple[tuple[str, Limit], ...],
    fee: tuple[Fraction, bool] | None,
    faults: Faults,
) -> None:
    """A cap below a floor can't be met; amounts and percentages are compared when a run is made."""
    least = dict(floors)
    table = node.entries.get("caps")
    assert not caps or isinstance(table, y.Mapping)
    for team, cap in caps:
        assert isinstance(table, y.Mapping)
        for floor in (least.get(team), Limit(*fee) if fee else None):
            if floor and floor.of_pool is cap.of_pool and cap.figure < floor.figure:
                faults.add(
                    table.entries[team],
                    f"the cap of {team!r} lies below what it pays at least",
                    hint="raise the cap, or lower the floor",
                )
                break


def _exemption(node: y.Mapping, teams: Names, faults: Faults) -> Exemption:
    team, charge_to = node.entries["team"], node.entries.get("charge_to")
    for name in (team, charge_to):
        if isinstance(name, y.Scalar):
            teams.knows(name.text, name, faults)
    if isinstance(charge_to, y.Scalar) and charge_to.text == text_of(node, "team"):
        faults.add(charge_to, "a team that is exempt can't carry its own part",
                   hint="name the owner of the policy")  # fmt: skip
    return Exemption(
        team=text_of(node, "team"),
        place=node.place,
        because=text_of(node, "because"),
        valid=read_validity(node, faults),
        charge_to=text_of(node, "charge_to"),
    )
