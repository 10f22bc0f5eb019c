"""A run's lines in the reporting currency, and what is left in others for want of a rate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from apportion.allocate.origins import Origins, origins
from apportion.domain.amounts import Amounts
from apportion.domain.owner import Owner, OwnerKind
from apportion.domain.rate import Rate
from apportion.domain.result import Attributed, Line, LineKind, Run
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
    parts = Parts.of(run)
    lines: list[Line] = []
    left: list[Line] = []
    originals: dict[str, tuple[Original, ...]] = {}
    for line in run.lines:
        if line.currency == run.currency:
            lines.append(line)
            continue
        own = tuple(_originals(line, parts, rates))
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

_Weighed = Iterator[tuple[Fraction, Attributed]]


@dataclass(frozen=True)
class Parts:
    """Attributed parts by carrier, and how much of them a line holds."""

    carried: Mapping[_Carrier, list[Attributed]]
    shares: Mapping[tuple[str, str, Owner, LineKind], Fraction]
    origins: Mapping[tuple[str, str], Origins]

    @classmethod
    def of(cls, run: Run) -> Parts:
        carried: dict[_Carrier, list[Attributed]] = defaultdict(list)
        for part in run.attributed:
            service = "" if part.owner.kind is OwnerKind.POOL else part.service
            carried[part.currency, part.owner, service].append(part)
        shares = {(s.pool, s.currency, s.receiver, s.kind): s.fraction for s in run.shares}
        return cls(carried, shares, origins(run.shares))

    def of_line(self, line: Line) -> _Weighed:
        """What a line consists of, each part with the fraction of it that the line holds."""
        if not line.pool:
            own = self.carried.get((line.currency, line.owner, line.service), ())
            yield from ((Fraction(1), part) for part in own)
            return
        share = self.shares[line.pool, line.currency, line.owner, line.kind]
        for pool, fraction in self.origins[line.currency, line.pool].items():
            owner = Owner(OwnerKind.POOL, pool)
            for part in self.carried.get((line.currency, owner, ""), ()):
                yield share * fraction, part


def _originals(
    line: Line, parts: Parts, rates: Mapping[tuple[str, str], Rate]
) -> Iterator[Original]:
    """What a line consists of, by source, as far as there are rates."""
    by_source: dict[str, list[tuple[Fraction, Attributed]]] = defaultdict(list)
    for weight, part in parts.of_line(line):
        if part.converted is not None:
            by_source[part.source].append((weight, part))
    for source, own in sorted(by_source.items()):
        amounts = Amounts.total(part.amounts.times(weight) for weight, part in own)
        converted = Amounts.total(
            part.converted.times(weight) for weight, part in own if part.converted
        )
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
