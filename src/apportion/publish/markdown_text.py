"""Texts of a model in Markdown, where they must be nothing but text."""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~#@&$])")
_LINKING = re.compile(r"[@#&]|://|www\.|\bgh-\d|\b[0-9a-f]{7,40}\b", re.IGNORECASE)
"""Mentions, numbers of issues, addresses and commits: forges link them wherever text may stand."""


def escaped(text: str) -> str:
    r"""A text as plain text in Markdown: no mark-up, no link, no mention of anybody.

    What a forge would link or send a notice for stands as code, where it links nothing; a
    backslash before the sign or an entity in its place doesn't keep it from that.

    >>> escaped("a|b <img> *c*")
    'a\\|b \\<img\\> \\*c\\*'
    >>> escaped("as @ann said|see #12")
    '`as @ann said`\\|`see #12`'
    """
    shown = "".join(
        char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in _line(text)
    )
    if not _LINKING.search(shown):
        return _SPECIAL.sub(r"\\\1", shown)
    return "\\|".join(_code(part) if part else "" for part in shown.split("|"))


def _line(text: str) -> str:
    return " ".join(text.split())


def _code(text: str) -> str:
    """A code span: its fence is longer than any in the text, and it isn't taken for part of it."""
    runs = re.findall("`+", text)
    fence = "`" * (max(map(len, runs), default=0) + 1)
    space = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{fence}{space}{text}{space}{fence}"
