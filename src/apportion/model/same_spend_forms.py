"""The YAML form of one spend that arrives on several bills."""

from __future__ import annotations

from apportion.domain.charge import KEY_COLUMNS
from apportion.model.forms import (
    BECAUSE,
    COLUMN_PATTERN,
    CONDITION,
    FROM,
    NAME,
    RESPONSIBLE,
    UNTIL,
    column_shape,
)
from apportion.model.shape import Form, Items, Key

VIEW = Form(
    "a view of spend",
    dict(CONDITION),
    others=column_shape,
    others_pattern=COLUMN_PATTERN,
    others_known=KEY_COLUMNS,
)

SAME_SPEND = Form(
    "the same spend",
    {
        "name": Key(NAME, "What is spent, unique in the section.", needed=True),
        "views": Key(
            Items(VIEW, "a list of views"),
            "The charges of each bill that carries it, by conditions; the first that has charges "
            "in a month counts, all others are left out.",
            needed=True,
        ),
        "from": FROM,
        "until": UNTIL,
        "because": BECAUSE,
        "owner": RESPONSIBLE,
    },
)
