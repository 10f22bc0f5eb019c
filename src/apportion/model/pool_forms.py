"""The YAML forms of pools and their splits."""

from __future__ import annotations

from apportion.domain.charge import COSTS, KEY_COLUMNS
from apportion.model.cost_behaviour import COST_BEHAVIOUR
from apportion.model.counting_forms import COUNTING_KEYS, TAKEOVER_KEYS, WEIGHTED_DRIVER
from apportion.model.forms import (
    BECAUSE,
    COLUMN_PATTERN,
    CONDITION,
    FROM,
    MODE,
    NAME,
    NAMES,
    PART,
    RESPONSIBLE,
    UNTIL,
    WORDS,
    column_shape,
    dated,
)
from apportion.model.limit_forms import LIMIT_KEYS
from apportion.model.pools import Method
from apportion.model.shape import Choice, Either, Form, Items, Key, Table
from apportion.model.terms import TERMS

_SPLIT_KEYS = {
    "by": Key(
        Choice(tuple(method.value for method in Method), "a method of splitting"),
        "The method.",
        needed=True,
    ),
    "among": Key(
        NAMES,
        "The teams and pools that share the pool. When left out, every team of the period, and the "
        "pools of which the drivers have quantities.",
    ),
    "excluding": Key(NAMES, "Teams and pools that carry nothing of it."),
    "percentages": Key(Table(NAME, PART), "For fixed: team or pool to percent; they sum to 100."),
    "driver": Key(NAME, "The driver whose quantities split the pool: what each really used."),
    "drivers": Key(
        Table(NAME, WEIGHTED_DRIVER),
        "For weighted: driver to weight; percents sum to 100, fractions to 1.",
    ),
    "on": Key(Choice(COSTS, "a cost basis"), "For direct_cost: the cost basis that it weighs by."),
    **{name: key for terms in TERMS.values() for name, key in terms.keys.items()},
}
_SPLIT_KEYS |= COUNTING_KEYS
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
GRANDFATHER = Form(
    "a takeover",
    {
        **TAKEOVER_KEYS,
        "previous": Key(
            Form("a previous split", {**_SPLIT_KEYS, "when_missing": WHEN_MISSING}),
            "The split before.",
            needed=True,
        ),
    },
)
SPLIT = Form(
    "a split",
    {
        **_SPLIT_KEYS,
        "grandfather": Key(GRANDFATHER, "The split before, which gives way over some months."),
        "when_missing": WHEN_MISSING,
    },
)
DATED_SPLIT = Form(
    "a dated split",
    {**SPLIT.keys, "from": FROM, "until": UNTIL, "because": BECAUSE, "owner": RESPONSIBLE},
)

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
        **LIMIT_KEYS,
        "cost_behaviour": Key(
            COST_BEHAVIOUR, "What of the cost is fixed; the fairness of charges is held against it."
        ),
        "mode": Key(
            dated(MODE, "mode"),
            "What its shares mean: shadow (information), showback or chargeback; the teams' own "
            "modes decide when left out. May be dated.",
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
