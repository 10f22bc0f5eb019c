"""FOCUS columns that a Cost and Usage Report doesn't have, but for which it says enough."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlglot import exp

from apportion.sources.aws.costs import RESERVATION, TYPE, by_type
from apportion.sources.aws.line_items import LineItem
from apportion.sources.aws.native import NativeColumns, is_there
from apportion.sources.aws.services import AI, AI_NAMES, OTHER, SERVICES, SUPPORT
from apportion.sources.aws.tags import cost_categories, member, tags
from apportion.sources.expression import expression
from apportion.store.relation import text as literal

PROVIDER = "AWS"

PLAN = "savings_plan_savings_plan_arn"
CODE = "line_item_product_code"


def computed(native: NativeColumns) -> dict[str, exp.Expr]:
    """Columns of a charge by name, each a text."""
    return {
        "ProviderName": literal(PROVIDER),
        "PublisherName": native.text("line_item_legal_entity", "bill_billing_entity"),
        "InvoiceIssuerName": _issuer(native),
        "ServiceName": _service_name(native),
        "ServiceCategory": _service_category(native),
        "ChargeCategory": by_type(native, lambda item: literal(item.category)),
        "ChargeClass": _charge_class(native),
        "ChargeFrequency": _frequency(native),
        "PricingCategory": _pricing_category(native),
        "ResourceName": _resource_name(native),
        "ConsumedUnit": if_usage(native, native.text("pricing_unit")),
        "CommitmentDiscountId": native.text(RESERVATION, PLAN),
        "CommitmentDiscountCategory": _of_commitment(native, "Usage", "Spend"),
        "CommitmentDiscountType": _of_commitment(native, "Reserved Instance", "Savings Plan"),
        "CommitmentDiscountStatus": by_type(native, _status),
        "Tags": tags(native),
        "x_CostCategories": cost_categories(native),
    }


def if_usage(native: NativeColumns, value: exp.Expr) -> exp.Expr:
    """A value for rows of usage, NULL for others: a tax consumes nothing."""
    nothing = exp.null()
    return by_type(native, lambda item: value if item.category == "Usage" else nothing)


def _issuer(native: NativeColumns) -> exp.Expr:
    """Who sends the invoice: the Marketplace sends its own beside that of AWS."""
    entity = native.text("bill_billing_entity")
    return expression("SELECT coalesce(_entity, _aws)", _entity=entity, _aws=literal(PROVIDER))


def _service_name(native: NativeColumns) -> exp.Expr:
    """The product's name as the row has it; else by its code, and else the code itself."""
    code = native.text(CODE, "product_servicecode")
    names = [
        exp.If(this=_equals(code, service.code), true=literal(service.name)) for service in SERVICES
    ]
    return expression(
        "SELECT coalesce(_name, _member, _by_code)",
        _name=native.text("product_product_name"),
        _member=member(native, "product", "product_name"),
        _by_code=exp.Case(ifs=names, default=code),
    )


def _service_category(native: NativeColumns) -> exp.Expr:
    code = native.text(CODE, "product_servicecode")
    codes: dict[str, list[str]] = defaultdict(list)
    for service in SERVICES:
        codes[service.category].append(service.code)
    cases = [exp.If(this=_is_among(code, many), true=literal(name)) for name, many in codes.items()]
    name = expression(
        "SELECT coalesce(_name, _member)",
        _name=native.text("product_product_name"),
        _member=member(native, "product", "product_name"),
    )
    models = [exp.Like(this=name, expression=literal(pattern)) for pattern in AI_NAMES]
    cases.append(exp.If(this=exp.or_(*models), true=literal(AI)))
    return exp.Case(ifs=cases, default=literal(OTHER))


def _charge_class(native: NativeColumns) -> exp.Expr:
    """A refund corrects what was invoiced before."""
    return expression(
        "SELECT CASE WHEN _refund THEN 'Correction' END",
        _refund=_equals(native.text(TYPE), "Refund"),
    )


def _frequency(native: NativeColumns) -> exp.Expr:
    return expression(
        "SELECT CASE WHEN _fee AND _support THEN 'Recurring' ELSE _by_type END",
        _fee=_equals(native.text(TYPE), "Fee"),
        _support=_is_among(native.text(CODE), SUPPORT),
        _by_type=by_type(native, lambda item: literal(item.frequency)),
    )


def _pricing_category(native: NativeColumns) -> exp.Expr:
    """Committed where a commitment sets the price, Dynamic on the spot market."""
    usage = expression(
        "SELECT CASE WHEN contains(_usage_type, 'SpotUsage') THEN 'Dynamic' ELSE 'Standard' END",
        _usage_type=native.text("line_item_usage_type"),
    )

    def of(item: LineItem) -> exp.Expr:
        if item.status:
            return literal("Committed")
        if item.category == "Usage":
            return usage
        return literal("Standard") if item.category == "Purchase" else exp.null()

    return by_type(native, of)


def _resource_name(native: NativeColumns) -> exp.Expr:
    """The tag Name, which consoles show as a resource's name."""
    found = [native.text("resource_tags_user_name")]
    found += [member(native, "resource_tags", key) for key in ("user_name", "user_Name", "Name")]
    return exp.Coalesce(this=found[0], expressions=found[1:])


def _of_commitment(native: NativeColumns, reservation: str, plan: str) -> exp.Expr:
    return expression(
        "SELECT CASE WHEN _reserved THEN _reservation WHEN _planned THEN _plan END",
        _reserved=is_there(native.text(RESERVATION)),
        _reservation=literal(reservation),
        _planned=is_there(native.text(PLAN)),
        _plan=literal(plan),
    )


def _status(item: LineItem) -> exp.Expr:
    return literal(item.status) if item.status else exp.null()


def _equals(value: exp.Expr, text: str) -> exp.Expr:
    return exp.EQ(this=value.copy(), expression=literal(text))


def _is_among(value: exp.Expr, texts: Sequence[str]) -> exp.Expr:
    return exp.In(this=value.copy(), expressions=[literal(text) for text in texts])
