"""The YAML form of the section `disputes` of apportion.yaml."""

from __future__ import annotations

from apportion.domain.dispute import Hold
from apportion.model.forms import NAME, WHOLE
from apportion.model.shape import Choice, Form, Key

DISPUTES = Form(
    "the terms of disputes",
    {
        "window_days": Key(
            WHOLE, "Working days in which a team may dispute a line, from its statement's issue."
        ),
        "decide_days": Key(WHOLE, "Working days in which a dispute is to be decided."),
        "hold": Key(
            Choice(tuple(str(one) for one in Hold), "where the money is"),
            "What becomes of a disputed charge meanwhile: it stands, or waits in suspense.",
        ),
        "suspense": Key(NAME, "The account, of the model, on which disputed charges wait."),
    },
)
