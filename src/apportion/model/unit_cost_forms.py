"""The YAML form of what a unit of the business costs."""

from __future__ import annotations

from apportion.model.forms import BECAUSE, FROM, NAME, NAMES, RESPONSIBLE, UNTIL, VALUES, WHOLE
from apportion.model.shape import Form, Key

UNIT_COST = Form(
    "a unit cost",
    {
        "name": Key(NAME, "What costs so much, unique in the section.", needed=True),
        "meter": Key(
            NAME,
            "The counter: a meter of usage, your own among them, or `tokens` for all tokens.",
            needed=True,
        ),
        "usage": Key(NAMES, "The usage sources that count it; all when left out."),
        "per": Key(WHOLE, "How many units the figure is for; 1 when left out."),
        "teams": Key(NAMES, "The teams whose cost it is; everybody's when left out."),
        "products": Key(NAMES, "The products whose teams' cost it is; all when left out."),
        "pools": Key(NAMES, "The pools whose shares it is."),
        "services": Key(
            VALUES, "The services whose direct cost it is; with `pools`, either of the two counts."
        ),
        "from": FROM,
        "until": UNTIL,
        "because": BECAUSE,
        "owner": RESPONSIBLE,
    },
)
