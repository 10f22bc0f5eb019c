"""The YAML form of an identity."""

from __future__ import annotations

from apportion.model.forms import BECAUSE, FROM, NAME, UNTIL, VALUES, WORDS
from apportion.model.identities import KINDS
from apportion.model.shape import Form, Key

_MEANT = {
    "run": "A run or job by its id.",
    "api_key": "An API key by its id (never the key itself), or the hash a gateway writes.",
    "service_account": "A service account.",
    "user": "A user, by the name or address that the source writes.",
    "namespace": "A Kubernetes namespace, or a queue of a cluster.",
    "service": "A service or deployment.",
    "project": "A provider's project.",
    "workspace": "A provider's workspace.",
    "account": "An account: of a cloud, or a cluster's (Slurm).",
    "label": "What the source itself calls a team, where it isn't the team's name.",
}

IDENTITY = Form(
    "an identity",
    {
        **{kind: Key(VALUES, text) for kind, text in _MEANT.items()},
        "attribute": Key(NAME, "An attribute of the record, say a label; with `value`."),
        "value": Key(VALUES, "For `attribute`: its value, or a list of values."),
        "file": Key(
            WORDS,
            "A CSV beside the model: kind, id, team (or pool), and optionally source, from, until.",
        ),
        "team": Key(NAME, "The team that it belongs to."),
        "pool": Key(NAME, "The pool that its use counts for: that of a shared service."),
        "source": Key(NAME, "The usage source whose identities are meant; all when left out."),
        "from": FROM,
        "until": UNTIL,
        "because": BECAUSE,
    },
    one_of=(*KINDS, "attribute", "file"),
)
