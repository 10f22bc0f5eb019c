"""The YAML forms of the sections `close` and `accrual` of apportion.yaml."""

from __future__ import annotations

from apportion.model.forms import AMOUNT, NAME, WHOLE
from apportion.model.project import InvoiceGate
from apportion.model.shape import Choice, Form, Key, Table

ACCRUAL_METHODS = ("run_rate", "loaded", "mean", "usage")

INVOICE_GATE = Choice(tuple(str(gate) for gate in InvoiceGate), "required, when_there or no")

MATERIALITY = Form(
    "a materiality",
    {
        "amount": Key(AMOUNT, "Corrections of this amount or more need an approval."),
        "percent": Key(
            AMOUNT, "The same in percent of what the month was closed with, say 5 for 5 %."
        ),
    },
)

CLOSE = Form(
    "close",
    {
        "level": Key(
            Choice(("error", "warning", "note"), "a level of findings"),
            "Findings at this level or graver stand against a close; error when left out.",
        ),
        "bound": Key(
            WHOLE, "A team beyond so many times its norm stands against it; 3 when left out."
        ),
        "norm_months": Key(
            WHOLE, "How many closed months before make a team's norm; 6 when left out."
        ),
        "approvals": Key(WHOLE, "How many others have to agree to a close; none when left out."),
        "review": Key(
            Choice(("optional", "required"), "optional or required"),
            "Whether a month must have been in review; optional when left out.",
        ),
        "invoice": Key(
            INVOICE_GATE,
            "What a close asks of invoices, unless the month is closed on accrual: required, "
            "when_there (those that are entered match; so when left out) or no.",
        ),
        "materiality": Key(
            MATERIALITY, "From when on a correction needs an approval; never when left out."
        ),
    },
)

ACCRUAL = Form(
    "accrual",
    {
        "months": Key(WHOLE, "Over how many months a mean goes; 3 when left out."),
        "methods": Key(
            Table(NAME, Choice(ACCRUAL_METHODS, "a method"), "a mapping from sources to methods"),
            "run_rate, loaded, mean or usage, by source, where it isn't to be chosen by what "
            "is loaded.",
        ),
    },
)
