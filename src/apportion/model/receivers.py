"""Who may receive a part of a pool: teams, and pools that pass it on."""

from __future__ import annotations

from collections.abc import Iterable

from apportion.errors import Place
from apportion.model import marked_yaml as y
from apportion.model.faults import Faults, Placed
from apportion.model.names import Names


class Receivers(Names):
    """Names of teams and pools, of which a receiver has but one.

    A pool may have a team's name while nobody names it as a receiver, say the pool
    `platform` that all cost of the team `platform` falls into. Who is charged must not
    be guessed; elsewhere such a name means the team.
    """

    def __init__(self) -> None:
        super().__init__("team or pool", "declare it in `organisation` or `pools`")
        self.twice: dict[str, tuple[Place, Place]] = {}

    def take(self, teams: Names, pools: Names) -> None:
        """Take in the declared teams and pools."""
        self.places = {**pools.places, **teams.places}
        self.others = teams.others
        self.twice = {
            name: (teams.places[name], at)
            for name, at in pools.places.items()
            if name in teams.places
        }

    def receives(self, name: str, at: Placed | Place, faults: Faults) -> bool:
        """Whether a name is declared and means one receiver; else a fault that names both."""
        return self.knows(name, at, faults) and self.one(name, at, faults)

    def receive(self, nodes: Iterable[y.Scalar], faults: Faults) -> bool:
        """Whether all names mean one receiver each."""
        found = [self.receives(node.text, node, faults) for node in nodes]
        return all(found)

    def one(self, name: str, at: Placed | Place, faults: Faults) -> bool:
        """Whether a declared name isn't that of a team and of a pool."""
        if name not in self.twice:
            return True
        team, pool = self.twice[name]
        faults.add(
            at,
            f"{name!r} is a team and a pool, so that nobody knows whom this means",
            why=f"the team is at {team}, the pool at {pool}",
            hint=f"rename the pool, say to `{name}-cost`, and write that here if it is meant",
        )
        return False
