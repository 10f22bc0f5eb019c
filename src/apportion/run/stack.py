"""The cost stack of a run: what each team carries, direct, indirect and third party; exact.

Which part of the stack a charge lies in is decided by the same passes as its
owner: rules of the model, then defaults by cost class.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from apportion.allocate.origins import final_shares
from apportion.attribute.exact import fractions
from apportion.attribute.totals import sums
from apportion.domain.amounts import Amounts
from apportion.domain.charge import COSTS
from apportion.domain.cost_class import COST_CLASS, CostClass
from apportion.domain.owner import Evidence, Owner, OwnerKind
from apportion.domain.result import Run
from apportion.errors import Place
from apportion.model.organisation import Organisation, OrgUnit, UnitKind
from apportion.model.project import Model
from apportion.model.rules import Condition, Rule
from apportion.model.stack import Stack
from apportion.run.charges import attributed_anew
from apportion.run.workspace import Workspace
from apportion.store.relation import sql, table

_HERE = Place("cost stack")
DEFAULTS: Mapping[Stack, tuple[CostClass, ...]] = {
    Stack.THIRD_PARTY: (CostClass.LICENCE,),
    Stack.INDIRECT: (CostClass.PEOPLE, CostClass.SUPPORT, CostClass.TAX, CostClass.ROUNDING),
    Stack.DIRECT: (CostClass.PROMOTIONAL_CREDIT, CostClass.CREDIT, CostClass.REFUND),
}
"""Where the model says nothing; all other classes are direct."""


@dataclass(frozen=True)
class StackPart:
    """What an owner carries of one part of the stack, its shares of pools included."""

    currency: str
    owner: Owner
    stack: Stack
    amounts: Amounts


def find_stack(workspace: Workspace, model: Model, run: Run) -> tuple[StackPart, ...]:
    """The stack of a run, owner by owner. Invariant: the parts of an owner sum to what it carries.

    A rule of the stack holds in a period if it does on its first day. Raises
    UsageError where the model has changed since the run.
    """
    charges, owned = attributed_anew(workspace, model, run)
    desk = workspace.desk(charges)
    stacked = desk.attribute(_as_model(model, run.span.start), run.span, into="stacked")
    found = workspace.engine.fetch(
        sql(
            """
            SELECT k.BillingCurrency AS Currency, a.OwnerKind AS OwnerKind, a.Owner AS Owner,
                   s.Owner AS Stack, _sums
            FROM _owned AS a
            JOIN _stacked AS s ON s.Source = a.Source AND s.KeyId = a.KeyId
            JOIN _keys AS k ON k.KeyId = a.KeyId
            GROUP BY k.BillingCurrency, a.OwnerKind, a.Owner, s.Owner
            """,
            _sums=sums("a"),
            _owned=table(owned.relation),
            _stacked=table(stacked.relation),
            _keys=table(charges.keys),
        )
    )
    parts: dict[tuple[str, Owner, Stack], Amounts] = defaultdict(Amounts)
    shares = defaultdict(list)
    for share in final_shares(run.shares):
        shares[share.currency, share.pool].append(share)
    costs = [fractions(found.column(cost)) for cost in COSTS]
    for row, *amounts in zip(found.to_pylist(), *costs, strict=True):
        owner = Owner(OwnerKind(row["OwnerKind"]), row["Owner"])
        if owner.kind is OwnerKind.LEFT_OUT:
            continue
        currency, stack, whole = row["Currency"] or "", Stack(row["Stack"]), Amounts(*amounts)
        if owner.kind is not OwnerKind.POOL:
            parts[currency, owner, stack] += whole
        for share in shares[currency, owner.name] if owner.kind is OwnerKind.POOL else ():
            parts[currency, share.receiver, stack] += whole.times(share.fraction)
    return tuple(StackPart(*key, amounts) for key, amounts in sorted(parts.items()))


def _as_model(model: Model, day: date) -> Model:
    """The stack as a model whose teams are its parts, so that the passes decide it."""
    parts = {one.value: OrgUnit(one.value, UnitKind.TEAM, one.value, _HERE) for one in Stack}
    rules = [
        _rule(rule.name, rule.condition, rule.stack)
        for rule in model.stack
        if rule.valid.covers(day)
    ]
    for stack, classes in DEFAULTS.items():
        named = Condition(((COST_CLASS, tuple(one.value for one in classes)),))
        rules.append(_rule(f"default {stack}", named, stack))
    rules.append(_rule("all else", Condition(), Stack.DIRECT))
    ordered = tuple(
        Rule(one.name, n, one.place, one.condition, one.evidence, one.owner)
        for n, one in enumerate(rules)
    )
    return Model(Organisation(parts), model.taxonomy, ordered)


def _rule(name: str, condition: Condition, stack: Stack) -> Rule:
    owner = Owner(OwnerKind.TEAM, stack.value)
    return Rule(name, 0, _HERE, condition, Evidence.MAPPED, owner)
