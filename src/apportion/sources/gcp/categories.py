"""What kind of charge a row of Google's bill or one of its credits is, in FOCUS terms.

Source: Google Cloud, "Structure of Detailed data export" and "Analyze the
effectiveness of your committed use discounts"; FOCUS 1.4.
"""

from __future__ import annotations

from functools import cached_property

from sqlglot import exp

from apportion.sources.expression import expression
from apportion.sources.gcp.credits import OF_COMMITMENTS, STAYING
from apportion.sources.gcp.row import GoogleRow
from apportion.store.relation import text as literal

FEE_OF_RESOURCES = r"(?i)^commitment v[0-9]"
"""SKUs of fees of resource-based commitments: "Commitment v1: A3 Cpu in Americas for 1 Year"."""

FEE_OF_SPEND = r"(?i)^commitment\s*-?\s*dollar.based|\bCUDs? fee\b"
"""SKUs of the fees of spend-based ones: "Commitment - dollar based v1: GCE for 3 years"."""

OFFSET = "FEE_UTILIZATION_OFFSET"
"""A credit that fees of spend-based commitments alone have, in the model of July 2025."""

COMMITTED_MODEL = r"(?i)\bCUDs?\b|commit"
"""Consumption models in which a commitment sets the price: "Compute Flexible CUDs - 3 Years"."""

DYNAMIC = r"(?i)\b(spot|preemptible)\b"
"""SKUs whose price moves: "Spot Preemptible A3 Instance Core running in Americas"."""

COST_TYPES = ("regular", "tax", "adjustment", "rounding_error")
"""What cost_type says. Of what isn't regular and no tax, nothing is known but that it adjusts."""

CORRECTIONS = ("USAGE_CORRECTION", "PRICE_CORRECTION", "METADATA_CORRECTION")


class Categories:
    """Expressions for the kind of a charge, over the row that it comes from."""

    def __init__(self, row: GoogleRow) -> None:
        self.row = row
        self._sku = row.fields.text("sku.description")
        self._model = row.fields.text("consumption_model.description")

    @cached_property
    def charge_category(self) -> exp.Expr:
        """Of a credit that lowers a price, that of the row; of any other, Credit."""
        stays = exp.In(
            this=self.row.of_credit("type"), expressions=[literal(name) for name in STAYING]
        )
        in_credit = expression(
            "SELECT CASE WHEN _stays THEN _row ELSE 'Credit' END",
            _stays=stays,
            _row=self._of_row,
        )
        return self.row.either(self._of_row, in_credit)

    @cached_property
    def _of_row(self) -> exp.Expr:
        category = expression(
            """
            SELECT CASE WHEN lower(_type) = 'tax' THEN 'Tax'
                        WHEN lower(_type) <> 'regular' THEN 'Adjustment'
                        WHEN _fee IS NOT NULL THEN 'Purchase'
                        ELSE 'Usage' END
            """,
            _type=self.row.fields.text("cost_type"),
            _fee=self._fee,
        )
        return self.row.fields.once("category of row", category)

    @cached_property
    def _fee(self) -> exp.Expr:
        """Of a commitment's fee, what is committed to: Usage or Spend; else NULL."""
        fee = expression(
            """
            SELECT CASE WHEN regexp_matches(_sku, _resources) THEN 'Usage'
                        WHEN regexp_matches(_sku, _spend) OR contains(_credits, _offset)
                        THEN 'Spend' END
            """,
            _sku=self._sku,
            _resources=literal(FEE_OF_RESOURCES),
            _spend=literal(FEE_OF_SPEND),
            _credits=self.row.fields.text("credits"),
            _offset=literal(OFFSET),
        )
        return self.row.fields.once("fee for commitment", fee)

    @cached_property
    def charge_class(self) -> exp.Expr:
        """Correction, for what mends usage of a month that was invoiced before."""
        return expression(
            """
            SELECT CASE WHEN _corrects AND _start < _month THEN 'Correction' END
            """,
            _corrects=exp.In(
                this=self.row.fields.text("adjustment_info.type"),
                expressions=[literal(one) for one in CORRECTIONS],
            ),
            _start=self.row.usage_start,
            _month=self.row.billing_period,
        )

    @cached_property
    def charge_frequency(self) -> exp.Expr:
        return expression(
            """
            SELECT CASE _category WHEN 'Usage' THEN 'Usage-Based' WHEN 'Purchase' THEN 'Recurring'
                                  ELSE 'One-Time' END
            """,
            _category=self.charge_category,
        )

    @cached_property
    def pricing_category(self) -> exp.Expr:
        return expression(
            """
            SELECT CASE WHEN _category NOT IN ('Usage', 'Purchase') THEN NULL
                        WHEN _category = 'Purchase' THEN 'Standard'
                        WHEN _commitment IS NOT NULL THEN 'Committed'
                        WHEN regexp_matches(_sku, _dynamic) THEN 'Dynamic'
                        ELSE 'Standard' END
            """,
            _category=self.charge_category,
            _commitment=self.commitment_category,
            _sku=self._sku,
            _dynamic=literal(DYNAMIC),
        )

    @cached_property
    def commitment_category(self) -> exp.Expr:
        """Usage or Spend, of fees, of usage at a commitment's price, and of credits for it."""
        own = expression(
            """
            SELECT CASE WHEN _fee IS NOT NULL THEN _fee
                        WHEN regexp_matches(_model, _committed) THEN 'Spend' END
            """,
            _fee=self._fee,
            _model=self._model,
            _committed=literal(COMMITTED_MODEL),
        )
        own = self.row.fields.once("commitment of row", own)
        in_credit = exp.Case(
            this=self.row.of_credit("type"),
            ifs=[
                exp.If(this=literal(name), true=literal(kind))
                for name, kind in OF_COMMITMENTS.items()
            ],
        )
        return self.row.either(own, in_credit)

    @cached_property
    def commitment_id(self) -> exp.Expr:
        """The commitment's own id where the export has it; else what names it best."""
        return self._where_committed(
            "SELECT coalesce(_subscription, _credit, _model)",
            _subscription=self.row.fields.text("subscription.instance_id"),
            _credit=self.row.of_credit("id"),
            _model=self.row.fields.text("consumption_model.id"),
        )

    @cached_property
    def commitment_name(self) -> exp.Expr:
        return self._where_committed(
            """
            SELECT coalesce(_full, _name,
                            CASE WHEN regexp_matches(_model, _committed) THEN _model END, _sku)
            """,
            _full=self.row.of_credit("full_name"),
            _name=self.row.of_credit("name"),
            _model=self._model,
            _committed=literal(COMMITTED_MODEL),
            _sku=self._sku,
        )

    @cached_property
    def commitment_status(self) -> exp.Expr:
        """Used, of usage that a commitment covers; a fee is neither."""
        return self._where_committed(
            "SELECT CASE WHEN _category = 'Usage' THEN 'Used' END",
            _category=self.charge_category,
        )

    @cached_property
    def commitment_type(self) -> exp.Expr:
        return expression(
            """
            SELECT CASE _category WHEN 'Usage' THEN 'Resource-based CUD'
                                  WHEN 'Spend' THEN 'Spend-based CUD' END
            """,
            _category=self.commitment_category,
        )

    def _where_committed(self, query: str, **holes: exp.Expr) -> exp.Expr:
        return expression(
            "SELECT CASE WHEN _commitment IS NOT NULL THEN _value END",
            _commitment=self.commitment_category,
            _value=expression(query, **holes),
        )
