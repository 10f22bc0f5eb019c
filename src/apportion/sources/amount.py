"""Amounts in SQL: the text is judged before it is cast, and odd texts go to `parse_amount`.

DuckDB casts too kindly: it cuts digits beyond the scale, and reads ``1_000``.
So a text is cast only when its form shows that the cast is exact; all others
are read by :func:`apportion.domain.money.parse_amount`, each distinct text
once. A property test holds the whole against `parse_amount` on arbitrary texts.
"""

from __future__ import annotations

import re
from decimal import ROUND_DOWN, Context, Decimal

import pyarrow as pa
from sqlglot import exp

from apportion.domain.money import INTEGER_DIGITS, PRECISION, SCALE, AmountFault, parse_amount
from apportion.sources.expression import expression
from apportion.store.relation import number
from apportion.store.relation import text as literal

ODD_AMOUNT = "odd_amount"
ODD_FLOAT = "odd_float"
"""Names under which loading lends :class:`AmountReader` to the engine."""

UNREADABLE = Decimal(10) ** INTEGER_DIGITS
"""Stands for an amount that can't be read, in the place of a number: no amount reaches so far.

It marks a row for quarantine in the one pass over the file, without a second
column beside each amount. It never gets into the lake.
"""

_PLAIN = r"-?[0-9]{1,12}(\.[0-9]{1,18})?|-?[0-9](\.[0-9]{1,11})?[eE]-0?[1-7]"
"""Twelve digits before the point and eighteen after it, or an exponent that keeps within them."""

_SPELLING = re.compile(r"[+-]?\d{1,60}(\.\d{1,340})?([eE](\+?\d{1,2}|-\d{1,3}))?", re.ASCII)
"""A number in the range of amounts, with room to spare; what is beyond can't be held anyway."""

_DIGITS_OF_FLOAT = 17
"""Significant digits that tell any binary float from all others; none is spelled by more."""

_MEMO = 200_000
_WIDE = Context(prec=400, rounding=ROUND_DOWN)
_PLACES = Decimal(1).scaleb(-SCALE)


def amount(text: exp.Expr, *, exact: bool = True) -> exp.Expr:
    """DECIMAL(38,18) from a text: NULL stays NULL, and what can't be held is UNREADABLE.

    What has more than 18 places is set aside, never cut, with one exception:
    `exact` is False for columns that hold binary floating point, in the file or in
    the warehouse that wrote it. There the shortest text that stands for a float
    counts, whose digits beyond the 18th place are noise and are cut; a text of more
    digits than a float has is none, and is set aside as well.
    """
    odd = exp.Anonymous(this=ODD_AMOUNT if exact else ODD_FLOAT, expressions=[text.copy()])
    return expression(
        """
        SELECT CASE WHEN _text IS NULL THEN NULL
                    WHEN regexp_full_match(_text, _plain) THEN CAST(_text AS DECIMAL(38, 18))
                    ELSE _odd END
        """,
        _text=text,
        _plain=literal(_PLAIN),
        _odd=odd,
    )


def unreadable() -> exp.Expr:
    """The mark of an amount that can't be read, as DECIMAL(38,18)."""
    return expression("SELECT CAST(_mark AS DECIMAL(38, 18))", _mark=number(int(UNREADABLE)))


class AmountReader:
    """Reads columns of texts that aren't plain amounts, each distinct text once."""

    type = pa.decimal128(PRECISION, SCALE)

    def __init__(self) -> None:
        self._seen: dict[tuple[str, bool], Decimal] = {}

    def read(self, texts: pa.Array | pa.ChunkedArray) -> pa.Array:
        """Amounts for texts, UNREADABLE for those that are none."""
        return self._read(texts, exact=True)

    def read_float(self, texts: pa.Array | pa.ChunkedArray) -> pa.Array:
        """Amounts for the decimal forms of floats, cut after the 18th place; see `amount`."""
        return self._read(texts, exact=False)

    def _read(self, texts: pa.Array | pa.ChunkedArray, *, exact: bool) -> pa.Array:
        whole = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
        coded = whole.dictionary_encode()
        if len(self._seen) > _MEMO:
            self._seen.clear()
        values = [self._amount(text, exact) for text in coded.dictionary.to_pylist()]
        return pa.array(values, self.type).take(coded.indices)

    def _amount(self, text: str, exact: bool) -> Decimal:
        key = (text, exact)
        if key not in self._seen:
            self._seen[key] = _parsed(text if exact else cut_float(text))
        return self._seen[key]


def _parsed(text: str) -> Decimal:
    try:
        return parse_amount(text)
    except AmountFault:
        return UNREADABLE


def cut_float(text: str) -> str:
    """A float's decimal form, less the digits beyond the 18th place; else the text as it is."""
    if not _SPELLING.fullmatch(text):
        return text
    value = Decimal(text)
    digits = "".join(map(str, value.as_tuple().digits)).strip("0")
    if len(digits) > _DIGITS_OF_FLOAT:
        return text
    return format(value.quantize(_PLACES, context=_WIDE), "f")
