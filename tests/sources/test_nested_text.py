"""Nested values as JSON or as Python prints them: the same values, numbers by their spelling."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apportion.sources.nested_text import DEEPEST, LONGEST, read_nested

plain = st.none() | st.booleans() | st.text(st.characters(codec="utf-8"))
nested = st.recursive(
    plain,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(value=st.lists(nested, max_size=4))
def test_what_python_prints_is_what_json_says(value: list[Any]) -> None:
    assert read_nested(json.dumps(value)) == value
    printed = repr(value)
    if sum(map(printed.count, "[{(")) <= DEEPEST:
        assert read_nested(printed) == value


@pytest.mark.parametrize(
    "spelling", ["0.1000", "5e-06", "-0.12345678901234567890123", "7", "-7", "1E3"]
)
def test_a_number_keeps_its_digits_in_both(spelling: str) -> None:
    assert read_nested(f'[{{"amount": {spelling}}}]') == [{"amount": spelling}]
    assert read_nested(f"[{{'ü': 'é', 'amount': {spelling}}}]")[0]["amount"] == spelling
    assert read_nested(f"[Decimal('{spelling}')]") == [spelling]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "oops",
        "[1",
        "[print('x')]",
        "[x for x in (1, 2)]",
        "[__import__('os')]",
        "{1: 2}",
        "{**{}}",
        "[1 + 2]",
        "[-'a']",
        "[b'a']",
        "[float('nan')]",
        "[NaN]",
        "[1j]",
        "\x00",
        "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1) + " # '",
        "['" + "x" * LONGEST + "', None]",
        "(" * 100_000,
        "[" * 100_000,
    ],
)
def test_whatever_else_is_refused_and_never_run(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_nested(text)
