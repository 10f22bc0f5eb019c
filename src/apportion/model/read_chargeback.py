"""Terms of chargeback: from YAML forms to values."""

from __future__ import annotations

from collections.abc import Sequence

from apportion.domain.owner import Evidence
from apportion.model import marked_yaml as y
from apportion.model.chargeback import DEFAULTS, ChargebackTerms
from apportion.model.dated import Dated
from apportion.model.faults import Faults
from apportion.model.names import Names
from apportion.model.read_organisation import check_overlaps, read_validity
from apportion.model.values import as_part, text_of


def read_chargeback(
    nodes: Sequence[y.Mapping], teams: Names, faults: Faults
) -> tuple[Dated[ChargebackTerms], ...]:
    """Entries whose shapes have been checked; no two may hold on the same day."""
    made = [Dated(_terms(node, teams, faults), read_validity(node, faults)) for node in nodes]
    check_overlaps([entry.valid for entry in made], list(nodes), faults)
    return tuple(made)


def _terms(node: y.Mapping, teams: Names, faults: Faults) -> ChargebackTerms:
    suspense = node.entries.get("suspense")
    if isinstance(suspense, y.Scalar):
        teams.knows(suspense.text, suspense, faults)
    coverage, drift = text_of(node, "coverage"), text_of(node, "drift")
    return ChargebackTerms(
        place=node.place,
        least_evidence=Evidence(text_of(node, "least_evidence") or Evidence.NONE),
        suspense=text_of(node, "suspense"),
        coverage=as_part(coverage) if coverage else DEFAULTS.coverage,
        drift=as_part(drift) if drift else DEFAULTS.drift,
        months=int(text_of(node, "months") or DEFAULTS.months),
        because=text_of(node, "because"),
    )
