"""On which account a line of a statement is booked: the first posting that fits decides."""

from __future__ import annotations

from datetime import date

from apportion.model.accounting import Posting
from apportion.model.dated import on
from apportion.model.organisation import UnitKind
from apportion.model.project import Model


class TeamPostings:
    """The postings that may fit a team's lines, in their order; equal questions are asked once."""

    def __init__(self, postings: tuple[Posting, ...]) -> None:
        self._postings = postings
        self._known: dict[tuple[str, str, str, str], Posting | None] = {}

    def choose(self, kind: str, pool: str, service: str, cost_class: str) -> Posting | None:
        """The posting of a line, or None: such a line keeps the journal from being booked."""
        asked = (kind, pool, service, cost_class)
        if asked not in self._known:
            fitting = (one for one in self._postings if one.takes(kind, pool, service, cost_class))
            self._known[asked] = next(fitting, None)
        return self._known[asked]


class AccountDesk:
    """The postings of a model as they hold on a day; teams of one purpose share their answers."""

    def __init__(self, model: Model, day: date) -> None:
        self._model = model
        self.day = day
        self._valid = tuple(one for one in model.accounting.postings if one.valid.covers(day))
        self._made: dict[tuple[int, ...], TeamPostings] = {}

    def postings_of(self, team: str, entity: str) -> TeamPostings:
        """What may fit a team's lines: by its name, its entity and its product's stage."""
        stage = self._stage(team)
        fitting = tuple(one for one in self._valid if one.is_for(team, entity, stage))
        key = tuple(one.position for one in fitting)
        if key not in self._made:
            self._made[key] = TeamPostings(fitting)
        return self._made[key]

    def _stage(self, team: str) -> str:
        """The stage of the product that a team builds: what its cost is for."""
        organisation = self._model.organisation
        product = organisation.units.get(organisation.ancestor(team, UnitKind.PRODUCT, self.day))
        return (on(product.stage, self.day) or "") if product else ""
