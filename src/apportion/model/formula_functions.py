"""The functions that a formula may use, by name; all others are refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from apportion.model.formula import TEXT, TRUTH

WHOLE = "a whole number written out"
WRITTEN = "a text written out"


@dataclass(frozen=True)
class Function:
    """A function's name, the kinds of its arguments by their place in the node, and its value's."""

    name: str
    arguments: Mapping[str, str]
    value: str = TEXT


_ONE = {"this": TEXT}
_TWO = {"this": TEXT, "expression": TEXT}
_CUT = {"this": TEXT, "expression": WHOLE}
_PATTERN = {"this": TEXT, "expression": WRITTEN}

FUNCTIONS: Mapping[type[exp.Expr], Function] = {
    exp.Lower: Function("lower", _ONE),
    exp.Upper: Function("upper", _ONE),
    exp.Trim: Function("trim", _ONE),
    exp.Replace: Function("replace", {**_TWO, "replacement": TEXT}),
    exp.Left: Function("left", _CUT),
    exp.Right: Function("right", _CUT),
    exp.SplitPart: Function("split_part", {**_ONE, "delimiter": TEXT, "part_index": WHOLE}),
    exp.Nullif: Function("nullif", _TWO),
    exp.Concat: Function("concat", {"expressions": TEXT}),
    exp.StartsWith: Function("starts_with", _TWO, TRUTH),
    exp.EndsWith: Function("ends_with", _TWO, TRUTH),
    exp.Contains: Function("contains", _TWO, TRUTH),
    exp.RegexpLike: Function("regexp_matches", _PATTERN, TRUTH),
    exp.Like: Function("LIKE", _PATTERN, TRUTH),
}

SPECIAL = ("coalesce", "round", "strptime", "json_extract_string")
"""Functions whose value is of another kind by their arguments."""

NAMES = (*sorted(known.name for known in FUNCTIONS.values() if known.name != "LIKE"), *SPECIAL)
