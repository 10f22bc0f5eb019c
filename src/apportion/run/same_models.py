"""One model under several spellings: what a bill writes, and what usage does."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from apportion.run.priced_rows import PricedRow


@dataclass(frozen=True)
class SameModels:
    """By spelling, without case, the name that both sides are compared by."""

    names: Mapping[str, str]

    def used(self, row: PricedRow) -> PricedRow:
        """A row of usage under the common name of its model."""
        return replace(row, kind=self.billed(row.kind))

    def billed(self, kind: Mapping[str, str]) -> Mapping[str, str]:
        """What something is, under the common name of its model."""
        found = self.names.get(kind.get("model", "").casefold())
        return {**kind, "model": found} if found else kind


def same_models(billed: Collection[str], rows: Sequence[PricedRow]) -> SameModels:
    """The common names of models that a bill and usage spell another way.

    Spellings that agree but for case are one. Of others, the catalogue of prices says
    whether a provider means one model by them (``gpt-4.1`` and ``gpt-4.1-2025-04-14``);
    a name that both sides write stays by itself, since they tell such models apart.
    """
    used = {row.kind["model"]: row.provider for row in rows if "model" in row.kind}
    theirs = {name.casefold() for name in used}
    ours = {name.casefold() for name in billed}
    apart = [name for name in billed if name.casefold() not in theirs]
    unmet = {name: provider for name, provider in used.items() if name.casefold() not in ours}
    if not apart or not unmet:
        return SameModels({})
    return SameModels(dict(_listed(apart, unmet)))


def _listed(billed: Iterable[str], used: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    from apportion.price.catalogue import Catalogue

    catalogue = Catalogue()
    listed: dict[str, str] = {}
    for name, provider in used.items():
        if found := catalogue.find(provider, name):
            listed.setdefault(found[1].id, name)
            yield name.casefold(), listed[found[1].id]
    for name in billed:
        for provider in dict.fromkeys(used.values()):
            found = catalogue.find(provider, name)
            if found and found[1].id in listed:
                yield name.casefold(), listed[found[1].id]
                break
