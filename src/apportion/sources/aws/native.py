"""The columns of a Cost and Usage Report under one name, however a file spells them.

One column is ``lineItem/UnblendedCost`` in a legacy CSV and
``line_item_unblended_cost`` in Athena, in legacy Parquet and in CUR 2.0;
``savingsPlan/SavingsPlanARN`` comes out of Athena as ``…_a_r_n`` or ``…_arn``.
Here columns go by the names of CUR 2.0.

Source: AWS Data Exports user guide, table dictionary of CUR 2.0 and of legacy CUR.
"""

from __future__ import annotations

import re
from collections import defaultdict

from sqlglot import exp

from apportion.domain.charge import Kind
from apportion.errors import Place, SourceError
from apportion.sources.expression import expression
from apportion.sources.head import Head
from apportion.sources.reading import is_float, read_column

_DECIMAL = "DECIMAL(38, 18)"


class NativeColumns:
    """The columns of one file. Each is read as NULL where the file doesn't have it.

    `names` are the file's columns in order, none of which differs from another
    in upper and lower case alone, since an engine could not tell them apart.
    `spelt` holds how the file itself writes each of them.
    """

    def __init__(self, head: Head) -> None:
        self.names = _told_apart(head.names)
        self.spelt = dict(zip(self.names, head.names, strict=True))
        self._file = head.file
        self._types = dict(zip(self.names, head.types, strict=True))
        self._by_key: dict[str, list[str]] = defaultdict(list)
        for name, written in self.spelt.items():
            self._by_key[_key(written)].append(name)

    def has(self, name: str) -> bool:
        """Whether the file has a column, whatever its spelling."""
        return _key(name) in self._by_key

    def written(self, name: str) -> str:
        """How the file spells a column; empty when it has none."""
        return next(iter(self._by_key.get(_key(name), ())), "")

    def type(self, name: str) -> str:
        """The DuckDB type of a column; empty when the file has none."""
        return self._types.get(self.written(name), "")

    def text(self, *names: str) -> exp.Expr:
        """The first of some columns that isn't empty, as text."""
        found = [self.as_written(w) for name in names for w in self._by_key.get(_key(name), ())]
        if not found:
            return exp.cast(exp.null(), exp.DataType.Type.VARCHAR)
        return exp.Coalesce(this=found[0], expressions=found[1:]) if found[1:] else found[0]

    def amount(self, name: str) -> exp.Expr:
        """A column as DECIMAL(38,18). Raises SourceError when the file has it twice."""
        written = self._by_key.get(_key(name), [])
        if not written:
            return exp.cast(exp.null(), _DECIMAL)
        if len(written) > 1:
            raise SourceError(
                f"one column is there twice: {' and '.join(written)}",
                place=Place(self._file, 1),
                why="which of the two holds the amount can't be told",
                hint="remove one of them from the file",
            )
        return read_column(written[0], Kind.DECIMAL, self._types[written[0]]).value

    def as_written(self, written: str) -> exp.Expr:
        """A column by the file's own name for it, as text."""
        return read_column(written, Kind.TEXT, self._types[written]).value

    def floats(self) -> tuple[str, ...]:
        """Columns of cost that binary floating point holds."""
        return tuple(n for n, t in self._types.items() if is_float(t) and "cost" in n.lower())


def _key(name: str) -> str:
    """What all spellings of a column have in common.

    >>> {_key(name) for name in ("lineItem/UsageType", "line_item_usage_type")}
    {'lineitemusagetype'}
    >>> _key("savingsPlan/SavingsPlanARN") == _key("savings_plan_savings_plan_a_r_n")
    True
    """
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _told_apart(written: tuple[str, ...]) -> tuple[str, ...]:
    """Names that differ by more than upper and lower case: tags `Team` and `team` are two."""
    taken: set[str] = set()
    names: list[str] = []
    for number, name in enumerate(written, start=1):
        unique = name or f"Unnamed{number}"
        while unique.lower() in taken:
            unique += " (again)"
        taken.add(unique.lower())
        names.append(unique)
    return tuple(names)


def is_there(value: exp.Expr) -> exp.Expr:
    """Whether a text isn't empty."""
    return expression("SELECT _value IS NOT NULL", _value=value)
