"""The YAML forms of limits and exemptions of pools."""

from __future__ import annotations

from apportion.model.forms import BECAUSE, DAY, FROM, NAME, UNTIL, WORDS
from apportion.model.shape import Form, Items, Key, Pattern, Table
from apportion.model.values import as_limit

LIMIT = Pattern(
    "an amount, or a percentage of the pool",
    as_limit,
    {"type": ["string", "number"], "pattern": r"^[0-9.]+([eE][+-]?\d{1,3})?\s*%?$"},
    hint="write 20000 for money, or 30% for a part of the pool",
)

LIMITS = Form(
    "limits of a pool",
    {
        "caps": Key(Table(NAME, LIMIT), "Team to the most that it pays: an amount, or 30%."),
        "floors": Key(Table(NAME, LIMIT), "Team to the least that it pays."),
        "minimum_fee": Key(LIMIT, "What every team that uses the pool pays at least."),
        "from": FROM,
        "until": UNTIL,
        "because": BECAUSE,
    },
)

EXEMPTION = Form(
    "an exemption",
    {
        "team": Key(NAME, "The team that the pool doesn't charge.", needed=True),
        "because": Key(WORDS, "Why, say the policy that demands the use.", needed=True),
        "from": FROM,
        "until": Key(DAY, "The day on which it ends. It can be prolonged.", needed=True),
        "charge_to": Key(
            NAME, "The team that carries its part instead; all others do when left out."
        ),
    },
)

LIMIT_KEYS = {
    "limits": Key(Items(LIMITS), "Caps, floors and minimum fees; a period goes by its first day."),
    "exempt": Key(Items(EXEMPTION), "Teams that the pool doesn't charge, until a day."),
}
