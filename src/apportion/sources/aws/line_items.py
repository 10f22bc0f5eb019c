"""What each line item type of the Cost and Usage Report costs on each basis: the table.

BilledCost is what the invoice says. EffectiveCost is AWS's amortised cost: a
commitment costs what its covered usage used of it, and its fee rows cost what
was left unused. ListCost is the public on-demand price, ContractedCost the
price that was negotiated, before commitments. What a commitment buys is listed
on the rows that it covers, so its fees have no list and no contracted cost:
they would count twice.

Sources: AWS Data Exports user guide, "Line item columns", "Reservation
columns", "Savings Plans columns" and "Discount columns"; for the amortised
formula the query amortized_cost_by_charge_type of the AWS Well-Architected
Labs (CUR query library), which matches Cost Explorer.
"""

from __future__ import annotations

from dataclasses import dataclass

USED, UNUSED = "Used", "Unused"


@dataclass(frozen=True)
class LineItem:
    """How rows of a type count: FOCUS category and frequency, and an amount for each basis.

    The amounts are named as in :mod:`apportion.sources.aws.costs`. `reserved`
    limits an entry to rows that name a reservation. `status` is that of the
    commitment that a row uses, or whose unused part it carries.
    """

    type: str
    category: str
    frequency: str
    effective: str = "billed"
    list: str = "billed"
    contracted: str = "billed"
    status: str = ""
    reserved: bool = False


NONE = "nothing"

LINE_ITEMS: tuple[LineItem, ...] = (
    LineItem("Usage", "Usage", "Usage-Based", list="on demand"),
    LineItem(
        "DiscountedUsage",
        "Usage",
        "Usage-Based",
        "reservation used",
        "on demand",
        "on demand",
        USED,
    ),
    LineItem(
        "SavingsPlanCoveredUsage",
        "Usage",
        "Usage-Based",
        "plan used",
        "on demand",
        "billed",
        USED,
    ),
    # Takes back the on-demand price that the covered usage was billed at.
    LineItem("SavingsPlanNegation", "Adjustment", "Usage-Based", NONE, NONE, NONE),
    LineItem("SavingsPlanRecurringFee", "Purchase", "Recurring", "plan unused", NONE, NONE, UNUSED),
    LineItem("SavingsPlanUpfrontFee", "Purchase", "One-Time", NONE, NONE, NONE),
    LineItem("RIFee", "Purchase", "Recurring", "reservation unused", NONE, NONE, UNUSED),
    LineItem("Fee", "Purchase", "One-Time", NONE, NONE, NONE, reserved=True),
    LineItem("Fee", "Purchase", "One-Time", list="unblended"),
    LineItem("Tax", "Tax", "One-Time"),
    LineItem("Credit", "Credit", "One-Time"),
    LineItem("Refund", "Adjustment", "One-Time"),
    # Negative rows that lower the negotiated price, not the public one.
    LineItem("EdpDiscount", "Adjustment", "Usage-Based", list=NONE),
    LineItem("PrivateRateDiscount", "Adjustment", "Usage-Based", list=NONE),
    LineItem("BundledDiscount", "Adjustment", "Usage-Based", list=NONE),
    LineItem("RiVolumeDiscount", "Adjustment", "Usage-Based", list=NONE),
    LineItem("SppDiscount", "Adjustment", "Usage-Based", list=NONE),
    LineItem("DistributorDiscount", "Adjustment", "Usage-Based", list=NONE),
    LineItem("CrossServiceDiscount", "Adjustment", "Usage-Based", list=NONE),
    LineItem("Discount", "Adjustment", "Usage-Based", list=NONE),
)

OTHER = LineItem("", "Adjustment", "One-Time")
"""A type that this table doesn't know: its money counts as billed on every basis, and is told."""

TYPES = tuple(dict.fromkeys(item.type for item in LINE_ITEMS))

DISCOUNTS = tuple(name for name in TYPES if name.endswith("Discount"))
"""Rows that carry a discount where net columns don't. Both would take it off twice."""
