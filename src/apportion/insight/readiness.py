"""Readiness: what still stands against charging teams for a period, check by check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from apportion.domain.finding import Level
from apportion.domain.mode import Mode
from apportion.domain.money import from_units, minor_digits, to_units
from apportion.domain.owner import Evidence, OwnerKind
from apportion.domain.result import Attributed, Run
from apportion.model.chargeback import ChargebackTerms
from apportion.model.project import Model
from apportion.run.reconcile import Reconciliation


@dataclass(frozen=True)
class Check:
    """One thing that chargeback asks for. `found` and `wanted` are as printed."""

    name: str
    ok: bool
    found: str
    wanted: str
    formula: str
    hint: str = ""


@dataclass(frozen=True)
class ReceiverMode:
    """The mode of a team or a pool in the period."""

    kind: OwnerKind
    name: str
    mode: Mode | None


@dataclass(frozen=True)
class Readiness:
    """All checks of a period, and what is in which mode; ready when every check holds."""

    period: str
    checks: tuple[Check, ...]
    modes: tuple[ReceiverMode, ...]

    @property
    def ready(self) -> bool:
        return all(check.ok for check in self.checks)


@dataclass(frozen=True)
class Facts:
    """What readiness is judged by: the run, its proof, and runs of the months before.

    `before` are the runs of the months before, the latest first. `denied` counts
    the resources that a team said aren't its own. `provisional` names sources whose
    bill isn't final.
    """

    run: Run
    proof: Reconciliation
    model: Model
    before: Sequence[Run]
    denied: int
    provisional: Sequence[str]


def judge(facts: Facts) -> Readiness:
    """Hold a period against the terms of chargeback that the model states.

    Source: FinOps Framework, Invoicing & Chargeback; the KPIs of allocation.
    """
    terms = facts.model.terms(facts.run.span.start)
    checks = (
        *_proof(facts),
        *_coverage(facts.run, terms),
        *_evidence(facts.run, facts.model, terms),
        _disputes(facts),
        _stability(facts, terms),
        _findings(facts.run),
    )
    return Readiness(str(facts.run.period), checks, tuple(_modes(facts)))


def _proof(facts: Facts) -> Iterator[Check]:
    proof = facts.proof
    state = "fails" if not proof.ok else "holds" if proof.complete else "is incomplete"
    if proof.stale:
        state += ", and a newer bill was loaded"
    yield Check(
        "proof",
        proof.ok and proof.complete and not proof.stale,
        state,
        "holds, complete",
        "read = loaded + quarantined; loaded = direct + shared + idle + unallocated + other",
        "see `apportion reconcile`",
    )
    yield Check(
        "bills final",
        not facts.provisional,
        f"provisional: {', '.join(facts.provisional)}" if facts.provisional else "final",
        "final",
        "every source of the period is final (`apportion sources`)",
        "wait for the invoice, or say that a month is final with `final_until`",
    )


def _coverage(run: Run, terms: ChargebackTerms) -> Iterator[Check]:
    for currency in _currencies(run):
        costs = _by_kind(run.attributed, currency, run.basis)
        whole = sum(costs.values(), Fraction(0))
        owned = whole - costs[OwnerKind.UNALLOCATED]
        percent = owned / whole * 100 if whole else None
        yield Check(
            f"coverage in {currency}",
            percent is None or percent >= terms.coverage,
            _percent(percent),
            f"at least {_percent(terms.coverage)}",
            "(direct + shared) ÷ all cost",
            "find owners: `apportion untagged`",
        )


def _evidence(run: Run, model: Model, terms: ChargebackTerms) -> Iterator[Check]:
    """How much of what a receiver in chargeback carries rests on too little."""
    order = {evidence: rank for rank, evidence in enumerate(Evidence)}
    for currency in _currencies(run):
        weak: dict[str, Fraction] = {}
        whole = Fraction(0)
        for part in run.attributed:
            if part.currency != currency or part.owner.kind is OwnerKind.UNALLOCATED:
                continue
            amount = part.amounts.of(run.basis)
            whole += amount
            if part.meant or order[part.evidence] > order[terms.least_evidence]:
                meant = part.meant or str(part.owner)
                weak[meant] = weak.get(meant, Fraction(0)) + amount
        amount = sum(weak.values(), Fraction(0))
        named = ", ".join(sorted(weak, key=lambda who: (-abs(weak[who]), who))[:5])
        held = sum(
            (p.amounts.of(run.basis) for p in run.attributed if p.meant and p.currency == currency),
            Fraction(0),
        )
        yield Check(
            f"evidence in {currency}",
            not weak,
            f"{_money(amount, currency)} on weaker evidence ({named}), of which "
            f"{_money(held, currency)} in suspense"
            if weak
            else f"all of {_money(whole, currency)}",
            f"{terms.least_evidence} or stronger",
            "cost whose attribution rests on less than `least_evidence`",
            "tag it, or map it by account or resource list",
        )


def _disputes(facts: Facts) -> Check:
    return Check(
        "disputes",
        not facts.denied,
        f"{facts.denied} denied" if facts.denied else "none",
        "none",
        "resources whose proposed owner said that they are somebody else's",
        "find the owner, and take the row out of model/denials.csv",
    )


def _stability(facts: Facts, terms: ChargebackTerms) -> Check:
    """By how much a team's part of the whole moved from month to month, at most."""
    runs = [facts.run, *facts.before[: terms.months]]
    shares = [_team_shares(run) for run in runs]
    worst, who, when = Fraction(0), "", ""
    for run, later, earlier in zip(runs, shares, shares[1:], strict=False):
        for team in sorted(later.keys() & earlier.keys()):
            moved = abs(later[team] - earlier[team]) * 100
            if moved > worst:
                worst, who, when = moved, team, str(run.period)
    enough = len(runs) > terms.months
    found = f"{_points(worst)} ({who}, {when})" if who else "no change"
    if not enough:
        found += f"; {len(runs) - 1} of {terms.months} months before have a run"
    return Check(
        "stability",
        enough and worst <= terms.drift,
        found,
        f"at most {_points(terms.drift)} a month, over {terms.months} months",
        "the largest change of a team's part of the teams' cost from one month to the next",
        "run the months before, and see what moved: `apportion statement`",
    )


def _findings(run: Run) -> Check:
    grave = [found for found in run.findings if found.level in {Level.ERROR, Level.WARNING}]
    codes = ", ".join(sorted({found.code for found in grave}))
    return Check(
        "findings",
        not grave,
        f"{len(grave)} ({codes})" if grave else "none",
        "no warning",
        "warnings and errors of the run",
        "see them: `apportion run`",
    )


def _modes(facts: Facts) -> Iterator[ReceiverMode]:
    model, day = facts.model, facts.run.span.start
    for team in facts.run.teams:
        mode = model.organisation.mode(team.team, day)
        yield ReceiverMode(OwnerKind.TEAM, team.team, mode)
    for pool in model.pools:
        yield ReceiverMode(OwnerKind.POOL, pool.name, model.pool_mode(pool.name, day))


def _currencies(run: Run) -> list[str]:
    return sorted({part.currency for part in run.attributed})


def _by_kind(
    attributed: Iterable[Attributed], currency: str, basis: str
) -> dict[OwnerKind, Fraction]:
    """Cost by kind of owner; what is in suspense has none yet."""
    found = dict.fromkeys(OwnerKind, Fraction(0))
    for part in attributed:
        if part.currency == currency:
            kind = OwnerKind.UNALLOCATED if part.meant else part.owner.kind
            found[kind] += part.amounts.of(basis)
    return found


def _team_shares(run: Run) -> Mapping[str, Fraction]:
    """Each team's part of what all teams carry, in the currency with the largest cost."""
    totals: dict[str, dict[str, Fraction]] = {}
    for line in run.lines:
        if line.owner.kind is OwnerKind.TEAM:
            own = totals.setdefault(line.currency, {})
            own[line.owner.name] = own.get(line.owner.name, Fraction(0)) + line.amounts.of(
                run.basis
            )
    sums = {currency: sum(own.values(), Fraction(0)) for currency, own in totals.items()}
    if not any(sums.values()):
        return {}
    main = max(sorted(sums), key=lambda currency: abs(sums[currency]))
    return {team: amount / sums[main] for team, amount in totals[main].items()}


def _money(amount: Fraction, currency: str) -> str:
    digits = minor_digits(currency)
    return f"{from_units(to_units(amount, digits), digits):,f} {currency}"


def _rounded(value: Fraction) -> Decimal:
    return from_units(to_units(value, 2), 2)


def _percent(value: Fraction | None) -> str:
    return "n/a" if value is None else f"{_rounded(value):f} %"


def _points(value: Fraction) -> str:
    return f"{_rounded(value):f} points"
