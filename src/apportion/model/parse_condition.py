"""The SQL behind a condition: from text to an allow-listed tree, every departure at its place."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError

from apportion.model.condition import ConditionFault, Parts, unseen, visible
from apportion.model.condition_tree import column_name, normal, take_apart
from apportion.model.faults import nearest

TEXT, NUMBER, TRUTH = "a text", "a number", "true or false"

FUNCTIONS: dict[type[exp.Expr], tuple[tuple[str, ...], tuple[str, ...], str]] = {
    # node: names it may be written by, kinds of its arguments in order, kind of its value
    exp.Lower: (("lower",), (TEXT,), TEXT),
    exp.Upper: (("upper",), (TEXT,), TEXT),
    exp.Trim: (("trim",), (TEXT,), TEXT),
    exp.Replace: (("replace",), (TEXT, TEXT, TEXT), TEXT),
    exp.Left: (("left",), (TEXT, NUMBER), TEXT),
    exp.Right: (("right",), (TEXT, NUMBER), TEXT),
    exp.Length: (("length",), (TEXT,), NUMBER),
    exp.Coalesce: (("coalesce",), (), TEXT),
    exp.Concat: (("concat",), (), TEXT),
    exp.StartsWith: (("starts_with",), (TEXT, TEXT), TRUTH),
    exp.EndsWith: (("ends_with",), (TEXT, TEXT), TRUTH),
    exp.Contains: (("contains",), (TEXT, TEXT), TRUTH),
    exp.RegexpLike: (("regexp_matches",), (TEXT, TEXT), TRUTH),
}
_EXAMPLE = "write it like ServiceName = 'AmazonEC2' AND tag.env IN ('prod', 'dr')"
NAMES = tuple(name for names, _, _ in FUNCTIONS.values() for name in names)

COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)
_SILENT: dict[type[exp.Expr], tuple[str, ...]] = {
    exp.Concat: ("safe", "coalesce"),
    exp.Like: ("negate",),
}
"""Arguments that the parser sets by itself."""

_UNPORTABLE = re.compile(r"\(\?[=!<]|\\[1-9]|\(\?P[=>]|[*+?}]\+")


def parse_condition(text: str) -> Parts:
    """Parse, check and take apart a condition; see :func:`apportion.model.condition.read_where`."""
    if not text.strip():
        raise ConditionFault("an empty condition", hint="write one, or leave `where` out")
    try:
        tree = parse_sql(text, "a condition", _EXAMPLE)
        reader = Checker(text)
        if (kind := reader.kind(tree)) != TRUTH:
            raise ConditionFault(
                f"this is {kind}, not a condition",
                reader.offset(tree),
                hint="compare it with something: ServiceName = 'AmazonEC2'",
            )
        return take_apart(normal(tree))
    except RecursionError:
        raise ConditionFault("nested too deeply", hint="use IN lists, or several rules") from None


def parse_sql(text: str, what_it_is: str, example: str) -> exp.Expr:
    """The tree of one SQL expression; raises ConditionFault with the place where it is none."""
    try:
        return sqlglot.parse_one(text, into=exp.Condition, dialect="duckdb")
    except TokenError:
        at = max(text.rfind("'"), text.rfind('"'), 0)
        raise ConditionFault(
            "a quote isn't closed", at, hint="close it; '' within a text is one quote"
        ) from None
    except ParseError as error:
        fault = error.errors[0] if error.errors else {}
        lines = text.split("\n")
        before = sum(len(line) + 1 for line in lines[: fault.get("line", 1) - 1])
        shown = fault.get("highlight") or ""
        at = min(max(0, before + fault.get("col", 1) - len(shown)), len(text) - 1)
        what = str(fault.get("description") or "").split(" for <class")[0] or "can't be parsed"
        raise ConditionFault(
            f"not {what_it_is}: {what[0].lower()}{what[1:]}" + (f" at {shown!r}" if shown else ""),
            at,
            hint=example,
        ) from None


class Checker:
    """Walks a tree and says of what kind each node's value is, or what is not allowed."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.checks: dict[tuple[type, ...], Callable[[Any], str]] = {
            (exp.Paren,): lambda node: self.kind(node.this),
            (exp.And, exp.Or, exp.Not): self.connected,
            (*COMPARISONS, exp.Between): self.compared,
            (exp.In,): self.listed,
            (exp.Like,): self.like,
            (exp.Is,): self.null,
        }

    def offset(self, node: exp.Expr) -> int:
        """The first character of a node, as far as the parser kept it."""
        starts = [part.meta["start"] for part in node.walk() if "start" in part.meta]
        return min(starts, default=0)

    def refuse(self, node: exp.Expr, what: str, hint: str = "", why: str = "") -> ConditionFault:
        return ConditionFault(what, self.offset(node), why=why, hint=hint)

    def kind(self, node: exp.Expr) -> str:
        """Of what kind the node's value is; raises ConditionFault where it is not allowed."""
        if not isinstance(node, (exp.Paren, exp.Connector, exp.Not)):
            self.only_known_arguments(node)
        check = next((c for types, c in self.checks.items() if isinstance(node, types)), self.value)
        return check(node)

    def connected(self, node: exp.Expr) -> str:
        parts = [node.this] if isinstance(node, exp.Not) else list(node.flatten())
        for part in parts:
            self.expect(part, TRUTH)
        return TRUTH

    def like(self, node: exp.Expr) -> str:
        self.expect(node.this, TEXT)
        self.pattern(node)
        return TRUTH

    def compared(self, node: exp.Expr) -> str:
        sides = (node.this, node.expression, node.args.get("low"), node.args.get("high"))
        return self.alike(node, [side for side in sides if side is not None])

    def value(self, node: exp.Expr) -> str:
        if isinstance(node, (exp.Column, exp.Bracket)):
            return self.column(node)
        if isinstance(node, exp.Literal):
            return TEXT if node.is_string else self.number(node)
        if type(node) in FUNCTIONS:
            return self.function(node)
        raise self.not_allowed(node)

    def only_known_arguments(self, node: exp.Expr) -> None:
        if isinstance(node, (exp.Func, exp.Like)):
            silent = next((given for kind, given in _SILENT.items() if isinstance(node, kind)), ())
            known = {
                "this",
                "expression",
                "expressions",
                "replacement",
                *silent,
            }
            extra = [name for name, given in node.args.items() if given and name not in known]
            if isinstance(node, exp.Trim) and node.args.get("expression"):
                extra.append("expression")
            if extra:
                raise self.refuse(node, f"{self.written(node)} with this option is not allowed")

    def written(self, node: exp.Expr) -> str:
        """The function's name as it stands in the text."""
        meta = node.meta
        if "start" in meta:
            return self.text[meta["start"] : meta["end"] + 1]
        return node.sql_name().lower() if isinstance(node, exp.Func) else node.key

    def function(self, node: exp.Expr) -> str:
        names, kinds, value = FUNCTIONS[type(node)]
        if self.written(node).lower() not in names or (
            "start" not in node.meta and not isinstance(node, exp.Trim)
        ):
            raise self.not_allowed(node)
        given = [node.this] if node.this is not None else []
        given += [
            node.args[n] for n in ("expression", "replacement") if node.args.get(n) is not None
        ]
        given += node.expressions
        for argument, kind in zip(given, kinds or (TEXT,) * len(given), strict=False):
            self.expect(argument, kind)
        if kinds and len(given) != len(kinds):
            raise self.refuse(node, f"{names[0]} takes {len(kinds)} arguments")
        if isinstance(node, exp.RegexpLike):
            self.pattern(node)
        if isinstance(node, (exp.Left, exp.Right)) and not isinstance(node.expression, exp.Literal):
            raise self.refuse(node, f"{names[0]} takes a number written out")
        return value

    def pattern(self, node: exp.Expr) -> None:
        """A pattern must be written out, so that it can be checked before it meets a bill."""
        pattern = node.expression
        if not isinstance(pattern, exp.Literal) or not pattern.is_string:
            raise self.refuse(node, "a pattern must be a text written out, in single quotes")
        if isinstance(node, exp.RegexpLike):
            if _UNPORTABLE.search(pattern.this):
                raise self.refuse(
                    pattern,
                    "the pattern looks around or back",
                    why="engines don't agree on that",
                    hint="use several plainer patterns joined by AND or OR",
                )
            if fault := _pattern_fault(pattern.this):
                raise self.refuse(
                    pattern,
                    f"the pattern can't be read: {fault}",
                    hint="write it as RE2 does, which matches in linear time",
                )

    def listed(self, node: exp.In) -> str:
        if not node.expressions:
            raise self.refuse(node, "IN needs a list of texts", hint="write IN ('a', 'b')")
        for item in node.expressions:
            if not isinstance(item, exp.Literal):
                raise self.refuse(item, "an IN list holds texts only", hint="write IN ('a', 'b')")
        return self.alike(node, [node.this, *node.expressions])

    def null(self, node: exp.Is) -> str:
        if not isinstance(node.expression, exp.Null):
            raise self.refuse(node, "IS is allowed with NULL only", hint="IS NULL or IS NOT NULL")
        self.expect(node.this, TEXT)
        return TRUTH

    def alike(self, node: exp.Expr, parts: list[exp.Expr]) -> str:
        kinds = [self.kind(part) for part in parts]
        if TRUTH in kinds:
            raise self.refuse(
                node, "a condition can't be compared", hint="join conditions by AND, OR"
            )
        for part, kind in zip(parts, kinds, strict=True):
            if kind != kinds[0]:
                number = part if kind == NUMBER else parts[0]
                written = number.sql("duckdb")
                raise self.refuse(
                    number,
                    f"a text is compared with the number {written}",
                    hint=f"quote it: '{written}'" if isinstance(number, exp.Literal) else "",
                )
        return TRUTH

    def expect(self, node: exp.Expr, kind: str) -> None:
        if (found := self.kind(node)) != kind:
            shown = node.sql("duckdb")[:40]
            raise self.refuse(node, f"{shown} is {found}; {kind} is expected here")

    def number(self, node: exp.Literal) -> str:
        if not node.this.isdigit():
            raise self.refuse(node, f"{node.this} is not a whole number")
        return NUMBER

    def column(self, node: exp.Expr) -> str:
        name = column_name(node)
        if name is None:
            raise self.refuse(node, f"{node.sql('duckdb')} names no column", hint=_TAG_HINT)
        if not visible(name):
            fault = unseen(name)
            if isinstance(node, exp.Column) and node.this.quoted and not node.table:
                fault.hint = f"a text stands in single quotes: '{name}'"
            fault.offset = self.offset(node)
            raise fault
        return TEXT

    def not_allowed(self, node: exp.Expr) -> ConditionFault:
        if isinstance(node, exp.Sub) and column_name(node.this or node) is not None:
            return self.refuse(node, "a minus is not allowed", hint=_TAG_HINT)
        if isinstance(node, exp.Func) and "start" in node.meta:
            name = self.written(node)
            close = nearest(name, NAMES)
            hint = f"did you mean {close}?" if close else f"allowed: {', '.join(NAMES)}"
            return self.refuse(node, f"the function {name} is not allowed", hint=hint)
        shown = node.sql("duckdb")[:40]
        return self.refuse(node, f"{shown} is not allowed in a condition", hint=_ALLOWED)


_TAG_HINT = "a tag with an odd key is written tag['the key']"
_ALLOWED = (
    "allowed: = <> < <= > >= IN, BETWEEN, LIKE, IS NULL, AND, OR, NOT, texts in single quotes, "
    f"and the functions {', '.join(NAMES)}"
)


def _pattern_fault(pattern: str) -> str:
    """Why RE2, the engine's own kind of patterns, can't read one; empty where it can."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        re.compile(pattern)
        pc.match_substring_regex(pa.array([""]), pattern)
    except (re.error, pa.ArrowInvalid, RecursionError, OverflowError) as fault:
        return str(fault).splitlines()[0].removeprefix("Invalid regular expression: ")
    return ""
