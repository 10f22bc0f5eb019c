"""The YAML forms of policies of governance."""

from __future__ import annotations

from apportion.domain.owner import Evidence
from apportion.model.forms import DAY, FROM, NAME, PART, UNTIL, VALUE, WHOLE, WORDS
from apportion.model.governance import Check
from apportion.model.shape import Choice, Form, Items, Key, Table

TAG_EXEMPTION = Form(
    "an exemption from tags",
    {
        "account": Key(VALUE, "The sub-account (SubAccountId) whose charges are left out."),
        "service": Key(VALUE, "The service (ServiceName) whose charges are left out."),
        "team": Key(NAME, "The team whose charges are left out."),
        "until": Key(DAY, "The day on which it ends. It can be prolonged.", needed=True),
        "because": Key(WORDS, "Why.", needed=True),
    },
    one_of=("account", "service", "team"),
)

GOVERNANCE = Form(
    "a policy of governance",
    {
        "name": Key(NAME, "Its name, unique in the section.", needed=True),
        "check": Key(
            Choice(tuple(one.value for one in Check), "something to check"),
            "tags, coverage, idle, weak_evidence, exemptions, review or reasons.",
            needed=True,
        ),
        "at_least": Key(PART, "For tags and coverage: the least percentage."),
        "at_most": Key(PART, "For idle and weak_evidence: the highest percentage."),
        "tags": Key(
            Table(NAME, Items(VALUE, "a list of values", empty=True), blank=True),
            "For tags: the required keys, and the values allowed (any where none are listed); the "
            "required tags of the section `tags` when left out.",
        ),
        "exempt": Key(Items(TAG_EXEMPTION), "For tags: charges that are left out, until a day."),
        "least_evidence": Key(
            Choice(tuple(one.value for one in Evidence if one is not Evidence.NONE), "a strength"),
            "For weak_evidence: what isn't weak: tagged, mapped or manual; manual when left out.",
        ),
        "months": Key(
            WHOLE,
            "For review: how old the last review may be; 3 when left out. For exemptions: how long "
            "one may last; as long as it says when left out.",
        ),
        "warn_days": Key(
            WHOLE, "For exemptions: so many days before its end one is told of; 30 when left out."
        ),
        "level": Key(
            Choice(("error", "warning"), "a level"),
            "error (when left out) makes `apportion policy check` fail; warning tells.",
        ),
        "from": FROM,
        "until": UNTIL,
        "because": Key(WORDS, "Why this is demanded: a decision, a regulation.", needed=True),
        "owner": Key(WORDS, "Who answers for it, say a mail address.", needed=True),
    },
)
