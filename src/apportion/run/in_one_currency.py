"""A run's lines in the reporting currency, and what is left in others for want of a rate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from apportion.domain.amounts import Amounts
from apportion.domain.owner import Owner, OwnerKind
from apportion.domain.rate import Rate
from apportion.domain.result import Attributed, Line, LineKind, PoolShare, Run
from apportion.errors import ProofError


@dataclass(frozen=True)
class Original:
    """A part of a converted line: what it was in its own currency, and by which rate it came."""

    currency: str
    amounts: Amounts
    converted: Amounts
    rate: Rate


@dataclass(frozen=True)
class OneCurrency:
    """Exact lines in the reporting currency; `left` are those that no rate converts.

    `originals` has, by line, what was converted. Invariant: in each currency,
    the originals and what is left sum to the run's own lines.
    """

    lines: tuple[Line, ...]
    originals: Mapping[str, tuple[Original, ...]]
    left: tuple[Line, ...]


def in_one_currency(run: Run) -> OneCurrency:
    """Convert a run's lines by the amounts and rates that it holds; nothing is looked up anew.

    Sharing a pool is linear, so a share of a converted pool is the converted
    share. Lines keep their ids: each comes from one currency.
    """
    rates = {(rate.source, rate.currency): rate for rate in run.rates}
    parts = _parts_by_line(run.attributed)
    shares = {(s.pool, s.currency, s.receiver): s for s in run.shares}
    lines: list[Line] = []
    left: list[Line] = []
    originals: dict[str, tuple[Original, ...]] = {}
    for line in run.lines:
        if line.currency == run.currency:
            lines.append(line)
            continue
        own = tuple(_originals(line, parts, shares, rates))
        billed = Amounts.total(part.amounts for part in own)
        if own:
            whole = Amounts.total(part.converted for part in own)
            lines.append(replace(line, currency=run.currency, amounts=whole))
            originals[line.id] = own
        if not own or billed != line.amounts:
            left.append(replace(line, amounts=line.amounts - billed))
    return OneCurrency(tuple(lines), originals, tuple(left))


_Carrier = tuple[str, Owner, str]
"""Currency, owner and service of attributed parts; a pool's parts are taken together."""


def _parts_by_line(attributed: tuple[Attributed, ...]) -> dict[_Carrier, list[Attributed]]:
    found: dict[_Carrier, list[Attributed]] = defaultdict(list)
    for part in attributed:
        service = "" if part.owner.kind is OwnerKind.POOL else part.service
        found[part.currency, part.owner, service].append(part)
    return found


def _originals(
    line: Line,
    parts: Mapping[_Carrier, list[Attributed]],
    shares: Mapping[tuple[str, str, Owner], PoolShare],
    rates: Mapping[tuple[str, str], Rate],
) -> Iterator[Original]:
    """What a line consists of, by source, as far as there are rates."""
    pooled = line.kind in {LineKind.SHARED, LineKind.KEPT}
    owner = Owner(OwnerKind.POOL, line.pool) if pooled else line.owner
    share = shares[line.pool, line.currency, line.owner].fraction if pooled else Fraction(1)
    by_source: dict[str, list[Attributed]] = defaultdict(list)
    for part in parts.get((line.currency, owner, line.service), ()):
        if part.converted is not None:
            by_source[part.source].append(part)
    for source, own in sorted(by_source.items()):
        amounts = Amounts.total(part.amounts for part in own)
        converted = Amounts.total(part.converted for part in own if part.converted)
        if pooled:
            amounts, converted = amounts.times(share), converted.times(share)
        yield Original(line.currency, amounts, converted, rates[source, line.currency])


def prove_conversion(run: Run) -> None:
    """Raise ProofError unless a run's converted lines sum to its converted charges, exactly."""
    if not run.currency:
        return
    found = in_one_currency(run)
    out = Amounts.total(line.amounts for line in found.lines)
    into = Amounts.total(
        part.amounts if part.currency == run.currency else part.converted or Amounts()
        for part in run.attributed
    )
    if out != into:
        raise ProofError(
            f"conversion to {run.currency} lost {into - out}",
            why="the converted lines don't sum to the converted charges",
            hint="this is a fault of apportion: please report it; nothing was saved",
        )
