"""Names of people: which look alike, and which can be nobody's.

Source: Unicode Technical Standard 39 (confusables and mixed scripts); UAX 15 (NFKC).
"""

from __future__ import annotations

import re
import unicodedata

PSEUDONYM = re.compile(r"person-[0-9a-f]{32}")
"""What the books call somebody; nobody acts under it."""

_EAST_ASIAN = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "LATIN"})
"""Scripts that names of one language mix."""


def folded(name: str) -> str:
    r"""What a name is compared by: however it is typed, it is one person's.

    >>> folded("Zoe\u0308") == folded("zo\u00eb"), folded("eve") == folded("ann")
    (True, False)
    """
    plain = unicodedata.normalize("NFKC", name).casefold()
    return unicodedata.normalize("NFKC", plain).strip()


def look_alike(name: str, other: str) -> bool:
    """Whether two names differ, but only in how they are typed.

    >>> look_alike("eve", "Eve"), look_alike("eve", "eve")
    (True, False)
    """
    return name != other and folded(name) == folded(other)


def is_pseudonym(name: str) -> bool:
    """Whether a name is what the books call somebody.

    >>> is_pseudonym("person-" + "0" * 32), is_pseudonym("person-7")
    (True, False)
    """
    return PSEUDONYM.fullmatch(folded(name)) is not None


def mixes_scripts(name: str) -> bool:
    r"""Whether letters of a name are of several scripts, so that it reads like another.

    >>> mixes_scripts("\u0435ve"), mixes_scripts("zo\u00eb")
    (True, False)
    """
    letters = (one for one in unicodedata.normalize("NFKC", name) if one.isalpha())
    scripts = {unicodedata.name(one, "UNKNOWN").split()[0] for one in letters}
    return len(scripts) > 1 and not scripts <= _EAST_ASIAN
