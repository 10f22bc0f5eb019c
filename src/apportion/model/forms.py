"""The YAML forms of apportion.yaml and of model files: every key, its shape and its meaning."""

from __future__ import annotations

from apportion.domain.charge import COSTS, FOCUS_COLUMNS, KEY_COLUMNS
from apportion.domain.owner import Evidence
from apportion.model.organisation import UnitKind
from apportion.model.pools import Method
from apportion.model.shape import (
    Choice,
    Either,
    Form,
    Items,
    Key,
    Pattern,
    Shape,
    Table,
    Text,
)
from apportion.model.values import (
    as_amount,
    as_day,
    as_flag,
    as_month,
    as_part,
    as_quantity,
    as_whole,
    as_x_column,
)

NAME = Text("a name", name=True)
WORDS = Text("a text")
VALUE = Text("a value")
DAY = Pattern(
    "a day",
    as_day,
    {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
    hint="write it as YYYY-MM-DD, say 2026-10-15",
)
MONTH = Pattern(
    "a month",
    as_month,
    {"type": "string", "pattern": r"^\d{4}-(0[1-9]|1[0-2])$"},
    hint="write it as YYYY-MM, say 2026-10",
)
AMOUNT = Pattern(
    "an amount that isn't negative",
    as_quantity,
    {"type": ["string", "number"], "pattern": r"^\+?[0-9.]+([eE][+-]?\d{1,3})?$"},
    hint="write it with a decimal point and no thousands separator, say 12000.50",
)
TOTAL = Pattern(
    "an amount",
    as_amount,
    {"type": ["string", "number"], "pattern": r"^[+-]?[0-9.]+([eE][+-]?\d{1,3})?$"},
    hint="write it with a decimal point and no thousands separator, say 12000.50",
)
PART = Pattern(
    "a part of a whole",
    as_part,
    {"type": ["string", "number"], "pattern": r"^[0-9.]+([eE][+-]?\d{1,3})?\s*%?$|^\d+/\d+$"},
    hint="write it as 40, 0.4 or 1/3",
)
WHOLE = Pattern(
    "a whole number", as_whole, {"type": ["integer", "string"], "pattern": r"^\d{1,9}$"}
)
FLAG = Pattern("true or false", as_flag, {"type": "boolean"}, hint="write true or false")


def one_or_many(shape: Shape, expected: str) -> Either:
    """A single value, or a list of them."""
    return Either(scalar=shape, items=Items(shape), expected=expected)


VALUES = one_or_many(VALUE, "a value or a list of values")
NAMES = Items(NAME, "a list of names")

FROM = Key(DAY, "First day on which this holds; from the beginning when left out.")
UNTIL = Key(DAY, "First day on which this no longer holds; open-ended when left out.")
BECAUSE = Key(
    WORDS, "Why this is so: a ticket, a decision, a mail. Shown beside every cent it moves."
)
RESPONSIBLE = Key(WORDS, "Who answers for this, say a mail address.")


def dated(shape: Shape, expected: str) -> Either:
    """A value for good, or a list of values with the days on which each holds."""
    entry = Form(
        f"a dated {expected}",
        {"value": Key(shape, "The value.", needed=True), "from": FROM, "until": UNTIL},
    )
    return Either(scalar=shape, items=Items(entry), expected=f"{expected}, or a list of dated ones")


UNIT = Form(
    "a unit of the organisation",
    {
        "name": Key(NAME, "The unit's name, unique in the organisation.", needed=True),
        "kind": Key(
            Choice(tuple(kind.value for kind in UnitKind), "a kind of unit"),
            "team, product or business_unit. Only teams carry cost.",
            needed=True,
        ),
        "title": Key(WORDS, "How the unit is called in print; its name when left out."),
        "parent": Key(dated(NAME, "parent"), "The unit above. May be dated."),
        "cost_center": Key(dated(VALUE, "cost centre"), "Cost centre of the ERP. May be dated."),
        "owner": Key(dated(WORDS, "owner"), "Who answers for the unit's cost. May be dated."),
        "head_count": Key(dated(WHOLE, "head count"), "People in the unit. May be dated."),
        "stage": Key(
            dated(NAME, "stage"), "A product's stage, say research or production. May be dated."
        ),
        "from": FROM,
        "until": UNTIL,
    },
)

TAG_KEY = Form(
    "a tag key",
    {
        "synonyms": Key(
            Items(VALUE, "a list of tag keys", empty=True),
            "Other spellings of the key, by precedence after the key itself.",
        ),
        "required": Key(FLAG, "Whether every charge ought to carry the tag (tag compliance)."),
        "values": Key(
            Items(VALUE, "a list of values", empty=True), "The values allowed; any when left out."
        ),
        "aliases": Key(
            Table(VALUE, VALUES, "a mapping from a value to its spellings"),
            "For a value, the spellings that mean it.",
        ),
    },
)

SHORT_COLUMNS = {
    "account": "SubAccountId",
    "billing_account": "BillingAccountId",
    "service": "ServiceName",
    "service_category": "ServiceCategory",
    "region": "RegionId",
    "resource": "ResourceId",
    "resource_type": "ResourceType",
    "resource_name": "ResourceName",
}
"""Short names of the columns that rules ask for most. `provider` stands for two columns."""

_SHORT = {
    "account": "Sub-account (SubAccountId): AWS account, Azure subscription, Google project.",
    "billing_account": "Billing account (BillingAccountId).",
    "service": "Service (ServiceName).",
    "service_category": "Service category (ServiceCategory).",
    "region": "Region (RegionId).",
    "resource": "Resource (ResourceId).",
    "resource_type": "Resource type (ResourceType).",
    "resource_name": "Resource name (ResourceName), usually with * and ? as wildcards.",
    "provider": "Provider: ServiceProviderName, or ProviderName in bills before FOCUS 1.3.",
}

CONDITION = {
    "tag": Key(
        Table(VALUE, VALUES, "a mapping from tag keys to values"),
        "Tags that the charge must carry: key to value, or to a list of values.",
    ),
    **{name: Key(VALUES, doc) for name, doc in _SHORT.items()},
    "where": Key(
        VALUE, "A further condition: an SQL boolean over FOCUS columns, x_ columns and tag.KEY."
    ),
}
"""The short forms of a condition. All that are given must hold (AND)."""

_KEY_COLUMNS = frozenset(KEY_COLUMNS)


def column_shape(name: str) -> Shape | None:
    """The shape of a condition on a column by its own name; None for what isn't visible."""
    return VALUES if name in _KEY_COLUMNS or name.startswith("x_") else None


COLUMN_PATTERN = f"^(x_.*|{'|'.join(KEY_COLUMNS)})$"

RULE = Form(
    "a rule",
    {
        "name": Key(
            NAME,
            "The rule's name, unique in the model; statements and explain show it.",
            needed=True,
        ),
        **CONDITION,
        "team": Key(NAME, "The team that owns what matches."),
        "pool": Key(NAME, "The pool that what matches falls into."),
        "team_from_tag": Key(
            NAME, "A tag whose value is the name of a declared team; other values don't match."
        ),
        "resources": Key(
            WORDS,
            "A CSV beside the model: ResourceId (or ResourceName, SubAccountId, BillingAccountId), "
            "team or pool, optional from and until.",
        ),
        "evidence": Key(
            Choice(
                tuple(e.value for e in Evidence if e is not Evidence.NONE), "a strength of evidence"
            ),
            "How strong the evidence is, where it isn't what the condition suggests: "
            "tagged, mapped, manual or pattern.",
        ),
        "from": FROM,
        "until": UNTIL,
        "because": BECAUSE,
        "owner": RESPONSIBLE,
    },
    others=column_shape,
    others_pattern=COLUMN_PATTERN,
    others_known=KEY_COLUMNS,
    one_of=("team", "pool", "team_from_tag", "resources"),
)

INHERIT = Form(
    "an inheritance",
    {
        "name": Key(NAME, "Its name, unique among rules.", needed=True),
        "child": Key(NAME, "Column or tag.KEY of the charge that has no owner yet.", needed=True),
        "parent": Key(NAME, "Column or tag.KEY of the charges whose owner it takes."),
        "owners": Key(Table(VALUE, NAME), "Values of `child`, and the team that owns each."),
        "from": FROM,
        "until": UNTIL,
        "because": BECAUSE,
        "owner": RESPONSIBLE,
    },
    one_of=("parent", "owners"),
)

_SPLIT_KEYS = {
    "by": Key(
        Choice(tuple(method.value for method in Method), "a method of splitting"),
        "even, fixed, direct_cost, head_count, driver or weighted.",
        needed=True,
    ),
    "among": Key(NAMES, "The teams that share the pool; every team of the period when left out."),
    "excluding": Key(NAMES, "Teams that carry nothing of it."),
    "percentages": Key(Table(NAME, PART), "For fixed: team to percent; they sum to 100."),
    "driver": Key(NAME, "For driver: whose quantities split the pool."),
    "drivers": Key(
        Table(NAME, PART), "For weighted: driver to weight; percents sum to 100, fractions to 1."
    ),
    "on": Key(Choice(COSTS, "a cost basis"), "For direct_cost: the cost basis that it weighs by."),
}
FALLBACK = Form("a fallback split", dict(_SPLIT_KEYS))
WHEN_MISSING = Key(
    Either(
        scalar=Choice(("error", "keep"), "a policy"),
        mapping=Form(
            "a fallback",
            {"fallback": Key(FALLBACK, "The split to use instead.", needed=True)},
        ),
        expected="error, keep, or `fallback:` with a split",
    ),
    "What happens when quantities are missing, zero or negative: error, keep the cost in the "
    "pool, or a named fallback split. error when left out.",
)
SPLIT = Form("a split", {**_SPLIT_KEYS, "when_missing": WHEN_MISSING})
DATED_SPLIT = Form("a dated split", {**SPLIT.keys, "from": FROM, "until": UNTIL})

POOL = Form(
    "a pool",
    {
        "name": Key(NAME, "The pool's name, unique among pools.", needed=True),
        "title": Key(WORDS, "How it is called in print; its name when left out."),
        **CONDITION,
        "from_team": Key(NAME, "A team all of whose cost falls into the pool (a platform team)."),
        "split": Key(
            Either(
                mapping=SPLIT, items=Items(DATED_SPLIT), expected="a split, or a list of dated ones"
            ),
            "How the pool is split; a list of dated splits where the method changes.",
            needed=True,
        ),
        "from": FROM,
        "until": UNTIL,
        "because": BECAUSE,
        "owner": RESPONSIBLE,
    },
    others=column_shape,
    others_pattern=COLUMN_PATTERN,
    others_known=KEY_COLUMNS,
)

DRIVER = Form(
    "a driver",
    {
        "name": Key(NAME, "The driver's name, unique among drivers.", needed=True),
        "unit": Key(WORDS, "The unit of its quantities, say GB.", needed=True),
        "file": Key(
            WORDS,
            "A CSV beside the model with the columns team, period (or day) and quantity.",
            needed=True,
        ),
    },
)

BUDGET = Form(
    "a budget",
    {
        "team": Key(NAME, "The team that may spend it.", needed=True),
        "amount": Key(AMOUNT, "The amount for each month on which this holds."),
        "amounts": Key(Table(MONTH, AMOUNT), "The amount for each month by itself."),
        "currency": Key(NAME, "Its currency; the project's when left out."),
        "from": FROM,
        "until": UNTIL,
    },
    one_of=("amount", "amounts"),
)

SECTIONS = {
    "organisation": Key(Items(UNIT, empty=True), "Teams, products and business units.", blank=True),
    "tags": Key(
        Table(NAME, TAG_KEY, "a mapping from tag keys to what is known of them"),
        "The tags that count: spellings, allowed values, whether required.",
        blank=True,
    ),
    "rules": Key(
        Items(RULE, empty=True), "Attribution rules; the first that matches decides.", blank=True
    ),
    "inherit": Key(
        Items(INHERIT, empty=True), "Owners taken from a parent, tried after all rules.", blank=True
    ),
    "pools": Key(Items(POOL, empty=True), "Shared cost, and how it is split.", blank=True),
    "drivers": Key(Items(DRIVER, empty=True), "Quantities that split pools.", blank=True),
    "budgets": Key(Items(BUDGET, empty=True), "What each team may spend.", blank=True),
}
MODEL = Form("a model file", SECTIONS)

_CONTROL = Either(
    scalar=Text("a path to a CSV of totals"),
    mapping=Table(
        MONTH,
        Either(
            scalar=TOTAL,
            mapping=Table(NAME, TOTAL),
            expected="an amount, or a mapping from currency to amount",
        ),
    ),
    expected="a mapping from periods to amounts, or a path",
)

SOURCE = Form(
    "a source",
    {
        "format": Key(
            Choice(("focus",), "a bill format"), "The format of the bill: focus.", needed=True
        ),
        "path": Key(WORDS, "A file, a folder or a glob, relative to the project.", needed=True),
        "control": Key(
            _CONTROL,
            "Outside totals that the billed cost must equal: period to amount, period to currency "
            "to amount, or a CSV with the columns period, amount, currency and optional basis.",
        ),
        "without": Key(
            Items(
                Choice(tuple(c.name for c in FOCUS_COLUMNS), "a FOCUS column"),
                "a list of FOCUS columns",
            ),
            "Needed columns that this export is known not to have.",
        ),
        "keys": Key(
            Items(
                Pattern("an x_ column", as_x_column, {"type": "string", "pattern": "^x_"}),
                "a list of x_ columns",
            ),
            "x_ columns that rules may see besides those that the model names.",
        ),
    },
)

LOCATIONS = Form(
    "locations",
    {
        "lake": Key(WORDS, "Folder of the loaded charges; .apportion/lake when left out."),
        "books": Key(
            WORDS,
            "The books: a file for SQLite, an SQLAlchemy URL, or env:NAME for the URL in that "
            "environment variable; .apportion/books.sqlite when left out.",
        ),
        "model": Key(WORDS, "Folder of the model; model when left out."),
    },
)

ENGINE = Form(
    "an engine",
    {
        "name": Key(Choice(("duckdb", "spark"), "an engine"), "duckdb or spark.", needed=True),
        "address": Key(WORDS, "For spark: address of a Spark Connect server, sc://host:port."),
    },
)

PROJECT = Form(
    "apportion.yaml",
    {
        "name": Key(WORDS, "The name of the project, printed on statements.", needed=True),
        "currency": Key(NAME, "Reporting currency, by its ISO 4217 code.", needed=True),
        "basis": Key(
            Choice(COSTS, "a cost basis"), "Cost basis of statements; EffectiveCost when left out."
        ),
        "engine": Key(
            Either(
                scalar=Choice(("duckdb", "spark"), "an engine"),
                mapping=ENGINE,
                expected="duckdb, or `name` and `address` of an engine",
            ),
            "Where SQL runs: duckdb when left out.",
        ),
        "locations": Key(LOCATIONS, "Where things lie, relative to this file."),
        "sources": Key(
            Table(NAME, SOURCE, "a mapping from names to sources"), "The bills.", blank=True
        ),
    },
)
