"""The key of an interface: read where it is used, sent in a header, shown nowhere."""

from __future__ import annotations

import os
import re
from pathlib import Path

from apportion.errors import ConfigurationError
from apportion.model.pull_spec import PullSpec

_SOUND = re.compile(r"[\x21-\x7e]{1,4096}")
_LIKE_A_KEY = re.compile(r"\b(?:sk|pk|rk)-[\w-]{4,}[\w*.-]*")
HIDDEN = "[key]"


def read_key(pull: PullSpec, root: Path) -> str:
    """The key, from the environment or a file; raises ConfigurationError where there is none."""
    kind, _, place = pull.key.partition(":")
    if kind == "env":
        text = os.environ.get(place, "")
        what, hint = f"the environment variable {place!r} is not set", f"set {place} to the key"
    else:
        path = root / Path(place).expanduser()
        text = _content(path, pull)
        what, hint = f"the file {place} is empty", "write the key into it, and nothing else"
    key = text.strip()
    if not key:
        raise ConfigurationError(what, place=pull.place, hint=hint)
    if not _SOUND.fullmatch(key):
        raise ConfigurationError(
            f"what {pull.key} holds is no key",
            place=pull.place,
            why="a key is one word of visible letters",
            hint="it may hold several lines or words: leave the key alone in it",
        )
    return key


def _content(path: Path, pull: PullSpec) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        why = fault.strerror if isinstance(fault, OSError) else "it is no text"
        raise ConfigurationError(
            f"the key's file {pull.key.removeprefix('file:')} can't be read",
            place=pull.place,
            why=why or "",
            hint="write the key into it, readable for you alone",
        ) from None


def without_key(text: str, key: str) -> str:
    """A text that a server wrote, without the key and what looks like one.

    >>> without_key("Incorrect API key provided: sk-adm-abc1*****9", "sk-adm-abc12345679")
    'Incorrect API key provided: [key]'
    """
    return _LIKE_A_KEY.sub(HIDDEN, text.replace(key, HIDDEN))
