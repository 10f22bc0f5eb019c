"""What was there once: one-time charges, and work that neither month beside it knows."""

from __future__ import annotations

from fractions import Fraction

from apportion.domain.period import Period
from apportion.insight.moved_items import NAMES, Item, Items, name_of_use
from apportion.model.project import Model
from apportion.run.usage_records import attribute_of_runs
from apportion.run.workspace import Workspace
from apportion.store.relation import sql, table

LEAST = Fraction(1, 20)
"""What is a smaller part of its line than this isn't looked at by itself."""


class OneOffs:
    """Which items of a month are one-off.

    A charge is that its bill calls one-time. So is a machine, job or key that makes a
    twentieth of its line or more, and whose name is known in neither the month before nor the
    month after. Where one of these isn't loaded, nobody can tell, and nothing is one-off.
    """

    def __init__(self, workspace: Workspace, model: Model) -> None:
        self.workspace, self.model = workspace, model
        self._names: dict[tuple[Period, bool], dict[str, frozenset[str]]] = {}

    def among(self, found: Items) -> frozenset[tuple[str, str]]:
        """The one-off names of a month's items, by line; one-time charges tell themselves."""
        sums: dict[tuple[str, str], tuple[Item, Fraction]] = {}
        for one in found.items:
            at = one.line.id, one.name
            sums[at] = one, sums.get(at, (one, Fraction(0)))[1] + one.amount
        basis, period = found.run.basis, found.run.period
        return frozenset(
            at
            for at, (one, amount) in sums.items()
            if one.origin
            and abs(amount) >= LEAST * abs(one.line.amounts.of(basis))
            and amount
            and all(self._absent(one, beside) for beside in (period.previous(), period.next()))
        )

    def _absent(self, item: Item, month: Period) -> bool:
        """Whether a month that is loaded doesn't know an item's name."""
        known = self._known(month, metered=item.metered).get(item.origin)
        return known is not None and item.name not in known

    def _known(self, month: Period, *, metered: bool) -> dict[str, frozenset[str]]:
        """By source, the names of a month; a source that isn't loaded has none."""
        if (month, metered) not in self._names:
            found = self._metered(month) if metered else self._billed(month)
            self._names[month, metered] = found
        return self._names[month, metered]

    def _metered(self, month: Period) -> dict[str, frozenset[str]]:
        used = self.workspace.usage.usage(self.model, month)
        if used is None:
            return {}
        jobs = attribute_of_runs(self.workspace, used, NAMES)
        rows = self.workspace.engine.fetch(
            sql("SELECT * FROM _k AS k", _k=table(used.keys))
        ).to_pylist()
        made: dict[str, set[str]] = {one.source: set() for one in used.snapshots}
        for row in rows:
            said = {name: value or "" for name, value in row.items()}
            name = name_of_use(said)
            made[row["Source"]] |= {jobs.get(row["KeyId"], ""), said.get("RunId", ""), name}
        return {source: frozenset(names) for source, names in made.items()}

    def _billed(self, month: Period) -> dict[str, frozenset[str]]:
        if not self.workspace.books.current(period=month, quarantined=False):
            return {}
        charges = self.workspace.charges([month])
        found = self.workspace.engine.fetch(
            sql(
                """
                SELECT DISTINCT m.Source AS source, k.ResourceName AS name, k.ResourceId AS id,
                       k.SkuId AS sku
                FROM _monthly AS m JOIN _keys AS k ON k.KeyId = m.KeyId
                """,
                _monthly=table(charges.monthly),
                _keys=table(charges.keys),
            )
        )
        made: dict[str, set[str]] = {one.source: set() for one in charges.snapshots}
        for row in found.to_pylist():
            made[row["source"]] |= {row["name"] or "", row["id"] or "", row["sku"] or ""}
        return {source: frozenset(names) for source, names in made.items()}
