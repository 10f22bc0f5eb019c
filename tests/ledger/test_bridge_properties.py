"""Whatever a bill holds: the bridge sums to the last digit, and months chain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from apportion.domain.bridge import TO_EFFECTIVE, Step
from apportion.domain.finding import Level
from apportion.domain.invoice import Invoice, PrepaidOpening
from apportion.domain.money import from_units, to_units
from apportion.domain.period import Period
from apportion.errors import Place
from apportion.ledger.bridge import Sides, draw_bridge
from apportion.ledger.bridge_step import FACTS, BilledGroup, moves
from apportion.ledger.prepaid import roll_forward
from apportion.model.project import SourceSpec

OCTOBER = Period(2026, 10)
MONTHS = ("2026-10", "2026-11", "2026-12", "2027-01")
AMOUNTS = st.decimals(
    min_value=-10_000, max_value=10_000, places=6, allow_nan=False, allow_infinity=False
)
CATEGORIES = ("Usage", "Purchase", "Tax", "Credit", "Adjustment")


def group(
    billed: Decimal, effective: Decimal, period: str = MONTHS[0], **facts: str
) -> BilledGroup:
    """Charges of one kind; a fact that isn't named is empty."""
    return BilledGroup(
        source="cloud",
        period=period,
        currency="USD",
        facts={name: facts.get(name, "") for name in FACTS},
        free=billed == 0,
        same=billed == effective,
        charges=1,
        billed=billed,
        effective=effective,
    )


@st.composite
def any_groups(draw: st.DrawFn) -> BilledGroup:
    """Charges of any facts whatever, sensible or not."""
    billed = draw(AMOUNTS | st.just(Decimal(0)))
    return group(
        billed,
        draw(AMOUNTS | st.just(billed) | st.just(Decimal(0))),
        draw(st.sampled_from(MONTHS)),
        InvoiceId=draw(st.sampled_from(["", "A", "B", "C"])),
        BillingAccountId=draw(st.sampled_from(["1", "2"])),
        ChargeCategory=draw(st.sampled_from(CATEGORIES)),
        ChargeClass=draw(st.sampled_from(["", "Correction"])),
        ChargeFrequency=draw(st.sampled_from(["One-Time", "Recurring", "Usage-Based"])),
        CommitmentDiscountId=draw(st.sampled_from(["", "plan", "reservation"])),
        CommitmentDiscountStatus=draw(st.sampled_from(["", "Used", "Unused"])),
        PricingCategory=draw(st.sampled_from(["", "Standard", "Committed"])),
        ServiceName=draw(st.sampled_from(["Compute", "Models"])),
    )


def invoices() -> st.SearchStrategy[list[Invoice]]:
    one = st.builds(
        lambda number, units: Invoice(number, "cloud", OCTOBER, from_units(units, 2), "USD"),
        st.sampled_from(["A", "B", "X"]),
        st.integers(-(10**8), 10**8),
    )
    return st.lists(one, max_size=3, unique_by=lambda invoice: invoice.number)


SPECS = st.builds(
    lambda tax, rounding: SourceSpec(
        "cloud", "focus", "", Place("apportion.yaml"), recoverable_tax=tax, rounding=rounding
    ),
    st.sampled_from([True, False, ("1",)]),
    st.sampled_from([None, Decimal("0.05")]),
)


@given(st.lists(any_groups(), max_size=12), invoices(), SPECS, AMOUNTS | st.just(Decimal(0)))
def test_a_bridge_sums_to_the_last_digit_whatever_the_bill(
    groups: list[BilledGroup], entered: list[Invoice], spec: SourceSpec, aside: Decimal
) -> None:
    sides = Sides("cloud", "USD", tuple(entered), tuple(groups), Fraction(aside), int(aside != 0))
    found = draw_bridge(sides, OCTOBER, spec, None)
    effective = sum((Fraction(one.effective) for one in groups), Fraction(0))
    recovered = sum(
        (
            Fraction(one.effective)
            for one in groups
            if one.facts["ChargeCategory"] == "Tax" and spec.recovers(one.facts["BillingAccountId"])
        ),
        Fraction(0),
    )
    assert found.sum_to(*TO_EFFECTIVE) == found.effective_cost == effective - recovered
    assert found.sum_to(*Step) == effective
    assert found.sum_to(Step.INVOICES, Step.CREDIT_NOTES) == sum(one.amount for one in entered)
    if found.unexplained:
        assert any(one.level is Level.ERROR for one in found.findings)


def _conforming(billed: Decimal, cost: Decimal, number: str) -> list[BilledGroup]:
    """A bill as FOCUS means it: a purchase, its use, its rest, tax, a credit, a correction."""
    nothing = Decimal(0)
    plan = {"CommitmentDiscountId": "plan", "InvoiceId": number}
    own = {"InvoiceId": number}
    return [
        group(billed, billed, ChargeCategory="Usage", **own),
        group(cost, nothing, ChargeCategory="Purchase", ChargeFrequency="One-Time", **plan),
        group(nothing, cost / 4, ChargeCategory="Usage", CommitmentDiscountStatus="Used", **plan),
        group(nothing, cost / 8, ChargeCategory="Usage", CommitmentDiscountStatus="Unused", **plan),
        group(billed / 5, billed / 5, ChargeCategory="Tax", **own),
        group(-billed / 2, -billed / 2, ChargeCategory="Credit", **own),
        group(-cost / 2, nothing, ChargeCategory="Credit", **own),
        group(-billed / 4, nothing, ChargeCategory="Adjustment", ChargeClass="Correction", **own),
    ]


@given(AMOUNTS, AMOUNTS, st.booleans())
def test_a_bill_as_focus_means_it_leaves_nothing_unexplained(
    billed: Decimal, cost: Decimal, late: bool
) -> None:
    groups = _conforming(billed, cost, "A")
    whole = sum((Fraction(one.billed) for one in groups), Fraction(0))
    invoice = Invoice("A", "cloud", OCTOBER, from_units(to_units(whole, 2), 2), "USD")
    if late:
        groups.append(group(Decimal("7.25"), Decimal("7.25"), ChargeCategory="Usage"))
    sides = Sides("cloud", "USD", (invoice,), tuple(groups))
    found = draw_bridge(sides, OCTOBER, None, None)
    assert found.holds
    assert abs(found.sum_to(Step.ROUNDING)) <= Fraction(1, 200)
    assert found.sum_to(Step.NOT_INVOICED) == (Fraction(29, 4) if late else 0)
    assert found.sum_to(Step.PURCHASES) == -Fraction(cost)
    assert found.sum_to(Step.AMORTISATION) == Fraction(cost) * 3 / 8


@given(st.lists(any_groups(), max_size=12), st.integers(1, 10**7))
def test_an_invoice_that_is_wrong_by_a_cent_is_never_hidden(
    groups: list[BilledGroup], units: int
) -> None:
    own = [one for one in groups if one.facts["InvoiceId"] == "A"]
    whole = sum((Fraction(one.billed) for one in own), Fraction(0))
    amount = from_units(to_units(whole, 2) + units + 1, 2)
    invoice = Invoice("A", "cloud", OCTOBER, amount, "USD")
    sides = Sides("cloud", "USD", (invoice,), tuple(own))
    if own:
        assert not draw_bridge(sides, OCTOBER, None, None).sum_to(Step.ROUNDING)
        assert any(
            one.code == "invoice-differs"
            for one in draw_bridge(sides, OCTOBER, None, None).findings
        )


@settings(max_examples=60)
@given(st.lists(any_groups(), max_size=16), st.none() | AMOUNTS)
def test_months_chain_and_their_sums_are_the_bridges(
    groups: Sequence[BilledGroup], left: Decimal | None
) -> None:
    key = ("cloud", "plan", "USD")
    start, until = Period(2026, 10), Period(2027, 2)
    openings = {}
    if left is not None:
        openings[key] = PrepaidOpening("cloud", "plan", start, left, "USD")
    rolled = roll_forward(groups, openings, start, until)
    by_commitment = defaultdict(list)
    for one in rolled:
        by_commitment[one.commitment].append(one)
    for name, months in by_commitment.items():
        first = Fraction(left or 0) if name == "plan" else Fraction(0)
        assert months[0].opening == first
        for one, following in pairwise(months):
            assert following.opening == one.closing
    for month in MONTHS:
        found = [moves(one, recoverable=True) for one in groups if one.period == month]
        bought = -sum((one.get(Step.PURCHASES, Fraction(0)) for one in found), Fraction(0))
        used = sum((one.get(Step.AMORTISATION, Fraction(0)) for one in found), Fraction(0))
        rows = [one for one in rolled if str(one.period) == month]
        assert sum((one.bought for one in rows), Fraction(0)) == bought
        assert sum((one.amortised + one.unused for one in rows), Fraction(0)) == used
