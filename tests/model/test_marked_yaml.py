"""YAML keeps its text and its places, and is refused where it could mislead."""

# ruff: noqa: E501
# Tables read best with one case in a line.

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apportion.model import marked_yaml as y
from apportion.model.faults import Faults
from apportion.model.text_place import Sources


def read(text: str) -> tuple[y.Node | None, list[str]]:
    faults = Faults()
    node = y.parse_yaml(text, "m.yaml", faults)
    return node, [f"{fault.place}: {fault.what}" for fault in faults.found]


def scalar(text: str, key: str = "a") -> y.Scalar:
    node, faults = read(text)
    assert isinstance(node, y.Mapping)
    assert not faults
    found = node.entries[key]
    assert isinstance(found, y.Scalar)
    return found


@pytest.mark.parametrize("text", ["0042", "no", "1e3", "12000.10", "2026-10-01", "0x1F", "1_000"])
def test_scalars_stay_the_text_that_was_written(text: str) -> None:
    assert scalar(f"a: {text}").text == text


@pytest.mark.parametrize("text", ["", "~", "null"])
def test_nothing_written_is_missing_and_quoted_words_are_not(text: str) -> None:
    assert scalar(f"a: {text}").missing
    assert not scalar(f"a: '{text}'").missing


def test_places_are_lines_and_columns_from_one() -> None:
    node, _ = read("a:\n  - {b: c}\n")
    assert isinstance(node, y.Mapping)
    inner = node.entries["a"]
    assert isinstance(inner, y.Sequence)
    entry = inner.items[0]
    assert isinstance(entry, y.Mapping)
    assert str(entry.entries["b"].place) == "m.yaml:2:9"
    assert str(node.keys["a"].place) == "m.yaml:1:1"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: 1\na: 2\n", "m.yaml:2:1: the key 'a' stands twice"),
        ("a: {b: 1, b: 2}\n", "m.yaml:1:11: the key 'b' stands twice"),
        ("a: &x 1\nb: *x\n", "m.yaml:2:4: the YAML alias *x is not read"),
        ("a: !!python/object:os.system x\n", "m.yaml:1:4: the YAML tag 'tag:yaml.org,2002:python/object:os.system' is not read"),
        ("a: 1\n---\nb: 2\n", "m.yaml:3:1: a second YAML document"),
        ("? [a, b]\n: 1\n", "m.yaml:1:3: a key must be a text"),
        ("a:\n\t- b\n", "m.yaml:2:1: a tab in the indentation"),
        ("a: b: c\n", "m.yaml:1:5: not YAML: mapping values are not allowed in this context"),
        ("a: [1, 2\n", "m.yaml:1:4: not YAML: did not find expected ',' or ']'"),
        ('a: "x\n', "m.yaml:1:4: not YAML: found unexpected end of stream"),
        ("a:\n    - b\n  - c\n", "m.yaml:3:3: not YAML: did not find expected key"),
        ("a: \x07\n", "m.yaml:1:4: a character that YAML doesn't allow"),
        ("[" * 30 + "]" * 30, "m.yaml:1:21: nested deeper than 20 levels"),
    ],
)  # fmt: skip
def test_what_could_mislead_is_a_fault_at_its_place(text: str, fault: str) -> None:
    assert read(text)[1] == [fault]


def test_aliases_that_would_swell_are_refused_at_once() -> None:
    text = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
    assert len(read(text)[1]) == 4


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n"])
def test_an_empty_file_has_nothing_in_it(text: str) -> None:
    node, faults = read(text)
    assert faults == []
    assert node is None or (isinstance(node, y.Scalar) and node.missing)


STYLES = {
    "plain": "a: one AND  two\n",
    "single": "a: 'one AND two'\n",
    "double": 'a: "one AND two"\n',
    "literal": "a: |\n    one AND\n      two\n",
    "folded": "a: >-\n    one\n    AND\n    two\n",
    "plain over lines": "a: one\n  AND\n  two\n",
    "single over lines": "a: 'one\n   AND\n   two'\n",
    "escaped": 'a: "\\"x\\" AND two"\n',
    "doubled": "a: 'it''s AND two'\n",
}


@pytest.mark.parametrize("style", STYLES)
def test_the_place_of_a_word_within_a_text_is_found_in_every_style(style: str) -> None:
    source = STYLES[style]
    node = scalar(source)
    place = Sources({"m.yaml": source}).place_in(node, node.text.index("two"))
    lines = source.splitlines()
    line = next(n for n, text in enumerate(lines, start=1) if "two" in text)
    assert (place.line, place.column) == (line, lines[line - 1].index("two") + 1)


@given(st.dictionaries(st.text("abcdef", min_size=1), st.text("xyz 0", min_size=1), max_size=8))
def test_what_is_quoted_comes_back_as_it_was(values: dict[str, str]) -> None:
    node, faults = read("".join(f"'{key}': '{value}'\n" for key, value in values.items()))
    assert faults == []
    found = node.entries if isinstance(node, y.Mapping) else {}
    assert {k: v.text for k, v in found.items() if isinstance(v, y.Scalar)} == values


@given(st.text("ab:-[]{}\"'\t\n\r#&*!|>%@,? \x85\u2028", max_size=30))
def test_any_text_is_yaml_or_a_fault_with_its_place(text: str) -> None:
    faults = Faults()
    y.parse_yaml(text, "m.yaml", faults)
    assert all(fault.place and fault.place.line and fault.place.column for fault in faults.found)
