"""The SQL of a formula: from text to an allow-listed tree in which every reading is a call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from sqlglot import exp

from apportion.domain.money import SCALE, AmountFault, parse_amount
from apportion.model.condition import ConditionFault
from apportion.model.faults import nearest
from apportion.model.formula import (
    AS_AMOUNT,
    AS_TEXT,
    AS_TIME,
    DIFFERENCE,
    NOTHING,
    NUMBER,
    PRODUCT,
    QUOTIENT,
    ROUNDED,
    SUM,
    TEXT,
    TIME,
    TRUTH,
)
from apportion.model.formula_functions import FUNCTIONS, NAMES, WHOLE, WRITTEN
from apportion.model.parse_condition import COMPARISONS, Checker, parse_sql

_ARITHMETIC: dict[type[exp.Expr], str] = {
    exp.Add: SUM,
    exp.Sub: DIFFERENCE,
    exp.Mul: PRODUCT,
}

Read = tuple[str, exp.Expr]
"""The kind of a node's value, and the node made anew."""

_EXAMPLE = "write it like seats * price, 'a text', or CASE WHEN plan = 'pro' THEN 20 ELSE 10 END"
_ALLOWED = (
    "allowed: + - * /, ||, CASE, comparisons, IN, BETWEEN, LIKE, IS NULL, AND, OR, NOT, "
    f"and the functions {', '.join(NAMES)}"
)


class FormulaReader:
    """Reads one formula. `columns` are the offsets of the columns met; `numbers` see Formula."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.columns: dict[str, int] = {}
        self.numbers: list[str] = []
        self._checker = Checker(text)
        self._readers: list[tuple[tuple[type, ...], Callable[[Any], Read]]] = [
            ((exp.Paren,), self._paren),
            ((exp.Column, exp.Bracket, exp.Dot), self._column),
            ((exp.Literal,), self._literal),
            ((exp.Null,), lambda node: (NOTHING, exp.null())),
            ((exp.Add, exp.Sub, exp.Mul, exp.Neg), self._arithmetic),
            ((exp.Div,), self._division),
            ((exp.Round,), self._round),
            ((exp.DPipe,), self._joined),
            ((exp.Case,), self._case),
            ((exp.Coalesce,), self._coalesce),
            ((exp.StrToTime,), self._time),
            ((exp.JSONExtractScalar,), self._json),
            ((exp.And, exp.Or, exp.Not), self._connected),
            ((*COMPARISONS, exp.Between, exp.In), self._compared),
            ((exp.Is,), self._null),
            (tuple(FUNCTIONS), self._function),
        ]

    def read(self, kind: str | None = None) -> Read:
        """The formula's kind and tree, of the kind asked for; raises ConditionFault."""
        if not self.text.strip():
            raise ConditionFault("an empty formula", hint=_EXAMPLE)
        try:
            tree = parse_sql(self.text, "a formula", _EXAMPLE)
            found, made = self.of(tree)
            if kind is None or found == NOTHING:
                return found, made
            return kind, self._as(tree, found, made, kind)
        except RecursionError:
            raise ConditionFault("nested too deeply", hint="split it over several") from None

    def of(self, node: exp.Expr) -> Read:
        """The kind of any node, and the node made anew."""
        # by the very type: a function of another name may be a kind of one that is allowed
        reader = next((r for types, r in self._readers if type(node) in types), None)
        if reader is None:
            raise self._not_allowed(node)
        return reader(node)

    def as_kind(self, node: exp.Expr, kind: str) -> exp.Expr:
        """A node made anew as a value of a kind."""
        if kind in {WHOLE, WRITTEN}:
            return self._written_out(node, kind)
        found, made = self.of(node)
        return self._as(node, found, made, kind)

    def _as(self, node: exp.Expr, found: str, made: exp.Expr, kind: str) -> exp.Expr:
        if found in {kind, NOTHING}:
            return made
        if found == TEXT and kind in {NUMBER, TIME}:
            if kind == NUMBER:
                self.numbers += [part.name for part in made.find_all(exp.Column)]
            return call(AS_AMOUNT if kind == NUMBER else AS_TIME, made)
        if found == NUMBER and kind == TEXT:
            return call(AS_TEXT, made)
        shown = node.sql("duckdb")[:40]
        hint = "conditions stand within CASE WHEN" if found == TRUTH else _EXAMPLE
        raise self._refuse(node, f"{shown} is {found}; {kind} is expected here", hint)

    def _refuse(self, node: exp.Expr, what: str, hint: str = "", why: str = "") -> ConditionFault:
        return self._checker.refuse(node, what, hint, why)

    def _paren(self, node: exp.Paren) -> Read:
        kind, made = self.of(node.this)
        return kind, exp.paren(made)

    def _column(self, node: exp.Expr) -> Read:
        if (
            not isinstance(node, exp.Column)
            or node.table
            or not isinstance(node.this, exp.Identifier)
        ):
            shown = node.sql("duckdb")
            hint = f'a column with an odd name stands in double quotes: "{shown}"'
            raise self._refuse(node, f"{shown} names no column", hint=hint)
        self.columns.setdefault(node.name, self._checker.offset(node))
        return TEXT, exp.column(node.name, quoted=True)

    def _literal(self, node: exp.Literal) -> Read:
        if node.is_string:
            return TEXT, exp.Literal.string(node.this)
        try:
            value = parse_amount(node.this)
        except AmountFault as fault:
            raise self._refuse(node, f"{node.this} can't be held exactly", why=str(fault)) from None
        return NUMBER, _number(format(value, "f"))

    def _arithmetic(self, node: exp.Expr) -> Read:
        if isinstance(node, exp.Neg):
            return NUMBER, call(PRODUCT, self.as_kind(node.this, NUMBER), _number("-1"))
        name = _ARITHMETIC[type(node)]
        sides = (self.as_kind(side, NUMBER) for side in (node.this, node.expression))
        return NUMBER, call(name, *sides)

    def _division(self, node: exp.Div) -> Read:
        """By a number that has a finite reciprocal; a quotient of columns needs `round`."""
        by = node.expression.unnest()
        reciprocal = _reciprocal(by.this) if isinstance(by, exp.Literal) else None
        if reciprocal is None:
            shown = node.sql("duckdb")[:40]
            raise self._refuse(
                node,
                f"the quotient {shown} may have no end",
                why="money is never rounded unless the formula says so",
                hint=f"say to how many places: round({shown}, 2), with `round` next to it",
            )
        return NUMBER, call(PRODUCT, self.as_kind(node.this, NUMBER), _number(reciprocal))

    def _round(self, node: exp.Round) -> Read:
        places = node.args.get("decimals")
        if places is None or node.args.get("truncate"):
            raise self._refuse(node, "round takes a number and its places", hint="round(x, 2)")
        written = self._written_out(places, WHOLE)
        if int(written.this) > SCALE:
            raise self._refuse(node, f"at most {SCALE} places are kept", "round(x, 2)")
        inner = node.this.unnest()
        if isinstance(inner, exp.Div):
            sides = (self.as_kind(side, NUMBER) for side in (inner.this, inner.expression))
            return NUMBER, call(QUOTIENT, *sides, written)
        return NUMBER, call(ROUNDED, self.as_kind(inner, NUMBER), written)

    def _joined(self, node: exp.DPipe) -> Read:
        sides = (self.as_kind(side, TEXT) for side in (node.this, node.expression))
        left, right = sides
        return TEXT, exp.DPipe(this=left, expression=right, safe=True)

    def _alike(self, nodes: Sequence[exp.Expr]) -> tuple[str, list[exp.Expr]]:
        """Several values as ones of one kind: numbers if any is one, else times, else texts."""
        read = [self.of(node) for node in nodes]
        kinds = {kind for kind, _ in read} - {NOTHING}
        if TRUTH in kinds:
            raise self._refuse(nodes[0], "a condition is no value", hint="use it within CASE WHEN")
        kind = next((one for one in (NUMBER, TIME, TEXT) if one in kinds), NOTHING)
        made = [self._as(n, k, m, kind) for n, (k, m) in zip(nodes, read, strict=True)]
        return kind, made

    def _coalesce(self, node: exp.Coalesce) -> Read:
        kind, made = self._alike([node.this, *node.expressions])
        return kind, exp.Coalesce(this=made[0], expressions=made[1:])

    def _case(self, node: exp.Case) -> Read:
        if node.this is not None:
            raise self._refuse(node, "CASE needs a condition after WHEN", hint=_EXAMPLE)
        ifs = node.args["ifs"]
        conditions = [self.as_kind(one.this, TRUTH) for one in ifs]
        default = node.args.get("default") or exp.null()
        kind, values = self._alike([*(one.args["true"] for one in ifs), default])
        branches = [
            exp.If(this=condition, true=value)
            for condition, value in zip(conditions, values, strict=False)
        ]
        return kind, exp.Case(ifs=branches, default=values[-1])

    def _time(self, node: exp.StrToTime) -> Read:
        form = self._written_out(node.args["format"], WRITTEN)
        return TIME, call("try_strptime", self.as_kind(node.this, TEXT), form)

    def _json(self, node: exp.JSONExtractScalar) -> Read:
        path = node.expression
        parts = path.expressions if isinstance(path, exp.JSONPath) else ()
        keys = [part.this for part in parts[1:] if isinstance(part, exp.JSONPathKey)]
        is_plain = len(keys) == len(parts) - 1 and all(isinstance(key, str) for key in keys)
        if not keys or not is_plain:
            raise self._refuse(node, "a path of keys is expected", hint="column ->> '$.key.inner'")
        steps = ".".join('"' + key.replace('"', "") + '"' for key in keys)
        where = exp.Literal.string(f"$.{steps}")
        return TEXT, call("json_extract_string", self.as_kind(node.this, TEXT), where)

    def _connected(self, node: exp.Expr) -> Read:
        made = node.copy()
        for key in ("this", "expression"):
            if (part := node.args.get(key)) is not None:
                made.set(key, self.as_kind(part, TRUTH))
        return TRUTH, made

    def _compared(self, node: exp.Expr) -> Read:
        keys = [key for key in ("this", "expression", "low", "high") if node.args.get(key)]
        listed = list(node.expressions)
        if isinstance(node, exp.In) and not listed:
            raise self._refuse(node, "IN needs a list", hint="write IN ('a', 'b')")
        kind, made = self._alike([*(node.args[key] for key in keys), *listed])
        is_order = isinstance(node, exp.LT | exp.LTE | exp.GT | exp.GTE | exp.Between)
        if kind == TEXT and is_order and not any(isinstance(m, exp.Literal) for m in made):
            shown = node.sql("duckdb")[:40]
            raise self._refuse(
                node,
                f"{shown} would compare texts letter by letter",
                hint="compare their difference with 0, where they are numbers: a - b > 0",
            )
        anew = node.copy()
        for key, part in zip(keys, made, strict=False):
            anew.set(key, part)
        if listed:
            anew.set("expressions", made[len(keys) :])
        return TRUTH, anew

    def _null(self, node: exp.Is) -> Read:
        if not isinstance(node.expression, exp.Null):
            raise self._refuse(node, "IS is allowed with NULL only", hint="IS NULL or IS NOT NULL")
        return TRUTH, exp.Is(this=self.of(node.this)[1], expression=exp.null())

    def _function(self, node: exp.Expr) -> Read:
        known = FUNCTIONS[type(node)]
        is_called = isinstance(node, exp.Func)
        if is_called and self._checker.written(node).lower() not in {known.name, node.key}:
            raise self._not_allowed(node)
        given = {key for key, value in node.args.items() if isinstance(value, exp.Expr | list)}
        if given != set(known.arguments):
            what = f"{known.name} takes {len(known.arguments)} arguments"
            raise self._refuse(node, what, hint=_ALLOWED)
        made = node.copy()
        for key, wanted in known.arguments.items():
            value = node.args[key]
            if isinstance(value, list):
                made.set(key, [self.as_kind(one, wanted) for one in value])
            else:
                made.set(key, self.as_kind(value, wanted))
        if isinstance(node, exp.RegexpLike):
            self._checker.pattern(node)
        return known.value, made

    def _written_out(self, node: exp.Expr, kind: str) -> exp.Literal:
        is_number = isinstance(node, exp.Literal) and not node.is_string and node.this.isdigit()
        is_text = isinstance(node, exp.Literal) and node.is_string
        if not (is_number if kind == WHOLE else is_text):
            raise self._refuse(node, f"{kind} is expected here", hint=_EXAMPLE)
        return exp.Literal(this=node.this, is_string=is_text)

    def _not_allowed(self, node: exp.Expr) -> ConditionFault:
        if isinstance(node, exp.Func) and "start" in node.meta:
            name = self._checker.written(node)
            close = nearest(name, NAMES)
            hint = f"did you mean {close}?" if close else f"allowed: {', '.join(NAMES)}"
            return self._refuse(node, f"the function {name} is not allowed", hint=hint)
        shown = node.sql("duckdb")[:40]
        return self._refuse(node, f"{shown} is not allowed in a formula", hint=_ALLOWED)


def call(name: str, *arguments: exp.Expr) -> exp.Anonymous:
    """A call in a formula's tree."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def _number(digits: str) -> exp.Expr:
    return exp.cast(exp.Literal.number(digits), exp.DataType.build("DECIMAL(38, 18)"))


def _reciprocal(digits: str) -> str | None:
    """The reciprocal of a number as an exact decimal, None where it has none.

    >>> _reciprocal("1000"), _reciprocal("8"), _reciprocal("3")
    ('0.001', '0.125', None)
    """
    try:
        value = Fraction(parse_amount(digits))
    except AmountFault:
        return None
    if value == 0:
        return None
    scaled = Fraction(10) ** SCALE / value
    if scaled.denominator != 1:
        return None
    whole, places = divmod(scaled.numerator, 10**SCALE)
    return f"{whole}.{places:0{SCALE}d}".rstrip("0").rstrip(".")
