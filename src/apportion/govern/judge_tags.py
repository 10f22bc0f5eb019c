"""Policies on tags: required keys, allowed values, and what is left out until a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from apportion.domain.finding import Finding, Level
from apportion.domain.owner import OwnerKind
from apportion.govern.judge_figures import percent
from apportion.govern.judged import Figure, Judged, Question
from apportion.insight.compliance import Compliance, from_states
from apportion.insight.lay_out_charges import lay_out_charges
from apportion.model.governance import GovernancePolicy, TagExemption
from apportion.model.taxonomy import TagKey, Taxonomy
from apportion.run.charges import attributed_anew
from apportion.store.relation import sql, table

if TYPE_CHECKING:
    from apportion.domain.result import Run


class _Cost(NamedTuple):
    """Taggable cost of one kind: where it stands on each required tag, and whose it is."""

    currency: str
    states: str
    account: str
    service: str
    team: str
    cost: Decimal


def judge_tags(policy: GovernancePolicy, question: Question) -> Judged:
    """Taggable cost that bears every required tag with an allowed value: at least so much of it.

    Where the model has changed since the run, spellings and owners wouldn't be the run's: then
    nothing is measured, which is told.
    """
    run = question.run
    if run is None:
        return Judged(policy, looked=False)
    if question.project.model.hash != run.model:
        return Judged(policy, findings=(_changed(run),), looked=False)
    taxonomy = required_by(policy, question.project.model.taxonomy)
    names = tuple(key.name for key in taxonomy.required)
    held = [one for one in policy.exempt if run.period.start < one.until]
    costs: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for one in _costs(question, run, taxonomy):
        if not any(_left_out(one, exemption) for exemption in held):
            costs[one.currency][one.states] += one.cost
    figures, broken = [], []
    for currency, by_states in sorted(costs.items()):
        found = from_states(by_states, names)
        figures.append(Figure(currency, found.percent))
        broken += _broken(policy, currency, found)
    return Judged(policy, tuple(figures), tuple(broken))


def required_by(policy: GovernancePolicy, taxonomy: Taxonomy) -> Taxonomy:
    """The taxonomy with the tags that a policy requires in place of its own.

    A tag that the policy lists no values for keeps those of the taxonomy.
    """
    wanted = {one.key: one for one in policy.tags}
    if not wanted:
        return taxonomy
    keys: dict[str, TagKey] = {
        name: replace(key, required=name in wanted) for name, key in taxonomy.keys.items()
    }
    for name, one in wanted.items():
        known = keys.get(name) or TagKey(name, policy.place)
        keys[name] = replace(known, required=True, values=one.values or known.values)
    return Taxonomy(keys)


def _costs(question: Question, run: Run, taxonomy: Taxonomy) -> list[_Cost]:
    workspace = question.project.workspace
    charges, attribution = attributed_anew(workspace, question.project.model, run)
    laid = lay_out_charges(
        workspace.engine, taxonomy, charges, attributed=attribution.relation, basis=run.basis
    )
    rows = workspace.engine.fetch(
        sql(
            """
            SELECT c.Currency AS Currency, c.States AS States, c.Account AS Account,
                   c.Service AS Service, c.OwnerKind AS OwnerKind, c.Owner AS Owner,
                   CAST(sum(c.Cost) AS DECIMAL(38, 18)) AS Cost
            FROM _charges AS c
            WHERE c.Taggable = 1
            GROUP BY c.Currency, c.States, c.Account, c.Service, c.OwnerKind, c.Owner
            """,
            _charges=table(laid.charges),
        )
    ).to_pylist()
    workspace.engine.drop(laid.charges, laid.normalised)
    return [_cost(row) for row in rows]


def _cost(row: Mapping[str, object]) -> _Cost:
    cost = row["Cost"]
    assert isinstance(cost, Decimal)
    team = str(row["Owner"]) if row["OwnerKind"] == OwnerKind.TEAM else ""
    texts = (str(row[name] or "") for name in ("Currency", "States", "Account", "Service"))
    currency, states, account, service = texts
    return _Cost(currency, states, account, service, team, cost)


def _left_out(one: _Cost, exemption: TagExemption) -> bool:
    return (
        (exemption.account != "" and exemption.account == one.account)
        or (exemption.service != "" and exemption.service == one.service)
        or (exemption.team != "" and exemption.team == one.team)
    )


def _changed(run: Run) -> Finding:
    return Finding(
        "model-changed",
        Level.WARNING,
        "the model has changed since this run: its tags can't be judged",
        hint=f"run again: `apportion run --period {run.period}`",
    )


def _broken(policy: GovernancePolicy, currency: str, found: Compliance) -> list[Finding]:
    wanted = (policy.at_least or Fraction(0)) / 100
    if found.percent is None or Fraction(found.compliant) >= Fraction(found.taggable) * wanted:
        return []
    worst = min(found.keys, key=lambda key: (key.compliant, key.key))
    return [
        Finding(
            "tags-below-policy",
            policy.level,
            f"{currency}: {found.percent} % of taggable cost bears every required tag; policy "
            f"{policy.name!r} demands {percent(wanted)} %; {worst.key!r} is borne by "
            f"{worst.percent} %",
            policy.place,
            hint="see what lacks: `apportion untagged`",
        )
    ]
