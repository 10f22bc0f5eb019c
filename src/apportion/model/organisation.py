"""The organisation: teams, within products, within business units, each dated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from apportion.domain.mode import Mode
from apportion.errors import Place
from apportion.model.dated import ALWAYS, Dated, Validity, on


class UnitKind(StrEnum):
    """What a unit of the organisation is. Only teams carry charges."""

    TEAM = "team"
    PRODUCT = "product"
    BUSINESS_UNIT = "business_unit"


@dataclass(frozen=True)
class OrgUnit:
    """A team, product or business unit; `stage` is a product's, say research or production."""

    name: str
    kind: UnitKind
    title: str
    place: Place
    valid: Validity = ALWAYS
    parent: tuple[Dated[str], ...] = ()
    cost_center: tuple[Dated[str], ...] = ()
    owner: tuple[Dated[str], ...] = ()
    head_count: tuple[Dated[int], ...] = ()
    stage: tuple[Dated[str], ...] = ()
    mode: tuple[Dated[Mode], ...] = ()
    entity: tuple[Dated[str], ...] = ()
    profit_center: tuple[Dated[str], ...] = ()


@dataclass(frozen=True)
class Organisation:
    """All units by name."""

    units: Mapping[str, OrgUnit] = field(default_factory=dict)

    @property
    def teams(self) -> tuple[OrgUnit, ...]:
        """The teams, sorted by name."""
        found = (unit for unit in self.units.values() if unit.kind is UnitKind.TEAM)
        return tuple(sorted(found, key=lambda unit: unit.name))

    def is_team(self, name: str) -> bool:
        """Whether a team has the name."""
        unit = self.units.get(name)
        return unit is not None and unit.kind is UnitKind.TEAM

    def ancestor(self, name: str, kind: UnitKind, day: date) -> str:
        """The name of the unit of a kind above a unit on a day, or an empty text."""
        unit = self.units.get(name)
        while unit and unit.kind is not kind:
            unit = self.units.get(on(unit.parent, day) or "")
        return unit.name if unit else ""

    def entity(self, name: str, day: date) -> str:
        """The legal entity of a unit on a day: its own, or that of the unit above."""
        unit = self.units.get(name)
        while unit:
            if found := on(unit.entity, day):
                return found
            unit = self.units.get(on(unit.parent, day) or "")
        return ""

    def profit_center(self, name: str, day: date) -> str:
        """The profit centre of a unit on a day: its own, or that of the unit above, or none."""
        unit = self.units.get(name)
        while unit:
            if found := on(unit.profit_center, day):
                return found
            unit = self.units.get(on(unit.parent, day) or "")
        return ""

    def mode(self, name: str, day: date) -> Mode:
        """A team's mode on a day: its own, or that of the unit above; showback without either."""
        unit = self.units.get(name)
        while unit:
            found = on(unit.mode, day)
            if found:
                return found
            unit = self.units.get(on(unit.parent, day) or "")
        return Mode.SHOWBACK
