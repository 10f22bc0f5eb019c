"""The YAML form of the section `delivery` of apportion.yaml."""

from __future__ import annotations

import re

from apportion.model.delivery_spec import MailSecurity
from apportion.model.forms import VALUES, WHOLE, WORDS, one_or_many
from apportion.model.shape import Choice, Form, Key, Pattern

_VARIABLE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*")


def as_variable(text: str) -> str:
    """The name of an environment variable that holds a secret; raises ValueError."""
    if not _VARIABLE.fullmatch(text):
        raise ValueError("a secret doesn't belong in a file that others read")
    return text.removeprefix("env:")


SECRET = Pattern(
    "an environment variable",
    as_variable,
    {"type": "string", "pattern": f"^{_VARIABLE.pattern}$"},
    hint="write env:NAME, and set NAME where apportion runs",
)
_PAPER_FORMATS = one_or_many(
    Choice(("pdf", "xlsx", "html"), "a format of statements"), "a format or a list of formats"
)

MAIL = Form(
    "a mail server",
    {
        "server": Key(WORDS, "The server's name.", needed=True),
        "from": Key(WORDS, "The address that statements come from.", needed=True),
        "security": Key(
            Choice(tuple(one.value for one in MailSecurity), "a kind of security"),
            "tls, starttls or none; starttls when left out. none is for a server on this machine.",
        ),
        "port": Key(WHOLE, "Its port; 587, 465 for tls or 25 for none when left out."),
        "user": Key(WORDS, "The user to sign in as; nobody when left out."),
        "password": Key(SECRET, "Where the password lies: env:NAME."),
        "formats": Key(_PAPER_FORMATS, "What is attached: pdf, xlsx, html; pdf when left out."),
    },
)

WEBHOOK = Form(
    "a webhook",
    {
        "url": Key(WORDS, "The address that is called, with https.", needed=True),
        "secret": Key(SECRET, "Where the secret that signs lies: env:NAME.", needed=True),
        "formats": Key(_PAPER_FORMATS, "What is sent along: pdf, xlsx, html; pdf when left out."),
    },
)

DELIVERY = Form(
    "delivery",
    {
        "email": Key(MAIL, "The server that sends statements to the owners of teams."),
        "webhook": Key(WEBHOOK, "Who is told of each statement over the web."),
        "allow": Key(
            VALUES,
            "Private hosts, addresses and networks that the webhook may call, say 10.0.0.0/8.",
        ),
    },
)
