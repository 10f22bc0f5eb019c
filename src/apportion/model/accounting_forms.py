"""The YAML forms of the accounting side of the model."""

from __future__ import annotations

from apportion.domain.cost_class import CostClass
from apportion.domain.result import LineKind
from apportion.model.accounting import AccountKind
from apportion.model.forms import BECAUSE, FROM, NAME, NAMES, PART, UNTIL, VALUES, WORDS
from apportion.model.shape import Choice, Form, Items, Key

ENTITY = Form(
    "an entity",
    {
        "name": Key(NAME, "The legal entity's name, unique.", needed=True),
        "title": Key(WORDS, "How it is called in print; its name when left out."),
        "code": Key(
            WORDS, "Its code in the ERP (company code, subsidiary); its name when left out."
        ),
    },
)

ACCOUNT = Form(
    "an account",
    {
        "name": Key(NAME, "The account's number in the ERP, unique; quote it.", needed=True),
        "title": Key(WORDS, "What it is called; its number when left out."),
        "kind": Key(
            Choice(tuple(one.value for one in AccountKind), "a kind of account"),
            "What may be booked on it.",
            needed=True,
        ),
    },
)

POSTING = Form(
    "a posting",
    {
        "name": Key(NAME, "Its name, unique in the section.", needed=True),
        "account": Key(NAME, "The account on which fitting lines are booked.", needed=True),
        "teams": Key(NAMES, "Only lines of these teams."),
        "pools": Key(NAMES, "Only shares of these pools."),
        "kinds": Key(
            Items(Choice(tuple(one.value for one in LineKind), "a kind of line"), "a list"),
            "Only lines of these kinds: direct, shared, idle, lost …",
        ),
        "services": Key(VALUES, "Only direct lines of these services; * and ? are wildcards."),
        "stages": Key(NAMES, "Only lines of teams whose product is in one of these stages."),
        "entities": Key(NAMES, "Only lines of teams of these entities."),
        "classes": Key(
            Items(Choice(tuple(one.value for one in CostClass), "a cost class"), "a list"),
            "Only what is of these cost classes: gpu_compute, ai_tokens, storage_hot …",
        ),
        "project": Key(NAME, "A project (WBS element) that is booked beside the account."),
        "from": FROM,
        "until": UNTIL,
        "because": BECAUSE,
    },
)

SENDER = Form(
    "a sender",
    {
        "entity": Key(NAME, "The entity that pays the bills.", needed=True),
        "cost_center": Key(WORDS, "Its cost centre that is relieved.", needed=True),
        "recovery": Key(NAME, "The account of the relief.", needed=True),
        "profit_center": Key(WORDS, "The profit centre of the relief."),
        "receivable": Key(NAME, "What other entities owe: an account of the sender."),
        "payable": Key(NAME, "What is owed to the sender: an account of the other entities."),
        "markup": Key(PART, "Percent that other entities pay on top."),
        "income": Key(NAME, "The account of the mark-up."),
        "tax_code": Key(WORDS, "The tax code of intercompany lines."),
        "from": FROM,
        "until": UNTIL,
    },
)
