"""Names that a model declares, and names that it uses: each must meet the other."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from apportion.errors import Place
from apportion.model import marked_yaml as y
from apportion.model.faults import Faults, Placed, did_you_mean

RESERVED = frozenset({"unallocated"})
"""Names that statements use for something else."""


class Names:
    """The declared names of one kind of thing: teams, pools, drivers, rules."""

    def __init__(self, kind: str, declare_in: str = "") -> None:
        self.kind = kind
        self.declare_in = declare_in
        self.places: dict[str, Place] = {}
        self.others: dict[str, str] = {}
        """Names that are something else, and what they are."""

    def declare(self, name: str, at: Placed, faults: Faults) -> None:
        """Take a name in; a second one of the same is a fault that names both places."""
        if name in RESERVED:
            faults.add(
                at, f"{name!r} is what nobody owns", hint=f"call the {self.kind} something else"
            )
        if before := self.places.get(name):
            faults.add(
                at,
                f"two {self.kind}s are called {name!r}",
                why=f"the other is at {before}",
                hint="give each a name of its own",
            )
            return
        self.places[name] = at.place

    def knows(self, name: str, at: Placed | Place, faults: Faults) -> bool:
        """Whether a name is declared; one that isn't is a fault with the nearest that is."""
        if name in self.places:
            return True
        faults.add(
            at,
            f"no {self.kind} is called {name!r}",
            why=self.others.get(name) or _odd_letters(name),
            hint=did_you_mean(name, self.places, self.declare_in),
        )
        return False

    def know(self, nodes: Iterable[y.Scalar], faults: Faults) -> bool:
        """Whether all names are declared."""
        known = [self.knows(node.text, node, faults) for node in nodes]
        return all(known)

    def __contains__(self, name: str) -> bool:
        return name in self.places


def scripts(name: str) -> frozenset[str]:
    r"""The alphabets of a name's letters, as far as their letters look like one another's.

    >>> sorted(scripts("nl\N{CYRILLIC SMALL LETTER ER}"))
    ['CYRILLIC', 'LATIN']
    """
    if name.isascii():
        return frozenset({"LATIN"})
    letters = (char for char in name if char.isalpha())
    return _ALIKE & {unicodedata.name(char, "UNKNOWN").split(" ")[0] for char in letters}


_ALIKE = frozenset({"ARMENIAN", "CYRILLIC", "FULLWIDTH", "GREEK", "LATIN", "MATHEMATICAL"})


def _odd_letters(name: str) -> str:
    found = scripts(name)
    return (
        f"its letters are of several scripts: {', '.join(sorted(found))}" if len(found) > 1 else ""
    )


def look(name: str) -> str:
    r"""What a name looks like: without case, width, ligatures, and look-alike letters.

    >>> look("NLP") == look("nl\N{CYRILLIC SMALL LETTER ER}")
    True
    """
    plain = unicodedata.normalize("NFKC", name).casefold()
    return (
        "".join(_LOOKALIKES.get(char, char) for char in plain).replace("_", "-").replace(" ", "-")
    )


_LOOKALIKES = dict(zip("аеорсухіјѕһԁԛԝαοριντυκ", "aeopcyxijshdqwaopivtuk", strict=True))
"""Cyrillic and Greek letters that are drawn like Latin ones."""
