"""Which objects of a bucket a source's address chooses: one, those below a prefix, or by a glob."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

_GLOB = re.compile(r"[*?\[]")


@dataclass(frozen=True)
class Choice:
    """A bucket, and a pattern over the keys of its objects; an empty one chooses all.

    >>> bills = Choice.of("bills/aws/*/data.csv")
    >>> bills.prefix, bills.has("aws/2026-10/data.csv"), bills.has("aws/data.csv")
    ('aws', True, False)
    """

    bucket: str
    pattern: str

    @classmethod
    def of(cls, rest: str) -> Choice:
        """From what follows the scheme of an address."""
        bucket, _, pattern = rest.partition("/")
        return cls(bucket, pattern.strip("/"))

    @property
    def prefix(self) -> str:
        """The folder that all chosen objects lie in, or the one object that is meant."""
        parts = self._parts()
        fixed = next((n for n, part in enumerate(parts) if _GLOB.search(part)), len(parts))
        return "/".join(parts[:fixed])

    def has(self, key: str) -> bool:
        """Whether an object is chosen: it, or a folder that it lies in, matches the pattern."""
        if not self.pattern or key == self.pattern or key.startswith(f"{self.pattern}/"):
            return True
        return _matches(key.split("/"), self._parts())

    def _parts(self) -> list[str]:
        return self.pattern.split("/") if self.pattern else []


def _matches(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    if not pattern:
        return True
    if pattern[0] == "**" and _matches(parts, pattern[1:]):
        return True
    if not parts:
        return False
    if pattern[0] == "**":
        return _matches(parts[1:], pattern)
    return fnmatchcase(parts[0], pattern[0]) and _matches(parts[1:], pattern[1:])
