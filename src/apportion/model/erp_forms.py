"""The YAML form of the section `erp` of apportion.yaml."""

from __future__ import annotations

from apportion.model.erp_spec import CODE_KINDS, ERP_OPTIONS
from apportion.model.forms import NAME, VALUES, WHOLE, WORDS
from apportion.model.shape import Choice, Form, Key, Table

ERP = Form(
    "an ERP",
    {
        "lines": Key(
            WHOLE, "Most lines of a document, where fewer are wanted than the format allows."
        ),
        "codes": Key(
            Table(
                Choice(CODE_KINDS, "a kind of names"),
                Table(NAME, WORDS, "a mapping from names of the model to codes of the ERP"),
                "a mapping from kinds of names to codes",
            ),
            f"What the ERP calls names of the model, by kind: {', '.join(CODE_KINDS)}.",
        ),
        "options": Key(
            Table(NAME, VALUES, "a mapping from options to values"),
            "What the format must be told besides; its how-to section says what it knows.",
        ),
    },
)

ERPS = Table(
    Choice(tuple(ERP_OPTIONS), "a format of journals"), ERP, "a mapping from formats to settings"
)
