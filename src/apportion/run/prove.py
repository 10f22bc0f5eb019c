"""The proof: what was read equals what was loaded and set aside, and that equals what was charged.

It is drawn up per source, currency and cost basis, to the last digit. The two
sides come from different places: what was read and loaded from the books of the
load, what was charged from the attribution that the engine made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction

from apportion.allocate.origins import FinalShare
from apportion.domain.amounts import Amounts
from apportion.domain.money import SCALE, WIDE, from_units, to_units
from apportion.domain.owner import UNALLOCATED, OwnerKind
from apportion.domain.result import Attributed, LineKind, Proof
from apportion.domain.snapshot import Snapshot, Totals

OTHER = "other"
UNKNOWN = "used by nobody known"


def prove(
    snapshots: Iterable[Snapshot],
    attributed: Iterable[Attributed],
    central: Collection[str] = (),
    shares: Iterable[FinalShare] = (),
) -> tuple[Proof, ...]:
    """One proof for each source, currency and cost basis that the source carries.

    Controls and acknowledgements are no part of a run: they are laid beside it
    when it is reconciled. `central` names the pools that policies keep: `other` in
    the proof. `shares` tell how much of each pool's charges ends as idle capacity
    (`idle`), as variance of a standard rate (`other`), or with users whom nobody
    knows (`unallocated`, as on the statement); to 18 decimal places, where `shared` is
    the exact rest.
    """
    charged: dict[tuple[str, str, str], list[Amounts]] = defaultdict(list)
    apart = _apart(shares)
    for part in attributed:
        kept = part.owner.kind is OwnerKind.POOL and part.owner.name in central
        kind = OTHER if kept else part.owner.kind
        charged[part.source, part.currency, kind].append(part.amounts)
        if kind is OwnerKind.POOL:
            for told, fraction in apart.get((part.owner.name, part.currency), ()):
                charged[part.source, part.currency, told].append(part.amounts.times(fraction))
    sums = {key: Amounts.total(parts) for key, parts in charged.items()}
    return tuple(
        proof
        for (source, currency), totals in sorted(_by_currency(snapshots).items())
        for proof in _proofs(source, currency, totals, sums)
    )


_TOLD: Mapping[LineKind, str] = {
    LineKind.IDLE: LineKind.IDLE,
    LineKind.VARIANCE: LineKind.VARIANCE,
    LineKind.UNALLOCATED: UNKNOWN,
}
"""What the proof tells apart of a pool's charges, and under which name it is summed."""


def _apart(shares: Iterable[FinalShare]) -> dict[tuple[str, str], list[tuple[str, Fraction]]]:
    found: dict[tuple[str, str], list[tuple[str, Fraction]]] = defaultdict(list)
    for share in shares:
        told = UNKNOWN if share.receiver == UNALLOCATED else _TOLD.get(share.kind)
        if told:
            found[share.pool, share.currency].append((told, share.fraction))
    return found


def _by_currency(snapshots: Iterable[Snapshot]) -> dict[tuple[str, str], list[Totals]]:
    found: dict[tuple[str, str], list[Totals]] = defaultdict(list)
    for snapshot in snapshots:
        for unit in snapshot.units:
            for totals in unit.totals:
                found[snapshot.source, totals.currency].append(totals)
    return found


def _proofs(
    source: str,
    currency: str,
    totals: list[Totals],
    sums: dict[tuple[str, str, str], Amounts],
) -> Iterator[Proof]:
    for basis in Amounts.__dataclass_fields__:
        if not any(basis in total.read for total in totals):
            continue
        team, pool, rest, out, other = (
            as_decimal(sums.get((source, currency, kind), Amounts()).of(basis))
            for kind in (*OwnerKind, OTHER)
        )
        idle, variance, unknown = (
            from_units(
                to_units(sums.get((source, currency, kind), Amounts()).of(basis), SCALE), SCALE
            )
            for kind in _TOLD.values()
        )
        yield Proof(
            source=source,
            currency=currency,
            basis=basis,
            control=None,
            read=_sum(total.read.get(basis) for total in totals),
            loaded=_sum(total.loaded.get(basis) for total in totals),
            quarantined=_sum(total.quarantined.get(basis) for total in totals),
            direct=team,
            shared=WIDE.subtract(pool, WIDE.add(WIDE.add(idle, variance), unknown)),
            idle=idle,
            unallocated=WIDE.add(rest, unknown),
            other=WIDE.add(other, variance),
            unread_rows=sum(total.unread.get(basis, 0) for total in totals),
            acknowledged=False,
            left_out=out,
        )


def _sum(amounts: Iterable[Decimal | None]) -> Decimal:
    total = Decimal(0)
    for amount in amounts:
        total = WIDE.add(total, amount or Decimal(0))
    return total


def as_decimal(amount: Fraction) -> Decimal:
    """A sum of bill amounts as a decimal; it always has one, since bills have decimal places."""
    return WIDE.divide(Decimal(amount.numerator), Decimal(amount.denominator))
