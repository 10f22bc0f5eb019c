"""What a pattern means: the same on every engine, and tested in the cheapest way that says it.

LIKE differs between engines (escapes) and a general regex is slow, so a pattern
becomes a plain comparison where it can: equal, begins with, ends with,
contains. Only the rest becomes an anchored regex, of the syntax that RE2,
Rust's and Java's engines share.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache

from sqlglot import exp

from apportion.store.relation import number, text


class Wild(Enum):
    """A part of a pattern that isn't text: any text, or any one character."""

    ANY = auto()
    ONE = auto()


class Form(Enum):
    """How much of a value a pattern fixes."""

    EXACT = auto()
    PREFIX = auto()
    SUFFIX = auto()
    CONTAINS = auto()
    GENERAL = auto()


Token = str | Wild

_META = re.compile(r"[\\.+*?()|\[\]{}^$]")


@dataclass(frozen=True)
class Glob:
    """A pattern over a whole value, case-sensitive.

    `literal` is the text that the form fixes; for a general pattern it is the
    longest text that every match contains, maybe empty.
    """

    tokens: tuple[Token, ...]
    form: Form
    literal: str

    def test(self, value: exp.Expr) -> exp.Expr:
        """The condition that a value matches; NULL for a value that is NULL."""
        if self.form is Form.EXACT:
            return exp.EQ(this=value, expression=text(self.literal))
        if self.form is Form.PREFIX:
            return exp.StartsWith(this=value, expression=text(self.literal))
        if self.form is Form.SUFFIX:
            return exp.EndsWith(this=value, expression=text(self.literal))
        if self.form is Form.CONTAINS:
            return exp.Contains(this=value, expression=text(self.literal))
        return exp.paren(exp.and_(*self._hints(value), self._whole(value)))

    def _hints(self, value: exp.Expr) -> Iterator[exp.Expr]:
        """What every match has, and what is a tenth of the work of a regex to see."""
        first, last = self.tokens[0], self.tokens[-1]
        if isinstance(first, str):
            yield exp.StartsWith(this=value.copy(), expression=text(first))
        if isinstance(last, str):
            yield exp.EndsWith(this=value.copy(), expression=text(last))
        if self.literal not in {"", first, last}:
            yield exp.Contains(this=value.copy(), expression=text(self.literal))

    def _whole(self, value: exp.Expr) -> exp.Expr:
        match self.tokens:
            case (str() as first, Wild.ANY, str() as last):
                length = exp.Length(this=value.copy())
                return exp.GTE(this=length, expression=number(len(first) + len(last)))
        return exp.RegexpLike(this=value.copy(), expression=text(self.regex))

    @property
    def regex(self) -> str:
        r"""The pattern as a regex over the whole value.

        >>> print(glob("nlp-?-*.gz").regex)
        (?s)\Anlp-.-.*\.gz\z
        """
        parts = {Wild.ANY: ".*", Wild.ONE: "."}
        body = "".join(escaped(t) if isinstance(t, str) else parts[t] for t in self.tokens)
        return rf"(?s)\A{body}\z"


@lru_cache(maxsize=65536)
def glob(pattern: str) -> Glob:
    """Read a glob: ``*`` is any text, ``?`` one character, everything else itself.

    >>> glob("nlp-*").form, glob("*nlp*").literal, glob("a[1]").form
    (<Form.PREFIX: 2>, 'nlp', <Form.EXACT: 1>)
    """
    wild = {"*": Wild.ANY, "?": Wild.ONE}
    return _of(wild.get(letter, letter) for letter in pattern)


@lru_cache(maxsize=4096)
def like(pattern: str) -> Glob:
    """Read a LIKE pattern: ``%`` is any text, ``_`` one character; there is no escape.

    >>> like("a%b_*").tokens
    ('a', <Wild.ANY: 1>, 'b', <Wild.ONE: 2>, '*')
    """
    wild = {"%": Wild.ANY, "_": Wild.ONE}
    return _of(wild.get(letter, letter) for letter in pattern)


def escaped(literal: str) -> str:
    """A text as a regex that matches it and nothing else."""
    return _META.sub(lambda found: "\\" + found[0], literal)


def _of(letters: Iterable[Token]) -> Glob:
    tokens = tuple(_joined(letters))
    texts = [token for token in tokens if isinstance(token, str)]
    literal = max(texts, key=len, default="")
    return Glob(tokens, _form(tokens), literal)


def _joined(letters: Iterable[Token]) -> Iterator[Token]:
    """Neighbouring letters as one text, and a run of ``*`` as one."""
    held = ""
    last: Token = ""
    for letter in letters:
        if isinstance(letter, str):
            held += letter
        else:
            if held:
                yield held
            held = ""
            if not (letter is Wild.ANY and last is Wild.ANY):
                yield letter
        last = letter
    if held:
        yield held


def _form(tokens: tuple[Token, ...]) -> Form:
    match tokens:
        case () | (str(),):
            return Form.EXACT
        case (Wild.ANY,) | (str(), Wild.ANY):
            return Form.PREFIX
        case (Wild.ANY, str()):
            return Form.SUFFIX
        case (Wild.ANY, str(), Wild.ANY):
            return Form.CONTAINS
        case _:
            return Form.GENERAL
