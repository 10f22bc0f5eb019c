"""What was billed beside what the usage would cost: the difference, and why there is one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from apportion.domain.amounts import Amounts, sum_of
from apportion.domain.result import Run
from apportion.domain.usage_cells import PoolUsage, PricedKind, UsageCell
from apportion.model.project import Model
from apportion.model.terms.usage_cost import holds_usage
from apportion.run.charges import attributed_anew
from apportion.run.usage_cells import usage_cells
from apportion.run.workspace import Workspace

CENT = Fraction(1, 100)


@dataclass(frozen=True)
class UsageDifference:
    """One model (or what has none) of a pool that is split by priced usage, in a month.

    `billed` is billed cost, `priced` what usage would cost; of the difference `missing` was
    billed for days and kinds without any usage, `unbilled` is what usage of days that weren't
    billed would cost. `reason` says what the rest is. `foreign` is the currency that prices
    are in where no rate is known for it: then there is no difference to tell.
    """

    pool: str
    currency: str
    model: str
    billed: Fraction
    priced: Fraction
    missing: Fraction
    reason: str
    unbilled: Fraction = Fraction(0)
    foreign: str = ""

    @property
    def difference(self) -> Fraction | None:
        return None if self.foreign else self.billed - self.priced


@dataclass(frozen=True)
class LeftOut:
    """Records of a source that another stood for, so that one use counts once."""

    pool: str
    source: str
    provider: str
    days: int
    records: Fraction


@dataclass(frozen=True)
class UsageReconciliation:
    """Bills and usage of a month, pool by pool and model by model."""

    differences: tuple[UsageDifference, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


def usage_differences(workspace: Workspace, model: Model, run: Run) -> UsageReconciliation:
    """Hold a run's bills against its usage; empty where no pool is split by priced usage.

    Raises UsageError where the model has changed since the run.
    """
    if not any(holds_usage(pool) for pool in model.pools):
        return UsageReconciliation()
    charges, attribution = attributed_anew(workspace, model, run)
    found = usage_cells(workspace, model, run.period, charges, attribution.relation)
    return UsageReconciliation(
        tuple(one for key, used in sorted(found.items()) for one in _of_pool(*key, used)),
        tuple(one for key, used in sorted(found.items()) for one in _left_out(key[1], used)),
    )


def _of_pool(currency: str, pool: str, used: PoolUsage) -> Iterator[UsageDifference]:
    cells: dict[str, list[UsageCell]] = defaultdict(list)
    kinds: dict[str, list[PricedKind]] = defaultdict(list)
    names: dict[str, str] = {}
    for cell in used.cells:
        name = dict(cell.kind).get("model", "")
        names.setdefault(name.casefold(), name)
        cells[name.casefold()].append(cell)
    for kind in used.kinds:
        names.setdefault(kind.model.casefold(), kind.model)
        kinds[kind.model.casefold()].append(kind)
    for name in sorted(names):
        yield _difference(pool, currency, names[name], cells[name], kinds[name], used.foreign)


def _difference(
    pool: str,
    currency: str,
    model: str,
    cells: list[UsageCell],
    kinds: list[PricedKind],
    foreign: str,
) -> UsageDifference:
    billed = Amounts.total(one.cost for one in cells).of("BilledCost")
    without = [one for one in cells if not one.weights]
    missing = Amounts.total(one.cost for one in without).of("BilledCost")
    priced = sum_of(one.cost for one in kinds)
    days = {one.day for one in cells}
    unbilled = sum_of(cost for one in kinds for day, cost in one.by_day.items() if day not in days)
    foreign = foreign if priced else ""
    if foreign:
        reason = f"prices are in {foreign}, and no rate is known"
    else:
        reason = _reason(billed - missing, priced - unbilled, missing, unbilled, kinds, len(days))
    return UsageDifference(
        pool, currency, model, billed, priced, missing, reason, unbilled, foreign
    )


def _reason(
    billed: Fraction,
    priced: Fraction,
    missing: Fraction,
    unbilled: Fraction,
    kinds: list[PricedKind],
    days: int,
) -> str:
    """Why the two differ, as far as they themselves tell; of days that both sides have, and not."""
    rest = billed - priced
    said = []
    if missing:
        said.append("billed without usage")
    if unbilled:
        said.append("used, and not billed (yet)")
    if any(one.unpriced for one in kinds):
        said.append("no price is known")
    if not kinds and billed:
        return "; ".join([*said, "its usage bears another name, or none"])
    if rest and abs(rest) <= days * CENT:
        said.append("rounding")
    elif rest < 0:
        said.append("discount, or a price lower than listed")
    elif rest > 0 and kinds:
        said.append("a price higher than listed, or usage that wasn't reported")
    return "; ".join(said) or "none"


def _left_out(pool: str, used: PoolUsage) -> Iterator[LeftOut]:
    found: dict[tuple[str, str], list[Fraction]] = defaultdict(list)
    for (source, provider, _), records in used.left_out.items():
        found[source, provider].append(records)
    for (source, provider), by_day in sorted(found.items()):
        yield LeftOut(pool, source, provider, len(by_day), sum_of(by_day))
