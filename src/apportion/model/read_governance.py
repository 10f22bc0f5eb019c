"""Policies of governance, from their form to values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from apportion.domain.finding import Level
from apportion.domain.owner import Evidence
from apportion.model import marked_yaml as y
from apportion.model.faults import Faults
from apportion.model.governance import Check, GovernancePolicy, RequiredTag, TagExemption
from apportion.model.names import Names
from apportion.model.read_organisation import read_validity
from apportion.model.values import as_day, as_part, text_of, texts_of

MEANT_FOR: Mapping[str, frozenset[Check]] = {
    "at_least": frozenset({Check.TAGS, Check.COVERAGE}),
    "at_most": frozenset({Check.IDLE, Check.WEAK_EVIDENCE}),
    "tags": frozenset({Check.TAGS}),
    "exempt": frozenset({Check.TAGS}),
    "least_evidence": frozenset({Check.WEAK_EVIDENCE}),
    "months": frozenset({Check.REVIEW, Check.EXEMPTIONS}),
    "warn_days": frozenset({Check.EXEMPTIONS}),
}
"""Keys that mean something for some checks only."""

QUARTER = 3
"""Months after which a model is due to be looked through, where a policy doesn't say."""


def read_governance(
    nodes: Sequence[y.Mapping], teams: Names, faults: Faults
) -> tuple[GovernancePolicy, ...]:
    """Policies whose shapes have been checked."""
    names = Names("policy")
    for node in nodes:
        names.declare(text_of(node, "name"), node.entries["name"], faults)
    return tuple(_policy(node, teams, faults) for node in nodes)


def _policy(node: y.Mapping, teams: Names, faults: Faults) -> GovernancePolicy:
    check = Check(text_of(node, "check"))
    _check_keys(node, check, faults)
    months = text_of(node, "months")
    evidence = text_of(node, "least_evidence")
    return GovernancePolicy(
        name=text_of(node, "name"),
        place=node.entries["name"].place,
        check=check,
        because=text_of(node, "because"),
        responsible=text_of(node, "owner"),
        level=Level(text_of(node, "level") or Level.ERROR),
        at_least=_percent(node, "at_least", faults),
        at_most=_percent(node, "at_most", faults),
        tags=tuple(_tags(node)),
        exempt=tuple(_exemptions(node, teams, faults)),
        least_evidence=Evidence(evidence) if evidence else Evidence.MANUAL,
        months=int(months) if months else (QUARTER if check is Check.REVIEW else 0),
        warn_days=int(text_of(node, "warn_days") or 30),
        valid=read_validity(node, faults),
    )


def _check_keys(node: y.Mapping, check: Check, faults: Faults) -> None:
    """A figure that a check needs is there, and no key that means nothing for it."""
    for key, checks in MEANT_FOR.items():
        given = key in node.entries
        if given and check not in checks:
            faults.add(
                node.keys[key],
                f"`{key}` has no meaning for a check of {check}",
                hint=f"it is for {', '.join(sorted(checks))}",
            )
        elif key.startswith("at_") and check in checks and not given:
            faults.add(
                node.entries["check"],
                f"a check of {check} needs `{key}`",
                hint="say the percentage, say 90",
            )


def _percent(node: y.Mapping, key: str, faults: Faults) -> Fraction | None:
    given = node.entries.get(key)
    if not isinstance(given, y.Scalar):
        return None
    part = as_part(given.text)
    if part > 100:
        faults.add(given, f"{given.text} is more than 100 percent", hint="say 0 to 100")
    return part


def _tags(node: y.Mapping) -> Iterator[RequiredTag]:
    given = node.entries.get("tags")
    if isinstance(given, y.Mapping):
        for key, values in given.entries.items():
            yield RequiredTag(key, texts_of(values) if isinstance(values, y.Sequence) else ())


def _exemptions(node: y.Mapping, teams: Names, faults: Faults) -> Iterator[TagExemption]:
    given = node.entries.get("exempt")
    for one in given.items if isinstance(given, y.Sequence) else ():
        assert isinstance(one, y.Mapping)
        team = one.entries.get("team")
        if isinstance(team, y.Scalar):
            teams.knows(team.text, team, faults)
        yield TagExemption(
            place=one.place,
            until=as_day(text_of(one, "until")),
            because=text_of(one, "because"),
            account=text_of(one, "account"),
            service=text_of(one, "service"),
            team=text_of(one, "team"),
        )
