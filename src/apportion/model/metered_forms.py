"""The YAML form of what a metered driver counts."""

from __future__ import annotations

from apportion.domain.usage import DESCRIPTIONS, IDENTITIES
from apportion.model.forms import FLAG, NAME, NAMES, VALUES
from apportion.model.shape import Choice, Form, Key, Table

COLUMNS = (*DESCRIPTIONS, *IDENTITIES)

WHERE = Key(
    Table(Choice(COLUMNS, "a column of usage"), VALUES, "a mapping from columns to values"),
    "Columns of usage with the value, or the list of values, that counts.",
)

METERED = Form(
    "what a driver counts",
    {
        "meter": Key(
            NAME,
            "The meter, say gpu_hours, output_tokens, requests or one of your own; `cost` is what "
            "the usage would cost by list and negotiated prices.",
            needed=True,
        ),
        "sources": Key(NAMES, "The usage sources that count; all when left out."),
        "where": WHERE,
        "once": Key(
            FLAG,
            "Whether several sources tell of the same use: then only the first of `sources` that "
            "tells of a provider's day counts for it.",
        ),
    },
)
