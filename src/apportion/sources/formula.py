"""A formula over the columns of one file, as an expression that the engine can run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from sqlglot import exp

from apportion.errors import ConfigurationError
from apportion.model.faults import did_you_mean
from apportion.model.formula import (
    AS_AMOUNT,
    AS_TEXT,
    AS_TIME,
    DIFFERENCE,
    PRODUCT,
    QUOTIENT,
    ROUNDED,
    SUM,
    Formula,
)
from apportion.model.parse_condition import COMPARISONS
from apportion.model.table import PRICE
from apportion.sources.amount import amount, unreadable
from apportion.sources.expression import expression
from apportion.sources.head import LINE, Head
from apportion.sources.moment import moment
from apportion.sources.reading import as_text, is_float
from apportion.store.relation import column
from apportion.store.relation import text as literal

_NUMBERS = {AS_AMOUNT, SUM, DIFFERENCE, PRODUCT, ROUNDED, QUOTIENT}
_COMPARED = (*COMPARISONS, exp.Between, exp.In)


class FormulaWriter:
    """Writes formulas for one file. Columns are found in any case of letters, if that is clear.

    `price` is what stands for the price of a row, where a price list is declared.
    """

    def __init__(self, head: Head, names: Sequence[str], price: exp.Expr | None = None) -> None:
        self._file = head.file
        self._types = dict(zip(names, head.types, strict=True))
        self._price = price
        self._as_written = False
        self._writers: Mapping[str, Callable[[exp.Anonymous], exp.Expr]] = {
            AS_AMOUNT: self._amount,
            AS_TIME: self._time,
            AS_TEXT: self._text,
            "json_extract_string": self._json,
        }

    def missing(self, formula: Formula) -> list[str]:
        """Columns of a formula that the file doesn't have."""
        return [name for name in formula.columns if not self._is_price(name) and not self._of(name)]

    def inputs(self, names: Iterator[str] | Sequence[str]) -> tuple[str, ...]:
        """The file's own spelling of columns; the price is none of them."""
        found = (self._of(name) for name in names if not self._is_price(name))
        return tuple(dict.fromkeys(name for name in found if name))

    def write(self, formula: Formula, *, as_written: bool = False) -> exp.Expr:
        """The formula over the file's columns; raises ConfigurationError for one that isn't there.

        `as_written` leaves the zones of times aside; see `moment`.
        """
        for name in self.missing(formula):
            known = [one for one in self._types if one != LINE]
            raise ConfigurationError(
                f"{self._file} has no column {name!r}",
                place=formula.columns[name],
                why=f"it has {', '.join(known[:30])}" if known else "",
                hint=did_you_mean(name, known, "name a column of the file"),
            )
        self._as_written = as_written
        return self._write(formula.tree)

    def _is_price(self, name: str) -> bool:
        return name == PRICE and self._price is not None

    def _of(self, name: str) -> str | None:
        if name in self._types:
            return name
        alike = [one for one in self._types if one.lower() == name.lower()]
        return alike[0] if len(alike) == 1 else None

    def _write(self, node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column):
            name = self._of(node.name)
            assert name is not None
            return as_text(column(name), self._types[name].upper())
        if isinstance(node, exp.Anonymous) and node.name in self._writers:
            return self._writers[node.name](node)
        made = node.copy()
        for key, value in node.args.items():
            if isinstance(value, exp.Expr):
                made.set(key, self._write(value))
            elif isinstance(value, list):
                made.set(key, [self._write(one) for one in value])
        return self._sure(node, made) if isinstance(node, exp.Case) else made

    def _amount(self, node: exp.Anonymous) -> exp.Expr:
        (text,) = node.expressions
        if isinstance(text, exp.Column) and self._is_price(text.name):
            assert self._price is not None
            return self._price.copy()
        name = self._of(text.name) if isinstance(text, exp.Column) else None
        exact = name is None or not is_float(self._types[name])
        return amount(self._write(text), exact=exact)

    def _time(self, node: exp.Anonymous) -> exp.Expr:
        """A time from a text; a month, 2026-10, is its first day."""
        text = self._write(node.expressions[0])
        month = expression("SELECT _text || '-01'", _text=text)
        return expression(
            "SELECT CASE WHEN regexp_full_match(_text, _month) THEN _first ELSE _moment END",
            _text=text,
            _month=literal("[0-9]{4}-[0-9]{2}"),
            _first=moment(month),
            _moment=moment(text, as_written=self._as_written),
        )

    def _text(self, node: exp.Anonymous) -> exp.Expr:
        """A number as a text, without the zeros after its last place."""
        return expression(
            """
            SELECT CASE WHEN _value < _mark
                        THEN regexp_replace(CAST(_value AS VARCHAR), _zeros, '') END
            """,
            _value=self._write(node.expressions[0]),
            _mark=unreadable(),
            _zeros=literal(r"\.?0+$"),
        )

    def _json(self, node: exp.Anonymous) -> exp.Expr:
        text, path = node.expressions
        return expression(
            "SELECT CASE WHEN json_valid(_text) THEN json_extract_string(_text, _path) END",
            _text=self._write(text),
            _path=path,
        )

    def _sure(self, node: exp.Case, made: exp.Expr) -> exp.Expr:
        """A CASE that decides nothing on a number that can't be read: it can't be read then."""
        doubtful = [
            expression("SELECT _side >= _mark", _side=self._write(side), _mark=unreadable())
            for branch in node.args["ifs"]
            for side in _compared_numbers(branch.this)
        ]
        if doubtful:
            unknown = unreadable() if _is_number(node) else exp.null()
            first = exp.If(this=exp.or_(*doubtful), true=unknown)
            made.set("ifs", [first, *made.args["ifs"]])
        return made


def _compared_numbers(condition: exp.Expr) -> Iterator[exp.Expr]:
    for compared in condition.find_all(*_COMPARED):
        sides = [compared.args.get(key) for key in ("this", "expression", "low", "high")]
        for side in (*sides, *compared.expressions):
            if isinstance(side, exp.Expr) and _is_number(side):
                yield side


def _is_number(node: exp.Expr) -> bool:
    """Whether a node's value is a number that may be the mark; a literal never is."""
    if isinstance(node, exp.Paren):
        return _is_number(node.this)
    if isinstance(node, exp.Anonymous):
        return node.name in _NUMBERS
    if isinstance(node, exp.Coalesce):
        return any(_is_number(one) for one in (node.this, *node.expressions))
    if isinstance(node, exp.Case):
        values = [branch.args["true"] for branch in node.args["ifs"]]
        return any(_is_number(one) or isinstance(one, exp.Cast) for one in values)
    return False
