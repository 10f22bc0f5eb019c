"""Untagged analysis: what nobody carries, how good the tags are, and whose it most likely is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from apportion.domain.period import Period
from apportion.domain.result import Attributed
from apportion.errors import UsageError
from apportion.insight.compliance import Compliance, draw_compliance
from apportion.insight.coverage import Coverage, draw_coverage
from apportion.insight.denials import denied_teams, read_denials
from apportion.insight.gather_links import gather_links
from apportion.insight.gather_resources import count_days, gather_resources
from apportion.insight.gather_tag_uses import gather_tag_uses
from apportion.insight.judge_gaps import judge_gaps
from apportion.insight.lay_out_charges import LaidOut, lay_out_charges
from apportion.insight.likely_owner import Verdict
from apportion.insight.misspellings import Misspelling, find_misspellings
from apportion.insight.resource import Resource
from apportion.insight.similar_keys import SimilarKey, find_similar_keys
from apportion.insight.tag_schema import ProposedKey, propose_schema
from apportion.insight.team_names import team_names
from apportion.insight.weigh_keys import weigh_keys
from apportion.model.project import Model
from apportion.run.workspace import Charges, Workspace


@dataclass(frozen=True)
class UntaggedResource:
    """A resource in the gap: on how many days it was billed, and whose it most likely is."""

    resource: Resource
    days: int
    verdict: Verdict

    @property
    def state(self) -> str:
        """``unallocated``, or ``pattern`` where the look of a name alone decided."""
        return "unallocated" if self.resource.pattern is None else "pattern"


@dataclass(frozen=True)
class Untagged:
    """All of it for one currency of a period, on the show-back basis.

    `resources` holds the costliest of `number` in the gap, which cost `cost`
    together.
    """

    period: Period
    basis: str
    coverage: Coverage
    compliance: Compliance
    number: int
    cost: Decimal
    resources: tuple[UntaggedResource, ...]
    misspellings: tuple[Misspelling, ...]
    similar_keys: tuple[SimilarKey, ...]
    schema: tuple[ProposedKey, ...]

    @property
    def currency(self) -> str:
        return self.coverage.currency


def find_untagged(
    workspace: Workspace, model: Model, period: Period, *, top: int | None = None
) -> tuple[Untagged, ...]:
    """Analyse a period's charges under a model, currency by currency, the project's first.

    In the gap is what is unallocated, and what only the look of a name gave to
    a team while it lacks a required tag. `top` limits the resources to the
    costliest. Teams that denied a resource aren't proposed for it again.

    Raises NotLoaded where the period has no charges, and UsageError where they
    don't carry the project's cost basis.
    """
    charges = workspace.charges([period])
    _check_basis(charges, workspace.project.basis)
    attribution = workspace.desk(charges).attribute(model, period.span)
    laid = lay_out_charges(
        workspace.engine,
        model.taxonomy,
        charges,
        attributed=attribution.relation,
        basis=workspace.project.basis,
    )
    analysis = _Analysis(workspace, model, period, charges, laid, attribution.summary)
    found = tuple(analysis.of(currency, top) for currency in analysis.currencies())
    workspace.engine.drop(laid.charges, laid.normalised)
    return found


def _check_basis(charges: Charges, basis: str) -> None:
    carried = {
        name for snapshot in charges.snapshots for unit in snapshot.units for name in unit.bases
    }
    if basis not in carried:
        raise UsageError(
            f"no source of this period carries {basis}",
            hint=f"set `basis` in apportion.yaml to one of {', '.join(sorted(carried))}",
        )


@dataclass(frozen=True)
class _Analysis:
    workspace: Workspace
    model: Model
    period: Period
    charges: Charges
    laid: LaidOut
    attributed: Sequence[Attributed]

    def currencies(self) -> list[str]:
        preferred = self.workspace.project.currency
        found = {part.currency for part in self.attributed}
        return sorted(found, key=lambda currency: (currency != preferred, currency))

    def of(self, currency: str, top: int | None) -> Untagged:
        engine, taxonomy = self.workspace.engine, self.model.taxonomy
        names = team_names(self.model, self.period.span)
        uses = gather_tag_uses(engine, self.laid, taxonomy, currency)
        similar = find_similar_keys(taxonomy, uses)
        found = gather_resources(engine, self.laid, taxonomy, names, currency)
        gaps = sorted(
            (resource for resource in found if resource.owner is None),
            key=lambda gap: (-gap.cost, gap.thing.key, str(gap.pattern)),
        )
        columns = {c for s in self.charges.snapshots for unit in s.units for c in unit.columns}
        links, votes = gather_links(engine, self.laid, sorted(columns), names, currency)
        linked = [replace(gap, links=links.get(gap.thing.key, frozenset())) for gap in gaps]
        verdicts = judge_gaps(
            linked, found, votes, names, denied_teams(read_denials(self.workspace.project)), top
        )
        days = count_days(engine, self.laid, linked[:top])
        return Untagged(
            period=self.period,
            basis=self.workspace.project.basis,
            coverage=draw_coverage(self.attributed, currency, self.workspace.project.basis),
            compliance=draw_compliance(engine, self.laid, taxonomy, currency),
            number=len(gaps),
            cost=sum((gap.cost for gap in gaps), Decimal(0)),
            resources=tuple(
                UntaggedResource(gap, days.get(gap.thing.key, 0), verdict)
                for gap, verdict in zip(linked, verdicts, strict=False)
            ),
            misspellings=find_misspellings(taxonomy, uses),
            similar_keys=similar,
            schema=weigh_keys(
                engine, self.laid, propose_schema(taxonomy, uses, similar, names), currency
            ),
        )
