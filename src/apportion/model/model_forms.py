"""The YAML forms of model files: every key, its shape and its meaning."""

from __future__ import annotations

from apportion.domain.charge import COSTS, KEY_COLUMNS
from apportion.domain.cost_class import TOKEN_TYPES, CostClass
from apportion.domain.owner import Evidence
from apportion.model.accounting_forms import ACCOUNT, ENTITY, POSTING, SENDER
from apportion.model.forms import (
    AMOUNT,
    BECAUSE,
    COLUMN_PATTERN,
    CONDITION,
    FLAG,
    FROM,
    MODE,
    MONTH,
    NAME,
    NAMES,
    PART,
    RESPONSIBLE,
    UNTIL,
    VALUE,
    VALUES,
    WHOLE,
    WORDS,
    column_shape,
    dated,
)
from apportion.model.governance_forms import GOVERNANCE
from apportion.model.identity_forms import IDENTITY
from apportion.model.metered_forms import METERED
from apportion.model.organisation import UnitKind
from apportion.model.policies import PolicyKind
from apportion.model.pool_forms import POOL
from apportion.model.pools import BetweenPools
from apportion.model.same_spend_forms import SAME_SPEND
from apportion.model.shape import Choice, Form, Items, Key, Table
from apportion.model.stack import Stack
from apportion.model.unit_cost_forms import UNIT_COST
from apportion.model.usage_price_forms import PRICE

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
        "mode": Key(
            dated(MODE, "mode"),
            "What charges mean for a team: shadow (information), showback or chargeback; the mode "
            "of the unit above when left out, showback without any. May be dated.",
        ),
        "entity": Key(
            dated(NAME, "entity"),
            "The legal entity that it belongs to; that of the unit above when left out. May be "
            "dated.",
        ),
        "profit_center": Key(
            dated(VALUE, "profit centre"),
            "Profit centre of the ERP; that of the unit above when left out. May be dated.",
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
DRIVER = Form(
    "a driver",
    {
        "name": Key(NAME, "The driver's name, unique among drivers.", needed=True),
        "unit": Key(WORDS, "The unit of its quantities, say GB.", needed=True),
        "file": Key(
            WORDS, "A CSV beside the model with the columns team, period (or day) and quantity."
        ),
        "usage": Key(METERED, "The usage that it counts, where no file does."),
        "demanded_by": Key(
            WORDS, "The policy that makes teams have these quantities, say retention for ten years."
        ),
    },
    one_of=("file", "usage"),
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

CLASS = Form(
    "a class",
    {
        "name": Key(NAME, "The pattern's name, unique among classes.", needed=True),
        "service": Key(VALUES, "Services by name or code; * and ? are wildcards, case is free."),
        "meter": Key(VALUES, "Meters, SKUs or usage types by name; * and ? are wildcards."),
        "class": Key(
            Choice(tuple(one.value for one in CostClass), "a cost class"),
            "The cost class of what matches.",
            needed=True,
        ),
        "ai_service": Key(WORDS, "The AI service."),
        "model": Key(WORDS, "The AI model."),
        "token_type": Key(
            Choice(TOKEN_TYPES, "a token type"), f"For tokens: {', '.join(TOKEN_TYPES)}."
        ),
        "tier": Key(WORDS, "The tier, say standard, flex, priority or provisioned."),
        "gpu_model": Key(WORDS, "The accelerator, say H100."),
        "gpu_count": Key(PART, "How many of it one machine has; 1/8 for a slice."),
        "from": FROM,
        "until": UNTIL,
        "because": BECAUSE,
        "owner": RESPONSIBLE,
    },
)

POLICY = Form(
    "a policy",
    {
        "charges": Key(
            Choice(tuple(kind.value for kind in PolicyKind), "a kind of charges"),
            "tax, promotional_credits, credits, refunds, support or rounding.",
            needed=True,
        ),
        "policy": Key(
            Choice(("central", "follow", "share"), "a policy"),
            "central keeps them on a line of their own, follow leaves them to the rules, share "
            "splits them by what teams use of the same provider.",
        ),
        "team": Key(NAME, "The team that carries them."),
        "pool": Key(NAME, "The pool that they fall into."),
        "on": Key(
            Choice(COSTS, "a cost basis"),
            "For share: the cost basis that it weighs by; EffectiveCost when left out.",
        ),
        **CONDITION,
        "from": FROM,
        "until": UNTIL,
        "because": BECAUSE,
        "owner": RESPONSIBLE,
    },
    others=column_shape,
    others_pattern=COLUMN_PATTERN,
    others_known=KEY_COLUMNS,
    one_of=("policy", "team", "pool"),
)

ALLOCATION = Form(
    "an allocation",
    {
        "between_pools": Key(
            Choice(tuple(one.value for one in BetweenPools), "a method between pools"),
            "What pools use of each other: reciprocal (when left out) solves it exactly, step_down "
            "closes one pool after the other, direct leaves it out.",
            needed=True,
        ),
        "order": Key(
            NAMES,
            "For step_down: the pools in the order in which they close; those that aren't named "
            "follow, the one that renders most service to others first.",
        ),
        "from": FROM,
        "until": UNTIL,
        "because": BECAUSE,
    },
)

CHARGEBACK = Form(
    "terms of chargeback",
    {
        "least_evidence": Key(
            Choice(tuple(one.value for one in Evidence if one is not Evidence.NONE), "a strength"),
            "The least strength of evidence that is charged: tagged, mapped, manual or pattern. "
            "What rests on less goes to suspense.",
        ),
        "suspense": Key(NAME, "The team that clears suspense; a line of its own when left out."),
        "coverage": Key(PART, "Percent of cost that must have an owner; 90 when left out."),
        "drift": Key(
            PART, "Percentage points by which a team's share may change a month; 10 when left out."
        ),
        "months": Key(WHOLE, "Over how many months it must be so; 3 when left out."),
        "from": FROM,
        "until": UNTIL,
        "because": BECAUSE,
    },
)

STACK = Form(
    "a part of the stack",
    {
        "name": Key(NAME, "Its name, unique in the section.", needed=True),
        "stack": Key(
            Choice(tuple(one.value for one in Stack), "a part of the stack"),
            "direct, indirect or third_party.",
            needed=True,
        ),
        **CONDITION,
        "from": FROM,
        "until": UNTIL,
        "because": BECAUSE,
        "owner": RESPONSIBLE,
    },
    others=column_shape,
    others_pattern=COLUMN_PATTERN,
    others_known=KEY_COLUMNS,
)

SECTIONS = {
    "organisation": Key(Items(UNIT, empty=True), "Teams, products and business units.", blank=True),
    "tags": Key(
        Table(NAME, TAG_KEY, "a mapping from tag keys to what is known of them", blank=True),
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
    "identities": Key(
        Items(IDENTITY, empty=True),
        "Which team stands behind a key, project, namespace or user of usage.",
        blank=True,
    ),
    "policies": Key(
        Items(POLICY, empty=True),
        "What becomes of tax, credits, refunds, support fees and rounding.",
        blank=True,
    ),
    "allocation": Key(
        Items(ALLOCATION, empty=True),
        "How pools that use each other are charged; a period goes by its first day.",
        blank=True,
    ),
    "chargeback": Key(
        Items(CHARGEBACK, empty=True),
        "What must hold before teams are charged; a period goes by its first day.",
        blank=True,
    ),
    "stack": Key(
        Items(STACK, empty=True),
        "Which charges are direct, indirect or a third party's.",
        blank=True,
    ),
    "same_spend": Key(
        Items(SAME_SPEND, empty=True),
        "Spend that arrives on several bills, and which of them counts.",
        blank=True,
    ),
    "entities": Key(Items(ENTITY, empty=True), "Legal entities.", blank=True),
    "accounts": Key(Items(ACCOUNT, empty=True), "The chart of accounts.", blank=True),
    "postings": Key(
        Items(POSTING, empty=True),
        "Which account each line is booked on; the first that fits decides.",
        blank=True,
    ),
    "senders": Key(
        Items(SENDER, empty=True), "Who is relieved of what teams carry, by dates.", blank=True
    ),
    "classes": Key(
        Items(CLASS, empty=True),
        "Patterns that say what kind of cost a charge is, before those of the catalogue.",
        blank=True,
    ),
    "prices": Key(
        Items(PRICE, empty=True), "Prices of usage: contracts, discounts, rate cards.", blank=True
    ),
    "unit_costs": Key(
        Items(UNIT_COST, empty=True),
        "What a unit of your business costs, by counters of your own.",
        blank=True,
    ),
    "governance": Key(
        Items(GOVERNANCE, empty=True),
        "What is demanded of the allocation; `apportion policy check` holds it against it.",
        blank=True,
    ),
    "budgets": Key(Items(BUDGET, empty=True), "What each team may spend.", blank=True),
}
MODEL = Form("a model file", SECTIONS)
