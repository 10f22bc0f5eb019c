"""The YAML form of `pull`: how a source is fetched from its provider."""

from __future__ import annotations

import re

from apportion.model import marked_yaml as y
from apportion.model.faults import Faults
from apportion.model.forms import NAMES, WORDS
from apportion.model.pull_spec import DAY, HOUR, INTERFACES, MINUTE
from apportion.model.shape import Choice, Form, Key, Pattern

_KEY = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:\S.*")


def as_key_place(text: str) -> str:
    """Where a key lies, ``env:NAME`` or ``file:PATH``; raises ValueError."""
    if not _KEY.fullmatch(text):
        raise ValueError("it doesn't begin with env: or file:")
    return text


class _KeyPlace(Pattern):
    """What is wrong may be the key itself: it is never repeated."""

    def check(self, node: y.Node, faults: Faults) -> bool:
        if isinstance(node, y.Scalar) and not node.missing and not _KEY.fullmatch(node.text):
            faults.add(
                node,
                "`key` says where the key lies, and is never the key itself",
                hint=self.hint,
            )
            return False
        return super().check(node, faults)


PULL = Form(
    "pull",
    {
        "api": Key(
            Choice(tuple(INTERFACES), "an interface that can be pulled"),
            f"The provider's interface: {', '.join(INTERFACES)}.",
            needed=True,
        ),
        "key": Key(
            _KeyPlace(
                "the place of a key",
                as_key_place,
                {"type": "string", "pattern": r"^(env:[A-Za-z_][A-Za-z0-9_]*|file:\S.*)$"},
                hint="write env:NAME for an environment variable, or file:PATH",
            ),
            "Where the key lies: env:NAME, or file:PATH (relative to the project).",
            needed=True,
        ),
        "endpoint": Key(WORDS, "URL of another server that speaks like the provider's."),
        "reports": Key(NAMES, "Which reports of the interface; all when left out."),
        "group_by": Key(NAMES, "What reports are grouped by; all that splits cost when left out."),
        "bucket": Key(
            Choice((MINUTE, HOUR, DAY), "the length of a bucket"),
            "How long a bucket is: 1m, 1h or 1d; 1d when left out.",
        ),
    },
)
